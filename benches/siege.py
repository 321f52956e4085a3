#!/usr/bin/env python3
"""A siege: thousands of sources of which a tenth is hostile, a thousand open streams, and a flood of requests, all at once.

    benches/siege.py [SOURCES] [SECONDS] [STREAMS]     default 10000 300 1000; needs a release build, or TIDINGS=BINARY

Every tenth source drips, hangs, floods its head or body, sends a bomb, redirects for ever, cuts or lies about its length. One
source among them gets a new entry every three seconds, whose event goes to a webhook and to every stream. Meanwhile eight
clients ask the API without a pause, half of them with a token that is none. Prints how late the probes came, how the sources
fared, what the flood was answered, and the most memory that the daemon took. Loopback and standard library only.
"""
import asyncio, collections, gzip, json, multiprocessing, os, pathlib, resource, socket, sqlite3, subprocess, sys, tempfile, time

SOURCES, SECONDS, STREAMS = (int(a) for a in (sys.argv[1:] + ["10000", "300", "1000"][len(sys.argv) - 1:]))
BINARY = os.environ.get("TIDINGS", pathlib.Path(__file__).resolve().parent.parent / "target/release/tidings")
HOSTS, TOKEN, PROBE_EVERY = 250, "of-the-siege-and-no-other", 3
HOSTILE = ["drip", "hang", "head", "body", "bomb", "redirect", "cut", "short", "nonsense", "deep"]
BOMB = gzip.compress(b" " * 64_000_000)
sent, hooked, heard = {}, {}, collections.defaultdict(list)
probed = False  # what a source's first poll brings is told to nobody


def word(n):
    return "".join(chr(97 + (n // 26**i + 7 * i) % 26) for i in range(6))


def rss(number, entries):
    items = "".join(f"<item><title>{title}</title><link>http://127.0.0.1/{number}/{n}</link><guid>{n}</guid><description>{text}"
                    f"</description></item>" for n, title, text in entries)
    return f'<rss version="2.0"><channel><title>feed {number}</title>{items}</channel></rss>'.encode()


def plain(number):
    return rss(number, [(n, f"{word(number * 9 + n)} and {word(number * 5 + n)}", f"About {word(number + n)}. " * 20) for n in range(5)])


def probes():
    shown = sorted(sent)[-15:]
    return rss("probe", [(n, f"Besieged {word(20 * n)} {word(20 * n + 1)}", " ".join(word(20 * n + k) for k in range(2, 20))) for n in shown])


def ok(body, more=b""):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n%sContent-Length: %d\r\n\r\n" % (more, len(body)) + body


async def misbehave(how, number, writer):
    if how == "hang":
        await asyncio.sleep(3600)
    elif how == "drip":
        for byte in ok(plain(number)):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.5)
    elif how == "head":
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"x" * 4000 + b"\r\n")
            await writer.drain()
    elif how == "body":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"<item>" * 10922 + b"abcd" + b"\r\n")
            await writer.drain()
    elif how == "bomb":
        writer.write(ok(BOMB, b"Content-Encoding: gzip\r\n"))
    elif how == "redirect":
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: /{number}/{time.monotonic_ns()}\r\nContent-Length: 0\r\n\r\n".encode())
    elif how == "short":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 100000\r\n\r\n<rss")
    elif how == "nonsense":
        writer.write(b"\x16\x03\x01" + os.urandom(500))
    elif how == "deep":
        writer.write(ok(b"<rss><channel>" + b"<a>" * 200_000))
    await writer.drain()


