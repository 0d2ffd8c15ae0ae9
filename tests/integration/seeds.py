# SPDX-License-Identifier: GPL-2.0-or-later
"""Seeds of random tests. One that fails is kept in a file of the tree, and tried first in every run from then on.

CAAPOLICY_SEEDS="17 18" tries these instead of a test's fixed ones. The file has a line a case: the test and its seed; those
of the property tests (tests/property/scenario.cc) are there, too. CAAPOLICY_FAILING_SEEDS is another file to use.
"""
import fcntl
import os
import sys

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "failing_seeds.txt")


def file():
    return os.environ.get("CAAPOLICY_FAILING_SEEDS", FILE)


def kept(test):
    """The seeds that this test has failed with."""
    with open(file(), encoding="utf-8") as lines:
        return [int(line.split()[1]) for line in lines if line.split()[0] == test]


def keep(test, seed):
    with open(file(), "r+", encoding="utf-8") as lines:
        fcntl.flock(lines, fcntl.LOCK_EX)  # other tests may run beside this one
        text = lines.read().splitlines(keepends=True)
        cases = {line for line in text if not line.startswith("#")} | {f"{test} {seed}\n"}
        lines.seek(0)
        lines.writelines([line for line in text if line.startswith("#")] + sorted(cases))
        lines.truncate()
    print(f"{test} failed with seed {seed}: kept in {file()}, please commit it", file=sys.stderr)


class Seeded:
    """Of a test case: `self.try_seeds(check)` calls check(seed) for each."""
    fixed_seeds = (1, 2)

    def try_seeds(self, check):
        test = ".".join(self.id().split(".")[-2:])
        first = kept(test)
        chosen = [int(seed) for seed in os.environ.get("CAAPOLICY_SEEDS", "").split()] or self.fixed_seeds
        for seed in [*first, *(seed for seed in chosen if seed not in first)]:
            with self.subTest(seed=seed):
                try:
                    check(seed)
                except Exception:
                    keep(test, seed)
                    raise
