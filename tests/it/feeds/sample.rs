//! Feeds as publishers write them, made from a seed: real sizes, real shapes, no publisher's text.

/// Chance that repeats: xorshift64*.
pub(crate) struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % limit.max(1)
    }

    /// One of a list.
    pub(crate) fn of<'l, T: ?Sized>(&mut self, list: &[&'l T]) -> &'l T {
        list.get(self.below(list.len())).expect("no list is empty")
    }
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// RSS 2.0 as blogs serve it: modules, a summary and the whole text in CDATA.
    Blog,
    /// RSS 2.0 as newspapers serve it: a short escaped summary, pictures by Media RSS.
    Newspaper,
    /// Atom 1.0 with escaped HTML.
    Atom,
    /// Atom 1.0 with XHTML.
    Xhtml,
    /// RSS 1.0.
    Rdf,
    /// JSON Feed 1.1.
    Json,
}

/// All of them.
pub(crate) const STYLES: [Style; 6] =
    [Style::Blog, Style::Newspaper, Style::Atom, Style::Xhtml, Style::Rdf, Style::Json];

const LATIN: &[&str] = &[
    "council",
    "resolution",
    "the",
    "of",
    "and",
    "vote",
    "delegates",
    "harbor",
    "budget",
    "river",
    "engine",
    "in",
    "new",
    "after",
    "minister",
    "report",
    "weather",
    "said",
    "market",
    "on",
    "school",
    "with",
    "station",
    "a",
    "for",
    "night",
];
const CYRILLIC: &[&str] =
    &["совет", "после", "резолюция", "на", "город", "в", "отчёт", "река", "и", "голосование", "новый"];
const MARKS: &[&str] = &["é", "–", "“quoted”", "AT&T", "5 < 6", "naïve", "2021", "100 %"];