async def publisher(reader, writer):
    global probed
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1]
            if path == "/probe.xml":
                body, probed = probes(), True
                now = time.monotonic()
                for n in sent:
                    sent[n] = sent[n] or now
                writer.write(ok(body))
            elif path == "/robots.txt":
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            else:
                number = int(path.strip("/").split("/")[0].removesuffix(".xml"))
                if number % 10 == 9:
                    await misbehave(HOSTILE[number // 10 % len(HOSTILE)], number, writer)
                    return
                writer.write(ok(plain(number)))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def hook(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length"))
            told = json.loads(await reader.readexactly(length))
            if told["type"] == "event.opened":
                hooked.setdefault(int(told["data"]["story"]["link"].rsplit("/", 1)[1]), time.monotonic())
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def serve(control, ports):
    """Publishers and the webhook, in a process of their own."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, 20_000))

    async def run():
        servers = [await asyncio.start_server(publisher, "0.0.0.0", ports[0], backlog=4096), await asyncio.start_server(hook, "127.0.0.1", ports[1])]
        control.send("ready")
        while not control.poll():
            await asyncio.sleep(0.1)
        control.recv()
        while not probed:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        number = 0
        while not control.poll():
            await asyncio.sleep(PROBE_EVERY)
            number += 1
            sent[number] = None
        # The last ones have ten seconds to arrive.
        await asyncio.sleep(10)
        control.recv()
        control.send((sent, hooked))
        for server in servers:
            server.close()
        os._exit(0)

    asyncio.run(run())


def listen(control, port):
    """The open streams."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, 20_000))
    lost = 0

    async def stream():
        nonlocal lost
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /v1/stream?types=event.opened HTTP/1.1\r\nHost: siege\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"data: ") and b'"event.opened"' in line:
                link = json.loads(line[6:])["data"]["story"]["link"]
                heard[int(link.rsplit("/", 1)[1])].append(time.monotonic())
        lost += 1

    async def run():
        tasks = [asyncio.create_task(stream()) for _ in range(STREAMS)]
        await asyncio.sleep(5)
        control.send("ready")
        while not control.poll():
            await asyncio.sleep(0.5)
        control.recv()
        control.send((dict(heard), lost, sum(task.done() for task in tasks)))
        os._exit(0)

    asyncio.run(run())


def flood(control, port):
    """Eight clients that ask without a pause."""
    answers = collections.Counter()

    async def client(token):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                while True:
                    writer.write(f"GET /v1/events?limit=20 HTTP/1.1\r\nHost: siege\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                    answers[token == TOKEN, int(head.split(" ")[1])] += 1
                    length = [int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length")]
                    await reader.readexactly(length[0] if length else 0)
            except (OSError, asyncio.IncompleteReadError):
                answers["cut"] += 1
                await asyncio.sleep(0.01)

    async def run():
        for number in range(8):
            asyncio.create_task(client(TOKEN if number % 2 else "no-token-of-yours"))
        control.send("ready")
        while not control.poll():
            await asyncio.sleep(0.5)
        control.recv()
        control.send(dict(answers))
        os._exit(0)

    asyncio.run(run())


def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def beside(run, *arguments):
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.Process(target=run, args=(theirs, *arguments), daemon=True).start()
    assert ours.recv() == "ready"
    return ours


def memory(pid, field):
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith(field)) / 1024


def of(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else float("nan")


def main():
    port, ports = free(), (free(), free())
    publishers = beside(serve, ports)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "siege.toml"
        sources = "".join(f'[[sources]]\nurl = "http://127.0.{1 + n % HOSTS}.1:{ports[0]}/{n}.xml"\nname = "feed {n}"\n' for n in range(SOURCES))
        config.write_text(f"""
[storage]
path = "{folder}/siege.db"
[server]
listen = "127.0.0.1:{port}"
token = "{TOKEN}"
[network]
allow_private = true
[poll]
domain_spacing_secs = 0
requests_per_day = 0
interval_min_minutes = 2
interval_max_minutes = 4
[[topics]]
id = "siege"
query = "besieged"
fresh_hours = 1
[[subscriptions]]
name = "hook"
url = "http://127.0.0.1:{ports[1]}/"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
[[sources]]
url = "http://127.0.0.1:{ports[0]}/probe.xml"
name = "probe"
interval_min_minutes = 0.005
interval_max_minutes = 0.01
""" + sources)
        log = open(f"{folder}/log", "w")
        begun = time.monotonic()
        daemon = subprocess.Popen([BINARY, "run", "--config", config], stdout=subprocess.DEVNULL, stderr=log)
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if daemon.poll() is not None or time.monotonic() - begun > 120:
                        sys.exit("it does not listen:\n" + open(f"{folder}/log").read()[-2000:])
                    time.sleep(0.1)
            print(f"{SOURCES} sources, one in ten hostile; listens after {time.monotonic() - begun:.1f} s", flush=True)
            streams = beside(listen, port)
            clients = beside(flood, port)
            publishers.send("go")
            time.sleep(SECONDS)
            for helper in (publishers, clients):
                helper.send("end")
            sent, hooked = publishers.recv()
            streams.send("end")
            heard, lost, ended = streams.recv()
            answers = clients.recv()
            peak, now = memory(daemon.pid, "VmHWM"), memory(daemon.pid, "VmRSS")
            ticks = open(f"/proc/{daemon.pid}/stat").read().rsplit(") ", 1)[1].split()
            cpu = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
        finally:
            daemon.terminate()
            daemon.wait(60)
        store = sqlite3.connect(f"{folder}/siege.db")
        rows = store.execute("SELECT name, polls, health, last_good_at_ms IS NOT NULL, last_outcome FROM source").fetchall()
        is_hostile = lambda name: name != "probe" and int(name.split()[1]) % 10 == 9
        honest, hostile = ([row for row in rows if is_hostile(row[0]) == which] for which in (False, True))
        sent = {n: at for n, at in sent.items() if at}
        late = [hooked[n] - at for n, at in sent.items() if n in hooked]
        later = [at - sent[n] for n, times in heard.items() if n in sent for at in times]
        print(f"honest sources read: {sum(row[3] for row in honest)} of {len(honest)}; hostile ones asked: {sum(row[1] > 0 for row in hostile)} of "
              f"{len(hostile)}, read all the same: {sum(row[3] for row in hostile)}")
        print("what became of the hostile:", dict(collections.Counter(row[4].split(":")[0] for row in hostile).most_common()))
        print(f"probes: {len(late)} of {len(sent)} told by webhook, p50 {1000 * of(late, .5):.1f} ms, p99 {1000 * of(late, .99):.1f} ms, longest {1000 * max(late):.1f} ms; untold: {sorted(n for n in sent if n not in hooked)}")
        print(f"streams: {len(later)} of {len(sent) * STREAMS} heard, p50 {1000 * of(later, .5):.1f} ms, p99 {1000 * of(later, .99):.1f} ms; {lost + ended} cut")
        of_token = lambda mine: {key[1]: count for key, count in sorted(answers.items(), key=str) if key != "cut" and key[0] == mine}
        print(f"flood: with a token {of_token(True)}, without {of_token(False)}; connections cut: {answers.get('cut', 0)}")
        print(f"the daemon: at most {peak:.0f} MB, at the end {now:.0f} MB, {cpu:.0f} s on processors of {time.monotonic() - begun:.0f} s")


main()
