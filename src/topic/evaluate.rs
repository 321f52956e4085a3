//! Whether a query holds for a story, and by which words.

use super::clause::{Clause, Node};
use super::story::{Part, Place, Sorted, StoryTokens};
use super::term::{Field, Pattern, Slot, Term};
use crate::text::fold;

/// Words of a story by which a term holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Where; `None` for a language or a publisher.
    pub(super) part: Option<Part>,
    pub(super) places: Vec<Place>,
    /// The place of the term in the query.
    pub(super) span: std::ops::Range<usize>,
}

impl Clause {
    /// Whether the clause holds. Recursion is bounded by the parser.
    pub(super) fn holds(&self, story: &StoryTokens<'_>) -> bool {
        match &self.node {
            Node::All => true,
            Node::Nothing => false,
            Node::Term(term) => term.holds(story),
            Node::Without(term) => !term.holds(story),
            Node::And(list) => list.iter().all(|c| c.holds(story)),
            Node::Or(list) => list.iter().any(|c| c.holds(story)),
        }
    }

    /// Collects the words by which a clause that holds does so; of alternatives the first that holds.
    pub(super) fn hits(&self, story: &StoryTokens<'_>, out: &mut Vec<Hit>) {
        match &self.node {
            Node::All | Node::Nothing | Node::Without(_) => {}
            Node::Term(term) => {
                out.extend(term.hit(story).map(|(part, places)| Hit { part, places, span: self.span.clone() }));
            }
            Node::And(list) => list.iter().for_each(|c| c.hits(story, out)),
            Node::Or(list) => {
                if let Some(first) = list.iter().find(|c| c.holds(story)) {
                    first.hits(story, out);
                }
            }
        }
    }
}

impl Term {
    fn parts(&self) -> &'static [Part] {
        match self.field {
            Field::Any => &[Part::Title, Part::Text],
            Field::Title => &[Part::Title],
            Field::Text => &[Part::Text],
            Field::Lang | Field::Publisher => &[],
        }
    }

    fn holds(&self, story: &StoryTokens<'_>) -> bool {
        match &self.pattern {
            Pattern::Phrase(slots) if slots.len() == 1 => slots.iter().all(|slot| self.has(story, slot)),
            Pattern::Langs(_) | Pattern::Publishers(_) | Pattern::Phrase(_) | Pattern::Near(..) => {
                self.hit(story).is_some()
            }
        }
    }

    fn has(&self, story: &StoryTokens<'_>, slot: &Slot) -> bool {
        self.parts().iter().any(|part| story.part(*part).has(slot))
    }

    /// The first words by which the term holds.
    fn hit(&self, story: &StoryTokens<'_>) -> Option<(Option<Part>, Vec<Place>)> {
        match &self.pattern {
            Pattern::Langs(langs) => {
                let lang = story.story.lang?;
                langs.iter().any(|l| l == lang).then(|| (None, Vec::new()))
            }
            Pattern::Publishers(hosts) => {
                let domains = domains(story.story.publisher);
                hosts.iter().any(|h| domains.contains(h)).then(|| (None, Vec::new()))
            }
            Pattern::Phrase(slots) => self.first(story, |text| {
                let in_one = || side_by_side(text, self.in_one.as_slice());
                side_by_side(text, slots).or_else(in_one)
            }),
            Pattern::Near(slots, slop) => self.first(story, |text| near(text, slots, *slop)),
        }
    }

    fn first(
        &self,
        story: &StoryTokens<'_>,
        find: impl Fn(&Sorted<'_>) -> Option<Vec<Place>>,
    ) -> Option<(Option<Part>, Vec<Place>)> {
        self.parts().iter().find_map(|part| find(story.part(*part)).map(|places| (Some(*part), places)))
    }
}

/// The publisher as given and each domain it lies in: press.un.org, un.org, org.
pub(super) fn domains(publisher: &str) -> Vec<String> {
    let folded = fold(publisher);
    let whole = folded.trim();
    let host = whole.strip_prefix("www.").unwrap_or(whole);
    let borders = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    std::iter::once(host).chain(borders).filter(|d| !d.is_empty()).map(str::to_owned).collect()
}

/// The first place where all slots stand at their offsets.
fn side_by_side(text: &Sorted<'_>, slots: &[Slot]) -> Option<Vec<Place>> {
    // The absence of one word ends most searches, so it is asked first.
    if !slots.iter().all(|slot| text.has(slot)) {
        return None;
    }
    let lists: Vec<(u32, Vec<Place>)> = slots.iter().map(|slot| (slot.offset, text.places(slot))).collect();
    let (first_offset, starts) = lists.first()?;
    starts.iter().find_map(|start| {
        // What is written apart in the story and in one in the query puts off what follows.
        let mut put_off = 0;
        let mut next = |offset: u32, places: &[Place]| {
            let place = place_at(places, start.position + (offset - first_offset) + put_off)?;
            put_off += place.last - place.position;
            Some(place)
        };
        lists.iter().map(|(offset, places)| next(*offset, places)).collect::<Option<Vec<_>>>()
    })
}

fn place_at(places: &[Place], position: u32) -> Option<Place> {
    let index = places.partition_point(|p| p.position < position);
    places.get(index).filter(|p| p.position == position).copied()
}

/// The first stretch in which every slot has a word, with at most `slop` other words among them.
///
/// One word may fill two slots. Each place in turn ends a stretch; the latest place of every slot before it gives the
/// shortest stretch that ends there.
fn near(text: &Sorted<'_>, slots: &[Slot], slop: u32) -> Option<Vec<Place>> {
    if !slots.iter().all(|slot| text.has(slot)) {
        return None;
    }
    let mut all: Vec<(Place, usize)> = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        all.extend(text.places(slot).into_iter().map(|place| (place, index)));
    }
    all.sort_unstable();
    let width = u32::try_from(slots.len()).ok()?.checked_add(slop)?;
    let mut latest: Vec<Option<Place>> = vec![None; slots.len()];
    for (place, index) in all {
        if let Some(last) = latest.get_mut(index) {
            *last = Some(place);
        }
        let stretch: Option<Vec<Place>> = latest.iter().copied().collect();
        let is_short = |s: &Vec<Place>| s.iter().all(|p| place.position - p.position < width);
        if let Some(mut stretch) = stretch.filter(is_short) {
            stretch.sort_unstable();
            stretch.dedup();
            return Some(stretch);
        }
    }
    None
}
