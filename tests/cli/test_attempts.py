#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy attempts, and the mail that examples/mail-events.sh makes of events."""
import os
import re
import signal
import subprocess
import unittest

import command
import backends
import harness
from harness import wait_until

ZONE = """
$TTL 3600
@    SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300
@    NS  ns1.example.net.
www  A   192.0.2.1
"""
POLICY = "version: 1\nsubtrees: {example.com: {}, a.example.com: {}}\n"


class Attempts(command.TestCase, harness.TestCase):
    def serve_denials(self, *names, **settings):
        server = self.serve(self.keep(backends.Bind({"example.com": ZONE})), policy=POLICY, settings={"cache-ttl": "0", "query-cache-ttl": "0", **settings})
        for name in names:
            server.dig(name, "CAA")
        wait_until(lambda: server.statistic("caapolicy-attempts") == len(set(names)))
        return server, ["--config-dir", server.folder]

    def test_table(self):
        _, where = self.serve_denials("www.example.com", "www.example.com", "x.a.example.com")
        done = self.run_command("attempts", *where)
        self.assertEqual((done.status, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0].split(), ["name", "times", "first", "last", "now", "from"])
        lines[1:3] = sorted(lines[1:3])  # both in one second, perhaps
        self.assertRegex(lines[2], r"^x\.a\.example\.com\s+1  \S+Z  \S+Z  -    127\.0\.0\.0/24  \(not in the zone\)$")
        self.assertRegex(lines[1], r"^www\.example\.com\s+2  \S+Z  \S+Z  -    127\.0\.0\.0/24$")
        self.assertEqual(lines[3:], ["why: caapolicy explain NAME; approve one: caapolicy approve NAME --issuer CA"])

    def test_choices(self):
        _, where = self.serve_denials("www.example.com", "x.a.example.com")
        self.run_command("attempts", "--names", "--under", "a.example.com", *where).expect(0, "x.a.example.com\n")
        self.run_command("attempts", "--names", "--since", "1h", *where).expect(0, "…\n")
        self.run_command("attempts", "--since", "1h", "--at", "2999-01-01T00:00:00Z", *where).expect(0, "none of the 2 denied names that are remembered is like that\n")

    def test_json(self):
        _, where = self.serve_denials("www.example.com")
        attempt = self.run_command("attempts", "--format", "json", *where).json()["attempts"][0]
        self.assertRegex(attempt.pop("first"), r"Z$")
        self.assertRegex(attempt.pop("last"), r"Z$")
        self.assertEqual(attempt, {"name": "www.example.com", "subtree": "example.com", "exists": True, "count": 1,
                                   "networks": ["127.0.0.0/24"], "moreNetworks": False, "now": None, "issuers": []})

    def test_verdict_of_the_policy_as_it_is_now(self):
        """Of its file: whoever approves it now wants to see that, whether the server has it already or not."""
        _, where = self.serve_denials("www.example.com", "x.a.example.com")

        def now():
            done = self.run_command("attempts", *where)
            self.assertEqual((done.status, done.stderr), (0, ""))
            rows = {line.split()[0]: re.split(r"  +", line)[4] for line in done.stdout.splitlines()[1:3]}
            attempts = {attempt["name"]: (attempt["now"], attempt["issuers"]) for attempt in self.run_command("attempts", "--format", "json", *where).json()["attempts"]}
            return rows, attempts
        self.policy(POLICY)
        self.assertEqual(now(), ({"www.example.com": "denied", "x.a.example.com": "denied"}, {"www.example.com": ("denied", []), "x.a.example.com": ("denied", [])}))
        self.policy(POLICY + "approvals:\n" + "".join(f"  - {{name: www.example.com, issuer: {ca}}}\n" for ca in ("ssl.com", "letsencrypt.org"))
                    + "  - {name: x.a.example.com, issuer: ssl.com, until: 2020-01-01T00:00:00Z}\n")
        self.assertEqual(now(), ({"www.example.com": "letsencrypt.org, ssl.com", "x.a.example.com": "denied"},
                                 {"www.example.com": ("allowed", ["letsencrypt.org", "ssl.com"]), "x.a.example.com": ("denied", [])}))
        self.assertEqual(self.run_command("attempts", "--format", "json", "--under", "a.example.com", "--at", "2999-01-01T00:00:00Z", *where).json()["attempts"][0]["now"], "denied")
        self.policy("version: 1\nsubtrees: {a.example.com: {}}\n")
        self.assertEqual(now()[0], {"www.example.com": "not governed", "x.a.example.com": "denied"})
        self.policy("version: 2\n")
        self.assertEqual(now()[0], {"www.example.com": "-", "x.a.example.com": "-"})

    def test_nobody_to_ask(self):
        self.run_command("attempts", "--config-dir", self.folder).expect(1, "", """…
caapolicy: `pdns_control` failed: does the server run, with this version of the module, and are --config-dir and --config-name its own?
""")
        self.run_command("attempts", env={"PATH": self.folder}).expect(1, "", """…
caapolicy: `pdns_control` is not there: run this where the server runs
""")

    def test_server_without_the_module(self):
        server = self.serve(self.keep(backends.Bind({"example.com": ZONE})), launch="bind", policy=None)
        self.run_command("attempts", "--config-dir", server.folder).expect(
            1, "", "Unknown command: 'CAAPOLICY-ATTEMPTS'\ncaapolicy: `pdns_control` failed: does the server run, with this version of the "
                   "module, and are --config-dir and --config-name its own?\n")

    def test_usage(self):
        self.run_command("attempts", "--since", "yesterday").expect(2, "", "caapolicy: --since: `yesterday` is not a span such as 1h or 7d\n")
        self.run_command("attempts", "--under", "a b").expect(2, "", "caapolicy: `a b` is not a host name\n")

    def test_mail(self):
        sent = f"{self.folder}/sent"
        os.chmod(self.write("bin/sendmail", f"#!/bin/sh\ncat >> {sent}\n"), 0o755)
        events = self.write("events.jsonl", "")
        mailer = subprocess.Popen([f"{command.ROOT}/examples/mail-events.sh", events, "pki@example.com"], start_new_session=True,
                                  env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"})
        self.addCleanup(mailer.wait)
        self.addCleanup(os.killpg, mailer.pid, signal.SIGTERM)
        server, _ = self.serve_denials(**{"caapolicy-events": events})
        names = iter(range(1000))  # tail may not have begun to look yet

        def mailed():
            server.dig(f"n{next(names)}.example.com", "CAA")
            return os.path.exists(sent) and "127.0.0.0/24" in self.read("sent")
        wait_until(mailed)
        self.assertRegex(self.read("sent"), r"""(?s)To: pki@example\.com
Subject: \[caapolicy\] certificate denied: n\d+\.example\.com

127\.0\.0\.0/24 asked at \S+Z\. To approve: caapolicy approve n\d+\.example\.com --issuer CA
""")
        server.write_policy("version: 2\n")
        wait_until(lambda: "Subject: [caapolicy] the CAA policy has errors\n" in self.read("sent"))


if __name__ == "__main__":
    unittest.main()
