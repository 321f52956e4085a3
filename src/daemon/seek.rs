//! Searches for what can be polled at an address, carried out: one request at a time, those to one host apart.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::discover::{Ask, Found, Search, Wanted};
use crate::model::{DomainPause, Exchange, Limits, Method, Redirects, Request, WebUrl};
use crate::port::{Http, Store, StoreError};
use crate::schedule::busy_until;
use crate::url::registrable;

use super::Parts;

/// Redirects that are followed, as for polls.
const REDIRECTS_MAX: u8 = 5;
/// What we read, best first.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
    text/html;q=0.8, */*;q=0.5";
/// Between two requests to one site of a search that a person waits for.
pub const SEARCH_SPACING: Duration = Duration::from_secs(1);
/// A search of the daemon's is given up after this: its page is answered within 20 seconds.
const PATIENCE: Duration = Duration::from_secs(16);
/// A domain that refuses (429) and doesn't say for how long is left alone for so long.
const REFUSED: Duration = Duration::from_mins(5);
/// No search has a domain left alone for longer: strangers choose what is sought. A poll that is refused then hears it itself.
const PAUSE_MAX: Duration = Duration::from_hours(1);
/// Searches under way at once, of all who ask.
const AT_ONCE_MAX: usize = 4;
/// Searches whose outcome is kept for whoever looks at it.
const KEPT_MAX: usize = 16;

/// What is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Where.
    pub url: WebUrl,
    /// A language to be preferred (BCP 47).
    pub lang: Option<String>,
}

/// Within which bounds it is sought.
#[derive(Debug, Clone, Copy)]
pub struct SearchTerms {
    /// On each request.
    pub limits: Limits,
    /// From one request to a registered domain to the next.
    pub spacing: Duration,
    /// On the whole search; what was found by then stands.
    pub patience: Option<Duration>,
}

/// Searches. `heard` is told of each question before it is asked, `busy` of each domain that asks to be left alone.
pub async fn search(
    http: &dyn Http,
    sought: &Sought,
    terms: &SearchTerms,
    now: Timestamp,
    (mut heard, mut busy): (impl FnMut(&Ask), impl FnMut(DomainPause)),
) -> Found {
    let mut search = Search::new(sought.url.clone(), Wanted { lang: sought.lang.clone(), now });
    let mut hosts = BTreeSet::new();
    let asking = async {
        while let Some(ask) = search.ask() {
            if !hosts.insert(registrable(ask.url.host_text()).to_owned()) {
                tokio::time::sleep(terms.spacing).await;
            }
            heard(&ask);
            let request = Request {
                method: Method::Get,
                url: ask.url.clone(),
                headers: vec![("accept".to_owned(), ACCEPT.to_owned())],
                body: Vec::new(),
                redirects: Redirects::Follow(REDIRECTS_MAX),
                limits: terms.limits,
            };
            let exchange = http.send(request).await;
            if let Some(pause) = pause_of(&exchange, now) {
                busy(pause);
            }
            search.take(&ask, &exchange);
        }
    };
    let is_over = match terms.patience {
        None => {
            asking.await;
            true
        }
        Some(patience) => tokio::time::timeout(patience, asking).await.is_ok(),
    };
    if is_over { search.finish() } else { search.give_up() }
}

/// What a busy host asks of searches and polls alike.
fn pause_of(exchange: &Exchange, now: Timestamp) -> Option<DomainPause> {
    let response = exchange.as_ref().ok()?;
    let unnamed = || (response.status == 429).then(|| now.checked_add(REFUSED).ok()).flatten();
    let until = busy_until(exchange, now).or_else(unnamed)?.min(now.checked_add(PAUSE_MAX).unwrap_or(Timestamp::MAX));
    let domain = registrable(response.url.host_text()).to_owned();
    Some(DomainPause { domain, until, why: format!("{} answered status {}", response.url.redacted(), response.status) })
}

/// Why a search is not begun.
#[derive(Debug)]
pub enum NotSought {
    /// Whoever asks has a search under way, or all others together have too many.
    Busy,
    /// The address's domain asked to be left alone.
    Paused(DomainPause),
    /// The store refused.
    Store(StoreError),
}

impl From<StoreError> for NotSought {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A search that has ended.
#[derive(Debug)]
pub struct Searched {
    /// Its number, until tidings is started again.
    pub id: u64,
    /// What was sought.
    pub sought: Sought,
    /// What was found.
    pub found: Found,
}

/// Searches on behalf of whoever waits for it, with the daemon's own client, guard and limits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Seeker {
    parts: Parts,
    desk: Arc<Mutex<Desk>>,
}

/// Who is searching, and what was found last.
#[derive(Debug, Default)]
struct Desk {
    asking: BTreeSet<IpAddr>,
    kept: VecDeque<Arc<Searched>>,
    last: u64,
}

/// Ends a search's turn, however it ends: who waits may have gone away.
struct Turn<'a>(&'a Seeker, IpAddr);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.desk().asking.remove(&self.1);
    }
}

impl Seeker {
    /// With the client, clock and store of `parts`.
    pub fn new(parts: &Parts) -> Self {
        Self { parts: parts.clone(), desk: Arc::default() }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Searches for whoever asks from that address, one search at a time.
    ///
    /// # Errors
    /// When it is not begun.
    pub async fn seek(&self, asker: IpAddr, sought: Sought) -> Result<Arc<Searched>, NotSought> {
        let _turn = self.turn(asker).ok_or(NotSought::Busy)?;
        let now = self.parts.clock.now();
        let domain = registrable(sought.url.host_text()).to_owned();
        let pauses = self.parts.keeper.read(move |store| store.pauses(now)).await?;
        if let Some(pause) = pauses.into_iter().find(|pause| pause.domain == domain) {
            return Err(NotSought::Paused(pause));
        }
        let terms = self.parts.terms();
        let bounds = SearchTerms {
            limits: terms.loops.feed_limits,
            spacing: terms.loops.spacing(&domain).min(SEARCH_SPACING),
            patience: Some(PATIENCE),
        };
        let mut pauses = Vec::new();
        let heard = |ask: &Ask| {
            tracing::debug!(host = ask.url.host_text(), "searching for sources: {}", ask.purpose());
        };
        let found = search(&*terms.http, &sought, &bounds, now, (heard, |pause| pauses.push(pause))).await;
        if !pauses.is_empty() {
            let write = move |store: &mut dyn Store| pauses.iter().try_for_each(|pause| store.pause(pause, now));
            self.parts.keeper.write(write).await?;
        }
        let mut desk = self.desk();
        desk.last += 1;
        let searched = Arc::new(Searched { id: desk.last, sought, found });
        desk.kept.push_back(Arc::clone(&searched));
        if desk.kept.len() > KEPT_MAX {
            desk.kept.pop_front();
        }
        Ok(searched)
    }

    /// A search that ended not long ago.
    pub fn searched(&self, id: u64) -> Option<Arc<Searched>> {
        self.desk().kept.iter().find(|searched| searched.id == id).cloned()
    }

    fn turn(&self, asker: IpAddr) -> Option<Turn<'_>> {
        let mut desk = self.desk();
        let is_free = desk.asking.len() < AT_ONCE_MAX && desk.asking.insert(asker);
        drop(desk);
        is_free.then(|| Turn(self, asker))
    }
}
