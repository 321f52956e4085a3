//! The fields of a JSON body, read with every fault told at once, each at its pointer.
//!
//! serde stops at the first fault and says too little of where; a person who fills in a form wants all of them.

use std::ops::RangeInclusive;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse as _;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::problem::{FieldError, Problem};

/// How alike an unknown field must be to a known one for "did you mean" (Jaro-Winkler).
const ALIKE: f64 = 0.8;
/// Texts in a list at most.
const LIST_MAX: usize = 1_000;

/// An object, its fields taken out one by one; what is left over at the end is unknown.
#[derive(Debug)]
pub(super) struct Fields {
    /// JSON pointer of the object itself; empty for the body.
    at: String,
    object: Map<String, Value>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let essence = content_type.and_then(|value| value.to_str().ok()?.split(';').next());
        let is_patch = request.method() == Method::PATCH;
        let allowed = |essence: &str| {
            essence.eq_ignore_ascii_case("application/json")
                || (is_patch && essence.eq_ignore_ascii_case("application/merge-patch+json"))
        };
        if !essence.is_some_and(|essence| allowed(essence.trim())) {
            return Err(Problem::unsupported_media_type("send `Content-Type: application/json`"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|refused| {
            let text = refused.body_text();
            if refused.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large("a body is at most 64 KiB")
            } else {
                Problem::malformed(text)
            }
        })?;
        Self::read(&body)
    }
}

/// A body that may be left out.
impl<S: Send + Sync> OptionalFromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::of(String::new(), Map::new())
    }
}

