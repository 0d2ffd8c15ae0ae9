#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy ca list, ca show, ca update, and what check says by the catalogue."""
import json
import os
import re
import resource
import unittest

import command

POLICY = "version: 1\nsubtrees: {example.com: {}}\n"
BUILT_IN = json.load(open(f"{command.ROOT}/policy/ca-catalogue.json", encoding="utf-8"))["cas"]
HEADING = '"Subject","Subject Key Identifier (Hex)","Intermediate Certificate","Recognized CAA Domains"\n'


def row(organization, domains):
    subject = f"CN=A CA; O={organization}; C=US".replace('"', '""')
    return f'"{subject}","00","","{domains}"\n'


def report(leave_out=(), more=""):
    """A report that has what the built-in catalogue has, but for some CAs."""
    rows = [row((ca.get("organizations") or [ca["name"]])[0], ", ".join(ca["domains"])) for ca_id, ca in BUILT_IN.items()
            if ca_id not in leave_out]
    return HEADING + "".join(rows) + more


class List(command.TestCase):
    def test_text(self):
        self.policy(POLICY)
        done = self.run_command("ca", "list", "--at", "2026-11-22T09:00:00Z")
        lines = done.stdout.splitlines()
        self.assertEqual((done.status, done.stderr, len(lines)), (0, "", len(BUILT_IN) + 1))
        self.assertEqual(re.split(r"  +", lines[0]), ["ID", "NAME", "DOMAINS", "ACCOUNTURI", "VALIDATIONMETHODS"])
        of = {re.split(r"  +", line)[0]: re.split(r"  +", line)[1:] for line in lines}
        self.assertEqual(of["letsencrypt"], ["Let's Encrypt (ISRG)", "letsencrypt.org", "since 2022-12-16", "since 2022-12-16"])
        self.assertEqual(of["digicert"], ["DigiCert", "digicert.com, www.digicert.com +16", "unknown, due 2027-03-15", "unknown, due 2027-03-15"])
        self.assertEqual(of["wosign"], ["WoSign", "wosign.com", "unknown", "unknown"])
        # Columns begin at the same place, also below names that are not in ASCII.
        column = lines[0].index("VALIDATIONMETHODS")
        self.assertEqual([line for line in lines if line[column - 2:column] != "  " or line[column] == " "], [])
        self.assertIn("due since 2027-03-15", self.run_command("ca", "list", "--at", "2027-03-15T00:00:00Z").stdout)

    def test_json(self):
        self.policy(POLICY)
        done = self.run_command("ca", "list", "--format", "json")
        cas = {ca["id"]: ca for ca in done.json()}
        self.assertEqual((done.status, sorted(cas)), (0, sorted(BUILT_IN)))
        self.assertEqual({ca_id: ca["domains"] for ca_id, ca in cas.items()}, {ca_id: ca["domains"] for ca_id, ca in BUILT_IN.items()})
        self.assertEqual(cas["letsencrypt"]["accounturi"], {"known": "yes", "since": "2022-12-16", "assumed": "yes"})
        later = {ca["id"]: ca for ca in self.run_command("ca", "list", "--format", "json", "--at", "2027-03-15T00:00:00Z").json()}
        self.assertEqual((cas["digicert"]["accounturi"], later["digicert"]["accounturi"], later["wosign"]["accounturi"]),
                         ({"known": "unknown", "assumed": "unknown"}, {"known": "unknown", "assumed": "yes"}, {"known": "unknown", "assumed": "unknown"}))

    def test_own_catalogue(self):
        self.policy(POLICY + "catalogue: cas.json\n")
        self.write("cas.json", '{"cas": {"corp": {"domains": ["pki.corp.example"], "accounturi": "yes"}, "wosign": null}}')
        done = self.run_command("ca", "list")
        self.assertRegex(done.stdout, r"(?m)^corp +corp +pki\.corp\.example +yes +unknown$")
        self.assertNotRegex(done.stdout, "(?m)^wosign ")

    def test_policy_with_errors(self):
        note = "caapolicy: the policy `policy.yaml` has errors (`caapolicy check` has them): a CA catalogue of its own may not be shown\n"
        done = self.run_command("ca", "list")  # there is none
        self.assertEqual((done.status, done.stderr), (0, note))
        self.policy("version: 2\n")
        self.assertEqual(self.run_command("ca", "list").stderr, note)

    def test_usage(self):
        self.run_command("ca").expect(2, "", "caapolicy: a command is missing\nsee `caapolicy ca --help`\n")
        self.run_command("ca", "show").expect(2, "", "caapolicy: CA is missing\nsee `caapolicy ca show --help`\n")
        self.run_command("ca", "update").expect(2, "", "caapolicy: FILE is missing\nsee `caapolicy ca update --help`\n")
        self.assertRegex(self.run_command("ca", "--help").stdout, r"Examples:\n  caapolicy ca list")


