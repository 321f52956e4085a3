//! Clocks that jump by a day, both ways: in simulated time over a hundred sources, and under the real binary by libfaketime.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{SourceSpec, WebUrl};
use tidings::port::Declared;
use tidings::schedule::PollPolicy;

use super::scene::Scene;
use crate::life::{Life, live_with_jumps};
use crate::score::server::{Asked, Said, View, Web};

const HOUR: u64 = 3_600;
const SOURCES: usize = 40;
/// Half an hour at the shortest between polls, an hour at the longest.
const INTERVALS_MINS: (u64, u64) = (30, 60);

fn script(_url: &WebUrl, _secs: i64, _asked: &Asked<'_>) -> Said {
    let body = "<rss version=\"2.0\"><channel><title>Wire</title><item><title>One</title>\
                <link>https://a.example/1</link></item></channel></rss>";
    Said { status: 200, fields: vec![], body: body.to_owned() }
}

/// Polls of each source in each hour of the life, when the clock jumps by `by` after an hour and a half.
fn polls_by_hour(by: SignedDuration) -> BTreeMap<String, Vec<usize>> {
    const HOURS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clock.db");
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let sources = (0..SOURCES).map(|n| {
        let url = WebUrl::parse(&format!("https://s{n}.example/feed")).unwrap();
        let (shortest, longest) = INTERVALS_MINS;
        SourceSpec::feed(url, (Duration::from_mins(shortest), Duration::from_mins(longest)))
    });
    let declared = Declared { sources: sources.collect(), ..Declared::default() };
    let life = Life {
        file: &file,
        declared: &declared,
        seed: 11,
        start,
        span: Duration::from_secs(HOUR * HOURS as u64),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    let web = Arc::new(Web { start, log: Mutex::default(), script });
    let steady = Arc::clone(&web);
    let jump = (Duration::from_secs(HOUR * 3 / 2), by);
    live_with_jumps(life, &[jump], move |clock| Arc::new(View { web: steady, clock }));
    let mut hours: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    // Hits carry the wall's time: what came after the jump is told by its order.
    let mut passed = 0_i64;
    let mut last = 0_i64;
    for hit in web.log.lock().unwrap().iter() {
        let step = hit.at - last;
        passed += if step.abs() > 12 * 3_600 { step - by.as_secs() } else { step };
        last = hit.at;
        let hour = usize::try_from(passed / 3_600).unwrap_or_default().min(HOURS - 1);
        hours.entry(hit.url.clone()).or_insert_with(|| vec![0; HOURS])[hour] += 1;
    }
    hours
}

#[test]
fn a_clock_that_jumps_a_day_brings_no_storm_and_lets_no_source_sleep() {
    for by in [SignedDuration::from_hours(24), SignedDuration::from_hours(-24)] {
        let hours = polls_by_hour(by);
        assert_eq!(hours.len(), SOURCES);
        for (url, polls) in &hours {
            // At most two an hour by its interval, and one more where the jump makes it due.
            assert!(polls.iter().all(|n| *n <= 3), "a storm of {url} by {by}: {polls:?}");
            let begun = polls.iter().position(|n| *n > 0).unwrap();
            let asleep = polls[begun..].windows(2).any(|pair| pair.iter().sum::<usize>() == 0);
            assert!(!asleep, "{url} slept by {by}: {polls:?}");
        }
    }
}

/// Debian's library, for programs of many threads.
fn faketime() -> Option<PathBuf> {
    let found = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|triple| Path::new("/usr/lib").join(triple).join("faketime/libfaketimeMT.so.1"))
        .into_iter()
        .find(|path| path.exists());
    if found.is_none() {
        eprintln!("!!! SKIPPED: no libfaketime (tests/run installs faketime)");
    }
    found
}

#[test]
fn the_real_binary_goes_on_whatever_day_its_clock_says() {
    let Some(library) = faketime() else { return };
    let scene = Scene::new();
    let said_time = scene.path("time");
    let set = |offset: &str| {
        // In one step: the library reads it at every look at the clock.
        fs::write(scene.path("time.new"), offset).unwrap();
        fs::rename(scene.path("time.new"), &said_time).unwrap();
    };
    set("+0d\n");
    let mut command = scene.command(&["run"]);
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &said_time)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    let mut daemon = scene.begin(command);
    scene.publisher.publish(8);
    scene.wait_until_told(&mut daemon);
    for offset in ["+1d", "+0d", "-1d", "+0d"] {
        set(&format!("{offset}\n"));
        scene.publisher.publish(4);
        scene.wait_until_told(&mut daemon);
        daemon.until("all loops turn", |daemon| daemon.page("/healthz").is_some_and(|(status, _)| status == 200));
    }
    scene.holds_promise();
    let said = daemon.said();
    assert!(said.contains("the clock was put back") && said.contains("the clock was put forward"), "{said}");
    assert_eq!(daemon.stop().code(), Some(0));
}
