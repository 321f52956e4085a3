//! What a command changes of a thing, as the merge patch (RFC 7396) that the API takes for the same: one code judges both.

use serde_json::{Map, Value};

use super::exit::Refusal;
use super::screen::shown;

/// What is changed, by the API's fields. A field of `null` goes back to what is usual.
#[derive(Debug, Default)]
pub(super) struct Patch(Map<String, Value>);

impl Patch {
    /// Changes a field, where a value is given.
    pub(super) fn put(&mut self, field: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(field.to_owned(), value.into());
        }
    }

    /// Changes a list, where any of it is given.
    pub(super) fn put_list(&mut self, field: &str, values: &[String]) {
        self.put(field, (!values.is_empty()).then(|| values.to_vec()));
    }

    /// Gives fields back to what is usual; `fields` are options and the fields that they stand for. One that is given a value
    /// too is refused.
    pub(super) fn usual(&mut self, fields: &[(&str, &str)], options: &[String]) -> Result<(), Refusal> {
        for (option, field) in fields.iter().filter(|(option, _)| options.iter().any(|given| given == option)) {
            if self.0.insert((*field).to_owned(), Value::Null).is_some() {
                return Err(Refusal::Usage(format!("--{option} and --usual {option} are two wishes: give one")));
            }
        }
        Ok(())
    }

    /// Refuses a command that changes nothing.
    pub(super) fn must_say_something(&self, help: &str) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Err(Refusal::Usage(format!("nothing to change was named; see: {help}")));
        }
        Ok(())
    }

    /// Lays it onto a thing. What is wrong with it is told by options in the place of `fields`.
    pub(super) fn lay<T>(
        self,
        fields: &[(&str, &str)],
        onto: impl FnOnce(Map<String, Value>) -> Result<T, Vec<String>>,
    ) -> Result<T, Refusal> {
        onto(self.0).map_err(|faults| {
            let in_options = |fault: String| {
                let told = fields
                    .iter()
                    .fold(fault, |told, (option, field)| told.replace(&format!("`{field}`"), &format!("--{option}")));
                shown(&told)
            };
            Refusal::Usage(faults.into_iter().map(in_options).collect::<Vec<_>>().join("; "))
        })
    }
}
