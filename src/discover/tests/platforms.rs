use crate::discover::platform::served;
use crate::model::WebUrl;

fn check(url: &str, platform: &str, expected: &[&str]) {
    let found = served(&WebUrl::parse(url).unwrap());
    let (name, places) = found.as_ref().map_or(("", Vec::new()), |served| {
        (served.platform, served.places.iter().map(|(place, _)| place.as_str()).collect())
    });
    assert_eq!((name, places.as_slice()), (platform, expected), "{url}");
}

fn nothing(url: &str) {
    assert_eq!(served(&WebUrl::parse(url).unwrap()), None, "{url}");
}

#[test]
fn videos_by_channel_playlist_and_user() {
    let feed = "https://www.youtube.com/feeds/videos.xml";
    check(
        "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv/videos",
        "YouTube",
        &[&format!("{feed}?channel_id=UCabcdefghijklmnopqrstuv")],
    );
    check("https://m.youtube.com/playlist?list=PLa-b_c", "YouTube", &[&format!("{feed}?playlist_id=PLa-b_c")]);
    check("https://youtube.com/user/someone", "YouTube", &[&format!("{feed}?user=someone")]);
    nothing("https://www.youtube.com/@someone");
    nothing("https://www.youtube.com/watch?v=abc");
    nothing("https://www.youtube.com/playlist?list=a%26b");
    nothing("https://notyoutube.com/channel/UCabcdefghijklmnopqrstuv");
}

#[test]
fn forums_and_communities() {
    check("https://www.reddit.com/r/rust/", "Reddit", &["https://www.reddit.com/r/rust/.rss"]);
    check("https://old.reddit.com/r/rust/new", "Reddit", &["https://old.reddit.com/r/rust/new/.rss"]);
    check(
        "https://www.reddit.com/r/rust/comments/abc/some_title/",
        "Reddit",
        &["https://www.reddit.com/r/rust/comments/abc/.rss"],
    );
    check("https://www.reddit.com/u/somebody", "Reddit", &["https://www.reddit.com/user/somebody/.rss"]);
    check("https://news.ycombinator.com/", "Hacker News", &["https://news.ycombinator.com/rss"]);
    check(
        "https://stackoverflow.com/questions/tagged/rust",
        "Stack Exchange",
        &["https://stackoverflow.com/feeds/tag/rust"],
    );
    check("https://dev.to/somebody", "DEV", &["https://dev.to/feed/somebody"]);
}

#[test]
fn code_by_what_is_looked_at() {
    let rust = "https://github.com/rust-lang/rust";
    check(
        rust,
        "GitHub",
        &[&format!("{rust}/releases.atom"), &format!("{rust}/tags.atom"), &format!("{rust}/commits.atom")],
    );
    check(
        &format!("{rust}.git"),
        "GitHub",
        &[&format!("{rust}/releases.atom"), &format!("{rust}/tags.atom"), &format!("{rust}/commits.atom")],
    );
    check(&format!("{rust}/tags"), "GitHub", &[&format!("{rust}/tags.atom")]);
    check(&format!("{rust}/commits/stable"), "GitHub", &[&format!("{rust}/commits/stable.atom")]);
    check("https://github.com/rust-lang", "GitHub", &["https://github.com/rust-lang.atom"]);
    nothing("https://github.com/topics/rust");
    nothing(&format!("{rust}/issues"));
    let lab = "https://gitlab.com/group/sub/project";
    let lab_feeds = [format!("{lab}/-/releases.atom"), format!("{lab}/-/tags?format=atom"), format!("{lab}.atom")];
    let lab_feeds: Vec<&str> = lab_feeds.iter().map(String::as_str).collect();
    check(lab, "GitLab", &lab_feeds);
    check(&format!("{lab}/-/issues"), "GitLab", &lab_feeds);
    check(
        "https://gitlab.gnome.org/GNOME/gtk/-/commits/main",
        "GitLab",
        &["https://gitlab.gnome.org/GNOME/gtk/-/commits/main?format=atom"],
    );
    nothing("https://gitlab.com/group");
    check(
        "https://codeberg.org/forgejo/forgejo",
        "Forgejo",
        &["https://codeberg.org/forgejo/forgejo/releases.rss", "https://codeberg.org/forgejo/forgejo.rss"],
    );
    check("https://pypi.org/project/requests/", "PyPI", &["https://pypi.org/rss/project/requests/releases.xml"]);
    check("https://crates.io/crates/serde/1.0.0", "crates.io", &["https://static.crates.io/rss/crates/serde.xml"]);
}

