//! `tidings backtest`: the decisions, replayed over recorded articles.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{Problems, Settings};
use crate::date;
use crate::dedup::EventPolicy;
use crate::ingest::{self, Reader, Replayed};
use crate::model::{EventId, Origin, StoryDraft, StoryId, Telling, Topic, TopicKey, TopicSpan, TopicSpec, WebUrl};
use crate::text::counted;
use crate::topic::{Matcher, Query};
use crate::weights::{Model, ModelError};

use super::exit::Refusal;
use super::open::{Absent, open};
use super::screen::{Screen, Table};
use super::{assembly, checks, lookup, moment};

mod compare;

/// Over what, by which query.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings backtest --articles articles.jsonl --topic resolution
  tidings backtest --articles articles.jsonl --query '*' --json
  tidings backtest --since 30d --query 'cyber* AND NOT sport'
  tidings backtest --since 30d --compare /etc/tidings/tidings.toml new.toml

A line of the file is an object {id, url, publisher, lang, published, title, text}; they are decided in time order,
in a store of their own, so nothing is told or kept.")]
#[command(group(ArgGroup::new("over").required(true).multiple(false).args(["articles", "since"])))]
pub(super) struct BacktestArgs {
    /// Articles as JSON Lines
    #[arg(long, value_name = "FILE")]
    pub(super) articles: Option<PathBuf>,
    /// Stored stories first seen since then: 2021-11-03, 24h, 3d
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<String>,
    /// By this topic of the configuration
    #[arg(long, value_name = "ID", conflicts_with = "query")]
    pub(super) topic: Option<String>,
    /// By this query; '*' takes everything
    #[arg(long)]
    pub(super) query: Option<String>,
    /// By two configurations: print what the new one would tell and the old one doesn't, and the other way round
    #[arg(long, num_args = 2, value_names = ["OLD.toml", "NEW.toml"], conflicts_with = "query")]
    pub(super) compare: Option<Vec<PathBuf>>,
    /// The folder of the sentence model, to decide by meaning too
    #[arg(long, value_name = "DIR")]
    pub(super) model: Option<PathBuf>,
}

/// Decides all articles and prints what was decided of each, or in what two configurations differ.
///
/// `load` reads another configuration than the one that says where the store is.
pub(super) fn backtest(
    settings: &Settings,
    args: &BacktestArgs,
    load: &dyn Fn(&Path) -> anyhow::Result<Settings>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let model = args.model.as_deref().map(Model::open).transpose()?;
    let model = model.as_ref();
    let by: Vec<Settings> = args.compare.iter().flatten().map(|file| load(file)).collect::<anyhow::Result<_>>()?;
    let (ids, drafts) = match &args.articles {
        Some(file) => recorded(file)?,
        None => stored(settings, args, screen)?,
    };
    if let [old, new] = by.as_slice() {
        let (old, new) = (declared(old, args), declared(new, args));
        if old.1.is_empty() && new.1.is_empty() {
            return Err(
                lookup::absent("topic", args.topic.as_deref().unwrap_or_default(), "both configurations").into()
            );
        }
        let (old, new) = (replay(&drafts, old, model, screen)?, replay(&drafts, new, model, screen)?);
        return compare::print((&ids, &drafts), (&old, &new), screen);
    }
    let replayed = replay(&drafts, (assembly::event_policy(settings), topics(settings, args)?), model, screen)?;
    print(&ids, &drafts, &replayed, screen)
}

