//! What hosts' `robots.txt` allow, for pages alone: asked once a day, kept in memory, and in the store for the next life.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::super::Parts;
use super::super::parts::LoopPolicy;
use super::domain;
use crate::model::{Exchange, Failure, FailureKind, Limits, Method, Redirects, Request, RobotsText, WebUrl};
use crate::robots::{BYTES_MAX, Rules, Verdict};

/// An answer holds for so long (RFC 9309 section 2.4).
const HOLDS: Duration = Duration::from_hours(24);
/// A host that gives no answer is asked again after so long.
const UNANSWERED: Duration = Duration::from_mins(10);
/// Redirects followed (RFC 9309 section 2.3.1.2).
const REDIRECTS_MAX: u8 = 5;
/// Files up to this are kept for the next life: nearly all are far below, and so many hosts' files stay small together.
const KEPT_BYTES_MAX: usize = 64 * 1024;
/// Hosts kept in mind; beyond, those whose answers have run out are forgotten, then all.
const HOSTS_MAX: usize = 20_000;

/// What hosts allow, as far as it was asked. Cheap to clone: shared.
#[derive(Debug, Clone, Default)]
pub struct RobotsBook(Arc<Mutex<BTreeMap<String, Page>>>);

/// One host's answer.
#[derive(Debug, Clone)]
struct Page {
    until: Timestamp,
    /// The rules, or why they can't be had.
    rules: Result<Arc<Rules>, Failure>,
}

impl RobotsBook {
    fn known(&self, origin: &str, now: Timestamp) -> Option<Page> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(origin).filter(|page| page.until > now).cloned()
    }

    fn keep(&self, origin: String, page: Page, now: Timestamp) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= HOSTS_MAX {
            pages.retain(|_, page| page.until > now);
        }
        if pages.len() >= HOSTS_MAX {
            pages.clear();
        }
        pages.insert(origin, page);
    }
}

/// Asks whether a page may be fetched; fetches the host's `robots.txt` where the answer is not known.
///
/// # Errors
/// The failure to record in the page's place: a rule forbids it (of kind `robots`), or the host's rules can't be had, which
/// RFC 9309 (section 2.3.1.4) has us take for a refusal as long as that lasts.
pub(in crate::daemon) async fn permit(parts: &Parts, url: &WebUrl) -> Result<(), Failure> {
    let terms = parts.terms();
    if !terms.loops.obeys_robots(&domain(url)) {
        return Ok(());
    }
    let origin = url.as_url().origin().ascii_serialization();
    let page = match parts.robots.known(&origin, parts.clock.now()) {
        Some(page) => page,
        None => match remembered(parts, &terms.loops, &origin).await {
            Some(page) => page,
            None => ask(parts, &terms.loops, origin, url).await,
        },
    };
    let path = url
        .as_url()
        .query()
        .map_or_else(|| url.as_url().path().to_owned(), |query| format!("{}?{query}", url.as_url().path()));
    let rules = page.rules.map_err(|why| Failure {
        kind: why.kind,
        detail: format!(
            "the robots.txt of {} can't be had, so its pages are not asked for: {}",
            url.host_text(),
            why.detail
        ),
    })?;
    let Verdict::Forbidden { line } = rules.judge(&path) else { return Ok(()) };
    let detail = format!(
        "line {line} of the robots.txt of {} forbids {path}; ask its publisher, and where that allows it, set \
         `robots = false` for {:?} in [[domains]]",
        url.host_text(),
        domain(url)
    );
    Err(Failure { kind: FailureKind::Robots, detail })
}

/// Fetches a page, and asks each host on the way whether it may be: the one that is named, and those that are redirected
/// to. The request's bound on time holds for the page, from first to last; questions to hosts have their own.
///
/// # Errors
/// What kept it from an answer, [`permit`]'s reasons among them.
pub(in crate::daemon) async fn fetch(parts: &Parts, request: Request) -> Exchange {
    let Redirects::Follow(most) = request.redirects else { return parts.terms().http.send(request).await };
    let (mut redirects, mut asked, mut left) = (Vec::new(), Vec::new(), request.limits.total);
    let mut url = request.url.clone();
    loop {
        permit(parts, &url).await?;
        let limits = Limits { total: left, ..request.limits };
        let hop = Request { url: url.clone(), redirects: Redirects::Show, limits, ..request.clone() };
        let begun = parts.clock.now();
        let mut response = parts.terms().http.send(hop).await?;
        let took = Duration::try_from(parts.clock.now().duration_since(begun)).unwrap_or_default();
        let leads_on = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let Some(location) = response.headers.first("location").filter(|_| leads_on) else {
            response.redirects = redirects;
            return Ok(response);
        };
        let astray = |detail: String| Failure { kind: FailureKind::Redirect, detail };
        let next = url.join(location).map_err(|why| astray(format!("{} leads nowhere: {why}", url.redacted())))?;
        redirects.push(response.status);
        asked.push(url);
        if asked.contains(&next) {
            return Err(astray(format!("the redirects go round in a circle, back to {}", next.redacted())));
        }
        if redirects.len() > usize::from(most) {
            return Err(astray(format!("more than {most} redirects, the last to {}", next.redacted())));
        }
        left = left.saturating_sub(took);
        if left.is_zero() {
            let detail = format!("{} redirects took {} s", redirects.len(), request.limits.total.as_secs_f64());
            return Err(Failure { kind: FailureKind::Timeout, detail });
        }
        url = next;
    }
}

