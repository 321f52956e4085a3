//! reqwest's clients: one for `http`, which trusts no certificate, and one for `https`.
//!
//! To read the system's certificates takes more than a hundred polls that find nothing new (they are parsed one by one, from a bundle
//! and again from a folder): so the second client may be made when it is first needed.
//!
//! A client keeps connections for a while, up to so many of each host, and knows no bound over all hosts: a round over thousands would
//! keep one to each of them open. So a client that has opened many makes room for a new one, and what it keeps is closed with it.

use std::error::Error as _;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::HeaderValue;
use reqwest::dns::Resolve;

use super::connect::Wall;
use crate::model::{Failure, FailureKind, WebUrl};

/// Long enough for several sources of one host in a row, too short to hoard connections until the next poll, or to be
/// flooded for long over one of HTTP/2 that a failed request leaves behind.
const IDLE: Duration = Duration::from_secs(30);
/// As many as may be asked at once of one host by webhooks: with fewer, what is answered together is asked over new connections each time
/// (with eight, every third notification of a backlog).
const IDLE_PER_HOST: usize = 64;

/// What the clients are made of.
pub(super) struct Plan {
    pub(super) user_agent: HeaderValue,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) wall: Wall,
    pub(super) head_bytes: u32,
    /// Connections that a client opens before another takes its place.
    pub(super) kept: usize,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("wall", &self.wall).finish_non_exhaustive()
    }
}

/// Whom a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The system's certificates.
    System,
    Nobody,
}

impl Plan {
    fn way(&self, trust: Trust) -> Result<Way, reqwest::Error> {
        let wall = Wall { opened: Arc::default(), ..self.wall.clone() };
        let opened = Arc::clone(&wall.opened);
        let builder = reqwest::Client::builder()
            .user_agent(self.user_agent.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::clone(&self.resolver))
            .connector_layer(wall)
            .http1_ignore_invalid_headers_in_responses(true)
            // Of HTTP/1, hyper takes 100 fields by itself (asked for the same number it takes four times as long) and 408 kB.
            .http2_max_header_list_size(self.head_bytes)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST);
        let client = match trust {
            Trust::System => builder.build(),
            Trust::Nobody => builder.tls_certs_only([]).build(),
        };
        Ok(Way { client: client?, opened })
    }
}

/// A client, and how many connections it has opened.
#[derive(Debug)]
struct Way {
    client: reqwest::Client,
    opened: Arc<AtomicUsize>,
}

/// The clients by what they are for.
#[derive(Debug)]
pub(super) struct Ways {
    plan: Plan,
    plain: Mutex<Way>,
    secure: Mutex<Option<Way>>,
}

impl Ways {
    /// Reads no certificates.
    pub(super) fn new(plan: Plan) -> Result<Self, reqwest::Error> {
        Ok(Self { plain: Mutex::new(plan.way(Trust::Nobody)?), plan, secure: Mutex::default() })
    }

    /// The client that an address is asked by.
    pub(super) fn to(&self, url: &WebUrl) -> Result<reqwest::Client, Failure> {
        if !url.is_https() {
            return Ok(self.plain());
        }
        self.secure().map_err(|error| {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            let detail = format!("certificates can't be read: is the package ca-certificates installed? ({why})");
            Failure { kind: FailureKind::Tls, detail }
        })
    }

    fn plain(&self) -> reqwest::Client {
        let mut way = self.plain.lock().unwrap_or_else(PoisonError::into_inner);
        self.renew(&mut way, Trust::Nobody)
    }

    /// The client for `https`; whoever asks while it is made waits for it, some ten milliseconds.
    pub(super) fn secure(&self) -> Result<reqwest::Client, reqwest::Error> {
        let mut way = self.secure.lock().unwrap_or_else(PoisonError::into_inner);
        match way.as_mut() {
            Some(way) => Ok(self.renew(way, Trust::System)),
            None => Ok(way.insert(self.plan.way(Trust::System)?).client.clone()),
        }
    }

    /// A way's client, or a new one in its place if it has opened many connections. Where none can be made any more (certificates that
    /// can't be read), the one that is there goes on, and as many later that is tried again.
    fn renew(&self, way: &mut Way, trust: Trust) -> reqwest::Client {
        if way.opened.load(Ordering::Relaxed) >= self.plan.kept {
            match self.plan.way(trust) {
                Ok(new) => *way = new,
                Err(_unreadable) => way.opened.store(0, Ordering::Relaxed),
            }
        }
        way.client.clone()
    }

    /// Whether there is one for `https`.
    #[cfg(test)]
    pub(super) fn is_secure(&self) -> bool {
        self.secure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
