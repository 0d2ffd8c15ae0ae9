#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed zones in database servers: as test_signed.py."""
import unittest

import databases
import signed

globals().update(signed.make_classes([databases.Gpgsql, databases.Gmysql]))

if __name__ == "__main__":
    unittest.main()
