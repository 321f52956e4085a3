#!/usr/bin/env bash
# A round over N feeds of 20 items (about 20 KB each) on 250 loopback hosts: cold, then warm (every answer 304).
#
#   benches/round.sh [FEEDS] [QUERY]   default 1000 feeds and a query that matches nothing; "security" matches most of the
#                                      stories. Needs ../shared/tools/feedserver.py and builds a release.
#
# Prints feeds a second, CPU-milliseconds a feed (user and system, this process alone) and peak memory. Machines are
# shared and noisy: compare figures of one run only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
feeds=${1:-1000}
query=${2:-resolution AND lunar}
server=../shared/tools/feedserver.py
[[ -f $server ]] || { echo "!!! SKIPPED: $server is absent" >&2; exit 0; }
[[ -n ${NO_BUILD:-} ]] || cargo build --release --quiet
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 "$server" --feeds "$feeds" --hosts 250 --port "$port" >"$folder/server.log" &
trap 'kill %1 2>/dev/null || true; rm -rf "$folder"' EXIT
until grep -q ready "$folder/server.log"; do sleep 0.2; done
{
  printf '[storage]\npath = "%s/bench.db"\n[server]\nlisten = ""\n[network]\nallow_private = true\n' "$folder"
  printf '[poll]\ndomain_spacing_secs = 0\n[[topics]]\nid = "bench"\nquery = "%s"\n' "$query"
  python3 "$server" --feeds "$feeds" --hosts 250 --port "$port" --print urls |
    sed -E 's#(.*/feed/([0-9]+).xml)#[[sources]]\nurl = "\1"\nname = "feed \2"#'
} >"$folder/bench.toml"

python3 - "$folder/bench.toml" "$feeds" <<'PY'
import json, resource, subprocess, sys, time
config, feeds = sys.argv[1], int(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_CHILDREN)
for name in ("cold", "warm"):
    begun = time.monotonic()
    run = subprocess.run(["target/release/tidings", "poll", "--all", "--json", "--config", config], capture_output=True, text=True)
    took = time.monotonic() - begun
    if run.returncode:
        sys.exit(run.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    before = after
    total = json.loads(run.stdout.splitlines()[-1])
    print(f"{name}: {feeds / took:8.0f} feeds/s  {1000 * cpu / feeds:6.3f} CPU-ms a feed  peak {after.ru_maxrss / 1024:5.0f} MB  "
          f"({total['polls']} polls, {total['failed']} failed, {total['not_modified']} not modified, {total['new']} new stories)")
PY
