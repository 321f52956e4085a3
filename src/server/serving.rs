//! Serving: the listener's loop.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use futures_util::future::{Either, select};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service as _;

use super::callers::Callers;
use super::openness::Openness;
use super::quota::Client;

/// Requests under way when told to stop may take this long: a client that sent half a request and fell silent must
/// not keep the daemon from stopping.
const DRAIN: Duration = Duration::from_secs(3);

/// A client that takes nothing of what was sent for this long is cut: it holds a stream and what was read for it.
const UNREAD_MAX: Duration = Duration::from_secs(30);

/// Who was accepted a moment before the end has so long for a first request: it is on its way, and would be lost.
const FIRST_REQUEST: Duration = Duration::from_millis(500);

/// How much clients may take.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// A client that has not sent the whole head of a request after so long is cut: at its first one, and between two.
    head: Duration,
    /// The same while three quarters of the connections are taken.
    head_in_crowd: Duration,
    /// Connections at once. The next one is closed at once: descriptors that it would take are those with which feeds are
    /// fetched and notifications sent.
    connections: usize,
}

/// As many as there may be streams (2,000), and as many again for what is asked and answered; half of the descriptors
/// that the systemd unit allows.
const BOUNDS: Bounds =
    Bounds { head: Duration::from_secs(20), head_in_crowd: Duration::from_secs(5), connections: 4_096 };

/// Answers on `listener` until `shutdown` completes, then finishes the requests under way (for three seconds at most)
/// and returns. One address holds a part of the connections ([`Callers`]), unless it is a proxy of ours.
///
/// Connections are hyper's own for HTTP/1.1, not `axum::serve`'s, which first look for HTTP/2: to have looked leaves each with a buffer
/// of 16 KiB in place of 8, and an open stream is little else.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    openness: Openness,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_within(BOUNDS, listener, (router, |address| openness.is_proxy(address)), shutdown).await
}

async fn serve_within(
    bounds: Bounds,
    mut listener: TcpListener,
    (router, is_proxy): (Router, impl Fn(IpAddr) -> bool + Send),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let callers = Callers::new(bounds.connections);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            // Waits while the process has no descriptor left.
            (stream, peer) = axum::serve::Listener::accept(&mut listener) => {
                let client = (!is_proxy(peer.ip())).then(|| Client::at(peer.ip()));
                let Some(place) = callers.take(client) else {
                    tracing::debug!(
                        connections = connections.len(),
                        "closed a connection: there are as many as may be, in all or of its address"
                    );
                    continue;
                };
                tune(&stream, UNREAD_MAX);
                let head = if callers.is_crowded() { bounds.head_in_crowd } else { bounds.head };
                let talk = converse(stream, peer, router.clone(), (head, stopping.clone()));
                connections.spawn(async move {
                    talk.await;
                    drop(place);
                });
            }
            Some(ended) = connections.join_next() => {
                // A handler that panics costs its own connection alone.
                if let Err(panicked) = ended {
                    tracing::error!("a request was not answered, as what answers it panicked: {panicked}");
                }
            }
        }
    }
    drop((listener, stopping));
    stop.send_replace(());
    let drained = async { while connections.join_next().await.is_some() {} };
    // What is under way then is cut.
    tokio::time::timeout(DRAIN, drained).await.ok();
    Ok(())
}

/// Answers one client's requests, until it leaves or `stopping` says that the one under way is the last.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    (head, mut stopping): (Duration, watch::Receiver<()>),
) {
    let has_asked = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&has_asked);
    let answer = service_fn(move |mut request: Request<Incoming>| {
        asks.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request.map(Body::new))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .serve_connection(TokioIo::new(stream), answer)
    );
    let ended = match select(connection.as_mut(), pin!(stopping.changed())).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => {
            let first = if has_asked.load(Ordering::Relaxed) { Duration::ZERO } else { FIRST_REQUEST };
            match select(connection.as_mut(), pin!(tokio::time::sleep(first))).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::trace!("a client's connection failed: {error}");
    }
}

