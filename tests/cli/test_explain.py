#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy explain."""
import unittest

import command

POLICY = """version: 1
issuers:
  le-web: {ca: letsencrypt.org, accounts: ["https://acme-v02.api.letsencrypt.org/acme/acct/12345"], methods: [http-01]}
subtrees:
  example.com: {}
  dev.example.com: {allow: [le-web]}
  team.example.com: {delegate: team.yaml}
approvals:
  - {name: shop.example.com, issuer: le-web, until: 2036-01-01T00:00:00Z, ticket: SEC-1, reason: storefront, by: pki@example.com}
"""
ACCOUNT = "https://acme-v02.api.letsencrypt.org/acme/acct/12345"
SET = f'0 issue "letsencrypt.org; accounturi={ACCOUNT}; validationmethods=http-01"'


class Explain(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("team.yaml", "approvals: []\n")

    def test_approved(self):
        self.run_command("explain", "shop.example.com").expect(0, f"""shop.example.com is governed by example.com (policy.yaml:5)
grants:
  letsencrypt.org, no wildcard, account {ACCOUNT}, method http-01
    approved at policy.yaml:9 until 2036-01-01T00:00:00Z, ticket SEC-1, reason: storefront, by pki@example.com
records:
  shop.example.com. 300 IN CAA {SET}
  shop.example.com. 300 IN CAA 0 issuewild ";"
  ; the guard: names below are not granted what shop.example.com is
  *.shop.example.com. 300 IN CAA 0 issue ";"
next change: 2036-01-01T00:00:00Z
what a CA sees, going up from the name until there are CAA records:
  shop.example.com: the records above; the name is there by the policy, so the CA goes no further
""")

    def test_ttl_ends_before_the_change(self):
        done = self.run_command("explain", "shop.example.com", "--at", "2035-12-31T23:59:00Z")
        self.assertIn(f"  shop.example.com. 59 IN CAA {SET}\n", done.stdout)
        self.run_command("explain", "shop.example.com", "--at", "2036-01-01T00:00:00Z").expect(0, """shop.example.com is governed …
nobody may issue for it: no approval is in force, and its subtree allows nobody
records:
  shop.example.com. 300 IN CAA 0 issue ";"
next change: none until the policy is changed
what a CA sees, going up from the name until there are CAA records:
…
""")

    def test_allowed_request(self):
        request = ["explain", "SHOP.example.com.", "--ca", "LetsEncrypt.org", "--account", ACCOUNT, "--method", "http-01"]
        done = self.run_command(*request)
        self.assertEqual(done.status, 0)
        self.assertTrue(done.stdout.startswith(f"allowed: letsencrypt.org for shop.example.com, {ACCOUNT}, http-01\n"), done.stdout)

    def test_denied_requests(self):
        for options, missing, line in (
            (["--ca", "letsencrypt.org", "--account", ACCOUNT, "--method", "dns-01"],
             "the grant of letsencrypt.org at policy.yaml:9 doesn't cover it: it is only for the method http-01",
             f"--issuer letsencrypt.org --account {ACCOUNT} --method dns-01"),
            # Not wider than what is granted.
            (["--ca", "letsencrypt.org", "--wildcard"],
             f"the grant of letsencrypt.org at policy.yaml:9 doesn't cover it: the request names no account, and the grant is only for {ACCOUNT}; "
             "the request names no method, and the grant is only for http-01; it is not for wildcards",
             f"--issuer letsencrypt.org --account {ACCOUNT} --method http-01 --wildcard=only"),
            (["--ca", "letsencrypt.org", "--account", ACCOUNT, "--method", "http-01", "--wildcard"],
             "the grant of letsencrypt.org at policy.yaml:9 doesn't cover it: it is not for wildcards",
             f"--issuer letsencrypt.org --account {ACCOUNT} --method http-01 --wildcard=only"),
            (["--ca", "other.example"], "nothing that is in force grants other.example anything here", "--issuer other.example"),
        ):
            with self.subTest(options=options):
                done = self.run_command("explain", "shop.example.com", *options)
                self.assertEqual((done.status, done.stderr), (3, ""))
                self.assertTrue(done.stdout.startswith("denied: "), done.stdout)
                self.assertTrue(done.stdout.endswith(f"what is missing:\n  {missing}\n  to grant it: caapolicy approve shop.example.com {line}\n"),
                                done.stdout)

    def test_request_that_is_given_in_part(self):
        for options, missing in (
            ([], f"the request names no account, and the grant is only for {ACCOUNT}; the request names no method, and the grant is only for http-01"),
            (["--method", "http-01"], f"the request names no account, and the grant is only for {ACCOUNT}"),
        ):
            with self.subTest(options=options):
                done = self.run_command("explain", "shop.example.com", "--ca", "letsencrypt.org", *options)
                self.assertEqual((done.status, done.stderr), (3, ""))
                self.assertTrue(done.stdout.endswith(f"""what is missing:
  the grant of letsencrypt.org at policy.yaml:9 doesn't cover it: {missing}
  a request that names them is allowed: ask with --account and --method
"""), done.stdout)
                done = self.run_command("explain", "shop.example.com", "--ca", "letsencrypt.org", *options, "--format", "json")
                self.assertIsNone(done.json()["verdict"]["approve"])

    def test_name_that_only_a_guard_answers_for(self):
        done = self.run_command("explain", "a.b.shop.example.com")
        self.assertTrue(done.stdout.endswith("""what a CA sees, going up from the name until there are CAA records:
  a.b.shop.example.com: the records above, if the name exists or the server answers for names that don't
  b.shop.example.com: likewise: the same records, if it exists
  b.shop.example.com: otherwise the guard *.shop.example.com answers, since what is granted to shop.example.com is not for names below; the CA goes no further
to let a CA issue: caapolicy approve a.b.shop.example.com --issuer ISSUER --for 30d
"""), done.stdout)
        done = self.run_command("explain", "x.dev.example.com")
        self.assertTrue(done.stdout.endswith("  dev.example.com: otherwise its records, which are there by the policy and permit the same; the CA goes no further\n"), done.stdout)

    def test_json(self):
        done = self.run_command("explain", "shop.example.com", "--ca", "other.example", "--format", "json")
        self.assertEqual(done.status, 3)
        self.assertEqual(done.json() | {"at": None}, {
            "name": "shop.example.com", "at": None, "governed": True,
            "subtree": {"name": "example.com", "place": "policy.yaml:5", "denied": False},
            "grants": [{"ca": "letsencrypt.org", "accounts": [ACCOUNT], "methods": ["http-01"], "wildcard": "no wildcard", "place": "policy.yaml:9",
                        "approval": {"name": "shop.example.com", "subtree": False, "until": "2036-01-01T00:00:00Z", "reason": "storefront",
                                     "ticket": "SEC-1", "by": "pki@example.com"}}],
            "ttl": 300, "records": [SET, '0 issuewild ";"'], "belowRecords": ['0 issue ";"'], "changes": "2036-01-01T00:00:00Z",
            "climb": [{"name": "shop.example.com", "records": [SET, '0 issuewild ";"'], "why": "the records above; the name is there by the policy, so the CA goes no further"}],
            "verdict": {"allow": False, "ca": "other.example", "account": "", "method": "", "wildcard": False,
                        "missing": ["nothing that is in force grants other.example anything here"],
                        "approve": "caapolicy approve shop.example.com --issuer other.example"}})

    def test_not_governed(self):
        self.run_command("explain", "www.example.net").expect(
            0, "www.example.net is not governed: no subtree of the policy is at or above it, and its CAA is left as it is\n")
        self.assertEqual(self.run_command("explain", "www.example.net", "--format", "json").json()["governed"], False)

    def test_team_that_is_broken(self):
        self.write("team.yaml", "approvals: 1\n")
        self.run_command("explain", "x.team.example.com").expect(0, """x.team.example.com is governed by team.example.com (policy.yaml:7)
denied as a whole: the file that it is delegated to has no version that is good here
…
""", """team.yaml:1:12: error: …
…
""")

    def test_ca_by_another_name(self):
        for name in ("le-web", "letsencrypt"):
            done = self.run_command("explain", "shop.example.com", "--ca", name, "--account", ACCOUNT, "--method", "http-01")
            self.assertEqual(done.status, 0, done.stderr)
            self.assertTrue(done.stdout.startswith("allowed: letsencrypt.org for "), done.stdout)
        self.run_command("explain", "shop.example.com", "--ca", "le-wbe").expect(
            2, "", "caapolicy: --ca: `le-wbe` is no issuer domain, no name under `issuers` and no id of a CA; did you mean `le-web`?\n")
        self.run_command("explain", "shop.example.com", "--ca", "nobody").expect(
            2, "", "caapolicy: --ca: `nobody` is no issuer domain, no name under `issuers` and no id of a CA\n")
        self.run_command("explain", "shop.example.com", "--ca", "le-web", "--method", "dns01").expect(
            2, "", "caapolicy: --method: `dns01` is no validation method; did you mean `dns-01`?\n")

    def test_bad_usage(self):
        self.run_command("explain", "*.example.com").expect(
            2, "", "caapolicy: `*.example.com` is not a host name; for a wildcard, give the name without `*.`\n")
        self.run_command("explain", "a..example.com").expect(2, "", "caapolicy: `a..example.com` is not a host name\n")
        self.run_command("explain", "shop.example.com", "--method", "dns-01").expect(
            2, "", "caapolicy: --account, --method and --wildcard need --ca: whose request is it?\n")
        self.assertEqual(self.run_command("explain").status, 2)


if __name__ == "__main__":
    unittest.main()
