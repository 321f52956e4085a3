#!/usr/bin/env python3
"""Webhooks measured against what the machine can do at all: rate, latency, memory, kills, endpoints that hang.

    benches/deliveries.py            all of it, about two minutes; builds a release and ../shared/tools/hookbench
    NO_BUILD=1 benches/deliveries.py with the binaries as they are

The yardstick (`hookbench limit`) only signs, posts to the same sink over kept connections and commits to SQLite
(synchronous=FULL) a hundred at a time: no daemon can be faster. Machines are shared and noisy: compare within one run.
Notifications are made by a feed's stories (`events`: what the daemon is for), and through the API, as tests of a subscription: a
request each, grouped by the daemon, while the yardstick is handed a hundred at once. Rates are taken with as many attempts at once
for an endpoint as the yardstick makes (`delivery.per_endpoint = 32`; 4 is usual).
"""

import email.utils
import http.client
import http.server
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOOKBENCH = ROOT / "target/hookbench/release/hookbench"
TIDINGS = os.environ.get("TIDINGS", str(ROOT / "target/release/tidings"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "of-the-bench-and-no-other"
RUNNING = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command):
    """A hookbench command's last line, parsed."""
    said = subprocess.run([HOOKBENCH, *map(str, command)], capture_output=True, text=True, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def ask(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 300:
        sys.exit(f"{method} {path}: {answer.status} {body[:300]}")
    return body


class Sink:
    def __init__(self, *more):
        self.port = free_port()
        command = [HOOKBENCH, "sink", "--port", self.port, "--secret", SECRET, *more]
        self.process = subprocess.Popen(list(map(str, command)))
        RUNNING.append(self.process)
        until("the sink", lambda: connects(self.port))

    def stats(self):
        return json.loads(ask(self.port, "/stats"))

    def end(self):
        self.process.kill()
        self.process.wait()


class Daemon:
    def __init__(self, folder, urls, more=""):
        self.port = free_port()
        self.config = pathlib.Path(folder) / "tidings.toml"
        text = (f'[storage]\npath = "{folder}/bench.db"\n[server]\nlisten = "127.0.0.1:{self.port}"\ntoken = "{TOKEN}"\nrequests_per_minute = 1000000\n'
                f'[network]\nallow_private = true\n{more}\n[[topics]]\nid = "bench"\nquery = "bench"\n')
        for number, url in enumerate(urls):
            text += f'[[subscriptions]]\nname = "endpoint-{number}"\nurl = "{url}"\nsecret = "{SECRET}"\n'
        self.config.write_text(text)
        self.start()

    def start(self):
        self.process = subprocess.Popen([TIDINGS, "run", "--config", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        RUNNING.append(self.process)
        until("the daemon", lambda: connects(self.port))

    def memory(self):
        """Resident now and at most, in MB."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, count, concurrency=32, rate=0, subscription=1):
        return run("load", "--url", f"http://127.0.0.1:{self.port}/v1/subscriptions/{subscription}/test", "--bearer", TOKEN,
                   "--n", count, "--concurrency", concurrency, "--rate", rate, "--shape", "raw")

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()


def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def until(what, holds, patience=180):
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > patience:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.005)


def yardstick(folder, count):
    sink = Sink()
    limit = run("limit", "--url", f"http://127.0.0.1:{sink.port}/", "--n", count, "--batch", 100, "--mode", "sqlite",
                "--sync", "FULL", "--db", f"{folder}/limit.db", "--secret", SECRET)
    sink.end()
    return limit


def throughput(count=20_000):
    """Made by the API and delivered at once."""
    with tempfile.TemporaryDirectory() as folder:
        limit = yardstick(folder, count)
        sink = Sink()
        daemon = Daemon(folder, [f"http://127.0.0.1:{sink.port}/"], "[delivery]\nper_endpoint = 32")
        before = daemon.cpu()
        made = daemon.load(count)
        until("all deliveries", lambda: sink.stats()["accepted_ids"] >= count)
        seen, used = sink.stats(), daemon.cpu() - before
        print(f"yardstick: {limit['per_second']:,.0f}/s")
        print(f"made and delivered: {seen['per_second']:,.0f}/s ({seen['per_second'] / limit['per_second']:.2f} of the yardstick), "
              f"accepted {made['per_second']:,.0f}/s, {1000 * used / count:.3f} CPU-ms each, {daemon.memory()[1]:.0f} MB, "
              f"bad signatures {seen['bad_signature']}, repeats {seen['duplicates_after_success']}")
        daemon.end()
        sink.end()


class Press:
    """A publisher in this process: one feed, of stories that have nothing in common but the topic's word."""

    def __init__(self, count, seed=1):
        chance, now = random.Random(seed), email.utils.formatdate(usegmt=True)
        letters = "abcdefghiklmnoprstuvz"
        words = ["".join(chance.choices(letters, k=chance.randint(5, 11))) for _ in range(20_000)]
        item = lambda n: (f"<item><title>The bench {' '.join(chance.choices(words, k=8))}</title><link>https://press.example/{n}</link>"
                          f"<guid>{n}</guid><pubDate>{now}</pubDate><description>{' '.join(chance.choices(words, k=60))}</description></item>")
        items = "".join(map(item, range(count)))
        feed = f"<rss version='2.0'><channel><title>Press</title><link>https://press.example/</link>{items}</channel></rss>".encode()
        press = self
        self.asked_at = None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                found = self.path == "/feed"
                self.send_response(200 if found else 404)
                self.send_header("content-type", "application/rss+xml")
                self.end_headers()
                if found:
                    self.wfile.write(feed)
                    press.asked_at = time.monotonic()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/feed"


def events(stories=1_000, endpoints=20):
    """A feed's stories, each decided to be an event of its own, a hundred in a commit, each event told to all endpoints."""
    count = stories * endpoints
    with tempfile.TemporaryDirectory() as folder:
        limit = yardstick(folder, count)
        sink, press = Sink(), Press(stories)
        urls = [f"http://127.0.0.1:{sink.port}/{number}" for number in range(endpoints)]
        daemon = Daemon(folder, urls, f'[delivery]\nper_endpoint = 32\n[[sources]]\nurl = "{press.url}"\ntopics = ["bench"]')
        until("all deliveries", lambda: sink.stats()["total"] >= count)
        took = time.monotonic() - press.asked_at
        seen, used = sink.stats(), daemon.cpu()
        rate = count / seen["seconds"]
        print(f"yardstick: {limit['per_second']:,.0f}/s")
        print(f"{stories:,} events, each to {endpoints} endpoints: {rate:,.0f}/s from the first received to the last ({rate / limit['per_second']:.2f} "
              f"of the yardstick), {count / took:,.0f}/s from the feed's answer on, {1000 * used / count:.3f} CPU-ms each, deciding included, "
              f"{daemon.memory()[1]:.0f} MB, bad signatures {seen['bad_signature']}")
        daemon.end()
        sink.end()


def backlog(count=100_000):
    """Memory with so many pending for an endpoint that is down, and how fast they go out once it is elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        daemon = Daemon(folder, [f"http://127.0.0.1:{port}/"], "[delivery]\nper_endpoint = 32")
        made = daemon.load(count)
        resident, most = daemon.memory()
        daemon.end(signal.SIGTERM)
        # A fresh start, with all of it pending.
        sink = Sink()
        daemon.config.write_text(daemon.config.read_text().replace(f":{port}/", f":{sink.port}/"))
        daemon.start()
        begun = time.monotonic()
        until("the first of the backlog", lambda: sink.stats()["accepted_ids"] > 0)
        first = time.monotonic() - begun
        until("the backlog", lambda: sink.stats()["accepted_ids"] >= count)
        seen = sink.stats()
        print(f"{count:,} pending: {made['per_second']:,.0f} made a second, {resident:.0f} MB ({most:.0f} at most); after a restart "
              f"the first {first:.2f} s later, {seen['per_second']:,.0f}/s, {daemon.memory()[1]:.0f} MB at most")
        daemon.end()
        sink.end()


class Ears:
    """An endpoint in this process that keeps the moment at which each id came; paths that begin with /hang never answer."""

    def __init__(self):
        self.came = {}
        ears = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                now = time.monotonic()
                self.rfile.read(int(self.headers["content-length"]))
                if self.path.startswith("/hang"):
                    time.sleep(60)
                    return
                ears.came.setdefault(self.headers["webhook-id"], now)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def quantiles(values):
    values = sorted(values)
    at = lambda share: 1000 * values[round((len(values) - 1) * share)]
    return f"p50 {at(0.5):.2f}, p99 {at(0.99):.2f}, most {at(1):.1f} ms"


def one_by_one(daemon, ears, count, subscriptions, pause=0.05):
    """Posts tests to the subscriptions in turn; gives from the request's beginning, and from its answer, to each arrival."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = {}
    for turn in range(count):
        begun = time.monotonic()
        subscription = subscriptions[turn % len(subscriptions)]
        connection.request("POST", f"/v1/subscriptions/{subscription}/test", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        id = json.loads(answer.read())["notification"]["id"]
        asked[id] = (begun, time.monotonic())
        time.sleep(max(0, pause - (time.monotonic() - begun)))
    until("what was asked for", lambda: len(ears.came) >= count, 30)
    return [ears.came[id] - begun for id, (begun, _) in asked.items()], [ears.came[id] - end for id, (_, end) in asked.items()]


def latency():
    with tempfile.TemporaryDirectory() as folder:
        ears = Ears()
        daemon = Daemon(folder, [f"http://127.0.0.1:{ears.port}/"])
        one_by_one(daemon, ears, 20, [1])
        ears.came.clear()
        whole, after = one_by_one(daemon, ears, 400, [1])
        print(f"light load, from the request to the arrival: {quantiles(whole)}; from its answer (after the commit): {quantiles(after)}")
        daemon.end()


def hanging():
    """A hundred endpoints: how long the others take while ten of them never answer."""
    for hang in (0, 10):
        with tempfile.TemporaryDirectory() as folder:
            ears = Ears()
            urls = [f"http://127.0.0.1:{ears.port}/{'hang' if n < hang else 'well'}/{n}" for n in range(100)]
            daemon = Daemon(folder, urls)
            for subscription in range(1, hang + 1):
                for _ in range(20):
                    ask(daemon.port, f"/v1/subscriptions/{subscription}/test", "POST")
            whole, _ = one_by_one(daemon, ears, 400, list(range(11, 101)))
            print(f"{hang} of 100 endpoints hang, 20 waiting for each: the others {quantiles(whole)}")
            daemon.end()


def killed(count=3_000):
    """kill -9 under load; how soon after the restart the first of what was left arrives, and what came twice."""
    with tempfile.TemporaryDirectory() as folder:
        sink = Sink("--delay-ms", 20)
        daemon = Daemon(folder, [f"http://127.0.0.1:{sink.port}/"])
        made = daemon.load(count)
        daemon.end()
        left = count - sink.stats()["accepted_ids"]
        before = sink.stats()["total"]
        daemon.start()
        begun = time.monotonic()
        until("the first after the restart", lambda: sink.stats()["total"] > before)
        first = time.monotonic() - begun
        until("the rest", lambda: sink.stats()["accepted_ids"] >= made["accepted"])
        seen = sink.stats()
        print(f"kill -9 with {left:,} of {count:,} left: the first came {first:.2f} s after the restart; none lost, "
              f"{seen['duplicates_after_success']} came twice under their id")
        daemon.end()
        sink.end()


def schedule(count=200):
    """500 twice, then well: three attempts each, on the schedule of 1 s and 1 s (the endpoint itself never being left alone)."""
    with tempfile.TemporaryDirectory() as folder:
        sink = Sink("--fail-first", 2, "--status", 500)
        daemon = Daemon(folder, [f"http://127.0.0.1:{sink.port}/"], "[delivery]\nretry_secs = [1, 1, 1]\njitter_percent = 0\nopen_after = 1000\nper_endpoint = 256\nconcurrency = 256")
        begun = time.monotonic()
        daemon.load(count)
        until("all", lambda: sink.stats()["accepted_ids"] >= count)
        print(f"500 twice, then well: all {count} after {time.monotonic() - begun:.2f} s, attempts {sink.stats()['attempts_per_id']}")
        daemon.end()
        sink.end()


def main():
    tool = ROOT / "../shared/tools/hookbench"
    if not tool.exists():
        return print("!!! SKIPPED: ../shared/tools/hookbench is absent", file=sys.stderr)
    if not os.environ.get("NO_BUILD"):
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=tool, check=True,
                       env={**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target/hookbench")})
    parts = {"throughput": throughput, "events": events, "latency": latency, "hanging": hanging, "killed": killed, "schedule": schedule, "backlog": backlog}
    try:
        for name in sys.argv[1:] or parts:
            parts[name]()
    finally:
        for process in RUNNING:
            if process.poll() is None:
                process.kill()


main()
