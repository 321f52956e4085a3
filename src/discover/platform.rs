//! Platforms of which it is known what they serve where: the address alone says it.

use crate::model::{PageSelectors, SourceKind, WebUrl};

/// What a platform serves for an address, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    /// The platform's name.
    pub(super) platform: &'static str,
    /// Where to poll, and how it is read.
    pub(super) places: Vec<(WebUrl, SourceKind)>,
    /// Whether the host is known to be the platform's; else only the address looks like it.
    pub(super) is_sure: bool,
}

/// A platform: by which hosts it is known, and what it serves.
struct Platform {
    name: &'static str,
    /// Hosts, those below them included.
    hosts: &'static [&'static str],
    /// Gives addresses, absolute or relative to the one asked.
    serves: fn(&Place<'_>) -> Vec<String>,
}

/// An address, taken apart.
struct Place<'a> {
    host: &'a str,
    /// Segments of the path, without empty ones.
    path: Vec<&'a str>,
    url: &'a WebUrl,
}

impl Place<'_> {
    /// The label of a host below `domain`: `name` of `name.substack.com`.
    fn below(&self, domain: &str) -> Option<&str> {
        let label = self.host.strip_suffix(domain)?.strip_suffix('.')?;
        (label != "www" && !label.contains('.')).then_some(label)
    }

    fn query(&self, name: &str) -> Option<String> {
        let found = self.url.as_url().query_pairs().find(|(key, _)| key == name)?;
        Some(found.1.into_owned()).filter(|value| is_name(value))
    }
}

/// Whether a text is safe to put into an address as it is.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Hosts that nobody can list.
const ANYWHERE: &[&str] = &["*"];
const TELEGRAM: &str = "Telegram";

/// Every platform; the first that knows the host is taken, so that of any host stands last.
const PLATFORMS: [Platform; 21] = [
    Platform { name: "YouTube", hosts: &["youtube.com"], serves: youtube },
    Platform { name: "Reddit", hosts: &["reddit.com"], serves: reddit },
    Platform { name: "GitHub", hosts: &["github.com"], serves: github },
    Platform { name: "GitLab", hosts: &["gitlab.com", "gitlab.*"], serves: gitlab },
    Platform { name: "Forgejo", hosts: &["codeberg.org", "gitea.com"], serves: forgejo },
    Platform { name: "Medium", hosts: &["medium.com"], serves: medium },
    Platform { name: "Substack", hosts: &["substack.com"], serves: substack },
    Platform { name: "WordPress", hosts: &["wordpress.com"], serves: wordpress },
    Platform { name: "Blogger", hosts: &["blogspot.*"], serves: blogger },
    Platform { name: "Tumblr", hosts: &["tumblr.com"], serves: tumblr },
    Platform { name: TELEGRAM, hosts: &["t.me", "telegram.me"], serves: telegram },
    Platform { name: "Bluesky", hosts: &["bsky.app"], serves: bluesky },
    Platform { name: "Google News", hosts: &["news.google.com"], serves: google_news },
    Platform { name: "Hacker News", hosts: &["news.ycombinator.com"], serves: |_| vec!["/rss".to_owned()] },
    Platform { name: "arXiv", hosts: &["arxiv.org"], serves: arxiv },
    Platform { name: "Stack Exchange", hosts: &["stackoverflow.com", "stackexchange.com"], serves: stack_exchange },
    Platform { name: "PyPI", hosts: &["pypi.org"], serves: pypi },
    Platform { name: "crates.io", hosts: &["crates.io"], serves: crates_io },
    Platform { name: "DEV", hosts: &["dev.to"], serves: dev },
    Platform { name: "Hashnode", hosts: &["hashnode.dev"], serves: |_| vec!["/rss.xml".to_owned()] },
    Platform { name: "Mastodon", hosts: ANYWHERE, serves: mastodon },
];

/// Hosts of many publishers, none of whom has a name of their own there.
const SHARED: [&str; 14] = [
    "youtube.com",
    "reddit.com",
    "github.com",
    "gitlab.com",
    "codeberg.org",
    "medium.com",
    "t.me",
    "telegram.me",
    "bsky.app",
    "dev.to",
    "feeds.feedburner.com",
    "feeds2.feedburner.com",
    "feedproxy.google.com",
    "rss.app",
];

/// Whether many publishers share a host, by the site that it stands for.
pub(super) fn is_shared(site: &str) -> bool {
    SHARED.contains(&site)
}

