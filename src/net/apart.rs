//! Threads of their own for connections, so that a peer which floods one keeps nobody else from running.
//!
//! hyper reads interim answers (1xx), and HTTP/2's settings and pings, in one go for as long as more come: tokio's budget
//! ends that only after 128 reads of up to 400 kB. One such server on loopback held up a runtime of one thread for one to
//! five seconds at a time (release build), and as many servers as threads would hold up everything. Bounds on time are
//! kept on the caller's threads, where they always fire; a request costs some 10 microseconds more.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for connections: three floods at once leave one for all others, and the system shares out the cores.
const THREADS: usize = 4;
/// Threads that wait for the system's resolver. A name server that never answers holds one for ten seconds or so.
const RESOLVER_THREADS_MAX: usize = 128;
/// While something is awaited, a thread is woken so often: the one that a flood holds up may be the one that watches the
/// sockets, and tokio hands the watch over only to a thread that has run something.
const NUDGE: Duration = Duration::from_millis(25);

/// The threads on which connections are made and driven. Dropped, they end without being waited for.
#[derive(Debug)]
pub(super) struct Apart(Option<Runtime>);

impl Apart {
    /// Starts the threads.
    pub(super) fn new() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).max_blocking_threads(RESOLVER_THREADS_MAX).thread_name("tidings-net");
        builder.enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// Awaits a future whose sockets, timers and tasks are to live there. As safe to cancel as the future.
    pub(super) async fn drive<F: Future>(&self, future: F) -> F::Output {
        let handle = self.0.as_ref().map(Runtime::handle);
        let mut within = Within { handle, future: pin!(future) };
        loop {
            tokio::select! {
                biased;
                output = &mut within => return output,
                () = tokio::time::sleep(NUDGE) => drop(handle.map(|handle| handle.spawn(async {}))),
            }
        }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A future that is polled within a runtime.
struct Within<'a, F> {
    handle: Option<&'a Handle>,
    future: Pin<&'a mut F>,
}

impl<F: Future> Future for Within<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { handle, future } = &mut *self;
        let _entered = handle.map(Handle::enter);
        future.as_mut().poll(cx)
    }
}
