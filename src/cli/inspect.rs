//! `tidings inspect`: what tidings sees at an address or in a file.

use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use flate2::read::MultiGzDecoder;

use crate::config::Settings;
use crate::daemon::Terms;
use crate::feed::opml::{self, SourceList};
use crate::feed::{self, Hints};
use crate::model::{Article, Method, Parsed, Redirects, Request, WebUrl};
use crate::page::{self, Listing, Selectors, Sitemap};

use super::assembly;
use super::exit::Refusal;
use super::screen::Screen;
use super::within::Within;

mod show;

/// What to look at, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings inspect https://press.un.org/en/rss.xml
  tidings inspect --page https://press.un.org/en/2021/ga12392.doc.htm
  tidings inspect --list https://example.org/news/
  tidings inspect --item 'ul.news > li' --date time https://example.org/news/
  tidings inspect --json feeds/*.xml.gz

Files may be compressed with gzip; `-` reads stdin.")]
pub(super) struct InspectArgs {
    /// Addresses and files
    #[arg(required = true, value_name = "URL|FILE")]
    pub(super) inputs: Vec<String>,
    /// Extract an article instead of reading a feed
    #[arg(long)]
    pub(super) page: bool,
    /// Find the articles of a list page by what repeats, and show the selector that finds them again
    #[arg(long, conflicts_with_all = ["page", "item"])]
    pub(super) list: bool,
    /// Take addresses in files for relative to this
    #[arg(long, value_name = "URL")]
    pub(super) base: Option<String>,
    /// Read a list page: the selector of one article
    #[arg(long, value_name = "CSS", conflicts_with = "page")]
    pub(super) item: Option<String>,
    #[command(flatten)]
    pub(super) within: Within,
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
                show::unread(input, &format!("{error:#}"), screen)?;
                continue;
            }
        };
        let is_read = match reading(input, &document, args, selectors.as_ref())? {
            Reading::Article(article) => {
                show::article(input, &article, document.url.as_ref(), screen)?;
                true
            }
            Reading::Document(parsed) => {
                show::document(input, &parsed, screen)?;
                parsed.fatal().is_none()
            }
            Reading::Listing(listing) => {
                show::listing(input, &listing, screen)?;
                listing.parsed.fatal().is_none()
            }
            Reading::Opml(list) => {
                show::opml(input, &list, screen)?;
                true
            }
            Reading::Sitemap(sitemap) => {
                show::sitemap(input, &sitemap, screen)?;
                true
            }
        };
        unread += usize::from(!is_read);
    }
    if unread == args.inputs.len() {
        return Err(Refusal::Data("none of what was named could be read".to_owned()).into());
    }
    Ok(())
}

/// What a document was read as.
enum Reading {
    Article(Box<Article>),
    Document(Parsed),
    Listing(Listing),
    Sitemap(Sitemap),
    Opml(SourceList),
}

fn reading(
    input: &str,
    document: &Document,
    args: &InspectArgs,
    selectors: Option<&Selectors>,
) -> anyhow::Result<Reading> {
    let content_type = document.content_type.as_deref();
    let nowhere = WebUrl::parse("https://file.invalid/").context("name a place for a file")?;
    let at = document.url.as_ref().unwrap_or(&nowhere);
    if args.page {
        return Ok(Reading::Article(Box::new(page::article(&document.bytes, content_type, at))));
    }
    if document.url.is_none() && (args.list || selectors.is_some()) {
        return Err(Refusal::Usage(format!("{input}: a list page in a file needs --base URL")).into());
    }
    if args.list {
        return Ok(Reading::Listing(page::listing(&document.bytes, content_type, at, None)));
    }
    if let Some(selectors) = selectors {
        return Ok(Reading::Document(page::list(&document.bytes, content_type, at, selectors)));
    }
    let parsed = feed::parse(&document.bytes, &Hints { content_type, url: document.url.as_ref() });
    let is_other = parsed.fatal().is_some_and(|problem| matches!(problem.kind, "not-a-feed" | "packed"));
    if is_other && is_opml(&document.bytes) {
        return Ok(Reading::Opml(opml::read(&document.bytes, (Duration::ZERO, Duration::ZERO))));
    }
    let sitemap = is_other.then(|| page::sitemap(&document.bytes, content_type, at)).flatten();
    Ok(sitemap.map_or(Reading::Document(parsed), Reading::Sitemap))
}

/// Whether a document begins as a list of sources does.
fn is_opml(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
    start.to_ascii_lowercase().windows(5).any(|part| part == b"<opml")
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
    let selectors = args.within.of(item);
    Ok(Selectors::compile(&selectors).map_err(|why| Refusal::Usage(why.to_string()))?)
}
