//! What a publisher says of how often to come.

use std::time::Duration;

use crate::model::Headers;

/// Hints are kept up to a day: a page cached for a year is a mistake, not a wish.
pub(super) const HINT_MAX: Duration = Duration::from_hours(24);

/// How long the publisher asks to wait between polls: the longer of the document's `ttl` and the answer's freshness
/// ([RFC 9111 section 4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)), at most a day.
pub(super) fn hinted(headers: Option<&Headers>, ttl_minutes: Option<u32>) -> Duration {
    let ttl = Duration::from_secs(u64::from(ttl_minutes.unwrap_or(0)) * 60);
    let fresh = headers.map_or(Duration::ZERO, freshness);
    ttl.max(fresh).min(HINT_MAX)
}

/// max-age less Age, else Expires less Date, else nothing; `no-cache` and `no-store` ask for no wait.
fn freshness(headers: &Headers) -> Duration {
    let directives = || {
        let fields = headers.0.iter().filter(|(name, _)| name == "cache-control");
        fields.flat_map(|(_, value)| value.split(',')).map(str::trim)
    };
    if directives().any(|d| d.eq_ignore_ascii_case("no-cache") || d.eq_ignore_ascii_case("no-store")) {
        return Duration::ZERO;
    }
    let max_age = directives().find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds(value.trim().trim_matches('"')))?
    });
    let age = || headers.first("age").and_then(seconds).unwrap_or_default();
    max_age.map(|fresh| fresh.saturating_sub(age())).or_else(|| expires(headers)).unwrap_or_default()
}

fn expires(headers: &Headers) -> Option<Duration> {
    let wait = headers.date("expires")?.duration_since(headers.date("date")?);
    Duration::try_from(wait).ok()
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&str, &str)], ttl_minutes: Option<u32>, expected_secs: u64) {
        let headers = Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        assert_eq!(hinted(Some(&headers), ttl_minutes), Duration::from_secs(expected_secs), "{fields:?}");
    }

    #[test]
    fn freshness_is_max_age_less_age_or_expires_less_date_up_to_a_day() {
        check(&[], None, 0);
        check(&[("cache-control", "public, Max-Age=600")], None, 600);
        check(&[("cache-control", "public"), ("cache-control", "max-age=\"600\"")], None, 600);
        check(&[("cache-control", "max-age=600"), ("age", "100")], None, 500);
        check(&[("cache-control", "max-age=600"), ("age", "900")], None, 0);
        check(&[("cache-control", "max-age=31536000")], None, 86_400);
        check(&[("cache-control", "max-age=600, no-cache")], None, 0);
        check(&[("cache-control", "max-age=-5")], None, 0);
        check(&[("cache-control", "s-maxage=600")], None, 0);
        let date = ("date", "Sun, 06 Nov 1994 08:00:00 GMT");
        check(&[date, ("expires", "Sun, 06 Nov 1994 09:00:00 GMT")], None, 3_600);
        check(&[date, ("expires", "Sun, 06 Nov 1994 07:00:00 GMT")], None, 0);
        check(&[date, ("expires", "0")], None, 0);
        check(&[("cache-control", "max-age=60"), date, ("expires", "Sun, 06 Nov 1994 09:00:00 GMT")], None, 60);
    }

    #[test]
    fn the_longer_of_ttl_and_freshness_counts() {
        check(&[("cache-control", "max-age=600")], Some(60), 3_600);
        check(&[("cache-control", "max-age=7200")], Some(60), 7_200);
        check(&[], Some(u32::MAX), 86_400);
    }
}