fn words(dice: &mut Dice, count: usize) -> String {
    let list = if dice.below(5) == 0 { CYRILLIC } else { LATIN };
    let mut text = String::new();
    for at in 0..count {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(if dice.below(25) == 0 { dice.of(MARKS) } else { dice.of(list) });
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn html(dice: &mut Dice, paragraphs: usize) -> String {
    let mut text = String::new();
    for _ in 0..paragraphs {
        let (first, link, last) = (words(dice, 30), words(dice, 3), words(dice, 20));
        let number = dice.below(1000).to_string();
        let parts = [
            "<p>",
            &escaped(&first),
            " <a href=\"https://example.org/topic/",
            &number,
            "?a=1&amp;b=2\" rel=\"noopener\">",
            &escaped(&link),
            "</a> ",
            &escaped(&last),
            ".</p>\n",
        ];
        text.push_str(&parts.concat());
    }
    text.push_str(
        "<p><img class=\"wide\" src=\"https://img.example.org/a.jpg\" alt=\"\" width=\"640\" height=\"360\" /></p>",
    );
    text
}

fn date(dice: &mut Dice) -> (String, String) {
    let (day, hour, minute) = (1 + dice.below(28), dice.below(24), dice.below(60));
    let day_name = dice.of(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    (
        format!("{day_name}, {day:02} Dec 2021 {hour:02}:{minute:02}:00 +0000"),
        format!("2021-12-{day:02}T{hour:02}:{minute:02}:00Z"),
    )
}

/// A feed of that many items, which a seed decides. Each has a title, a link, an id, a date and text.
pub(crate) fn feed(style: Style, seed: u64, items: usize) -> String {
    let mut dice = Dice::new(seed);
    let mut text = String::from(match style {
        Style::Blog => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"\n\txmlns:content=\"http://purl.org/rss/1.0/modules/content/\"\n\
             \txmlns:wfw=\"http://wellformedweb.org/CommentAPI/\"\n\txmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n\
             \txmlns:atom=\"http://www.w3.org/2005/Atom\"\n\txmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">\n\n<channel>\n\
             \t<title>Blog &#8211; all of it</title>\n\t<atom:link href=\"https://example.org/feed/\" rel=\"self\" type=\"application/rss+xml\" />\n\
             \t<link>https://example.org</link>\n\t<description></description>\n\t<lastBuildDate>Mon, 06 Dec 2021 10:00:00 +0000</lastBuildDate>\n\
             \t<language>en-US</language>\n\t<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>\n\t<sy:updateFrequency>\n\t1\t</sy:updateFrequency>\n"
        }
        Style::Newspaper => {
            "<?xml version='1.0' encoding='utf-8'?>\n<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
             <channel><title><![CDATA[The Paper]]></title><link>https://example.org/</link><description>News</description><ttl>15</ttl>\n\
             <image><url>https://example.org/logo.png</url><title>The Paper</title><link>https://example.org/</link></image>\n"
        }
        Style::Atom | Style::Xhtml => {
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n  <title>Atom</title>\n\
             \x20 <link href=\"https://example.org/\" rel=\"alternate\"/>\n  <link href=\"https://example.org/feed\" rel=\"self\"/>\n\
             \x20 <id>tag:example.org,2021:/feed</id>\n  <updated>2021-12-06T10:00:00Z</updated>\n"
        }
        Style::Rdf => {
            "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\"\n\
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel rdf:about=\"https://example.org/\"><title>RDF</title>\n\
             <link>https://example.org/</link><description>All</description></channel>\n"
        }
        Style::Json => {
            "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"JSON\", \"home_page_url\": \"https://example.org/\", \"items\": [\n"
        }
    });
    for number in 0..items {
        if style == Style::Json && number > 0 {
            text.push_str(",\n");
        }
        text.push_str(&item(style, &mut dice, number));
    }
    text.push_str(match style {
        Style::Blog | Style::Newspaper => "</channel>\n</rss>\n",
        Style::Atom | Style::Xhtml => "</feed>\n",
        Style::Rdf => "</rdf:RDF>\n",
        Style::Json => "]}",
    });
    text
}

fn item(style: Style, dice: &mut Dice, number: usize) -> String {
    let link = format!("https://example.org/2021/12/{number}-{}/", dice.of(LATIN));
    let title = words(dice, 9);
    let (mail, iso) = date(dice);
    let short = words(dice, 40);
    match style {
        Style::Blog => {
            let long = 4 + dice.below(8);
            format!(
                "\t<item>\n\t\t<title>{}</title>\n\t\t<link>{link}</link>\n\t\t<comments>{link}#respond</comments>\n\t\t<dc:creator><![CDATA[Ann Lee]]></dc:creator>\n\
                 \t\t<pubDate>{mail}</pubDate>\n\t\t<category><![CDATA[News]]></category>\n\t\t<guid isPermaLink=\"false\">https://example.org/?p={number}</guid>\n\
                 \t\t<description><![CDATA[{short} [&#8230;]]]></description>\n\t\t<content:encoded><![CDATA[{}]]></content:encoded>\n\t\t<slash:comments>3</slash:comments>\n\t</item>\n",
                escaped(&title),
                html(dice, long)
            )
        }
        Style::Newspaper => format!(
            "<item><title><![CDATA[{title}]]></title><link>{link}?utm_source=rss&amp;utm_medium=feed</link><guid isPermaLink=\"true\">{link}</guid><pubDate>{mail}</pubDate>\n\
             <description>{}</description><media:content url=\"https://img.example.org/{number}.jpg\" medium=\"image\" width=\"640\"><media:title>A picture</media:title></media:content>\n\
             <dc:creator>Ann Lee</dc:creator><category domain=\"https://example.org/world\">World</category></item>\n",
            escaped(&format!("<p>{}</p>", escaped(&short)))
        ),
        Style::Atom => format!(
            "  <entry>\n    <title type=\"html\">{}</title>\n    <link href=\"{link}\"/>\n    <id>tag:example.org,2021:{number}</id>\n    <published>{iso}</published>\n    <updated>{iso}</updated>\n\
             \x20   <author><name>Ann Lee</name><uri>https://example.org/ann</uri></author>\n    <content type=\"html\">{}</content>\n  </entry>\n",
            escaped(&escaped(&title)),
            escaped(&html(dice, 4))
        ),
        Style::Xhtml => format!(
            "  <entry>\n    <title>{}</title>\n    <link href=\"{link}\"/>\n    <id>{link}</id>\n    <updated>{iso}</updated>\n    <content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div></content>\n  </entry>\n",
            escaped(&title),
            html(dice, 3)
        ),
        Style::Rdf => format!(
            "<item rdf:about=\"{link}\"><title>{}</title>\n<link>{link}</link>\n<description>{}</description>\n<dc:date>{iso}</dc:date><dc:creator>Ann Lee</dc:creator></item>\n",
            escaped(&title),
            escaped(&short)
        ),
        Style::Json => {
            let text = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!(
                "{{\"id\": \"{number}\", \"url\": \"{link}\", \"title\": \"{}\", \"date_published\": \"{iso}\", \"content_html\": \"{}\"}}",
                text(&title),
                text(&html(dice, 3))
            )
        }
    }
}
