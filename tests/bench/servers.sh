#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/bench/servers.sh [OPTION…]: measures servers against each other on loopback and prints a table; --help tells more.
# Installs what is missing (Debian packages, as root) and builds the module.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" != --help ] && [ -z "${CAAPOLICY_MODULE:-}" ]; then # set: ctest has built everything
  cd "$folder/../.."
  . tests/prepare.sh
  # shellcheck disable=SC2086
  install_packages $BUILD_PACKAGES $TEST_PACKAGES
  cmake --preset release --log-level=WARNING
  cmake --build --preset release --parallel "$(nproc)" --target caapolicybackend snapshot_bench
fi
exec python3 -B "$folder/servers.py" "$@"
