//! One poll of one source: ask (conditionally), examine, schedule, record.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use crate::deliver::payload::{self, SourcePayload};
use crate::deliver::{notification_id, wanted};
use crate::ingest::{Examined, examine, resolve, settle};
use crate::model::{
    DomainPause, Exchange, Known, Method, Notification, NotificationType, PollOutcome, PollRecord, Recorded, Redirects,
    Request, Source, SourceClaim, SourceHealth, SourceId, SourceKind, StoryChange, StoryDraft, SubscriptionId,
    Validators, WebUrl,
};
use crate::port::{Listed, Store, StoreError};
use crate::schedule::{Address, Next, Pace, Poll, Quote, Seen, address, asks_whole, busy_until, next, silence};
use crate::text::counted;

use super::super::lifecycle::insist;
use super::super::websub::Herald;
use super::super::{Happening, Parts, Terms};
use super::{Lane, domain, is_long, robots, tell_pause};

/// A source that was read so lately was well.
const LATELY: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Redirects followed for a feed or page (browsers follow 20; a publisher needs one or two).
const REDIRECTS_MAX: u8 = 5;
/// More drafts than this are resolved on the blocking pool.
const INLINE_DRAFTS_MAX: usize = 20;
/// Bodies above this are read on the blocking pool: parsing them takes more than a millisecond.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// A poll that is to be recorded.
struct Answered {
    source: Source,
    fence: i64,
    exchange: Exchange,
    examined: Examined,
    /// The document's stories, held against those that were known when it came.
    stories: Arc<[StoryChange]>,
    is_same: bool,
    /// Whether nobody answers at all.
    is_cut_off: bool,
    now: Timestamp,
    took: Duration,
}

/// A poll that is done but not written, and the terms that it is scheduled upon.
pub(super) struct Unwritten {
    answered: Answered,
    herald: Herald,
    terms: Arc<Terms>,
    quote: Arc<Quote>,
    dice: f64,
}

/// A poll that is written, and what is to be told of it.
pub(super) struct Written {
    id: SourceId,
    name: String,
    outcome: PollOutcome,
    took: Duration,
    is_first: bool,
    recorded: Recorded,
    next: Next,
    lane: Lane,
}

impl Unwritten {
    /// Whether it has found nothing new: then nobody waits for it, and it is written with others of its kind.
    pub(super) fn can_wait(&self) -> bool {
        self.answered.examined.outcome == PollOutcome::NotModified
    }

    pub(super) fn source(&self) -> SourceId {
        self.answered.source.id
    }

    /// Schedules the next poll and writes this one, in one transaction.
    ///
    /// What is written stays here as well, as the commit may fail: then it is written again.
    pub(super) fn write(&self, store: &mut dyn Store) -> Result<Written, StoreError> {
        let Self { answered, herald, terms, quote, dice } = self;
        let (id, name) = (answered.source.id, answered.source.spec.name.clone());
        let (outcome, took) = (answered.examined.outcome.clone(), answered.took);
        let is_first = answered.source.state.last_poll_at.is_none();
        let (recorded, next) = record(store, answered, herald, |poll| next(poll, &terms.poll, quote, *dice))?;
        let source = &answered.source;
        let is_its_own = domain(answered_at(source, &answered.exchange)) == domain(&source.spec.url);
        let lane = if next.domain_pause.is_some() && is_its_own { Lane::Ends } else { Lane::GoesOn };
        Ok(Written { id, name, outcome, took, is_first, recorded, next, lane })
    }
}

impl Written {
    /// Tells whom it concerns; gives whether the source's lane goes on.
    pub(super) fn tell(self, parts: &Parts) -> Lane {
        if self.recorded.new + self.recorded.revised > 0 {
            parts.bells.decide.ring();
        }
        if let Some(kind) = self.next.turned {
            parts.status.notified(kind);
            parts.bells.told();
        }
        let failures = self.next.failures;
        tell(parts, &self.name, self.id, self.outcome, (self.recorded, self.took, self.is_first), failures);
        if let Some(kind) = self.next.turned {
            turned(self.id, &self.name, kind, self.next.health);
        }
        self.lane
    }
}

