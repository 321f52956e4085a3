use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use crate::model::{NotificationType, SourceKind, WebUrl};

use super::schema::SHAPES;
use super::*;

mod documentation;

const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn parse_as(text: &str, need: Secrets, environment: &Environment) -> Result<Settings, Problems> {
    let checks = Checks {
        query: &|query| match query.find("AND AND") {
            Some(at) => vec![QueryProblem {
                span: at + 4..at + 7,
                message: "expected a word after AND".to_owned(),
                help: "drop one AND".to_owned(),
                is_doubt: false,
            }],
            None => query.find(" NEAR ").map_or_else(Vec::new, |at| {
                let (message, help) = ("NEAR is read as a word".to_owned(), "write \"a b\"~5".to_owned());
                vec![QueryProblem { span: at + 1..at + 5, message, help, is_doubt: true }]
            }),
        },
        selector: &|text| text.contains(">>").then(|| "unexpected `>`".to_owned()),
        allow: &|text| text.contains("/99").then(|| "a network of IPv4 ends in /0 to /32".to_owned()),
        signing_secret: &|text| (text != WHSEC).then(|| "expected whsec_ and 24 to 64 bytes in base64".to_owned()),
        storage_key: &|text| (text.len() != 44).then(|| "expected 32 random bytes in base64 or hex".to_owned()),
    };
    parse(text, Path::new("tidings.toml"), environment, &checks, need)
}

fn home() -> Environment {
    Environment { home: Some(PathBuf::from("/home/reader")), ..Environment::default() }
}

