#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy records: what it makes is loaded into NSD, and a CA finds there what the policy says."""
import unittest

import command
from primary import Primary

POLICY = """version: 1
subtrees:
  example.com: {}
  dev.example.com: {allow: [letsencrypt.org]}
approvals:
  - {name: shop.example.com, issuer: letsencrypt.org}
  - {name: pay.shop.example.com, issuer: digicert.com, subtree: true}
  - {name: new.wild.example.com, issuer: letsencrypt.org}
  - {name: later.example.com, issuer: letsencrypt.org, from: 2030-01-01T00:00:00Z}
"""
ZONE = """$ORIGIN example.com.
$TTL 3600
@ SOA ns1 hostmaster 1 3600 600 86400 300
@ NS ns1
@ CAA 0 issue "stored.example"
ns1 A 192.0.2.1
shop A 192.0.2.2
www.shop A 192.0.2.3
a.b.shop A 192.0.2.4
old.shop 60 CAA 0 issue "stored.example"
alias.shop CNAME www.example.net.
*.wild A 192.0.2.5
there.wild A 192.0.2.6
sub NS ns.example.net.
_dmarc TXT "v=DMARC1"
"""
NAMES = ["example.com", "none.example.com", "shop.example.com", "www.shop.example.com", "x.www.shop.example.com", "a.b.shop.example.com", "b.shop.example.com",
         "x.b.shop.example.com", "none.shop.example.com", "x.none.shop.example.com", "old.shop.example.com", "below.alias.shop.example.com",
         "pay.shop.example.com", "x.pay.shop.example.com", "wild.example.com", "new.wild.example.com", "x.new.wild.example.com", "there.wild.example.com",
         "covered.wild.example.com", "x.covered.wild.example.com", "dev.example.com", "x.dev.example.com", "later.example.com"]
AT = ["--at", "2026-11-22T00:00:00Z"]


class Records(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("zone", ZONE)

    def primary(self, text):
        server = Primary({"example.com": text})
        self.addCleanup(server.close)
        return server.start()

    def check_sound(self, server, names):
        for name in names:
            with self.subTest(name=name):
                wanted = self.run_command("explain", name, "--format", "json", *AT).json()["records"]
                self.assertEqual(server.climb(name), sorted(wanted))

    def test_whole_zone(self):
        done = self.run_command("records", "--zone-file", "zone", "--whole", *AT)
        self.assertEqual(done.status, 0, done.stderr)
        self.assertNotIn("stored.example", done.stdout)
        server = self.primary(done.stdout)
        self.check_sound(server, NAMES)
        # Everything else is as it was.
        before = self.primary(ZONE)
        questions = [(name, rrtype) for name in NAMES for rrtype in ("A", "TXT")] + [("sub.example.com", "NS"), ("_dmarc.example.com", "TXT"), ("example.com", "SOA")]
        for question, was, now in zip(questions, before.dig_many(questions), server.dig_many(questions)):
            self.assertEqual(was.data(question[1]), now.data(question[1]), question)

    def test_records_to_be_added(self):
        done = self.run_command("records", "--zone", "example.com", "--zone-file", "zone", *AT)
        self.assertEqual(done.status, 0, done.stderr)
        self.assertIn('; remove: example.com. 3600 IN CAA 0 issue "stored.example"\n', done.stdout)
        self.assertIn('; remove: old.shop.example.com. 60 IN CAA 0 issue "stored.example"\n', done.stdout)
        self.assertNotIn("\nalias.shop.example.com.", done.stdout)
        kept = "".join(line + "\n" for line in ZONE.splitlines() if "stored.example" not in line)
        self.check_sound(self.primary(kept + done.stdout), NAMES)

    def test_policy_alone(self):
        done = self.run_command("records", "--zone", "example.com", *AT).expect(0, """; CAA records by the policy as it is at 2026-11-22T00:00:00Z
; names that the zone has below …shop.example.com…
; a name that is an alias …
; approvals begin or end: make this again at 2030-01-01T00:00:00Z
example.com. 300 IN CAA 0 issue ";"
dev.example.com. 300 IN CAA 0 issue "letsencrypt.org"
dev.example.com. 300 IN CAA 0 issuewild ";"
shop.example.com. 300 IN CAA 0 issue "letsencrypt.org"
shop.example.com. 300 IN CAA 0 issuewild ";"
*.shop.example.com. 300 IN CAA 0 issue ";"
pay.shop.example.com. 300 IN CAA 0 issue "digicert.com"
pay.shop.example.com. 300 IN CAA 0 issuewild ";"
wild.example.com. 300 IN CAA 0 issue ";"
new.wild.example.com. 300 IN CAA 0 issue "letsencrypt.org"
new.wild.example.com. 300 IN CAA 0 issuewild ";"
*.new.wild.example.com. 300 IN CAA 0 issue ";"
""", """warning: names that the zone has below shop.example.com, new.wild.example.com (2 names approved without the names below) inherit what is approved there, since …--zone-file
warning: a name that is an alias …
warning: approvals begin or end: make this again at 2030-01-01T00:00:00Z
""")
        top = "example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300\nexample.com. 3600 IN NS ns1.example.net.\n"
        exist_elsewhere = {"www.shop.example.com", "a.b.shop.example.com"}
        self.check_sound(self.primary(top + done.stdout), [name for name in NAMES if name not in exist_elsewhere])

    def test_json(self):
        done = self.run_command("records", "--zone-file", "zone", "--format", "json", *AT)
        names = {entry["name"]: entry for entry in done.json()["names"]}
        self.assertEqual(done.json()["nextChange"], "2030-01-01T00:00:00Z")
        self.assertEqual(names["old.shop.example.com"], {"name": "old.shop.example.com", "records": ['300 IN CAA 0 issue ";"'],
                                                         "remove": ['60 IN CAA 0 issue "stored.example"']})
        self.assertTrue(any("alias.shop.example.com" in warning for warning in done.json()["warnings"]))
        self.assertEqual(self.run_command("records", "--format", "json", "--at", "2030-01-01T00:00:00Z").json()["nextChange"], None)

    def test_bad_input(self):
        self.run_command("records", "--zone", "example.net").expect(1, "", "caapolicy: the policy governs nothing in the zone `example.net`\n")
        self.run_command("records", "--whole").expect(2, "", "caapolicy: --whole needs --zone-file: what else is in the zone?\n")
        self.run_command("records", "--zone", "example.net", "--zone-file", "zone").expect(
            2, "", "caapolicy: `zone` holds the zone `example.com`, not `example.net`\n")
        self.run_command("records", "--zone-file", "none").expect(1, "", "caapolicy: can't read `none`: No such file or directory\n")
        self.write("zone", ZONE + "shop A not-an-address\n")
        self.run_command("records", "--zone-file", "zone").expect(1, "", "caapolicy: zone:16: …\n")
        self.write("zone", "shop.example.com. 300 IN A 192.0.2.1\n")
        self.run_command("records", "--zone-file", "zone").expect(1, "", "caapolicy: `zone` has no SOA record: it is no whole zone\n")
        self.policy("version: 2\n")
        self.assertEqual(self.run_command("records").status, 4)


if __name__ == "__main__":
    unittest.main()
