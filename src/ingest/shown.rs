//! What a story shows of itself, to readers in payloads and to filters; and how the index keeps that of thirty thousand of them.

use jiff::Timestamp;

use crate::model::StoryDraft;
use crate::topic::StoryText;

use super::digest::url_key;

/// What a story shows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    pub(super) url: &'a str,
    pub(super) link: &'a str,
    pub(super) publisher: &'a str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) lang: Option<&'a str>,
    pub(super) published: Option<Timestamp>,
    /// Whether its address is its alone: on a page of warnings several stand, or one after the other.
    pub(super) has_place: bool,
}

impl<'a> From<&'a StoryDraft> for Shown<'a> {
    fn from(draft: &'a StoryDraft) -> Self {
        Self {
            url: &draft.url,
            link: &draft.link,
            publisher: &draft.publisher,
            title: &draft.title,
            text: &draft.text,
            lang: draft.lang.as_deref(),
            published: draft.published,
            has_place: has_place(draft),
        }
    }
}

/// Whether a draft is known by its address.
fn has_place(draft: &StoryDraft) -> bool {
    !draft.url.is_empty() && (draft.keys.is_empty() || draft.keys.contains(&url_key(&draft.url)))
}

impl<'a> From<Shown<'a>> for StoryText<'a> {
    fn from(Shown { publisher, title, text, lang, url: _, link: _, published: _, has_place: _ }: Shown<'a>) -> Self {
        Self { title, text, lang, publisher }
    }
}

/// The same, kept: one text behind the other, as each by itself takes forty bytes beside its own.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    texts: Box<str>,
    /// Where each text but the last ends: address, link, publisher, title, language.
    ends: [u32; 5],
    /// Nearly always; then it isn't kept twice.
    is_link_url: bool,
    has_lang: bool,
    has_place: bool,
    pub(super) published: Option<Timestamp>,
    /// Hash of the words of the whole story.
    pub(super) fingerprint: u64,
}

impl Kept {
    /// Keeps a draft, but of its text what is given.
    pub(super) fn of(draft: &StoryDraft, text: &str) -> Self {
        let is_link_url = draft.link == draft.url;
        let link = if is_link_url { "" } else { draft.link.as_str() };
        let parts = [&draft.url, link, &draft.publisher, &draft.title, draft.lang.as_deref().unwrap_or_default()];
        let mut texts = String::with_capacity(parts.iter().map(|part| part.len()).sum::<usize>() + text.len());
        let ends = parts.map(|part| {
            texts.push_str(part);
            u32::try_from(texts.len()).unwrap_or(u32::MAX)
        });
        texts.push_str(text);
        Self {
            texts: texts.into_boxed_str(),
            ends,
            is_link_url,
            has_lang: draft.lang.is_some(),
            has_place: has_place(draft),
            published: draft.published,
            fingerprint: draft.fingerprint,
        }
    }

    pub(super) fn shown(&self) -> Shown<'_> {
        let [url, link, publisher, title, lang] = self.ends;
        let address = self.part(0, url);
        Shown {
            url: address,
            link: if self.is_link_url { address } else { self.part(url, link) },
            publisher: self.publisher(),
            title: self.part(publisher, title),
            text: self.part(lang, u32::MAX),
            lang: self.lang(),
            published: self.published,
            has_place: self.has_place,
        }
    }

    pub(super) fn publisher(&self) -> &str {
        let [_, link, publisher, _, _] = self.ends;
        self.part(link, publisher)
    }

    pub(super) fn title(&self) -> &str {
        let [_, _, publisher, title, _] = self.ends;
        self.part(publisher, title)
    }

    pub(super) fn lang(&self) -> Option<&str> {
        let [_, _, _, title, lang] = self.ends;
        self.has_lang.then(|| self.part(title, lang))
    }

    pub(super) fn url(&self) -> &str {
        let [url, _, _, _, _] = self.ends;
        self.part(0, url)
    }

    fn part(&self, from: u32, to: u32) -> &str {
        let at = |end: u32| usize::try_from(end).unwrap_or(usize::MAX).min(self.texts.len());
        self.texts.get(at(from)..at(to)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Shown};
    use crate::model::StoryDraft;

    fn draft(link: &str, lang: Option<&str>) -> StoryDraft {
        StoryDraft {
            keys: Vec::new(),
            url: "https://a.example/1".to_owned(),
            link: link.to_owned(),
            publisher: "Väg & Bro".to_owned(),
            title: "Bro öppnar".to_owned(),
            text: "I dag.".to_owned(),
            author: None,
            lang: lang.map(str::to_owned),
            published: "2026-11-01T08:00:00.123456789Z".parse().ok(),
            fingerprint: 7,
        }
    }

    #[track_caller]
    fn check(draft: &StoryDraft) {
        let kept = Kept::of(draft, &draft.text);
        let shown = kept.shown();
        assert_eq!(shown, Shown::from(draft));
        assert_eq!(
            (kept.url(), kept.publisher(), kept.title(), kept.lang()),
            (shown.url, shown.publisher, shown.title, shown.lang)
        );
    }

    #[test]
    fn what_is_kept_is_shown_as_it_was() {
        check(&draft("https://a.example/1", Some("sv")));
        check(&draft("https://a.example/1?from=feed", None));
        check(&draft("", Some("")));
        check(&StoryDraft { url: String::new(), text: String::new(), ..draft("", None) });
    }
}