fn settings(text: &str) -> Settings {
    parse_as(text, Secrets::Required, &home()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn broken(text: &str) -> String {
    let problems = parse_as(text, Secrets::Required, &home()).expect_err("the configuration is broken");
    problems.render(Ink::Plain, 120)
}

/// Takes the `#` away from the lines that begin with it and no space.
fn with_examples() -> String {
    let uncomment = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    DEFAULTS.lines().map(|line| uncomment(line) + "\n").collect()
}

#[test]
fn a_file_that_is_no_utf8_is_told_with_its_line_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latin.toml");
    let text = [&b"[server]\ntoken = \"hidden\"\n\n[[topics]]\nid = \"un\"\nname = \"R\xe9solution\"\n"[..]].concat();
    std::fs::write(&file, text).unwrap();
    let checks = Checks {
        query: &|_| Vec::new(),
        selector: &|_| None,
        allow: &|_| None,
        signing_secret: &|_| None,
        storage_key: &|_| None,
    };
    let refused = load(&file, &home(), &checks, Secrets::Required).unwrap_err().render(Ink::Plain, 120);
    for told in ["the file is no UTF-8", "latin.toml:6:10", "0xE9 begins no character", "iconv -f ENCODING"] {
        assert!(refused.contains(told), "{told}: {refused}");
    }
    assert!(!refused.contains("hidden"), "{refused}");
}

#[test]
fn an_empty_file_and_the_documented_defaults_mean_the_same() {
    assert_eq!(settings(""), settings(DEFAULTS));
    insta::assert_debug_snapshot!("defaults", settings(""));
}

#[test]
fn every_key_is_documented() {
    let undocumented: Vec<_> = SHAPES
        .iter()
        .flat_map(|shape| shape.keys)
        .filter(|key| {
            ![format!("{key} = "), format!("[{key}]"), format!("[[{key}]]")].iter().any(|k| DEFAULTS.contains(k))
        })
        .collect();
    assert_eq!(undocumented, Vec::<&&str>::new());
}

#[test]
fn the_examples_in_the_documentation_are_right() {
    let example = parse_as(&with_examples(), Secrets::Skipped, &home()).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(example.declared.topics.len(), 1);
    assert!(matches!(example.declared.sources[0].kind, SourceKind::Page(_)));
    assert_eq!(example.poll, settings("").poll);
}

#[test]
fn what_is_left_out_of_a_source_is_taken_from_its_address_and_from_poll() {
    let read = settings(
        "[poll]\ninterval_min_minutes = 0.5\n[[topics]]\nid = 't'\nquery = 'x'\n[[sources]]\nurl = 'https://www.example.org/a'\nlang = 'en-GB'\ntopics = ['t']",
    );
    let source = &read.declared.sources[0];
    assert_eq!(source.url, WebUrl::parse("https://www.example.org/a").unwrap());
    assert_eq!((source.name.as_str(), source.publisher.as_str()), ("www.example.org", "example.org"));
    assert_eq!(source.interval_min, Duration::from_secs(30));
    assert_eq!(source.lang.as_deref(), Some("en"));
    assert_eq!(read.declared.topics[0].stale, Duration::from_hours(168));
}

#[test]
fn a_topic_has_the_days_that_it_names_as_dates_or_as_texts() {
    let read = settings("[[topics]]\nid = 't'\nquery = 'x'\nfrom = 2021-10-01\nuntil = '2022-01-31'\n");
    assert_eq!(read.declared.topics[0].span.to_string(), "2021-10-01 to 2022-01-31");
}

#[test]
fn a_secret_comes_from_the_file_from_a_file_of_its_own_or_from_systemd() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, format!("{WHSEC}\n")).unwrap();
    let environment = Environment { credentials_directory: Some(dir.path().to_owned()), ..home() };
    let text = format!(
        "[[subscriptions]]\nname='a'\nurl='https://a.example/'\nsecret='{WHSEC}'\n\
         [[subscriptions]]\nname='b'\nurl='https://b.example/'\nsecret_file='{}'\n\
         [[subscriptions]]\nname='c'\nurl='https://c.example/'\nsecret_credential='key'\ntypes=['source.failing']\n",
        path.display()
    );
    let read = parse_as(&text, Secrets::Required, &environment).unwrap_or_else(|p| panic!("{p}"));
    let secrets: Vec<_> = read
        .declared
        .subscriptions
        .iter()
        .map(|s| match &s.endpoint {
            crate::model::Endpoint::Webhook { secret, .. } => secret.reveal(),
            other @ (crate::model::Endpoint::WebPush { .. }
            | crate::model::Endpoint::Chat(_)
            | crate::model::Endpoint::Email(_)) => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(secrets, [WHSEC; 3]);
    assert_eq!(read.declared.subscriptions[2].filter.types, [NotificationType::SourceFailing]);
}

#[test]
fn old_secrets_sign_through_the_day_or_until_the_time_that_each_names() {
    let text = format!(
        "[[subscriptions]]\nname='a'\nurl='https://a.example/'\nsecret='{WHSEC}'\nold_secrets = [\n\
         {{ secret = '{WHSEC}', until = 2026-12-01 }},\n{{ secret = '{WHSEC}', until = 2026-12-01T12:00:00+01:00 }}]\n"
    );
    let old: Vec<_> = settings(&text).declared.subscriptions[0]
        .old_secrets
        .iter()
        .map(|old| (old.secret.reveal().to_owned(), old.until.to_string()))
        .collect();
    let both = ["2026-12-02T00:00:00Z", "2026-12-01T11:00:00Z"].map(|until| (WHSEC.to_owned(), until.to_owned()));
    assert_eq!(old, both);
}

#[test]
fn relative_paths_begin_in_the_folder_of_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("etc");
    std::fs::create_dir(&folder).unwrap();
    // As an editor of another system writes it.
    std::fs::write(folder.join("hook.secret"), format!("\u{feff}{WHSEC}\r\n")).unwrap();
    std::fs::write(folder.join("api.token"), "0123456789abcdef").unwrap();
    let file = folder.join("tidings.toml");
    let text = "[[subscriptions]]\nname='a'\nurl='https://a.example/'\nsecret_file='hook.secret'\n\
                [server]\ntoken_file='./api.token'\n[storage]\npath='data/here.db'\n";
    std::fs::write(&file, text).unwrap();
    let checks = Checks {
        query: &|_| Vec::new(),
        selector: &|_| None,
        allow: &|_| None,
        signing_secret: &|text| (text != WHSEC).then(String::new),
        storage_key: &|_| None,
    };
    let read = load(&file, &home(), &checks, Secrets::Required).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(read.declared.subscriptions.len(), 1);
    assert_eq!(read.server.token.unwrap().reveal(), "0123456789abcdef");
    assert_eq!(read.storage.path, folder.join("data/here.db"));
}

