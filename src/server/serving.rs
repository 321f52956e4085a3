//! Serving: the listener's loop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use futures_util::future::{Either, select};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service as _;

/// Requests under way when told to stop may take this long: a client that sent half a request and fell silent must
/// not keep the daemon from stopping.
const DRAIN: Duration = Duration::from_secs(3);

/// A client that takes nothing of what was sent for this long is cut: it holds a stream and what was read for it.
const UNREAD_MAX: Duration = Duration::from_secs(30);

/// Answers on `listener` until `shutdown` completes, then finishes the requests under way (for three seconds at most)
/// and returns.
///
/// Connections are hyper's own for HTTP/1.1, not `axum::serve`'s, which first look for HTTP/2: to have looked leaves each with a buffer
/// of 16 KiB in place of 8, and an open stream is little else.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            // Waits while the process has no descriptor left.
            (stream, peer) = axum::serve::Listener::accept(&mut listener) => {
                tune(&stream, UNREAD_MAX);
                connections.spawn(converse(stream, peer, router.clone(), stopping.clone()));
            }
            // A handler that panics costs its own connection alone.
            Some(Err(panicked)) = connections.join_next() => tracing::error!("a request was not answered, as what answers it panicked: {panicked}"),
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
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, mut stopping: watch::Receiver<()>) {
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request.map(Body::new))
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    let ended = match select(connection.as_mut(), pin!(stopping.changed())).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => {
            connection.as_mut().graceful_shutdown();
            connection.await
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

    #[tokio::test]
    async fn a_client_that_falls_silent_half_way_does_not_keep_the_server_from_stopping() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async { "here" }));
        let served = serve(listener, router, async move { stopped.await.unwrap_or_default() });

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
}