/// Sends at once what is little, and has the kernel cut a client that acknowledges nothing, or has left no room, for
/// `unread_max` (`TCP_USER_TIMEOUT`, tcp(7)).
fn tune(stream: &TcpStream, unread_max: Duration) {
    let tuned = stream.set_nodelay(true).and_then(|()| SockRef::from(stream).set_tcp_user_timeout(Some(unread_max)));
    if let Err(error) = tuned {
        tracing::debug!("failed to tune a client's connection: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_silent, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let (mut stream, _) = accepted.unwrap();
        tune(&stream, Duration::from_millis(300));
        let send = async {
            loop {
                if let Err(error) = stream.write_all(&[b':'; 8 * 1024]).await {
                    return error.kind();
                }
            }
        };
        let cut = tokio::time::timeout(Duration::from_secs(20), send).await.expect("it is cut");
        assert_eq!(cut, io::ErrorKind::TimedOut);
    }

    /// A server on loopback that answers "here", with these bounds.
    async fn bounded(bounds: Bounds) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        tokio::spawn(serve_within(bounds, listener, (router, |_| true), std::future::pending()));
        address
    }

    /// All that comes until the other side closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        // A connection that is refused while something is under way may be reset.
        read.expect("it is cut").unwrap_or_default();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_sends_nothing_or_half_a_head_or_drips_is_cut() {
        let address = bounded(Bounds { head: Duration::from_millis(200), ..BOUNDS }).await;
        for begun in ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Drip: "] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let drip = async {
                while stream.write_all(b"a").await.is_ok() && !begun.is_empty() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), drip).await.expect("it is cut");
            let answer = rest(&mut stream).await;
            assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_client_that_keeps_its_connection_and_asks_no_more_is_cut() {
        let address = bounded(Bounds { head: Duration::from_millis(200), ..BOUNDS }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn past_their_bound_connections_are_closed_at_once_and_taken_again_as_others_leave() {
        let address = bounded(Bounds { connections: 2, ..BOUNDS }).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).await.unwrap();
            held.push(stream);
        }
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert_eq!(rest(&mut refused).await, "");
        held.pop();
        let mut answer = String::new();
        while answer.is_empty() {
            let mut taken = TcpStream::connect(address).await.unwrap();
            let asked = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            if taken.write_all(asked).await.is_ok() {
                answer = rest(&mut taken).await;
            }
        }
        assert!(answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn who_sends_half_heads_only_holds_a_part_of_the_connections_and_others_are_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let is_proxy = |address: IpAddr| address != IpAddr::from([127, 0, 0, 1]);
        let bounds = Bounds { connections: 64, ..BOUNDS };
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        tokio::spawn(serve_within(bounds, listener, (router, is_proxy), std::future::pending()));
        let mut half = Vec::new();
        for _ in 0..64 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // Those that are closed at once refuse it.
            stream.write_all(b"GET / HT").await.ok();
            half.push(stream);
        }
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut other = socket.connect(address).await.unwrap();
        other.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(rest(&mut other).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_client_that_falls_silent_half_way_does_not_keep_the_server_from_stopping() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async { "here" }));
        let served = serve(listener, router, Openness::default(), async move { stopped.await.unwrap_or_default() });

        let client = async move {
            let mut idle = TcpStream::connect(address).await.unwrap();
            idle.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            let mut answer = [0; 15];
            idle.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
            let mut silent = TcpStream::connect(address).await.unwrap();
            silent.write_all(b"GET / HT").await.unwrap();
            stop.send(()).unwrap();
            (idle, silent)
        };
        let both = async { tokio::join!(served, client) };
        let (outcome, _held_open) = tokio::time::timeout(2 * DRAIN, both).await.expect("it stops in time");
        outcome.unwrap();
    }

    #[tokio::test]
    async fn who_was_accepted_a_moment_before_the_end_is_answered() {
        const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let (end, ends) = oneshot::channel::<()>();
        let serving = serve_within(BOUNDS, listener, (router, |_| true), async { ends.await.unwrap_or_default() });
        let client = async {
            let mut early = TcpStream::connect(address).await.unwrap();
            // Connections are accepted in their order, so the first one is.
            let mut later = TcpStream::connect(address).await.unwrap();
            later.write_all(ASK).await.unwrap();
            assert!(rest(&mut later).await.ends_with("here"));
            end.send(()).unwrap();
            // The end is heard before the request comes.
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            early.write_all(ASK).await.unwrap();
            rest(&mut early).await
        };
        let (served, answer) = tokio::join!(serving, client);
        served.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
    }
}
