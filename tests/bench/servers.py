#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures servers against each other and prints a table. See servers.sh, which prepares what this needs."""
import argparse
import os
import sys

# The modules of the integration tests.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import changes
import denials
import loading
import lookups
import queries
import report
import transfers

GROUPS = [*[(contest.measure, [row.key for row in contest.rows]) for contest in queries.CONTESTS],
          *lookups.GROUPS, *changes.GROUPS, *loading.GROUPS, *denials.GROUPS, *transfers.GROUPS]
KEYS = [key for _, keys in GROUPS for key in keys]


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/servers.sh", description="Measures servers against each other.")
    parser.add_argument("--names", type=int, default=10000, help="names in the zone that is queried (%(default)s)")
    parser.add_argument("--approvals", type=int, default=20000,
                        help="approvals in the rows about looking up, loading, changing, transferring and denying (%(default)s)")
    parser.add_argument("--files", type=int, default=1000, help="files that they are in, where it is many (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2, help="that each measurement takes (%(default)s)")
    parser.add_argument("--pairs", type=int, default=5, help="how often each is repeated, in alternation (%(default)s)")
    parser.add_argument("--starts", type=int, default=1, help="how often the servers that dnsperf asks are started anew (%(default)s)")
    parser.add_argument("--only", nargs="+", metavar="ROW", default=KEYS, choices=KEYS, help=f"just these rows: {' '.join(KEYS)}")
    parser.add_argument("--tiny", action="store_true", help="as small as can be: whether it works, not how fast")
    parser.add_argument("--write", action="store_true", help="put these rows into the table of docs/performance.md")
    options = parser.parse_args()
    if options.tiny:
        options.names, options.approvals, options.files, options.seconds, options.pairs, options.starts = 200, 200, 20, 0.2, 1, 1
    return options


def main():
    options = arguments()
    lines = []
    for measure, keys in GROUPS:
        chosen = [key for key in keys if key in options.only]
        if chosen:
            for line in measure(options, chosen):
                lines.append(line)
                print(report.plain(line), flush=True)
    if options.write:
        report.write(lines, options, KEYS)


if __name__ == "__main__":
    main()
