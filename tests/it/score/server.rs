//! The publishers: each answers by a script over time, and every request is written down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::model::{Exchange, Headers, Method, Redirects, Request, Response, WebUrl};
use tidings::port::{Clock, ExchangeFuture, Http};

/// A request as a server's log has it, and what it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// Seconds since the world began.
    pub(crate) at: i64,
    /// Until when the answer took, in the same seconds.
    pub(crate) until: i64,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) status: u16,
    /// The validators of the answer, where it had them.
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Hit {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_conditional(&self) -> bool {
        self.field("if-none-match").is_some() || self.field("if-modified-since").is_some()
    }
}

/// What a server says: status, fields, body; a redirect is followed as the client would.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// The web: one script for all hosts, and the log of all requests.
pub(crate) struct Web {
    pub(crate) start: Timestamp,
    pub(crate) log: Mutex<Vec<Hit>>,
    pub(crate) script: fn(&WebUrl, i64, &Asked<'_>) -> Said,
}

/// What a script may look at.
pub(crate) struct Asked<'a> {
    pub(crate) etag: Option<&'a str>,
    pub(crate) since: Option<&'a str>,
}

/// A life's view of the web.
pub(crate) struct View {
    pub(crate) web: Arc<Web>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// How long every answer takes.
const ANSWER: Duration = Duration::from_millis(800);

impl View {
    fn secs(&self) -> i64 {
        self.clock.now().duration_since(self.web.start).as_secs()
    }

    async fn answer(&self, request: Request) -> Exchange {
        let (mut url, mut redirects) = (request.url.clone(), Vec::new());
        loop {
            let at = self.secs();
            tokio::time::sleep(ANSWER).await;
            let field = |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
            let asked = Asked { etag: field("if-none-match"), since: field("if-modified-since") };
            let said = (self.web.script)(&url, at, &asked);
            let headers: Vec<(String, String)> =
                said.fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
            let headers = Headers(headers);
            self.web.log.lock().unwrap().push(Hit {
                at,
                until: self.secs(),
                method: request.method,
                url: url.as_str().to_owned(),
                fields: request.headers.clone(),
                status: said.status,
                etag: headers.first("etag").map(str::to_owned),
                last_modified: headers.first("last-modified").map(str::to_owned),
            });
            let follows = request.redirects != Redirects::Show;
            match (follows && matches!(said.status, 301 | 302 | 307 | 308), headers.first("location")) {
                (true, Some(to)) => {
                    redirects.push(said.status);
                    url = url.join(to).unwrap();
                }
                _ => {
                    return Ok(Response { status: said.status, headers, body: said.body.into_bytes(), url, redirects });
                }
            }
        }
    }
}

impl Http for View {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}