class Show(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)

    def test_id(self):
        self.run_command("ca", "show", "letsencrypt").expect(0, """letsencrypt: Let's Encrypt (ISRG)
  domains           letsencrypt.org
  public            yes
  accounturi        since 2022-12-16
  validationmethods since 2022-12-16
  accounts          https://acme-v02.api.letsencrypt.org/acme/acct/
  staging           https://acme-staging-v02.api.letsencrypt.org/acme/acct/
  organizations     Let's Encrypt, Internet Security Research Group
  source            domains: https://ccadb…
  source            public: https://github.com/certifi/…
  source            accounts: https://letsencrypt.org/docs/account-id/ (…)
  source            accounturi: https://community.letsencrypt.org/… (2022-12-16)
  source            validationmethods: https://community.letsencrypt.org/… (2022-12-16)
""")

    def test_domain(self):
        done = self.run_command("ca", "show", "Entrust.NET.")
        self.assertEqual((done.status, re.findall(r"(?m)^(\S+): ", done.stdout)), (0, ["entrust", "sectigo", "sslcom", "zerossl"]))
        done = self.run_command("ca", "show", "amazon.com", "--format", "json")
        self.assertEqual([ca["id"] for ca in done.json()], ["amazon", "digicert"])

    def test_unknown(self):
        self.run_command("ca", "show", "letsencrytp").expect(
            1, "", "caapolicy: no CA is known with the id or issuer domain `letsencrytp`; did you mean `letsencrypt`?\n")
        self.run_command("ca", "show", "ca.example.com").expect(
            1, "", "caapolicy: no CA is known with the id or issuer domain `ca.example.com`; `caapolicy ca list` has all\n")


