#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed zones (NSEC3) under a policy that changes, with names of it that come and go: what the server proves one by one is what a
transfer has, each time. More seeds: see seeds.py."""
import random
import time
import unittest

import backends
import harness
import signed
from harness import utc, wait_until
from resolver import verify_transfer
from seeds import Seeded

ZONE = backends.HEAD + """
www        A     192.0.2.2
alias      CNAME www
leaf.a.ent A     192.0.2.3
*.wild     A     192.0.2.4
*.to       CNAME www
plain      NS    ns1.plain
ns1.plain  A     192.0.2.5
cut.below  NS    ns1.plain
"""
POLICY = "version: 1\nsubtrees:\n  example.com: {}\ninclude: [approvals.d/*.yaml]\n"
# Some take no names, so they are listed but not in the zone.
PLACES = ["example.com", "example.com", "wild.example.com", "to.example.com", "plain.example.com", "alias.example.com", "www.example.com"]


def text_of(approvals):
    lines = (f"  - {{name: {name}, issuer: ca.example{rest}}}\n" for name, rest in sorted(approvals.items()))
    return "approvals:\n" + "".join(lines) if approvals else "approvals: []\n"


class Changing(signed.Chains, Seeded):
    kind = None
    fixed_seeds = (1,)

    def serve_zone(self):
        zones = self.keep(self.kind({"example.com": ZONE}))
        zones.secure("example.com", nsec3=self.nsec3)
        return self.serve(zones, policy=POLICY, files={"approvals.d/a.yaml": "approvals: []\n"},
                          settings={**harness.UNCACHED, "caapolicy-watch": "no", "caapolicy-nonexistent-names": "nxdomain"})

    def check(self, server):
        records = server.axfr("example.com")
        verify_transfer(records)
        self.check_hashes(server, "example.com", records)
        return {record.name for record in records if record.type == "CAA"}

    def put(self, server, approvals):
        server.write_policy(text_of(approvals), "approvals.d/a.yaml")
        self.assertEqual(server.control("reload"), "Ok\n")

    def test_changes(self):
        self.try_seeds(self.check_changes)

    def check_changes(self, seed):
        server = self.serve_zone()
        picked = random.Random(f"{self.id()} {seed}")
        approvals = set()
        self.assertNotIn("p1.example.com.", self.check(server))
        for step in range(8):
            for _ in range(30 if step == 0 else 5):
                approvals ^= {f"p{picked.randrange(30)}.{picked.choice(PLACES)}"}
            self.put(server, dict.fromkeys(approvals, ""))
            placed = self.check(server)
            for name in approvals:
                if name.count(".") == 2:
                    self.assertIn(name + ".", placed)
                if name.endswith((".plain.example.com", ".to.example.com")):
                    self.assertNotIn(name + ".", placed)

    def test_time(self):
        server = self.serve_zone()
        begun = time.time()
        self.check(server)
        end = int(time.time() + 3 * (time.time() - begun)) + 3 # another check, on this machine, is done well before it
        until = ", until: " + utc(end)
        since = until.replace("until", "from")
        approvals = {f"p{number}.example.com": ("", until, since)[number % 3] for number in range(60)}
        self.put(server, approvals)
        placed = self.check(server)
        self.assertLess(time.time(), end)
        self.assertIn("p1.example.com.", placed)
        self.assertNotIn("p2.example.com.", placed)
        wait_until(lambda: time.time() > end)
        placed = self.check(server)
        self.assertNotIn("p1.example.com.", placed)
        self.assertIn("p2.example.com.", placed)
        self.assertIn("p3.example.com.", placed)


class BindChanging(Changing, harness.TestCase):
    kind = backends.Bind
    nsec3 = "1 0 0 -"


class Gsqlite3Changing(Changing, harness.TestCase):
    kind = backends.Gsqlite3
    nsec3 = "1 1 2 abcd"


class LmdbChanging(Changing, harness.TestCase):
    kind = backends.Lmdb
    nsec3 = "1 0 1 -"


if __name__ == "__main__":
    unittest.main()