/// Decides all articles by these topics.
fn replay(
    drafts: &[StoryDraft],
    (policy, topics): (EventPolicy, Vec<Topic>),
    model: Option<&Model>,
    screen: &Screen,
) -> anyhow::Result<Vec<Replayed>> {
    let mut queries = Vec::new();
    for topic in &topics {
        let mut problems = checks::query(&topic.spec.query);
        problems.retain(|problem| !problem.is_doubt);
        if !problems.is_empty() {
            return Err(Refusal::Query(Problems::of_query(&topic.spec.query, &problems)).into());
        }
        if let Ok(query) = Query::parse(&topic.spec.query) {
            queries.push((topic.spec.key.clone(), query));
        }
    }
    let bar = ProgressBar::with_draw_target(u64::try_from(drafts.len()).ok(), ProgressDrawTarget::stderr());
    let unread: RefCell<Option<ModelError>> = RefCell::new(None);
    let read = model.map(|model| {
        let unread = &unread;
        move |draft: &StoryDraft| {
            model.meaning(draft).unwrap_or_else(|error| {
                unread.replace(Some(error));
                None
            })
        }
    });
    let reader = Reader(read.as_ref().map(|read| read as _));
    let matcher = Matcher::new(&queries);
    let replayed = ingest::backtest(drafts, topics, matcher, (policy, reader), screen.now(), |_| bar.inc(1));
    bar.finish_and_clear();
    unread.take().map_or(Ok(replayed), |error| Err(error.into()))
}

/// What a configuration decides by: the topic that was asked for, or all.
fn declared(settings: &Settings, args: &BacktestArgs) -> (EventPolicy, Vec<Topic>) {
    let wanted = |t: &&TopicSpec| args.topic.as_deref().is_none_or(|id| t.key.as_str() == id);
    let of = |spec: TopicSpec| Topic { spec, origin: Origin::Config };
    let topics = settings.declared.topics.iter().filter(wanted).cloned().map(of).collect();
    (assembly::event_policy(settings), topics)
}

fn topics(settings: &Settings, args: &BacktestArgs) -> anyhow::Result<Vec<Topic>> {
    let of = |spec: TopicSpec| Topic { spec, origin: Origin::Config };
    if let Some(query) = &args.query {
        let key = TopicKey::parse("query").context("name the topic")?;
        let spec = TopicSpec {
            key,
            name: query.clone(),
            query: query.clone(),
            fresh: Duration::from_hours(24),
            stale: Duration::from_hours(7 * 24),
            span: TopicSpan::default(),
        };
        return Ok(vec![of(spec)]);
    }
    let (_, topics) = declared(settings, args);
    if topics.is_empty() {
        let id = args.topic.as_deref().unwrap_or_default();
        return Err(lookup::absent("topic", id, "tidings topic list, or give --query").into());
    }
    Ok(topics)
}

/// A line of the file.
#[derive(Debug, Deserialize)]
struct Line {
    id: Value,
    url: Option<String>,
    publisher: Option<String>,
    lang: Option<String>,
    published: Option<String>,
    title: Option<String>,
    text: Option<String>,
    /// Whether it is on the topic, as somebody judged.
    relevant: Option<bool>,
}

type Recorded = (Vec<String>, Vec<StoryDraft>);

/// Reads recorded articles, in the order of their time (those of one moment by their id, so that the order of the file
/// changes nothing).
fn recorded(file: &Path) -> anyhow::Result<Recorded> {
    let (ids, drafts, _) = recorded_with_judgment(file)?;
    Ok((ids, drafts))
}

/// Names, articles, and what somebody judged of each.
type Judged = (Vec<String>, Vec<StoryDraft>, Vec<Option<bool>>);

/// The same, with what somebody judged of them.
pub(super) fn recorded_with_judgment(file: &Path) -> anyhow::Result<Judged> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let mut articles = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read: Line = serde_json::from_str(line).map_err(|why| {
            Refusal::Data(format!(
                "{}:{}: {why}; expected an object {{id, url, publisher, lang, published, title, text}}",
                file.display(),
                at + 1
            ))
        })?;
        let id = match &read.id {
            Value::String(id) => id.clone(),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        };
        articles.push((id, draft(&read), read.relevant));
    }
    articles.sort_by(|(a, one, _), (b, other, _)| one.published.cmp(&other.published).then_with(|| a.cmp(b)));
    Ok(articles.into_iter().collect())
}

