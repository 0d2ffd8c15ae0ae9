#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed zones with every combination of the settings of PowerDNS's caches."""
import unittest

import backends
import harness
import signed


class BindCaching(signed.Caching, harness.TestCase):
    kind = backends.Bind


class Gsqlite3Caching(signed.Caching, harness.TestCase):
    kind = backends.Gsqlite3
    nsec3 = "1 0 0 -"


class LmdbCaching(signed.Caching, harness.TestCase):
    kind = backends.Lmdb
    nsec3 = "1 0 10 abcd"


if __name__ == "__main__":
    unittest.main()