#[test]
fn outside_of_systemd_a_check_says_which_credential_it_left_unchecked() {
    let text = "[[subscriptions]]\nname='c'\nurl='https://c.example/'\nsecret_credential='key'\n";
    let read = parse_as(text, Secrets::Checked, &home()).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!((read.notices.len(), read.declared.subscriptions.len(), read.unread), (1, 0, 1));
    assert!(parse_as(text, Secrets::Required, &home()).is_err());
}

#[test]
fn the_database_is_where_the_environment_says_unless_the_file_says_so() {
    let state = Environment::read(|name| (name == "STATE_DIRECTORY").then(|| "/var/lib/tidings:/var/lib/b".into()));
    let at =
        |environment: &Environment, text: &str| parse_as(text, Secrets::Required, environment).unwrap().storage.path;
    assert_eq!(at(&state, ""), Path::new("/var/lib/tidings/tidings.db"));
    assert_eq!(at(&home(), ""), Path::new("/home/reader/.local/share/tidings/tidings.db"));
    assert_eq!(at(&state, "[storage]\npath='here.db'"), Path::new("here.db"));
    assert_eq!(at(&state, "[storage]\npath='/srv/there.db'"), Path::new("/srv/there.db"));
}

#[test]
fn no_message_holds_a_secret() {
    let text = "[[subscriptions]]\nname = 'a'\nurl = 'ftp://x'\nsecret = 'tellnobody'\n[server]\ntoken = 'soshort'\n";
    let shown = broken(text);
    assert!(!shown.contains("tellnobody") && !shown.contains("soshort"), "{shown}");
    let shown = broken(
        "[[subscriptions]]\nname = 'a'\nurl = 'https://x'\nold_secrets = [{ secret = 'tellnobody', until = 'soon' }]\n",
    );
    assert!(shown.contains("until") && !shown.contains("tellnobody"), "{shown}");
    let shown = broken("[server]\ntoken = \"soshort\n");
    assert!(!shown.contains("soshort"), "{shown}");
}

#[test]
fn the_shipped_topic_is_right() {
    let read = settings(include_str!("../../config/resolution.toml"));
    assert_eq!(read.declared.topics.len(), 1);
    assert!(read.declared.sources.len() > 20);
}

macro_rules! broken_configurations {
    ($($name:ident: $text:expr;)*) => { $(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), broken($text));
        }
    )* };
}

