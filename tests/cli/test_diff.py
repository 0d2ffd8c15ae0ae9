#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy diff."""
import unittest

import command

ACCOUNT = "https://acme-v02.api.letsencrypt.org/acme/acct/"
OLD = """version: 1
subtrees:
  example.com: {}
  dev.example.com: {allow: [letsencrypt.org]}
approvals:
  - {name: shop.example.com, issuer: {ca: letsencrypt.org, methods: [http-01]}, until: 2030-01-01T00:00:00Z}
"""


class Diff(command.TestCase):
    def setUp(self):
        super().setUp()
        self.write("old.yaml", OLD)

    def diff(self, new, *options):
        self.write("new.yaml", new)
        return self.run_command("diff", "old.yaml", "new.yaml", "--at", "2026-11-22T00:00:00Z", *options)

    def test_same_meaning(self):
        same = OLD.replace("approvals:", "include: [more.yaml]\napprovals:").replace("http-01", "http-01, dns-01")
        self.write("more.yaml", "issuers: {le: {ca: letsencrypt.org}}\n")
        self.diff(same.replace(", dns-01", "") + "  - {name: a.dev.example.com, issuer: le}\n").expect(0, "the same: no name has other grants\n")

    def test_wider(self):
        self.diff(OLD.replace("2030", "2031") + "  - {name: pay.example.com, issuer: letsencrypt.org, wildcard: true}\n").expect(
            3, """pay.example.com: wider
  + letsencrypt.org, any account, any method, for the name and the wildcard (new.yaml:7)
shop.example.com: wider
  + letsencrypt.org, any account, method http-01, for the name from 2030-01-01T00:00:00Z until 2031-01-01T00:00:00Z (new.yaml:6)
wider: 2 changes, 2 of them wider
""")

    def test_binding(self):
        bound = OLD.replace("methods: [http-01]", f"methods: [http-01], accounts: ['{ACCOUNT}1']")
        self.diff(bound).expect(0, f"""shop.example.com
  - letsencrypt.org, any account, method http-01, for the name until 2030-01-01T00:00:00Z (old.yaml:6)
      remains: letsencrypt.org, account {ACCOUNT}1, method http-01
nothing is wider: 1 change, 0 of them wider
""")
        self.write("old.yaml", bound)
        self.diff(OLD).expect(3, f"""shop.example.com: wider
  + letsencrypt.org, any account, method http-01, for the name until 2030-01-01T00:00:00Z (new.yaml:6)
      was: letsencrypt.org, account {ACCOUNT}1, method http-01
wider: 1 change, 1 of them wider
""")

    def test_governing(self):
        self.diff(OLD.replace("  example.com: {}\n", "  example.com: {ttl: 60, iodef: [mailto:pki@example.com]}\n  example.net: {allow: [digicert.com]}\n")
                  .replace("  dev.example.com: {allow: [letsencrypt.org]}\n", "")).expect(0, """example.com and names below it
  - ttl 300
  + ttl 60
  + 0 iodef "mailto:pki@example.com"
dev.example.com and names below it
  governed by example.com, by dev.example.com until now
  - letsencrypt.org, any account, any method, for the name (old.yaml:4)
  - ttl 300
  + ttl 60
  + 0 iodef "mailto:pki@example.com"
example.net and names below it
  governed now, by example.net: the CAA of its zone, which decided until now, does so no more
  - any CA, for the name
      remains: digicert.com, any account, any method
  - any CA, for the wildcard
nothing is wider: 3 changes, 0 of them wider
""")

    def test_leaves_and_stays(self):
        self.diff("version: 1\nsubtrees:\n  dev.example.com: {allow: [letsencrypt.org]}\n").expect(3, """example.com and names below it: wider
  no longer governed, by example.com until now: the CAA of its zone decides
  + any CA, for the name and the wildcard
dev.example.com and names below it: unchanged
wider: 1 change, 1 of them wider
""")

    def test_json(self):
        done = self.diff(OLD.replace("[http-01]", "[dns-01, http-01]"), "--format", "json")
        self.assertEqual((done.status, done.stderr), (3, ""))
        self.assertEqual(done.json(), {"at": "2026-11-22T00:00:00Z", "widens": True, "changes": [
            {"name": "shop.example.com", "reach": "name", "widens": True, "unchanged": False, "subtree": {"old": "example.com", "new": "example.com"},
             "added": [{"for": ["name"], "ca": "letsencrypt.org", "account": None, "methods": ["dns-01"], "from": None, "until": "2030-01-01T00:00:00Z",
                        "place": "new.yaml:6", "ofIt": []}],
             "removed": []}]})
        self.assertEqual(self.diff(OLD, "--format", "json").json(), {"at": "2026-11-22T00:00:00Z", "widens": False, "changes": []})

    def test_folders(self):
        self.write("a/policy.yaml", OLD)
        self.write("b/policy.yaml", OLD)
        self.run_command("diff", "a", "b").expect(0, "the same: no name has other grants\n")

    def test_what_is_over_is_no_difference(self):
        self.write("new.yaml", OLD.replace("2030", "2031"))
        self.run_command("diff", "new.yaml", "old.yaml", "--at", "2031-01-01T00:00:00Z").expect(0, "the same: no name has other grants\n")

    def test_bad_input(self):
        self.assertEqual(self.run_command("diff", "old.yaml").status, 2)
        self.run_command("diff", "old.yaml", "none.yaml").expect(4, "", """none.yaml: error: cannot read `none.yaml`: No such file or directory [cannot-read]
  hint: create the file, or mend the path that names it
caapolicy: the policy `none.yaml` has errors, see above
""")
        done = self.diff(OLD.replace("allow:", "alow:"))
        self.assertEqual((done.status, done.stdout), (4, ""))
        self.write("team.yaml", "approvals: 1\n")
        done = self.diff(OLD.replace("allow: [letsencrypt.org]", "delegate: team.yaml"))
        self.assertEqual((done.status, done.stdout), (4, ""))
        self.assertTrue(done.stderr.endswith("caapolicy: the policy `new.yaml` has errors, see above\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
