//! Who wants what.

use crate::model::{Corrections, Filter, NotificationType, TopicKey, Updates};

/// What an `event.updated` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// A story joined an event that was told.
    Joined {
        /// How many publishers carry the event now.
        publishers: u32,
        /// Whether this story's is a new one among them.
        is_new_publisher: bool,
        /// Whether it is a copy, or the same story again.
        is_repeat: bool,
        /// Whether a number, date, vote or outcome is told otherwise than before.
        is_change: bool,
        /// Whether its title tells what came of it, of which the subscription hasn't heard.
        is_outcome: bool,
    },
    /// A story's publisher edited it.
    Corrected {
        /// Whether the title is another.
        is_retitled: bool,
        /// Whether a number, date, vote or outcome is.
        is_change: bool,
        /// Whether subscribers were told of the story.
        was_told: bool,
    },
}

/// Whether a subscription with `filter` wants this update; topic, language and publisher are for [`wanted`] to judge. That so many
/// publishers carry an event is wanted once: whether it was told is for the caller to know.
pub fn wants_update(filter: &Filter, update: Update) -> bool {
    match update {
        Update::Joined { publishers, is_new_publisher, is_repeat, is_change, is_outcome } => match filter.updates {
            Updates::Never => false,
            Updates::Outcome => is_outcome && !is_repeat,
            Updates::Publishers(count) => (is_new_publisher || !is_repeat) && publishers >= count,
            Updates::Changed => is_change,
            Updates::Each => !is_repeat || is_change,
        },
        Update::Corrected { is_retitled, is_change, was_told } => match filter.corrections {
            Corrections::Never => false,
            Corrections::Changed => was_told && is_change,
            Corrections::Each => is_retitled || is_change,
        },
    }
}

/// Whether a subscription with `filter` wants a notification of type `kind`.
///
/// Topics and languages narrow events only: a source's trouble has neither. A story of unknown language or publisher
/// passes no filter on it. An empty list of types stands for `event.opened`. A test is always wanted, as a person asked
/// for it, and so is a digest of what was.
pub fn wanted(
    filter: &Filter,
    kind: NotificationType,
    topic: Option<&TopicKey>,
    lang: Option<&str>,
    publisher: Option<&str>,
) -> bool {
    let type_wanted = filter.takes(kind);
    match kind {
        NotificationType::SubscriptionTest | NotificationType::Digest => true,
        NotificationType::SubscriptionDisabled => type_wanted,
        NotificationType::SourceFailing | NotificationType::SourceRecovered => {
            type_wanted && publisher_fits(filter, publisher)
        }
        NotificationType::EventOpened | NotificationType::EventUpdated | NotificationType::EventMerged => {
            type_wanted
                && (filter.topics.is_empty() || topic.is_some_and(|t| filter.topics.contains(t)))
                && story_fits(filter, lang, publisher)
        }
    }
}

/// Whether a story in this language, by this publisher, is one that the filter asks for; its query is for topic/ to
/// judge.
pub fn story_fits(filter: &Filter, lang: Option<&str>, publisher: Option<&str>) -> bool {
    (filter.languages.is_empty() || lang.is_some_and(|l| language_fits(filter, l))) && publisher_fits(filter, publisher)
}

fn publisher_fits(filter: &Filter, publisher: Option<&str>) -> bool {
    filter.publishers.is_empty()
        || publisher.is_some_and(|p| filter.publishers.iter().any(|w| w.to_lowercase() == p.to_lowercase()))
}

/// Compares primary subtags: `en` wants `en-GB`.
fn language_fits(filter: &Filter, lang: &str) -> bool {
    filter.languages.iter().any(|w| primary(w).eq_ignore_ascii_case(primary(lang)))
}

