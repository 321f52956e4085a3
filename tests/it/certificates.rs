//! Certificates as they fail in the world, each told by its cause: nobody is asked to guess, and nothing is let through.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tidings::model::{Failure, FailureKind, Limits, Method, Redirects, Request, WebUrl};
use tidings::net::{Allow, Guard, NetPolicy, WebClient};
use tidings::port::Http as _;

/// A key, and what a certificate says of this machine unless it is changed.
fn made(name: &str) -> (KeyPair, CertificateParams) {
    (KeyPair::generate().unwrap(), CertificateParams::new(vec![name.to_owned()]).unwrap())
}

/// Asks a server that shows this certificate; gives what went wrong.
fn asked(certificate: CertificateDer<'static>, key: &KeyPair) -> Failure {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        // What a client that trusts too much would be told.
        let heard = stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0);
        if heard {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
        heard
    });
    let guard = Guard::new(false, &[Allow::parse("127.0.0.1").unwrap()]);
    let client = WebClient::new(&NetPolicy { guard, ..NetPolicy::default() }).unwrap();
    let request = Request {
        method: Method::Get,
        url: WebUrl::parse(&format!("https://127.0.0.1:{port}/feed")).unwrap(),
        headers: Vec::new(),
        body: Vec::new(),
        redirects: Redirects::Refuse,
        limits: Limits { connect: Duration::from_secs(5), total: Duration::from_secs(10), body_bytes: 1_000 },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let failure = runtime.block_on(client.send(request)).expect_err("it must not be trusted");
    assert!(!server.join().unwrap(), "a request was sent to a server that is not trusted");
    failure
}

fn check(failure: &Failure, cause: &str) {
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.detail.contains(cause), "{failure}");
}

#[test]
fn a_certificate_that_has_run_out_is_told_as_that() {
    let (key, mut params) = made("127.0.0.1");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    check(&asked(certificate.der().clone(), &key), "its certificate has run out, or this machine's clock is wrong");
}

#[test]
fn a_server_that_leaves_out_the_certificate_between_is_told_as_that() {
    let (between_key, mut between) = made("Between");
    between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let between = CertifiedIssuer::self_signed(between, between_key).unwrap();
    let (key, params) = made("127.0.0.1");
    let certificate = params.signed_by(&key, &between).unwrap();
    check(&asked(certificate.der().clone(), &key), "Its server may leave out the certificate between");
}