broken_configurations! {
    a_line_that_is_no_toml: "[poll]\nconcurrency = 8\njitter_percent = = 3\n[server]\nlisten = 5\n";
    misspelled_and_misplaced_keys: "[pol]\nconcurrency = 8\n\n[poll]\nintervall_min_minutes = 5\ntoken = 'x'\ncolour = 1\n";
    values_of_the_wrong_kind: "topics = 'all'\n[poll]\nconcurrency = '64'\njitter_percent = true\n[network]\nallow = '10.0.0.0/8'\nallow_private = 'no'\n[delivery]\nretry_secs = [5, 'ten']\n[storage]\npath = 7\n";
    numbers_out_of_bounds: "[poll]\ninterval_min_minutes = 0\nconcurrency = 0\njitter_percent = 80\n[events]\nsame_event = 0.01\n[delivery]\nretry_secs = []\nexpire_hours = -1\n";
    topics_without_what_they_need: "[[topics]]\nname = 'No id'\nquery = 'x'\n\n[[topics]]\nid = 'Cyber Security'\nquery = ''\n\n[[topics]]\nid = 'a'\nquery = 'x'\n\n[[topics]]\nid = 'a'\nquery = 'y'\n";
    topics_with_odd_days: "[[topics]]\nid = 'a'\nquery = 'x'\nfrom = 2022-01-31\nuntil = 2021-10-01\n\n[[topics]]\nid = 'b'\nquery = 'x'\nfrom = 2021\nuntil = '31 January'\n\n[[topics]]\nid = 'c'\nquery = 'x'\nfrom = 2021-10-01T12:00:00Z\n";
    a_query_with_a_mistake: "[[topics]]\nid = 'un'\nquery = '''\n\"united nations\"\n  AND AND (cyber* OR internet)\n'''\n";
    sources_with_mistakes: "[[topics]]\nid = 'resolution'\nquery = 'x'\n[[sources]]\nurl = 'press.un.org/rss.xml'\n[[sources]]\nurl = 'https://example.org/feed'\ntopics = ['resolutoin']\ninterval_min_minutes = 500\nlang = 'english'\n[[sources]]\nurl = 'https://EXAMPLE.org:443/feed'\nkind = 'fed'\n[[sources]]\nurl = 'https://user:pass@example.org/'\n";
    pages_with_mistakes: "[[sources]]\nurl = 'https://a.example/'\nkind = 'page'\n[[sources]]\nurl = 'https://b.example/'\nkind = 'page'\nselect = { item = 'ul >> li', lnk = 'a' }\n[[sources]]\nurl = 'https://c.example/'\nselect = { item = 'li' }\n[[sources]]\nurl = 'https://d.example/'\nkind = 'page'\n[sources.select]\nlink = 'a'\n";
    subscriptions_with_mistakes: "[[subscriptions]]\nname = 'a'\nurl = 'https://a.example/'\n[[subscriptions]]\nname = 'b'\nurl = 'https://b.example/'\nsecret = 'hunter2'\ntypes = ['event.open']\n[[subscriptions]]\nname = 'c'\nurl = 'https://c.example/'\nsecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'\nsecret_file = '/nowhere/key'\n[[subscriptions]]\nname = 'd'\nurl = 'https://d.example/'\nsecret_file = '/nowhere/key'\n[[subscriptions]]\nname = 'd'\nurl = 'https://d.example/'\nsecret_credential = 'key'\n";
    old_secrets_with_mistakes: "[[subscriptions]]\nname = 'a'\nurl = 'https://a.example/'\nsecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'\nold_secrets = [\n{ until = 2026-12-01 },\n{ secret = 'hunter2', until = 2026 },\n{ secret_file = '/nowhere/key' },\n{ secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', until = 2026-12-01T12:00:00, form = 1 },\n]\n";
    origins_with_mistakes: "[server]\norigins = ['https://a.example/', 'https://b.example/page', 'c.example', '*']\npublic_stream = 'yes'\n";
    hosts_with_mistakes: "[server]\nhosts = ['News.Example.org', 'https://a.example', 'b.example:80', 'новости.рф']\npublic_pages = 1\n";
    services_with_mistakes: "[server]\nlisten = 'localhost'\ntoken = 'short'\n[network]\nallow = ['10.0.0.0/99']\nports = [8000, 0, '70000']\nuser_agent = 'новости'\nconnect_timeout_secs = 90\n[log]\nlevel = 'inof'\nformat = 'xml'\n";
    a_topic_for_strangers_that_is_not_declared: "[[topics]]\nid = 'council'\nquery = 'council'\n[self_service]\nenabled = true\ntopics = ['council', 'counsil']\n";
    domains_with_mistakes: "[network]\ncontact = 'me (at) home'\n[[domains]]\ndomain = 'feeds.example.co.uk'\n[[domains]]\ndomain = 'https://example.org/'\n[[domains]]\ndomain = 'example.org'\nspacing_secs = -1\n[[domains]]\ndomain = 'EXAMPLE.org.'\n[[domains]]\nrobot = false\n";
    a_callback_with_mistakes: "[server]\nlisten = ''\n[websub]\ncallback = 'https://news.example.org/?a=b'\nlease_days = 90\nleese = 1\n";
    a_callback_that_is_no_address: "[websub]\ncallback = 'news.example.org'\n";
    a_callback_without_a_server: "[server]\nlisten = ''\n[websub]\ncallback = 'https://news.example.org'\n";
}

