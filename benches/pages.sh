#!/usr/bin/env bash
# Article pages: how much of their text is found, and how fast.
#
#   benches/pages.sh [PAGES]      default ../shared/pages/dev; needs ../../tools/score_pages.py from there
#
# Prints F1, precision and recall over all pages and over each half (every other page by name: rules are tuned on the
# even half), and pages a second of one process on one thread, start, gunzip and printing included: the best of five.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pages=${1:-../shared/pages/dev}
scorer=$pages/../../tools/score_pages.py
[[ -f $scorer ]] || { echo "!!! SKIPPED: $scorer is absent" >&2; exit 0; }
[[ -n ${NO_BUILD:-} ]] || cargo build --release --quiet

python3 - "$pages" "$scorer" <<'PY'
import json, pathlib, subprocess, sys, tempfile, time
folder, scorer = pathlib.Path(sys.argv[1]), sys.argv[2]
files = sorted(folder.glob("*.html.gz"))
took = []
for _ in range(5):
    begun = time.monotonic()
    run = subprocess.run(["target/release/tidings", "inspect", "--page", "--json", *map(str, files)], capture_output=True, text=True)
    took.append(time.monotonic() - begun)
    if run.returncode:
        sys.exit(run.stderr[-2000:])
print(f"{len(files) / min(took):.0f} pages/s ({min(took) * 1000:.0f} ms for {len(files)} pages)")
truth = json.load(open(folder / "ground-truth.json"))
keys = sorted(truth)
with tempfile.TemporaryDirectory() as scratch:
    said, gold = pathlib.Path(scratch, "said.jsonl"), pathlib.Path(scratch, "gold.json")
    said.write_text(run.stdout)
    for name, some in (("all", keys), ("even", keys[::2]), ("odd", keys[1::2])):
        gold.write_text(json.dumps({key: truth[key] for key in some}))
        score = subprocess.run([sys.executable, scorer, gold, said], capture_output=True, text=True, check=True)
        print(f"{name:>5}: {score.stdout.strip()}")
PY
