#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy list."""
import os
import unittest

import command

AT = "2026-11-22T09:00:00Z"
POLICY = """version: 1
issuers: {le-web: {ca: letsencrypt.org, methods: [dns-01]}}
subtrees:
  example.com: {}
  shops.example.com: {delegate: shops.yaml}
approvals:
  - {name: soon.example.com, issuer: le-web, until: 2026-11-25T09:00:00Z, ticket: Größe-1}
  - {name: later.example.com, issuers: [letsencrypt.org, digicert.com], wildcard: true, until: 2026-12-22T00:00:00Z}
  - {name: over.example.com, issuer: le-web, until: 2026-11-22T09:00:00Z}
  - {name: next.example.com, issuer: digicert.com, wildcard: only, from: 2026-11-22T10:30:00Z, until: 2026-11-23T09:00:00Z}
  - {name: ever.example.com, issuer: digicert.com, subtree: true, ticket: SEC-1}
"""


class List(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("shops.yaml", "approvals: [{name: toys.shops.example.com, issuer: le-web}]\n")

    def names(self, *args):
        done = self.run_command("list", "--at", AT, "--format", "json", *args)
        self.assertEqual((done.status, done.stderr), (0, ""))
        return [approval["name"].split(".")[0] for approval in done.json()["approvals"]]

    def test_table(self):
        self.run_command("list", "--at", AT).expect(0, """\
NAME                    ISSUER           FOR           UNTIL                 LEFT     TICKET
ever.example.com        digicert.com     name, below   -                     -        SEC-1
  at policy.yaml:11
later.example.com       letsencrypt.org  name, *.name  2026-12-22            29d      -
                        digicert.com
  at policy.yaml:8
next.example.com        digicert.com     *.name        2026-11-23T09:00:00Z  to come  -
  begins 2026-11-22T10:30:00Z
  at policy.yaml:10
over.example.com        le-web           name          2026-11-22T09:00:00Z  expired  -
  le-web: letsencrypt.org, method dns-01
  at policy.yaml:9
toys.shops.example.com  le-web           name          -                     -        -
  le-web: letsencrypt.org, method dns-01
  at shops.yaml:1
soon.example.com        le-web           name          2026-11-25T09:00:00Z  3d       Größe-1
  le-web: letsencrypt.org, method dns-01
  at policy.yaml:7
""")

    def test_columns_that_nobody_needs(self):
        self.run_command("list", "--at", AT, "--under", "toys.shops.example.com").expect(0, """\
NAME                    ISSUER  FOR   PLACE
toys.shops.example.com  le-web  name  shops.yaml:1
  le-web: letsencrypt.org, method dns-01
""")

    def test_fits_a_terminal(self):
        """What approvals ordinarily are; the place then goes below."""
        self.policy(POLICY.replace("approvals:", "include: [approvals.d/*.yaml]\napprovals:", 1))
        os.mkdir(f"{self.folder}/approvals.d")
        accounts = [f"https://acme-v02.api.letsencrypt.org/acme/acct/{n}" for n in (1234567890, 2345678901)]
        approve = ["approve", "new.example.com", "--issuer", "letsencrypt.org", "--at", AT, "--for", "90d", "--ticket", "SEC-1234", "--wildcard"]
        self.assertEqual(self.run_command(*approve, "--account", accounts[0], "--method", "dns-01").status, 0)
        self.assertEqual(self.run_command(*approve, "--account", accounts[1], "--file", "approvals.d/a.yaml").status, 0)
        expected = f"""\
NAME                    ISSUER           FOR           UNTIL                 LEFT     TICKET
ever.example.com        digicert.com     name, below   -                     -        SEC-1
  at policy.yaml:12
…
new.example.com         letsencrypt.org  name, *.name  2027-02-20T09:00:00Z  90d      SEC-1234
  letsencrypt.org: account {accounts[1]}
  at approvals.d/a.yaml:3
new.example.com         letsencrypt.org  name, *.name  2027-02-20T09:00:00Z  90d      SEC-1234
  letsencrypt.org: account {accounts[0]}, method dns-01
  at approvals.d/new.example.com-2026-11-22T090000Z.yaml:3
…
"""
        done = self.run_command("list", "--at", AT).expect(0, expected)
        self.assertEqual(max(map(len, done.stdout.splitlines())), 99)
        # Places are told from the policy's folder on, whatever the way to it.
        self.run_command("list", "--at", AT, "--policy", f"{self.folder}/policy.yaml").expect(0, expected)
        # For programs all of it is there, and the way as it is.
        found = self.run_command("list", "--at", AT, "--policy", f"{self.folder}/policy.yaml", "--under", "new.example.com", "--format", "json").json()["approvals"]
        self.assertEqual(found[1], {
            "name": "new.example.com", "issuers": [{"issuer": "letsencrypt.org", "ca": "letsencrypt.org", "accounts": [accounts[0]], "methods": ["dns-01"]}],
            "wildcard": True, "subtree": False, "state": "live", "from": AT, "until": "2027-02-20T09:00:00Z", "ticket": "SEC-1234", "by": found[1]["by"],
            "place": f"{self.folder}/approvals.d/new.example.com-2026-11-22T090000Z.yaml:3"})

    def test_place_outside_of_the_folder(self):
        self.write("conf/policy.yaml", "version: 1\nsubtrees: {example.com: {}}\ninclude: [approvals.yaml, ../shared.yaml]\n")
        self.write("conf/approvals.yaml", "approvals: [{name: a.example.com, issuer: digicert.com}]\n")
        self.write("shared.yaml", "approvals: [{name: b.example.com, issuer: digicert.com}]\n")
        self.run_command("list", "--policy", "conf/policy.yaml").expect(0, """\
NAME           ISSUER        FOR   PLACE
a.example.com  digicert.com  name  approvals.yaml:1
b.example.com  digicert.com  name  ../shared.yaml:1
""")

    def test_filters(self):
        self.assertEqual(self.names("--expiring", "14d"), ["soon"])
        self.assertEqual(self.names("--expiring", "3d"), ["soon"])
        self.assertEqual(self.names("--expiring", "71h"), [])
        self.assertEqual(self.names("--expiring", "30d"), ["later", "soon"])
        self.assertEqual(self.names("--expired"), ["over"])
        self.assertEqual(self.names("--issuer", "le-web"), ["over", "toys", "soon"])
        self.assertEqual(self.names("--issuer", "LETSENCRYPT.org"), ["later", "over", "toys", "soon"])
        self.assertEqual(self.names("--issuer", "nobody.example.net"), [])
        self.assertEqual(self.names("--under", "shops.example.com"), ["toys"])
        self.assertEqual(self.names("--under", "soon.example.com"), ["soon"])
        self.assertEqual(self.names("--under", "example.com", "--issuer", "le-web", "--expired"), ["over"])

    def test_json(self):
        json = self.run_command("list", "--at", AT, "--format", "json").json()
        self.assertEqual(json["at"], AT)
        self.assertEqual({approval["name"].split(".")[0]: approval["state"] for approval in json["approvals"]},
                         {"soon": "live", "later": "live", "over": "expired", "next": "to come", "ever": "live", "toys": "live"})
        self.assertEqual(json["approvals"][0], {"name": "ever.example.com", "issuers": [{"issuer": "digicert.com", "ca": "digicert.com", "accounts": [], "methods": []}], "wildcard": False,
                                                "subtree": True, "state": "live", "from": None, "until": None, "ticket": "SEC-1", "place": "policy.yaml:11"})

    def test_none(self):
        self.run_command("list", "--under", "nowhere.example.com").expect(0, "none of 6 approvals matches\n")
        self.policy("version: 1\nsubtrees: {example.com: {}}\n")
        self.run_command("list").expect(0, "no approvals\n")
        self.run_command("list", "--format", "json", "--at", AT).expect(0, '{\n  "at": "2026-11-22T09:00:00Z",\n  "approvals": []\n}\n')

    def test_bad_input(self):
        self.run_command("list", "--expiring", "2 weeks").expect(2, "", "caapolicy: --expiring: `2 weeks` is not a span such as 14d: a whole number and `s`, `m`, `h`, `d` or `w`\n")
        self.run_command("list", "--under", "a b").expect(2, "", "caapolicy: `a b` is not a host name\n")
        self.run_command("list", "--expired", "--expiring", "1d").expect(2, "", "caapolicy: `--expiring` and `--expired` can't go together: give one of them\nsee `caapolicy list --help`\n")
        self.policy(POLICY + "nonsense: 1\n")
        self.run_command("list").expect(4, "", "policy.yaml:12:1: error: …\n…\ncaapolicy: the policy `policy.yaml` has errors, see above; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")

    def test_broken_team(self):
        """Its approvals are missing: that is said."""
        self.write("shops.yaml", "nonsense: 1\n")
        self.run_command("list", "--at", AT, "--under", "shops.example.com").expect(0, "none of 5 approvals matches\n", """\
shops.yaml:1:1: error: unknown key `nonsense` in …
…
caapolicy: delegated files with errors, see above, grant nothing here; a running server keeps to their last good versions
""")

    def test_colours(self):
        shown = self.run_on_terminal("list", "--at", AT).stdout.splitlines()
        self.assertEqual([line.split("m")[0] if line.startswith("\033[") else "" for line in shown], [
            "\033[1", "", "\033[2", "", "", "\033[2", *["\033[2"] * 6, "", *["\033[2"] * 2, "\033[33", *["\033[2"] * 2])


if __name__ == "__main__":
    unittest.main()
