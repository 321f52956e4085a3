#!/usr/bin/env python3
"""How well stories are told apart and together, on labelled news: clusters of events, hard pairs, translations.

    benches/stories.py [--binary target/release/tidings] [--model DIR] [--orders N] [--json] [SET ...]

Runs `tidings backtest --query '*'` over each set of ../shared and scores what it says with ../shared/tools/score_clusters.py. Sets:
  ru    a Russian stream of 16 channels, ten hours               BCubed F1, events swallowed and told again in 100
  res   stories of the first topic in sixteen languages          the same
  uci   English headlines of 44 coarse events, without times     the same
  wmt   Russian news and its English translations                the same
  tg    hard pairs of Russian and English articles               F1 of pairs
Most stories have a date without a time, or none: those of one moment may have come in any order, and which comes first counts. So
each set is run in N orders (8; seeded), and the mean is printed, with the least and the most of F1.
Without --model by words, names and numbers alone. docs/events.md has the figures. Standard library only.
"""
import argparse, json, pathlib, random, statistics, subprocess, sys, tempfile, time

root = pathlib.Path(__file__).resolve().parent.parent
shared = root.parent / "shared"
SETS = {
    "ru": ("dedup/dev/ru_telegram_stream.jsonl", "event"),
    "res": ("resolution/dev/articles.jsonl", "story"),
    "uci": ("dedup/dev/uci_headlines.jsonl", "event"),
    "wmt": ("dedup/dev/wmt21_ru_en.jsonl", "event"),
    "tg": ("dedup/dev/tgcontest_articles.jsonl", None),
}
PAIRS = "dedup/dev/tgcontest_pairs.jsonl"


def measure(name, binary, model, order, folder):
    file, key = SETS[name]
    articles = [json.loads(line) for line in (shared / file).open(encoding="utf-8") if line.strip()]
    if name == "uci":  # The times are the crawler's, event after event: with them the set would be too easy.
        articles = [{k: v for k, v in article.items() if k != "published"} for article in articles]
    # What comes at one moment is decided in the order of ids.
    numbers = list(range(len(articles)))
    random.Random(order).shuffle(numbers)
    ids = {article["id"]: f"{number:06}" for article, number in zip(articles, numbers)}
    articles = [{**article, "id": ids[article["id"]]} for article in articles]
    given, said = folder / f"{name}.jsonl", folder / f"{name}.said.jsonl"
    given.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    command = [binary, "backtest", "--articles", given, "--query", "*", "--json"] + (["--model", model] if model else [])
    begun = time.monotonic()
    said.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    took = time.monotonic() - begun
    scorer = [sys.executable, shared / "tools/score_clusters.py"]
    if key is None:
        judged = folder / f"{name}.pairs.jsonl"
        pairs = [json.loads(line) for line in (shared / PAIRS).open(encoding="utf-8")]
        judged.write_text("".join(json.dumps({**p, "a": ids[p["a"]], "b": ids[p["b"]]}) + "\n" for p in pairs), encoding="utf-8")
        scorer += ["--pairs", judged, said]
    else:
        gold = folder / f"{name}.gold.jsonl"
        gold.write_text("".join(json.dumps({"id": a["id"], "cluster": a[key]}) + "\n" for a in articles), encoding="utf-8")
        scorer += [gold, said]
    score = json.loads(subprocess.run(scorer + ["--json"], check=True, stdout=subprocess.PIPE).stdout)
    return {"articles": len(articles), "f1": score["bcubed_f1" if key else "pair_f1"],
            "swallowed": score.get("swallowed_per_100"), "again": score.get("again_per_100"),
            "ms_an_article": 1000 * took / len(articles)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("sets", nargs="*", metavar="SET", help="default: all")
    ap.add_argument("--binary", default=root / "target/release/tidings")
    ap.add_argument("--model")
    ap.add_argument("--orders", type=int, default=8)
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    if not shared.is_dir():
        sys.exit("!!! SKIPPED: ../shared is absent")
    with tempfile.TemporaryDirectory() as folder:
        for name in a.sets or SETS:
            rows = [measure(name, a.binary, a.model, order, pathlib.Path(folder)) for order in range(a.orders)]
            mean = lambda key: None if rows[0][key] is None else statistics.mean(row[key] for row in rows)
            row = {"set": name, **{key: mean(key) for key in rows[0]}}
            row["least"], row["most"] = min(r["f1"] for r in rows), max(r["f1"] for r in rows)
            if a.json:
                print(json.dumps(row), flush=True)
                continue
            rest = "" if row["again"] is None else f"  swallowed {row['swallowed']:4.1f}  again {row['again']:5.1f}"
            print(f"{name:4} F1 {row['f1']:.3f} ({row['least']:.3f} to {row['most']:.3f}){rest}"
                  f"  {row['ms_an_article']:6.2f} ms an article of {row['articles']:.0f}", flush=True)


main()
