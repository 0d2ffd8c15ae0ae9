#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy completion: the candidates, and the scripts in real shells."""
import os
import pty
import re
import select
import subprocess
import unittest

import command

POLICY = """version: 1
issuers:
  le-web: {ca: letsencrypt.org, accounts: [https://ca.example.com/acct/1], methods: [http-01]}
  le-unused: {ca: letsencrypt.org}
subtrees:
  example.com: {allow: [le-web]}
approvals:
  - {name: shop.example.com, issuer: digicert.com, until: 2036-01-01T00:00:00Z}
"""


class WithPolicy(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        os.makedirs(f"{self.folder}/bin")
        os.symlink(command.COMMAND, f"{self.folder}/bin/caapolicy")
        # What a server would say.
        self.server('{"name": "tried.example.com", "subtree": "example.com", "exists": true, "count": 1, "first": "2026-11-22T08:00:00Z", '
                    '"last": "2026-11-22T09:00:00Z", "networks": ["192.0.2.0/24"], "moreNetworks": false}')

    def server(self, says, status=0):
        os.chmod(self.write("bin/pdns_control", f"#!/bin/sh\necho a complaint >&2\necho '{says}'\nexit {status}\n"), 0o755)

    def environment(self, more=None):
        return super().environment({"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": self.folder, **(more or {})})

    def candidates(self, *words, **more):
        done = self.run_command("complete", stdin="".join(f"{word}\n" for word in words), **more)
        self.assertEqual((done.status, done.stderr), (0, ""))
        return [line.split("\t")[0] for line in done.stdout.splitlines()]


class Candidates(WithPolicy):
    def test_commands(self):
        everything = self.candidates("")
        self.assertLessEqual({"attempts", "check", "completion", "explain", "report"}, set(everything))
        self.assertEqual(set(everything) & {"complete", "reference"}, set())
        self.assertEqual(self.candidates("exp"), ["explain"])
        self.assertEqual(self.candidates("--policy", "policy.yaml", "exp"), ["explain"])
        self.assertEqual(self.candidates("nonsense", ""), everything)
        self.assertIn("explain\tSay who may issue for a name by the policy, and why\n", self.run_command("complete", stdin="expl\n").stdout)

    def test_options(self):
        self.assertEqual(self.candidates("check", "--s"), ["--strict", "--sarif"])
        self.assertEqual(self.candidates("check", "--strict", "--s"), ["--sarif"])
        self.assertEqual(self.candidates("check", "--form"), ["--format"])
        self.assertEqual(self.candidates("check", "--", "--s"), [])

    def test_values(self):
        self.assertEqual(self.candidates("check", "--format", ""), ["text", "json"])
        self.assertEqual(self.candidates("check", "--format=j"), ["--format=json"])
        self.assertEqual(self.candidates("explain", "--ca", ""), ["digicert.com", "letsencrypt.org"])
        self.assertEqual(self.candidates("explain", "--account", ""), ["https://ca.example.com/acct/1"])
        self.assertIn("dns-01", self.candidates("explain", "--method", "d"))
        self.assertEqual(self.candidates("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.candidates("report", "--html", ""), [":files"])
        self.assertEqual(self.candidates("--policy", ""), [":files"])
        self.assertEqual(self.candidates("attempts", "--since", ""), [])

    def test_names(self):
        self.assertEqual(self.candidates("explain", ""), ["example.com", "shop.example.com", "tried.example.com"])
        self.assertEqual(self.candidates("explain", "s"), ["shop.example.com"])
        self.assertEqual(self.candidates("explain", "shop.example.com", ""), [])
        self.assertEqual(self.candidates("attempts", "--under", ""), ["example.com"])

    def test_approving(self):
        self.assertEqual(self.candidates("approve", ""), ["tried.example.com"])
        self.assertEqual(self.candidates("approve", "tried.example.com", "--issuer", ""), ["digicert.com", "le-unused", "le-web", "letsencrypt.org"])
        self.assertEqual(self.candidates("revoke", ""), ["shop.example.com"])

    def test_other_policy(self):
        other = self.write("other.yaml", "version: 1\nsubtrees: {example.net: {}}\n")
        self.assertEqual(self.candidates("explain", "--policy", other, "example"), ["example.net"])
        self.assertEqual(self.candidates(f"--policy={other}", "explain", "example"), ["example.net"])

    def test_nothing_to_offer_is_no_error(self):
        self.server("no", 1)
        self.assertEqual(self.candidates("explain", ""), ["example.com", "shop.example.com"])
        self.server("nonsense")
        self.assertEqual(self.candidates("explain", ""), ["example.com", "shop.example.com"])
        self.policy("version: 2\n")
        self.assertEqual(self.candidates("explain", ""), [])
        self.assertEqual(self.candidates("explain", "", env={"CAAPOLICY_FILE": "none.yaml"}), [])
        self.assertEqual(self.run_command("complete").stdout, self.run_command("complete", stdin="\n").stdout)


class Terminal:
    """A shell on a terminal: what is typed, and what it shows."""

    def __init__(self, test, words):
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen(words, cwd=test.folder, env=test.environment({"TERM": "dumb", "PS1": "$ "}), stdin=follower, stdout=follower,
                                        stderr=follower, start_new_session=True)
        os.close(follower)
        test.addCleanup(os.close, self.leader)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        self.shown = ""

    def type(self, text):
        os.write(self.leader, text.encode())

    def wait_for(self, pattern):
        while not re.search(pattern, self.shown):
            if not select.select([self.leader], [], [], 30)[0]:
                raise AssertionError(f"{pattern} is not shown: {self.shown!r}")
            self.shown += os.read(self.leader, 65536).decode(errors="replace")
        self.shown = ""


class Shells(WithPolicy):
    def test_script(self):
        self.run_command("completion", "csh").expect(2, "", "caapolicy: SHELL: `csh` is none of `bash`, `zsh` and `fish`\n…\n")
        for shell in ("bash", "zsh", "fish"):
            script = self.write("script", self.run_command("completion", shell).expect(0, "…\n").stdout)
            subprocess.run([shell, "-n", script], check=True, timeout=60)

    def on_terminal(self, *words, setup):
        terminal = Terminal(self, words)
        terminal.type(setup + "; echo rea''dy\n")
        terminal.wait_for("ready")
        for typed, wanted in (("caapolicy expl\t", "explain "), ("caapolicy explain sh\t", r"explain shop\.example\.com "),
                              ("caapolicy check --format=j\t", "check --format=json "), ("caapolicy explain --account https:\t", r"account https://ca\.example\.com/acct/1"),
                              ("caapolicy check --policy polic\t", r"policy\.yaml")):
            terminal.type(typed)
            terminal.wait_for(wanted)
            terminal.type("\x15")  # away with the line

    def test_bash(self):
        self.on_terminal("bash", "--norc", "-i", setup='eval "$(caapolicy completion bash)"')

    def test_zsh(self):
        self.on_terminal("zsh", "-f", "-i", setup='autoload -U compinit; compinit -D -u; eval "$(caapolicy completion zsh)"')

    def test_fish(self):
        self.write(".config/fish/completions/caapolicy.fish", self.run_command("completion", "fish").stdout)

        def complete(line):
            done = subprocess.run(["fish", "-c", f"complete -C '{line}'"], cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=60, check=True)
            return done.stdout.splitlines()
        self.assertEqual(complete("caapolicy expl"), ["explain\tSay who may issue for a name by the policy, and why"])
        self.assertEqual(complete("caapolicy explain sh"), ["shop.example.com\tapproved until 2036-01-01T00:00:00Z"])
        self.assertEqual(complete("caapolicy check --format=j"), ["--format=json"])
        self.assertEqual([line.split("\t")[0] for line in complete("caapolicy check --policy polic")], ["policy.yaml"])


if __name__ == "__main__":
    unittest.main()