#[test]
fn blogs_by_host_or_name() {
    check("https://medium.com/@somebody/a-story", "Medium", &["https://medium.com/feed/@somebody"]);
    check("https://somebody.medium.com/a-story", "Medium", &["https://somebody.medium.com/feed"]);
    check("https://medium.com/tag/rust", "Medium", &["https://medium.com/feed/tag/rust"]);
    check("https://somebody.substack.com/p/a-letter", "Substack", &["https://somebody.substack.com/feed"]);
    check("https://open.substack.com/pub/somebody/p/a-letter", "Substack", &["https://somebody.substack.com/feed"]);
    nothing("https://substack.com/");
    check("https://somebody.wordpress.com/2026/11/a", "WordPress", &["https://somebody.wordpress.com/feed/"]);
    check(
        "https://somebody.wordpress.com/category/law/",
        "WordPress",
        &["https://somebody.wordpress.com/category/law/feed/"],
    );
    check(
        "https://somebody.blogspot.com/2026/11/a.html",
        "Blogger",
        &["https://somebody.blogspot.com/feeds/posts/default"],
    );
    check(
        "https://somebody.blogspot.co.uk/search/label/law",
        "Blogger",
        &["https://somebody.blogspot.co.uk/feeds/posts/default/-/law"],
    );
    check("https://somebody.tumblr.com/", "Tumblr", &["https://somebody.tumblr.com/rss"]);
    check("https://www.tumblr.com/somebody/123/a-post", "Tumblr", &["https://somebody.tumblr.com/rss"]);
    nothing("https://www.tumblr.com/explore/today");
    check("https://somebody.hashnode.dev/a", "Hashnode", &["https://somebody.hashnode.dev/rss.xml"]);
}

#[test]
fn channels_and_profiles() {
    check("https://t.me/channelname", "Telegram", &["https://t.me/s/channelname"]);
    check("https://t.me/s/channelname/123", "Telegram", &["https://t.me/s/channelname"]);
    check("https://telegram.me/channelname", "Telegram", &["https://t.me/s/channelname"]);
    assert!(served(&WebUrl::parse("https://t.me/channelname").unwrap()).unwrap().places[0].1.is_page());
    nothing("https://t.me/+abcdefgh");
    nothing("https://t.me/joinchat/abcdefgh");
    check("https://mastodon.example/@somebody", "Mastodon", &["https://mastodon.example/@somebody.rss"]);
    check("https://mastodon.example/@somebody@other.example", "Mastodon", &["https://other.example/@somebody.rss"]);
    nothing("https://mastodon.example/@somebody/113");
    check(
        "https://bsky.app/profile/somebody.bsky.social",
        "Bluesky",
        &["https://bsky.app/profile/somebody.bsky.social/rss"],
    );
}

#[test]
fn news_and_papers() {
    check(
        "https://news.google.com/search?q=harbour&hl=en",
        "Google News",
        &["https://news.google.com/rss/search?q=harbour&hl=en"],
    );
    nothing("https://news.google.com/rss/search?q=harbour");
    check("https://arxiv.org/list/cs.CR/recent", "arXiv", &["https://rss.arxiv.org/rss/cs.CR"]);
    nothing("https://arxiv.org/abs/2101.00001");
    nothing("https://press.un.org/en");
}