impl Fields {
    /// Reads `body` as one JSON object.
    fn read(body: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self::of(String::new(), object)),
            Ok(other) => Err(Problem::malformed(format!("the body is {}, not a JSON object", kind(&other)))),
            Err(why) => Err(Problem::malformed(format!("the body is not JSON: {why}"))),
        }
    }

    /// The fields of a form, as those of a body.
    pub(super) fn of_form(object: Map<String, Value>) -> Self {
        Self::of(String::new(), object)
    }

    fn of(at: String, object: Map<String, Value>) -> Self {
        Self { at, object, known: Vec::new(), errors: Vec::new() }
    }

    /// Lays these fields onto others, as a merge patch (RFC 7396 section 2, of fields that are no objects): `null` takes one
    /// away.
    #[must_use]
    pub(super) fn onto(mut self, mut fields: Map<String, Value>) -> Self {
        for (name, value) in std::mem::take(&mut self.object) {
            if value.is_null() {
                fields.remove(&name);
            } else {
                fields.insert(name, value);
            }
        }
        Self { object: fields, ..self }
    }

    /// Gives a field a text, whatever was sent.
    pub(super) fn set(&mut self, name: &str, text: &str) {
        self.object.insert(name.to_owned(), Value::String(text.to_owned()));
    }

    /// Takes a field out; `null` counts as absent.
    fn take(&mut self, name: &'static str) -> Option<Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.object.remove(name).filter(|value| !value.is_null())
    }

    /// Notes a fault of a field.
    pub(super) fn fault(&mut self, name: &str, detail: impl Into<String>) {
        // RFC 6901 section 3: `~` and `/` are escaped.
        let token = name.replace('~', "~0").replace('/', "~1");
        let pointer = Some(format!("{}/{token}", self.at));
        self.errors.push(FieldError { pointer, parameter: None, detail: detail.into() });
    }

    /// Whether a field is there; `null` counts as absent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is named; `null` is a name too.
    pub(super) fn names(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Lets a field be there that says nothing to us.
    pub(super) fn skip(&mut self, name: &'static str) {
        self.take(name);
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.take(name)?;
        if let Value::String(text) = value {
            return Some(text);
        }
        self.fault(name, format!("`{name}` is {}, not a text", kind(&value)));
        None
    }

    /// A text that must be there and say something.
    pub(super) fn required(&mut self, name: &'static str) -> Option<String> {
        let faults = self.errors.len();
        let text = self.text(name);
        if self.errors.len() == faults && text.as_ref().is_none_or(|text| text.trim().is_empty()) {
            self.fault(name, format!("`{name}` is missing"));
            return None;
        }
        text
    }

    /// A day: `2021-10-01`.
    pub(super) fn day(&mut self, name: &'static str) -> Option<Date> {
        let text = self.text(name)?;
        let day = text.parse().ok();
        if day.is_none() {
            self.fault(name, format!("`{name}` is {text:?}, not a day such as \"2021-10-01\""));
        }
        day
    }

    /// A list of texts; empty where absent.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let Value::Array(items) = value else {
            self.fault(name, format!("`{name}` is {}, not a list of texts", kind(&value)));
            return Vec::new();
        };
        if items.len() > LIST_MAX {
            self.fault(name, format!("`{name}` holds {} texts, at most {LIST_MAX} are allowed", items.len()));
            return Vec::new();
        }
        if let Some(wrong) = items.iter().find(|item| !item.is_string()) {
            self.fault(name, format!("`{name}` holds {}, not only texts", kind(wrong)));
        }
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// A list of numbers of rows, at least one.
    pub(super) fn rows(&mut self, name: &'static str) -> Vec<i64> {
        let value = self.take(name).unwrap_or(Value::Array(Vec::new()));
        let Value::Array(items) = value else {
            self.fault(name, format!("`{name}` is {}, not a list of numbers", kind(&value)));
            return Vec::new();
        };
        if items.len() > LIST_MAX {
            self.fault(name, format!("`{name}` holds {} numbers, at most {LIST_MAX} are allowed", items.len()));
            return Vec::new();
        }
        if items.is_empty() {
            self.fault(name, format!("`{name}` is missing or empty: a list of numbers"));
        }
        if let Some(wrong) = items.iter().find(|item| item.as_i64().is_none_or(|row| row < 1)) {
            self.fault(name, format!("`{name}` holds {wrong}, not only numbers from 1 on"));
        }
        items.iter().filter_map(Value::as_i64).collect()
    }

    /// A whole number from 1 to `max`.
    pub(super) fn count(&mut self, name: &'static str, max: u64) -> Option<u64> {
        let value = self.take(name)?;
        let count = value.as_u64().filter(|count| (1..=max).contains(count));
        if count.is_none() {
            self.fault(name, format!("`{name}` is {value}, not a whole number from 1 to {max}"));
        }
        count
    }

    /// A whole number within bounds.
    pub(super) fn bounded(&mut self, name: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = self.take(name)?;
        let number = value.as_u64().filter(|number| bounds.contains(number));
        if number.is_none() {
            let (first, last) = (bounds.start(), bounds.end());
            self.fault(name, format!("`{name}` is {value}, not a whole number from {first} to {last}"));
        }
        number
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.take(name)?;
        if value.as_bool().is_none() {
            self.fault(name, format!("`{name}` is {}, not true or false", kind(&value)));
        }
        value.as_bool()
    }

    /// An object within this one, read by `read`; `None` where absent.
    pub(super) fn within<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let value = self.take(name)?;
        let Value::Object(object) = value else {
            self.fault(name, format!("`{name}` is {}, not an object", kind(&value)));
            return None;
        };
        let mut inner = Self::of(format!("{}/{name}", self.at), object);
        let value = read(&mut inner);
        self.errors.append(&mut inner.faults());
        Some(value)
    }

    /// Ends the reading: all faults, those of unknown fields included.
    fn faults(&mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = std::mem::take(&mut self.object).into_iter().map(|(name, _)| name).collect();
        for name in unknown {
            let alike = self.known.iter().map(|known| (strsim::jaro_winkler(&name, known), known));
            let best = alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score >= ALIKE);
            let detail = match best {
                Some((_, known)) => format!("`{name}` is not a field here; did you mean `{known}`?"),
                None => format!("`{name}` is not a field here (there are: {})", self.known.join(", ")),
            };
            self.fault(&name, detail);
        }
        std::mem::take(&mut self.errors)
    }

    /// Ends the reading and gives `value`.
    ///
    /// # Errors
    /// 422 with everything that was at fault. A missing `value` always has a fault that says why.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Problem> {
        let faults = self.faults();
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            Some(_) | None => Err(Problem::invalid(faults)),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[(&str, &str)]) {
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        fields.required("name");
        fields.texts("topics");
        fields.count("fresh_hours", 10);
        fields.within("select", |select| {
            select.required("item");
            select.flag("deep");
        });
        let faults: Vec<_> = fields.faults().into_iter().map(|fault| (fault.pointer.unwrap(), fault.detail)).collect();
        let faults: Vec<_> = faults.iter().map(|(pointer, detail)| (pointer.as_str(), detail.as_str())).collect();
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_good_body_has_no_fault() {
        check(r#"{"name": "n", "topics": ["a"], "fresh_hours": 10, "select": {"item": "li", "deep": true}}"#, &[]);
    }

    #[test]
    fn every_fault_of_a_body_is_told_at_once_at_its_pointer() {
        check(
            r#"{"topics": ["a", 1], "fresh_hours": 11, "select": {"item": 3}, "nmae": "n", "a/b": 1}"#,
            &[
                ("/name", "`name` is missing"),
                ("/topics", "`topics` holds a number, not only texts"),
                ("/fresh_hours", "`fresh_hours` is 11, not a whole number from 1 to 10"),
                ("/select/item", "`item` is a number, not a text"),
                ("/a~1b", "`a/b` is not a field here (there are: name, topics, fresh_hours, select)"),
                ("/nmae", "`nmae` is not a field here; did you mean `name`?"),
            ],
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_malformed() {
        assert_eq!(Fields::read(b"[]").unwrap_err(), Problem::malformed("the body is a list, not a JSON object"));
        assert!(Fields::read(b"{").is_err());
    }
}
