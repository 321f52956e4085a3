//! What the decider remembers of a topic's recent past: its events, their stories, and what they are compared by.
//!
//! Derived from the store's decisions by the same steps that made them, so a rebuilt index equals the one that grew.
//! Nothing here is told to anybody or written anywhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::dedup::{
    ClusterId, Codes, Crowd, EventPolicy, Heading, Named, Near, Odds, PackedVector, Profile, ShingleIndex, Sorted,
    Space, Term, Vector, Wording, name_key, names_within,
};
use crate::encode::{self, Centroid, Compact};
use crate::model::{Event, EventId, Hearing, Ruling, Story, StoryId};
use crate::text::{StemCache, Token, Tokens, fold, lead, prose};
use crate::topic::{StoryText, StoryTokens};

use super::audience::Audience;
use super::outlook::Pair;
use super::shown::Kept;

mod grown;
mod heard;
mod labels;
mod latest;
mod repeat;
mod series;
mod tongues;

pub(super) use grown::Grown;
use heard::Heard;
use labels::Labels;
use latest::Latest;
use series::Series;
use tongues::{Told, Tongues};

/// Characters of the text that are compared: what news says, it says at the start.
const LEAD_CHARS: usize = 600;
/// Characters of the text that are searched for copied passages.
const COPY_CHARS: usize = 4_000;
/// Characters of the text that a member keeps: what a payload shows.
const SUMMARY_CHARS: usize = 400;
/// A publisher that tells something under the same title, or in the same few words, again after so long tells of the next one.
const RECURS_AFTER: Duration = Duration::from_hours(12);
/// The same few words of another publisher, so long after, are said of something else.
const COMMON_AFTER: Duration = Duration::from_hours(24);
/// Events that are compared with a story: so many of the nearest by words, by names and by meaning.
const EVENTS_COMPARED: usize = 16;
/// Stories of an event whose identifiers and titles are held against a story's.
const FIRST_COMPARED: usize = 8;
/// Open events whose meaning is held against a story's, those told of last first.
const MEANINGS_COMPARED: usize = 20_000;

/// A story, made comparable.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) story: StoryId,
    pub(super) revision: u32,
    /// What the story shows, its text cut down to what a payload does.
    pub(super) kept: Kept,
    pub(super) seen_at: Timestamp,
    /// When it happened, as far as known: published, else seen.
    pub(super) at: Timestamp,
    /// Until it is a member of an event.
    fresh: Option<Box<Fresh>>,
    wording: Wording,
    /// Its title, where that may be one of a series.
    heading: Option<Box<Heading>>,
    /// What its title and lead name by numbers.
    codes: Codes,
    /// What they name by words.
    named: Named,
    /// What its title and lead mean, where a model said so.
    pub(super) meaning: Option<Compact>,
}

/// What a story is compared by once, so it isn't kept.
#[derive(Debug, Clone)]
struct Fresh {
    profile: Profile,
    shingles: Sorted,
}

impl Account {
    /// Compares a story by its tokens, as they were taken apart for the topics' queries, and by its meaning.
    pub(super) fn of(story: &Story, tokens: &StoryTokens<'_>, meaning: Option<Compact>) -> Self {
        let draft = &story.draft;
        let opening: Vec<&Token> = within(tokens.text(), lead(&draft.text, LEAD_CHARS)).collect();
        let profile = Profile::of((&draft.title, tokens.title().iter()), (&draft.text, opening.iter().copied()));
        let searched = lead(&draft.text, COPY_CHARS).len();
        let body = own_words(&draft.text, tokens.text(), searched);
        let times = (draft.text.len() / searched.max(1)).max(1);
        let (wording, shingles) = Wording::of((&draft.text, tokens.text()), &body, times, tokens.title());
        let names = names_within(&draft.text, &opening);
        Self {
            story: story.id,
            revision: story.revision,
            kept: Kept::of(draft, lead(&draft.text, SUMMARY_CHARS)),
            seen_at: story.seen_at,
            at: draft.published.unwrap_or(story.seen_at),
            fresh: Some(Box::new(Fresh { profile, shingles })),
            heading: Heading::of(&draft.title, tokens.title(), &names).map(Box::new),
            wording,
            codes: Codes::of((&draft.title, tokens.title()), (&draft.text, &opening)),
            named: Named::of((&draft.title, tokens.title()), (&draft.text, &opening)),
            meaning,
        }
    }

