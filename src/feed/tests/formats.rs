//! What each format says in its own way.

use std::time::Duration;

use super::{item, read};
use crate::model::DocumentKind;

#[test]
fn cdf_names_its_items_by_attributes_in_capitals() {
    let parsed = read(
        "<CHANNEL BASE='http://base.example/' HREF='/home'><TITLE>C</TITLE><ITEM HREF='a' LASTMOD='2004-04-06T23:05:43-05:00'>
         <TITLE>A</TITLE><ABSTRACT>Words</ABSTRACT></ITEM></CHANNEL>",
    );
    assert_eq!((parsed.title.as_deref(), parsed.home.as_deref()), (Some("C"), Some("http://base.example/home")));
    let entry = &parsed.entries[0];
    assert_eq!(entry.link.as_deref(), Some("http://base.example/a"));
    assert_eq!(entry.updated.unwrap().to_string(), "2004-04-07T04:05:43Z");
    assert_eq!(entry.summary.as_deref(), Some("Words"));
}

#[test]
fn rss_1_1_and_rss_0_90_are_read() {
    let new = read(
        "<Channel xmlns='http://purl.org/net/rss1.1#' rdf:about='https://example.org/'><title>N</title><items><item
         rdf:about='https://example.org/a'><title>A</title></item></items></Channel>",
    );
    assert_eq!((new.title.as_deref(), new.entries[0].link.as_deref()), (Some("N"), Some("https://example.org/a")));
    let old = read(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>
         <channel><title>O</title></channel><item><title>A</title><link>/a</link></item></rdf:RDF>",
    );
    assert_eq!((old.title.as_deref(), old.entries.len()), (Some("O"), 1));
}

#[test]
fn atom_0_3_says_by_its_mode_how_a_text_is_written() {
    let parsed = read(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped' type='text/html'>A &lt;b&gt;x&lt;/b&gt;</title>
         <summary mode='base64' type='text/html'>\n PHA+V29yZHM8L3A+ \n</summary><modified>2004-01-01T00:00:00Z</modified>
         <content type='application/xhtml+xml'><div xmlns='http://www.w3.org/1999/xhtml'>C <h:i xmlns:h='http://www.w3.org/1999/xhtml'>i</h:i></div></content></entry></feed>",
    );
    let entry = &parsed.entries[0];
    assert_eq!(entry.title.as_deref(), Some("A <b>x</b>"));
    assert_eq!(entry.summary.as_deref(), Some("<p>Words</p>"));
    assert_eq!(entry.content.as_deref(), Some("C <i>i</i>"));
    assert!(entry.updated.is_some());
}

#[test]
fn plain_text_of_atom_keeps_its_marks_and_html_that_calls_itself_plain_is_html() {
    let title = |inside: &str| read(&format!("<feed><entry>{inside}</entry></feed>")).entries.remove(0).title;
    assert_eq!(title("<title>1 &lt; 2</title>").as_deref(), Some("1 &lt; 2"));
    assert_eq!(title("<title>a &lt;br&gt; b</title>").as_deref(), Some("a <br> b"));
    assert_eq!(title("<title type='html'>a &amp;amp; b</title>").as_deref(), Some("a &amp; b"));
}

#[test]
fn namespaces_are_known_by_their_address_whatever_the_prefix_and_by_the_prefix_where_none_is_given() {
    let parsed = read(
        "<a:feed xmlns:a='HTTP://www.w3.org/2005/Atom/'><a:entry><a:title>A</a:title><dc:creator>Ann</dc:creator>
         <m:title xmlns:m='https://search.yahoo.com/mrss'>photo</m:title></a:entry></a:feed>",
    );
    assert_eq!(parsed.kind, DocumentKind::Atom);
    assert_eq!(parsed.entries[0].title.as_deref(), Some("A"));
    assert_eq!(parsed.entries[0].author.as_deref(), Some("Ann"));
    let strange = item("<x:title xmlns:x='https://example.org/x'>no</x:title><media:title>photo</media:title>");
    assert_eq!(strange.title.as_deref(), Some("photo"));
}

