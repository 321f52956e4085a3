#!/usr/bin/env bash
# How fast feeds are read, beside Python's feedparser in the same run: 120 feeds of about 35 kB, one thread each.
#
#   benches/feeds.sh [PYTHON]     a Python that has feedparser (pip install feedparser); without it ours alone
#
# Machines are shared and noisy: compare figures of one run only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${1:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo bench --quiet --bench feed_speed -- --write "$folder"
if ! "$python" -c 'import feedparser' 2>/dev/null; then
  echo "!!! SKIPPED: $python has no feedparser" >&2
  exit 0
fi
"$python" - "$folder" <<'PY'
import feedparser, pathlib, sys, time
feeds = [p.read_bytes() for p in sorted(pathlib.Path(sys.argv[1]).iterdir()) if not p.name.startswith("Json")]
megabytes = sum(map(len, feeds)) / 1e6
best = float("inf")
for _ in range(2):
    begun = time.perf_counter()
    entries = sum(len(feedparser.parse(feed).entries) for feed in feeds)
    best = min(best, time.perf_counter() - begun)
print(f"feedparser {megabytes / best:6.1f} MB/s  {len(feeds) / best:8.0f} feeds/s  ({entries} entries, without JSON)")
PY
