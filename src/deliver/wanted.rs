//! Who wants what.

use crate::model::{Filter, NotificationType, TopicKey};

/// Whether a subscription with `filter` wants a notification of type `kind`.
///
/// Topics and languages narrow events only: a source's trouble has neither. A story of unknown language or publisher
/// passes no filter on it. An empty list of types stands for `event.opened`. A test is always wanted: a person asked
/// for it.
pub fn wanted(
    filter: &Filter,
    kind: NotificationType,
    topic: Option<&TopicKey>,
    lang: Option<&str>,
    publisher: Option<&str>,
) -> bool {
    let type_wanted = match filter.types.as_slice() {
        [] => kind == NotificationType::EventOpened,
        types => types.contains(&kind),
    };
    match kind {
        NotificationType::SubscriptionTest => true,
        NotificationType::SourceFailing | NotificationType::SourceRecovered => {
            type_wanted && publisher_fits(filter, publisher)
        }
        NotificationType::EventOpened | NotificationType::EventUpdated | NotificationType::EventMerged => {
            type_wanted
                && (filter.topics.is_empty() || topic.is_some_and(|t| filter.topics.contains(t)))
                && (filter.languages.is_empty() || lang.is_some_and(|l| language_fits(filter, l)))
                && publisher_fits(filter, publisher)
        }
    }
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
    fn a_default_filter_wants_opened_events_of_any_topic_and_nothing_else() {
        let asked = |kind| wanted(&Filter::default(), kind, Some(&topic("t")), Some("en"), Some("bbc.com"));
        assert_eq!(NotificationType::ALL.map(asked), [true, false, false, false, false, true]);
        let no_types = Filter { types: Vec::new(), ..Filter::default() };
        assert!(wanted(&no_types, NotificationType::EventOpened, Some(&topic("t")), None, None));
        assert!(!wanted(&no_types, NotificationType::EventUpdated, Some(&topic("t")), None, None));
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
        };
        assert!(wanted(&filter, NotificationType::SourceFailing, None, None, Some("bbc.com")));
        assert!(!wanted(&filter, NotificationType::SourceFailing, None, None, Some("cnn.com")));
        assert!(!wanted(&filter, NotificationType::SourceRecovered, None, None, Some("bbc.com")));
    }
}
