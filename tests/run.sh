#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

usage() {
  cat <<'END'
usage: tests/run.sh [--quick] [--seeds N] [--help]

Installs what is missing (Debian packages, as root), builds everything and runs all tests: those of units, of properties, of
the module in real servers, of the command and of the build, and the benchmarks at a tiny size; then the unit and
property tests under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer. Run again, it builds
and fetches only what has changed.

  --quick    without the sanitizers
  --seeds N  then try each random test with N more seeds, and each property with 1000 N; a seed that fails is kept in
             tests/data/failing_seeds.txt, and tried first by every run from then on: commit it

Exit status: 0 all tests passed, 1 otherwise.
END
}

sanitizers="asan-ubsan tsan"
seeds=0
while [ $# -gt 0 ]; do
  case $1 in
    --quick) sanitizers= ;;
    --seeds) shift; seeds=${1:-} ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 1 ;;
  esac
  [ $# -eq 0 ] || shift
done
case $seeds in
  ''|*[!0-9]*) usage >&2; exit 1 ;;
esac

cd "$(dirname "$0")/.."
. tests/prepare.sh
# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES $TEST_PACKAGES

jobs=$(nproc)
status=0

# run_preset PRESET [PROGRAM…]: configures, builds and tests; the program runs ctest.
run_preset() {
  preset=$1
  shift
  printf '\n== %s\n' "$preset"
  if ! cmake --preset "$preset" --log-level=WARNING || ! cmake --build --preset "$preset" --parallel "$jobs" ||
     ! "$@" ctest --preset "$preset" --parallel "$jobs" --no-tests=error; then
    status=1
  fi
}

# try_seeds N: without ctest, whose time limits are those of the fixed seeds.
try_seeds() {
  first=$(od -An -tu4 -N4 /dev/urandom | tr -d ' ')
  more=$(seq -s ' ' "$first" $((first + $1 - 1)))
  printf '\n== random tests with the seeds %s, properties with 1000 times as many from %s\n' "$more" "$first"
  CAAPOLICY_SEED=$first CAAPOLICY_POLICIES=$((1000 * $1)) build/tests/property_tests || status=1
  for test in differential signed_differential signed_changes; do
    CAAPOLICY_SEEDS=$more python3 -B "tests/integration/test_$test.py" || status=1
  done
}

run_preset release
[ "$seeds" -eq 0 ] || try_seeds "$seeds"
for preset in $sanitizers; do
  # ThreadSanitizer needs an address space without too much randomness; where that can be had, have it.
  if [ "$preset" = tsan ] && setarch -R true 2>/dev/null; then
    run_preset tsan setarch -R
  else
    run_preset "$preset"
  fi
done
exit $status
