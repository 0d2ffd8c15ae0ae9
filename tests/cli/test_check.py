#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy check, and what all subcommands have in common."""
import os
import unittest

import command

GOOD = """version: 1
subtrees:
  example.com: {}
approvals:
  - {name: www.example.com, issuer: letsencrypt.org}
"""
BROKEN = """version: 1
subtrees:
  example.com:
    alow: [letsencrypt.org]
"""
WARNED = GOOD + "  - {name: old.example.com, issuer: letsencrypt.org, until: 2020-01-01T00:00:00Z}\n"


class Check(command.TestCase):
    def test_good(self):
        self.policy(GOOD)
        self.run_command("check").expect(0, "good: policy.yaml, 1 file, 1 subtree, 1 approval (1 live)\n")

    def test_broken(self):
        self.policy(BROKEN)
        self.run_command("check").expect(4, """policy.yaml:4:5: error: unknown key `alow` in a subtree [unknown-key]
    alow: [letsencrypt.org]
    ^~~~
  hint: did you mean `allow`?
1 error, 0 warnings in policy.yaml
""")

    def test_warning(self):
        self.policy(WARNED)
        self.run_command("check").expect(0, """policy.yaml:6:12: warning: …[approval-expired]
…
good, with 1 warning: policy.yaml, 1 file, 1 subtree, 2 approvals (1 live)
""")
        self.run_command("check", "--strict").expect(4, "…\nfailed, as --strict has it: 1 warning in policy.yaml\n")
        self.run_command("check", "--strict", "--at", "2019-01-01T00:00:00Z").expect(
            0, "good: policy.yaml, 1 file, 1 subtree, 2 approvals (2 live)\n")

    def test_team_that_is_broken(self):
        self.policy("version: 1\nsubtrees: {example.com: {}, a.example.com: {delegate: team.yaml}}\n")
        self.write("team.yaml", "approvals: 1\n")
        done = self.run_command("check", "--format", "json")
        self.assertEqual((done.status, done.json()["errors"], [problem["file"] for problem in done.json()["diagnostics"]]),
                         (4, 1, ["policy.yaml", "team.yaml"]))

    def test_json(self):
        self.policy(BROKEN)
        done = self.run_command("check", "--format", "json")
        self.assertEqual((done.status, done.stderr), (4, ""))
        self.assertEqual(done.json(), {"good": False, "errors": 1, "warnings": 0, "files": 1, "diagnostics": [
            {"file": "policy.yaml", "line": 4, "column": 5, "length": 4, "severity": "error", "code": "unknown-key",
             "message": "unknown key `alow` in a subtree", "hint": "did you mean `allow`?"}]})
        self.policy(GOOD)
        self.assertEqual(self.run_command("check", "--format", "json").json(), {
            "good": True, "errors": 0, "warnings": 0, "files": 1, "subtrees": 1, "approvals": 1, "live": 1, "diagnostics": []})

    def test_sarif(self):
        self.write("caa dir/policy.yaml", BROKEN.replace("    alow", "    # é\n    é: 1\n    alow"))
        done = self.run_command("check", "--sarif", "--policy", "caa dir/policy.yaml")
        run = done.json()["runs"][0]
        self.assertEqual((done.status, done.json()["version"], run["tool"]["driver"]["name"]), (4, "2.1.0", "caapolicy"))
        self.assertEqual([rule["id"] for rule in run["tool"]["driver"]["rules"]], ["unknown-key"])
        self.assertEqual([(result["level"], result["locations"][0]["physicalLocation"]) for result in run["results"]], [
            ("error", {"artifactLocation": {"uri": "caa%20dir/policy.yaml", "uriBaseId": "%SRCROOT%"},
                       "region": {"startLine": line, "startColumn": 5, "endColumn": end}}) for line, end in ((5, 6), (6, 9))])
        self.assertEqual(run["results"][1]["message"]["text"], "unknown key `alow` in a subtree. Hint: did you mean `allow`?")


class Common(command.TestCase):
    def test_missing_policy(self):
        self.run_command("check").expect(4, """policy.yaml: error: cannot read `policy.yaml`: No such file or directory [cannot-read]
  hint: create the file, or mend the path that names it
1 error, 0 warnings in policy.yaml
""")
        self.run_command("explain", "www.example.com").expect(4, "", """policy.yaml: error: cannot read …
  hint: …
caapolicy: the policy `policy.yaml` has errors, see above; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong
""")

    def test_option_wins_over_the_environment(self):
        self.policy(BROKEN)
        other = self.write("other.yaml", GOOD)
        self.assertEqual(self.run_command("check", "--policy", other).status, 0)
        self.assertEqual(self.run_command("--policy", other, "check").status, 0)
        self.assertEqual(self.run_command("check", env={"CAAPOLICY_FILE": other}).status, 0)

    def test_usage(self):
        hint = "see `caapolicy --help`\n"
        self.run_command().expect(2, "", "caapolicy: a command is missing\n" + hint)
        self.run_command("chekc").expect(2, "", "caapolicy: there is no command `chekc`; did you mean `check`?\n" + hint)
        hint = "see `caapolicy check --help`\n"
        self.run_command("check", "--at", "now").expect(2, "", "caapolicy: --at: `now` is not an instant such as 2026-11-22T09:00:00Z\n")
        self.run_command("check", "--format", "xml").expect(2, "", "caapolicy: --format: `xml` must be `text` or `json`\n" + hint)
        self.run_command("check", "--polciy", "x").expect(2, "", "caapolicy: there is no option `--polciy`; did you mean `--policy`?\n" + hint)
        self.run_command("approve", "a.example.com", "--isuer=x").expect(
            2, "", "caapolicy: there is no option `--isuer`; did you mean `--issuer`?\nsee `caapolicy approve --help`\n")

    def test_help(self):
        done = self.run_command("--help")
        self.assertEqual((done.status, done.stderr), (0, ""))
        self.assertIn("Exit status: 0 ok or allowed, 1 failed, 2 wrong usage, 3 denied, 4 the policy has errors.", done.stdout)
        self.assertRegex(self.run_command("check", "--help").stdout, r"Examples:\n  caapolicy check")
        self.assertRegex(self.run_command("--version").stdout, r"\A\d+\.\d+\.\d+\n\Z")

    def test_colours(self):
        self.policy(BROKEN)
        self.assertIn("\033[1;31merror:\033[0m unknown key", self.run_on_terminal("check").stdout)
        self.assertNotIn("\033", self.run_on_terminal("check", env={"NO_COLOR": "1"}).stdout)
        self.assertNotIn("\033", self.run_on_terminal("check", env={"TERM": "dumb"}).stdout)
        self.assertNotIn("\033", self.run_command("check").stdout)

    def test_output_that_can_not_be_written(self):
        self.policy(GOOD)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = command.subprocess.run([command.COMMAND, "check"], cwd=self.folder, env=self.environment(), stdout=full,
                                          stderr=command.subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, "caapolicy: can't write the output\n"))

    @unittest.skipUnless(os.geteuid() == 0, "root reads everything, but others are there to try")
    def test_unreadable_policy(self):
        os.chmod(self.policy(GOOD), 0o600)
        os.chmod(self.folder, 0o755)
        done = command.subprocess.run(["setpriv", "--reuid", "nobody", "--clear-groups", command.COMMAND, "check"], cwd=self.folder,
                                      env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("error: user `nobody` may not read `policy.yaml` [permission-denied]\n"
                      "  hint: run this as root, or as a member of the group that the server reads the policy by\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
