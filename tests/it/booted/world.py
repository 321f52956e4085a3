"""A small world on loopback inside the booted machine: two feeds, a sink for webhooks, and readers that ask all the time.

    world.py serve             feeds at /feed/1 and /feed/2 of port 9001, the sink at /hook; what it was told is at /told
    world.py read PORT FILE    GET /healthz on PORT, eight readers, one connection after another, until FILE is there; prints "answered refused"

    GET /publish?feed=1&title=...           an item of that title from now on
    GET /slow?seconds=2                     the sink answers so late from now on
    GET /begun                              how often it was posted to, answered or not
"""

import json
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 9001
READERS = 8
items = {"1": [], "2": []}
told = []
begun = 0
slow = 0.0


class World(BaseHTTPRequestHandler):
    def answer(self, text, kind="text/plain", status=200):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        global slow
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/publish":
            number = len(items["1"]) + len(items["2"])
            items[asked["feed"]].append((asked["title"], number, formatdate()))
            self.answer("published")
        elif url.path == "/slow":
            slow = float(asked["seconds"])
            self.answer("slow")
        elif url.path == "/begun":
            self.answer(f"begun={begun}")
        elif url.path == "/told":
            self.answer("".join(json.dumps(each) + "\n" for each in told), "application/jsonl")
        elif url.path.startswith("/feed/"):
            entries = "".join(
                f"<item><title>{escape(title)}</title><link>http://127.0.0.1:{PORT}/{number}</link>"
                f"<guid isPermaLink='false'>{number}</guid><pubDate>{date}</pubDate></item>"
                for title, number, date in items[url.path.removeprefix("/feed/")]
            )
            self.answer(f"<rss version='2.0'><channel><title>Wire</title>{entries}</channel></rss>", "application/rss+xml")
        else:
            self.answer("nothing here", status=404)

    def do_POST(self):
        global begun
        body = self.rfile.read(int(self.headers["Content-Length"]))
        begun += 1
        time.sleep(slow)
        signed = "webhook-signature" in self.headers
        told.append({"id": self.headers["webhook-id"], "signed": signed, "body": json.loads(body)})
        self.answer("taken")

    def log_message(self, *_):
        pass


def read(port, stop):
    """One reader: how often he was answered, and was not."""
    answered = refused = 0
    while not os.path.exists(stop):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as reader:
                reader.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                head = reader.recv(64)
            answered += head.startswith(b"HTTP/1.1 200")
            refused += not head.startswith(b"HTTP/1.1 200")
        except OSError:
            refused += 1
        time.sleep(0.01)
    return answered, refused


if sys.argv[1] == "serve":
    ThreadingHTTPServer(("127.0.0.1", PORT), World).serve_forever()
else:
    with ThreadPoolExecutor(READERS) as readers:
        counts = readers.map(lambda _: read(int(sys.argv[2]), sys.argv[3]), range(READERS))
        print(*map(sum, zip(*counts)))
