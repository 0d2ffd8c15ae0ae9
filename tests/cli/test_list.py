#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy list."""
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
  - {name: later.example.com, issuers: [letsencrypt.org, digicert.com], wildcard: true, until: 2026-12-22T09:00:00Z}
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
        self.run_command("list", "--at", AT).expect(0, """NAME                    ISSUER                         FOR                  FROM                  UNTIL                 LEFT           TICKET   PLACE
ever.example.com        digicert.com                   name, and all below  -                     -                     -              SEC-1    policy.yaml:11
later.example.com       letsencrypt.org, digicert.com  name and *.name      -                     2026-12-22T09:00:00Z  30d            -        policy.yaml:8
next.example.com        digicert.com                   *.name only          2026-11-22T10:30:00Z  2026-11-23T09:00:00Z  begins in 90m  -        policy.yaml:10
over.example.com        le-web                         name                 -                     2026-11-22T09:00:00Z  expired        -        policy.yaml:9
toys.shops.example.com  le-web                         name                 -                     -                     -              -        shops.yaml:1
soon.example.com        le-web                         name                 -                     2026-11-25T09:00:00Z  3d             Größe-1  policy.yaml:7
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
        self.run_command("list").expect(4, "", "policy.yaml:12:1: error: …\n…\ncaapolicy: the policy `policy.yaml` has errors, see above\n")

    def test_colours(self):
        shown = self.run_on_terminal("list", "--at", AT).stdout.splitlines()
        self.assertEqual([line.split("m")[0] if line.startswith("\033[") else "" for line in shown], ["\033[1", "", "", "\033[2", "\033[2", "", "\033[33"])


if __name__ == "__main__":
    unittest.main()
