//! Query parameters and path segments, read with every fault told at once.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use super::problem::{FieldError, Problem};
use crate::text::{self, is_language};

/// Things in one answer at most; more come with a cursor.
const LIMIT_MAX: usize = 200;
/// Things in one answer where no `limit` is given.
const LIMIT_DEFAULT: usize = 50;
/// Parameters of a request at most.
const PARAMETERS_MAX: usize = 32;

/// Which end of a day is meant where a day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its midnight.
    First,
    /// The midnight after it.
    Last,
}

impl End {
    /// What times and days are called in errors.
    pub(super) const ALLOWED: &'static str = "a time such as 2026-11-24T12:00:00Z or a day such as 2026-11-24";

    /// A time, or this end of a day of UTC.
    pub(super) fn read(self, text: &str) -> Option<Timestamp> {
        let day = || {
            let day = text::day(text)?;
            let day = match self {
                Self::First => day,
                Self::Last => day.tomorrow().ok()?,
            };
            TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
        };
        text.parse::<Timestamp>().ok().or_else(day)
    }
}

/// The parameters of a request, taken out one by one; what is left over at the end is unknown.
pub(super) struct Params {
    /// In the order given, for the link to the next page.
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if given.len() > PARAMETERS_MAX {
            return Err(Problem::malformed(format!("at most {PARAMETERS_MAX} query parameters are read")));
        }
        Ok(Self { given, known: Vec::new(), errors: Vec::new() })
    }
}

impl Params {
    /// A text; `None` where absent or empty.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = self.given.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let first = values.next().filter(|value| !value.is_empty()).cloned();
        if values.next().is_some() {
            self.fault(name, format!("`{name}` is given more than once"));
        }
        first
    }

    /// A text that `read` understands; `allowed` says what that is.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        allowed: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = read(&text);
        if value.is_none() {
            self.fault(name, format!("`{name}={text}` is not {allowed}"));
        }
        value
    }

    /// Whether a parameter was given without a value.
    pub(super) fn has_empty(&self) -> bool {
        self.given.iter().any(|(_, value)| value.trim().is_empty())
    }

    /// A row's number, or a place in a list.
    pub(super) fn number(&mut self, name: &'static str) -> Option<i64> {
        self.parsed(name, "a number from 0 on", |text| text.parse().ok().filter(|number| *number >= 0))
    }

    /// How many things to give.
    pub(super) fn limit(&mut self) -> usize {
        self.parsed("limit", &format!("a number from 1 to {LIMIT_MAX}"), |text| {
            text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit))
        })
        .unwrap_or(LIMIT_DEFAULT)
    }

    /// How many things to give of a list that most have whole: as many as are allowed, where not said.
    pub(super) fn limit_or_most(&mut self) -> usize {
        let is_said = self.given.iter().any(|(name, _)| name == "limit");
        let limit = self.limit();
        if is_said { limit } else { LIMIT_MAX }
    }

    /// A time, or an end of a day of UTC.
    pub(super) fn time(&mut self, name: &'static str, end: End) -> Option<Timestamp> {
        self.parsed(name, End::ALLOWED, |text| end.read(text.trim()))
    }

    /// A language, by the code that stories have: of `pt-BR` it is `pt`.
    pub(super) fn language(&mut self, name: &'static str) -> Option<String> {
        self.parsed(name, "a language's code such as en", |text| {
            let code = text.trim().split(['-', '_']).next().unwrap_or_default().to_lowercase();
            is_language(&code).then_some(code)
        })
    }

    /// A publisher, as given.
    pub(super) fn publisher(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// Notes a fault of a parameter.
    pub(super) fn fault(&mut self, name: &str, detail: String) {
        self.errors.push(FieldError { pointer: None, parameter: Some(name.to_owned()), detail });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When a parameter is unknown or was at fault.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        let known = self.known.join(", ");
        let unknown: Vec<_> = self
            .given
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !self.known.contains(&name.as_str()))
            .collect();
        for name in unknown {
            self.fault(&name, format!("`{name}` is not a parameter here (there are: {known})"));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::parameters(std::mem::take(&mut self.errors))) }
    }

    /// Ends the reading of a page's parameters: what isn't known is passed over, as others hang their own to links that are shared.
    ///
    /// # Errors
    /// When a parameter was at fault.
    pub(super) fn finish_page(&mut self) -> Result<(), Problem> {
        self.given.retain(|(name, _)| self.known.contains(&name.as_str()));
        self.finish()
    }

    /// The address of the same request, made at `path`, from the `cursor` on: the next page.
    pub(super) fn next(&self, path: &str, cursor: &str, place: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.given.iter().filter(|(name, _)| name != cursor));
        query.append_pair(cursor, &place.to_string());
        format!("{path}?{}", query.finish())
    }
}

/// The segment of the path that names a thing.
#[derive(Debug)]
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let segment = Path::<String>::from_request_parts(parts, state).await;
        let nothing = |_no_text| Problem::not_found("there is nothing under an id that is not UTF-8");
        segment.map(|Path(segment)| Self(segment)).map_err(nothing)
    }
}

/// A row's number from the path.
///
/// # Errors
/// 404 where it is none: then nothing can be there.
pub(super) fn row(text: &str, what: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_not_a_number| Problem::not_found(format!("there is no {what} {text:?}")))
}
