//! Secrets at rest: sealed under a key, they can be read by nobody who has the file alone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::{Sealing, SqliteStore};

/// In each secret of these sentences.
const MARK: &str = "PLANTED-SECRET";

fn planted(what: &str) -> Secret {
    Secret::new(format!("{MARK}-{what}"))
}

fn chat(service: Service, token: &str) -> Endpoint {
    let has_token = service == Service::Matrix;
    let parts = ChatParts {
        url: Some(url(&format!("https://hooks.example/services/{MARK}"))),
        token: has_token.then(|| planted(token)),
        room: has_token.then(|| format!("!{MARK}:service.example")),
        priority: None,
    };
    Endpoint::Chat(Chat::new(service, parts).unwrap())
}

fn device() -> SubscriptionSpec {
    let endpoint = Endpoint::WebPush {
        url: url("https://push.example/1"),
        p256dh: "BPublic".to_owned(),
        auth: planted("auth of a device"),
    };
    SubscriptionSpec::new("device", endpoint, Filter::default())
}

/// Puts a secret of each kind into a store, many of them twice, so that the first ones are left in free pages.
fn furnish(store: &mut SqliteStore) {
    for round in ["first", "second"] {
        let endpoint = Endpoint::webhook(url(&format!("https://hook.example/{MARK}/in")), planted(round));
        let id = store.add_subscription(&SubscriptionSpec::new("hook", endpoint, Filter::default()), at(0)).unwrap();
        store.rotate_secret(id, &planted("rotated"), at(9_000), at(1)).unwrap().unwrap();
        if round == "first" {
            store.remove_subscription(id).unwrap();
        }
    }
    for i in 0..40 {
        let endpoint = chat(if i % 2 == 0 { Service::Slack } else { Service::Matrix }, "token-of-a-bot");
        let spec = SubscriptionSpec::new(format!("chat {i}"), endpoint, Filter::default());
        let id = store.add_subscription(&spec, at(0)).unwrap();
        if i % 3 == 0 {
            store.remove_subscription(id).unwrap();
        }
    }
    let mail = Endpoint::Email(Mailbox::parse(&format!("{MARK}@example.org")).unwrap());
    store.add_subscription(&SubscriptionSpec::new("mail", mail, Filter::default()), at(0)).unwrap();
    store.subscribe_device(&device(), None, 9, at(0)).unwrap().unwrap();
    store.keep_vapid_key(&planted("vapid"), at(0)).unwrap();

    let claim = claimed(store, "https://example.org/feed", at(0));
    store.record_poll(&record(&claim, at(1), vec![])).unwrap();
    let spec = ChannelSpec {
        topic: "https://example.org/feed".to_owned(),
        hubs: vec![url("https://hub.example/")],
        base: url("https://news.example/"),
        token: planted("token of a channel"),
        secret: planted("secret of a channel"),
    };
    store.begin_channel(claim.source.id, &spec, at(2)).unwrap().unwrap();

    let spec = FollowerSpec {
        address: "https://news.example/feeds/a.atom".to_owned(),
        feed: FeedName::parse("a.atom").unwrap(),
        callback: url("https://reader.example/cb"),
    };
    let wish = Wish::Follow { lease: Duration::from_mins(1), secret: Some(planted("wish of a follower")) };
    let petition = Petition { wish, asked_at: at(1), due_at: at(1), failures: 0 };
    let secret = Some(planted("secret of a follower"));
    let state = FollowerState { secret, petition: Some(petition), ..FollowerState::default() };
    store.begin_follower(&spec, &state, 9).unwrap().unwrap();
}

/// All that has a secret, as the store gives it.
fn all(store: &mut SqliteStore) -> (Vec<Subscription>, Option<Secret>, Vec<Channel>, Vec<Follower>) {
    let channels = store.channels().unwrap();
    let found = store.channel_at(channels[0].spec.token.reveal()).unwrap();
    assert_eq!(found.as_ref(), channels.first(), "a channel is found by its token");
    (store.subscriptions().unwrap(), store.vapid_key().unwrap(), channels, store.followers().unwrap())
}

/// How often the mark stands in the bytes of all files of a folder.
fn marks(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(MARK.len()).filter(|window| *window == MARK.as_bytes()).count()).sum()
}

