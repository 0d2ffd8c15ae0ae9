#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy revoke."""
import os
import signal
import subprocess
import unittest

import command
import abilities

AT = "2026-11-22T09:00:00Z"
POLICY = """version: 1
issuers: {le-web: {ca: letsencrypt.org, methods: [dns-01]}}
subtrees:
  example.com: {}
  dev.example.com: {allow: [letsencrypt.org]}
  shops.example.com: {delegate: shops.yaml}
include: [approvals.d/*.yaml, approvals.d/*.jsonl]
"""
# With comments, and written as no program would.
BY_HAND = """# Ours.
approvals:
    # for the shop
    - name:   shop.example.com   # front
      issuers: [ le-web,  digicert.com ]

      until: 2036-01-01T00:00:00Z

    - {name: www.example.com, issuer: le-web}   # www
    - { "name": 'old.example.com', issuer: le-web, until: 2020-01-01T00:00:00Z}
# end
"""
AS_OF = f"all of this as of {AT}\n"
LATER = "in force within a moment where the server watches its files (caapolicy-watch), otherwise after `pdns_control reload`; resolvers that asked before go on for up to 5m\n"
EIGHT_HOURS = "a CA may still act on what it saw for up to 8 hours\n"


class Revoke(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("shops.yaml", "approvals:\n- {name: toys.shops.example.com, issuer: le-web}\n")
        self.write("approvals.d/hand.yaml", BY_HAND)

    def revoke(self, *args):
        return self.run_command("revoke", "--at", AT, *args)

    def test_own_file_goes(self):
        self.run_command("approve", "pay.example.com", "--issuer", "le-web", "--at", AT)
        file = "approvals.d/pay.example.com-2026-11-22T090000Z.yaml"
        self.assertTrue(os.path.exists(f"{self.folder}/{file}"))
        self.revoke("pay.example.com", "--dry-run").expect(0, f"would revoke: pay.example.com for le-web (this name only) for ever, {file}:3\nwould remove: {file}\nbefore: …\nafter: nobody\n" + EIGHT_HOURS)
        self.assertTrue(os.path.exists(f"{self.folder}/{file}"))
        self.revoke("pay.example.com").expect(0, f"""revoked: pay.example.com for le-web (this name only) for ever, {file}:3
removed: {file}
before: letsencrypt.org, no wildcard, any account, method dns-01
after: nobody
""" + AS_OF + EIGHT_HOURS)
        self.assertEqual(os.listdir(f"{self.folder}/approvals.d"), ["hand.yaml"])
        self.revoke("pay.example.com").expect(1, "", "caapolicy: there is no approval of `pay.example.com`\n")

    def test_when_it_is_in_force(self):
        self.run_command("revoke", "www.example.com").expect(0, "revoked: …\n…\n" + LATER + EIGHT_HOURS)

    def test_own_file_that_somebody_wrote_into_stays(self):
        for more, left in (("# mine\n", "# written by `caapolicy approve`\napprovals: []\n# mine\n"), ("version: 1\n", "# written by `caapolicy approve`\napprovals: []\nversion: 1\n")):
            self.run_command("approve", "pay.example.com", "--issuer", "le-web", "--at", AT)
            file = "approvals.d/pay.example.com-2026-11-22T090000Z.yaml"
            self.write(file, self.read(file) + more)
            self.assertEqual(self.revoke("pay.example.com").status, 0)
            self.assertEqual(self.read(file), left)
            os.unlink(f"{self.folder}/{file}")

    def test_file_of_a_person(self):
        os.chmod(f"{self.folder}/approvals.d/hand.yaml", 0o640)
        self.revoke("www.example.com").expect(0, """revoked: www.example.com for le-web (this name only) for ever, approvals.d/hand.yaml:9
changed: approvals.d/hand.yaml
before: letsencrypt.org, no wildcard, any account, method dns-01
after: nobody
""" + AS_OF + EIGHT_HOURS)
        self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND.replace("    - {name: www.example.com, issuer: le-web}   # www\n", ""))
        self.assertEqual(os.stat(f"{self.folder}/approvals.d/hand.yaml").st_mode & 0o7777, 0o640)

    def test_one_issuer_of_several(self):
        self.revoke("shop.example.com", "--issuer", "digicert.com").expect(0, """revoked: shop.example.com for digicert.com (this name only) until 2036-01-01T00:00:00Z, approvals.d/hand.yaml:4
changed: approvals.d/hand.yaml
before: digicert.com, no wildcard, any account, any method; letsencrypt.org, no wildcard, any account, method dns-01
after: letsencrypt.org, no wildcard, any account, method dns-01
""" + AS_OF + EIGHT_HOURS)
        self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND.replace("[ le-web,  digicert.com ]", "[ le-web ]"))

    def test_all_of_a_ca(self):
        self.assertEqual(self.revoke("shop.example.com", "--issuer", "LetsEncrypt.org").status, 0)
        self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND.replace("[ le-web,  digicert.com ]", "[ digicert.com ]"))
        self.assertEqual(self.revoke("shop.example.com").status, 0)
        self.assertNotIn("shop.example.com", self.read("approvals.d/hand.yaml"))

    def test_expired(self):
        self.revoke("old.example.com").expect(0, """revoked: old.example.com for le-web (this name only) until 2020-01-01T00:00:00Z, approvals.d/hand.yaml:10
changed: approvals.d/hand.yaml
before: nobody
after: nobody
""" + AS_OF)

    def test_several_files(self):
        line = '{"name": "www.example.com", "issuer": "digicert.com"}\n'
        self.write("approvals.d/more.jsonl", line + line.replace("www", "two"))
        self.policy(POLICY + "approvals: [{name: www.example.com, issuer: ssl.com}, {name: two.example.com, issuer: ssl.com}]\n")
        done = self.revoke("www.example.com", "--format", "json")
        self.assertEqual((done.status, done.json()["done"], sorted(done.json()["changedFiles"]), done.json()["removedFiles"], done.json()["after"],
                          sorted(approval["place"] for approval in done.json()["revoked"])),
                         (0, True, ["approvals.d/hand.yaml", "approvals.d/more.jsonl", "policy.yaml"], [], [],
                          ["approvals.d/hand.yaml:9", "approvals.d/more.jsonl:1", "policy.yaml:8"]))
        self.assertEqual(self.read("approvals.d/more.jsonl"), line.replace("www", "two"))
        self.assertEqual(self.read("policy.yaml"), POLICY + "approvals: [{name: two.example.com, issuer: ssl.com}]\n")

    def test_of_a_team(self):
        self.assertEqual(self.revoke("toys.shops.example.com").status, 0)
        self.assertEqual(self.read("shops.yaml"), "approvals: []\n")
        self.assertEqual(self.run_command("check", "--at", "2019-01-01T00:00:00Z").status, 0)

    def test_through_a_link(self):
        os.rename(f"{self.folder}/approvals.d/hand.yaml", f"{self.folder}/real")
        os.symlink("../real", f"{self.folder}/approvals.d/hand.yaml")
        self.assertEqual(self.revoke("www.example.com").status, 0)
        self.assertTrue(os.path.islink(f"{self.folder}/approvals.d/hand.yaml"))
        self.assertNotIn("www", self.read("real"))

    def test_what_else_grants(self):
        self.write("approvals.d/tree.yaml", "approvals:\n  - {name: example.com, issuer: le-web, subtree: true}\n  - {name: www.dev.example.com, issuer: digicert.com}\n")
        self.revoke("www.example.com").expect(0, "revoked: …\nchanged: …\nbefore: …\nafter: letsencrypt.org, …\n"
                                              "not revoked: le-web, approved for all below example.com at approvals.d/tree.yaml:2\n…\n")
        self.revoke("www.example.com").expect(1, "", "caapolicy: there is no approval of `www.example.com`; what lets CAs issue for it: "
                                                     "le-web, approved for all below example.com at approvals.d/tree.yaml:2\n")
        self.revoke("www.dev.example.com", "--issuer", "ssl.com").expect(1, "", "caapolicy: there is no approval of `www.dev.example.com` for `ssl.com`, but for digicert.com at approvals.d/tree.yaml:3\n")
        self.revoke("a.dev.example.com").expect(1, "", "caapolicy: there is no approval of `a.dev.example.com`; what lets CAs issue for it: letsencrypt.org, allowed at policy.yaml:5\n")

    def test_that_must_be_edited_by_hand(self):
        text = "approvals:\n  - # why\n    name: pay.example.com\n    issuer: le-web\n"
        self.write("approvals.d/odd.yaml", text)
        self.run_command("approve", "pay.example.com", "--issuer", "digicert.com", "--at", AT)
        before = sorted(os.listdir(f"{self.folder}/approvals.d"))
        self.revoke("pay.example.com").expect(1, "", "caapolicy: the approval at approvals.d/odd.yaml:3 is written in a way in which it can't be taken out without touching something else; "
                                                     "edit it by hand; nothing was written\n")
        self.assertEqual((sorted(os.listdir(f"{self.folder}/approvals.d")), self.read("approvals.d/odd.yaml")), (before, text))

    def test_bad_input(self):
        self.revoke("*.example.com").expect(2, "", "caapolicy: `*.example.com` is not a host name; …\n")
        self.run_command("revoke").expect(2, "", "caapolicy: NAME is missing\nsee `caapolicy revoke --help`\n")
        self.policy(POLICY + "nonsense: 1\n")
        self.revoke("www.example.com").expect(4, "", "policy.yaml:8:1: error: …\n…\ncaapolicy: the policy `policy.yaml` has errors, see above; nothing was written; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")
        self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND)

    def test_broken_team_stops_nobody(self):
        self.write("shops.yaml", "nonsense: 1\n")
        self.assertEqual(self.revoke("www.example.com").status, 0)

    @unittest.skipUnless(abilities.may_trace(), "traces")
    def test_interrupted(self):
        for call in ("write", "fsync", "rename,renameat,renameat2"):
            done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when=1", command.COMMAND, "revoke", "www.example.com"],
                                  cwd=self.folder, env=self.environment(), capture_output=True, timeout=60, check=False)
            self.assertIn(done.returncode, (-9, 137))
            self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND)
        self.assertEqual(self.revoke("www.example.com").status, 0)
        self.assertEqual(os.listdir(f"{self.folder}/approvals.d"), ["hand.yaml"])

    @unittest.skipUnless(abilities.may_trace(), "traces")
    def test_changed_meanwhile(self):
        """Stopped when it has written all but the name, until somebody else has saved the file."""
        strace = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=SIGSTOP:when=1"]
        with subprocess.Popen([*strace, command.COMMAND, "revoke", "www.example.com"], cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tracer:
            while not self.temporary_sizes():
                self.assertIsNone(tracer.poll())
            self.write("approvals.d/hand.yaml", BY_HAND + "# more\n")
            with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children", encoding="ascii") as children:
                pid = int(children.read())
            while tracer.poll() is None:  # it may not have stopped yet
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass
            done = command.Done(self, tracer.returncode, *tracer.communicate(timeout=60))
        done.expect(1, "", "caapolicy: `…/approvals.d/hand.yaml` was changed by somebody else meanwhile; try again; nothing was written\n")
        self.assertEqual((self.read("approvals.d/hand.yaml"), os.listdir(f"{self.folder}/approvals.d")), (BY_HAND + "# more\n", ["hand.yaml"]))

    def temporary_sizes(self):
        return [size for name in os.listdir(f"{self.folder}/approvals.d") if name.startswith(".") and (size := os.stat(f"{self.folder}/approvals.d/{name}").st_size)]

    def test_many_at_once(self):
        names = [f"n{number}.example.com" for number in range(20)]
        kept = "".join(f"  # before {name}\n  - {{name: {name}, issuer: le-web}} # {name}\n" for name in names)
        self.write("approvals.d/many.yaml", "approvals:\n" + kept + "  - {name: last.example.com, issuer: le-web}\n")
        running = [subprocess.Popen([command.COMMAND, *(["revoke", name] if number % 2 else ["approve", f"new{number}.example.com", "--issuer", "le-web"])], cwd=self.folder,
                                    env=self.environment(), stdout=subprocess.DEVNULL) for number, name in enumerate(names)]
        self.assertEqual([process.wait(120) for process in running], [0] * 20)
        self.assertEqual(self.read("approvals.d/many.yaml"), "approvals:\n" + "".join(
            f"  # before {name}\n  - {{name: {name}, issuer: le-web}} # {name}\n" for name in names[::2]) + "  - {name: last.example.com, issuer: le-web}\n")
        self.assertEqual(len(os.listdir(f"{self.folder}/approvals.d")), 12)

    @unittest.skipUnless(os.geteuid() == 0, "needs to be another user")
    def test_may_not_write(self):
        os.chmod(self.folder, 0o755)
        done = subprocess.run(["setpriv", "--reuid", "nobody", "--clear-groups", command.COMMAND, "revoke", "www.example.com"], cwd=self.folder, env=self.environment(), capture_output=True, text=True,
                              timeout=60, check=False)
        command.Done(self, done.returncode, done.stdout, done.stderr).expect(1, "", "caapolicy: can't write `approvals.d/hand.yaml`: Permission denied; nothing was written\n")
        self.assertEqual(self.read("approvals.d/hand.yaml"), BY_HAND)


if __name__ == "__main__":
    unittest.main()
