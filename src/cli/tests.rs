use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::model::{
    Arrival, Attempt, Channel, ChannelId, ChannelPhase, ChannelSpec, ChannelState, Decision, Delivery, DeliveryId,
    DeliveryState, DomainPause, EntryKey, Event, EventId, Limits, Notification, NotificationId, NotificationType,
    Origin, Priority, Reason, Ruling, Secret, Source, SourceHealth, SourceId, SourceKind, SourceSpec, SourceState,
    Stage, Story, StoryDraft, StoryId, StoryState, SubscriptionId, Telling, TopicKey, Validators, WebUrl,
};
use crate::port::{Declared, Explained, StoreError};
use crate::schedule;
use crate::server::TokenMeans;
use crate::server::wire::{self, Beside};
use crate::store::SqliteStore;

use super::arguments::{Arguments, Command};
use super::checks::CHECKS;
use super::exit::{Exit, Refusal, of};
use super::screen::{Form, Screen, Table, shown};
use super::secret::TOKENS;
use super::{
    delivery, event, explain, follower, label, moment, notification, source, story, subscription, token, topic,
};

mod beside;
mod compare;
mod corrections;
mod edits;
mod manual;
mod topics;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives what `write` writes on a screen of `columns`.
fn written(form: Form, columns: Option<u16>, write: impl FnOnce(&mut Screen)) -> String {
    let paper = Paper::default();
    write(&mut Screen::captured(Box::new(paper.clone()), form, columns, at(60)));
    let bytes = paper.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// A minute of the day on which the First Committee voted.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_635_940_800 + 60 * minute).unwrap()
}

fn a_source(id: i64, name: &str, last_outcome: &str) -> Source {
    Source {
        id: SourceId(id),
        spec: SourceSpec {
            url: WebUrl::parse("https://press.un.org/en/rss.xml").unwrap(),
            name: name.to_owned(),
            publisher: "press.un.org".to_owned(),
            kind: SourceKind::Feed,
            lang: Some("en".to_owned()),
            topics: Vec::new(),
            interval_min: Duration::from_mins(30),
            interval_max: Duration::from_hours(4),
            priority: Priority::Normal,
            full_text: false,
        },
        origin: Origin::Config,
        state: SourceState {
            validators: Validators::default(),
            next_poll_at: at(95),
            last_poll_at: Some(at(57)),
            last_good_at: Some(at(57)),
            last_story_at: None,
            failures: 0,
            polls: 12,
            not_modified: 9,
            interval: Duration::from_mins(38),
            health: SourceHealth::Well,
            last_outcome: last_outcome.to_owned(),
            ..SourceState::default()
        },
        stories: 40,
    }
}

fn a_story() -> Story {
    Story {
        id: StoryId(7),
        source: SourceId(1),
        draft: StoryDraft {
            keys: vec![EntryKey(1)],
            url: "https://press.un.org/en/2021/gadis3673.doc.htm".to_owned(),
            link: "https://press.un.org/en/2021/gadis3673.doc.htm?utm_source=rss".to_owned(),
            publisher: "press.un.org".to_owned(),
            title: "First Committee approves draft on\u{1b}[31m cyberspace".to_owned(),
            text: "The Committee approved the draft.".to_owned(),
            author: None,
            lang: Some("en".to_owned()),
            published: Some(at(0)),
            fingerprint: 1,
        },
        seen_at: at(12),
        arrival: Arrival::Later,
        revision: 1,
        state: StoryState::Decided,
    }
}

fn a_decision() -> Decision {
    let reason = |stage, text: &str, numbers: Vec<(&'static str, f64)>, story| Reason {
        stage,
        text: text.to_owned(),
        numbers,
        story,
    };
    Decision {
        story: StoryId(7),
        revision: 1,
        topic: TopicKey::parse("resolution"),
        ruling: Ruling::Opened,
        event: Some(EventId(3)),
        score: 1.0,
        telling: Telling::Told(NotificationType::EventOpened),
        reasons: vec![
            reason(Stage::Topic, "the query of resolution matches", vec![("terms", 4.0)], None),
            reason(Stage::Event, "too unlike its nearest", vec![("score", 0.21), ("threshold", 0.4)], Some(StoryId(2))),
            reason(Stage::Tell, "it opens an event", Vec::new(), None),
        ],
        decided_at: at(12),
    }
}