fn primary(lang: &str) -> &str {
    lang.split(['-', '_']).next().unwrap_or(lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(text: &str) -> TopicKey {
        TopicKey::parse(text).expect("a topic key")
    }

    #[test]
    fn a_default_filter_wants_opened_and_corrected_events_of_any_topic_and_nothing_else() {
        let asked = |kind| wanted(&Filter::default(), kind, Some(&topic("t")), Some("en"), Some("bbc.com"));
        assert_eq!(NotificationType::ALL.map(asked), [true, true, false, false, false, false, true, true]);
        let no_types = Filter { types: Vec::new(), ..Filter::default() };
        assert!(wanted(&no_types, NotificationType::EventOpened, Some(&topic("t")), None, None));
        assert!(!wanted(&no_types, NotificationType::EventUpdated, Some(&topic("t")), None, None));
    }

    #[test]
    fn updates_are_wanted_as_they_were_chosen() {
        let plain = Filter::default().choosing(Vec::new(), None, None);
        assert_eq!(plain, Filter::default());
        let types = |types: &[NotificationType]| Filter::default().choosing(types.to_vec(), None, None);
        let (opened, updated) = (NotificationType::EventOpened, NotificationType::EventUpdated);
        let joined = |publishers, is_repeat, is_change| Update::Joined {
            publishers,
            is_new_publisher: true,
            is_repeat,
            is_change,
            is_outcome: is_change,
        };
        let corrected = |is_retitled, is_change, was_told| Update::Corrected { is_retitled, is_change, was_told };
        let news = [
            joined(2, false, false),
            joined(3, true, false),
            joined(3, false, true),
            corrected(true, false, true),
            corrected(false, true, true),
            corrected(false, true, false),
        ];
        let choose = |updates, corrections| {
            let filter = Filter::default().choosing(vec![opened], Some(updates), Some(corrections));
            assert!(filter.types.contains(&updated), "it is brought along");
            news.map(|update| wants_update(&filter, update))
        };
        assert_eq!(news.map(|update| wants_update(&plain, update)), [false, false, false, false, true, false]);
        assert_eq!(choose(Updates::Never, Corrections::Changed), [false, false, false, false, true, false]);
        assert_eq!(choose(Updates::Outcome, Corrections::Never), [false, false, true, false, false, false]);
        assert_eq!(types(&[opened]).types, [opened]);
        let legacy = types(&[opened, updated]);
        assert_eq!(news.map(|update| wants_update(&legacy, update)), [true, false, true, true, true, true]);
        let publishers = choose(Updates::Publishers(3), Corrections::Never);
        assert_eq!(publishers, [false, true, true, false, false, false]);
        assert_eq!(choose(Updates::Changed, Corrections::Each), [false, false, true, true, true, true]);
        let of_copy = Update::Joined {
            publishers: 2,
            is_new_publisher: true,
            is_repeat: true,
            is_change: true,
            is_outcome: true,
        };
        assert!(!wants_update(&Filter { updates: Updates::Outcome, ..plain }, of_copy));
        assert_eq!(Updates::parse("publishers = 3"), Some(Updates::Publishers(3)));
        assert_eq!(Updates::parse("publishers=1"), None);
    }

    #[test]
    fn topics_languages_and_publishers_narrow_events() {
        let filter = Filter {
            topics: vec![topic("a")],
            languages: vec!["en".to_owned()],
            publishers: vec!["BBC.com".to_owned()],
            ..Filter::default()
        };
        let asked = |key: &str, lang, publisher| {
            wanted(&filter, NotificationType::EventOpened, Some(&topic(key)), lang, publisher)
        };
        assert!(asked("a", Some("en-GB"), Some("bbc.com")));
        assert!(!asked("b", Some("en"), Some("bbc.com")));
        assert!(!asked("a", Some("fr"), Some("bbc.com")));
        assert!(!asked("a", None, Some("bbc.com")));
        assert!(!asked("a", Some("en"), Some("cnn.com")));
    }

    #[test]
    fn a_sources_trouble_is_narrowed_by_publisher_only() {
        let filter = Filter {
            topics: vec![topic("a")],
            types: vec![NotificationType::SourceFailing],
            languages: vec!["en".to_owned()],
            publishers: vec!["bbc.com".to_owned()],
            ..Filter::default()
        };
        assert!(wanted(&filter, NotificationType::SourceFailing, None, None, Some("bbc.com")));
        assert!(!wanted(&filter, NotificationType::SourceFailing, None, None, Some("cnn.com")));
        assert!(!wanted(&filter, NotificationType::SourceRecovered, None, None, Some("bbc.com")));
    }
}