fn sealed_at(path: &Path, key: u8) -> SqliteStore {
    let mut store = SqliteStore::open_with(path, &keys(Some(key), None)).unwrap();
    store.seal(at(5)).unwrap();
    store.scrub().unwrap();
    store
}

#[test]
fn a_thief_of_the_file_finds_no_secret_in_its_bytes_nor_in_its_log_nor_in_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    furnish(&mut store);
    let before = all(&mut store);
    assert!(marks(folder.path()) > 100, "so many stand there in the clear");
    drop(store);

    let mut store = sealed_at(&path, 1);
    assert_eq!(marks(folder.path()), 0, "of those before too");
    assert_eq!(all(&mut store), before);
    // What is written from now on is sealed at once.
    let endpoint = Endpoint::webhook(url(&format!("https://hook.example/{MARK}/late")), planted("late"));
    store.add_subscription(&SubscriptionSpec::new("late", endpoint, Filter::default()), at(9)).unwrap();
    store.backup(&folder.path().join("copy.db")).unwrap();
    assert_eq!(marks(folder.path()), 0);
    let after = all(&mut store);
    drop(store);
    let mut copy = SqliteStore::open_with(&folder.path().join("copy.db"), &keys(Some(1), None)).unwrap();
    assert_eq!(all(&mut copy), after, "a copy is read with the same key");
    assert!(!copy.is_to_scrub().unwrap());
}

#[test]
fn without_the_key_what_needs_no_secret_works_and_the_rest_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    furnish(&mut SqliteStore::open(&path).unwrap());
    let before = all(&mut sealed_at(&path, 1));

    let mut shut = SqliteStore::open(&path).unwrap();
    assert_eq!(shut.sources(Listed::Current).unwrap().len(), 1);
    let refused = [
        shut.subscriptions().unwrap_err(),
        shut.add_subscription(&hook("new"), at(9)).unwrap_err(),
        shut.vapid_key().unwrap_err(),
        shut.seal(at(9)).unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(&error, StoreError::Sealed { why } if why.contains("key_credential")), "{error}");
    }
    drop(shut);
    assert_eq!(all(&mut SqliteStore::open_with(&path, &keys(Some(1), None)).unwrap()), before);
}

#[test]
fn a_wrong_key_is_refused_by_name_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    furnish(&mut SqliteStore::open(&path).unwrap());
    let before = all(&mut sealed_at(&path, 1));
    let bytes = fs::read(&path).unwrap();

    let (right, wrong) = (keys(Some(1), None).current.unwrap(), keys(Some(2), None));
    for error in [SqliteStore::open_with(&path, &wrong), SqliteStore::open_reader_with(&path, &wrong)] {
        let said = error.unwrap_err().to_string();
        assert!(said.contains(right.name()) && said.contains(wrong.current.as_ref().unwrap().name()), "{said}");
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(all(&mut SqliteStore::open_with(&path, &keys(Some(1), None)).unwrap()), before);
}

#[test]
fn a_key_takes_the_place_of_another_whole_and_what_was_sealed_under_the_old_one_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    furnish(&mut SqliteStore::open(&path).unwrap());
    let before = all(&mut sealed_at(&path, 1));

    let mut store = SqliteStore::open_with(&path, &keys(Some(2), Some(1))).unwrap();
    assert_eq!(all(&mut store), before, "until it is done the old key opens them");
    let new = keys(Some(2), None).current.unwrap();
    let Sealing::Sealed { secrets, key } = store.seal(at(6)).unwrap() else { panic!("nothing was done") };
    assert!((secrets > 60, key.as_str()) == (true, new.name()), "{secrets} under {key}");
    assert_eq!(store.seal(at(7)).unwrap(), Sealing::AsTheyWere);
    assert!(store.is_to_scrub().unwrap());
    store.scrub().unwrap();
    assert_eq!(all(&mut store), before);
    drop(store);

    assert!(SqliteStore::open_with(&path, &keys(Some(1), None)).is_err(), "the old key opens nothing");
    let old = format!("sealed1:{}", keys(Some(1), None).current.unwrap().name());
    let held = fs::read(&path).unwrap();
    assert!(!held.windows(old.len()).any(|window| window == old.as_bytes()));

    let mut store = SqliteStore::open_with(&path, &keys(None, Some(2))).unwrap();
    assert!(matches!(store.seal(at(8)).unwrap(), Sealing::Opened { .. }), "an old key alone opens them all");
    assert_eq!(all(&mut store), before);
    drop(store);
    assert_eq!(all(&mut SqliteStore::open(&path).unwrap()), before);
}