fn explained() -> Explained {
    Explained {
        story: a_story(),
        source: a_source(1, "UN press", "ok"),
        revisions: Vec::new(),
        decisions: vec![a_decision()],
        events: vec![Event {
            id: EventId(3),
            topic: TopicKey::parse("resolution").unwrap(),
            title: "First Committee approves draft on cyberspace".to_owned(),
            first_story: StoryId(7),
            opened_at: at(12),
            changed_at: at(12),
            told_at: Some(at(12)),
            stories: 1,
            publishers: 1,
            languages: 1,
            merged_into: None,
        }],
        others: vec![(StoryId(2), "https://tass.com/politics/1".to_owned(), "Debate begins".to_owned())],
        deliveries: vec![Delivery {
            id: DeliveryId(9),
            notification: Notification {
                id: NotificationId("msg_0".to_owned()),
                kind: NotificationType::EventOpened,
                topic: TopicKey::parse("resolution"),
                event: Some(EventId(3)),
                story: Some(StoryId(7)),
                source: None,
                created_at: at(12),
                body: "{}".to_owned(),
            },
            subscription: (SubscriptionId(1), "newsroom".to_owned()),
            state: DeliveryState::Delivered,
            created_at: at(12),
            replayed_at: None,
            next_attempt_at: None,
            delivered_at: Some(at(12) + Duration::from_millis(340)),
            attempts: vec![Attempt {
                at: at(12),
                took: Duration::from_millis(330),
                status: Some(204),
                detail: String::new(),
                times: 1,
            }],
        }],
        labels: Vec::new(),
    }
}

#[test]
fn the_commands_are_well_formed() {
    Arguments::command().debug_assert();
}

#[test]
fn help_says_what_each_command_is_for() {
    let help = Arguments::command().term_width(100).render_help().to_string();
    insta::assert_snapshot!("help", help);
}

#[test]
fn an_explanation_names_each_stage_its_numbers_and_who_was_told_when() {
    let shown = written(Form::People, Some(100), |screen| explain::show(&explained(), screen).unwrap());
    insta::assert_snapshot!("explain", shown);
}

#[test]
fn json_has_the_names_of_the_api() {
    let value = serde_json::to_value(wire::Explained::from(&explained())).unwrap();
    insta::assert_snapshot!("explain_json", serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn a_table_fits_a_narrow_screen_and_is_whole_in_a_pipe() {
    let sources = || {
        vec![
            a_source(1, "UN press", "ok"),
            a_source(
                12,
                "Российский МИД, новости",
                "tls: certificate of www.mid.ru expired on 2021-10-30; tell its publisher",
            ),
        ]
    };
    let narrow = written(Form::People, Some(72), |screen| source::list(sources(), &nothing_beside(), screen).unwrap());
    assert!(narrow.lines().all(|line| console::measure_text_width(line) <= 72), "{narrow}");
    let pipe = written(Form::People, None, |screen| source::list(sources(), &nothing_beside(), screen).unwrap());
    insta::assert_snapshot!("sources", format!("{narrow}\n{pipe}"));
}

fn nothing_beside() -> Beside {
    Beside::new(Vec::new(), Vec::new(), at(60))
}

/// An open channel that has pushed to source 1, one that is being asked for by source 2, and a domain that is left alone.
fn beside() -> Beside {
    let open = Channel {
        id: ChannelId(1),
        source: SourceId(1),
        spec: ChannelSpec {
            topic: "https://press.un.org/en/rss.xml".to_owned(),
            hubs: vec![WebUrl::parse("https://hub.example/?key=hidden").unwrap()],
            base: WebUrl::parse("https://news.example/").unwrap(),
            token: Secret::new("token-nobody-sees".to_owned()),
            secret: Secret::new("secret-nobody-sees".to_owned()),
        },
        state: ChannelState {
            phase: ChannelPhase::Open,
            due_at: at(90),
            lease_until: Some(at(120)),
            last_push_at: Some(at(50)),
            pushes: 3,
            note: "verified".to_owned(),
            ..ChannelState::default()
        },
    };
    let asking = Channel { id: ChannelId(2), source: SourceId(2), state: ChannelState::default(), ..open.clone() };
    let pause = DomainPause {
        domain: "un.org".to_owned(),
        until: at(75),
        why: "https://press.un.org/en/rss.xml answered status: 429, too many".to_owned(),
    };
    Beside::new(vec![open, asking], vec![pause], at(60))
}

#[test]
fn a_source_is_shown_with_its_push_channel_and_the_pause_of_its_domain() {
    let (first, second) = (a_source(1, "UN press", "ok"), a_source(2, "UN news", "ok"));
    let list = written(Form::People, None, |screen| {
        source::list(vec![first.clone(), second], &beside(), screen).unwrap();
    });
    let why = schedule::why(&first.spec, &first.state, schedule::Market::default().quote(), at(60));
    let people = written(Form::People, None, |screen| source::show(&first, &why, &beside(), screen).unwrap());
    let program = written(Form::Json, None, |screen| source::show(&first, &why, &beside(), screen).unwrap());
    let program: serde_json::Value = serde_json::from_str(&program).unwrap();
    let part = serde_json::to_string_pretty(&[&program["push"], &program["paused"]]).unwrap();
    let all = format!("{list}\n{people}\n{part}");
    assert!(!all.contains("nobody-sees") && !all.contains("hidden"), "{all}");
    insta::assert_snapshot!("source_beside", all);
}

#[test]
fn json_lines_are_an_object_a_line() {
    let lines = written(Form::Json, Some(80), |screen| {
        source::list(vec![a_source(1, "a\nb", "ok"), a_source(2, "c", "ok")], &nothing_beside(), screen).unwrap();
    });
    let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0]["name"], "a\nb");
}

