#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

usage() {
  cat <<'END'
usage: tests/run.sh [--quick] [--help]

Installs what is missing (Debian packages, as root), builds everything and runs all tests: the unit, property and
integration tests, then the unit and property tests under AddressSanitizer with UndefinedBehaviorSanitizer, and under
ThreadSanitizer. Run again, it builds and fetches only what has changed.

  --quick   without the sanitizers

Exit status: 0 all tests passed, 1 otherwise.
END
}

sanitizers="asan-ubsan tsan"
for argument in "$@"; do
  case $argument in
    --quick) sanitizers= ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 1 ;;
  esac
done

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

run_preset release
for preset in $sanitizers; do
  # ThreadSanitizer needs an address space without too much randomness; where that can be had, have it.
  if [ "$preset" = tsan ] && setarch -R true 2>/dev/null; then
    run_preset tsan setarch -R
  else
    run_preset "$preset"
  fi
done
exit $status
