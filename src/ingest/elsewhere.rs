//! A list that was found in none of the places where its source's list stood before: the same list in new clothes, a
//! new list, or something else that repeats, such as a menu.

use std::collections::BTreeSet;

use crate::model::{EntryKey, Known, PollOutcome, StoryDraft};

use super::examine::{Examined, failed};

/// So many of its entries, in percent, tell what a list is: were read before, or have dates.
const TELLING_PERCENT: usize = 50;
/// Characters of a place that are shown.
const SHOWN_CHARS: usize = 120;

/// Judges a list that stands elsewhere, given which of its `drafts` are `known`.
///
/// Where half of them are, it is the list that it was, restyled: `is_elsewhere` is taken back, and what is new in it is
/// news. Else, where half of its entries have dates, which no menu has, it is believed to be a list of articles, and
/// stays marked: its entries are the source's past, as at a first poll. Else the poll has failed, so that the source is
/// told to be failing rather than a menu told as news.
pub fn settle(examined: Examined, drafts: &[StoryDraft], known: &[Known]) -> Examined {
    if !examined.is_elsewhere {
        return examined;
    }
    let keys: BTreeSet<EntryKey> = known.iter().map(|known| known.key).collect();
    let read_before = drafts.iter().filter(|draft| draft.keys.iter().any(|key| keys.contains(key))).count();
    let tells = |count: usize| count > 0 && count * 100 >= drafts.len() * TELLING_PERCENT;
    if tells(read_before) {
        return Examined { is_elsewhere: false, ..examined };
    }
    if tells(examined.entry_times.len()) {
        return examined;
    }
    let PollOutcome::Read { entries } = examined.outcome else { return examined };
    let place: String = examined.layout.as_deref().unwrap_or_default().chars().take(SHOWN_CHARS).collect();
    let detail = format!(
        "nothing stands any more where its articles stood; the {entries} links that repeat now ({place}) are neither known \
         nor dated, so they may be a menu: look with `tidings inspect --list`, give selectors"
    );
    failed("layout", detail)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::settle;
    use crate::ingest::{Examined, examine};
    use crate::model::{
        Headers, Known, Origin, PollOutcome, Response, Source, SourceId, SourceKind, SourceSpec, SourceState,
        StoryDraft, StoryId, WebUrl,
    };

    const ADDRESS: &str = "https://news.example/list";

    fn source(layout: Option<String>) -> Source {
        let bounds = (Duration::from_mins(5), Duration::from_hours(4));
        let feed = SourceSpec::feed(WebUrl::parse(ADDRESS).unwrap(), bounds);
        Source {
            id: SourceId(1),
            spec: SourceSpec { kind: SourceKind::List, ..feed },
            origin: Origin::Config,
            state: SourceState { layout, ..SourceState::default() },
            stories: 5,
        }
    }

    fn answered(body: &str, source: &Source) -> Examined {
        let response = Response {
            status: 200,
            headers: Headers::default(),
            body: body.as_bytes().to_vec(),
            url: WebUrl::parse(ADDRESS).unwrap(),
            redirects: Vec::new(),
        };
        examine(&Ok(response), source, "2021-12-06T12:00:00Z".parse().unwrap())
    }

    /// Five links as a list of articles, or as a menu that looks like one.
    fn five(class: &str, path: &str, date: &str) -> String {
        let item = |n: usize| {
            format!("<li class={class}><a href='{path}-{n}'>What there is to say on matter {n}</a>{date}</li>")
        };
        format!("<main><ul>{}</ul></main>", (1..6).map(item).collect::<String>())
    }

    /// A source that has brought stories of a list that stood at `news`.
    fn of_news() -> Source {
        source(answered(&five("news", "/n/what-there-is-to-say", ""), &source(None)).layout)
    }

    /// The first `count` of its drafts, as the store knows them.
    fn known(examined: &Examined, count: usize) -> Vec<Known> {
        let known = |draft: &StoryDraft| Known {
            key: draft.keys[0],
            story: StoryId(1),
            source: SourceId(1),
            url: draft.url.clone(),
            title: draft.title.clone(),
            fingerprint: draft.fingerprint,
            text_chars: 0,
            published: draft.published,
        };
        examined.drafts.iter().take(count).map(known).collect()
    }

    #[test]
    fn a_menu_that_repeats_where_the_articles_are_gone_is_a_failure_and_not_news() {
        let menu = answered(&five("offer", "/offers/all-that-we-have-on", ""), &of_news());
        assert!(menu.is_elsewhere && menu.is_read(), "it looks like a list: {menu:?}");
        let drafts = menu.drafts.clone();
        let settled = settle(menu, &drafts, &[]);
        let PollOutcome::Failed { kind: "layout", detail } = &settled.outcome else { panic!("{settled:?}") };
        assert_eq!((&settled.validators, &settled.layout, settled.drafts.len()), (&None, &None, 0));
        assert!(detail.starts_with("nothing stands any more where its articles stood; the 5 links that repeat now (main > ul > li.offer > a)"), "{detail}");
    }

    #[test]
    fn a_list_in_new_clothes_is_known_by_its_articles_and_a_new_one_by_its_dates() {
        let restyled = answered(&five("card", "/n/what-there-is-to-say", ""), &of_news());
        let (drafts, three) = (restyled.drafts.clone(), known(&restyled, 3));
        assert!(restyled.is_elsewhere);
        let settled = settle(restyled, &drafts, &three);
        assert!(!settled.is_elsewhere && settled.is_read(), "what is new in it is news");
        let dated = answered(&five("card", "/n/other-things-that-were-said", "<time>2021-12-05</time>"), &of_news());
        let drafts = dated.drafts.clone();
        let settled = settle(dated, &drafts, &[]);
        assert!(settled.is_elsewhere && settled.is_read(), "what is in it is its past");
    }

    #[test]
    fn a_block_that_looks_better_does_not_take_the_place_of_a_list_that_still_stands() {
        let lead = five("lead", "/2021/12/06/a-much-longer-and-better-story", "<time>2021-12-05</time>");
        let page = five("news", "/n/what-there-is-to-say", "") + &lead;
        assert_eq!(answered(&page, &source(None)).drafts.len(), 5, "the better one alone, if nothing is known");
        let both = answered(&page, &of_news());
        assert_eq!((both.drafts.len(), both.is_elsewhere), (10, false));
    }
}