#[test]
fn foreign_text_can_not_steer_a_terminal() {
    assert_eq!(shown("a\u{1b}]0;x\u{7}\n\u{202e}b"), "a\\u{1b}]0;x\\u{7} \\u{202e}b");
    let mut table = Table::new(["TITLE"]);
    table.row(["\u{9b}31m".to_owned()]);
    let rows = written(Form::People, None, |screen| screen.table(&table).unwrap());
    assert_eq!(rows, "TITLE\n\\u{9b}31m\n");
}

#[test]
fn moments_are_dates_times_or_how_long_ago() {
    assert_eq!(moment::parse("2021-11-03", at(0)), Ok("2021-11-03T00:00:00Z".parse().unwrap()));
    assert_eq!(moment::parse("2h", at(120)), Ok(at(0)));
    assert_eq!(moment::parse("3d", at(3 * 1_440)), Ok(at(0)));
    assert!(moment::parse("yesterday", at(0)).is_err());
    assert!(moment::parse("2021-11-03T12:00:00", at(0)).is_err(), "whose noon?");
    assert_eq!(moment::parse_end("2021-11-03", at(0)), Ok("2021-11-04T00:00:00Z".parse().unwrap()));
    assert_eq!(moment::parse_end("2021-11-03T12:00:00+02:00", at(0)), Ok("2021-11-03T10:00:00Z".parse().unwrap()));
    assert_eq!(moment::relative(at(60), at(57)), "3 min ago");
    assert_eq!(moment::relative(at(0), at(90)), "in 90 min");
    assert_eq!(moment::between(at(0), at(0) + Duration::from_millis(1_250)), "1.2 s");
}

#[test]
fn errors_end_in_the_codes_of_sysexits() {
    let busy = StoreError::Busy { verb: "sync", why: "locked".to_owned() };
    assert_eq!(of(&anyhow::Error::new(busy).context("open")), Exit::TryLater);
    assert_eq!(of(&Refusal::Data("no such source".to_owned()).into()), Exit::Data);
    assert_eq!(of(&io::Error::from(io::ErrorKind::BrokenPipe).into()), Exit::Done);
    assert_eq!(of(&anyhow::anyhow!("anything")), Exit::Unavailable);
}