/// Polls a claimed source; what came of it is to be written.
pub(super) async fn poll(parts: &Parts, claim: SourceClaim) -> anyhow::Result<Arc<Unwritten>> {
    let begun = parts.clock.now();
    let mut claim = claim;
    if asks_whole(&claim.source.state) {
        claim.source.state.validators = Validators::default();
    }
    let exchange = ask(parts, &claim.source).await;
    let now = parts.clock.now();
    let is_cut_off = parts.reach.note(&exchange, was_well(&claim.source, now), || domain(&claim.source.spec.url));
    let took = now.duration_since(begun).try_into().unwrap_or_default();
    let (mut examined, mut exchange, mut source) = examine_somewhere(exchange, claim.source, now).await?;
    if let Some(child) = examined.follow.take() {
        let is_ours = domain(&child) == domain(&source.spec.url);
        let (of_child, answered, same) = follow(parts, child, source).await?;
        (examined, source) = (of_child, same);
        // A host elsewhere that is busy leaves this one alone.
        if is_ours && busy_until(&answered, now).is_some() {
            exchange = answered;
        }
    }
    parts.market.requested();
    let dice = parts.dice.unit("poll", source.id.0, source.state.polls);
    let drafts = std::mem::take(&mut examined.drafts);
    let (known, drafts) = known(parts, drafts).await?;
    let examined = settle(examined, &drafts, &known);
    let drafts = if examined.is_read() { drafts } else { Vec::new() };
    let is_same = is_same(&source, &examined.outcome, &known);
    let stories = resolve_somewhere(drafts, known, &source).await?.into();
    let answered = Answered { source, fence: claim.fence, exchange, examined, stories, is_same, is_cut_off, now, took };
    let herald = Herald::new(parts, begun);
    Ok(Arc::new(Unwritten { answered, herald, terms: parts.terms(), quote: parts.market.quote(), dice }))
}

/// Writes a poll that cannot wait. With no wait for the disk: a poll that a power cut takes back, validators and all, is
/// made again, and what is told of it is committed behind it.
pub(super) async fn write(parts: &Parts, polled: Arc<Unwritten>) -> anyhow::Result<Lane> {
    let write = || {
        let polled = Arc::clone(&polled);
        parts.keeper.note(move |store| polled.write(store))
    };
    let written = insist(write).await?;
    Ok(written.tell(parts))
}

/// Asks a source for its document, unless that is a page that a host's `robots.txt` forbids.
async fn ask(parts: &Parts, source: &Source) -> Exchange {
    let terms = parts.terms();
    let limits = match source.spec.kind {
        SourceKind::Feed => terms.loops.feed_limits,
        SourceKind::Page(_) | SourceKind::List => terms.loops.page_limits,
    };
    let request = Request {
        method: Method::Get,
        url: source.spec.url.clone(),
        headers: conditional_headers(source),
        body: Vec::new(),
        redirects: Redirects::Follow(REDIRECTS_MAX),
        limits,
    };
    match source.spec.kind {
        // The address of a feed was given by a person; a page is crawled.
        SourceKind::Feed => terms.http.send(request).await,
        SourceKind::Page(_) | SourceKind::List => robots::fetch(parts, request).await,
    }
}

/// The address that gave the answer: where a source was redirected to another host, that one asks to be left alone.
fn answered_at<'a>(source: &'a Source, exchange: &'a Exchange) -> &'a WebUrl {
    exchange.as_ref().map_or(&source.spec.url, |response| &response.url)
}

