#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A lookup of S(name) executes no more instructions than it is allowed to: counted by callgrind, so on any machine.

Environment: CAAPOLICY_LOOKUPS is the program (default: build/tests/lookup_instructions).
"""
import os
import re
import subprocess
import tempfile

import inputs

PROGRAM = os.environ.get("CAAPOLICY_LOOKUPS", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "tests", "lookup_instructions"))
LOOKUPS = 1000
ALLOWED = 650 # a lookup; it was 539 when this was written


def main():
    with tempfile.TemporaryDirectory(prefix="caapolicy-bench-") as folder:
        inputs.write_policy(folder, LOOKUPS)
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=countedLookups*",
                               PROGRAM, f"{LOOKUPS}={folder}"], capture_output=True, text=True, timeout=300, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected or done.stdout != f"{LOOKUPS * inputs.TTL}\n":
        raise SystemExit(f"the lookups were not counted:\n{done.stdout}{done.stderr}")
    each = int(collected[1]) / LOOKUPS
    print(f"{each:.0f} instructions a lookup, {ALLOWED} are allowed")
    if not LOOKUPS < int(collected[1]) <= ALLOWED * LOOKUPS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
