//! Stories that have text of another's: which of them is the original, and which only look alike.

use std::collections::BTreeSet;

use crate::dedup::{Came, Compared, Comparison, EventPolicy, Likeness};
use crate::model::{EventId, StoryId};
use crate::text::Tokens;

use super::{Account, Index, Member};

/// Texts that share passages with a story and are compared with it.
const COMPARED: usize = 16;
/// Of two texts whose facts are others, the shorter shares that much with the longer where one template made both: what is
/// filled in differs, so it is less than of a copy.
const OF_TEMPLATE: f64 = 0.35;

/// What stands under every item of a publisher's has so many shingles at most: a longer text is a story of its own, whatever its title.
const NOTES_MAX: usize = 200;

/// A story that has text of another's.
#[derive(Debug, Clone, Copy)]
pub(in crate::ingest) struct Repeat<'a> {
    /// The story that it was compared with.
    pub(in crate::ingest) member: &'a Member,
    /// The original: that story, or what it is a copy of itself.
    pub(in crate::ingest) original: &'a Member,
    comparison: Comparison,
    /// Whether the story that came now was published before it.
    is_late: bool,
    /// What speaks against a copy, where the two seem one.
    against: Option<Against>,
    /// How much of the longer text both share, where the shorter is but a cut of it; else 1.
    whole: f64,
}

/// Why a story is no copy of another though it has its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    /// They have nothing in common but what stands under both: a publisher's word about itself, a signature, the background of a
    /// matter. Neither's beginning stands in the other, and their titles share no word.
    Below,
    /// One publisher's, at two addresses, under titles that share no word: the text is what stands under each of its items, the notes of
    /// a show or a channel's description. One story under two such titles is told twice, where else all shows but the first were lost.
    Titles,
    /// Their titles are of one series, for other days or names.
    Series,
    /// They name other things of a kind by numbers.
    Codes,
}

/// The stories that have text of one.
#[derive(Debug)]
pub(in crate::ingest) struct Repeats<'a>(Vec<Repeat<'a>>);

impl Index {
    /// The stories that have text of this one, if it is long enough to be compared. What is compared is the beginning of
    /// each text without its furniture.
    pub(in crate::ingest) fn repeats(&self, account: &Account, policy: &EventPolicy) -> Repeats<'_> {
        let policy = &policy.copy;
        if !account.wording.is_enough(policy) {
            return Repeats(Vec::new());
        }
        let sorted = account.sorted();
        let candidates = self.shingles.candidates(&sorted, COMPARED).into_iter();
        let members = candidates.filter(|id| *id != account.story.0).filter_map(|id| self.member(StoryId(id)));
        let compared = members.map(|member| {
            let is_late = account.age() < member.account.age();
            let came = if is_late { Came::Before } else { Came::After };
            let comparison = account.wording.compare(&sorted, came, &member.account.wording, policy);
            // Asked of all that are compared it is nearly all that the search for copies takes.
            let is_copy = comparison.likeness == Likeness::Copy;
            let against = if is_copy { against(account, &member.account, &comparison) } else { None };
            let of_long = comparison.overlap.of_long();
            let whole = if of_long < policy.of_long { of_long } else { 1.0 };
            Repeat { member, original: self.original(member), comparison, is_late, against, whole }
        });
        let compared = compared.filter(|repeat| repeat.comparison.overlap.shared * 2 >= policy.shingles_min);
        let mut compared: Vec<Repeat<'_>> = compared.collect();
        if compared.iter().any(|repeat| repeat.against == Some(Against::Titles)) {
            // Now that its text is known to stand under any title, a word in common is a chance.
            let seem_copies = compared.iter_mut().filter(|repeat| repeat.is_copy());
            let may_be_notes =
                |repeat: &&mut Repeat<'_>| may_be_notes(account, &repeat.member.account, &repeat.comparison);
            for repeat in seem_copies.filter(may_be_notes) {
                let (own, theirs) = (telling(account), telling(&repeat.member.account));
                let is_chance = own.intersection(&theirs).count() * 2 < own.len().min(theirs.len());
                repeat.against = is_chance.then_some(Against::Titles);
            }
        }
        Repeats(compared)
    }

    /// Of what a story is a copy, as far as that is earlier; else the story itself.
    fn original<'a>(&'a self, member: &'a Member) -> &'a Member {
        let of = |member: &Member| {
            let original = self.member(member.ruling.copy_of()?)?;
            (original.account.age() < member.account.age()).then_some(original)
        };
        std::iter::successors(Some(member), |member| of(member)).last().unwrap_or(member)
    }
}

/// What speaks against a copy of two stories that seem one.
fn against(account: &Account, other: &Account, comparison: &Comparison) -> Option<Against> {
    let is_publishers = account.kept.publisher() == other.kept.publisher();
    let headings = account.heading.as_deref().zip(other.heading.as_deref());
    if account.names_others(other) {
        return Some(Against::Codes);
    }
    let is_headless = !comparison.overlap.holds_a_head();
    // A client may put a title of its own above the text.
    let may_tell = is_publishers || is_headless || comparison.filled.is_otherwise();
    if may_tell && headings.is_some_and(|(own, theirs)| own.tells_another(theirs, is_publishers)) {
        return Some(Against::Series);
    }
    if !is_headless && !may_be_notes(account, other, comparison) {
        return None;
    }
    let (one, two) = (telling(account), telling(other));
    if !one.is_disjoint(&two) {
        return None;
    }
    if is_headless {
        return Some(Against::Below);
    }
    // A story without a title may be any.
    (!one.is_empty() && !two.is_empty()).then_some(Against::Titles)
}

