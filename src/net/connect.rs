//! The last wall: a fresh connection is looked at before the first byte of HTTP goes over it.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use tower::{Layer, Service};

use super::Guard;
use super::fault::{Reached, Refused, SlowConnect};
use crate::model::{Failure, FailureKind};

/// What a connector must know of the request that it connects for.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    /// The host that the address names.
    pub(super) host: String,
    /// The bound on time until the connection stands, TLS included.
    pub(super) connect: Duration,
}

tokio::task_local! {
    /// The hop that this task sends. reqwest's connector layers are given no request and its connect timeout holds for
    /// a whole client, so both come by this way round; a connector called without it trusts no name.
    pub(super) static HOP: Hop;
}

/// Without a request's own bound.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// A connector layer that lets no connection through to an address that the guard refuses.
#[derive(Debug, Clone)]
pub(super) struct Wall {
    pub(super) guard: Arc<Guard>,
    pub(super) beyond: Beyond,
    /// Counts the connections that it let through.
    pub(super) opened: Arc<AtomicUsize>,
}

/// What becomes of a connection that the guard lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// It is used.
    Used,
    /// It is closed before anything is sent: to be reached is all that is asked.
    Closed,
}

impl<S> Layer<S> for Wall {
    type Service = Walled<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Walled { inner, wall: self.clone() }
    }
}

/// A connector behind the wall.
#[derive(Debug, Clone)]
pub(super) struct Walled<S> {
    inner: S,
    wall: Wall,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl<S, R> Service<R> for Walled<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let Wall { guard, beyond, opened } = self.wall.clone();
        let connecting = self.inner.call(request);
        let hop = HOP.try_with(Hop::clone).unwrap_or_else(|_| Hop { host: String::new(), connect: CONNECT_MAX });
        Box::pin(async move {
            let Ok(connected) = tokio::time::timeout(hop.connect, connecting).await else {
                return Err(SlowConnect { bound: hop.connect }.into());
            };
            let connection = connected?;
            check(&guard, &connection, &hop.host).map_err(Refused)?;
            match beyond {
                Beyond::Used => {
                    opened.fetch_add(1, Ordering::Relaxed);
                    Ok(connection)
                }
                Beyond::Closed => Err(Reached.into()),
            }
        })
    }
}

fn check(guard: &Guard, connection: &impl Connection, host: &str) -> Result<(), Failure> {
    let mut extras = http::Extensions::new();
    connection.connected().get_extras(&mut extras);
    match extras.get::<HttpInfo>() {
        Some(info) => guard.check_ip(info.remote_addr().ip(), host),
        None => Err(unknown(host)),
    }
}

/// A connection that doesn't say where it leads is not trusted.
pub(super) fn unknown(host: &str) -> Failure {
    Failure { kind: FailureKind::Blocked, detail: format!("the connection to {host} does not say where it leads") }
}
