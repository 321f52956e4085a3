//! How a subscription is told: the keys of `[[subscriptions]]` for digests, quiet hours, expiry and payloads.

use std::time::Duration;

use crate::model::{DigestPlan, Manner, PayloadShape, PlanError, Quiet, parse_expiry};

use super::problem::{Findings, Problem};
use super::reader::Table;
use super::subscription::types;

/// Reads them; what is wrong is told, and left as it is usual.
pub(super) fn read(table: &Table<'_>, found: &mut Findings) -> Manner {
    let usual = Manner::default();
    let digest = plan(table, "digest", DigestPlan::parse, found);
    let digest_empty = table.flag("digest_empty", found);
    if digest_empty && !table.has("digest") {
        let problem = Problem::new(format!("{} is set without `digest`", table.name("digest_empty")));
        found.push(problem.at(table.place(), "has no `digest`").help("say when: digest = \"daily 08:00 UTC\""));
    }
    let shapes = PayloadShape::ALL.map(|shape| (shape.label(), shape));
    Manner {
        digest,
        digest_empty,
        quiet: plan(table, "quiet", Quiet::parse, found),
        at_once: types(table, "at_once", found),
        expire_after: expiry(table, found),
        payload: table.word("payload", &shapes, found).unwrap_or(usual.payload),
        payload_version: version(table, found),
    }
}

fn expiry(table: &Table<'_>, found: &mut Findings) -> Option<Duration> {
    plan(table, "expire_after", parse_expiry, found)
}

fn plan<T>(
    table: &Table<'_>,
    key: &str,
    parse: impl Fn(&str) -> Result<T, PlanError>,
    found: &mut Findings,
) -> Option<T> {
    let at = table.text(key, found)?;
    match parse(at.value) {
        Ok(plan) => Some(plan),
        Err(why) => {
            let problem = Problem::new(format!("{} is \"{}\"", table.name(key), at.value));
            found.push(problem.at(table.blame(&at), why.to_string()));
            None
        }
    }
}

/// One that this program doesn't write is refused, never replaced.
fn version(table: &Table<'_>, found: &mut Findings) -> u32 {
    let newest = Manner::VERSIONS.into_iter().max().unwrap_or(1);
    if table.has("payload_version") { table.count("payload_version", 1..=newest, found) } else { newest }
}
