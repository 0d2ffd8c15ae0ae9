#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A seed that a random test fails with is kept, once, and tried first in every run from then on."""
import contextlib
import io
import os
import subprocess
import tempfile
import unittest
from unittest import mock

import harness
import seeds

PROPERTY_TESTS = os.path.join(os.environ.get("CAAPOLICY_BUILD", f"{harness.ROOT}/build"), "tests", "property_tests")


class Keeping(unittest.TestCase):
    def setUp(self):
        self.file = self.enterContext(tempfile.NamedTemporaryFile("w+", suffix=".txt"))
        self.file.write("# The first line stays.\nOther.test_it 9\nproperty 12\n")
        self.file.flush()
        self.enterContext(mock.patch.dict(os.environ, CAAPOLICY_FAILING_SEEDS=self.file.name))

    def kept(self):
        with open(self.file.name, encoding="utf-8") as file:
            return file.read()

    def run_random(self, failing, **environment):
        """Runs a random test that fails with these seeds. Those it has tried, in order, and what it said."""
        tried, said = [], io.StringIO()

        class Random(seeds.Seeded, unittest.TestCase):
            def check(self, seed):
                tried.append(seed)
                self.assertNotIn(seed, failing)

            def test_it(self):
                self.try_seeds(self.check)

        with mock.patch.dict(os.environ, environment), contextlib.redirect_stderr(said):
            result = unittest.TestResult()
            Random("test_it").run(result)
        self.assertEqual(len(result.failures), len(set(failing) & set(tried)))
        return tried, said.getvalue()

    def test_integration_tests(self):
        self.assertEqual(self.run_random([]), ([1, 2], ""))
        tried, said = self.run_random([31, 4], CAAPOLICY_SEEDS="30 31 4")
        self.assertEqual(tried, [30, 31, 4])
        self.assertIn(f"Random.test_it failed with seed 31: kept in {self.file.name}, please commit it\n", said)
        kept = "# The first line stays.\nOther.test_it 9\nRandom.test_it 31\nRandom.test_it 4\nproperty 12\n"
        self.assertEqual(self.kept(), kept)
        self.assertEqual(self.run_random([31])[0], [31, 4, 1, 2])
        self.assertEqual(self.run_random([], CAAPOLICY_SEEDS="4 5"), ([31, 4, 5], ""))
        self.assertEqual(self.kept(), kept)

    def run_property(self, **environment):
        """Of a property that holds for no seed beyond 40."""
        return subprocess.run([PROPERTY_TESTS, "fails on purpose"], env={**os.environ, **environment}, capture_output=True,
                              text=True, timeout=60, check=False)

    def test_property_tests(self):
        self.assertEqual(self.run_property(CAAPOLICY_SEED="1", CAAPOLICY_POLICIES="10").returncode, 0)
        done = self.run_property(CAAPOLICY_SEED="39", CAAPOLICY_POLICIES="10")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"CAAPOLICY_SEED=41 CAAPOLICY_POLICIES=1, kept in {self.file.name}, please commit it", " ".join(done.stdout.split()))
        kept = "# The first line stays.\nOther.test_it 9\nproperty 12\nproperty 41\n"
        self.assertEqual(self.kept(), kept)
        done = self.run_property(CAAPOLICY_SEED="1", CAAPOLICY_POLICIES="10")
        self.assertEqual((done.returncode, "CAAPOLICY_SEED=41" in done.stdout), (1, True))
        self.assertEqual(self.kept(), kept)


if __name__ == "__main__":
    unittest.main()
