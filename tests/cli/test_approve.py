#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy approve, and what it has in common with the other commands that write: locks, whole files, permissions."""
import fcntl
import json
import os
import re
import shutil
import subprocess
import unittest

import command
import abilities

POLICY = """version: 1
issuers:
  le-web:
    ca: letsencrypt.org
    accounts: ["https://ca.example.net/acct/1"]
    methods: [http-01, dns-01]
subtrees:
  example.com: {}
  dev.example.com:
    allow: [letsencrypt.org]
  shops.example.com:
    limits: {issuers: [le-web], wildcard: false, lifetime: 90d}
    delegate: shops.yaml
include: [approvals.d/*.yaml]
"""
AT = "2026-11-22T09:00:00Z"
ISSUER = "letsencrypt.org; accounturi=https://ca.example.net/acct/1; validationmethods=dns-01,http-01"
FILE = "approvals.d/shop.example.com-2026-11-22T090000Z.yaml"
AS_OF = f"all of this as of {AT}, when the approval begins\n"
LATER = "in force within a moment where the server watches its files (caapolicy-watch), otherwise after `pdns_control reload`; resolvers that asked before go on for up to 5m\n"
REFUSED = "caapolicy: the policy would have errors; nothing was written\n"


class Approvals(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("shops.yaml", "approvals: []\n")
        os.mkdir(f"{self.folder}/approvals.d")

    def files(self):
        return sorted(os.listdir(f"{self.folder}/approvals.d"))

    def approve(self, name, *args, issuer="le-web", **options):
        return self.run_command("approve", name, "--issuer", issuer, "--at", AT, "--by", "me", *args, **options)

    def approved(self, name, *args, issuer="le-web"):
        """The approval as the policy then has it."""
        done = self.approve(name, *args, "--format", "json", issuer=issuer)
        self.assertEqual((done.status, done.stderr), (0, ""))
        return done.json()["approval"]


class Approve(Approvals):
    def test_issuer_with_a_typing_error(self):
        self.approve("shop.example.com", issuer="letsencript.org").expect(
            2, "", "caapolicy: --issuer: no CA is known that has the issuer domain `letsencript.org`; did you mean `letsencrypt.org`? "
                   "A CA of your own belongs into the policy's `catalogue`. Nothing was written\n")
        self.assertEqual(self.files(), [])

    def test_binding_that_would_mean_nothing(self):
        self.approve("shop.example.com", "--for", "30d")
        done = self.approve("shop.example.com", issuer="letsencrypt.org")
        self.assertEqual(done.status, 0)
        self.assertEqual(done.stderr, """\
approvals.d/shop.example.com-2026-11-22T090000Z-2.yaml:4:13: warning: any account of `letsencrypt.org` may issue for `shop.example.com` by this [binding-widened]
    issuer: letsencrypt.org
            ^~~~~~~~~~~~~~~
  hint: bind it with --account
approvals.d/shop.example.com-2026-11-22T090000Z.yaml:4:13: note: the grant here is bound to https://ca.example.net/acct/1, which means nothing beside it
    issuer: le-web
            ^~~~~~
""")
        done = self.approve("other.example.com", issuer="letsencrypt.org")
        self.assertEqual((done.status, done.stderr), (0, ""))

    def test_approves(self):
        self.approve("Shop.example.com.", "--for", "30d", "--ticket", "SEC-1", "--reason", 'the "new" shop: ü').expect(0, f"""approved: shop.example.com for le-web (this name only) until 2026-12-22T09:00:00Z
wrote: {FILE}
before: nobody
after: letsencrypt.org, no wildcard, account https://ca.example.net/acct/1, method http-01, dns-01
records:
  shop.example.com. 300 IN CAA 0 issue "{ISSUER}"
  shop.example.com. 300 IN CAA 0 issuewild ";"
  *.shop.example.com. 300 IN CAA 0 issue ";"
{AS_OF}it ends by itself; a CA may still act on what it saw for up to 8 hours after that
""")
        self.assertEqual(self.read(FILE), """# written by `caapolicy approve`
approvals:
  - name: shop.example.com
    issuer: le-web
    from: 2026-11-22T09:00:00Z
    until: 2026-12-22T09:00:00Z
    reason: "the \\"new\\" shop: ü"
    ticket: "SEC-1"
    by: "me"
""")
        self.assertEqual(self.files(), [os.path.basename(FILE)])
        self.run_command("explain", "shop.example.com", "--ca", "letsencrypt.org", "--account", "https://ca.example.net/acct/1", "--method", "dns-01",
                         "--at", "2026-12-22T08:59:59Z").expect(0, "allowed: …\n…\n")
        self.assertEqual(self.run_command("explain", "shop.example.com", "--ca", "letsencrypt.org", "--account", "https://ca.example.net/acct/1",
                                          "--method", "dns-01", "--at", "2026-12-22T09:00:00Z").status, 3)

    def test_when_it_is_in_force(self):
        self.run_command("approve", "shop.example.com", "--issuer", "le-web").expect(0, "approved: …\n…\n" + LATER)
        for at in "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z":  # of the server nothing is known then
            self.run_command("approve", "pay.example.com", "--issuer", "le-web", "--at", at, "--for", "1d").expect(
                0, f"approved: …\n…\nall of this as of {at}, when the approval begins\nit ends by itself; …\n")

    def test_json(self):
        self.assertEqual(self.approve("shop.example.com", "--format", "json").json(), {
            "approved": True, "file": FILE,
            "approval": {"name": "shop.example.com",
                         "issuers": [{"issuer": "le-web", "ca": "letsencrypt.org", "accounts": ["https://ca.example.net/acct/1"], "methods": ["http-01", "dns-01"]}],
                         "wildcard": False, "subtree": False, "state": "live", "from": AT, "until": None, "by": "me", "place": f"{FILE}:3"},
            "before": [], "after": ["letsencrypt.org, no wildcard, account https://ca.example.net/acct/1, method http-01, dns-01"],
            "records": [f'shop.example.com. 300 IN CAA 0 issue "{ISSUER}"', 'shop.example.com. 300 IN CAA 0 issuewild ";"', '*.shop.example.com. 300 IN CAA 0 issue ";"'],
            "warnings": []})

    def test_scopes(self):
        self.assertEqual([self.approved(f"{name}.example.com", *args)[key] for name, args, key in (
            ("a", ["--wildcard"], "wildcard"), ("b", ["--wildcard=only"], "wildcard"), ("c", ["--wildcard=false"], "wildcard"), ("d", ["--subtree"], "subtree"),
            ("e", ["--until", "2027-01-01T00:00:00+01:00"], "until"))], [True, "only", False, True, "2026-12-31T23:00:00Z"])
        self.assertEqual(self.run_command("approve", "--wildcard", "f.example.com", "--issuer", "le-web").status, 0)

    def test_issuers(self):
        def bound(name, *args, issuer):
            granted = self.approved(name, *args, issuer=issuer)["issuers"][0]
            return granted["ca"], granted["accounts"], granted["methods"]
        self.assertEqual(bound("a.example.com", issuer="DigiCert.com."), ("digicert.com", [], []))
        self.assertEqual(bound("b.example.com", "--account", "https://ca.example.net/acct/2", "--account", "https://ca.example.net/acct/3", "--method", "dns-01", issuer="digicert.com"),
                         ("digicert.com", ["https://ca.example.net/acct/2", "https://ca.example.net/acct/3"], ["dns-01"]))
        # Narrowed, never widened.
        self.assertEqual(bound("c.example.com", "--method", "DNS-01", issuer="le-web"), ("letsencrypt.org", ["https://ca.example.net/acct/1"], ["dns-01"]))
        self.approve("d.example.com", "--account", "https://ca.example.net/acct/2").expect(
            2, "", "caapolicy: --account: `https://ca.example.net/acct/2` is not among those of the issuer `le-web`: https://ca.example.net/acct/1; "
                   "name the CA, letsencrypt.org, to bind it to others\n")
        self.approve("d.example.com", "--method", "tls-alpn-01").expect(2, "", "caapolicy: --method: `tls-alpn-01` is not among those of the issuer `le-web`: http-01, dns-01; …\n")

    def test_usage(self):
        for args, message in (
                (["*.shop.example.com"], "`*.shop.example.com` is not a host name; for a wildcard, give the name without `*.`"),
                (["shop.example.com", "--for", "1 month"], "--for: `1 month` is not a span such as 30d: a whole number and `s`, `m`, `h`, `d` or `w`"),
                (["shop.example.com", "--for", "999999999w"], "--for: `999999999w` is not a span such as 30d: a whole number and `s`, `m`, `h`, `d` or `w`"),
                (["shop.example.com", "--until", "tomorrow"], "--until: `tomorrow` is not an instant such as 2026-11-22T09:00:00Z"),
                (["shop.example.com", "--until", AT], f"--until: `{AT}` is not after {AT}, when the approval begins"),
                (["shop.example.com", "--method", "dns-1"], "--method: `dns-1` is no validation method; did you mean `dns-01`?"),
                (["shop.example.com", "--account", "me"], "--account: `me` can't be an account: …"),
                (["shop.example.com", "--wildcard=yes"], "--wildcard: `yes` must be `true`, `false` or `only`"),
                (["shop.example.com", "--ticket", "a\nb"], "--ticket must be one line of UTF-8 text")):
            self.approve(*args).expect(2, "", f"caapolicy: {message}\n")
        self.approve("shop.example.com", issuer="le-wob").expect(2, "", "caapolicy: --issuer: the policy has no issuer `le-wob`; did you mean `le-web`?\n")
        self.approve("shop.example.com", issuer="a..b").expect(2, "", "caapolicy: --issuer: `a..b` is no issuer domain: …\n")
        self.approve("shop.example.com", "--for", "1d", "--until", AT).expect(2, "", "caapolicy: `--for` and `--until` can't go together: give one of them\nsee `caapolicy approve --help`\n")
        self.run_command("approve", "shop.example.com").expect(2, "", "caapolicy: --issuer ISSUER is missing\nsee `caapolicy approve --help`\n")
        self.assertEqual(self.files(), [])

    def test_limits(self):
        self.approve("toys.shops.example.com").expect(4, "", """approvals.d/toys.shops.example.com-2026-11-22T090000Z.yaml:3:11: error: approval for `toys.shops.example.com` is outside the limits of `shops.example.com`: `lifetime` demands an `until` [limit-lifetime]
…
""" + REFUSED)
        self.assertEqual(self.approve("toys.shops.example.com", "--for", "91d").status, 4)
        self.assertEqual(self.approve("toys.shops.example.com", "--for", "90d", issuer="digicert.com").status, 4)
        self.assertEqual(self.approve("toys.shops.example.com", "--for", "90d", "--wildcard").status, 4)
        self.assertEqual(self.files(), [])
        self.assertEqual(self.approve("toys.shops.example.com", "--for", "90d").status, 0)

    def test_name_outside(self):
        self.approve("shop.example.org").expect(4, "", "approvals.d/shop.example.org-…: error: approval for `shop.example.org` is outside every subtree [approval-outside-subtrees]\n…\n" + REFUSED)
        self.assertEqual(self.files(), [])

    def test_granted_already(self):
        self.approve("www.dev.example.com").expect(0, "granted already: www.dev.example.com for letsencrypt.org, allowed in the subtree dev.example.com at policy.yaml:10; nothing was written\n")
        self.approve("shop.example.com", "--for", "30d")
        self.approve("shop.example.com", "--for", "30d").expect(0, f"granted already: shop.example.com for le-web, approved at {FILE}:4 until 2026-12-22T09:00:00Z; nothing was written\n")
        self.assertEqual(self.approve("shop.example.com", "--for", "29d", "--format", "json").json(), {
            "approved": False, "name": "shop.example.com", "grantedAlready": {"issuer": "le-web", "place": f"{FILE}:4", "until": "2026-12-22T09:00:00Z"}})
        self.assertEqual(len(self.files()), 1)
        # The very same, in files that come later.
        self.write("approvals.d/y.yaml", "approvals: []\n")
        self.write("approvals.d/z.yaml", f"approvals: [{{name: same.example.com, issuer: le-web, from: {AT}}}]\n")
        self.approve("same.example.com").expect(0, "granted already: same.example.com for le-web, approved at approvals.d/z.yaml:1 for ever; nothing was written\n")
        for name in "yz":
            os.unlink(f"{self.folder}/approvals.d/{name}.yaml")
        # One that lasts longer gets a file of its own, and the other goes on.
        self.assertEqual(self.approved("shop.example.com", "--for", "31d")["place"], FILE.replace(".yaml", "-2.yaml:3"))
        self.assertEqual(len(self.files()), 2)

    def test_warning(self):
        self.approve("shop.example.com", "--until", "2020-01-02T00:00:00Z", "--at", "2020-01-01T00:00:00Z").expect(2, "", "…\n")
        done = self.approve("example.com", "--subtree")
        self.assertEqual(done.status, 0)
        self.assertIn("warning: ", done.stderr)
        self.assertIn("[approval-stops-at-subtree]", done.stderr)

    def test_dry_run(self):
        self.approve("shop.example.com", "--dry-run").expect(0, f"""would approve: shop.example.com for le-web (this name only) for ever
would write: {FILE}
  # written by `caapolicy approve`
  approvals:
    - name: shop.example.com
      issuer: le-web
      from: 2026-11-22T09:00:00Z
      by: "me"
before: nobody
after: letsencrypt.org, …
records:
…
""")
        self.assertEqual(self.files(), [])
        self.assertEqual(self.approve("shop.example.org", "--dry-run").status, 4)

    def test_by(self):
        def by(env):
            self.assertEqual(self.run_command("approve", "shop.example.com", "--issuer", "le-web", "--at", AT, env=env).status, 0)
            found = re.search(r'by: "(.*)"', self.read(FILE)).group(1)
            os.unlink(f"{self.folder}/{FILE}")
            return found
        me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        self.assertEqual(by({"USER": "somebody"}), me)
        self.assertEqual(by({"SUDO_USER": "some\nbody"}), me)
        self.assertEqual(by({"SUDO_USER": "alice"}), "alice" if os.geteuid() == 0 else me)

    def test_long_name(self):
        name = ".".join(["a" * 60] * 3 + ["b" * 40, "example.com"])
        self.assertEqual(self.approved(name)["name"], name)
        self.assertLess(len(self.files()[0]), 256)

    def test_where_files_are_not_included(self):
        self.policy(POLICY.replace("include: [approvals.d/*.yaml]\n", "include: [one.yaml, 'more.d/*.jsonl', 'x.d/team-*.yaml', '*.d/*.yml']\n"))
        self.write("one.yaml", "approvals: []\n")
        self.approve("shop.example.com").expect(1, "", "caapolicy: no `include` of the policy matches new files such as `shop.example.com-2026-11-22T090000Z.yaml`; "
                                                       "add to `policy.yaml`: include: [approvals.d/*.yaml]\n")
        self.approve("shop.example.com", "--dir", "other").expect(1, "", "caapolicy: no `include` of the policy matches new files such as `other/shop.example.com-…`, so they would not be read\n")
        self.approve("shop.example.com", "--file", "x.d/shop.yaml").expect(1, "", "caapolicy: no `include` of the policy matches `x.d/shop.yaml` as a YAML file, so it would not be read\n")
        self.approve("shop.example.com", "--file", "one.yaml").expect(1, "", "caapolicy: `one.yaml` is there already; an approval gets a file of its own\n")
        self.approve("shop.example.com", "--file", "x.d/team-1.yaml").expect(1, "", "caapolicy: there is no folder `x.d` to write to; make it, with a group that the server is in; nothing was written\n")
        os.mkdir(f"{self.folder}/x.d")
        self.assertEqual(self.approved("a.example.com", "--file", "x.d/team-1.yaml")["place"], "x.d/team-1.yaml:3")
        self.assertEqual(self.approved("b.example.com", "--dir", "x.d")["place"], "x.d/b.example.com-2026-11-22T090000Z.yml:3")

    def test_folder_is_chosen(self):
        self.policy(POLICY.replace("[approvals.d", "[more.yaml, b.d/*.yaml, approvals.d"))
        self.write("more.yaml", "include: [c.d/*.yaml]\n")
        for folder in "bc":
            os.mkdir(f"{self.folder}/{folder}.d")
        self.assertEqual([self.approved(f"{name}.example.com", *args)["place"].split("/")[0] for name, args in (
            ("a", ["--dir", "approvals.d"]), ("b", ["--dir", f"{self.folder}/b.d/"]), ("c", []))], ["approvals.d", "b.d", "c.d"])


class Trouble(Approvals):
    def test_policy_with_errors(self):
        self.policy(POLICY.replace("allow:", "alow:"))
        self.approve("shop.example.com").expect(4, "", "policy.yaml:10:5: error: unknown key `alow` in a subtree [unknown-key]\n…\ncaapolicy: the policy `policy.yaml` has errors, see above; nothing was written; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")
        os.unlink(f"{self.folder}/policy.yaml")
        self.approve("shop.example.com").expect(4, "", "policy.yaml: error: cannot read `policy.yaml`: No such file or directory [cannot-read]\n…\n")
        self.assertEqual(self.approve("shop.example.com", "--policy", "nowhere/policy.yaml").status, 4)
        self.assertEqual(self.files(), [])

    def test_broken_team_stops_only_itself(self):
        self.write("shops.yaml", "nonsense: 1\n")
        self.approve("toys.shops.example.com", "--for", "1d").expect(4, "", "shops.yaml:1:1: error: …\n…\ncaapolicy: delegated files with errors, see above, grant nothing here; a running server keeps to their last good versions\ncaapolicy: `toys.shops.example.com` is denied until the file that it is delegated to is mended; nothing was written\n")
        self.assertEqual(self.approve("shop.example.com").status, 0)
        self.assertEqual(len(self.files()), 1)

    def test_breaks_a_team(self):
        self.write("shops.yaml", "subtrees: {toys.shops.example.com: {limits: {lifetime: 1d}}}\n")
        self.approve("toys.shops.example.com", "--for", "2d").expect(4, "", "shops.yaml:1:…: error: …\n…\n" + REFUSED)
        self.assertEqual(self.files(), [])

    def test_folder_that_everybody_may_write_to(self):
        os.chmod(f"{self.folder}/approvals.d", 0o777)
        self.assertEqual(self.approve("shop.example.com").status, 4)
        self.assertEqual(self.files(), [])

    def test_access(self):
        for folder, file in ((0o750, 0o640), (0o755, 0o644), (0o700, 0o600), (0o770, 0o640)):
            os.chmod(f"{self.folder}/approvals.d", folder)
            if os.geteuid() == 0:
                os.chown(f"{self.folder}/approvals.d", -1, 33)
            self.assertEqual(self.approve("shop.example.com").status, 0)
            info = os.stat(f"{self.folder}/{FILE}")
            self.assertEqual((info.st_mode & 0o7777, info.st_gid), (file, os.stat(f"{self.folder}/approvals.d").st_gid))
            os.unlink(f"{self.folder}/{FILE}")

    @unittest.skipUnless(os.geteuid() == 0, "needs to be another user")
    def test_other_users(self):
        os.chmod(self.folder, 0o755)
        as_nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", command.COMMAND]
        def approve():
            done = subprocess.run([*as_nobody, "approve", "shop.example.com", "--issuer", "le-web", "--at", AT], cwd=self.folder, env=self.environment(), capture_output=True,
                                  text=True, timeout=60, check=False)
            return command.Done(self, done.returncode, done.stdout, done.stderr)
        approve().expect(1, "", f"caapolicy: can't write `{FILE}`: Permission denied; nothing was written\n")
        os.chmod(f"{self.folder}/approvals.d", 0o744)
        approve().expect(1, "", f"caapolicy: can't write `{FILE}`: Permission denied; nothing was written\n")
        # A file that the server can't read would break the policy: the folder's group is one that nobody is not in.
        shutil.chown(f"{self.folder}/approvals.d", "nobody", 33)
        os.chmod(f"{self.folder}/approvals.d", 0o750)
        approve().expect(1, "", f"caapolicy: can't give `{FILE}` the group of its folder, so the server could not read it: Operation not permitted; nothing was written\n")
        os.chmod(f"{self.folder}/approvals.d", 0o755)
        approve().expect(0, "approved: …\n…\n")
        self.assertEqual(len(self.files()), 1)

    @unittest.skipUnless(abilities.may_mount(), "mounts")
    def test_full_disk(self):
        self.in_mount("mount -t tmpfs -o size=16k,mode=755 none approvals.d && head -c 12k /dev/zero > approvals.d/.a; cat /dev/zero > approvals.d/.b 2> /dev/null",
                      "No space left on device", [".a", ".b"])

    @unittest.skipUnless(abilities.may_mount(), "mounts")
    def test_read_only(self):
        self.in_mount("mount --bind approvals.d approvals.d && mount -o remount,bind,ro approvals.d", "Read-only file system", [])

    def in_mount(self, mount, reason, files):
        script = f'{mount}; "$0" approve shop.example.com --issuer le-web --at {AT}; echo "status $?"; ls -A approvals.d'
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, command.COMMAND], cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.stdout.split("\n")[:-1], done.stderr), (["status 1", *files], f"caapolicy: can't write `{FILE}`: {reason}; nothing was written\n"))

    def injected(self, inject, args):
        """With a system call that doesn't do what it does otherwise."""
        call = inject.split(":", maxsplit=1)[0]
        return subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={inject}", command.COMMAND, *args], cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=60, check=False)

    @unittest.skipUnless(abilities.may_trace(), "traces")
    def test_interrupted(self):
        args = ["approve", "shop.example.com", "--issuer", "le-web", "--at", AT]
        for call in ("write", "fsync", "renameat2"):
            with self.subTest(call):
                # write: the first is that of the file, as all else is said at the end.
                self.assertIn(self.injected(f"{call}:signal=SIGKILL:when=1", args=args).returncode, (-9, 137))
                self.assertEqual([name[:11] for name in self.files()], [".caapolicy-"])
                self.run_command("list").expect(0, "no approvals\n")
        self.approve("shop.example.com").expect(0, "approved: …\n…\n")
        self.assertEqual(self.files(), [os.path.basename(FILE)])

    @unittest.skipUnless(abilities.may_trace(), "traces")
    def test_failing_disk(self):
        args = ["approve", "shop.example.com", "--issuer", "le-web", "--at", AT]
        for call in ("write", "fsync", "renameat2"):
            with self.subTest(call):
                done = self.injected(f"{call}:error=EIO" + (":when=1" if call == "write" else ""), args=args)
                self.assertEqual((done.returncode, self.files()), (1, []), done.stderr)

    def test_fifty_at_once(self):
        running = [subprocess.Popen([command.COMMAND, "approve", f"n{number}.example.com", "--issuer", "le-web", "--format", "json"], cwd=self.folder, env=self.environment(),
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for number in range(50)]
        said = [process.communicate(timeout=120) for process in running]
        self.assertEqual([(process.returncode, err) for process, (_, err) in zip(running, said)], [(0, "")] * 50)
        self.assertEqual(sorted("approvals.d/" + name for name in self.files()), sorted(json.loads(out)["file"] for out, _ in said))
        self.assertEqual({approval["name"] for approval in self.run_command("list", "--format", "json").json()["approvals"]}, {f"n{number}.example.com" for number in range(50)})
        self.run_command("check").expect(0, "good: policy.yaml, 52 files, 3 subtrees, 50 approvals (50 live)\n")

    def test_two_that_are_too_much_together(self):
        """Either would pass alone. That a record set outgrows a message is an error."""
        account = "https://ca.example.net/acct/" + "x" * 2000
        def start(number):
            accounts = [f"--account={account}{number}-{index}" for index in range(20)]
            return subprocess.Popen([command.COMMAND, "approve", "shop.example.com", "--issuer", f"ca{number}.example.net", *accounts], cwd=self.folder, env=self.environment(),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running = [start(number) for number in range(2)]
        self.assertEqual(sorted(process.wait(60) for process in running), [0, 4])
        self.assertEqual(self.run_command("check").status, 0)

    def test_waits_for_the_lock(self):
        lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen([command.COMMAND, "approve", "shop.example.com", "--issuer", "le-web"], cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL) as process:
            try:
                while process.poll() is None and not self.waits_for_lock(process.pid):
                    pass
                self.assertIsNone(process.poll())
                self.assertEqual(self.files(), [])
            finally:
                os.close(lock)
            self.assertEqual(process.wait(60), 0)
        self.assertEqual(len(self.files()), 1)

    @staticmethod
    def waits_for_lock(pid):
        """In /proc/locks it is the one with an arrow."""
        with open("/proc/locks", encoding="ascii") as locks:
            return any("->" in line and f" {pid} " in line for line in locks)


if __name__ == "__main__":
    unittest.main()