/// What a life before this one, or another process, was answered.
async fn remembered(parts: &Parts, loops: &LoopPolicy, origin: &str) -> Option<Page> {
    let (key, now) = (origin.to_owned(), parts.clock.now());
    let text = match parts.keeper.read(move |store| store.robots(&key, now)).await {
        Ok(text) => text?,
        Err(error) => {
            tracing::warn!(
                origin,
                "the robots.txt of {origin} is asked for, as what was kept of it could not be read: {error}"
            );
            return None;
        }
    };
    let page = Page { until: text.until, rules: Ok(Arc::new(Rules::parse(&text.body, &loops.product))) };
    parts.robots.keep(origin.to_owned(), page.clone(), now);
    Some(page)
}

/// Has the store remember what holds for a day. Longer files than most are asked for anew by the next life.
async fn remember(parts: &Parts, origin: &str, text: RobotsText, now: Timestamp) {
    let key = origin.to_owned();
    let kept = parts.keeper.note(move |store| store.keep_robots(&key, &text, now)).await;
    if let Err(error) = kept {
        tracing::warn!(origin, "the robots.txt of {origin} could not be kept: {error}");
    }
}

async fn ask(parts: &Parts, loops: &LoopPolicy, origin: String, url: &WebUrl) -> Page {
    let limits = Limits { body_bytes: loops.page_limits.body_bytes.max(BYTES_MAX), ..loops.page_limits };
    let exchange = match url.join("/robots.txt") {
        Ok(url) => {
            let headers = vec![("accept".to_owned(), "text/plain, */*;q=0.5".to_owned())];
            let redirects = Redirects::Follow(REDIRECTS_MAX);
            parts
                .terms()
                .http
                .send(Request { method: Method::Get, url, headers, body: Vec::new(), redirects, limits })
                .await
        }
        Err(why) => Err(Failure { kind: FailureKind::Redirect, detail: why.to_string() }),
    };
    parts.market.requested();
    let now = parts.clock.now();
    let (rules, holds) = read(&exchange, &loops.product);
    let until = now.checked_add(holds).unwrap_or(Timestamp::MAX);
    if rules.is_ok() {
        let body = exchange.ok().filter(|response| response.status < 300).map(|response| response.body);
        let body = body.unwrap_or_default();
        if body.len() <= KEPT_BYTES_MAX {
            remember(parts, &origin, RobotsText { until, body }, now).await;
        }
    }
    let page = Page { until, rules };
    parts.robots.keep(origin, page.clone(), now);
    page
}

/// What an answer means (RFC 9309 section 2.3.1), and how long it holds.
fn read(exchange: &Exchange, product: &str) -> (Result<Arc<Rules>, Failure>, Duration) {
    match exchange {
        Ok(response) if (200..300).contains(&response.status) => {
            (Ok(Arc::new(Rules::parse(&response.body, product))), HOLDS)
        }
        Ok(response) if response.status == 429 || response.status >= 500 => {
            let detail = format!("it was answered with status {}", response.status);
            (Err(Failure { kind: FailureKind::Protocol, detail }), UNANSWERED)
        }
        // There are no rules.
        Ok(_) => (Ok(Arc::default()), HOLDS),
        Err(failure) => match failure.kind {
            // A file that goes round in circles is none; one that is endless has none that anybody could read.
            FailureKind::Redirect | FailureKind::TooLarge => (Ok(Arc::default()), HOLDS),
            FailureKind::Dns
            | FailureKind::Connect
            | FailureKind::Tls
            | FailureKind::Timeout
            | FailureKind::Protocol
            | FailureKind::Decode
            | FailureKind::Blocked
            | FailureKind::Robots => (Err(failure.clone()), UNANSWERED),
        },
    }
}
