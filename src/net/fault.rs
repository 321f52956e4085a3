//! What went wrong on the way, found in reqwest's chains of errors and said in words.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::Bounds;
use super::client::Sent;
use crate::model::{Failure, FailureKind};

/// The guard refused where a connection led or a name resolved to.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) Failure);

/// A name without addresses.
#[derive(Debug, thiserror::Error)]
#[error("{host} does not resolve")]
pub(super) struct Unresolved {
    pub(super) host: String,
    #[source]
    pub(super) why: Option<io::Error>,
}

/// The connection stands, and no more was asked.
#[derive(Debug, thiserror::Error)]
#[error("{REACHED}")]
pub(super) struct Reached;

/// What a client that only connects says of a success.
pub(super) const REACHED: &str = "connected, and nothing was sent";

/// No connection within its bound.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {bound:?}")]
pub(super) struct SlowConnect {
    pub(super) bound: Duration,
}

/// Where in an exchange the trouble was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until the head of the answer had come.
    Head,
    /// Until the body had.
    Body,
}

/// Says of a reqwest error what kind of trouble it is, and what a person can do about it.
pub(super) fn failure(error: &reqwest::Error, phase: Phase, sent: &Sent<'_>) -> Failure {
    let Sent { url, limits, bounds, .. } = *sent;
    let place = format!("{}:{}", url.host_text(), url.port());
    if let Some(Refused(failure)) = find::<Refused>(error) {
        return failure.clone();
    }
    if find::<Reached>(error).is_some() {
        return told(FailureKind::Connect, REACHED.to_owned());
    }
    if let Some(unresolved) = find::<Unresolved>(error) {
        return dns(unresolved);
    }
    if find::<SlowConnect>(error).is_some() {
        let secs = limits.connect.as_secs_f64();
        return told(FailureKind::Timeout, format!("no connection to {place} within {secs} s"));
    }
    let words = words(error);
    // The innermost: layers above wrap it as an error of kind "other".
    let io = chain(error).filter_map(|e| e.downcast_ref::<io::Error>()).last();
    if error.is_connect() {
        return connect(&place, io, &words, url.is_https());
    }
    if io.is_some_and(|e| e.kind() == io::ErrorKind::TimedOut) {
        return told(FailureKind::Timeout, format!("the connection to {place} went silent ({words})"));
    }
    match phase {
        Phase::Head if words.contains("message head is too large") => large_head(url.host_text(), bounds),
        Phase::Head => told(FailureKind::Protocol, format!("no HTTP answer from {place} ({words})")),
        Phase::Body => told(FailureKind::Protocol, format!("the connection to {place} broke in mid-body ({words})")),
    }
}

/// More header than any publisher needs.
pub(super) fn large_head(host: &str, bounds: &Bounds) -> Failure {
    let Bounds { head_bytes, head_fields, .. } = bounds;
    let detail =
        format!("the head of the answer from {host} is larger than {head_bytes} bytes or {head_fields} fields");
    told(FailureKind::TooLarge, detail)
}

fn dns(unresolved: &Unresolved) -> Failure {
    let why = unresolved.why.as_ref().map_or_else(|| "no addresses".to_owned(), ToString::to_string);
    let why = why.strip_prefix("failed to lookup address information: ").unwrap_or(&why);
    told(
        FailureKind::Dns,
        format!("{} does not resolve ({why}): check the spelling, then this machine's resolver", unresolved.host),
    )
}

fn connect(place: &str, io: Option<&io::Error>, words: &str, https: bool) -> Failure {
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => told(FailureKind::Timeout, format!("no connection to {place} ({words})")),
        Some(io::ErrorKind::ConnectionRefused) => {
            told(FailureKind::Connect, format!("{place} refuses connections: nothing listens there, or a firewall"))
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            told(FailureKind::Connect, format!("{place} can't be reached from this machine's network ({words})"))
        }
        // TCP stood already: rustls speaks of bad data, a peer that hangs up of an early end or a reset.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) if https => {
            told(FailureKind::Tls, format!("no secure connection to {place} ({words}){}", tls_remedy(words)))
        }
        Some(_) | None => told(FailureKind::Connect, format!("no connection to {place} ({words})")),
    }
}

/// What a person can do about a certificate, by rustls's words for what is wrong with it.
fn tls_remedy(words: &str) -> &'static str {
    let remedies = [
        (
            "UnknownIssuer",
            ": its issuer is not trusted here. Its server may leave out the certificate between, which a browser fetches by \
             itself; or the package ca-certificates is missing or old",
        ),
        ("xpired", ": its certificate has run out, or this machine's clock is wrong"),
        ("NotValidYet", ": its certificate is not valid yet, or this machine's clock is wrong"),
        ("not valid for name", ": its certificate is for another name"),
        ("NotValidForName", ": its certificate is for another name"),
        ("InvalidContentType", ": does it speak https on that port?"),
    ];
    remedies.into_iter().find(|(sign, _)| words.contains(sign)).map_or("", |(_, remedy)| remedy)
}

fn told(kind: FailureKind, detail: String) -> Failure {
    Failure { kind, detail }
}

/// The chain of errors beneath one, itself first, bounded against circles.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e| beneath(*e)).take(16)
}

/// The next error of a chain: what an `io::Error` wraps, which its own `source` skips, or the source.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|e| e.downcast_ref::<E>())
}

/// The innermost words: the outer ones only say that something went wrong.
fn words(error: &reqwest::Error) -> String {
    let innermost = chain(error).last().map(ToString::to_string).unwrap_or_default();
    innermost.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
