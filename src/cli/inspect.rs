//! `tidings inspect`: what tidings sees at an address or in a file.

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context as _, anyhow};
use clap::Args;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use crate::config::Settings;
use crate::daemon::Terms;
use crate::feed::{self, Hints};
use crate::model::{Article, Entry, Method, PageSelectors, Parsed, Redirects, Request, Wall, WebUrl};
use crate::page::{self, Selectors};
use crate::text;

use super::assembly;
use super::exit::Refusal;
use super::screen::{Screen, Table, shown};

/// What to look at, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings inspect https://press.un.org/en/rss.xml
  tidings inspect --page https://press.un.org/en/2021/ga12392.doc.htm
  tidings inspect --item 'ul.news > li' --date time https://example.org/news/
  tidings inspect --json feeds/*.xml.gz

Files may be compressed with gzip; \"-\" reads stdin.")]
pub(super) struct InspectArgs {
    /// Addresses and files
    #[arg(required = true, value_name = "URL|FILE")]
    pub(super) inputs: Vec<String>,
    /// Extract an article instead of reading a feed
    #[arg(long)]
    pub(super) page: bool,
    /// Take addresses in files for relative to this
    #[arg(long, value_name = "URL")]
    pub(super) base: Option<String>,
    /// Read a list page: the selector of one article
    #[arg(long, value_name = "CSS", conflicts_with = "page")]
    pub(super) item: Option<String>,
    /// Within the item: the link
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) link: Option<String>,
    /// Within the item: the title
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) title: Option<String>,
    /// Within the item: the date
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) date: Option<String>,
    /// Within the item: a summary
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) summary: Option<String>,
}

/// Shows each document's kind, problems and entries.
pub(super) async fn inspect(settings: Settings, args: &InspectArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let base = match &args.base {
        Some(base) => Some(WebUrl::parse(base).map_err(|why| Refusal::Usage(format!("--base: {why}")))?),
        None => None,
    };
    let selectors = match &args.item {
        Some(item) => Some(compile(item, args)?),
        None => None,
    };
    let terms = assembly::terms(&settings)?;
    let mut unread = 0usize;
    for input in &args.inputs {
        let document = match fetch(input, base.as_ref(), &terms).await {
            Ok(document) => document,
            Err(error) => {
                unread += 1;
                report_unread(input, &format!("{error:#}"), screen)?;
                continue;
            }
        };
        let hints = Hints { content_type: document.content_type.as_deref(), url: document.url.as_ref() };
        if args.page {
            let nowhere = WebUrl::parse("https://file.invalid/").context("name a place for a file")?;
            let at = document.url.as_ref().unwrap_or(&nowhere);
            show_article(
                input,
                &page::article(&document.bytes, hints.content_type, at),
                document.url.as_ref(),
                screen,
            )?;
            continue;
        }
        let parsed = match (&selectors, &document.url) {
            (Some(selectors), Some(url)) => page::list(&document.bytes, hints.content_type, url, selectors),
            (Some(_), None) => {
                return Err(Refusal::Usage(format!("{input}: a list page in a file needs --base URL")).into());
            }
            (None, _) => feed::parse(&document.bytes, &hints),
        };
        unread += usize::from(parsed.fatal().is_some());
        show_document(input, &parsed, screen)?;
    }
    if unread == args.inputs.len() {
        return Err(Refusal::Data("read any of what was named".to_owned()).into());
    }
    Ok(())
}

/// A document as it came.
struct Document {
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Option<WebUrl>,
}

async fn fetch(input: &str, base: Option<&WebUrl>, terms: &Terms) -> anyhow::Result<Document> {
    if let Ok(url) = WebUrl::parse(input) {
        let request = Request {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            redirects: Redirects::Follow(5),
            limits: terms.loops.feed_limits,
        };
        let response = terms.http.send(request).await.map_err(|failure| anyhow!("fetch it: {failure}"))?;
        if response.status != 200 {
            anyhow::bail!("fetch it: status {}", response.status);
        }
        let content_type = response.headers.first("content-type").map(str::to_owned);
        return Ok(Document { bytes: response.body, content_type, url: Some(response.url) });
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(terms.loops.feed_limits.body_bytes).unwrap_or(u64::MAX);
    if input == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).context("read stdin")?;
    } else {
        File::open(input).and_then(|file| file.take(limit).read_to_end(&mut bytes)).context("read it")?;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).take(limit).read_to_end(&mut plain).context("unpack it (gzip)")?;
        bytes = plain;
    }
    Ok(Document { bytes, content_type: None, url: base.cloned() })
}

fn compile(item: &str, args: &InspectArgs) -> anyhow::Result<Selectors> {
    let selectors = PageSelectors {
        item: item.to_owned(),
        link: args.link.clone(),
        title: args.title.clone(),
        date: args.date.clone(),
        summary: args.summary.clone(),
    };
    Ok(Selectors::compile(&selectors).map_err(|why| Refusal::Usage(why.to_string()))?)
}

fn report_unread(input: &str, why: &str, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        screen.record(
            &json!({"file": input, "kind": "unknown", "error": why, "problems": [], "title": null, "entries": []}),
        )?;
    } else {
        screen.note(&format!("{}: failed to {}", shown(input), shown(why)));
    }
    Ok(())
}

fn time(at: Option<jiff::Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

fn show_document(input: &str, parsed: &Parsed, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        let problems: Vec<Value> = parsed
            .problems
            .iter()
            .map(|p| json!({"kind": p.kind, "detail": p.detail, "offset": p.offset, "fatal": p.fatal}))
            .collect();
        let entries: Vec<Value> = parsed.entries.iter().map(entry_value).collect();
        let mut value = json!({"file": input, "kind": parsed.kind.label(), "problems": problems,
            "title": parsed.title.as_deref().map(text::title), "link": parsed.home, "entries": entries});
        if let (Some(problem), Some(object)) = (parsed.fatal(), value.as_object_mut()) {
            object.insert("error".to_owned(), json!(format!("{}: {}", problem.kind, problem.detail)));
        }
        return Ok(screen.record(&value)?);
    }
    let title = parsed.title.as_deref().map(text::title).unwrap_or_default();
    screen.heading(&format!("{}: {} {}", shown(input), parsed.kind.label(), shown(&title)))?;
    for problem in &parsed.problems {
        screen.line(&format!("  {}: {}", problem.kind, shown(&problem.detail)))?;
    }
    let mut table = Table::new(["published", "title", "link"]);
    for entry in &parsed.entries {
        let title = entry.title.as_deref().map(text::title).unwrap_or_default();
        let published = entry.published.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        table.row([published, title, entry.link.clone().unwrap_or_default()]);
    }
    if !parsed.entries.is_empty() {
        screen.table(&table)?;
    }
    screen.line(&format!("{} entries", parsed.entries.len()))?;
    Ok(())
}

fn entry_value(entry: &Entry) -> Value {
    let enclosures: Vec<&str> = entry.enclosures.iter().map(|e| e.url.as_str()).collect();
    json!({"id": entry.id, "link": entry.link, "title": entry.title.as_deref().map(text::title),
        "published": time(entry.published), "updated": time(entry.updated), "summary": entry.summary,
        "content": entry.content, "author": entry.author, "lang": entry.lang, "enclosures": enclosures})
}

fn show_article(input: &str, article: &Article, url: Option<&WebUrl>, screen: &mut Screen) -> anyhow::Result<()> {
    let address = article.canonical.clone().or_else(|| url.map(|u| u.as_str().to_owned()));
    if screen.is_json() {
        return Ok(screen.record(
            &json!({"file": input, "url": address, "title": article.title, "author": article.author,
            "published": time(article.published), "updated": time(article.updated), "lang": article.lang,
            "wall": article.wall.map(Wall::label), "text": article.text}),
        )?);
    }
    screen.heading(&shown(article.title.as_deref().unwrap_or("(no title)")))?;
    screen.field("address", address.as_deref().unwrap_or("-"))?;
    screen.field("author", article.author.as_deref().unwrap_or("-"))?;
    screen.field("published", &article.published.map_or_else(|| "-".to_owned(), |at| at.to_string()))?;
    screen.field("changed", &article.updated.map_or_else(|| "-".to_owned(), |at| at.to_string()))?;
    screen.field("language", article.lang.as_deref().unwrap_or("-"))?;
    if let Some(wall) = article.wall {
        screen.field("behind", wall.label())?;
    }
    for line in article.text.lines() {
        screen.line(&shown(line))?;
    }
    Ok(())
}