    /// Takes a story apart and compares it by that.
    pub(super) fn anew(story: &Story, meaning: Option<Compact>, stems: &mut StemCache) -> Self {
        Self::of(story, &StoryTokens::with(StoryText::from(&story.draft), stems), meaning)
    }

    /// Whether it names other things of a kind by numbers than another story.
    fn names_others(&self, other: &Self) -> bool {
        self.codes.are_of_others(&other.codes, self.kept.publisher() == other.kept.publisher())
    }

    /// By which of two stories is the earlier one: published, then seen.
    fn age(&self) -> (Timestamp, Timestamp, StoryId) {
        (self.at, self.seen_at, self.story)
    }

    fn lang(&self) -> &str {
        self.kept.lang().unwrap_or_default()
    }

    /// Its shingles, to be found.
    fn sorted(&self) -> Cow<'_, Sorted> {
        match &self.fresh {
            Some(fresh) => Cow::Borrowed(&fresh.shingles),
            None => Cow::Owned(self.wording.shingles.sorted()),
        }
    }

    /// Whether two stories under one title, of which neither is a copy of the other, are items of a series: of one publisher, at
    /// other addresses, and on another day by its own dates.
    fn recurs(&self, other: &Self) -> bool {
        let (own, others) = (&self.kept, &other.kept);
        own.publisher() == others.publisher()
            && own.url() != others.url()
            && self.dated_apart(other).is_some_and(|apart| apart >= RECURS_AFTER)
    }

    /// Whether the very same words as another story's prove that it is that: many do. Few (`Daily briefing`, `We are looking into
    /// it`) are said of the next thing too, by the publisher on another day, and by another a day later.
    fn is_proven(&self, same: &Self, policy: &EventPolicy) -> bool {
        let is_publishers = self.kept.publisher() == same.kept.publisher();
        let is_next = || self.dated_apart(same).is_some_and(|apart| apart > COMMON_AFTER);
        self.wording.is_enough(&policy.copy) || !(if is_publishers { self.recurs(same) } else { is_next() })
    }

    /// The time between two stories, by their publishers' own dates.
    fn dated_apart(&self, other: &Self) -> Option<Duration> {
        let (one, two) = self.kept.published.zip(other.kept.published)?;
        Some(one.duration_since(two).unsigned_abs())
    }

    /// What it has in common with the other items of a series that is told under one title; `None` without a title.
    fn series_key(&self) -> Option<u64> {
        let title = fold(self.kept.title());
        (!title.is_empty()).then(|| xxh3_64([self.kept.publisher(), &title].join("\u{1f}").as_bytes()))
    }
}

/// The beginning of the window that ends at a moment.
fn since((at, window): (Timestamp, Duration)) -> Timestamp {
    at.checked_sub(window).unwrap_or(Timestamp::MIN)
}

/// The tokens of a text that stand in its beginning.
fn within<'a>(tokens: &'a Tokens, beginning: &'a str) -> impl Iterator<Item = &'a Token> {
    tokens.iter().take_while(move |token| token.end <= beginning.len())
}

/// The tokens of a text's first `end` bytes that are the story's own words.
fn own_words<'a>(text: &str, tokens: &'a Tokens, end: usize) -> Vec<&'a Token> {
    let parts = prose(text, tokens, end);
    let mut parts = parts.iter().peekable();
    let is_own = |token: &&Token| {
        while parts.next_if(|part| part.end <= token.start).is_some() {}
        parts.peek().is_some_and(|part| part.start <= token.start && token.end <= part.end)
    };
    tokens.iter().take_while(|token| token.end <= end).filter(is_own).collect()
}

/// A story within an event.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) account: Account,
    pub(super) event: EventId,
    pub(super) ruling: Ruling,
    /// Whether subscribers were told of it, as an opening or what came later.
    pub(super) was_told: bool,
    /// What they heard by it.
    pub(super) heard: Heard,
    stems: PackedVector,
    names: PackedVector,
}

