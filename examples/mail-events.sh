#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sends a mail for each event of the module that somebody should see: names that were denied, policies with errors, approvals that end soon.
#
#   mail-events.sh EVENTS-FILE ADDRESS
#
# EVENTS-FILE is what `caapolicy-events` says; run it as a service beside the server. Needs jq, and sendmail as every mail server brings it.
set -eu

if [ $# -ne 2 ]; then
  echo "usage: mail-events.sh EVENTS-FILE ADDRESS" >&2
  exit 2
fi

# -F: also after the file was rotated, and where it isn't there yet.
tail -n 0 -F "$1" 2>/dev/null |
  jq --unbuffered --raw-output '
    if .event == "denied" then "certificate denied: \(.name)\t\(.network) asked at \(.time). To approve: caapolicy approve \(.name) --issuer CA"
    elif .event == "not-loaded" then "the CAA policy has errors\t\(.errors | join("; "))"
    elif .event == "approval-ends-soon" then "approval of \(.name) ends \(.until)\t\(.issuers | join(", ")) \(.ticket // "")"
    else empty end' |
  while IFS="$(printf '\t')" read -r subject text; do
    printf 'To: %s\nSubject: [caapolicy] %s\n\n%s\n' "$2" "$subject" "$text" | sendmail -t
  done
