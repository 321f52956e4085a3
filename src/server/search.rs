//! Search over what is stored, in the language of topics: one reading of it for the pages, the API and the command line.

use std::ops::{ControlFlow, RangeInclusive};

use jiff::Timestamp;

use crate::daemon::Keeper;
use crate::model::{Event, Story, StoryId, TopicKey};
use crate::port::{Store, StoreError, StoryFilter};
use crate::topic::{Query, QueryError, StoryText, StoryTokens};

/// Characters of a search at most.
pub(crate) const SEARCH_CHARS_MAX: usize = 500;
/// Stories looked at in one go at first, and at most.
const LOOK: RangeInclusive<usize> = 16..=100;
/// Characters looked at in one go, about: some milliseconds of the thread that all readers share.
const LOOK_CHARS: usize = 60_000;
/// Stories and characters looked at at most: a search for what is rare ends there, and goes on from where it stood when asked to.
const LOOKED_MAX: usize = 3_000;
const LOOKED_CHARS_MAX: usize = 15_000_000;

/// What is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// What a story must say.
    pub(crate) query: Query,
    /// Of which topic's events it must be.
    pub(crate) topic: Option<TopicKey>,
    /// In which language.
    pub(crate) lang: Option<String>,
    /// Whose.
    pub(crate) publisher: Option<String>,
    /// First seen at or after this.
    pub(crate) since: Option<Timestamp>,
    /// First seen before this.
    pub(crate) until: Option<Timestamp>,
    /// Numbered below this: a page after the first.
    pub(crate) before: Option<StoryId>,
    /// At most so many.
    pub(crate) limit: usize,
    /// How far it has looked.
    pub(crate) effort: Effort,
}

/// How far a search has looked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effort {
    stories: usize,
    chars: usize,
}

impl Effort {
    /// How many stories to look at next: few where they are long. Bytes are taken for characters.
    fn next(self) -> usize {
        let length = self.chars.checked_div(self.stories).unwrap_or(LOOK_CHARS / LOOK.start());
        LOOK_CHARS.checked_div(length).map_or(*LOOK.end(), |count| count.clamp(2, *LOOK.end()))
    }

    fn is_spent(self) -> bool {
        self.stories >= LOOKED_MAX || self.chars >= LOOKED_CHARS_MAX
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Stories, newest first, each with its events.
    pub(crate) stories: Vec<(Story, Vec<Event>)>,
    /// Where the next page begins; `None` at the end of what is stored. A page that is not full is followed by one where it
    /// has this: so many stories were looked at.
    pub(crate) before: Option<StoryId>,
}

impl Search {
    /// Everything that holds `text`: words, each the start of one or one in any form, or a query.
    ///
    /// # Errors
    /// What is wrong with the query.
    pub(crate) fn of(text: &str, limit: usize) -> Result<Self, Vec<QueryError>> {
        Ok(Self::by(Query::search(text)?, limit))
    }

    /// Everything that a query holds for.
    pub(crate) fn by(query: Query, limit: usize) -> Self {
        let effort = Effort::default();
        Self { query, topic: None, lang: None, publisher: None, since: None, until: None, before: None, limit, effort }
    }

    /// Asks the keeper, in several goes, so that others are answered between them.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn ask(mut self, keeper: &Keeper) -> Result<Found, StoreError> {
        let mut found = Found::default();
        while !self.effort.is_spent() {
            let (search, so_far) = (self, found);
            let looked = keeper.read(move |store| search.look(store, so_far)).await?;
            match looked {
                ControlFlow::Break(found) => return Ok(found),
                ControlFlow::Continue((search, so_far)) => (self, found) = (search, so_far),
            }
        }
        Ok(found)
    }

    /// Asks a store at hand.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn ask_store(mut self, store: &mut dyn Store) -> Result<Found, StoreError> {
        let mut found = Found::default();
        loop {
            match self.look(store, found)? {
                ControlFlow::Break(found) => return Ok(found),
                ControlFlow::Continue((search, so_far)) => (self, found) = (search, so_far),
            }
        }
    }

    /// One go: what it adds to what was found, and where the next begins.
    fn look(
        mut self,
        store: &mut dyn Store,
        mut found: Found,
    ) -> Result<ControlFlow<Found, (Self, Found)>, StoreError> {
        let look = self.effort.next();
        let filter = StoryFilter {
            needed: self.query.needed(),
            since: self.since,
            until: self.until,
            before: self.before,
            limit: look,
        };
        let stories = store.stories_with(&filter)?;
        let read = stories.len();
        let mut chars = 0;
        // Where they are longer than those before them, the rest is left to the next go.
        let judged = stories.into_iter().map_while(|story| {
            let length = story.draft.text.len();
            let is_judged = chars < LOOK_CHARS;
            chars += if is_judged { length } else { 0 };
            is_judged.then_some(story)
        });
        let judged: Vec<Story> = judged.collect();
        let is_end = read < look && judged.len() == read;
        self.effort.stories += judged.len();
        self.effort.chars += chars;
        found.before = judged.last().map(|last| last.id).filter(|_| !is_end);
        self.before = found.before;
        let fitting: Vec<Story> = judged.into_iter().filter(|story| self.fits(story)).collect();
        let ids: Vec<StoryId> = fitting.iter().map(|story| story.id).collect();
        for (story, events) in fitting.into_iter().zip(store.events_of(&ids)?) {
            if self.topic.as_ref().is_some_and(|topic| !events.iter().any(|event| event.topic == *topic)) {
                continue;
            }
            if found.stories.len() == self.limit {
                found.before = found.stories.last().map(|(last, _)| last.id);
                return Ok(ControlFlow::Break(found));
            }
            found.stories.push((story, events));
        }
        Ok(if is_end { ControlFlow::Break(found) } else { ControlFlow::Continue((self, found)) })
    }

    fn fits(&self, story: &Story) -> bool {
        let draft = &story.draft;
        self.lang.as_ref().is_none_or(|lang| draft.lang.as_ref() == Some(lang))
            && self.publisher.as_ref().is_none_or(|publisher| {
                // Hosts know no case, and phones begin a field with a capital.
                draft.publisher == *publisher || draft.publisher == publisher.to_lowercase()
            })
            && self.query.holds(&StoryTokens::of(StoryText::from(draft)))
    }
}