/// Schedules a poll and writes it, in one transaction.
fn record(
    store: &mut dyn Store,
    answered: &Answered,
    herald: &Herald,
    schedule: impl FnOnce(&Poll<'_>) -> Next,
) -> Result<(Recorded, Next), StoreError> {
    let Answered { source, fence, exchange, examined, stories, is_same, is_cut_off, now, took } = answered;
    let (now, took) = (*now, *took);
    let dates = new_dates(stories);
    let poll = Poll {
        now,
        spec: &source.spec,
        state: &source.state,
        exchange,
        outcome: &examined.outcome,
        seen: if examined.is_elsewhere { Seen::Changed } else { seen(source, &examined.entry_times, &dates) },
        newest: examined.entry_times.iter().copied().filter(|at| *at <= now).max(),
        dates: &examined.entry_times,
        is_cut_off: *is_cut_off,
        asked: examined.asked,
    };
    let announced = (&examined.announced, examined.validators.is_some());
    let next = herald.after_poll(store, source, (&poll, schedule(&poll)), announced, &dates)?;
    let (moving, moved_to) = match address(&poll, *is_same, next.turned) {
        Address::Stays(moving) => (moving, None),
        Address::Moves(to) => (None, Some(to)),
    };
    if let Some(to) = &moved_to {
        let (id, from, to) = (source.id, source.spec.url.redacted(), to.redacted());
        tracing::info!(source.id = id.0, "source {id} has moved for good, from {from} to {to}");
    }
    if examined.is_elsewhere {
        let (id, count) = (source.id, stories.len());
        tracing::warn!(
            source.id = id.0,
            "the list of source {id} stands elsewhere on its page now: {count} articles are taken as its past"
        );
    }
    let asking = answered_at(source, exchange);
    let domain_pause = next.domain_pause.map(|until| DomainPause {
        domain: domain(asking),
        until,
        why: format!("{} answered {}", asking.redacted(), outcome_words(&examined.outcome)),
    });
    let notices = notices(store, source, &examined.outcome, (&next, domain_pause.as_ref()), now)?;
    if let Some(pause) = &domain_pause {
        tell_pause(pause, now);
    }
    let recorded = store.record_poll(&PollRecord {
        source: source.id,
        fence: *fence,
        at: now,
        layout: examined.layout.clone(),
        first_poll: source.state.last_good_at.is_none() || examined.is_elsewhere,
        outcome: examined.outcome.clone(),
        took,
        validators: examined.validators.clone(),
        moved_to,
        moving,
        stories: Arc::clone(stories),
        next_poll_at: next.at,
        interval: next.interval,
        pace: next.pace.as_ref().map(Pace::to_bytes),
        failures: next.failures,
        health: next.health,
        domain_pause,
        notices,
    })?;
    Ok((recorded, next))
}

/// The stories that are known under any of the drafts' keys. The writer is asked, whose pages are at hand (each commit
/// makes the reader read its own anew); what another poll stores meanwhile under one of these keys is found when the
/// drafts are written.
async fn known(parts: &Parts, drafts: Vec<StoryDraft>) -> anyhow::Result<(Vec<Known>, Vec<StoryDraft>)> {
    if drafts.is_empty() {
        return Ok((Vec::new(), drafts));
    }
    let keys: Arc<[_]> = drafts.iter().flat_map(|draft| draft.keys.iter().copied()).collect();
    let look = || {
        let keys = Arc::clone(&keys);
        parts.keeper.note(move |store| store.known(&keys))
    };
    let known = insist(look).await.context("ask for known stories")?;
    Ok((known, drafts))
}

/// Resolves few drafts here and many on the blocking pool: finding a new story's language takes a tenth of a millisecond.
async fn resolve_somewhere(
    drafts: Vec<StoryDraft>,
    known: Vec<Known>,
    source: &Source,
) -> anyhow::Result<Vec<StoryChange>> {
    if drafts.len() <= INLINE_DRAFTS_MAX {
        return Ok(resolve(drafts, &known, &source.spec, source.id));
    }
    let (spec, id) = (source.spec.clone(), source.id);
    Ok(tokio::task::spawn_blocking(move || resolve(drafts, &known, &spec, id)).await?)
}

/// Whether a source was read of late: that such a one can't be reached is news, and that a dead one can't is none.
fn was_well(source: &Source, now: Timestamp) -> bool {
    source.state.last_good_at.is_some_and(|last| now.duration_since(last) <= LATELY)
}

/// Whether an answer is the document that the source has always had: it holds stories that are known, whoever brought them first. What
/// it was before its first good poll, nobody knows: then any document is.
fn is_same(source: &Source, outcome: &PollOutcome, known: &[Known]) -> bool {
    *outcome == PollOutcome::NotModified || source.state.last_good_at.is_none() || !known.is_empty()
}

/// Asks for the sitemap that an index names, and examines its answer in the index's place. The index is asked for whole each time:
/// that it is unchanged says nothing of the sitemap, which few indices date.
async fn follow(parts: &Parts, child: WebUrl, source: Source) -> anyhow::Result<(Examined, Exchange, Source)> {
    let terms = parts.terms();
    // The index was a request of this domain a moment ago.
    tokio::time::sleep(terms.loops.spacing(&domain(&child))).await;
    let request = Request {
        method: Method::Get,
        url: child,
        headers: Vec::new(),
        body: Vec::new(),
        redirects: Redirects::Follow(REDIRECTS_MAX),
        limits: terms.loops.feed_limits,
    };
    let exchange = robots::fetch(parts, request).await;
    let (examined, exchange, source) = examine_somewhere(exchange, source, parts.clock.now()).await?;
    Ok((Examined { validators: Some(Validators::default()), ..examined }, exchange, source))
}

/// The dates of the stories that are new.
pub(in crate::daemon) fn new_dates(stories: &[StoryChange]) -> Vec<Option<Timestamp>> {
    let date = |change: &StoryChange| match change {
        StoryChange::New { draft, .. } => Some(draft.published),
        StoryChange::Revised { .. } | StoryChange::Alias { .. } => None,
    };
    stories.iter().filter_map(date).collect()
}

/// What the poll showed of the source's pace. Pages reorder and repaint their lists: where none of the new links has a
/// date, that there are some is believed, not how many.
fn seen<'a>(source: &Source, document: &'a [Timestamp], new: &'a [Option<Timestamp>]) -> Seen<'a> {
    let undated = !new.is_empty() && new.iter().all(Option::is_none);
    if source.state.pace.is_empty() {
        Seen::First(document)
    } else if undated && source.spec.kind.is_page() {
        Seen::Changed
    } else {
        Seen::New(new)
    }
}

/// Examines a small answer here and a large one on the blocking pool. Gives the answer back without its body, which nobody needs any
/// more: it isn't held while the store is waited for.
pub(in crate::daemon) async fn examine_somewhere(
    mut exchange: Exchange,
    source: Source,
    now: Timestamp,
) -> anyhow::Result<(Examined, Exchange, Source)> {
    let large = exchange.as_ref().is_ok_and(|r| r.body.len() > INLINE_BYTES_MAX);
    let work = move || {
        let examined = examine(&exchange, &source, now);
        if let Ok(response) = &mut exchange {
            response.body = Vec::new();
        }
        (examined, exchange, source)
    };
    Ok(if large { tokio::task::spawn_blocking(work).await? } else { work() })
}

/// Both validators, byte for byte as received (RFC 9110 section 13.1), and what is read.
fn conditional_headers(source: &Source) -> Vec<(String, String)> {
    let accept = match source.spec.kind {
        SourceKind::Feed => {
            "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
        }
        SourceKind::Page(_) | SourceKind::List => "text/html, application/xhtml+xml, */*;q=0.5",
    };
    let mut headers = vec![("accept".to_owned(), accept.to_owned())];
    if let Some(etag) = &source.state.validators.etag {
        headers.push(("if-none-match".to_owned(), etag.clone()));
    }
    if let Some(date) = &source.state.validators.last_modified {
        headers.push(("if-modified-since".to_owned(), date.clone()));
    }
    headers
}

/// The notification of a source that has turned, with those who want it.
fn notices(
    store: &mut dyn Store,
    source: &Source,
    outcome: &PollOutcome,
    (next, pause): (&Next, Option<&DomainPause>),
    now: Timestamp,
) -> Result<Vec<(Notification, Vec<SubscriptionId>)>, StoreError> {
    let Some(kind) = next.turned else { return Ok(Vec::new()) };
    let takers: Vec<SubscriptionId> = store
        .subscriptions()?
        .into_iter()
        .filter(|s| wanted(&s.spec.filter, kind, None, source.spec.lang.as_deref(), Some(&source.spec.publisher)))
        .map(|s| s.id)
        .collect();
    if takers.is_empty() {
        return Ok(Vec::new());
    }
    let pace = next.pace.as_ref().filter(|_| next.health == SourceHealth::Silent);
    let fell_silent = pace.and_then(|pace| silence(pace, now));
    let mut last_outcome = fell_silent.map_or_else(|| outcome_words(outcome), |silence| silence.words());
    if let Some(pause) = pause.filter(|pause| is_long(pause, now)) {
        let is_beside = |other: &&Source| other.id != source.id && domain(&other.spec.url) == pause.domain;
        // They are well and bring nothing, and no poll of theirs will say why.
        let more = store.sources(Listed::Current)?.iter().filter(is_beside).count();
        if more > 0 {
            let (domain, until) = (&pause.domain, pause.until);
            last_outcome =
                format!("{last_outcome}; {domain} is left alone until {until:.0}, with {more} of its other sources");
        }
    }
    let body = payload::source(
        kind,
        now,
        &SourcePayload {
            id: source.id,
            name: &source.spec.name,
            url: &source.spec.url,
            publisher: &source.spec.publisher,
            health: next.health,
            failures: next.failures,
            last_outcome: &last_outcome,
            last_good_at: source.state.last_good_at,
            next_poll_at: next.at,
        },
    );
    // One notice a turn: the moment of the last good poll (or first trouble) tells one failing spell from the next.
    let spell = match kind {
        NotificationType::SourceRecovered => now,
        NotificationType::EventOpened
        | NotificationType::EventUpdated
        | NotificationType::EventMerged
        | NotificationType::SourceFailing
        | NotificationType::SubscriptionDisabled
        | NotificationType::SubscriptionTest
        | NotificationType::Digest => {
            let since = fell_silent.map(|silence| silence.since).or(source.state.last_good_at);
            since.unwrap_or(Timestamp::UNIX_EPOCH)
        }
    };
    let id = notification_id(kind, &[source.spec.url.as_str(), &spell.as_millisecond().to_string()]);
    let notification = Notification {
        id,
        kind,
        topic: None,
        event: None,
        story: None,
        source: Some(source.id),
        created_at: now,
        body,
    };
    Ok(vec![(notification, takers)])
}

fn outcome_words(outcome: &PollOutcome) -> String {
    match outcome {
        PollOutcome::Read { entries } => format!("read {}", counted(*entries, "entry", "entries")),
        PollOutcome::NotModified => "not modified".to_owned(),
        PollOutcome::Failed { kind, detail } => format!("{kind}: {detail}"),
    }
}

/// Says that a source is in trouble, or well again; what it is told as is the notification's matter.
fn turned(id: SourceId, name: &str, kind: NotificationType, health: SourceHealth) {
    let label = health.label();
    if kind == NotificationType::SourceRecovered {
        tracing::info!(source.id = id.0, source.name = name, "source {id} ({name}) is well again");
    } else {
        tracing::warn!(source.id = id.0, source.name = name, "source {id} ({name}) is {label} from now on");
    }
}

/// Says what came of a poll. Of failures in a row the first is said, the second, the fourth, the eighth: whoever fails for
/// a year fills no log.
fn tell(
    parts: &Parts,
    name: &str,
    id: SourceId,
    outcome: PollOutcome,
    (recorded, took, first): (Recorded, Duration, bool),
    failures: u32,
) {
    parts.status.polled(&outcome, took, recorded);
    let new = recorded.new;
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match &outcome {
        // At a source's first poll the observer says it: once is enough.
        PollOutcome::Failed { kind, detail } if !first && failures.is_power_of_two() => {
            let times = if failures == 1 { String::new() } else { format!(" {failures} times in a row") };
            tracing::warn!(
                source.id = id.0,
                source.name = name,
                failures,
                duration_ms,
                "source {id} ({name}) could not be polled{times}: {kind}: {detail}"
            );
        }
        PollOutcome::Failed { .. } | PollOutcome::Read { .. } | PollOutcome::NotModified => {
            tracing::debug!(
                source.id = id.0,
                source.name = name,
                duration_ms,
                new,
                "polled: {}",
                outcome_words(&outcome)
            );
        }
    }
    parts.happened(&Happening::Polled { source: name.to_owned(), outcome, new, took, first });
}