#[test]
fn bases_hold_within_each_other() {
    let parsed = read(
        "<feed xml:base='/a/'><link href='./'/><entry xml:base='b/'><link xml:base='c/' href='d'/><id>1</id></entry>
         <entry><link href='e'/></entry></feed>",
    );
    assert_eq!(parsed.home.as_deref(), Some("https://example.org/a/"));
    assert_eq!(parsed.entries[0].link.as_deref(), Some("https://example.org/a/b/c/d"));
    assert_eq!(parsed.entries[1].link.as_deref(), Some("https://example.org/a/e"));
}

#[test]
fn short_entities_of_a_document_type_are_put_in_and_those_that_refer_to_others_are_not() {
    let parsed = read(
        "<!DOCTYPE rss [<!ENTITY who 'the council'><!ENTITY all '&who;&who;'><!ENTITY co 'A &amp; B'>]>
         <rss><channel><item><title>By &who; &all; of &co;</title></item></channel></rss>",
    );
    assert_eq!(parsed.entries[0].title.as_deref(), Some("By the council &all; of A & B"));
}

#[test]
fn a_feed_announces_when_to_come_and_where_to_look() {
    let rss = read(
        "<rss><channel><title>T</title><ttl> 90 </ttl><skipHours><hour>0</hour><hour>24</hour><hour>13</hour></skipHours>
         <skipDays><day>Saturday</day><day>Sunday</day></skipDays><sy:updatePeriod>daily</sy:updatePeriod>
         <sy:updateFrequency>4</sy:updateFrequency><atom:link rel='hub' href='https://hub.example/'/>
         <atom:link rel='self' href='/feed'/><atom:link rel='next' href='/feed?page=2'/></channel></rss>",
    );
    let announced = rss.announced;
    assert_eq!(announced.ttl_minutes, Some(90));
    assert_eq!((announced.skip_hours, announced.skip_days), (vec![0, 0, 13], vec![5, 6]));
    assert_eq!(announced.update_every, Some(Duration::from_hours(6)));
    assert_eq!(announced.hubs, ["https://hub.example/"]);
    assert_eq!(announced.self_link.as_deref(), Some("https://example.org/feed"));
    assert_eq!(announced.next_page.as_deref(), Some("https://example.org/feed?page=2"));
    let atom = read("<feed><link rel='prev-archive' href='/2020.xml'/></feed>");
    assert_eq!(atom.announced.previous_archive.as_deref(), Some("https://example.org/2020.xml"));
    let json = read(r#"{"items":[],"next_url":"/p2","hubs":[{"type":"WebSub","url":"https://hub.example/"}]}"#);
    assert_eq!(json.announced.next_page.as_deref(), Some("https://example.org/p2"));
    assert_eq!(json.announced.hubs.len(), 1);
}

#[test]
fn a_video_channels_words_stand_in_its_media_group() {
    let parsed = read(
        "<feed><entry><title>A</title><media:group><media:title>other</media:title><media:description>Words</media:description>
         <media:content url='https://example.org/v.mp4' type='video/mp4' fileSize='7'/></media:group></entry></feed>",
    );
    let entry = &parsed.entries[0];
    assert_eq!((entry.title.as_deref(), entry.summary.as_deref()), (Some("A"), Some("Words")));
    assert_eq!(entry.enclosures[0].length, Some(7));
}

#[test]
fn scripts_and_styles_are_no_text() {
    let entry = item(
        "<description>a&lt;SCRIPT type='x'&gt;1 &lt; 2&lt;/script &gt;b&lt;style/&gt;c&lt;/style&gt;d&lt;scripted&gt;</description>",
    );
    assert_eq!(entry.summary.as_deref(), Some("abd<scripted>"));
}

#[test]
fn a_title_that_speaks_of_a_script_keeps_its_rest() {
    let title = |written: &str| item(&format!("<title>{written}</title>")).title;
    assert_eq!(title("Using &lt;script&gt; in HTML").as_deref(), Some("Using <script> in HTML"));
    assert_eq!(
        title("A &lt;style&gt; of &lt;script&gt;x&lt;/script&gt;its own").as_deref(),
        Some("A <style> of its own")
    );
    let text = item("<description>a&lt;style&gt;b</description>").summary;
    assert_eq!(text.as_deref(), Some("a"));
}

#[test]
fn full_texts_for_aggregators_are_content_and_the_fullest_wins() {
    let content = |inside: &str| item(inside).content;
    let full = "<yandex:full-text xmlns:yandex='http://news.yandex.ru'>The whole text</yandex:full-text>";
    assert_eq!(content(full).as_deref(), Some("The whole text"));
    assert_eq!(content("<rbc_news:full-text>Whole</rbc_news:full-text>").as_deref(), Some("Whole"));
    assert_eq!(content("<turbo:content><![CDATA[<p>Whole</p>]]></turbo:content>").as_deref(), Some("<p>Whole</p>"));
    let both = |encoded: &str| content(&format!("<content:encoded>{encoded}</content:encoded>{full}"));
    assert_eq!(both("Short").as_deref(), Some("The whole text"));
    assert_eq!(both("Longer than the whole text").as_deref(), Some("Longer than the whole text"));
    assert_eq!(both("<![CDATA[]]>").as_deref(), Some("The whole text"));
}

#[test]
fn a_link_s_relation_may_be_an_address_and_its_language_the_entry_s() {
    let parsed = read(
        "<feed xml:lang='de'><link rel='http://www.iana.org/assignments/relation/hub' href='https://hub.example/'/>
         <entry><link rel='http://www.iana.org/assignments/relation/alternate' href='/one'/></entry>
         <entry xml:lang='en'><link rel='alternate' hreflang='fr' href='/fr'/><link hreflang='en-GB' href='/en'/></entry>
         <entry><link hreflang='fr' href='/fr'/><link href='/any'/></entry>
         <entry><link hreflang='fr' href='/fr'/></entry></feed>",
    );
    let links: Vec<_> = parsed.entries.iter().filter_map(|entry| entry.link.as_deref()).collect();
    let expected = ["one", "en", "any", "fr"].map(|path| format!("https://example.org/{path}"));
    assert_eq!(links, expected);
    assert_eq!(parsed.announced.hubs, ["https://hub.example/"]);
}

#[test]
fn a_later_date_and_the_feed_s_language_tell_where_its_month_stands() {
    let days = |document: &str| -> Vec<String> {
        let entries = read(document).entries;
        entries.iter().filter_map(|entry| Some(entry.published?.strftime("%m-%d").to_string())).collect()
    };
    let rss = |head: &str, dates: [&str; 2]| {
        let items = dates.map(|date| format!("<item><title>A</title><pubDate>{date}</pubDate></item>"));
        days(&format!("<rss><channel>{}{head}</channel></rss>", items.concat()))
    };
    assert_eq!(rss("", ["12/05/2024", "12/01/2024"]), ["05-12", "01-12"]);
    assert_eq!(rss("", ["12/05/2024", "12/16/2024"]), ["12-05", "12-16"]);
    assert_eq!(rss("<language>en-us</language>", ["12/05/2024", "12/01/2024"]), ["12-05", "12-01"]);
    assert_eq!(rss("<language>en-us</language>", ["12/05/2024", "16/12/2024"]), ["05-12", "12-16"]);
    assert_eq!(rss("", ["12/05/2024", "12/01/2024 3:30:00 PM"]), ["12-05", "12-01"]);
    // What one date shows by itself doesn't stand against what all show.
    assert_eq!(rss("", ["06/12/2021 10:00 AM", "13/12/2021 10:00 AM"]), ["12-06", "12-13"]);
    assert_eq!(rss("<language>en-gb</language>", ["06/12/2021 10:00 AM", "07/12/2021"]), ["12-06", "12-07"]);
    assert_eq!(rss("", ["12/09/2026", "Wed, 12/09/2026 - 10:00"]), ["12-09", "12-09"]);
    let json = r#"{"items":[{"id":"1","date_published":"12/05/2024"},{"id":"2","date_modified":"12/16/2024"}]}"#;
    assert_eq!(days(json), ["12-05"]);
}

#[test]
fn a_translation_is_not_an_entrys_link_and_a_home_page_only_where_there_is_no_other() {
    let link = |head: &str, inside: &str| {
        let entries =
            read(&format!("<rss><channel><link>https://example.org</link>{head}<item>{inside}</item></channel></rss>"));
        entries.entries[0].link.clone().unwrap()
    };
    let both = "<atom:link rel='alternate' hreflang='fr' href='/fr/1'/><link>/en/1</link>";
    assert_eq!(link("", both), "https://example.org/en/1");
    assert_eq!(link("<language>en-gb</language>", both), "https://example.org/en/1");
    assert_eq!(link("<language>fr</language>", both), "https://example.org/fr/1");
    let guid = |kind: &str| format!("<link>https://example.org/</link><guid {kind}>https://example.org/n/1</guid>");
    assert_eq!(link("", &guid("")), "https://example.org/n/1");
    assert_eq!(link("", &guid("isPermaLink='false'")), "https://example.org/");
    assert_eq!(link("", "<link>/n/2</link><guid>https://example.org/n/1</guid>"), "https://example.org/n/2");
}

#[test]
fn an_atom_entry_has_the_author_of_its_source_or_else_of_the_feed() {
    let parsed = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><author><name>Ann</name></author><entry><title>A</title></entry>
         <entry><title>B</title><author><name>Bob</name></author></entry>
         <entry><title>C</title><source><author><name>Cid</name></author></source></entry></feed>",
    );
    let authors: Vec<_> = parsed.entries.iter().filter_map(|entry| entry.author.as_deref()).collect();
    assert_eq!(authors, ["Ann", "Bob", "Cid"]);
}

