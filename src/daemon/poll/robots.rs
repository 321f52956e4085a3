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
use crate::schedule::busy_until;

/// An answer holds for so long (RFC 9309 section 2.4).
const HOLDS: Duration = Duration::from_hours(24);
/// A host that gives no answer is asked again after so long, then after twice as long each time, as pages that wait for it are tried
/// again within a minute; and after so long at most.
const UNANSWERED: Duration = Duration::from_secs(15);
const UNANSWERED_MAX: Duration = Duration::from_mins(10);
/// Redirects followed (RFC 9309 section 2.3.1.2).
const REDIRECTS_MAX: u8 = 5;
/// Files up to this are kept for the next life: nearly all are far below, and so many hosts' files stay small together.
const KEPT_BYTES_MAX: usize = 64 * 1024;
/// Hosts kept in mind, and bytes of their files, whose rules take some five times that; beyond, those whose answers have run out are
/// forgotten, then all. The store remembers.
const HOSTS_MAX: usize = 20_000;
const FILES_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What hosts allow, as far as it was asked. Cheap to clone: shared.
#[derive(Debug, Clone, Default)]
pub struct RobotsBook(Arc<Mutex<Pages>>);

/// By origin, with the bytes of all their files.
#[derive(Debug, Default)]
struct Pages {
    by_origin: BTreeMap<String, Page>,
    bytes: usize,
}

/// One host's answer.
#[derive(Debug, Clone)]
struct Page {
    asked_at: Timestamp,
    until: Timestamp,
    /// The rules, or why they can't be had.
    rules: Result<Arc<Rules>, Failure>,
    /// How large the file is.
    bytes: usize,
    /// How often in a row it was not to be had.
    unanswered: u32,
}

impl RobotsBook {
    fn known(&self, origin: &str, now: Timestamp) -> Option<Page> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was put back to before it was asked leaves no answer standing for as long.
        pages.by_origin.get(origin).filter(|page| page.asked_at <= now && page.until > now).cloned()
    }

    /// How often in a row a host has not answered.
    fn unanswered(&self, origin: &str) -> u32 {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.by_origin.get(origin).map_or(0, |page| page.unanswered)
    }

    fn keep(&self, origin: String, page: Page, now: Timestamp) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = pages.by_origin.remove(&origin).map_or(0, |page| page.bytes);
        pages.bytes = pages.bytes.saturating_sub(before);
        if pages.is_full(&page) {
            pages.by_origin.retain(|_, page| page.until > now);
            pages.bytes = pages.by_origin.values().map(|page| page.bytes).sum();
        }
        if pages.is_full(&page) {
            *pages = Pages::default();
        }
        pages.bytes = pages.bytes.saturating_add(page.bytes);
        pages.by_origin.insert(origin, page);
    }
}

impl Pages {
    fn is_full(&self, more: &Page) -> bool {
        self.by_origin.len() >= HOSTS_MAX || self.bytes.saturating_add(more.bytes) > FILES_BYTES_MAX
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
    let rules = Ok(Arc::new(Rules::parse(&text.body, &loops.product)));
    let page = Page { asked_at: now, until: text.until, rules, bytes: text.body.len(), unanswered: 0 };
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
    let rules = read(&exchange, &loops.product);
    let unanswered = if rules.is_ok() { 0 } else { parts.robots.unanswered(&origin).saturating_add(1) };
    let holds = match unanswered {
        0 => HOLDS,
        times => UNANSWERED.saturating_mul(2u32.saturating_pow(times - 1)).min(UNANSWERED_MAX),
    };
    let held = now.checked_add(holds).unwrap_or(Timestamp::MAX);
    // Who asks to be left alone is, its robots.txt too: without that, none of its pages is asked for.
    let until = busy_until(&exchange, now).map_or(held, |asked| asked.max(held));
    let mut bytes = 0;
    if rules.is_ok() {
        let body = exchange.ok().filter(|response| response.status < 300).map(|response| response.body);
        let body = body.unwrap_or_default();
        bytes = body.len();
        if bytes <= KEPT_BYTES_MAX {
            remember(parts, &origin, RobotsText { until, body }, now).await;
        }
    }
    let page = Page { asked_at: now, until, rules, bytes, unanswered };
    parts.robots.keep(origin, page.clone(), now);
    page
}

/// What an answer means (RFC 9309 section 2.3.1).
fn read(exchange: &Exchange, product: &str) -> Result<Arc<Rules>, Failure> {
    match exchange {
        Ok(response) if (200..300).contains(&response.status) => Ok(Arc::new(Rules::parse(&response.body, product))),
        Ok(response) if response.status == 429 || response.status >= 500 => {
            let detail = format!("it was answered with status {}", response.status);
            Err(Failure { kind: FailureKind::Protocol, detail })
        }
        // There are no rules.
        Ok(_) => Ok(Arc::default()),
        Err(failure) => match failure.kind {
            // A file that goes round in circles is none; one that is endless has none that anybody could read.
            FailureKind::Redirect | FailureKind::TooLarge => Ok(Arc::default()),
            FailureKind::Dns
            | FailureKind::Connect
            | FailureKind::Tls
            | FailureKind::Timeout
            | FailureKind::Protocol
            | FailureKind::Decode
            | FailureKind::Blocked
            | FailureKind::Robots => Err(failure.clone()),
        },
    }
}
