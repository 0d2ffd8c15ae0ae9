#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy import."""
import os
import unittest

import command
import harness
from primary import Primary

ACCOUNT = "https://acme-v02.api.letsencrypt.org/acme/acct/1"
TOP = """$ORIGIN example.com.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.1
"""
ZONE = TOP + f"""@ CAA 0 issue ";"
@ CAA 0 iodef "mailto:pki@example.com"
www A 192.0.2.2
www CAA 0 issue "letsencrypt.org; accounturi={ACCOUNT}; validationmethods=http-01"
www CAA 0 iodef "mailto:pki@example.com"
dev CAA 0 issue "LetsEncrypt.org"
dev CAA 0 issue "digicert.com; cansignhttpexchanges=yes"
dev CAA 0 issuewild "digicert.com"
dev CAA 0 issuemail ";"
a.dev CAA 0 issue "digicert.com"
a.dev CAA 0 tbs "x"
blog CNAME example.net.
"""
WRITTEN = f"""# Made from the CAA records of example.com.
#
# What could not be carried over, and what to know (!: the policy says something else there than the zone):
#   dev.example.com CAA 0 issue "digicert.com; cansignhttpexchanges=yes": a policy has no parameter `cansignhttpexchanges`: it is left out
#   a.dev.example.com CAA 0 tbs "x": a policy has no such property: it is left out
# ! a.dev.example.com: its set doesn't restrict mail (`issuemail`), but one above it does, which a policy can't undo below: it is restricted here as well
#   example.com: 1 of its names is an alias (CNAME): the CAA of the target decides, today and by the policy

version: 1
subtrees:
  example.com:
    iodef: ["mailto:pki@example.com"]
  dev.example.com:
    allow:
      - letsencrypt.org
      - {{ca: digicert.com, wildcard: true}}
    iodef: []
    mail: deny
  a.dev.example.com:
    allow:
      - {{ca: digicert.com, wildcard: true}}
approvals:
  - {{name: www.example.com, issuer: {{ca: letsencrypt.org, accounts: ["{ACCOUNT}"], methods: [http-01]}}, subtree: true}}
"""


