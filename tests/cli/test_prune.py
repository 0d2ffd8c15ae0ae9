#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy prune."""
import os
import unittest

import command

POLICY = """version: 1
subtrees: {example.com: {}}
include: [approvals.d/*.yaml]
approvals:
  # ours
  - {name: a.example.com, issuer: letsencrypt.org, until: 2020-01-01T00:00:00Z}
  - {name: b.example.com, issuer: letsencrypt.org} # stays
"""
OWN = "approvals.d/c.example.com-2020-01-01T000000Z.yaml"


class Prune(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("approvals.d/.caapolicy-Lefto1", "left by one that was killed")
        self.run_command("approve", "c.example.com", "--issuer", "letsencrypt.org", "--at", "2020-01-01T00:00:00Z", "--for", "2d")
        self.write("approvals.d/.caapolicy-Lefto2", "left by one that was killed")

    def files(self):
        return sorted(os.listdir(f"{self.folder}/approvals.d"))

    def test_prunes(self):
        said = ("a.example.com for letsencrypt.org, ended 2020-01-01T00:00:00Z, policy.yaml:6", f"c.example.com for letsencrypt.org, ended 2020-01-03T00:00:00Z, {OWN}:3")
        self.run_command("prune", "--dry-run").expect(0, "".join(f"would prune: {line}\n" for line in said))
        self.assertEqual((self.read("policy.yaml"), self.files()), (POLICY, [".caapolicy-Lefto2", os.path.basename(OWN)]))
        self.run_command("prune").expect(0, "".join(f"pruned: {line}\n" for line in said))
        self.assertEqual((self.read("policy.yaml"), self.files()), ("".join(POLICY.splitlines(True)[:4] + POLICY.splitlines(True)[6:]), []))
        self.write("approvals.d/.caapolicy-Lefto3", "left by one that was killed")
        self.run_command("prune", "--at", "2021-01-01T00:00:00Z").expect(0, "nothing to prune: no approval has ended by 2021-01-01T00:00:00Z\n")
        self.assertEqual(self.files(), [])

    def test_comments(self):
        """Directly above, at the dash: it goes. All else that a person wrote stays."""
        gone = "until: 2020-01-01T00:00:00Z"
        before = f"""# Ours.
approvals:
  # Shops, all of them.

  # asked for by Ann, and
  # again by Ben
  - name: a.example.com
    # only for a while
    issuer: letsencrypt.org
    {gone}
    # of a

  # Ann's other one
  - {{name: b.example.com, issuer: letsencrypt.org}}
    # of b
  # Ben's
  - {{name: x.example.com, issuer: letsencrypt.org, {gone}}}

# Others.
  - {{name: y.example.com, issuer: letsencrypt.org, {gone}}}
# End.
"""
        after = """# Ours.
approvals:
  # Shops, all of them.


  # Ann's other one
  - {name: b.example.com, issuer: letsencrypt.org}
    # of b

# Others.
# End.
"""
        self.write("approvals.d/shops.yaml", before)
        self.assertEqual(self.run_command("prune").status, 0)
        self.assertEqual(self.read("approvals.d/shops.yaml"), after)

    def test_only_older(self):
        at = ["--at", "2020-01-03T00:00:00Z"]
        self.assertEqual([[approval["name"] for approval in self.run_command("prune", "--dry-run", "--format", "json", *args).json()["pruned"]] for args in (
            at, [*at, "--older", "0d"], [*at, "--older", "2d"], [*at, "--older", "3d"], ["--at", "2020-01-02T23:59:59Z"], ["--at", "2019-12-31T23:59:59Z"], ["--older", "99999999w"])],
            [["a.example.com", "c.example.com"]] * 2 + [["a.example.com"], [], ["a.example.com"], [], []])

    def test_json(self):
        json = self.run_command("prune", "--format", "json").json()
        self.assertEqual((json["done"], [approval["place"] for approval in json["pruned"]], json["byHand"], json["changedFiles"], json["removedFiles"]),
                         (True, ["policy.yaml:6", f"{OWN}:3"], [], ["policy.yaml"], [OWN]))

    def test_some_by_hand(self):
        text = "approvals:\n  - # why\n    name: x.example.com\n    issuer: letsencrypt.org\n    until: 2020-01-01T00:00:00Z\n"
        self.write("approvals.d/odd.yaml", text)
        self.run_command("prune").expect(1, "pruned: a.example.com for …\npruned: c.example.com for …\n", """to be edited by hand: x.example.com for letsencrypt.org, ended 2020-01-01T00:00:00Z, approvals.d/odd.yaml:3
caapolicy: some are written in a way in which they can't be taken out without touching something else
""")
        self.assertEqual((self.read("approvals.d/odd.yaml"), self.files()), (text, ["odd.yaml"]))

    def test_bad_input(self):
        self.run_command("prune", "--older", "soon").expect(2, "", "caapolicy: --older: `soon` is not a span such as 30d: a whole number and `s`, `m`, `h`, `d` or `w`\n")
        self.run_command("prune", "--at", "2999-01-01T00:00:00Z").expect(2, "", "caapolicy: --at: with an instant to come, approvals would go that are in force; add --dry-run to see which\n")
        self.assertEqual(self.run_command("prune", "--at", "2999-01-01T00:00:00Z", "--dry-run").status, 0)
        self.policy(POLICY + "nonsense: 1\n")
        self.run_command("prune").expect(4, "", "policy.yaml:8:1: error: …\n…\ncaapolicy: the policy `policy.yaml` has errors, see above; nothing was written; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")
        self.assertEqual(self.files(), [".caapolicy-Lefto2", os.path.basename(OWN)])


if __name__ == "__main__":
    unittest.main()
