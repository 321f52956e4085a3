//! One outline: from its attributes to a source, or why it is none.

use std::time::Duration;

use crate::feed::address;
use crate::feed::lexer::Attribute;
use crate::feed::mended::Mended;
use crate::feed::reference::Script;
use crate::model::{PageSelectors, Priority, SourceKind, SourceSpec, TopicKey, WebUrl};
use crate::text;
use crate::url::site;

/// The longest wait that is taken over: 31 days, as in the configuration.
const INTERVAL_MAX: Duration = Duration::from_hours(31 * 24);

/// What an outline is.
#[derive(Debug)]
pub(super) enum Outline {
    /// A source, with what else it is filed under, and whether its publisher is told: in a list of ours it is.
    Source(Box<SourceSpec>, Vec<String>, bool),
    /// It names an address that is not taken, and why.
    LeftOut(String),
    /// A folder or a remark.
    Folder,
}

/// An outline's attributes, decoded as they are asked for.
pub(super) struct Attributes<'a> {
    pub(super) written: &'a [Attribute<'a>],
    pub(super) script: &'a Script<'a>,
    /// The prefix of our own attributes, where the document declares it: then nothing needs to be guessed.
    pub(super) own: Option<&'a str>,
}

impl Attributes<'_> {
    /// The value under `name`, in whatever case; `None` where it says nothing.
    fn value(&self, name: &str) -> Option<String> {
        let raw = self.written.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))?.value;
        let value = self.decoded(raw);
        (!value.trim().is_empty()).then_some(value)
    }

    /// The value of an attribute of our own.
    fn own(&self, name: &str) -> Option<String> {
        let prefix = self.own?;
        let is_it = |written: &str| written.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':')) == Some(name);
        let raw = self.written.iter().find(|attribute| is_it(attribute.name))?.value;
        Some(self.decoded(raw))
    }

    fn decoded(&self, raw: &str) -> String {
        self.script.decode(raw, 0, &mut Mended::default()).chars().filter(|c| is_kept(*c)).collect()
    }

    /// The outline's name: in plain text, undoing escapes made twice, unless we wrote it.
    pub(super) fn name(&self) -> Option<String> {
        let name = self.value("title").or_else(|| self.value("text"))?;
        let name = if self.own.is_some() { name } else { text::title(&name) };
        (!name.trim().is_empty()).then_some(name)
    }

    /// Whether it is commented out (OPML 2.0).
    pub(super) fn is_comment(&self) -> bool {
        self.value("isComment").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// Reads the outline; `bounds` are the shortest and longest interval where it says nothing of them.
    pub(super) fn read(&self, bounds: (Duration, Duration)) -> Outline {
        let kind = self.value("type").unwrap_or_default().trim().to_ascii_lowercase();
        let own_kind = self.own("kind");
        let Some(address) = self.value("xmlUrl").or_else(|| self.value("url")) else {
            let Some(page) = self.value("htmlUrl") else { return Outline::Folder };
            return Outline::LeftOut(format!(
                "it names a page and no feed; find its feed with: tidings source add {page}"
            ));
        };
        let has_feed = self.value("xmlUrl").is_some() || own_kind.is_some();
        if kind.contains("xpath") || kind.contains("dotnotation") {
            return Outline::LeftOut(format!(
                "it is read by rules of another program (type {kind:?}); look for its articles with: tidings source add {address}"
            ));
        }
        if kind == "include" {
            return Outline::LeftOut(format!("it stands for another list, {address}: import that by itself"));
        }
        if kind == "link" && !has_feed {
            return Outline::LeftOut(format!(
                "it is a link to a page; find its feed with: tidings source add {address}"
            ));
        }
        // What we wrote ourselves needs no mending.
        let verbatim =
            self.own.and_then(|_| WebUrl::parse(&address).ok()).filter(|url| url.as_url().username().is_empty());
        let url = match verbatim.map_or_else(|| web_address(&address), Ok) {
            Ok(url) => url,
            Err(why) => return Outline::LeftOut(why),
        };
        match self.spec(url, own_kind.as_deref(), bounds) {
            Ok(spec) => Outline::Source(Box::new(spec), self.categories(), self.own.is_some()),
            Err(why) => Outline::LeftOut(why),
        }
    }

    fn spec(&self, url: WebUrl, kind: Option<&str>, bounds: (Duration, Duration)) -> Result<SourceSpec, String> {
        // A feed may stand at a host of many: its site says whose it is.
        let page = self.value("htmlUrl").and_then(|page| web_address(&page).ok());
        let publisher = site(page.as_ref().unwrap_or(&url).host_text()).to_owned();
        let mut spec = SourceSpec { publisher, ..SourceSpec::feed(url, bounds) };
        if let Some(name) = self.name() {
            spec.name = name;
        }
        spec.lang = self.language();
        spec.kind = match kind {
            None | Some("feed") => SourceKind::Feed,
            Some("list") => SourceKind::List,
            Some("page") => SourceKind::Page(self.selectors()?),
            Some(other) => return Err(format!("its kind is {other:?}, not feed, list or page")),
        };
        if let Some(publisher) = self.own("publisher") {
            spec.publisher = publisher;
        }
        if let Some(topics) = self.own("topics") {
            spec.topics = topics.split(',').filter_map(TopicKey::parse).collect();
        }
        if let Some(word) = self.own("priority") {
            spec.priority = Priority::parse(&word).unwrap_or_default();
        }
        spec.full_text = self.own("fullText").is_some_and(|word| word == "true");
        let seconds = |name| self.own(name).and_then(|text| from_seconds(&text)).filter(|span| *span <= INTERVAL_MAX);
        let min = seconds("intervalMinSeconds").filter(|span| !span.is_zero());
        if let Some((min, max)) = min.zip(seconds("intervalMaxSeconds")).filter(|(min, max)| min <= max) {
            (spec.interval_min, spec.interval_max) = (min, max);
        }
        Ok(spec)
    }

    fn selectors(&self) -> Result<PageSelectors, String> {
        Ok(PageSelectors {
            item: self.own("item").ok_or("it is a page with no selector of its items (item)")?,
            link: self.own("link"),
            title: self.own("title"),
            date: self.own("date"),
            summary: self.own("summary"),
        })
    }

    /// The language: a primary subtag, such as `en` of `en-us`; ours is taken as it is.
    fn language(&self) -> Option<String> {
        let written = self.value("language")?;
        if self.own.is_some() {
            return Some(written);
        }
        let primary = written.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let is_code = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
        is_code.then_some(primary)
    }

    /// What it is filed under besides its folders: `category="/News/Tech,harbour"` names three.
    fn categories(&self) -> Vec<String> {
        let written = self.value("category").filter(|_| self.own("topics").is_none()).unwrap_or_default();
        written.split([',', '/']).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }
}