#[test]
fn a_domain_in_any_script_is_the_one_that_addresses_have() {
    let text = "[[domains]]\ndomain = 'Пример.рф'\nrobots = false\n[[domains]]\ndomain = 'one.blogspot.com'\nspacing_secs = 1\n";
    let domains = parse_as(text, Secrets::Skipped, &home()).unwrap().domains;
    let named: Vec<_> = domains.iter().map(|d| (d.domain.as_str(), d.spacing.map(|s| s.as_secs()), d.robots)).collect();
    assert_eq!(named, [("xn--e1afmkfd.xn--p1ai", None, false), ("one.blogspot.com", Some(1), true)]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_in_words(text in "(?s)([a-z_]{1,9} ?= ?(['\"]?[a-zé0-9.-]{0,9}['\"]?|\\[[0-9, ]*\\]|\\{ item = 'x' \\})\n|\\[\\[?(topics|sources|poll|log|server|subscriptions)\\]?\\]\n|(url|id|query|secret|listen) = '.{0,12}'\n|.){0,30}") {
        if let Err(problems) = parse_as(&text, Secrets::Skipped, &home()) {
            prop_assert!(problems.count() > 0);
            prop_assert!(!problems.render(Ink::Plain, 80).is_empty());
        }
    }
}

#[test]
fn what_a_subscription_wants_is_read_and_each_mistake_is_told_at_its_place() {
    let hook =
        |wants: &str| format!("[[subscriptions]]\nname='a'\nurl='https://a.example/'\nsecret='{WHSEC}'\n{wants}");
    let read = settings(&hook(
        "query='veto OR vote'\nmin_publishers=3\ndigest='daily 08:00 Europe/Berlin'\ndigest_empty=true\n\
         quiet='22:00-07:00 UTC'\nat_once=['source.failing']\nexpire_after='2 hours'\npayload='thin'\npayload_version=1\n",
    ));
    let spec = &read.declared.subscriptions[0];
    assert_eq!((spec.filter.query.as_deref(), spec.filter.min_publishers), (Some("veto OR vote"), 3));
    let manner = &spec.manner;
    assert_eq!(manner.digest.as_ref().unwrap().to_string(), "daily 08:00 Europe/Berlin");
    assert_eq!(manner.quiet.as_ref().unwrap().to_string(), "22:00-07:00 UTC");
    assert_eq!((manner.digest_empty, manner.expire_after), (true, Some(Duration::from_hours(2))));
    assert_eq!(
        (manner.at_once.as_slice(), manner.payload.label()),
        ([NotificationType::SourceFailing].as_slice(), "thin")
    );
    let told = broken(&hook(
        "query='veto AND AND vote'\nmin_publishers=0\ndigest='daily 08:00 Berlin'\nquiet='at night'\n\
         at_once=['event.shut']\nexpire_after='2 fortnights'\npayload='slim'\npayload_version=2\n",
    ));
    for text in [
        "`query` in [[subscriptions]] can't be read",
        "expected a word after AND",
        "`min_publishers` in [[subscriptions]] is out of bounds",
        "there is no time zone \"Berlin\"",
        "`quiet` in [[subscriptions]] is \"at night\"",
        "`at_once` in [[subscriptions]] names an unknown type",
        "`expire_after` in [[subscriptions]] is \"2 fortnights\"",
        "`payload` in [[subscriptions]] is \"slim\"",
        "`payload_version` in [[subscriptions]] is out of bounds",
    ] {
        assert!(told.contains(text), "{text}: {told}");
    }
    assert!(broken(&hook("digest_empty=true\n")).contains("without `digest`"));
}

#[test]
fn the_control_socket_is_found_in_a_file_that_is_wrong_in_all_else() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tidings.toml");
    let unit = Environment { runtime_directory: Some(PathBuf::from("/run/tidings")), ..home() };
    let found = |text: &str, environment: &Environment| {
        std::fs::write(&file, text).unwrap();
        socket(&file, environment).unwrap()
    };
    let wrong =
        "[server]\nlisten = 7\n[control]\nsocket = 'ask.sock'\n[[topics]]\nid = 't'\nquery = 'a AND AND'\n[brok";
    assert_eq!(found(wrong, &unit), Some(dir.path().join("ask.sock")));
    assert_eq!(found("[poll\n", &unit), Some(PathBuf::from("/run/tidings/control.sock")));
    assert_eq!(found("[storage]\npath = 'a.db'\n", &home()), Some(dir.path().join("a.db.sock")));
    assert_eq!(found("", &Environment::default()), None);
}