class Update(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)

    def update(self, text, *more, **kwargs):
        self.write("report.csv", text)
        return self.run_command("ca", "update", "report.csv", "--at", "2026-11-22T09:00:00Z", *more, **kwargs)

    def test_nothing_new(self):
        self.update(report()).expect(0, f"""wrote catalogue.json: 0 CAs that are not as in the built-in catalogue, from {len(BUILT_IN)} rows
the policy policy.yaml doesn't use it yet: add `catalogue: catalogue.json` to it
""")
        self.assertEqual(json.loads(self.read("catalogue.json")), {"cas": {}})

    def test_changes(self):
        more = (row("TWCA", '\n twca.com.tw , TWCA.example.\n')                         # several lines, in capitals
                + row('New "Trust" Ltd.', "new.example, letsencrypt.org")
                + row("NEW TRUST LTD", "www.new.example") + row("政府", "gov.example") + row("Nobody", "None") + row("Empty", ""))
        done = self.update(report(leave_out=["accv", "twca", "visa"], more=more))
        done.expect(0, f"""gone: accv (ACCV) with accv.es
added: gov.example as gov-example (政府)
added: new.example, www.new.example as new-trust-ltd (New "Trust" Ltd.)
added: twca.example to twca (TWCA)
gone: visa (Visa) with visa.com
wrote catalogue.json: 5 CAs that are not as in the built-in catalogue, from {len(BUILT_IN) - 3 + 6} rows
the policy policy.yaml doesn't use it yet: add `catalogue: catalogue.json` to it
""")
        cas = json.loads(self.read("catalogue.json"))["cas"]
        self.assertEqual(cas["twca"]["domains"], ["twca.com.tw", "twca.example"])
        self.assertEqual([source["for"] for source in cas["twca"]["sources"]], ["domains", "public"])
        self.assertEqual(cas["twca"]["sources"][0]["date"], "2026-11-22")
        self.assertEqual(cas["accv"], {"public": False, "note": "CCADB's report of 2026-11-22 has none of its domains", "from": "ccadb"})
        # It loads, and is used.
        self.policy(POLICY + "catalogue: catalogue.json\napprovals: [{name: a.example.com, issuer: {ca: new-trust-ltd}}]\n")
        self.run_command("check").expect(0, "good: policy.yaml, 2 files, 1 subtree, 1 approval (1 live)\n")
        # The next one takes back what the one before made.
        self.update(report()).expect(0, f"wrote catalogue.json: 0 CAs that are not as in the built-in catalogue, from {len(BUILT_IN)} rows\n")

    def test_cells_as_ccadb_has_them(self):
        """Commas within a subject's attributes, attributes around O, no O at all; and cells that are no domains."""
        cells = (("CN=A CA 2024 G1; O=Example Registry Co., Ltd.; C=JP", "registry.example, acme.registry.example"),
                 ("CN=AC SUB; OU=NIT 1-7; O=CERTI S.A; L=BOGOTA; C=CO; StreetAddress=www.street.example", "certi.example"),
                 ("CN=A Qualified CA 4; O=Česká CA, s.p.; C=CZ; OrganizationIdentifier=NTRCZ-1", "ceska.example"),
                 ("CN=A Lone CA; C=US", "lone.example"),
                 ("CN=A CA; O=Junk 1; C=NL", "N/A"), ("CN=A CA; O=Junk 2; C=ZA", "none"), ("CN=A CA; O=Junk 3; C=CV", "admin@domain, master@domain"),
                 ("CN=A Test Sub CA2; O=Test; C=US", "Certification Authority Authorization (CAA) Domain names recognized in a CAA record's issue "
                                                     "and issue wild property tags. Comma-separated list."))
        done = self.update(report(more="".join(f'"{subject}","0A1B","A CA","{domains}"\n' for subject, domains in cells)))
        done.expect(0, f"""added: lone.example as a-lone-ca (A Lone CA)
added: certi.example as certi-s-a (CERTI S.A)
added: ceska.example as ceska-example (Česká CA, s.p.)
added: acme.registry.example, registry.example as example-registry-co-ltd (Example Registry Co., Ltd.)
wrote catalogue.json: 4 CAs that are not as in the built-in catalogue, from {len(BUILT_IN) + len(cells)} rows
the policy policy.yaml doesn't use it yet: add `catalogue: catalogue.json` to it
""")

    def test_own_entries_stay(self):
        own = {"note": "ours", "cas": {"corp": {"domains": ["pki.corp.example"]}, "twca": {"accounturi": "yes"}, "wosign": None,
                                       "old": {"domains": ["old.example"], "from": "ccadb"}}}
        self.write("other.json", json.dumps(own))
        self.update(report(leave_out=["twca"], more=row("TWCA", "twca.example")), "--output", "other.json").expect(0, """kept: twca (TWCA), as the file has it
wrote other.json: 3 CAs that are not as in the built-in catalogue, from …
the policy policy.yaml doesn't use it yet: add `catalogue: other.json` to it
""")
        del own["cas"]["old"]
        self.assertEqual(json.loads(self.read("other.json")), own)

    def test_json(self):
        self.policy(POLICY + "catalogue: catalogue.json\n")
        done = self.update(report(leave_out=["accv"]), "--format", "json")
        self.assertEqual((done.status, done.json()), (0, {
            "file": "catalogue.json", "inUse": True, "rows": len(BUILT_IN) - 1, "changes": [
                {"id": "accv", "name": "ACCV", "added": [], "removed": ["accv.es"], "new": False, "gone": True, "kept": False}]}))

    def test_owner_column(self):
        text = 'CA Owner,Recognized CAA Domains\r\nTWCA,"twca.com.tw, twca.example"\r\n'
        self.assertIn("added: twca.example to twca (TWCA)\n", self.update(text).stdout)

    def test_bad_report(self):
        for text, message in (
                ("", "report.csv:1: the file is empty"),
                ("a,b\n1,2\n", "report.csv:1: this is not CCADB's report of CAA identifiers: its heading has no column `Recognized CAA Domains`"),
                ("Recognized CAA Domains\nx\n", "report.csv:1: this is not CCADB's report of CAA identifiers: its heading has no column `Subject`"),
                (HEADING + row("A", "a.example") + '"O=B","",""\n', "report.csv:3: a row of 3 fields below a heading of 4"),
                (HEADING + row("A", "a.example\nb.example") + '"O=B","","x\n', "report.csv:4: the quote that begins a field here has no end"),
                (HEADING + '"O=B"x,"","",""\n', "report.csv:2: text after the closing quote of a field"),
                (HEADING + 'O="B","","",""\n', "report.csv:2: a quote in a field that does not begin with one"),
                (HEADING + row("A", "None"), "report.csv:1: there is no issuer domain in the whole file")):
            with self.subTest(message):
                self.update(text).expect(1, "", f"caapolicy: {message}\n")
        self.run_command("ca", "update", "missing.csv").expect(1, "", "caapolicy: can't read `missing.csv`: No such file or directory\n")
        self.run_command("ca", "update", ".").expect(1, "", "caapolicy: can't read `.`: it is a folder\n")
        self.assertFalse(os.path.exists(f"{self.folder}/catalogue.json"))

    def test_output_that_is_no_catalogue(self):
        self.write("catalogue.json", "cas: {}\n")
        self.update(report()).expect(1, "", "caapolicy: `catalogue.json` is there and is not a catalogue in JSON, so that it can't be updated: "
                                            "mend it, or name another file with --output\n")
        self.write("catalogue.json", '{"cas": {"corp": {}}}')
        self.update(report()).expect(4, "", """catalogue.json:3:5: error: a CA needs the key `domains` [missing-key]
    "corp": {}
    ^~~~~~
  hint: for example `domains: [pki.example.com]`
caapolicy: `catalogue.json` would have errors: nothing is written
""")
        self.assertEqual(self.read("catalogue.json"), '{"cas": {"corp": {}}}')
        self.update(report(), "--output", "missing/catalogue.json").expect(
            1, "", "caapolicy: there is no folder `missing` to write to; make it, with a group that the server is in\n")

    def test_file_is_replaced_whole(self):
        path = self.write("catalogue.json", "{}")
        os.chmod(path, 0o640)
        before = os.stat(path)
        self.assertEqual(self.update(report()).status, 0)
        after = os.stat(path)
        self.assertNotEqual(before.st_ino, after.st_ino)
        self.assertEqual(after.st_mode & 0o777, 0o640)
        self.assertEqual(sorted(os.listdir(self.folder)), ["catalogue.json", "policy.yaml", "report.csv"])


    def test_disk_is_full(self):
        before = self.read(self.write("catalogue.json", '{"cas": {}}'))
        self.write("report.csv", report(leave_out=["accv", "twca"]))
        # Files can't grow beyond some bytes; Python ignores the signal that comes with it, and so does what it starts.
        done = command.subprocess.run([command.COMMAND, "ca", "update", "report.csv"], cwd=self.folder, env=self.environment(), capture_output=True,
                                      text=True, timeout=60, check=False, restore_signals=False,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", "caapolicy: can't write `catalogue.json`: File too large\n"))
        self.assertEqual(self.read("catalogue.json"), before)
        self.assertEqual(sorted(os.listdir(self.folder)), ["catalogue.json", "policy.yaml", "report.csv"])

    @unittest.skipUnless(os.geteuid() == 0, "root may do everything, but others are there to try")
    def test_what_others_may_not(self):
        os.chmod(self.folder, 0o755)
        os.chmod(self.write("secret.csv", report()), 0o600)
        self.write("report.csv", report())
        for name, message in (("secret.csv", "can't read `secret.csv`: Permission denied"), ("report.csv", "can't write `catalogue.json`: Permission denied")):
            done = command.subprocess.run(["setpriv", "--reuid", "nobody", "--clear-groups", command.COMMAND, "ca", "update", name], cwd=self.folder,
                                          env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", f"caapolicy: {message}\n"))


class Check(command.TestCase):
    def test_warnings(self):
        self.policy("""version: 1
issuers:
  le: {ca: letsencrypt, accounts: ["https://acme-staging-v02.api.letsencrypt.org/acme/acct/1"]}
  dc: {ca: digicert, accounts: ["https://acme-v02.api.letsencrypt.org/acme/acct/1"]}
subtrees: {example.com: {allow: [le, dc, letsencrpyt.org]}}
""")
        done = self.run_command("check", "--at", "2026-11-22T09:00:00Z", "--format", "json")
        self.assertEqual((done.status, [(problem["code"], problem["line"]) for problem in done.json()["diagnostics"]]), (0, [
            ("account-staging", 3), ("account-of-other-ca", 4), ("account-ignored", 4), ("ca-unknown", 5)]))
        self.assertIn("may be granted to EVERY account there", done.json()["diagnostics"][2]["message"])
        self.assertEqual(self.run_command("check", "--strict").status, 4)
        later = self.run_command("check", "--at", "2027-03-15T00:00:00Z", "--format", "json").json()["diagnostics"]
        self.assertNotIn("account-ignored", [problem["code"] for problem in later])

    def test_id(self):
        self.policy("version: 1\nsubtrees: {example.com: {allow: [{ca: letsencrypt}, {ca: letsencrpt}, letsencrypt]}}\n")
        self.run_command("check").expect(4, """policy.yaml:2:58: error: `letsencrpt` is neither an issuer domain nor an id of the CA catalogue [bad-issuer-domain]
    subtrees: {example.com: {allow: [{ca: letsencrypt}, {ca: letsencrpt}, letsencrypt]}}
                                                             ^~~~~~~~~~
  hint: did you mean `letsencrypt`?
policy.yaml:2:71: error: unknown issuer `letsencrypt` [unknown-issuer]
    subtrees: {example.com: {allow: [{ca: letsencrypt}, {ca: letsencrpt}, letsencrypt]}}
                                                                          ^~~~~~~~~~~
  hint: for the CA with that id, write its issuer domain, `letsencrypt.org`, or `{ca: letsencrypt}`
2 errors, 0 warnings in policy.yaml
""")


if __name__ == "__main__":
    unittest.main()
