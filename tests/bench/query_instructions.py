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
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import backends
import harness
import inputs
import server
import wire

NAMES = 1000
QUERIES = 2000
WITHIN = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no"]


def ask(client, questions, count):
    for number in range(count):
        client.send(wire.query(number & 0xffff, questions[number % len(questions)]))
        client.recv(4096)


def control(pid, state):
    done = harness.run(["callgrind_control", f"--instr={state}", str(pid)])
    if done.returncode != 0:
        raise AssertionError(f"callgrind_control failed:\n{done.stdout}{done.stderr}")


def count(zones, module, questions, folder, name, **options):
    """Instructions for one of the queries."""
    running = server.Pdns(zones, module=module, pinned=False, policy=inputs.root_policy(zones=zones is None), **options)
    running._within = [*WITHIN, f"--callgrind-out-file={folder}/{name}.callgrind"]
    if module:
        inputs.write_policy(running.policy_folder, NAMES // 2, zones=zones is None)
    try:
        running.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(harness.TIMEOUT)
            client.connect(("127.0.0.1", running.port))
            ask(client, questions, len(questions))
            control(running.pid, "on")
            ask(client, questions, QUERIES)
            control(running.pid, "off")
    finally:
        running.close()
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
    with tempfile.TemporaryDirectory(prefix="caapolicy-bench-") as scratch:
        folder = options.profile or scratch
        os.makedirs(folder, exist_ok=True)
        for name in options.backends:
            for rrtype, stored in (("A", inputs.zone_with_addresses), ("CAA", inputs.zone_with_caa)):
                questions = [wire.question(asked, rrtype) for asked in names]
                counts = {}
                for what, text, module in (("bare", stored, False), ("wrapped", inputs.zone_with_addresses, True)):
                    zones = makers[name]({inputs.ZONE: text(NAMES)})
                    try:
                        counts[what] = count(zones, module, questions, folder, f"{name}-{rrtype}-{what}")
                    finally:
                        zones.close()
                print(f"{rrtype} {name}: {counts['wrapped']:,.0f} wrapped, {counts['bare']:,.0f} bare; bare / wrapped "
                      f"{counts['bare'] / counts['wrapped']:.3f}", flush=True)


if __name__ == "__main__":
    main()
