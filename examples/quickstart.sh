#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2016  # backticks in messages are the marks of a name
# shellcheck disable=SC2317  # functions that `trap` and `wait_for` call
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'TEXT'
usage: examples/quickstart.sh [--once] [--port N] [--help]

Shows caapolicy at work. Installs what is missing (Debian packages, as root), builds the module and the command
into build/, starts a PowerDNS server of its own on 127.0.0.1, with copies of examples/policy.yaml and examples/zones in
a new folder under /tmp, and asks it a few questions. Then it goes on serving until Ctrl-C, so that you can change the
policy and see what happens. Nothing of it stays behind but the packages and build/.

  --once     end after the questions
  --port N   listen on this port of 127.0.0.1 (default: 5300)

Environment: CAAPOLICY_MODULE and CAAPOLICY_COMMAND are a built module and command to use instead of building them; NO_COLOR
turns colours off.

Exit status: 0 every answer was exactly the expected one, 1 otherwise.
TEXT
}

port=5300
once=
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=1 ;;
    --port) shift; port=${1-} ;;
    --port=*) port=${1#*=} ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 1 ;;
  esac
  shift || break
done
if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65535 ]; then
  echo "quickstart: --port takes a number from 1 to 65535" >&2
  exit 1
fi

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
  bold=$'\e[1m' faint=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' faint='' green='' red='' plain=''
fi

fail() {
  echo "${red}quickstart: $1${plain}" >&2
  exit 1
}

cd "$(dirname "$0")/.."
umask 022 # the module refuses a policy that everybody can write
scratch=
server=
status=0 # 1: an answer was not the expected one

cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  [ -z "$scratch" ] || rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_for COMMAND…: tries the command until it succeeds, for at most 20 seconds.
wait_for() {
  local end=$((SECONDS + 20))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# The module, built if need be.

prepare() {
  # shellcheck source=tests/prepare.sh
  . tests/prepare.sh
  local packages='pdns-server pdns-backend-bind bind9-dnsutils'
  # catch2 and python3: so that build/ is what tests/run.sh makes, and both can share it.
  [ -n "${CAAPOLICY_MODULE-}" ] || packages="$BUILD_PACKAGES catch2 python3 $packages"
  # shellcheck disable=SC2086
  install_packages $packages
}

build() {
  [ -z "${CAAPOLICY_MODULE-}" ] || return 0
  local log=$scratch/build.log
  [ -e build/plugin/libcaapolicybackend.so ] || echo "building the module and the command, which takes a few minutes the first time"
  if ! { cmake --preset release && cmake --build build --target caapolicybackend caapolicy --parallel "$(nproc)"; } > "$log" 2>&1; then
    tail -n 30 "$log" >&2
    fail "the build failed"
  fi
}

# The server.

port_is_taken() { fail "port $port of 127.0.0.1 is taken: choose another one with --port N"; }

serving_or_ended() { grep -q 'Done launching threads' "$scratch/pdns.log" || ! kill -0 "$server" 2>/dev/null; }

start_server() {
  cp -R examples/policy.yaml examples/approvals.d examples/teams examples/zones "$scratch"
  # PowerDNS would take a space in the path for the end of it.
  ln -s "$(realpath "${CAAPOLICY_MODULE:-build/plugin/libcaapolicybackend.so}")" "$scratch/libcaapolicybackend.so"
  cat > "$scratch/named.conf" <<TEXT
zone "example.com" { type master; file "$scratch/zones/example.com.zone"; };
TEXT
  cat > "$scratch/pdns.conf" <<TEXT
launch=caapolicy:bind
caapolicy-policy=$scratch/policy.yaml
bind-config=$scratch/named.conf
load-modules=$scratch/libcaapolicybackend.so
local-address=127.0.0.1
local-port=$port
socket-dir=$scratch
daemon=no
guardian=no
disable-syslog=yes
log-timestamp=no
security-poll-suffix=
TEXT
  : > "$scratch/pdns.log" # there before anyone looks for a line in it
  PATH=$PATH:/usr/sbin pdns_server --config-dir="$scratch" >> "$scratch/pdns.log" 2>&1 &
  server=$!
  wait_for serving_or_ended || fail "the server has not started in time"
  kill -0 "$server" 2>/dev/null && return
  server=
  if grep -q 'Address already in use' "$scratch/pdns.log"; then
    port_is_taken
  fi
  cat "$scratch/pdns.log" >&2
  fail "the server has not started"
}

# Lines of the log after the first N that an extended regular expression is found in.
log_since() { tail -n +"$(($1 + 1))" "$scratch/pdns.log" | grep -E -- "$2"; }
log_has() { log_since "$@" > /dev/null; }
log_length() { wc -l < "$scratch/pdns.log"; }

# replace FILE: standard input becomes the file, in one step.
replace() {
  cat > "$1.new"
  mv "$1.new" "$1"
}

# The tour.

# What dig says when there is no answer is part of what it prints.
asked() { { dig -r @127.0.0.1 -p "$port" +short +norecurse +time=2 +tries=2 "$1" CAA || true; } | sort; }

say() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

# expect NAME RECORD…: asks, shows the answer, and compares it with these records.
expect() {
  local name=$1 answer expected
  shift
  expected=$(printf '%s\n' "$@" | sort)
  answer=$(asked "$name")
  printf '%s$ dig @127.0.0.1 -p %s %s CAA +short%s\n' "$faint" "$port" "$name" "$plain"
  if [ "$answer" = "$expected" ]; then
    printf '%s%s%s\n' "$green" "$answer" "$plain"
  else
    status=1
    printf '%s%s\nWRONG: that is not the expected answer, which is\n%s%s\n' "$red" "${answer:-(no records)}" "$expected" "$plain"
  fi
}

# expect_log LENGTH PATTERN: waits for a line that is logged after the first LENGTH ones, and shows it.
expect_log() {
  if wait_for log_has "$1" "$2"; then
    log_since "$1" "$2"
  else
    status=1
    printf '%sWRONG: the log has no line with: %s%s\n' "$red" "$2" "$plain"
  fi
}

# The operator's command, with the policy that is served.
caapolicy() {
  printf '%s$ caapolicy %s%s\n' "$faint" "$*" "$plain"
  "${CAAPOLICY_COMMAND:-build/cli/caapolicy}" --policy "$scratch/policy.yaml" "$@" || status=1
}

# For wait_for: the name's answer has become these records.
answers() {
  local name=$1
  shift
  [ "$(asked "$name")" = "$(printf '%s\n' "$@" | sort)" ]
}

nobody='0 issue ";"'
no_wildcard='0 issuewild ";"'
le='letsencrypt.org'
le_account='letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/12345'
le_dns="$le_account; validationmethods=dns-01"
le_web="$le_account; validationmethods=http-01,tls-alpn-01"

tour() {
  say 'An approved name: this CA may issue for it, but not for its wildcard.'
  expect shop.example.com "0 issue \"$le\"" "$no_wildcard"

  say 'One that is bound to an account: no other customer of the CA gets a certificate, and only by this method.'
  expect api.example.com "0 issue \"$le_dns\"" "$no_wildcard"

  say 'A name that exists and that nobody approved: no CA may issue.'
  expect www.example.com "$nobody"

  say "A name that doesn't exist: nor for this one."
  expect nothing.example.com "$nobody"

  say 'A name below an approved one: an approval is for one name, unless it says otherwise.'
  expect cart.shop.example.com "$nobody"

  say 'An approved wildcard: no issuewild record takes *.apps.example.com out again.'
  expect apps.example.com "0 issue \"$le_dns\""

  say "A name that the zone's wildcard *.customers answers for: it has its address as ever, and no approval."
  expect one.customers.example.com "$nobody"

  say "A name that another team approved, in its own file: teams/shops.yaml."
  expect toys.shops.example.com "0 issue \"$le_web\"" "$no_wildcard"

  say 'Now somebody wants a certificate for pay.example.com, and the CA asks:'
  expect pay.example.com "$nobody"
  say 'Approved for one hour, in one line:'
  caapolicy approve pay.example.com --issuer letsencrypt.org --for 1h --ticket SEC-1234 --file "$scratch/approvals.d/pay.yaml"
  wait_for answers pay.example.com "0 issue \"$le\"" "$no_wildcard" || true
  expect pay.example.com "0 issue \"$le\"" "$no_wildcard"

  say 'A mistake in the policy: `alow` for `allow`. The log says where, and nothing that is served changes.'
  local length
  length=$(log_length)
  sed 's/^    allow:/    alow:/' examples/policy.yaml | replace "$scratch/policy.yaml"
  expect_log "$length" 'error: unknown key `alow`'
  expect_log "$length" 'hint: did you mean'
  expect_log "$length" 'what was served before stays in force'
  expect build.dev.example.com "0 issue \"$le_dns\"" "$no_wildcard"

  say 'Mended:'
  length=$(log_length)
  replace "$scratch/policy.yaml" < examples/policy.yaml
  expect_log "$length" 'reloaded: .*SHA-256'
  expect build.dev.example.com "0 issue \"$le_dns\"" "$no_wildcard"
}

# Until Ctrl-C, with what the server logs.
go_on() {
  trap 'exit "$status"' INT TERM
  say 'The server goes on until Ctrl-C. Now you: change the policy'
  echo "  $scratch/policy.yaml"
  echo "  $scratch/approvals.d/pay.yaml"
  echo 'and ask again:'
  echo "  dig @127.0.0.1 -p $port pay.example.com CAA +short"
  echo "  ${CAAPOLICY_COMMAND:-build/cli/caapolicy} --policy $scratch/policy.yaml explain pay.example.com"
  echo "  ${CAAPOLICY_COMMAND:-build/cli/caapolicy} attempts --socket-dir $scratch"
  echo "What the server logs:"
  tail -n 0 -f --pid="$server" "$scratch/pdns.log" &
  wait "$server" || true
  fail "the server has ended by itself"
}

# Nothing listens there yet; known before a long build.
if (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
  port_is_taken
fi
prepare
scratch=$(mktemp -d /tmp/caapolicy-quickstart.XXXXXX)
build
start_server
tour
echo
if [ "$status" -eq 0 ]; then
  echo "${green}Every answer was as expected.${plain}"
else
  echo "${red}Not every answer was as expected.${plain}"
fi
[ -n "$once" ] || go_on
exit "$status"
