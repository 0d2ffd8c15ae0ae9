# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be sourced by scripts that build or try caapolicy on Debian: installs what they need.
#
#   . tests/prepare.sh
#   install_packages $BUILD_PACKAGES $TEST_PACKAGES
#
# shellcheck shell=sh disable=SC2034

# What the build needs. dpkg-dev unpacks the PowerDNS source package, which the headers come from.
BUILD_PACKAGES="build-essential cmake dpkg-dev ca-certificates pdns-server libboost-dev libcli11-dev libfmt-dev
  libidn2-dev libldns-dev libsimdjson-dev libssl-dev libunbound-dev libyaml-cpp-dev nlohmann-json3-dev"
# What the tests need besides.
TEST_PACKAGES="catch2 python3 pdns-backend-bind pdns-backend-sqlite3 pdns-backend-lmdb pdns-backend-pgsql pdns-backend-mysql
  pdns-backend-remote pdns-backend-pipe dnsperf libbenchmark-dev valgrind
  postgresql mariadb-server jq pdns-tools sqlite3 strace bind9-dnsutils knot-dnsutils ldnsutils unbound knot nsd
  chromium chromium-driver python3-selenium python3-jsonschema python3-yaml zsh fish man-db iproute2"

# Those of the packages that aren't installed.
missing_packages() {
  for package in "$@"; do
    case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
      installed) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

# install_packages PACKAGE…: installs those that are missing, and doesn't touch apt when none is.
#
# No service is started by it: pdns-server would listen on port 53 with Debian's example configuration, and the databases
# would be there for everybody. A subshell, so that the trap is its own.
install_packages() (
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || exit 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "these packages are missing, and only root can install them: $missing" >&2
    echo "  sudo apt-get install --no-install-recommends $missing" >&2
    exit 1
  fi
  echo "installing: $missing"
  guard=/usr/sbin/policy-rc.d # asked by the packages' scripts before they start a service
  if [ ! -e "$guard" ]; then
    trap 'rm -f "$guard"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' > "$guard"
    chmod +x "$guard"
  fi
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  try_install() { apt-get install --yes --quiet=2 --no-install-recommends $missing; }
  # The lists may be absent, or older than the mirror.
  if ! try_install 2>/dev/null; then
    apt-get update --quiet=2 && try_install || exit 1
  fi
  # Nor are the services to be there after the next boot.
  if [ -d /run/systemd/system ]; then
    for service in pdns-server:pdns mariadb-server:mariadb postgresql:postgresql unbound:unbound \
        knot:knot nsd:nsd; do
      case " $missing " in
        *" ${service%%:*} "*) systemctl --quiet disable "${service##*:}.service" ;;
      esac
    done
  fi
)