#[test]
fn persons_are_names_where_they_have_one() {
    let author = |written: &str| item(&format!("<author>{written}</author>")).author;
    assert_eq!(author("me@example.org (Ann Lee)").as_deref(), Some("Ann Lee"));
    assert_eq!(author("me@example.com\u{a0}(Zoe Smith)").as_deref(), Some("Zoe Smith"));
    assert_eq!(author("Ann Lee &lt;me@example.org&gt;").as_deref(), Some("Ann Lee"));
    assert_eq!(author("Ann Lee (editor)").as_deref(), Some("Ann Lee (editor)"));
    assert_eq!(author("me@example.org").as_deref(), Some("me@example.org"));
}

#[test]
fn of_an_entry_s_dates_the_most_exact_is_believed_and_one_that_can_not_be_hides_none() {
    let published = |dates: &str| {
        let rss = format!(
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><title>A</title>{dates}</item></channel></rss>"
        );
        let parsed = read(&rss);
        parsed.entries[0].published.map(|at| at.to_string()).unwrap_or_default()
    };
    let exact = "2021-12-06T15:04:00Z";
    let dc = "<dc:date>2021-12-06T18:04:00+03:00</dc:date>";
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "2021-12-06 18:04", "2021-12-06"] {
        let own = format!("<pubDate>{date}</pubDate>");
        assert_eq!(published(&format!("{own}{dc}")), exact, "{date}");
        assert_eq!(published(&format!("{dc}{own}")), exact, "{date}");
    }
    let other = "<pubDate>Mon, 06 Dec 2021 12:00:00 GMT</pubDate>";
    assert_eq!(published(&format!("{dc}{other}")), "2021-12-06T12:00:00Z", "of two instants pubDate's");
}