#[test]
fn lines_of_recorded_articles_are_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("articles.jsonl");
    std::fs::write(&file, r#"{"id": 1, "title": "Rain", "text": "Most read\nIt rained & poured.\n\nIt stopped."}"#)
        .unwrap();
    let (_, drafts, _) = super::backtest::recorded_with_judgment(&file).unwrap();
    assert_eq!(drafts[0].text, "Most read\nIt rained & poured.\nIt stopped.");
}

#[test]
fn a_backtest_is_over_a_file_or_over_what_is_stored() {
    let parses = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
    assert!(parses("tidings backtest --articles a.jsonl --query * --json"));
    assert!(parses("tidings --config x backtest --since 3d --topic t"));
    assert!(parses("tidings backtest --since 3d --compare a.toml b.toml"));
    assert!(!parses("tidings backtest --since 3d --compare a.toml"));
    assert!(!parses("tidings backtest --query x"));
    assert!(!parses("tidings backtest --articles a --since 3d"));
    assert!(!parses("tidings poll"));
    assert!(!parses("tidings poll --all 3"));
}

/// Runs a command on sources that needs no network.
fn offline(store: &mut SqliteStore, command: &source::SourceCommand, screen: &mut Screen) -> anyhow::Result<()> {
    let limits = Limits { connect: Duration::ZERO, total: Duration::ZERO, body_bytes: 0 };
    let ground = source::Ground {
        checks: CHECKS,
        declared: &Declared::default(),
        bounds: (Duration::from_mins(5), Duration::from_hours(4)),
        http: &|| anyhow::bail!("there is no network here"),
        limits,
        spacing: Duration::ZERO,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(source::source(store, command, &ground, screen))
}

/// Runs command lines one after another on one store in memory, and gives what each wrote or refused.
fn session<const N: usize>(lines: [&[&str]; N]) -> [String; N] {
    on(&mut SqliteStore::in_memory().unwrap(), lines)
}

/// The same, on a store that holds something.
fn on<const N: usize>(store: &mut SqliteStore, lines: [&[&str]; N]) -> [String; N] {
    lines.map(|words| {
        let line = ["tidings"].iter().chain(words);
        let arguments = Arguments::try_parse_from(line).unwrap_or_else(|why| panic!("{why}"));
        let mut outcome = Ok(());
        let form = if arguments.global.json { Form::Json } else { Form::People };
        let shown = written(form, Some(100), |screen| {
            outcome = match arguments.command.as_ref().expect("a command") {
                Command::Source(command) => offline(store, command, screen),
                Command::Topic(command) => {
                    let ground = topic::Ground {
                        checks: CHECKS,
                        policy: EventPolicy::default(),
                        model: &|| Ok(None),
                        answer: None,
                    };
                    topic::topic(store, command, &ground, screen)
                }
                Command::Subscription(command) => subscription::subscription(
                    store,
                    command,
                    &[7; 32],
                    &subscription::Ground { checks: CHECKS, has_relay: false, ring: &|| false },
                    screen,
                ),
                Command::Story(command) => story::story(store, command, screen),
                Command::Label(command) => label::label(store, command, screen),
                Command::Event(command) => event::event(store, command, screen),
                Command::Explain(args) => explain::explain(store, args, screen),
                Command::Notification(command) => notification::notification(store, command, screen),
                Command::Delivery(command) => delivery::delivery(store, command, &|| false, screen),
                Command::Token(command) => {
                    let means = TokenMeans { chance: || Some([7; 32]), ..TOKENS };
                    token::token(store, command, means, screen)
                }
                Command::Follower(command) => follower::follower(store, command, screen),
                other @ (Command::Status
                | Command::Doctor(_)
                | Command::Run
                | Command::Watch(_)
                | Command::Check
                | Command::Reload
                | Command::Poll(_)
                | Command::Inspect(_)
                | Command::Backtest(_)
                | Command::Schedule(_)
                | Command::Opml(_)
                | Command::Secret(_)
                | Command::Model(_)
                | Command::Backup(_)
                | Command::Completions(_)
                | Command::Restore(_)
                | Command::Export(_)
                | Command::Man(_)) => panic!("{other:?} needs more than a store"),
            };
        });
        outcome.map_or_else(|refused| format!("refused: {refused:#}"), |()| shown)
    })
}

#[test]
fn what_was_sent_again_is_counted_from_then_and_no_subscription_is_no_telling() {
    let mut known = explained();
    known.deliveries[0].replayed_at = Some(at(12));
    let shown = |known: &Explained| written(Form::People, Some(100), |screen| explain::show(known, screen).unwrap());
    assert!(shown(&known).contains(", 340 ms after it was sent again"), "{}", shown(&known));
    known.deliveries.clear();
    assert!(
        shown(&known).ends_with("\nNo subscription was told, as far as deliveries are kept.\n"),
        "{}",
        shown(&known)
    );
}

#[test]
fn a_mailbox_is_refused_where_no_relay_takes_letters() {
    let [refused, listed] =
        session([&["subscription", "add", "me", "--email", "person@example.org"], &["subscription", "list", "--json"]]);
    assert!(refused.starts_with("refused: --email: no relay takes letters here: set `smtp` and `from`"), "{refused}");
    assert_eq!(listed, "");
}

#[test]
fn a_token_is_printed_once_listed_without_its_text_and_removed_by_name() {
    let [added, again, badly, listed, json, removed, left] = session([
        &["token", "add", "desk", "--scope", "write", "--expires", "30"],
        &["token", "add", "desk", "--scope", "read"],
        &["token", "add", " ", "--scope", "read"],
        &["token", "list"],
        &["token", "list", "--json"],
        &["token", "remove", "desk"],
        &["token", "list"],
    ]);
    let text = "tdg_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    assert_eq!(added, format!("{text}\n"));
    assert_eq!(again, "refused: the token's name is taken already: \"desk\" is token 1");
    assert!(badly.starts_with("refused: \" \" is no name"), "{badly}");
    assert!(listed.contains("write") && !listed.contains(text), "{listed}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["scope"].as_str(), json["used_on"].as_str()), (Some("write"), None));
    assert_eq!((removed.as_str(), left.as_str()), ("removed token 1: desk\n", ""));
}

#[test]
fn a_source_is_added_shown_and_removed() {
    let [added, again, listed, removed, left] = session([
        &["source", "add", "https://press.un.org/en/rss.xml", "--name", "UN press", "--no-fetch"],
        &["source", "add", "https://press.un.org/en/rss.xml", "--exact"],
        &["source", "list", "--json"],
        &["source", "remove", "UN press"],
        &["source", "list", "--json"],
    ]);
    assert_eq!(added, "added source 1: https://press.un.org/en/rss.xml\n");
    assert_eq!(again, "refused: https://press.un.org/en/rss.xml is polled already: source 1 (UN press)");
    assert!(listed.contains("\"name\":\"UN press\""), "{listed}");
    assert_eq!(removed, "removed source 1: UN press\n");
    assert_eq!(left, "");
}

#[test]
fn a_secret_is_shown_once_and_a_test_makes_a_delivery() {
    let [_, added, shown, listed, tested, delivery] = session([
        &["topic", "add", "moon", "--query", "lunar"],
        &["subscription", "add", "newsroom", "https://hooks.example/t?key=hidden", "--topic", "moon"],
        &["subscription", "show", "newsroom"],
        &["subscription", "list", "--json"],
        &["subscription", "test", "1", "--json"],
        &["delivery", "list", "--state", "pending"],
    ]);
    assert!(added.contains("whsec_BwcHBw"), "{added}");
    for text in [&shown, &listed] {
        assert!(!text.contains("whsec_") && !text.contains("hidden"), "{text}");
    }
    assert!(tested.contains("msg_"), "{tested}");
    assert!(delivery.contains("subscription.test"), "{delivery}");
}

#[test]
fn a_rotation_shows_what_receivers_need_and_until_when_the_old_secret_signs() {
    let [_, rotated, key, shown, leaked] = session([
        &["subscription", "add", "newsroom", "https://hooks.example/t"],
        &["subscription", "rotate", "newsroom"],
        &["subscription", "rotate", "newsroom", "--signing", "v1a", "--keep", "48"],
        &["subscription", "show", "newsroom"],
        &["subscription", "rotate", "newsroom", "--keep", "0", "--json"],
    ]);
    assert!(rotated.contains("whsec_BwcHBw") && rotated.contains("the old secret signs too for"), "{rotated}");
    assert!(key.contains("whpk_") && !key.contains("whsk_"), "{key}");
    assert_eq!(shown.matches("an old secret, for").count(), 2, "{shown}");
    assert!(shown.contains("v1a") && shown.contains("whpk_") && !shown.contains("whs"), "{shown}");
    assert!(leaked.contains("\"secret\":null") && leaked.contains("\"public_key\":\"whpk_"), "{leaked}");
}

#[test]
fn what_a_subscription_wants_is_given_with_options_and_shown() {
    let add = ["subscription", "add", "a", "https://hooks.example/"];
    let with = |options: &[&'static str]| [&add[..], options].concat();
    let good = with(&[
        "--query",
        "veto",
        "--min-publishers",
        "3",
        "--digest",
        "daily 08:00 Europe/Berlin",
        "--payload",
        "thin",
    ]);
    let [added, shown, query, zone, version] = session([
        &good,
        &["subscription", "show", "a"],
        &with(&["--query", "veto AND"]),
        &with(&["--quiet", "22:00-07:00 Berlin"]),
        &with(&["--payload-version", "2"]),
    ]);
    assert!(added.starts_with("added subscription 1"), "{added}");
    for text in ["veto", "3 publishers on", "daily 08:00 Europe/Berlin", "thin, version 1"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(query.starts_with("refused: ") && zone.contains("there is no time zone \"Berlin\""), "{query} {zone}");
    assert!(version.contains("there is no version 2 of payloads (there are: 1)"), "{version}");
}

#[test]
fn a_subscription_is_disabled_enabled_and_recovered() {
    let [_, tested, disabled, refused, shown, listed, enabled, again, kept, recovered] = session([
        &["subscription", "add", "newsroom", "https://hooks.example/t", "--order", "strict", "--rate-per-minute", "6"],
        &["delivery", "test", "newsroom"],
        &["subscription", "disable", "newsroom"],
        &["subscription", "test", "newsroom"],
        &["subscription", "show", "newsroom"],
        &["subscription", "list"],
        &["subscription", "enable", "newsroom", "--replay", "none"],
        &["subscription", "enable", "newsroom"],
        &["delivery", "list", "--state", "kept", "--since", "1h"],
        &["delivery", "recover", "--since", "1h", "--subscription", "newsroom"],
    ]);
    assert!(tested.contains("made delivery 1"), "{tested}");
    assert!(disabled.starts_with("disabled subscription 1: newsroom\n"), "{disabled}");
    assert!(refused.contains("is disabled"), "{refused}");
    for said in ["disabled: operator", "kept", "strict", "at most 6 a minute", "tidings subscription enable 1"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(listed.contains("disabled: operator"), "{listed}");
    assert!(enabled.contains("enabled subscription 1") && enabled.contains("0 deliveries"), "{enabled}");
    assert!(again.contains("is not disabled"), "{again}");
    assert!(kept.contains("subscription.test"), "{kept}");
    assert_eq!(recovered, "1 delivery to newsroom (1) is sent again\n");
}

#[test]
fn what_is_not_there_is_named_with_where_to_look() {
    let [source, topic, kind] = session([
        &["source", "show", "nowhere"],
        &["subscription", "add", "a", "https://hooks.example/", "--topic", "mars"],
        &["subscription", "add", "a", "https://hooks.example/", "--type", "event.shut"],
    ]);
    assert_eq!(source, "refused: there is no source \"nowhere\"; see: tidings source list");
    assert_eq!(topic, "refused: there is no topic \"mars\"; see: tidings topic list");
    assert!(kind.contains("expected one of event.opened, "), "{kind}");
}

#[test]
fn what_is_told_needs_no_network_and_what_must_be_found_does() {
    let [list, page, both, searched, known, bare, again] = session([
        &["source", "add", "https://a.example/news", "--as", "list"],
        &["source", "add", "https://b.example/news", "--item", "li", "--date", "time", "--interval-min", "300"],
        &["source", "add", "https://c.example/news", "--as", "feed", "--item", "li"],
        &["source", "add", "https://d.example/news"],
        &["source", "add", "http://www.a.example/news/"],
        &["source", "add", "e.example/rss", "--no-fetch", "--json"],
        &["source", "add", "http://www.e.example/rss/", "--no-fetch"],
    ]);
    assert_eq!(
        (list.as_str(), page.as_str()),
        ("added source 1: https://a.example/news\n", "added source 2: https://b.example/news\n")
    );
    assert!(both.contains("selectors are for pages"), "{both}");
    assert_eq!(searched, "refused: there is no network here");
    assert_eq!(known, "refused: http://www.a.example/news/ is polled already: source 1 (a.example)");
    assert_eq!(again, "refused: http://www.e.example/rss/ is polled already: source 3 (e.example)");
    assert_eq!(bare, "{\"id\":3,\"url\":\"https://e.example/rss\"}\n");
}

#[test]
fn a_list_is_imported_with_every_line_that_is_not_taken_and_exported_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (list, copy) = (path("list.opml"), path("copy.opml"));
    let opml = "<opml version='1.0'><body>\n<outline text='Moon'>\n<outline text='A' type='rss' xmlUrl='https://a.example/rss'/>\n\
        <outline text='A again' xmlUrl='http://www.a.example/rss/'/>\n</outline><outline text='Old &amp; odd'>\n\
        <outline text='B' xmlUrl='https://b.example/rss'/><outline text='C' xmlUrl='gopher://c.example'/></outline></body></opml>";
    std::fs::write(&list, opml).unwrap();
    let [_, dry, imported, again, json, exported, refused] = session([
        &["topic", "add", "moon", "--query", "lunar"],
        &["source", "import", &list, "--dry-run"],
        &["source", "import", &list],
        &["source", "import", &list],
        &["source", "import", &list, "--json"],
        &["source", "export", &copy],
        &["source", "export", &copy],
    ]);
    let told = [&dry, &imported, &again, &json].map(|text| text.replace(&list, "list.opml"));
    insta::assert_snapshot!("import", told.join("\n"));
    assert!(exported.starts_with("wrote 2 sources to "), "{exported}");
    assert!(refused.contains("copy.opml exists already; name a new file"), "{refused}");
    let [taken_up, _, listed] =
        session([&["source", "import", &copy], &["source", "remove", "B"], &["source", "list", "--json"]]);
    assert!(taken_up.contains("2 added, 0 known already, 0 left out"), "{taken_up}");
    assert!(taken_up.contains("topics that are not there yet") && taken_up.contains("moon (1)"), "{taken_up}");
    assert!(listed.contains("\"topics\":[\"moon\"]"), "{listed}");
}

#[test]
fn a_crowd_that_is_imported_says_how_long_its_first_polls_are_spread() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("urls.txt");
    let urls: Vec<String> = (0..300).map(|n| format!("https://h{n}.example/feed")).collect();
    std::fs::write(&list, urls.join("\n")).unwrap();
    let [imported] = session([&["source", "import", list.to_str().unwrap()]]);
    assert!(imported.contains("300 added"), "{imported}");
    assert!(imported.contains("their first polls are spread; the last is due in 4 min"), "{imported}");
}

#[test]
fn the_log_is_listed_from_a_place_on_and_says_when_it_no_longer_reaches_there() {
    let [_, _, _, all, rest, table, beyond, wrong] = session([
        &["subscription", "add", "newsroom", "https://hooks.example/t"],
        &["subscription", "test", "1"],
        &["subscription", "test", "1"],
        &["notification", "list", "--json"],
        &["notification", "list", "--after", "1", "--type", "subscription.test", "--json"],
        &["notification", "list"],
        &["notification", "list", "--after", "3"],
        &["notification", "list", "--type", "event.nonsense"],
    ]);
    assert_eq!(all.lines().count(), 1, "a test made twice in one moment is one: {all}");
    assert!(all.starts_with("{\"seq\":1,\"id\":\"msg_") && all.contains("\"payload\":{\"type\":"), "{all}");
    assert_eq!(rest, "");
    assert!(table.contains("subscription.test") && table.contains("msg_"), "{table}");
    assert_eq!(beyond, "refused: the log ends at 1: 3 is no number of this database");
    assert!(wrong.contains("event.opened, event.updated"), "{wrong}");
}