/// An event that stories may still join.
#[derive(Debug, Clone)]
pub(super) struct OpenEvent {
    pub(super) id: EventId,
    pub(super) title: String,
    pub(super) opened_at: Timestamp,
    pub(super) changed_at: Timestamp,
    /// When it was told, if it was: of those that went into it, the last.
    pub(super) told_at: Option<Timestamp>,
    pub(super) members: Vec<StoryId>,
    /// In the order in which they came.
    pub(super) publishers: Vec<Box<str>>,
    by_lang: Told,
    names: Option<ClusterId>,
    meaning: Centroid,
    /// From its earliest to its latest story, copies left out.
    span: Option<(Timestamp, Timestamp)>,
    /// Stories that are not copies.
    tellings: usize,
    pub(super) audience: Audience,
}

impl OpenEvent {
    pub(super) fn was_told(&self) -> bool {
        self.told_at.is_some()
    }

    fn new(
        id: EventId,
        title: String,
        (opened_at, changed_at): (Timestamp, Timestamp),
        told_at: Option<Timestamp>,
    ) -> Self {
        Self {
            id,
            title,
            opened_at,
            changed_at,
            told_at,
            members: Vec::new(),
            publishers: Vec::new(),
            by_lang: Told::default(),
            names: None,
            meaning: Centroid::default(),
            span: None,
            tellings: 0,
            audience: Audience::default(),
        }
    }

    /// Whether a publisher has told of it.
    pub(super) fn is_carried_by(&self, publisher: &str) -> bool {
        self.publishers.iter().any(|one| **one == *publisher)
    }

    fn carried_by(&mut self, publisher: &str) {
        if !self.is_carried_by(publisher) {
            // Most have one, and room for four would be kept.
            self.publishers.reserve_exact(usize::from(self.publishers.len() < 4));
            self.publishers.push(publisher.into());
        }
    }

    /// How far a moment lies from its stories; nothing among them.
    fn apart(&self, at: Timestamp) -> Option<Duration> {
        let (first, last) = self.span?;
        Some(at.duration_since(at.clamp(first, last)).unsigned_abs())
    }
}

/// How a story compares with an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    pub(super) event: EventId,
    pub(super) score: f64,
    pub(super) threshold: f64,
    pub(super) apart: Duration,
    pub(super) odds: Odds,
    pub(super) sides: Sides,
    /// Whether more was asked for, as neither names what the other's title does.
    pub(super) is_of_others: bool,
}

/// What the score is made of, each a cosine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sides {
    /// Of words, where the event was told in the story's language.
    pub(super) words: Option<f64>,
    /// Of names and numbers, where it was not.
    pub(super) names: Option<f64>,
    /// Of meaning, where a model gave both theirs.
    pub(super) meaning: Option<f64>,
}

/// The recent past of one topic.
#[derive(Debug, Clone, Default)]
pub struct Index {
    // Boxed: a tree's nodes are half empty, and these are large.
    events: BTreeMap<EventId, Box<OpenEvent>>,
    stories: BTreeMap<StoryId, Box<Member>>,
    /// A cluster an event and language.
    words: Space,
    /// A cluster an event.
    names: Space,
    shingles: ShingleIndex,
    series: Series,
    fingerprints: BTreeSet<(u64, StoryId)>,
    /// By title and publisher.
    titles: BTreeSet<(u64, StoryId)>,
    labels: Labels,
    latest: Latest,
    tongues: Tongues,
}

impl Index {
    /// Of a topic whose stories are chosen by these words, each with the hash of a stem of it.
    pub(super) fn asking(words: &[(&str, u64)]) -> Self {
        let stems = words.iter().map(|(_, stem)| *stem);
        let names = words.iter().filter_map(|(form, _)| name_key(form));
        Self { words: Space::expecting(stems), names: Space::expecting(names), ..Self::default() }
    }

    /// Events that stories may still join.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Stories that are remembered.
    pub fn stories(&self) -> usize {
        self.stories.len()
    }