#[test]
fn a_budget_that_the_longest_intervals_alone_overspend_is_told_and_stands() {
    let text = |budget: u32| {
        format!(
            "[poll]\nrequests_per_day = {budget}\n[[sources]]\nurl='http://a.example/f'\n[[sources]]\nurl='http://b.example/f'\n"
        )
    };
    let told = |budget| parse_as(&text(budget), Secrets::Checked, &home()).unwrap().notices;
    let said = "the sources of this file cost at least 12 requests a day by their interval_max_minutes, more than requests_per_day = 11";
    assert!(told(11).iter().any(|notice| notice.starts_with(said)), "{:?}", told(11));
    assert!(told(12).is_empty() && told(0).is_empty());
}

#[test]
fn an_address_that_is_another_ones_but_for_what_is_never_sent_is_told_and_stands() {
    let text = "[[sources]]\nurl='http://host.example/f'\n[[sources]]\nurl='HTTP://host.example/f#x'\n";
    let read = parse_as(text, Secrets::Checked, &home()).unwrap();
    assert_eq!(read.declared.sources.len(), 2);
    let said = "the sources http://host.example/f and http://host.example/f#x differ after # alone";
    assert!(read.notices.iter().any(|notice| notice.starts_with(said)), "{:?}", read.notices);
    let text = "[[sources]]\nurl='http://host.example/f#x'\n[[sources]]\nurl='HTTP://host.example/f#x'\n";
    let problems = parse_as(text, Secrets::Checked, &home()).unwrap_err().to_string();
    assert!(problems.contains("source `http://host.example/f#x` is declared twice"), "{problems}");
}

