#!/usr/bin/env python3
"""How well the first topic is told from what is near it, on judged articles: its query, and queries with a learned score.

    benches/topics.py [--binary target/release/tidings] [--model DIR] [--json] [ROW ...]

Rows: `shipped`, the query of config/resolution.toml; with --model also what `tidings topic train` says of it and of looser queries.
F1 of "on the topic or not", over the articles of ../shared/resolution/dev of October 2021 to January 2022, and over all of them.
docs/topics.md has the figures. Standard library only.
"""
import argparse, json, pathlib, subprocess, sys, tempfile, tomllib

root = pathlib.Path(__file__).resolve().parent.parent
articles = root.parent / "shared/resolution/dev/articles.jsonl"
CYBER = 'cyber* OR кибер* OR кібер* OR ciber* OR ict OR informationssicherheit OR "information security|technology" OR "информационная безопасность" OR "информационно-коммуникационный"'
TEXTS = "resolution* OR draft OR резолюция OR резолюція OR rezolu* OR résolution OR entschließung"
STATES = '(russia OR россия OR рф OR russland) (us OR usa OR сша OR american OR американский OR "united states")'
QUERIES = {
    "plain": f"({CYBER}) ({TEXTS}) {STATES}",
    "loose": f"({CYBER}) ({TEXTS})",
    "loosest": f"{CYBER}",
}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


def score(on, of):
    right = sum(a["relevant"] and a["id"] in on for a in of)
    wrong = sum(not a["relevant"] and a["id"] in on for a in of)
    missed = sum(a["relevant"] and a["id"] not in on for a in of)
    return 2 * right / max(2 * right + wrong + missed, 1)


def shipped(binary):
    given = [json.loads(line) for line in articles.open(encoding="utf-8")]
    said = run(binary, "backtest", "--config", root / "config/resolution.toml", "--topic", "resolution", "--articles", articles, "--json")
    on = {row["id"] for row in map(json.loads, said.splitlines()) if row["event"]}
    dated = [a for a in given if "2021-10" <= a["published"][:7] <= "2022-01"]
    return {"row": "shipped", "f1_dated": score(on, dated), "f1_all": score(on, given), "articles": [len(dated), len(given)]}


def trained(binary, model, name, query, folder):
    config = folder / f"{name}.toml"
    config.write_text(f"[storage]\npath = 'store-{name}.db'\n[model]\npath = '{pathlib.Path(model).resolve()}'\n", encoding="utf-8")
    run(binary, "--config", config, "topic", "add", "resolution", "--from", "2021-10-01", "--query", query)
    said = json.loads(run(binary, "--config", config, "--json", "topic", "train", "resolution", "--articles", articles))
    return {"row": name, "yes": said["yes"], "no": said["no"], "events": said["events"], "query": said["query"]["f1"],
            "scored": said["scored"]["f1"], "interval": said["interval_95"]["f1"], "gain": said["interval_95"]["gain"]}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("rows", nargs="*", metavar="ROW", help="default: all")
    ap.add_argument("--binary", default=root / "target/release/tidings")
    ap.add_argument("--model")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    if not articles.exists():
        sys.exit("!!! SKIPPED: ../shared is absent")
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        if not a.rows or "shipped" in a.rows:
            rows.append(lambda: shipped(a.binary))
        if a.model:
            config = tomllib.loads((root / "config/resolution.toml").read_text(encoding="utf-8"))
            queries = {"scored": config["topics"][0]["query"], **QUERIES}
            wanted = [name for name in queries if not a.rows or name in a.rows]
            rows += [lambda name=name: trained(a.binary, a.model, name, queries[name], pathlib.Path(folder)) for name in wanted]
        for row in (row() for row in rows):
            if a.json:
                print(json.dumps(row), flush=True)
            elif "query" in row:
                low, high = row["interval"]
                print(f"{row['row']:8} {row['yes']} yes, {row['no']} no, {row['events']} events: query alone {row['query']:.3f}, "
                      f"with the score {row['scored']:.3f} ({low:.2f} to {high:.2f}), gain {row['gain'][0]:+.2f} to {row['gain'][1]:+.2f}", flush=True)
            else:
                print(f"{row['row']:8} F1 {row['f1_dated']:.3f} of {row['articles'][0]}, {row['f1_all']:.3f} of all {row['articles'][1]}", flush=True)


main()