    pub(super) fn event(&self, id: EventId) -> Option<&OpenEvent> {
        self.events.get(&id).map(Box::as_ref)
    }

    pub(super) fn event_mut(&mut self, id: EventId) -> Option<&mut OpenEvent> {
        self.events.get_mut(&id).map(Box::as_mut)
    }

    /// Takes up who hears of which event, in the place of what was known of it.
    pub(super) fn hear(&mut self, hearings: &BTreeMap<EventId, Vec<Hearing>>) {
        for (id, event) in &mut self.events {
            event.audience.clear();
            hearings.get(id).into_iter().flatten().for_each(|hearing| event.audience.restore(hearing));
        }
    }

    pub(super) fn member(&self, story: StoryId) -> Option<&Member> {
        self.stories.get(&story).map(Box::as_ref)
    }

    /// The earliest story with the very same words, if there is one, those left out whose few words prove nothing.
    pub(super) fn same_words(&self, account: &Account, policy: &EventPolicy) -> Option<&Member> {
        let same = self.of_same_words(account).filter(|member| account.is_proven(&member.account, policy));
        same.min_by_key(|m| (m.account.at, m.account.story))
    }

    /// Events of the other items of a series that is told under the same title each time.
    pub(super) fn recurring(&self, account: &Account) -> BTreeSet<EventId> {
        let Some(key) = account.series_key() else { return BTreeSet::new() };
        let others = self.titles.range((key, StoryId(i64::MIN))..=(key, StoryId(i64::MAX)));
        let others = others.filter(|(_, id)| *id != account.story).filter_map(|(_, id)| self.member(*id));
        others.filter(|member| account.recurs(&member.account)).map(|member| member.event).collect()
    }

    fn of_same_words(&self, account: &Account) -> impl Iterator<Item = &Member> {
        let same = account.kept.fingerprint;
        let filed = self.fingerprints.range((same, StoryId(i64::MIN))..=(same, StoryId(i64::MAX)));
        filed.filter(move |(_, id)| *id != account.story).filter_map(|(_, id)| self.member(*id))
    }

    /// The event that a story is most alike to, among those near enough in time; best by score over threshold.
    /// `others` are left out.
    pub(super) fn most_alike(
        &mut self,
        account: &Account,
        others: &BTreeSet<EventId>,
        policy: &EventPolicy,
    ) -> Option<Likeness> {
        let profile = account.fresh.as_ref().map(|fresh| self.own_profile(&account.kept, &fresh.profile));
        let words = profile.as_ref().map_or_else(Vector::default, |profile| self.words.vector(&profile.stems));
        let names = profile.as_ref().map_or_else(Vector::default, |profile| self.names.vector(&profile.names));
        let meaning = account.meaning.as_ref().and_then(Compact::vector);
        let moment = (account.at, policy.window);
        let mut candidates = self.nearest(account, (&words, &names), moment);
        let crowd = self.latest.crowd(since(moment));
        let novelty = crowd.novelty();
        if let Some(meaning) = &meaning {
            candidates.extend(self.meaning_nearest(meaning, moment));
        }
        candidates
            .difference(others)
            .filter(|id| !self.is_of_other_codes(account, **id) && !self.is_of_other_titles(account, **id))
            .filter_map(|id| self.likeness(account, *id, (&words, &names, meaning.as_ref()), (crowd, novelty), policy))
            .max_by(|a, b| (a.score / a.threshold).total_cmp(&(b.score / b.threshold)).then(b.event.cmp(&a.event)))
    }

    /// Whether a story names other things of a kind by numbers than an event does: another advisory, another version. The event's
    /// first stories say for it.
    fn is_of_other_codes(&self, account: &Account, id: EventId) -> bool {
        if account.codes.is_empty() {
            return false;
        }
        let members = self.events.get(&id).into_iter().flat_map(|event| event.members.iter().take(FIRST_COMPARED));
        let mut is_of_other = false;
        for member in members.filter_map(|story| self.member(*story)) {
            if account.codes.share(&member.account.codes) {
                return false;
            }
            is_of_other = is_of_other || account.names_others(&member.account);
        }
        is_of_other
    }