#[test]
fn what_a_subscription_asks_for_and_can_not_get_is_told_and_stands() {
    let sources = "[[sources]]\nurl='https://press.example/feed'\npublisher='press.example'\n";
    let notes = |url: &str, wants: &str| {
        let hook = format!("{sources}[[subscriptions]]\nname='a'\nurl='{url}'\nsecret='{WHSEC}'\n{wants}\n");
        let read = settings(&hook);
        assert_eq!(read.declared.subscriptions.len(), 1);
        read.notices.join("\n").replace("the subscription `a` ", "")
    };
    let wants = |wants: &str| notes("https://a.example/", wants);
    for fine in [
        "languages=['en', 'zh-TW']\npublishers=['press.example', 'far.example.net']\nmin_publishers=2\nupdates='publishers = 3'",
        "types=['source.failing']\npublishers=['press.example']",
        "quiet='22:00-07:00 UTC'\nat_once=['event.opened']",
    ] {
        assert_eq!(wants(fine), "", "{fine}");
    }
    let told = [
        "types=['source.failing']\nlanguages=['en']\nmin_publishers=2",
        "min_publishers=3\nupdates='publishers = 3'",
        "languages=['eng', 'xx']",
        "publishers=['https://www.press.example/', 'pres.example']",
        "quiet='00:00-23:59 UTC'\nat_once=['source.failing']",
        "at_once=['event.opened']",
        "types=['event.updated']\nupdates='never'\ncorrections='never'",
    ];
    insta::assert_snapshot!(told.map(wants).join("\n"), @r#"
    narrows events by `languages`, `min_publishers`, and its `types` name no type that tells of events
    asks for `updates = "publishers = 3"`, which never comes: by `min_publishers = 3` it hears of an event when as many carry it already
    wants the language "eng", which no story is found to be in: write "en"
    wants the language "xx", which no story is found to be in
    wants the publisher "https://www.press.example/", which no source has: is "press.example" meant?
    wants the publisher "pres.example", which no source has: is "press.example" meant?
    is quiet for all but 1 minute of the day (`quiet = "00:00-23:59 UTC"`)
    is told "source.failing" `at_once`, which its `types` leave out
    says what is told `at_once`, and nothing is held back: it has no `digest` and no `quiet`
    is told nothing: its `types` name "event.updated" alone, and `updates` and `corrections` are "never"
    "#);
    let hooks = [
        "https://hooks.slack.com/services/T/B/x",
        "https://discord.com/api/webhooks/1/x",
        "https://ours.webhook.office.com/webhookb2/x",
        "https://api.telegram.org/bot1:x/sendMessage",
        "https://ntfy.sh/x",
    ];
    insta::assert_snapshot!(hooks.map(|url| notes(url, "")).join("\n"), @r#"
    posts signed webhooks to hooks.slack.com, which takes messages of its own form only: write format = "slack" (docs/formats.md)
    posts signed webhooks to discord.com, which takes messages of its own form only: write format = "discord" (docs/formats.md)
    posts signed webhooks to ours.webhook.office.com, which takes messages of its own form only: write format = "teams" (docs/formats.md)
    posts signed webhooks to api.telegram.org, which takes messages of its own form only: write format = "telegram" (docs/formats.md)
    posts signed webhooks to ntfy.sh, which takes messages of its own form only: write format = "ntfy" (docs/formats.md)
    "#);
    let hook = "[[subscriptions]]\nname='a'\nurl='https://discord.com/api/webhooks/1/x'\nformat='slack'\n";
    let other = settings(hook).notices.join("\n").replace("the subscription `a` ", "");
    assert_eq!(
        other,
        "sends what slack understands to discord.com, which doesn't: write format = \"discord\" (docs/formats.md)"
    );
    for own in ["https://discord.com/invite", "https://notwebhook.office.com/", "https://hooks.example/"] {
        assert_eq!(notes(own, ""), "");
    }
}

#[test]
fn a_file_of_a_secret_or_an_address_holds_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hook.url");
    let read = |holds: &str| {
        std::fs::write(&file, holds).unwrap();
        read_line(&file)
    };
    assert_eq!(read("\u{feff}https://a.example/hook \r\n"), Ok("https://a.example/hook".to_owned()));
    assert_eq!(read("https://a.example/a\nhttps://a.example/b\n"), Err("holds more than one line".to_owned()));
    assert_eq!(read(" \n"), Err("is empty".to_owned()));
}

#[test]
fn a_doubtful_query_is_declared_all_the_same_and_noted() {
    let text = "[[topics]]\nid = \"war\"\nquery = \"attack NEAR Kyiv\"\n";
    let read = settings(text);
    assert_eq!(read.declared.topics[0].query, "attack NEAR Kyiv");
    assert_eq!(read.notices, ["`query` in [[topics]] \"attack NEAR Kyiv\": NEAR is read as a word; write \"a b\"~5"]);
}

#[test]
fn a_relay_that_is_asked_for_tls_at_the_port_of_the_other_way_is_doubted() {
    let told =
        |smtp: &str| settings(&format!("[email]\nsmtp = \"{smtp}\"\nfrom = \"a@b.example\"\n")).notices.join("\n");
    insta::assert_snapshot!(told("smtp+starttls://mail.b.example:465"), @"`smtp` in [email] is smtp+starttls:// at port 465, where relays expect smtps:// : is that meant?");
    insta::assert_snapshot!(told("smtps://mail.b.example:587"), @"`smtp` in [email] is smtps:// at port 587, where relays expect smtp+starttls:// : is that meant?");
    for usual in ["smtps://mail.b.example", "smtp+starttls://mail.b.example", "smtps://mail.b.example:2465"] {
        assert_eq!(told(usual), "");
    }
}

#[test]
fn a_file_that_says_nothing_is_read_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.toml");
    let checks = Checks {
        query: &|_| Vec::new(),
        selector: &|_| None,
        allow: &|_| None,
        signing_secret: &|_| None,
        storage_key: &|_| None,
    };
    let noted = |text: &str| {
        std::fs::write(&path, text).unwrap();
        load(&path, &home(), &checks, Secrets::Required).unwrap().notices.join("\n")
    };
    insta::assert_snapshot!(noted(""), @"the file is empty, or has nothing but comments: it declares no topic, source or subscription, and all else is as by default; if it was cut off while it was saved, save it again");
    for blank in ["\n \n", "# [[topics]]\n", "\u{feff}"] {
        assert_eq!(noted(blank), noted(""), "{blank:?}");
    }
    assert_eq!(noted("[server]\nlisten = \"127.0.0.1:8480\"\n"), "");
}
