#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The instructions that pdns_server executes for a query, bare and wrapped, counted by callgrind: no matter how busy the machine is.

    query_instructions.py [--profile FOLDER] [bind|gsqlite3|lmdb]…

With --profile, callgrind's files are left in that folder, for callgrind_annotate. Environment: as for the integration tests.
"""
import argparse
import glob
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import backends
import harness
import inputs
import server
import subject
import wire

NAMES = 1000
QUERIES = 2000
# bare / wrapped, at least: a name is looked up once, not twice, and what the packet cache answers is none of the module's business.
LEAST = {"A": 1.02, "CAA": 1.05, "A-cached": 0.99}
WITHIN = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no"]


def ask(client, questions, times):
    for number in range(times):
        wire.ask(client, number, questions[number % len(questions)])


def control(pid, state):
    done = harness.run(["callgrind_control", f"--instr={state}", str(pid)])
    if done.returncode != 0:
        raise AssertionError(f"callgrind_control failed:\n{done.stdout}{done.stderr}")


def count(zones, approvals, questions, folder, name, settings):
    """Instructions for one of the queries."""
    within = [*WITHIN, f"--callgrind-out-file={folder}/{name}.callgrind"]
    with subject.pdns(name, zones, approvals, pinned=False, within=within, settings=settings) as served, wire.client(served.port) as client:
        ask(client, questions, len(questions))
        control(served.running.pid, "on")
        ask(client, questions, QUERIES)
        control(served.running.pid, "off")
    total = 0
    for path in glob.glob(f"{folder}/{name}.callgrind*"):
        with open(path, encoding="utf-8", errors="replace") as file:
            total += sum(int(number) for number in re.findall(r"^totals: (\d+)", file.read(), re.M))
    return total / QUERIES


def main():
    parser = argparse.ArgumentParser(description="counts the instructions of queries")
    parser.add_argument("--profile")
    parser.add_argument("backends", nargs="*", default=["bind"])
    options = parser.parse_args()
    makers = {maker.name: maker for maker in (backends.Bind, backends.Gsqlite3, backends.Lmdb)}
    names = inputs.shuffled(inputs.stored_names(NAMES))
    missed = False
    with tempfile.TemporaryDirectory(prefix="caapolicy-bench-") as scratch:
        folder = options.profile or scratch
        os.makedirs(folder, exist_ok=True)
        for name in options.backends:
            for kind, stored, settings in (("A", inputs.zone_with_addresses, {}), ("CAA", inputs.zone_with_caa, {}),
                                           ("A-cached", inputs.zone_with_addresses, server.PACKET_CACHE_ON)):
                rrtype = kind.split("-")[0]
                questions = [wire.question(asked, rrtype) for asked in names]
                counts = {}
                for what, text, approvals in (("bare", stored, None), ("wrapped", inputs.zone_with_addresses, NAMES // 2)):
                    zones = makers[name]({inputs.ZONE: text(NAMES)})
                    counts[what] = count(zones, approvals, questions, folder, f"{name}-{kind}-{what}", settings)
                ratio = counts["bare"] / counts["wrapped"]
                print(f"{kind} {name}: {counts['wrapped']:,.0f} wrapped, {counts['bare']:,.0f} bare; bare / wrapped {ratio:.3f}", flush=True)
                missed |= name == "bind" and ratio < LEAST[kind]
    if missed:
        sys.exit(f"too many with the module: bare / wrapped is to be {LEAST} at least with bind")


if __name__ == "__main__":
    main()