class Import(command.TestCase):
    def test_file(self):
        self.write("zone", ZONE)
        done = self.run_command("import", "--zone-file", "zone").expect(0, WRITTEN, """note: dev.example.com CAA …
note: a.dev.example.com CAA …
differs: a.dev.example.com: its set doesn't restrict mail …
note: example.com: 1 of its names is an alias …
example.com: 3 subtrees, 1 approval; 1 thing could not be carried over
""")
        self.policy(done.stdout)
        self.run_command("check").expect(0, "…good: policy.yaml, 1 file, 3 subtrees, 1 approval (1 live)\n")

    def test_file_without_origin(self):
        self.write("zone", ZONE.replace("$ORIGIN example.com.\n", ""))
        self.assertEqual(self.run_command("import", "--zone-file", "zone", "--origin", "example.com").stdout, WRITTEN)
        self.run_command("import", "--zone-file", "zone").expect(
            1, "", "caapolicy: this is the zone of the root: does the file have relative names and no $ORIGIN? Then give --origin example.com\n")

    def test_folder(self):
        self.write("zone", ZONE)
        self.assertEqual(self.run_command("import", "--zone-file", "zone", "--output", "caa").stdout, "")
        self.assertEqual(self.read("caa/policy.yaml") + self.read("caa/approvals.d/imported.yaml"),
                         WRITTEN.replace("approvals:\n", "include: [approvals.d/*.yaml]\napprovals:\n"))
        self.write("flat/policy.yaml", WRITTEN)
        self.run_command("diff", "flat", "caa").expect(0, "the same: no name has other grants\n")
        self.run_command("import", "--zone-file", "zone", "--output", "caa").expect(
            1, "", "caapolicy: can't write `caa/policy.yaml`: there is one already; give another folder\n")
        os.remove(f"{self.folder}/caa/approvals.d/imported.yaml")
        self.assertEqual(self.run_command("import", "--zone-file", "zone", "--output", "caa").status, 1)
        self.assertFalse(os.path.exists(f"{self.folder}/caa/approvals.d/imported.yaml"))

    def test_transfer(self):
        zone = ZONE.replace('@ CAA 0 issue ";"', '@ CAA 0 issue ""')  # which means the same
        server = Primary({"example.com": zone})
        self.addCleanup(server.close)
        server.start()
        self.assertEqual(self.run_command("import", "--axfr", f"127.0.0.1:{server.port}", "example.com").stdout, WRITTEN)
        self.run_command("import", "--axfr", f"127.0.0.1:{server.port}", "example.net").expect(
            1, "", f"…caapolicy: can't transfer `example.net` from 127.0.0.1:{server.port}: …\n")
        self.run_command("import", "--axfr", f"127.0.0.1:{harness.free_port()}", "example.com").expect(
            1, "", "…caapolicy: can't transfer `example.com` from 127.0.0.1:…\n")

    def test_what_records_makes_is_read_back(self):
        """A policy, as the records that `records` makes of it, and what is imported from those, mean the same."""
        self.policy(f"""version: 1
defaults: {{iodef: ["mailto:pki@example.com"]}}
subtrees:
  example.com: {{}}
  dev.example.com: {{allow: [letsencrypt.org]}}
approvals:
  - {{name: shop.example.com, issuer: letsencrypt.org}}
  - {{name: www.dev.example.com, issuer: {{ca: digicert.com, accounts: ["{ACCOUNT}", "{ACCOUNT}2"], methods: [dns-01]}}, wildcard: true}}
  - {{name: all.example.com, issuer: digicert.com, subtree: true}}
""")
        self.write("zone", TOP)
        self.write("served", self.run_command("records", "--zone-file", "zone", "--whole").stdout)
        done = self.run_command("import", "--zone-file", "served")
        self.assertEqual(done.status, 0)
        self.assertTrue(done.stderr.endswith("; the policy means what the zone means\n"), done.stderr)
        self.write("imported.yaml", done.stdout)
        self.run_command("diff", "policy.yaml", "imported.yaml").expect(0, "the same: no name has other grants\n")

    def test_a_tag_that_is_no_word(self):
        """What is in a zone is not to be taken for a part of the policy."""
        tag = "x\nsubtrees: {example.net: {}}"
        self.write("zone", TOP + f"@ TYPE257 \\# {2 + len(tag)} 00{len(tag):02x}{tag.encode().hex()}\n")
        done = self.run_command("import", "--zone-file", "zone")
        self.assertEqual(done.status, 0, done.stderr)
        self.assertIn("example.com CAA 0 x\\010subtrees\\058\\032", done.stdout)
        self.assertNotIn("\nsubtrees: {example.net", done.stdout + done.stderr)

    def test_nothing_to_import(self):
        self.write("zone", TOP)
        done = self.run_command("import", "--zone-file", "zone")
        self.assertEqual(done.status, 0)
        self.assertIn("version: 1\nsubtrees: {}\n", done.stdout)
        self.policy(done.stdout)
        self.assertEqual(self.run_command("check").status, 0)
        self.assertIn("note: example.com: there is no CAA at the zone's apex: every CA may issue", done.stderr)

    def test_json(self):
        self.write("zone", TOP + '@ CAA 0 issuewild ";"\nx CAA 0 issue "digicert.com"\n')
        done = self.run_command("import", "--zone-file", "zone", "--format", "json")
        self.assertEqual((done.status, done.stderr), (0, ""))
        note = "its set has no `issue`, so every CA may issue: the policy leaves the name, and those below it, to the zone"
        self.assertEqual(done.json() | {"policy": None}, {
            "zone": "example.com", "subtrees": 1, "approvals": 0, "policy": None,
            "notes": [{"name": "example.com", "record": None, "text": note, "changesMeaning": False}]})

    def test_bad_input(self):
        self.run_command("import").expect(2, "", "caapolicy: give either --zone-file FILE or --axfr SERVER ZONE\n")
        self.run_command("import", "--zone-file", "none").expect(1, "", "caapolicy: can't read `none`: No such file or directory\n")
        self.run_command("import", "--axfr", "127.0.0.1:53", "a..b").expect(2, "", "caapolicy: `a..b` is not a host name\n")
        self.run_command("import", "--axfr", "127.0.0.1:port", "example.com").expect(2, "", "caapolicy: `127.0.0.1:port` is no server: …\n")
        self.write("zone", ZONE)
        self.write("file", "")
        self.run_command("import", "--zone-file", "zone", "--output", "file").expect(1, "", "caapolicy: can't make the folder `file/approvals.d`: …\n")
        self.assertFalse(os.path.exists(f"{self.folder}/file/policy.yaml"))


if __name__ == "__main__":
    unittest.main()
