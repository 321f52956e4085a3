//! Names to addresses, past the guard: what it refuses is never handed to the connector.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Guard;
use super::fault::{Refused, Unresolved};

/// The system's resolver with the guard behind it. The address that was judged is the one connected to, so a name that
/// changes its answer in between (DNS rebinding) gains nothing.
#[derive(Debug, Clone)]
pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            // Port 0 stands for the request's own.
            let found: Vec<_> = match tokio::net::lookup_host((host.clone(), 0)).await {
                Ok(found) => found.collect(),
                Err(why) => return Err(Unresolved { host, why: Some(why) }.into()),
            };
            sieve(&guard, &host, found)
        })
    }
}

/// Lets those addresses of a name through that the guard allows. Of a mixed answer that is some: split horizons give
/// private addresses beside public ones to whoever asks, and what is not handed on is not connected to.
pub(super) fn sieve(guard: &Guard, host: &str, found: Vec<SocketAddr>) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    let (mut passed, mut refused) = (Vec::new(), None);
    for address in found {
        match guard.check_ip(address.ip(), host) {
            Ok(()) => passed.push(address),
            Err(failure) => refused = refused.or(Some(failure)),
        }
    }
    match (passed.is_empty(), refused) {
        (false, _) => Ok(Box::new(passed.into_iter())),
        (true, Some(failure)) => Err(Refused(failure).into()),
        (true, None) => Err(Unresolved { host: host.to_owned(), why: None }.into()),
    }
}