/// Whether two stories are one publisher's, at two addresses, and what both have is short enough to stand under others too.
fn may_be_notes(account: &Account, other: &Account, comparison: &Comparison) -> bool {
    let (own, theirs) = (&account.kept, &other.kept);
    own.publisher() == theirs.publisher() && own.url() != theirs.url() && comparison.overlap.short <= NOTES_MAX
}

/// What the words of a story's title say, by their stems.
fn telling(account: &Account) -> BTreeSet<u64> {
    let tokens = Tokens::of(account.kept.title(), account.kept.lang());
    tokens.iter().filter(|token| !token.is_stop).map(|token| token.stem).collect()
}

impl<'a> Repeats<'a> {
    /// The earliest story that it is a copy of. Of several that it is only a cut of, the one that it is most of: a round-up that came
    /// first may begin with the same words as the text that it was cut from.
    pub(in crate::ingest) fn copy(&self) -> Option<&Repeat<'a>> {
        let templates = self.0.iter().filter(|repeat| repeat.comparison.likeness == Likeness::Template);
        let template = templates.map(Repeat::share).fold(0.0, f64::max);
        // A cut of a report may hold no number, so that the next report by the same template seems a copy of the cut.
        let is_copy = |repeat: &&Repeat<'_>| {
            repeat.is_copy() && (repeat.comparison.filled.alike() > 0 || repeat.share() > template)
        };
        self.0.iter().filter(is_copy).min_by(|a, b| {
            b.whole.total_cmp(&a.whole).then_with(|| a.member.account.age().cmp(&b.member.account.age()))
        })
    }

    /// The story that shares most with it.
    pub(in crate::ingest) fn nearest(&self) -> Option<&Repeat<'a>> {
        self.0
            .iter()
            .max_by(|a, b| a.share().total_cmp(&b.share()).then(b.member.account.story.cmp(&a.member.account.story)))
    }

    /// Events of stories that one template made with this one, of other things, or that have nothing in common with it but what
    /// stands under both: it tells of none of them.
    pub(in crate::ingest) fn of_others(&self) -> BTreeSet<EventId> {
        let is_other = |repeat: &&Repeat<'_>| {
            let is_template = repeat.share() >= OF_TEMPLATE && repeat.comparison.filled.is_of_another();
            // What titles of one series, or identifiers, say of an event all of its stories say together.
            let is_asked_of_all = matches!(repeat.against, Some(Against::Series | Against::Codes));
            is_template || (repeat.against.is_some() && !is_asked_of_all)
        };
        self.0.iter().filter(is_other).map(|repeat| repeat.member.event).collect()
    }
}

impl Against {
    fn text(self) -> &'static str {
        match self {
            Self::Below => "beginnings and titles have nothing in common, only what stands below them",
            Self::Titles => "it is what the publisher puts under titles that have nothing in common",
            Self::Series => "the title is that story's for another day or name",
            Self::Codes => "the two name other things by number",
        }
    }
}

impl Repeat<'_> {
    fn is_copy(&self) -> bool {
        self.comparison.likeness == Likeness::Copy && self.against.is_none()
    }

    /// Share of the shorter text that stands in the longer.
    pub(in crate::ingest) fn share(&self) -> f64 {
        self.comparison.overlap.of_short()
    }

    /// What was found, in words.
    pub(in crate::ingest) fn text(&self) -> String {
        let Comparison { likeness, overlap, filled } = self.comparison;
        let (compared, original) = (self.member.account.story, self.original.account.story);
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let (short, long) = (percent(overlap.of_short()), percent(overlap.of_long()));
        let share = format!("they share {short} of the shorter text, {long} of the longer, furniture left out");
        if let Some(against) = self.against {
            return format!("no copy, as {}: {share}", against.text());
        }
        match likeness {
            Likeness::Copy if self.is_late => {
                format!(
                    "the text of that story, which came first but was published later: this is the original; {share}"
                )
            }
            Likeness::Copy if original != compared => {
                format!("the text of story {compared}, which is a copy of story {original}: {share}")
            }
            Likeness::Copy => format!("the text of that story: {share}"),
            Likeness::Template => {
                let of = |kind: Compared| format!("{} of {}", kind.otherwise, kind.otherwise + kind.alike);
                let (numbers, names) = (of(filled.numbers), of(filled.names));
                format!(
                    "no copy, as the words are that story's but the facts are not ({numbers} numbers and {names} names differ): {share}"
                )
            }
            Likeness::Within => format!("no copy, as one of the two stands in the other among other things: {share}"),
            Likeness::Little => format!("too little of that story for a copy: {share}"),
        }
    }

    /// The numbers that a reason gives.
    pub(in crate::ingest) fn numbers(&self, policy: &EventPolicy) -> Vec<(&'static str, f64)> {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let Comparison { overlap, filled, .. } = self.comparison;
        let mut numbers = vec![
            ("containment", overlap.of_short()),
            ("threshold", policy.copy.contained),
            ("of_longer", overlap.of_long()),
            ("shared", count(overlap.shared)),
        ];
        for (alike, otherwise, compared) in
            [("numbers_alike", "numbers_otherwise", filled.numbers), ("names_alike", "names_otherwise", filled.names)]
        {
            if compared.otherwise > 0 {
                numbers.extend([(alike, count(compared.alike)), (otherwise, count(compared.otherwise))]);
            }
        }
        numbers
    }
}
