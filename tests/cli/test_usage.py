#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of a command line that is wrong, and what --help says of a right one."""
import unittest

import command

NAME = "shop.example.com"


class Errors(command.TestCase):
    def wrong(self, *args, says, see=""):
        self.run_command(*args).expect(2, "", f"caapolicy: {says}\nsee `caapolicy{see} --help`\n")

    def test_commands(self):
        self.wrong(says="a command is missing")
        self.wrong("--policy", "policy.yaml", says="a command is missing")
        self.wrong("chekc", says="there is no command `chekc`; did you mean `check`?")
        self.wrong("--policy", "policy.yaml", "chekc", "x", says="there is no command `chekc`; did you mean `check`?")
        self.wrong("referense", says="there is no command `referense`")  # a hidden one
        self.wrong("help", "approve", says="there is no command `help`", see=" approve")
        self.wrong("ca", says="a command is missing", see=" ca")
        self.wrong("ca", "shw", "digicert.com", says="there is no command `shw`; did you mean `show`?", see=" ca")

    def test_options(self):
        self.wrong("check", "--polciy", "x", says="there is no option `--polciy`; did you mean `--policy`?", see=" check")
        self.wrong("approve", NAME, "--isuer=x", says="there is no option `--isuer`; did you mean `--issuer`?", see=" approve")
        self.wrong("--polciy=x", "check", says="there is no option `--polciy`; did you mean `--policy`?", see=" check")
        self.wrong("check", "-x", says="there is no option `-x`", see=" check")
        self.wrong("--nonsense", says="there is no option `--nonsense`")
        self.wrong("ca", "show", "digicert.com", "--fromat", "json", says="there is no option `--fromat`; did you mean `--format`?", see=" ca show")

    def test_missing(self):
        for args, missing, see in (
            (["explain"], "NAME is missing", " explain"),
            (["approve"], "NAME and --issuer ISSUER are missing", " approve"),
            (["approve", NAME], "--issuer ISSUER is missing", " approve"),
            (["approve", "--issuer", "le-web"], "NAME is missing", " approve"),
            (["diff"], "OLD and NEW are missing", " diff"),
            (["diff", "a.yaml"], "NEW is missing", " diff"),
            (["ca", "show"], "CA is missing", " ca show"),
            (["ca", "update"], "FILE is missing", " ca update"),
            (["completion"], "SHELL is missing", " completion"),
        ):
            with self.subTest(args=args):
                self.wrong(*args, says=missing, see=see)

    def test_one_word_too_many(self):
        approve = ["approve", NAME, "--issuer", "le-web"]
        self.wrong(*approve, "--wildcard", "only", says="`only` is one word too many; did you mean `--wildcard=only`?", see=" approve")
        self.wrong("approve", "--issuer", "le-web", "--wildcard", "only", NAME, see=" approve",
                   says="`only` is no value of `--wildcard` this way; did you mean `--wildcard=only`?")
        self.wrong(*approve, "--subtree", "true", says="`true` is one word too many; did you mean `--subtree=true`?", see=" approve")
        self.wrong(*approve, "pay.example.com", says="`pay.example.com` is one word too many: there is one NAME in a call", see=" approve")
        self.wrong(*approve, "check", says="`check` is one word too many: there is one NAME in a call", see=" approve")
        self.wrong("check", "foo.yaml", says="`foo.yaml` is one word too many; did you mean `--policy foo.yaml`?", see=" check")
        self.wrong("explain", NAME, "foo.yml", says="`foo.yml` is one word too many; did you mean `--policy foo.yml`?", see=" explain")
        self.wrong("list", "example.com", says="`example.com` is one word too many; did you mean `--under example.com`?", see=" list")
        self.wrong("list", "14d", says="`14d` is one word too many: there are only options here", see=" list")
        self.wrong("diff", "a", "b", "c", says="`c` is one word too many: there are only OLD and NEW", see=" diff")

    def test_values(self):
        for args, says, see in (
            (["approve", NAME, "--issuer"], "`--issuer` needs a value: --issuer ISSUER", " approve"),
            (["approve", NAME, "--issuer", "le-web", "--for"], "`--for` needs a value: --for SPAN", " approve"),
            (["import", "--axfr", "192.0.2.1"], "`--axfr` needs 2 values: --axfr SERVER ZONE", " import"),
            (["import", "--axfr"], "`--axfr` needs 2 values: --axfr SERVER ZONE", " import"),
            (["check", "--policy"], "`--policy` needs a value: --policy FILE", " check"),
            (["approve", NAME, "--issuer", "le-web", "--for", "1d", "--for", "2d"], "`--for` is there 2 times: give it once", " approve"),
            (["approve", NAME, "--issuer", "le-web", "--for", "1d", "--until", "2027-01-01T00:00:00Z"], "`--for` and `--until` can't go together: give one of them", " approve"),
            (["check", "--strict=perhaps"], "`--strict`: `perhaps` is no value for it: it takes none", " check"),
            (["live", NAME, "--timeout", "long"], "`--timeout`: `long` is no number", " live"),
            (["check", "--format", "xml"], "--format: `xml` must be `text` or `json`", " check"),
            (["completion", "tcsh"], "SHELL: `tcsh` is none of `bash`, `zsh` and `fish`", " completion"),
        ):
            with self.subTest(args=args):
                self.wrong(*args, says=says, see=see)

    def test_instants(self):
        for option in "--at", "--until":
            for text, says in (("now", "such as 2026-11-22T09:00:00Z"), ("2027-02-30", "such as 2026-11-22T09:00:00Z")):
                self.run_command("approve", NAME, "--issuer", "le-web", option, text).expect(2, "", f"caapolicy: {option}: `{text}` is not an instant {says}\n")
            self.run_command("approve", NAME, "--issuer", "le-web", option, "2027-01-01").expect(
                2, "", f"caapolicy: {option}: `2027-01-01` is not an instant: it has no time of day; write 2027-01-01T00:00:00Z\n")


