#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed zones in files and in embedded databases. test_signed_databases.py has those in database servers."""
import unittest

import backends
import signed

globals().update(signed.make_classes([backends.Bind, backends.Gsqlite3, backends.Lmdb]))

if __name__ == "__main__":
    unittest.main()