    /// What a story is compared by, without the labels of its title.
    fn own_profile<'a>(&self, kept: &Kept, profile: &'a Profile) -> Cow<'a, Profile> {
        let own = self.labels.own_part(kept);
        if own == (0..kept.title().len()) {
            return Cow::Borrowed(profile);
        }
        let tokens = Tokens::of(kept.title(), kept.lang());
        let is_labels = |token: &&Token| token.end <= own.start || token.start >= own.end;
        Cow::Owned(profile.without(kept.title(), tokens.iter().filter(is_labels)))
    }

    /// The events nearest by words, of those told in the story's language, and by names, of the others.
    fn nearest(
        &mut self,
        account: &Account,
        (words, names): (&Vector, &Vector),
        moment: (Timestamp, Duration),
    ) -> BTreeSet<EventId> {
        let lang = account.lang();
        let events = &self.events;
        let tells = |owner: i64| events.get(&EventId(owner)).map(|event| event.by_lang.is_in(lang));
        let event = |near: Near| EventId(near.owner);
        let by_words = self.words.nearest(words, moment, EVENTS_COMPARED, |owner| tells(owner) == Some(true));
        let by_names = if self.tongues.are_all(lang) {
            Vec::new()
        } else {
            self.names.nearest(names, moment, EVENTS_COMPARED, |owner| tells(owner) == Some(false))
        };
        by_words.into_iter().chain(by_names).map(event).collect()
    }

    /// The open events that mean what is nearest to a story.
    fn meaning_nearest(&self, meaning: &encode::Vector, moment: (Timestamp, Duration)) -> Vec<EventId> {
        let events = self.told_since(moment).take(MEANINGS_COMPARED).filter_map(|id| self.events.get(&id));
        let mut near: Vec<(f64, EventId)> =
            events.filter_map(|event| Some((event.meaning.cosine(meaning)?, event.id))).collect();
        let nearest_first = |a: &(f64, EventId), b: &(f64, EventId)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if near.len() > EVENTS_COMPARED {
            near.select_nth_unstable_by(EVENTS_COMPARED, nearest_first);
            near.truncate(EVENTS_COMPARED);
        }
        near.into_iter().map(|(_, event)| event).collect()
    }

    /// Events whose latest story is not older than the window before a moment, latest first.
    fn told_since(&self, moment: (Timestamp, Duration)) -> impl Iterator<Item = EventId> {
        self.latest.since(since(moment))
    }

    /// How many events are open at a moment, with how many stories.
    pub(super) fn open_at(&self, moment: (Timestamp, Duration)) -> Crowd {
        self.latest.crowd_anew(since(moment))
    }

    /// How alike stories are that lie further apart than `apart`: all pairs of the latest `most`, copies left out.
    pub(super) fn pairs_apart(&self, apart: Duration, most: usize) -> Vec<Pair> {
        let originals = self.stories.values().map(Box::as_ref).rev().filter(|m| m.ruling.copy_of().is_none());
        let members: Vec<(&Member, Vector)> =
            originals.take(most).map(|member| (member, member.stems.vector())).collect();
        let pair = |(one, stems): &(&Member, Vector), (other, others): &(&Member, Vector)| {
            let (a, b) = (&one.account, &other.account);
            let meaning = a.meaning.as_ref().zip(b.meaning.as_ref()).map(|(a, b)| f64::from(a.cosine(b)));
            let words = (a.kept.lang() == b.kept.lang()).then(|| stems.cosine(others));
            Pair { words, meaning }
        };
        let far = |one: &Member, other: &Member| {
            one.account.at.duration_since(other.account.at).unsigned_abs() > apart && one.event != other.event
        };
        let after = |at: usize| members.iter().skip(at + 1);
        let pairs = members.iter().enumerate().flat_map(|(at, one)| after(at).map(move |other| (one, other)));
        pairs.filter(|((one, _), (other, _))| far(one, other)).map(|(one, other)| pair(one, other)).collect()
    }

    /// How a story compares with one event; nothing where the two have too little to be compared by.
    fn likeness(
        &self,
        account: &Account,
        id: EventId,
        (words, names, meaning): (&Vector, &Vector, Option<&encode::Vector>),
        (crowd, novelty): (Crowd, f64),
        policy: &EventPolicy,
    ) -> Option<Likeness> {
        let event = self.events.get(&id)?;
        let apart = event.apart(account.at).filter(|apart| *apart <= policy.window)?;
        let odds = Odds { crowd, novelty, stories: event.tellings };
        let meaning = meaning.and_then(|meaning| event.meaning.cosine(meaning));
        let words = event.by_lang.get(account.lang()).map(|cluster| self.words.cosine(words, cluster));
        let all_names = event.names.filter(|_| words.is_none());
        let of_names = all_names.map(|cluster| self.names.cosine(names, cluster));
        let (score, threshold) = match (words, meaning) {
            (Some(words), Some(meaning)) => {
                (policy.together(words, meaning), policy.threshold(policy.by_meaning, odds, apart))
            }
            (Some(words), None) => (words, policy.threshold(policy.by_words, odds, apart)),
            (None, Some(meaning)) => {
                let names = of_names.unwrap_or(0.0) * policy.names_weight;
                ((meaning + names) / (1.0 + policy.names_weight), policy.threshold(policy.by_meaning, odds, apart))
            }
            (None, None) if all_names.is_some_and(|cluster| self.are_named_alike(names, cluster)) => {
                (of_names?, policy.threshold(policy.by_names, odds, apart))
            }
            (None, None) => return None,
        };
        let is_of_others = words.is_some() && score >= threshold && self.is_of_others(account, event, policy);
        let threshold = if is_of_others { policy.of_others(threshold) } else { threshold };
        let sides = Sides { words, names: of_names, meaning };
        Some(Likeness { event: id, score, threshold, apart, odds, sides, is_of_others })
    }

    /// Whether neither a story nor any of an event's first and latest in its language names what the other's title does.
    fn is_of_others(&self, account: &Account, event: &OpenEvent, policy: &EventPolicy) -> bool {
        if policy.of_others <= 1.0 {
            return false;
        }
        let all = event.members.iter();
        let latest = event.members.iter().skip(FIRST_COMPARED).rev().take(FIRST_COMPARED);
        let members = all.take(FIRST_COMPARED).chain(latest).filter_map(|story| self.member(*story));
        let mut members = members.filter(|member| member.account.lang() == account.lang()).peekable();
        members.peek().is_some() && members.all(|member| account.named.is_of_others(&member.account.named))
    }

    /// Whether what a story shares with an event across languages is more than a coincidence: a name and another or a number, or two
    /// numbers that few texts have, as the votes of 79 and 60. Any two texts may have a three and a twelve.
    fn are_named_alike(&self, names: &Vector, cluster: ClusterId) -> bool {
        let (mut shared, mut shared_names, mut shared_numbers) = (0, 0, 0);
        for term in self.names.shared(names, cluster).map(Term::by) {
            shared += 1;
            match term {
                Term::Name => shared_names += 1,
                Term::Number => shared_numbers += 1,
                Term::Common => {}
            }
        }
        shared_numbers >= 2 || (shared_names >= 1 && shared >= 2)
    }

    /// Opens an event with its first story.
    pub(super) fn open(&mut self, id: EventId, account: Account, at: Timestamp) {
        self.events.insert(id, Box::new(OpenEvent::new(id, account.kept.title().to_owned(), (at, at), None)));
        self.join(id, account, Ruling::Opened, at);
    }

    /// Adds a story to an event; a later revision takes the place of the former.
    pub(super) fn join(&mut self, id: EventId, mut account: Account, ruling: Ruling, at: Timestamp) {
        let (was_told, heard) =
            self.stories.get_mut(&account.story).map(|member| member.before_edition()).unwrap_or_default();
        let was_in = self.forget(account.story);
        let profile = account.fresh.take().map(|fresh| fresh.profile).unwrap_or_default();
        let Profile { stems, names } = self.own_profile(&account.kept, &profile).into_owned();
        let Some(event) = self.events.get_mut(&id) else { return };
        let (stems, names) = (self.words.counted(&stems), self.names.counted(&names));
        event.changed_at = event.changed_at.max(at);
        event.carried_by(account.kept.publisher());
        if was_in != Some(id) {
            event.members.push(account.story);
        }
        // A copy says nothing new of the event: counting its words again would bend the sum towards one account.
        if ruling.copy_of().is_none() {
            let lang = account.lang();
            self.tongues.more(&event.by_lang, lang);
            let words = event.by_lang.or_open(lang, || self.words.open(id.0));
            self.words.add(words, &stems, account.at);
            let all = *event.names.get_or_insert_with(|| self.names.open(id.0));
            self.names.add(all, &names, account.at);
            if let Some(meaning) = &account.meaning {
                event.meaning.add(meaning);
            }
            event.tellings += 1;
            let (first, last) = event.span.unwrap_or((account.at, account.at));
            self.latest.take(id, last);
            let span = (first.min(account.at), last.max(account.at));
            event.span = Some(span);
            self.latest.put(id, span.1, event.tellings);
        }
        self.shingles.insert(account.story.0, &account.wording.shingles);
        self.series.put(&account);
        self.fingerprints.insert((account.kept.fingerprint, account.story));
        self.labels.put(&account.kept);
        self.titles.extend(account.series_key().map(|key| (key, account.story)));
        let (stems, names) = (PackedVector::from(&stems), PackedVector::from(&names));
        self.stories
            .insert(account.story, Box::new(Member { account, event: id, ruling, was_told, heard, stems, names }));
    }

    /// Gives an event the title that its publisher has corrected: that of the story which gave it one. Gives it back where it is
    /// another.
    pub(super) fn retitle(&mut self, id: EventId, before: Option<&str>, account: &Account) -> Option<String> {
        let event = self.events.get_mut(&id)?;
        let title = account.kept.title();
        let gave_it = event.members.first() == Some(&account.story) && before == Some(event.title.as_str());
        (gave_it && title != event.title).then(|| {
            title.clone_into(&mut event.title);
            title.to_owned()
        })
    }

    /// Takes a story's words out, its place in the event's list aside; says where it was.
    fn forget(&mut self, story: StoryId) -> Option<EventId> {
        let member = self.stories.remove(&story)?;
        if let Some(event) = self.events.get_mut(&member.event)
            && member.ruling.copy_of().is_none()
        {
            if let Some(meaning) = &member.account.meaning {
                event.meaning.remove(meaning);
            }
            event.tellings = event.tellings.saturating_sub(1);
            if let Some((_, last)) = event.span {
                self.latest.put(event.id, last, event.tellings);
            }
            if let Some(cluster) = event.by_lang.get(member.account.lang()) {
                self.words.remove(cluster, &member.stems.vector());
            }
            if let Some(cluster) = event.names {
                self.names.remove(cluster, &member.names.vector());
            }
        }
        self.shingles.remove(story.0, &member.account.wording.shingles);
        self.series.take(&member.account);
        self.fingerprints.remove(&(member.account.kept.fingerprint, story));
        self.labels.take(&member.account.kept);
        if let Some(key) = member.account.series_key() {
            self.titles.remove(&(key, story));
        }
        Some(member.event)
    }

    /// Forgets events whose last story was decided before `before`, with their stories.
    pub(super) fn evict(&mut self, before: Timestamp) {
        let old: Vec<EventId> = self.events.values().filter(|e| e.changed_at < before).map(|e| e.id).collect();
        for id in old {
            let Some(event) = self.events.remove(&id) else { continue };
            if let Some((_, last)) = event.span {
                self.latest.take(id, last);
            }
            self.tongues.gone(&event.by_lang);
            for (_, cluster) in event.by_lang.iter() {
                self.words.dissolve(cluster);
            }
            if let Some(cluster) = event.names {
                self.names.dissolve(cluster);
            }
            for story in event.members {
                self.forget(story);
            }
        }
    }

    /// Takes up an event as stored, before its stories are joined again.
    pub(super) fn restore(&mut self, event: &Event) {
        let open = OpenEvent::new(event.id, event.title.clone(), (event.opened_at, event.changed_at), event.told_at);
        self.events.insert(event.id, Box::new(open));
    }
}
