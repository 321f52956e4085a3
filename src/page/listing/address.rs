//! Whether an address looks like an article's, and like those of a list.

use crate::model::WebUrl;

/// Digits in a row that number a page; years aside, sections have none.
const ID_DIGITS: usize = 5;
/// Words of a slug that tell a headline: sections have one or two.
const SLUG_WORDS: usize = 4;

/// Whether the path or query has a date, a long number or a slug of several words.
pub(super) fn is_article_like(url: &WebUrl) -> bool {
    let path = url.as_url().path();
    is_numbered(url)
        || path.rsplit('/').any(|segment| {
            let words = segment.split(['-', '_', '+']).flat_map(|piece| piece.split("%20"));
            words.filter(|word| !word.is_empty()).count() >= SLUG_WORDS
        })
        || (longest_digits(path) > 0 && path.rsplit('/').next().is_some_and(|last| last.contains('.')))
}

/// How an address is built: two articles of one list differ in what is left out here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    host: String,
    /// The folders, their digits as marks.
    folders: Vec<String>,
    /// Whether the last step tells more than one word: a number, a slug.
    is_telling: bool,
    suffix: String,
    /// What the query gives, in its order: words as they are, as they may choose what is shown.
    query: Vec<String>,
}

impl Shape {
    /// Takes the one form of an address.
    pub(super) fn of(key: &str) -> Self {
        let (place, query) = key.split_once('?').unwrap_or((key, ""));
        let mut steps = place.split('/').skip(2);
        let host = steps.next().unwrap_or_default().to_owned();
        let mut folders: Vec<String> = steps.map(numberless).collect();
        let last = folders.pop().unwrap_or_default();
        let (name, suffix) = last.rsplit_once('.').unwrap_or((&last, ""));
        let is_telling = name.contains([DIGITS, '-', '_', '+']) || name.contains("%20");
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
            Some((name, value)) if value.contains(|c: char| c.is_ascii_digit()) => format!("{name}={DIGITS}"),
            _ => pair.to_owned(),
        });
        Self { host, query: query.collect(), is_telling, suffix: suffix.to_owned(), folders }
    }

    /// Whether it says what kind of page there is, which a lone name beside the site's other pages doesn't.
    pub(super) fn is_proper(&self) -> bool {
        self.is_telling && !self.folders.is_empty() || self.query.iter().any(|pair| pair.ends_with(DIGITS))
    }

    /// Whether two differ in nothing but the names of their folders, as sections of one site do.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let alike = |shape: &Self| (shape.folders.len(), shape.is_telling, shape.query.len());
        self.host == other.host && self.suffix == other.suffix && alike(self) == alike(other)
    }
}

/// What stands for a number.
const DIGITS: char = '#';

fn numberless(step: &str) -> String {
    let mut out = String::new();
    for c in step.chars() {
        match c {
            '0'..='9' if out.ends_with(DIGITS) => {}
            '0'..='9' => out.push(DIGITS),
            c => out.push(c),
        }
    }
    out
}

/// Whether the path or query has a date or a long number.
pub(super) fn is_numbered(url: &WebUrl) -> bool {
    let (path, query) = (url.as_url().path(), url.as_url().query().unwrap_or_default());
    longest_digits(path).max(longest_digits(query)) >= ID_DIGITS || has_date(path)
}

fn longest_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

/// A year and a month as segments of their own, or written together.
fn has_date(path: &str) -> bool {
    let mut was_year = false;
    path.split(['/', '-']).any(|segment| {
        let is_number = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
        let is_date = was_year && is_number && segment.len() <= 2;
        was_year = is_number && segment.len() == 4 && matches!(segment.get(..2), Some("19" | "20"));
        is_date
    })
}

#[cfg(test)]
mod tests {
    use super::{Shape, is_article_like};
    use crate::model::WebUrl;

    fn check(path: &str, expected: bool) {
        let url = WebUrl::parse(&format!("https://news.example{path}")).unwrap();
        assert_eq!(is_article_like(&url), expected, "{path}");
    }

    #[test]
    fn articles_have_dates_numbers_or_slugs_and_sections_have_none() {
        check("/2021/12/06/adopted", true);
        check("/en/2021/ga12392.doc.htm", true);
        check("/news/resolution-adopted-without-a-vote", true);
        check("/story?id=4711234", true);
        check("/a/30279001.html", true);
        check("/world/", false);
        check("/about-us", false);
        check("/terms-of-use", false);
        check("/tag/2021", false);
    }

    fn is_alike(one: &str, other: &str) -> bool {
        let shape = |path: &str| Shape::of(&format!("https://news.example{path}"));
        shape(one) == shape(other)
    }

    #[test]
    fn articles_of_a_list_have_addresses_of_one_shape() {
        assert!(is_alike("/news/9-a-vote", "/news/12-the-harbour-is-open"));
        assert!(is_alike("/2021/12/t20211206_1.html", "/2021/11/t20211130_12.html"));
        assert!(is_alike("/board?mode=view&seq=7", "/board?mode=view&seq=12"));
        assert!(!is_alike("/board?mode=view&seq=7", "/board?mode=edit&seq=7"));
        assert!(!is_alike("/news/9-a-vote", "/news/archive"));
        assert!(!is_alike("/news/9-a-vote", "/events/9-a-vote"));
        assert!(!is_alike("/news/9-a-vote", "/news/9-a-vote.pdf"));
    }
}