/// Gives what the platform of an address serves for it; `None` where no platform is known, or it has nothing.
pub(super) fn served(url: &WebUrl) -> Option<Served> {
    let host = url.host_text().trim_end_matches('.');
    let path = url.as_url().path_segments().map(|all| all.filter(|s| !s.is_empty()).collect()).unwrap_or_default();
    let place = Place { host, path, url };
    let known = PLATFORMS.iter().find(|platform| platform.hosts.iter().any(|pattern| is_host(host, pattern)))?;
    let kind = if known.name == TELEGRAM { telegram_page() } else { SourceKind::Feed };
    let urls = (known.serves)(&place).into_iter().filter_map(|place| url.join(&place).ok());
    let places: Vec<_> = urls.map(|url| (url, kind.clone())).collect();
    let is_sure = known.hosts != ANYWHERE;
    (!places.is_empty()).then_some(Served { platform: known.name, places, is_sure })
}

/// Whether a host is `pattern` or below it; `name.*` stands for any host with that label.
fn is_host(host: &str, pattern: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if let Some(label) = pattern.strip_suffix(".*") {
        return host.split('.').rev().skip(1).any(|part| part == label);
    }
    host.strip_suffix(pattern).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Channels and playlists by their ids; of a handle only the page knows the channel (`clues`).
fn youtube(place: &Place<'_>) -> Vec<String> {
    let feed = |key: &str, value: &str| vec![format!("https://www.youtube.com/feeds/videos.xml?{key}={value}")];
    match place.path.as_slice() {
        ["channel", id, ..] if is_name(id) => feed("channel_id", id),
        ["user", name, ..] if is_name(name) => feed("user", name),
        ["playlist"] => place.query("list").map(|list| feed("playlist_id", &list)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn reddit(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        [] => vec!["/.rss".to_owned()],
        // The order a person looks at is kept: /r/rust/new, /r/rust/top.
        [what @ ("r" | "user" | "u"), name] => {
            vec![format!("/{}/{name}/.rss", if *what == "r" { "r" } else { "user" })]
        }
        ["r", name, order @ ("new" | "hot" | "top" | "rising")] => vec![format!("/r/{name}/{order}/.rss")],
        ["r", name, "comments", id, ..] => vec![format!("/r/{name}/comments/{id}/.rss")],
        _ => Vec::new(),
    }
}

fn github(place: &Place<'_>) -> Vec<String> {
    // Pages of the site itself, which look like a person's.
    const OWN: [&str; 9] =
        ["topics", "trending", "explore", "search", "marketplace", "features", "sponsors", "orgs", "collections"];
    let Some((owner, rest)) =
        place.path.split_first().filter(|(owner, _)| place.host != "gist.github.com" && !OWN.contains(owner))
    else {
        return Vec::new();
    };
    let Some((repo, rest)) = rest.split_first() else { return vec![format!("/{owner}.atom")] };
    let repo = repo.strip_suffix(".git").unwrap_or(repo);
    let of = |what: &str| format!("/{owner}/{repo}/{what}.atom");
    match rest {
        ["commits" | "tree", branch @ ..] if !branch.is_empty() => vec![of(&format!("commits/{}", branch.join("/")))],
        ["tags"] => vec![of("tags")],
        ["commits"] => vec![of("commits")],
        ["wiki", ..] => vec![of("wiki")],
        ["discussions", ..] => vec![of("discussions")],
        ["issues" | "pulls" | "pull" | "actions", ..] => Vec::new(),
        _ => ["releases", "tags", "commits"].map(of).to_vec(),
    }
}

fn gitlab(place: &Place<'_>) -> Vec<String> {
    let project: Vec<&str> = place.path.iter().take_while(|part| **part != "-").copied().collect();
    if project.len() < 2 || matches!(project.first(), Some(&("explore" | "help" | "users"))) {
        return Vec::new();
    }
    let project = project.join("/");
    let rest = place.path.iter().skip_while(|part| **part != "-").skip(1).copied().collect::<Vec<_>>();
    match rest.as_slice() {
        ["commits", branch @ ..] if !branch.is_empty() => {
            vec![format!("/{project}/-/commits/{}?format=atom", branch.join("/"))]
        }
        ["tags", ..] => vec![format!("/{project}/-/tags?format=atom")],
        _ => vec![
            format!("/{project}/-/releases.atom"),
            format!("/{project}/-/tags?format=atom"),
            format!("/{project}.atom"),
        ],
    }
}

fn forgejo(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        [owner] => vec![format!("/{owner}.rss")],
        [owner, repo, ..] => vec![format!("/{owner}/{repo}/releases.rss"), format!("/{owner}/{repo}.rss")],
        [] => Vec::new(),
    }
}

fn medium(place: &Place<'_>) -> Vec<String> {
    if let Some(name) = place.below("medium.com") {
        return vec![format!("https://{name}.medium.com/feed")];
    }
    match place.path.as_slice() {
        ["tag", tag, ..] => vec![format!("/feed/tag/{tag}")],
        ["feed", ..] | [] => Vec::new(),
        [name, ..] => vec![format!("/feed/{name}")],
    }
}

fn substack(place: &Place<'_>) -> Vec<String> {
    let name = match (place.below("substack.com"), place.path.as_slice()) {
        (Some("open"), ["pub", name, ..]) => *name,
        (Some("open") | None, _) => return Vec::new(),
        (Some(name), _) => name,
    };
    vec![format!("https://{name}.substack.com/feed")]
}

fn wordpress(place: &Place<'_>) -> Vec<String> {
    if place.below("wordpress.com").is_none() {
        return Vec::new();
    }
    match place.path.as_slice() {
        [kind @ ("category" | "tag" | "author"), name] => vec![format!("/{kind}/{name}/feed/")],
        _ => vec!["/feed/".to_owned()],
    }
}

fn blogger(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["search", "label", label] => vec![format!("/feeds/posts/default/-/{label}")],
        _ => vec!["/feeds/posts/default".to_owned()],
    }
}

fn tumblr(place: &Place<'_>) -> Vec<String> {
    match (place.below("tumblr.com"), place.path.as_slice()) {
        (Some(_), ["tagged", tag]) => vec![format!("/tagged/{tag}/rss")],
        (Some(_), _) => vec!["/rss".to_owned()],
        (None, ["tagged" | "explore" | "search" | "login" | "register" | "dashboard", ..] | []) => Vec::new(),
        (None, [name, ..]) if is_name(name) => vec![format!("https://{name}.tumblr.com/rss")],
        (None, _) => Vec::new(),
    }
}

fn telegram(place: &Place<'_>) -> Vec<String> {
    let name = match place.path.as_slice() {
        ["s", name, ..] | [name, ..] => *name,
        [] => return Vec::new(),
    };
    // A public channel's name has five characters or more, and begins with a letter; the rest are the site's own pages.
    let is_channel = name.len() >= 5 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_name(name);
    let is_own =
        matches!(name, "joinchat" | "addstickers" | "addemoji" | "addtheme" | "share" | "proxy" | "socks" | "login");
    if is_channel && !is_own { vec![format!("https://t.me/s/{name}")] } else { Vec::new() }
}

/// How a channel's page shows its messages.
fn telegram_page() -> SourceKind {
    SourceKind::Page(PageSelectors {
        item: ".tgme_widget_message_wrap".to_owned(),
        link: Some("a.tgme_widget_message_date".to_owned()),
        title: Some(".tgme_widget_message_text".to_owned()),
        date: Some("time[datetime]".to_owned()),
        summary: None,
    })
}

fn bluesky(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["profile", name, ..] => vec![format!("/profile/{name}/rss")],
        _ => Vec::new(),
    }
}

