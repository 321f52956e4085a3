//! As much of JSON Schema as the description uses. It is stricter in one thing: what an object has must be described.

use serde_json::Value;

/// Keywords that say nothing of an answer's shape.
const PASSED_OVER: [&str; 12] = [
    "description",
    "format",
    "minimum",
    "maximum",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "title",
    "default",
    "examples",
];

/// The schema that is referred to.
pub(super) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place} is missing")),
        None => schema,
    }
}

/// What is wrong with `value`, each with its place.
pub(super) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(document, schema, value, "", &mut faults);
    faults
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = resolved(document, schema);
    for (keyword, says) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "type" => {
                let types = says.as_array().cloned().unwrap_or_else(|| vec![says.clone()]);
                if !types.iter().any(|kind| is_of(kind.as_str().unwrap(), value)) {
                    faults.push(format!("{at} is {value}, not {says}"));
                }
            }
            "enum" => {
                if !says.as_array().unwrap().contains(value) {
                    faults.push(format!("{at} is {value}, none of {says}"));
                }
            }
            "oneOf" => {
                let fits = |schema: &&Value| self::faults(document, schema, value).is_empty();
                let fitting = says.as_array().unwrap().iter().filter(fits).count();
                if fitting != 1 {
                    faults.push(format!("{at} is {value}, which fits {fitting} of {says}"));
                }
            }
            "required" => {
                for field in says.as_array().unwrap() {
                    if value.is_object() && value.get(field.as_str().unwrap()).is_none() {
                        faults.push(format!("{at}/{field} is missing"));
                    }
                }
            }
            "properties" => {
                for (field, within) in value.as_object().into_iter().flatten() {
                    match says.get(field) {
                        Some(described) => check(document, described, within, &format!("{at}/{field}"), faults),
                        None => faults.push(format!("{at}/{field} is not described")),
                    }
                }
            }
            "additionalProperties" if says.is_object() => {
                for (field, within) in value.as_object().into_iter().flatten() {
                    check(document, says, within, &format!("{at}/{field}"), faults);
                }
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, says, item, &format!("{at}/{n}"), faults);
                }
            }
            "$ref" | "additionalProperties" | "propertyNames" => {}
            other => assert!(PASSED_OVER.contains(&other), "the keyword {other} of {schema} is not known here"),
        }
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    }
}
