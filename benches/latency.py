#!/usr/bin/env python3
"""From the moment a feed's last byte is sent to the moment its webhook's first byte arrives, under light load; and from the
decision to then (by the notification's timestamp, whose whole milliseconds are cut off: half of one is taken off).

    benches/latency.py [SAMPLES]        default 200; needs a release build: cargo build --release

A feed on loopback gets a new story about five times a second and is polled about thirty times a second; each story
opens an event that is told to a sink. Prints p50, p90, p99 and the largest, in milliseconds. Standard library only.
"""
import datetime, json, os, pathlib, socket, subprocess, sys, tempfile, threading, time

samples = int(sys.argv[1]) if len(sys.argv) > 1 else 200
root = pathlib.Path(__file__).resolve().parent.parent
sent, got, after, lock, stories = {}, {}, [], threading.Lock(), []


def word(n):
    """A word that no other story has, so that each opens an event."""
    return "".join(chr(97 + (n // 26**i + 7 * i) % 26) for i in range(6))


def feed():
    items = "".join(
        f"<item><title>Resolution {word(5 * n)} {word(5 * n + 1)}</title><link>http://127.0.0.1/{n}</link><guid>{n}</guid>"
        f"<description>{word(5 * n + 2)} {word(5 * n + 3)} {word(5 * n + 4)}</description></item>" for n in reversed(stories[-20:]))
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def serve(answer):
    listener = socket.create_server(("127.0.0.1", 0))

    def one(peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while True:
            chunk = peer.recv(65536)
            if not chunk:
                return
            arrived, data = (time.monotonic() if not data else arrived), data + chunk
            head, end, body = data.partition(b"\r\n\r\n")
            length = next((int(l.split(b":")[1]) for l in head.lower().split(b"\r\n") if l.startswith(b"content-length")), 0)
            if end and len(body) >= length:
                peer.sendall(answer(body, arrived))
                data = b""

    def loop():
        while True:
            threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    return listener.getsockname()[1]


def publish(_body, _arrived):
    with lock:
        body, shown = feed(), list(stories)
    now = time.monotonic()
    for n in shown:
        sent.setdefault(n, now)
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def take(body, arrived):
    told = json.loads(body)
    if told["type"] == "event.opened":
        n = int(told["data"]["story"]["link"].rsplit("/", 1)[1])
        if n not in got:
            got[n] = arrived
            decided = datetime.datetime.fromisoformat(told["timestamp"].replace("Z", "+00:00")).timestamp()
            after.append(1000 * (time.time() - (time.monotonic() - arrived) - decided) - 0.5)
    return b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


with tempfile.TemporaryDirectory() as folder:
    config = pathlib.Path(folder) / "latency.toml"
    config.write_text(f"""
[storage]
path = "{folder}/latency.db"
[server]
listen = ""
[network]
allow_private = true
[poll]
domain_spacing_secs = 0
interval_min_minutes = 0.0005
interval_max_minutes = 0.0005
jitter_percent = 0
[[topics]]
id = "t"
query = "resolution"
fresh_hours = 0.0001
[[sources]]
url = "http://127.0.0.1:{serve(publish)}/feed.xml"
[[subscriptions]]
name = "sink"
url = "http://127.0.0.1:{serve(take)}/"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
""")
    daemon = subprocess.Popen([root / "target/release/tidings", "run", "--config", config], stdout=subprocess.DEVNULL, stderr=open(f"{folder}/log", "w"))
    try:
        time.sleep(2)
        for n in range(samples):
            with lock:
                stories.append(n)
            time.sleep(0.2)
        time.sleep(2)
        cpu = os.times()
    finally:
        daemon.terminate()
        daemon.wait(30)
    log = pathlib.Path(folder, "log").read_text()
took = sorted(1000 * (got[n] - sent[n]) for n in got)
if not took:
    sys.exit("nothing was told:\n" + log[-2000:])
after.sort()
of = lambda times, share: times[min(len(times) - 1, int(share * len(times)))]
at = lambda share: of(took, share)
print(f"{len(took)} of {samples} told: p50 {at(.5):.2f} ms, p90 {at(.9):.2f} ms, p99 {at(.99):.2f} ms, max {took[-1]:.2f} ms")
print(f"from the decision: p50 {of(after, .5):.2f} ms, p90 {of(after, .9):.2f} ms, p99 {of(after, .99):.2f} ms")
