#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

usage() {
  cat <<'END'
usage: tests/bench/process.sh [--tiny | --full] [--benchmark_…]

Measures, in one process each, the lookup of a name and the loading of policies, by default of up to 100,000 approvals;
with --full of a million, with --tiny of a few (whether it works, not how fast). Further options are Google Benchmark's.

Environment: CAAPOLICY_BENCH_PROGRAMS is the folder of the programs (default: build/tests).
END
}

largest=100000 files=1000 smallest=1000
case ${1:-} in
  --help) usage; exit 0 ;;
  --tiny) shift; largest=200 files=10 smallest=100 ;;
  --full) shift; largest=1000000 ;;
esac

folder=$(cd "$(dirname "$0")" && pwd)
programs=${CAAPOLICY_BENCH_PROGRAMS:-$folder/../../build/tests}
if [ ! -x "$programs/load_bench" ]; then
  echo "not built: cmake --preset release && cmake --build --preset release --target snapshot_bench load_bench" >&2
  exit 1
fi
inputs=$(mktemp -d "${TMPDIR:-/tmp}/caapolicy-bench-XXXXXX")
trap 'rm -rf "$inputs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# make NAME COUNT FORMAT FILES
make() {
  python3 -B "$folder/inputs.py" "$inputs/$1" --approvals "$2" --format "$3" --files "$4"
}

make small "$smallest" jsonl 1
make large "$largest" jsonl 1
make files "$largest" yaml "$files"
"$programs/snapshot_bench" "$@" "$smallest=$inputs/small" "$largest=$inputs/large"
"$programs/load_bench" "$@" "$largest=$inputs/large" "$largest=$inputs/files"
