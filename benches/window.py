#!/usr/bin/env python3
"""What it costs to hold many stories: time an article and memory of `tidings backtest --query '*'`, all within one window.

    benches/window.py [--binary target/release/tidings] [STORIES ...]        default: 10000 100000 300000 1000000
    benches/window.py --daemon [STORIES ...]                                 default: 30000

The stories are made up: words by Zipf's law over 200,000, ninety a story, two days of them; two in three tell of an event of their
own, the others of one that three to thirty publishers tell of, with half of its words. Memory is the most that was resident, the
articles themselves (backtest holds all of them) included; `held` is what it grew by for each. With `--daemon` feeds of the same
stories are served, polled and decided; then the daemon is started anew, takes them up from its store, and its resident memory is
compared with that of one that has none. Standard library only; seeded.
"""
import argparse, datetime, http.server, json, os, pathlib, random, subprocess, sys, tempfile, threading, time
from html import escape
from itertools import accumulate

root = pathlib.Path(__file__).resolve().parent.parent
WORDS = 200_000
LONG = 90


def words():
    r = random.Random(1)
    parts = ["".join(p) for p in ((a, b) for a in "bcdfghklmnprstvz" for b in "aeiou")]
    seen = set()
    while len(seen) < WORDS:
        seen.add("".join(r.choice(parts) for _ in range(r.randint(2, 5))))
    return sorted(seen, key=lambda w: (len(w), w))


def stories(count, out):
    r = random.Random(2)
    vocabulary = words()
    weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
    start = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
    running = []  # words of an event, tellings left
    for n in range(count):
        text = r.choices(vocabulary, cum_weights=weights, k=LONG)
        if running and r.random() < 1 / 3:
            event = r.choice(running)
            text[: LONG // 2] = r.sample(event[0], LONG // 2)
            event[1] -= 1
            if not event[1]:
                running.remove(event)
        elif len(running) < 2_000:
            running.append([text[:], r.randint(3, 30)])
        r.shuffle(text)
        at = start + datetime.timedelta(seconds=172_800 * n / count)
        out.write(json.dumps({"id": n, "url": f"https://p{r.randrange(500)}.example/{n}", "publisher": f"p{n % 500}.example",
                              "lang": "en", "published": at.isoformat(), "title": " ".join(text[:9]),
                              "text": " ".join(text[9:])}) + "\n")


FEED = 1_500  # entries; of a document 2,000 are read


class Feeds(http.server.BaseHTTPRequestHandler):
    documents = []

    def do_GET(self):
        body = self.documents[int(self.path.rsplit("/", 1)[-1])] if self.path.startswith("/feed/") else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def item(line, ago):
    story = json.loads(line)
    at = datetime.datetime.fromisoformat(story["published"]) + ago
    return (f"<entry><id>{story['url']}</id><title>{escape(story['title'])}</title><link href='{story['url']}'/>"
            f"<updated>{at.isoformat()}</updated><summary>{escape(story['text'])}</summary></entry>")


def resident(child):
    """Kilobytes, once they no longer change."""
    before = 0
    while True:
        time.sleep(2)
        lines = pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines()
        now = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        if abs(now - before) < 200:
            return now
        before = now


def daemon(binary, count, folder):
    file = folder / "stories.jsonl"
    with file.open("w", encoding="utf-8") as out:
        stories(count, out)
    # All of it happened within the last two days.
    ago = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime(2026, 11, 3, tzinfo=datetime.timezone.utc)
    items = [item(line, ago) for line in file.open(encoding="utf-8")]
    Feeds.documents = [
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>Made up</title>{''.join(items[at:at + FEED])}</feed>".encode()
        for at in range(0, count, FEED)
    ]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feeds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # What is held is taken up with the first story that comes: one more, in a feed that is polled by the daemon alone.
    last, sizes = len(Feeds.documents), []
    Feeds.documents.append(b"<feed xmlns='http://www.w3.org/2005/Atom'>" + items[0].replace(".example/0", ".example/last").encode() + b"</feed>")
    for name, feeds in [("none", range(0)), ("all", range(last))]:
        database, config = folder / f"{name}.db", folder / f"{name}.toml"

        def configure(feeds):
            sources = "".join(f'[[sources]]\nurl = "http://127.0.0.1:{server.server_port}/feed/{n}"\nlang = "en"\n' for n in feeds)
            config.write_text(f'[storage]\npath = "{database}"\n[server]\nlisten = ""\n[network]\nallow_private = true\n'
                              f'[poll]\ndomain_spacing_secs = 0\n[[topics]]\nid = "all"\nquery = "*"\n{sources}')

        configure(feeds)
        if feeds:
            subprocess.run([binary, "poll", "--all", "--json", "--config", config], check=True, stdout=subprocess.DEVNULL)
        configure([last])
        child = subprocess.Popen([binary, "run", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sizes.append(resident(child))
        child.terminate()
        child.wait()
    none, held = sizes
    print(f"{count:9,} stories in a daemon's window: {held / 1024:.0f} MiB resident, {none / 1024:.0f} without any;"
          f" {(held - none) * 1024 / count:.0f} bytes a story", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("counts", nargs="*", type=int, metavar="STORIES")
    ap.add_argument("--binary", default=root / "target/release/tidings")
    ap.add_argument("--daemon", action="store_true", help="what a daemon holds, in the place of what a backtest takes")
    a = ap.parse_args()
    if a.daemon:
        for count in a.counts or [30_000]:
            with tempfile.TemporaryDirectory() as folder:
                daemon(a.binary, count, pathlib.Path(folder))
        return
    before = None
    with tempfile.TemporaryDirectory() as folder:
        for count in a.counts or [10_000, 100_000, 300_000, 1_000_000]:
            file = pathlib.Path(folder) / "stories.jsonl"
            with file.open("w", encoding="utf-8") as out:
                stories(count, out)
            begun = time.monotonic()
            child = subprocess.Popen([a.binary, "backtest", "--articles", file, "--query", "*", "--json"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            if status:
                sys.exit(f"backtest ended with {status}")
            took, kib = time.monotonic() - begun, used.ru_maxrss
            held = "" if before is None else f"  held {(kib - before[1]) * 1024 / (count - before[0]):6.0f} bytes a story"
            print(f"{count:9,} stories  {used.ru_utime + used.ru_stime:7.1f} CPU-s  {1e6 * (used.ru_utime + used.ru_stime) / count:6.0f} us each"
                  f"  {took:7.1f} s  {kib / 1024:7.0f} MiB{held}", flush=True)
            before = (count, kib)


main()
