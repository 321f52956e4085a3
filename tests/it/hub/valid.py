"""Holds feeds against rules that the W3C's feed validator checks: what RFC 4287 demands of Atom, what RSS 2.0
and the RSS Advisory Board's profile ask for, what JSON Feed 1.1 requires. feedparser, a reader of another house, reads them too.

usage: valid.py BASE FOLDER      with harbour.atom, .rss and .json in the folder, as they are at BASE/feeds/
Prints what is wrong, a line each, then the entries as JSON: {"ids": [...], "updated": [...], "titles": [...]}
"""
import json
import re
import sys
import xml.etree.ElementTree as ET
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
TAGS = {"p", "ul", "li", "a"}
faults = []


def need(holds, what):
    if not holds:
        faults.append(what)


def web(text):
    parts = urlsplit(text or "")
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def iri(text):
    return bool(text) and bool(urlsplit(text).scheme) and not re.search(r"\s", text)


def one(element, tag, where):
    found = element.findall(tag)
    need(len(found) == 1, f"{where}: {len(found)} of {tag}")
    return (found[0].text or "") if found else ""


def date(text, where):
    need(RFC3339.fullmatch(text or ""), f"{where}: {text!r} is no date of RFC 3339")
    return datetime.fromisoformat((text or "1970-01-01T00:00:00Z").replace("Z", "+00:00"))


class Html(HTMLParser):
    """Elements that are closed as they were opened, addresses that are whole, nothing that runs."""

    def __init__(self, where):
        super().__init__()
        self.open, self.where = [], where

    def handle_starttag(self, tag, attributes):
        need(tag in TAGS, f"{self.where}: <{tag}>")
        self.open.append(tag)
        for name, value in attributes:
            is_link = (tag, name) == ("a", "href") and web(value)
            need(is_link or (name, value) == ("dir", "auto"), f"{self.where}: {tag} {name}={value!r}")

    def handle_endtag(self, tag):
        need(self.open and self.open.pop() == tag, f"{self.where}: </{tag}>")


def html(text, where):
    reader = Html(where)
    reader.feed(text)
    reader.close()
    need(not reader.open and text, f"{where}: {reader.open} left open")


def unique(ids, where):
    need(len(set(ids)) == len(ids), f"{where}: ids come twice")


def atom(text, own):
    feed = ET.fromstring(text)
    need(feed.tag == ATOM + "feed", "atom: the root")
    need(iri(one(feed, ATOM + "id", "atom")), "atom: id")
    need(one(feed, ATOM + "title", "atom").strip(), "atom: title is empty")
    changed = date(one(feed, ATOM + "updated", "atom"), "atom")
    links = [(link.get("rel", "alternate"), link.get("type"), link.get("href")) for link in feed.findall(ATOM + "link")]
    need(("self", "application/atom+xml", own) in links, f"atom: no link to itself in {links}")
    need(all(web(href) for _, _, href in links), "atom: links are whole addresses")
    need(len({link[:2] for link in links}) == len(links), "atom: two links of one relation and type")
    ids = []
    for entry in feed.findall(ATOM + "entry"):
        ids.append(one(entry, ATOM + "id", "atom entry"))
        where = f"atom entry {ids[-1]}"
        need(iri(ids[-1]), f"{where}: id")
        need(one(entry, ATOM + "title", where).strip(), f"{where}: title is empty")
        updated, published = (date(one(entry, ATOM + name, where), where) for name in ("updated", "published"))
        need(published <= updated <= changed, f"{where}: published, updated, and the feed's own date, in this order")
        need(one(entry.find(ATOM + "author"), ATOM + "name", where).strip(), f"{where}: an author without name")
        content = entry.find(ATOM + "content")
        need(content.get("type") == "html" and len(content) == 0, f"{where}: content")
        html(content.text or "", where)
        need(len(entry.findall(ATOM + "link")) <= 1, f"{where}: two alternate links")
        need(all(web(link.get("href")) for link in entry.findall(ATOM + "link")), f"{where}: link")
    unique(ids, "atom")
    return ids