COMMON = """
Common options:
  --policy FILE               Root file of the policy; default: $CAAPOLICY_FILE, or /etc/powerdns/caa/policy.yaml
  --at TIME                   The instant to answer for, as 2026-11-22T09:00:00Z; default: now
  --format text|json          text (the default) or json
"""


class Help(command.TestCase):
    def test_command(self):
        self.run_command("explain", "--help").expect(0, """Say who may issue for a name by the policy, and why
Usage: caapolicy explain NAME [OPTIONS]

Arguments:
  NAME                        Host name, without `*.`

Options:
  -h,--help                   Print this help message and exit
  --ca CA                     …
  --account URI               Its ACME account, as a URI
  --method METHOD             …
  --wildcard                  …
""" + COMMON + """
Examples:
  caapolicy explain shop.example.com
…
""")

    def test_each_command(self):
        for words in (["approve"], ["attempts"], ["ca"], ["ca", "list"], ["ca", "show"], ["ca", "update"], ["check"], ["completion"], ["diff"], ["explain"], ["import"],
                      ["list"], ["live"], ["prune"], ["records"], ["report"], ["revoke"], ["test"]):
            with self.subTest(words=words):
                done = self.run_command(*words, "--help")
                self.assertEqual((done.status, done.stderr), (0, ""))
                self.assertIn(COMMON, done.stdout)
                self.assertIn(f"\nUsage: caapolicy {' '.join(words)}", done.stdout)
                self.assertIn(f"Examples:\n  caapolicy {' '.join(words)}" if words != ["completion"] else 'Examples:\n  eval "$(caapolicy completion bash)"', done.stdout)

    def test_usage_lines(self):
        for words, usage in ((["approve"], "approve NAME --issuer ISSUER [OPTIONS]"), (["test"], "test FILE... [OPTIONS]"), (["ca"], "ca COMMAND [OPTIONS]"),
                             (["live"], "live NAME... [OPTIONS]"), ([], "COMMAND [OPTIONS]")):
            self.assertIn(f"\nUsage: caapolicy {usage}\n", self.run_command(*words, "--help").stdout)
        self.assertIn("  --until TIME                When it ends, as 2027-01-01T00:00:00Z; not with --for\n", self.run_command("approve", "--help").stdout)

    def test_common_options_may_stand_anywhere(self):
        other = self.write("other.yaml", "version: 1\nsubtrees: {example.com: {}}\n")
        common = ["--policy", other, "--at", "2030-01-01T00:00:00Z", "--format", "json"]
        for args in ([*common, "explain", NAME], ["explain", *common, NAME], ["explain", NAME, *common], ["explain", f"--policy={other}", NAME, *common[2:]]):
            self.assertEqual(self.run_command(*args).json()["at"], "2030-01-01T00:00:00Z")
        self.assertEqual(self.run_command("ca", "show", "digicert.com", *common).status, 0)


if __name__ == "__main__":
    unittest.main()
