#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From a refused certificate to an approved one, and on to its end: the server, the command and the events tell one story."""
import json
import os
import time
import unittest

import command
import backends
import harness
from harness import wait_until

ZONE = """
$TTL 3600
@    SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300
@    NS  ns1.example.net.
shop A   192.0.2.1
"""
POLICY = """version: 1
subtrees: {example.com: {}}
include: [approvals.d/*.yaml]
"""
DENIED = ['0 issue ";"']
GRANTED = ['0 issue "letsencrypt.org; validationmethods=dns-01"', '0 issuewild ";"']


class Story(command.TestCase, harness.TestCase):
    def test_refused_approved_and_over(self):
        events = f"{self.folder}/events.jsonl"
        server = self.serve(self.keep(backends.Bind({"example.com": ZONE})), policy=POLICY,
                            files={"approvals.d/none.yaml": "approvals: []\n"}, settings={"caapolicy-events": events})
        asked = {"CAAPOLICY_FILE": server.policy_file}
        request = ["--ca", "letsencrypt.org", "--method", "dns-01"]

        def caa():
            return server.dig("shop.example.com", "CAA").data("CAA")

        def run(status, *args):
            done = self.run_command(*args, env=asked)
            self.assertEqual((done.status, done.stderr), (status, ""), done.stdout)
            return done.stdout

        def live(status):
            return run(status, "live", "shop.example.com", "--server", f"127.0.0.1:{server.port}", *request)

        # A CA asks, is refused, and is seen.
        self.assertEqual(caa(), DENIED)
        tried = wait_until(lambda: run(0, "attempts", "--names", "--config-dir", server.folder))
        self.assertEqual(tried, "shop.example.com\n")
        line = run(3, "explain", "shop.example.com", *request).splitlines()[-1]
        self.assertEqual(line, "  to grant it: caapolicy approve shop.example.com --issuer letsencrypt.org --method dns-01")
        self.assertIn("denied", live(3))

        # One command.
        end = int(time.time()) + 6
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        run(0, *line.split()[4:], "--until", until, "--ticket", "SEC-1")
        wait_until(lambda: caa() == GRANTED, timeout=5)
        self.assertIn("allowed", live(0))
        self.assertIn(f"until {until}, ticket SEC-1", run(0, "explain", "shop.example.com", *request))

        # Its time passes.
        wait_until(lambda: caa() == DENIED)
        self.assertGreaterEqual(time.time(), end)
        self.assertIn("denied", live(3))
        wait_until(lambda: "approval-ended" in self.read("events.jsonl"))
        run(0, "prune")
        self.assertEqual(os.listdir(f"{server.policy_folder}/approvals.d"), ["none.yaml"])

        told = wait_until(lambda: len(found := [json.loads(line) for line in self.read("events.jsonl").splitlines()]) >= 5 and found)
        self.assertEqual([(event["event"], event.get("name", event.get("names"))) for event in told], [
            ("denied", "shop.example.com"), ("loaded", ["shop.example.com"]), ("approval-ends-soon", "shop.example.com"),
            ("approval-ended", "shop.example.com"), ("loaded", [])])
        self.assertEqual((told[3]["until"], told[3]["ticket"]), (until, "SEC-1"))


if __name__ == "__main__":
    unittest.main()
