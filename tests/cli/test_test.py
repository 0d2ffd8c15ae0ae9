#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy test."""
import unittest
import xml.etree.ElementTree

import command

POLICY = """version: 1
issuers:
  le-web: {ca: letsencrypt.org, accounts: ["https://acme.example.com/1"], methods: [http-01]}
subtrees:
  example.com: {}
  dev.example.com: {allow: [{issuer: digicert.com, wildcard: true}]}
approvals:
  - {name: shop.example.com, issuer: le-web, until: 2036-01-01T00:00:00Z}
"""
GOOD = """
- {name: shop.example.com, ca: letsencrypt.org, account: https://acme.example.com/1, method: http-01, expect: allow}
- {name: shop.example.com, ca: letsencrypt.org, method: dns-01, expect: deny}
- {name: shop.example.com, wildcard: true, expect: deny}
- {name: x.shop.example.com, expect: deny}
- {name: a.dev.example.com, ca: DigiCert.com, wildcard: true, expect: allow}
- {name: shop.example.com, at: 2036-01-01T00:00:00Z, expect: deny}
"""


class Test(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)

    def test_good(self):
        self.write("good.yaml", GOOD)
        self.write("more.yaml", "- {name: www.example.com, expect: deny}\n")
        self.run_command("test", "good.yaml").expect(0, "good: 6 expectations hold\n")
        self.run_command("test", "good.yaml", "more.yaml").expect(0, "good: 7 expectations hold\n")
        self.run_command("test", "more.yaml").expect(0, "good: 1 expectation holds\n")

    def test_failures(self):
        self.write("bad.yaml", """
- {name: shop.example.com, ca: letsencrypt.org, account: https://acme.example.com/1, method: dns-01, expect: allow}
- {name: shop.example.com, expect: deny}
- {name: www.example.com, ca: letsencrypt.org, wildcard: true, expect: allow}
- {name: a.dev.example.com, ca: digicert.com, expect: deny}
- {name: www.example.net, expect: allow}
- {name: www.example.com, expect: deny}
""")
        granted = "granted: letsencrypt.org, account https://acme.example.com/1, method http-01, for the name (policy.yaml:8)"
        self.run_command("test", "bad.yaml", "--junit", "report.xml").expect(3, f"""bad.yaml:2:10: failed: shop.example.com by letsencrypt.org, account https://acme.example.com/1, method dns-01: expected allow, but it is denied
  governed by example.com (policy.yaml:5)
  {granted}
bad.yaml:3:10: failed: shop.example.com by any CA: expected deny, but it is allowed for some
  governed by example.com (policy.yaml:5)
  {granted}
bad.yaml:4:10: failed: *.www.example.com by letsencrypt.org: expected allow, but it is denied
  governed by example.com (policy.yaml:5)
  nobody may issue: no approval is in force, and the subtree allows nobody
bad.yaml:5:10: failed: a.dev.example.com by digicert.com: expected deny, but it is allowed
  governed by dev.example.com (policy.yaml:6)
  granted: digicert.com, any account, any method, for the name and the wildcard (policy.yaml:6)
bad.yaml:6:10: failed: www.example.net by any CA: expected allow, but it is not governed
  no subtree of the policy is at or above it: the CAA of its zone decides
5 failed of 6 expectations
""")
        suite = xml.etree.ElementTree.parse(f"{self.folder}/report.xml").getroot()
        self.assertEqual(suite.attrib, {"name": "caapolicy", "tests": "6", "failures": "5"})
        self.assertEqual([case.find("failure") is not None for case in suite], [True] * 5 + [False])
        self.assertEqual(suite[1].find("failure").attrib, {"message": "it is allowed for some"})
        done = self.run_command("test", "bad.yaml", "--format", "json")
        self.assertEqual((done.status, done.stderr, done.json()["good"], done.json()["expectations"], done.json()["failed"]), (3, "", False, 6, 5))
        self.assertEqual(done.json()["failures"][2], {
            "place": "bad.yaml:4:10", "request": "*.www.example.com by letsencrypt.org", "expected": "allow", "found": "denied",
            "why": ["governed by example.com (policy.yaml:5)", "nobody may issue: no approval is in force, and the subtree allows nobody"]})

    def test_bad_file(self):
        self.write("bad.yaml", """- {name: "*.example.com", expect: deny}
- {name: a.example.com, methd: dns-01, expect: deny}
- {name: a.example.com, method: dns01, expect: maybe}
- {ca: letsencrypt.org}
""")
        self.run_command("test", "bad.yaml").expect(2, "", """bad.yaml:1:11: error: the wildcard `*.example.com` is not a host name [bad-name]
…
bad.yaml:2:25: error: unknown key `methd` in an expectation [unknown-key]
…
  hint: did you mean `method`?
bad.yaml:3:33: error: …`dns01`…
…
bad.yaml:3:48: error: …
…
bad.yaml:4:3: error: an expectation needs the key `name` [missing-key]
…
bad.yaml:4:3: error: an expectation needs the key `expect` [missing-key]
…
caapolicy: the expectations have errors
""")
        self.run_command("test", "none.yaml").expect(2, "", "none.yaml: error: cannot read `none.yaml`: No such file or directory [cannot-read]\n…\n")
        self.write("empty.yaml", "[]\n")
        self.run_command("test", "empty.yaml").expect(2, "", "…\n  hint: nothing expected is nothing tested: add one, or remove the file\n…\n")
        self.assertEqual(self.run_command("test").status, 2)

    def test_bad_policy(self):
        self.write("good.yaml", GOOD)
        self.policy("version: 2\n")
        self.run_command("test", "good.yaml").expect(4, "", "…\ncaapolicy: the policy `policy.yaml` has errors, see above; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")
        self.policy(POLICY.replace("allow: [{issuer: digicert.com, wildcard: true}]", "delegate: team.yaml"))
        self.write("team.yaml", "approvals: 1\n")
        self.write("dev.yaml", "- {name: a.dev.example.com, expect: deny}\n")
        self.assertEqual(self.run_command("test", "dev.yaml").status, 4)

    def test_report_that_cannot_be_written(self):
        self.write("good.yaml", GOOD)
        self.run_command("test", "good.yaml", "--junit", "none/report.xml").expect(1, "", "caapolicy: can't write `none/report.xml`\n")


if __name__ == "__main__":
    unittest.main()