#[test]
fn a_morning_in_another_zone_is_no_day_and_the_other_dates_tell_where_a_short_year_stands() {
    let dates = |head: &str, items: &[&str]| -> Vec<String> {
        let items: Vec<_> = items.iter().map(|dates| format!("<item><title>A</title>{dates}</item>")).collect();
        let items = items.concat();
        let rss = format!("<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>{items}{head}</channel></rss>");
        read(&rss).entries.iter().filter_map(|entry| Some(entry.published?.to_string())).collect()
    };
    let next = "<dc:date>2021-12-07T09:00:00+08:00</dc:date>";
    let morning = format!("<pubDate>Mon, 06 Dec 2021 08:00:00 +0800</pubDate>{next}");
    assert_eq!(dates("", &[&morning]), ["2021-12-06T00:00:00Z"]);
    let day = "<pubDate>2021-12-06</pubDate><dc:date>2021-12-07 06:30</dc:date>";
    assert_eq!(dates("", &[day]), ["2021-12-06T00:00:00Z"]);
    let short = ["<pubDate>28-11-26</pubDate>", "<pubDate>27-11-26</pubDate>"];
    assert_eq!(dates("", &short), ["2026-11-28T00:00:00Z", "2026-11-27T00:00:00Z"]);
    assert_eq!(dates("<language>nl</language>", &short[..1]), ["2026-11-28T00:00:00Z"]);
    assert_eq!(dates("<language>de</language>", &["<pubDate>26-11-28</pubDate>"]), ["2026-11-28T00:00:00Z"]);
}
