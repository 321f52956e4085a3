//! What a reader asks for: topic, words and filters. All of it stands in the address, so that a page can be kept and shared.

use jiff::Timestamp;
use url::form_urlencoded;

use crate::model::{EventId, StoryId, TopicKey};
use crate::port::EventFilter;
use crate::server::params::{End, Params};
use crate::server::search::SEARCH_CHARS_MAX;

/// Characters of a filter at most.
const FILTER_CHARS_MAX: usize = 200;

/// A time as it was written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) at: Timestamp,
}

/// What a reader asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) topic: Option<TopicKey>,
    /// Words or a query.
    pub(super) words: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) since: Option<Written>,
    pub(super) until: Option<Written>,
    /// A page after the first: events or stories numbered below this.
    pub(super) before: Option<i64>,
    /// Whether the address could be said shorter: a form sends its empty fields too.
    pub(super) is_long: bool,
}

impl Asked {
    /// Takes what is asked for out of the parameters of a page of `topic`.
    pub(super) fn read(params: &mut Params, topic: Option<TopicKey>) -> Self {
        // Where topics were before they had pages of their own.
        let named = params.parsed("topic", "a topic's id", TopicKey::parse);
        let cut = |text: String, chars: usize| {
            let text = text.trim().chars().take(chars).collect::<String>();
            (!text.is_empty()).then_some(text)
        };
        let words = params.text("q").and_then(|text| cut(text, SEARCH_CHARS_MAX));
        let lang = params.language("lang");
        let publisher = params.publisher("publisher").and_then(|text| cut(text, FILTER_CHARS_MAX));
        let (since, until) = (time(params, "since", End::First), time(params, "until", End::Last));
        let before = params.number("before");
        let is_long = named.is_some() || params.has_empty();
        Self { topic: topic.or(named), words, lang, publisher, since, until, before, is_long }
    }

    /// Which events that is.
    pub(super) fn events(&self, limit: usize) -> EventFilter {
        EventFilter {
            topic: self.topic.clone(),
            since: self.since.as_ref().map(|written| written.at),
            until: self.until.as_ref().map(|written| written.at),
            lang: self.lang.clone(),
            publisher: self.publisher.clone(),
            told_only: false,
            before: self.before.map(EventId),
            limit,
        }
    }

    /// From which story on, where stories are looked for.
    pub(super) fn before_story(&self) -> Option<StoryId> {
        self.before.map(StoryId)
    }

    /// Whether anything but the topic narrows the page.
    pub(super) fn is_filtered(&self) -> bool {
        self.lang.is_some() || self.publisher.is_some() || self.since.is_some() || self.until.is_some()
    }

    /// Whether new events come onto the page while it is open: it begins with the newest.
    pub(super) fn is_live(&self) -> bool {
        self.words.is_none() && self.before.is_none() && self.until.is_none()
    }

    /// The page's address.
    pub(super) fn address(&self) -> String {
        let path = self.topic.as_ref().map_or_else(|| "/".to_owned(), |topic| format!("/topics/{topic}"));
        let query = self.query(&[]);
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// The address of the stream of what is new on a page that was made at `version`.
    pub(super) fn stream(&self, version: &str) -> String {
        let topic = self.topic.as_ref().map(|topic| ("topic", topic.as_str()));
        let more: Vec<_> = topic.into_iter().chain([("last_event_id", version)]).collect();
        format!("/live?{}", self.query(&more))
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let before = self.before.map(|before| before.to_string());
        let written = |written: &Option<Written>| written.as_ref().map(|written| written.text.clone());
        let fields = [
            ("q", self.words.clone()),
            ("lang", self.lang.clone()),
            ("publisher", self.publisher.clone()),
            ("since", written(&self.since)),
            ("until", written(&self.until)),
            ("before", before),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        query.extend_pairs(more);
        query.finish()
    }

    /// Each filter in words, with what would be asked without it.
    pub(super) fn filters(&self) -> Vec<(&'static str, String, Self)> {
        // The place in the list is of another list without the filter.
        let whole = Self { before: None, ..self.clone() };
        let written = |written: &Option<Written>| written.as_ref().map(|written| written.text.clone());
        let set = [
            ("Words", self.words.clone(), Self { words: None, ..whole.clone() }),
            ("Language", self.lang.clone(), Self { lang: None, ..whole.clone() }),
            ("Publisher", self.publisher.clone(), Self { publisher: None, ..whole.clone() }),
            ("Since", written(&self.since), Self { since: None, ..whole.clone() }),
            ("Until", written(&self.until), Self { until: None, ..whole }),
        ];
        set.into_iter().filter_map(|(name, value, without)| Some((name, value?, without))).collect()
    }
}

fn time(params: &mut Params, name: &'static str, end: End) -> Option<Written> {
    params.parsed(name, End::ALLOWED, |text| {
        let text = text.trim();
        Some(Written { text: text.to_owned(), at: end.read(text)? })
    })
}