/// An article as a feed entry would have brought it. Its text is plain, so its lines are lines: page furniture is told by them.
fn draft(line: &Line) -> StoryDraft {
    let escape = |text: &Option<String>| text.as_deref().map(|t| t.replace('&', "&amp;").replace('<', "&lt;"));
    let text = escape(&line.text).map(|text| text.replace('\n', "<br>"));
    let url = line.url.as_deref().and_then(|url| WebUrl::parse(url).ok());
    ingest::recorded(
        escape(&line.title).as_deref(),
        text.as_deref(),
        (url.as_ref(), line.publisher.as_deref()),
        line.lang.as_deref(),
        line.published.as_deref().and_then(date::parse),
    )
}

/// Stories of the store first seen since then.
fn stored(settings: &Settings, args: &BacktestArgs, screen: &Screen) -> anyhow::Result<Recorded> {
    let since = args.since.as_deref().unwrap_or_default();
    let since = moment::parse(since, screen.now()).map_err(Refusal::Usage)?;
    let mut store = open(settings, Absent::Refuse)?;
    let (mut ids, mut drafts, mut after) = (Vec::new(), Vec::new(), StoryId(0));
    loop {
        let page = store.stories_since(since, after, 500)?;
        let Some(last) = page.last() else { return Ok((ids, drafts)) };
        after = last.id;
        for story in page {
            ids.push(story.id.to_string());
            drafts.push(StoryDraft { published: story.draft.published.or(Some(story.seen_at)), ..story.draft });
        }
    }
}

fn print(ids: &[String], drafts: &[StoryDraft], replayed: &[Replayed], screen: &mut Screen) -> anyhow::Result<()> {
    let name = |story: StoryId| usize::try_from(story.0 - 1).ok().and_then(|place| ids.get(place)).cloned();
    let mut openers: BTreeMap<EventId, StoryId> = BTreeMap::new();
    let mut table = Table::new(["id", "topic", "ruling", "event", "told", "title"]);
    let mut told = 0;
    for (id, one) in ids.iter().zip(replayed) {
        let decision = one.decisions.iter().find(|d| d.topic.is_some()).or_else(|| one.decisions.first());
        if let Some((event, story)) = decision.and_then(|d| Some((d.event?, d.story))) {
            openers.entry(event).or_insert(story);
        }
        let event = decision.and_then(|d| d.event).and_then(|e| openers.get(&e)).and_then(|s| name(*s));
        let copy_of = one
            .repeats
            .and_then(|place| ids.get(place).cloned())
            .or_else(|| decision.and_then(|d| d.ruling.copy_of()).and_then(&name));
        let topic = decision.and_then(|d| d.topic.as_ref()).map(ToString::to_string);
        let notify = decision.is_some_and(|d| matches!(d.telling, Telling::Told(_)));
        told += usize::from(notify);
        if screen.is_json() {
            let reasons: Vec<String> = match decision {
                Some(d) => d.reasons.iter().map(|r| format!("{}: {}", r.stage.label(), r.text)).collect(),
                None => vec!["identity: the same address as an earlier article".to_owned()],
            };
            screen.record(
                &json!({"id": id, "topic": topic, "score": decision.map_or(0.0, |d| d.score), "event": event,
                "copy_of": copy_of, "notify": notify, "reasons": reasons}),
            )?;
        } else {
            let title = drafts.get(one.place).map(|d| d.title.clone()).unwrap_or_default();
            let ruling = decision.map_or("again", |d| d.ruling.label()).to_owned();
            let yes = if notify { "yes" } else { "" };
            table.row([
                id.clone(),
                topic.unwrap_or_default(),
                ruling,
                event.unwrap_or_default(),
                yes.to_owned(),
                title,
            ]);
        }
    }
    if !screen.is_json() {
        screen.table(&table)?;
        screen.line(&format!(
            "{}, {}, {told} told",
            counted(ids.len(), "article", "articles"),
            counted(openers.len(), "event", "events")
        ))?;
    }
    Ok(())
}
