//! A topic as somebody writes it in a form, right or wrong.

use serde_json::{Map, Value};

use super::posted::Posted;
use crate::model::{TopicKey, TopicSpec};
use crate::server::fields::Fields;
use crate::server::problem::Problem;
use crate::server::state::{AppState, Checks, Fault};
use crate::server::topics;

/// What a topic is called that has no id yet.
const UNNAMED: &str = "preview";

/// The fields of the form.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The topic that it changes, if it changes one.
    pub(super) topic: Option<String>,
    /// The newest version when the form was made.
    pub(super) version: Option<u32>,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) query: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) fresh_hours: String,
    pub(super) stale_days: String,
}

impl Draft {
    /// A topic's fields as they are saved.
    pub(super) fn of(spec: &TopicSpec, version: Option<u32>) -> Self {
        Self {
            topic: Some(spec.key.to_string()),
            version,
            id: spec.key.to_string(),
            name: spec.name.clone(),
            query: spec.query.clone(),
            from: spec.span.from().map(|day| day.to_string()).unwrap_or_default(),
            until: spec.span.until().map(|day| day.to_string()).unwrap_or_default(),
            fresh_hours: (spec.fresh.as_secs() / 3_600).to_string(),
            stale_days: (spec.stale.as_secs() / 86_400).to_string(),
        }
    }

    /// The fields of a topic that is new.
    pub(super) fn new() -> Self {
        Self { fresh_hours: "24".to_owned(), stale_days: "7".to_owned(), ..Self::default() }
    }

    /// As it was posted.
    pub(super) fn posted(posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).unwrap_or_default().to_owned();
        Self {
            topic: posted.text("topic").map(str::to_owned),
            version: posted.text("version").and_then(|number| number.parse().ok()),
            id: text("id"),
            name: text("name"),
            // Browsers end the lines of a form with CR LF (HTML, section 4.10.21.4); files and commands with LF alone.
            query: text("query").replace("\r\n", "\n"),
            from: text("from"),
            until: text("until"),
            fresh_hours: text("fresh_hours"),
            stale_days: text("stale_days"),
        }
    }

    /// The checks that it is held against: a query that stands as it was `saved` is taken again.
    pub(super) fn checks(&self, app: &AppState, saved: Option<&TopicSpec>) -> Checks {
        let stands = saved.is_some_and(|spec| spec.query == self.query);
        if stands { app.checks.taking_queries() } else { app.checks.clone() }
    }

    /// What is wrong with the query, and where.
    pub(super) fn faults(&self, checks: &Checks) -> Vec<Fault> {
        if self.query.is_empty() { Vec::new() } else { (checks.query)(&self.query) }
    }

    /// The topic, by the same rules as the API's.
    ///
    /// # Errors
    /// 422 with everything that is wrong with it.
    pub(super) fn read(&self, checks: &Checks) -> Result<TopicSpec, Problem> {
        self.read_as(self.topic.as_deref().unwrap_or(&self.id), checks)
    }

    /// The topic, whatever its id will be.
    ///
    /// # Errors
    /// 422 with everything that is wrong with it.
    pub(super) fn tried(&self, checks: &Checks) -> Result<TopicSpec, Problem> {
        let id = self.topic.as_deref().unwrap_or(&self.id);
        self.read_as(if TopicKey::parse(id).is_some() { id } else { UNNAMED }, checks)
    }

    fn read_as(&self, id: &str, checks: &Checks) -> Result<TopicSpec, Problem> {
        let texts =
            [("id", id), ("name", &self.name), ("query", &self.query), ("from", &self.from), ("until", &self.until)];
        let numbers = [("fresh_hours", &self.fresh_hours), ("stale_days", &self.stale_days)];
        let number = |text: &String| text.parse::<u64>().map_or_else(|_| Value::from(text.as_str()), Value::from);
        let texts = texts.into_iter().map(|(name, text)| (name, text.is_empty(), Value::from(text)));
        let numbers = numbers.into_iter().map(|(name, text)| (name, text.is_empty(), number(text)));
        let given = texts.chain(numbers).filter(|(_, is_empty, _)| !is_empty);
        let map: Map<String, Value> = given.map(|(name, _, value)| (name.to_owned(), value)).collect();
        topics::read(Fields::default().onto(map), checks)
    }
}
