#!/usr/bin/env python3
"""How well stories are told apart and together, on labelled news: clusters of events, hard pairs, translations.

    benches/stories.py [--binary target/release/tidings] [--model DIR] [--json] [SET ...]

Runs `tidings backtest --query '*'` over each set of ../shared and scores what it says with ../shared/tools/score_clusters.py. Sets:
  ru    a Russian stream of 16 channels, ten hours               BCubed F1, events swallowed and told again in 100
  res   stories of the first topic in sixteen languages          the same
  uci   English headlines of 44 coarse events, without times     the same
  wmt   Russian news and its English translations                the same
  tg    hard pairs of Russian and English articles               F1 of pairs
Without --model by words, names and numbers alone. docs/events.md has the figures. Standard library only.
"""
import argparse, json, pathlib, subprocess, sys, tempfile, time

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


def measure(name, binary, model, folder):
    file, key = SETS[name]
    articles = [json.loads(line) for line in (shared / file).open(encoding="utf-8") if line.strip()]
    if name == "uci":  # The times are the crawler's, event after event: with them the set would be too easy.
        articles = [{k: v for k, v in article.items() if k != "published"} for article in articles]
    else:
        articles.sort(key=lambda article: article.get("published") or "")
    given, said = folder / f"{name}.jsonl", folder / f"{name}.said.jsonl"
    given.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    command = [binary, "backtest", "--articles", given, "--query", "*", "--json"] + (["--model", model] if model else [])
    begun = time.monotonic()
    said.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    took = time.monotonic() - begun
    scorer = [sys.executable, shared / "tools/score_clusters.py"]
    if key is None:
        scorer += ["--pairs", shared / PAIRS, said]
    else:
        gold = folder / f"{name}.gold.jsonl"
        gold.write_text("".join(json.dumps({"id": a["id"], "cluster": a[key]}) + "\n" for a in articles), encoding="utf-8")
        scorer += [gold, said]
    score = json.loads(subprocess.run(scorer + ["--json"], check=True, stdout=subprocess.PIPE).stdout)
    return {"set": name, "articles": len(articles), "f1": score["bcubed_f1" if key else "pair_f1"],
            "swallowed": score.get("swallowed_per_100"), "again": score.get("again_per_100"),
            "ms_an_article": 1000 * took / len(articles)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("sets", nargs="*", metavar="SET", help="default: all")
    ap.add_argument("--binary", default=root / "target/release/tidings")
    ap.add_argument("--model")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    if not shared.is_dir():
        sys.exit("!!! SKIPPED: ../shared is absent")
    with tempfile.TemporaryDirectory() as folder:
        for name in a.sets or SETS:
            row = measure(name, a.binary, a.model, pathlib.Path(folder))
            if a.json:
                print(json.dumps(row), flush=True)
                continue
            rest = "" if row["again"] is None else f"  swallowed {row['swallowed']:4.1f}  again {row['again']:5.1f}"
            print(f"{name:4} F1 {row['f1']:.3f}{rest}  {row['ms_an_article']:6.2f} ms an article of {row['articles']}", flush=True)


main()
