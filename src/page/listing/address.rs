//! Whether an address looks like an article's.

use crate::model::WebUrl;

/// Digits in a row that number a page; years aside, sections have none.
const ID_DIGITS: usize = 5;
/// Words of a slug that tell a headline: sections have one or two.
const SLUG_WORDS: usize = 4;

/// Whether the path or query has a date, a long number or a slug of several words.
pub(super) fn is_article_like(url: &WebUrl) -> bool {
    let path = url.as_url().path();
    let query = url.as_url().query().unwrap_or_default();
    longest_digits(path).max(longest_digits(query)) >= ID_DIGITS
        || has_date(path)
        || path.rsplit('/').any(|segment| {
            let words = segment.split(['-', '_', '+']).flat_map(|piece| piece.split("%20"));
            words.filter(|word| !word.is_empty()).count() >= SLUG_WORDS
        })
        || (longest_digits(path) > 0 && path.rsplit('/').next().is_some_and(|last| last.contains('.')))
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
    use super::is_article_like;
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
}