def rss(text, own):
    root = ET.fromstring(text)
    need(root.tag == "rss" and root.get("version") == "2.0", "rss: the root")
    channel = root.find("channel")
    for name in ("title", "link", "description"):
        need(one(channel, name, "rss").strip(), f"rss: {name} is empty")
    need(web(channel.findtext("link")), "rss: link")
    links = [(link.get("rel"), link.get("type"), link.get("href")) for link in channel.findall(ATOM + "link")]
    need(("self", "application/rss+xml", own) in links, f"rss: no link to itself in {links}")
    ids = []
    for item in channel.findall("item"):
        ids.append(one(item, "guid", "rss item"))
        where = f"rss item {ids[-1]}"
        need(item.find("guid").get("isPermaLink") == "false", f"{where}: the guid is no address")
        need(one(item, "title", where).strip(), f"{where}: title is empty")
        html(one(item, "description", where), where)
        published = one(item, "pubDate", where)
        need(RFC822.fullmatch(published), f"{where}: {published!r}")
        need(parsedate_to_datetime(published).strftime("%a") == published[:3], f"{where}: the day of the week")
        date(one(item, ATOM + "updated", where), where)
        need(one(item, DC + "creator", where).strip(), f"{where}: creator")
        need(all(web(link.text) for link in item.findall("link")), f"{where}: link")
    unique(ids, "rss")
    built = channel.findtext("lastBuildDate")
    need(built is None and not ids or RFC822.fullmatch(built or ""), f"rss: lastBuildDate {built!r}")
    return ids


def json_feed(text, own):
    feed = json.loads(text)
    need(feed["version"] == "https://jsonfeed.org/version/1.1", "json: version")
    need(isinstance(feed["title"], str) and feed["title"].strip(), "json: title")
    need(feed["feed_url"] == own and web(feed["home_page_url"]), "json: addresses")
    need(all(hub["type"] and web(hub["url"]) for hub in feed.get("hubs", [])), "json: hubs")
    ids = []
    for item in feed["items"]:
        ids.append(item["id"])
        where = f"json item {ids[-1]}"
        need(isinstance(item["id"], str) and item["id"], f"{where}: id")
        html(item["content_html"], where)
        date(item["date_published"], where), date(item["date_modified"], where)
        need(all(author["name"].strip() for author in item["authors"]), f"{where}: authors")
        need("url" not in item or web(item["url"]), f"{where}: url")
    unique(ids, "json")
    return ids


def main(base, folder):
    texts = {kind: (Path(folder) / f"harbour.{kind}").read_bytes() for kind in ("atom", "rss", "json")}
    own = {kind: f"{base}/feeds/harbour.{kind}" for kind in texts}
    ids = atom(texts["atom"], own["atom"])
    need(rss(texts["rss"], own["rss"]) == ids, "rss: other ids than in Atom")
    need(json_feed(texts["json"], own["json"]) == ids, "json: other ids than in Atom")
    read = {}
    for kind in ("atom", "rss"):
        parsed = feedparser.parse(texts[kind])
        need(not parsed.bozo, f"{kind}: feedparser says {parsed.get('bozo_exception')}")
        need([entry.id for entry in parsed.entries] == ids, f"{kind}: feedparser reads other ids")
        for entry in parsed.entries:
            need(entry.get("published_parsed") and entry.get("updated_parsed"), f"{kind} {entry.id}: feedparser reads no date")
            need(entry.title.strip() and entry.author.strip(), f"{kind} {entry.id}: feedparser reads no title or author")
        read[kind] = [entry.title for entry in parsed.entries]
        updated = [list(entry.updated_parsed or ()) for entry in parsed.entries]
        need(sorted(updated) == sorted(read.setdefault("updated", updated)), f"{kind}: other dates than in Atom")
    for fault in faults:
        print(fault)
    print(json.dumps({"ids": ids, "updated": read["updated"], "titles": read["atom"]}))


main(*sys.argv[1:])