/// An address as written, also without its scheme, as old lists have it; else why it is none to be taken.
pub(super) fn web_address(text: &str) -> Result<WebUrl, String> {
    let bare = || {
        let host = text.trim().split('/').next().unwrap_or_default();
        let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        is_host.then(|| WebUrl::parse(&format!("http://{}", text.trim())).ok()).flatten()
    };
    let url = address::resolved(text, None).or_else(bare);
    let url = url.ok_or_else(|| format!("{text:?} is not a web address (expected http:// or https://)"))?;
    if !url.as_url().username().is_empty() || url.as_url().password().is_some() {
        return Err("its address holds a user name or password, which is refused".to_owned());
    }
    Ok(url)
}

/// Whether a character may stand in a value: what XML can't hold, or no text has, is dropped on both ways.
pub(super) fn is_kept(c: char) -> bool {
    matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes a span as seconds, `1800` or `0.03`: to the millisecond, as it is stored.
pub(super) fn to_seconds(span: Duration) -> String {
    match span.subsec_millis() {
        0 => span.as_secs().to_string(),
        millis => format!("{}.{millis:03}", span.as_secs()),
    }
}

fn from_seconds(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_part = part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    let millis: u64 = format!("{part:0<3}").parse().ok().filter(|_| is_part)?;
    Duration::from_secs(whole.parse().ok()?).checked_add(Duration::from_millis(millis))
}
