//! The way to the running daemon: over HTTP, at the address that it listens on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::config::Settings;
use crate::model::{Exchange, Limits, Method, Redirects, Request, Secret, WebUrl};
use crate::net::{Bounds, Guard, NetPolicy, WebClient};
use crate::port::Http;
use crate::server::wire;

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of its answer at most.
const BYTES_MAX: usize = 1 << 20;

/// What became of asking the daemon.
pub(super) enum Answer {
    /// It told everything.
    Whole(Box<wire::Status>),
    /// It told of its loops; the store's side is to be read from the store.
    Loops(Box<wire::Status>),
    /// It doesn't answer, or not as tidings does; why.
    Silence(String),
}

/// A way to the daemon.
pub(super) struct Door {
    http: Arc<dyn Http>,
    address: SocketAddr,
    token: Option<Secret>,
}

impl Door {
    /// A way to the daemon at its configured address; `None` where it listens at none.
    pub(super) fn new(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(listen) = settings.server.listen else { return Ok(None) };
        let address = SocketAddr::new(reachable(listen.ip()), listen.port());
        // A person's own configuration names this address: it may be private, and any port.
        let guard = Guard::new(true, &[]).with_ports(&[address.port()]);
        let policy = NetPolicy { user_agent: String::new(), guard, bounds: Bounds::default() };
        let http = Arc::new(WebClient::new(&policy)?);
        Ok(Some(Self { http, address, token: settings.server.token.clone() }))
    }

    /// Where it leads, as a person would open it.
    pub(super) fn place(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Asks how the daemon fares: all of it with the configured token, its loops without one.
    pub(super) async fn status(&self) -> Answer {
        if self.token.is_some()
            && let Ok(answer) = self.get("v1/status").await
            && answer.status == 200
            && let Ok(status) = serde_json::from_slice(&answer.body)
        {
            return Answer::Whole(Box::new(status));
        }
        match self.get("readyz").await {
            Err(failure) => Answer::Silence(failure.to_string()),
            Ok(answer) => match serde_json::from_slice(&answer.body) {
                Ok(status) => Answer::Loops(Box::new(status)),
                Err(_other) => Answer::Silence("what answers there is no tidings of this version".to_owned()),
            },
        }
    }

    async fn get(&self, path: &str) -> Exchange {
        let url = format!("http://{}/{path}", self.address);
        let url = WebUrl::parse(&url).map_err(|why| failed(why.to_string()))?;
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        headers.extend(self.token.as_ref().map(|t| ("authorization".to_owned(), format!("Bearer {}", t.reveal()))));
        let limits = Limits { connect: Duration::from_secs(2), total: PATIENCE, body_bytes: BYTES_MAX };
        let request =
            Request { method: Method::Get, url, headers, body: Vec::new(), redirects: Redirects::Refuse, limits };
        self.http.send(request).await
    }
}

fn failed(detail: String) -> crate::model::Failure {
    crate::model::Failure { kind: crate::model::FailureKind::Protocol, detail }
}

/// Where to reach what listens at `ip`: "any address" is no address.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => ip,
    }
}