#[test]
fn a_secret_that_was_moved_to_another_row_or_changed_is_told_and_never_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = sealed_at(&path, 1);
    store.add_subscription(&hook("one"), at(0)).unwrap();
    store.add_subscription(&hook("two"), at(0)).unwrap();
    for tamper in [
        "UPDATE subscription SET secret = (SELECT secret FROM subscription WHERE name = 'two') WHERE name = 'one'",
        "UPDATE subscription SET secret = substr(secret, 1, 29) || iif(substr(secret, 30, 1) = 'A', 'B', 'A')
            || substr(secret, 31) WHERE name = 'two'",
        "UPDATE subscription SET secret = url WHERE name = 'two'",
    ] {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("BEGIN").unwrap();
        db.execute_batch(tamper).unwrap();
        db.execute_batch("COMMIT").unwrap();
        let error = store.subscriptions().unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { what: "secret", .. }), "{tamper}: {error}");
    }
}

#[test]
fn a_process_that_opened_the_file_before_it_was_sealed_neither_reads_nor_writes_secrets_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut early = SqliteStore::open(&path).unwrap();
    furnish(&mut early);
    let mut late = SqliteStore::open_with(&path, &keys(Some(1), None)).unwrap();
    late.seal(at(5)).unwrap();
    assert!(
        matches!(early.subscriptions(), Err(StoreError::Sealed { .. })),
        "what is sealed is no secret to sign with"
    );
    let written = early.add_subscription(&hook("early"), at(6)).unwrap_err().to_string();
    assert!(written.contains("start this command again"), "{written}");
    assert!(late.subscriptions().unwrap().iter().all(|held| held.spec.name != "early"));
}

#[test]
fn a_disk_that_is_full_while_secrets_are_sealed_leaves_all_of_them_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    furnish(&mut SqliteStore::open(&path).unwrap());
    let mut store = SqliteStore::open_with(&path, &keys(Some(1), None)).unwrap();
    let before = all(&mut store);
    let pages: i64 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    let free: i64 = store.db.pragma_query_value(None, "freelist_count", |row| row.get(0)).unwrap();
    assert!(free < 4, "there is no room in the file");
    assert!(store.seal(at(5)).unwrap_err().is_retryable());
    assert_eq!(all(&mut store), before);
    drop(store);
    assert_eq!(all(&mut SqliteStore::open(&path).unwrap()), before);
}

#[test]
fn a_stranger_who_calls_a_secret_by_what_sealed_ones_begin_with_confuses_nobody() {
    holds(|store| {
        let spec = FollowerSpec {
            address: "https://news.example/feeds/a.atom".to_owned(),
            feed: FeedName::parse("a.atom").unwrap(),
            callback: url("https://reader.example/cb"),
        };
        for text in ["sealed1:00000000:AAAA", "clear1:x", "clear1:sealed1:", ""] {
            let state = FollowerState { secret: Some(Secret::new(text)), ..FollowerState::default() };
            let id = store.begin_follower(&spec, &state, 9).unwrap().unwrap();
            let held = store.follower(id).unwrap().unwrap();
            assert_eq!(held.state.secret.as_ref().map(Secret::reveal), Some(text));
            store.drop_follower(id).unwrap();
        }
    });
}

#[test]
fn channels_that_were_begun_before_tokens_were_hashed_are_found_by_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    furnish(&mut store);
    store.db.execute("UPDATE channel SET token_hash = NULL", []).unwrap();
    drop(store);
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(store.channel_at(planted("token of a channel").reveal()).unwrap().is_some());
    assert!(store.channel_at("another").unwrap().is_none());
    let later = at(5) + SignedDuration::from_secs(1);
    assert_eq!(store.seal(later).unwrap(), Sealing::AsTheyWere, "without a key nothing is sealed");
}