fn google_news(place: &Place<'_>) -> Vec<String> {
    let query = place.url.as_url().query().map(|query| format!("?{query}")).unwrap_or_default();
    match place.path.as_slice() {
        ["rss", ..] => Vec::new(),
        [] | ["home"] => vec![format!("/rss{query}")],
        path => vec![format!("/rss/{}{query}", path.join("/"))],
    }
}

fn arxiv(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["list", category, ..] if is_name(category) => vec![format!("https://rss.arxiv.org/rss/{category}")],
        _ => Vec::new(),
    }
}

fn stack_exchange(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        [] | ["questions"] => vec!["/feeds".to_owned()],
        ["questions", "tagged", tag] => vec![format!("/feeds/tag/{tag}")],
        ["questions", id, ..] if id.bytes().all(|b| b.is_ascii_digit()) => vec![format!("/feeds/question/{id}")],
        _ => Vec::new(),
    }
}

fn pypi(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["project", name, ..] => vec![format!("/rss/project/{name}/releases.xml")],
        _ => Vec::new(),
    }
}

fn crates_io(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["crates", name, ..] if is_name(name) => vec![format!("https://static.crates.io/rss/crates/{name}.xml")],
        _ => Vec::new(),
    }
}

fn dev(place: &Place<'_>) -> Vec<String> {
    match place.path.as_slice() {
        ["t", tag, ..] => vec![format!("/feed/tag/{tag}")],
        [name, ..] if *name != "feed" => vec![format!("/feed/{name}")],
        _ => Vec::new(),
    }
}

/// A profile is `/@name` on whatever host; one of another server is polled there.
fn mastodon(place: &Place<'_>) -> Vec<String> {
    let name = match place.path.as_slice() {
        [handle] => handle.strip_prefix('@'),
        ["users", name] => Some(*name),
        _ => None,
    };
    match name.and_then(|name| name.split_once('@').map(|(name, host)| (name, Some(host))).or(Some((name, None)))) {
        Some((name, None)) if is_name(name) => vec![format!("/@{name}.rss")],
        Some((name, Some(host))) if is_name(name) && is_name(host) => vec![format!("https://{host}/@{name}.rss")],
        _ => Vec::new(),
    }
}
