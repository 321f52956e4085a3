#!/usr/bin/env python3
"""What it costs to hold many stories: time an article and memory of `tidings backtest --query '*'`, all within one window.

    benches/window.py [--binary target/release/tidings] [STORIES ...]        default: 10000 100000 300000 1000000

The stories are made up: words by Zipf's law over 200,000, ninety a story, two days of them; two in three tell of an event of their
own, the others of one that three to thirty publishers tell of, with half of its words. Memory is the most that was resident, the
articles themselves (backtest holds all of them) included; `held` is what it grew by for each. Standard library only; seeded.
"""
import argparse, datetime, json, os, pathlib, random, subprocess, sys, tempfile, time
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


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("counts", nargs="*", type=int, metavar="STORIES")
    ap.add_argument("--binary", default=root / "target/release/tidings")
    a = ap.parse_args()
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
