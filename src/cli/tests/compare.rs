//! What two configurations tell of the same articles.

use std::io::Write as _;

use crate::config::{Environment, Secrets, Settings, load};

use super::super::backtest::{BacktestArgs, backtest};
use super::*;

/// Three articles of an afternoon.
const ARTICLES: &str = r#"{"id": "a", "url": "https://a.example/1", "publisher": "a", "lang": "en", "published": "2021-11-03T12:00:00Z", "title": "Committee adopts cyber resolution", "text": "The committee adopted the draft of Russia and the United States on Wednesday."}
{"id": "b", "url": "https://b.example/1", "publisher": "b", "lang": "en", "published": "2021-11-03T13:00:00Z", "title": "Committee adopts cyber resolution by Russia and United States", "text": "The draft of Russia and the United States was adopted by the committee on Wednesday."}
{"id": "c", "url": "https://c.example/1", "publisher": "c", "lang": "en", "published": "2021-11-03T14:00:00Z", "title": "Fisheries quota disputed in northern harbour", "text": "Trawlers stay in port until the ministers agree."}
"#;

#[test]
fn a_comparison_says_what_is_gained_and_lost_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path
    };
    let configured = |name: &str, query: &str| {
        file(name, &format!("[storage]\npath = \"/nowhere/t.db\"\n[[topics]]\nid = \"watch\"\nquery = {query:?}\n"))
    };
    let old = configured("old.toml", "resolution");
    let new = configured("new.toml", "fisheries OR title:states");
    let read = |path: &std::path::Path| -> anyhow::Result<Settings> {
        Ok(load(path, &Environment::default(), &CHECKS, Secrets::Skipped)?)
    };
    let args = BacktestArgs {
        articles: Some(file("articles.jsonl", ARTICLES)),
        since: None,
        topic: None,
        query: None,
        compare: Some(vec![old.clone(), new]),
        model: None,
    };
    let settings = read(&old).unwrap();
    let shown = written(Form::People, None, |screen| backtest(&settings, &args, &read, screen).unwrap());
    insta::assert_snapshot!("compare", shown);
}
