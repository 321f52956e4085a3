//! What was mended in a document: each kind once, where it was first met, and how often.

use super::lexer::Fault;
use crate::model::Problem;

/// Kinds that are named; more than a reader of them wants to know at once.
const KINDS_MAX: usize = 20;

/// One kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    JunkBefore,
    /// A token that is not well-formed.
    Markup(Fault),
    OpenItem,
    OpenField,
    StrayEndTag,
    TooDeep,
    TooManyElements,
    TooManyEntries,
    BareAmpersand,
    UnknownEntity,
    BadReference,
    ControlCharacter,
    LongField,
    UnreadableDate,
    UnreadableItem,
    UnusableLink,
    CutEntry,
    Truncated,
    NoRoot,
}

impl Damage {
    /// The fixed word, and what it means in a sentence's fragment.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::JunkBefore => ("junk-before", "text before the feed was skipped"),
            Self::Markup(Fault::StrayMark) => ("stray-mark", "a \"<\" that begins no tag was read as text"),
            Self::Markup(Fault::OpenTag) => ("open-tag", "a tag without its \">\" was closed"),
            Self::Markup(Fault::OpenValue) => {
                ("open-value", "an attribute's value without its closing quote was closed")
            }
            Self::Markup(Fault::OpenSection) => ("open-cdata", "a CDATA section without its \"]]>\" was closed"),
            Self::Markup(Fault::OpenComment) => ("open-comment", "a comment without its \"-->\" was passed over"),
            Self::Markup(Fault::ManyAttributes) => {
                ("many-attributes", "more than 64 attributes in one tag: the rest was left out")
            }
            Self::OpenItem => ("open-item", "an item without its end tag was closed where the next began"),
            Self::OpenField => ("open-element", "an element without its end tag was closed"),
            Self::StrayEndTag => ("stray-end-tag", "an end tag without its start tag was passed over"),
            Self::TooDeep => ("too-deep", "more than 200 elements are open at once: what lies deeper was left out"),
            Self::TooManyElements => ("too-many-elements", "more elements than are kept: the rest was left out"),
            Self::TooManyEntries => ("too-many-entries", "more than 2,000 entries: the newest were kept"),
            Self::BareAmpersand => ("bare-ampersand", "an \"&\" that begins no reference was read as text"),
            Self::UnknownEntity => ("unknown-entity", "a reference to an unknown entity was read as text"),
            Self::BadReference => ("bad-reference", "a reference to a number that is no character was dropped"),
            Self::ControlCharacter => ("control-character", "a control character was dropped"),
            Self::LongField => ("long-field", "a field of more than 200 kB was cut"),
            Self::UnreadableDate => ("unreadable-date", "a date could not be read"),
            Self::UnreadableItem => ("unreadable-item", "an item that is no JSON was left out"),
            Self::UnusableLink => ("unusable-link", "a link is no web address"),
            Self::CutEntry => ("cut-entry", "the last entry is cut off before it has a title and a link: left out"),
            Self::Truncated => ("truncated", "the document ends before its feed does"),
            Self::NoRoot => ("no-root", "entries without a feed around them were read"),
        }
    }
}

/// The list of what was mended, in the order it was met.
#[derive(Debug, Default)]
pub(super) struct Mended {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    damage: Damage,
    first: usize,
    times: usize,
    example: Option<String>,
}

impl Mended {
    /// Notes one more of `damage`, at `offset` bytes.
    pub(super) fn note(&mut self, damage: Damage, offset: usize) {
        self.push(damage, offset, None);
    }

    /// As [`Mended::note`], with the words that could not be understood; the first are kept.
    pub(super) fn note_words(&mut self, damage: Damage, offset: usize, words: &str) {
        self.push(damage, offset, Some(words));
    }

    fn push(&mut self, damage: Damage, offset: usize, words: Option<&str>) {
        if let Some(known) = self.found.iter_mut().find(|known| known.damage == damage) {
            known.times = known.times.saturating_add(1);
            return;
        }
        if self.found.len() < KINDS_MAX {
            let example = words.map(|words| words.trim().chars().take(60).collect());
            self.found.push(Found { damage, first: offset, times: 1, example });
        }
    }

    /// The problems, with `shift` bytes added to their places.
    pub(super) fn problems(&self, shift: usize) -> Vec<Problem> {
        self.found.iter().map(|found| found.problem(shift)).collect()
    }
}

impl Found {
    fn problem(&self, shift: usize) -> Problem {
        let (kind, words) = self.damage.words();
        let example = self.example.as_ref().map(|example| format!(": {example:?}")).unwrap_or_default();
        let times = if self.times > 1 { format!(" ({} times, first here)", self.times) } else { String::new() };
        Problem { kind, detail: format!("{words}{example}{times}"), offset: Some(self.first + shift), fatal: false }
    }
}
