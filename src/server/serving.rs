//! Serving: the listener's loop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Requests under way when told to stop may take this long: a client that sent half a request and fell silent must
/// not keep the daemon from stopping.
const DRAIN: Duration = Duration::from_secs(3);

/// A client that takes nothing of what was sent for this long is cut: it holds a stream and what was read for it.
const UNREAD_MAX: Duration = Duration::from_secs(30);

/// Answers on `listener` until `shutdown` completes, then finishes the requests under way (for three seconds at most)
/// and returns.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = oneshot::channel();
    let told = async move {
        shutdown.await;
        // Nobody listens only where serving has ended already.
        stop.send(()).ok();
    };
    let drained = async {
        stopping.await.ok();
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = axum::serve(listener.tap_io(|stream| tune(stream, UNREAD_MAX)), router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(told) => outcome,
        () = drained => Ok(()),
    }
}

/// Sends at once what is little, and has the kernel cut a client that acknowledges nothing, or has left no room, for
/// `unread_max` (`TCP_USER_TIMEOUT`, tcp(7)).
fn tune(stream: &mut TcpStream, unread_max: Duration) {
    let tuned = stream.set_nodelay(true).and_then(|()| SockRef::from(&*stream).set_tcp_user_timeout(Some(unread_max)));
    if let Err(error) = tuned {
        tracing::debug!("failed to tune a client's connection: {error}");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_silent, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let (mut stream, _) = accepted.unwrap();
        tune(&mut stream, Duration::from_millis(300));
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
