#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator meets: starts that fail and why, metrics, control commands, permissions, the log."""
import os
import re
import time
import unittest
import urllib.request

import backends
import harness
from harness import utc, wait_until

ZONE = backends.HEAD + """
shop  A     192.0.2.2
alias CNAME shop
child NS    ns.example.net.
*.wild    A     192.0.2.3
*.aliases CNAME shop
"""

POLICY = """version: 1
subtrees:
  example.com: {}
include: [approvals.d/*.yaml]
"""


class Operating(harness.TestCase):
    def zones(self):
        return self.keep(backends.Bind({"example.com": ZONE}))

    def start_error(self, **kwargs):
        server = self.keep(harness.Server(self.zones(), **kwargs))
        with self.assertRaises(harness.StartError) as raised:
            server.start()
        return server, raised.exception.log

    # Starts.

    def test_broken_root_policy_refuses_to_start(self):
        server, log = self.start_error(policy=POLICY.replace("{}", "{ttl: soon}").replace("version: 1", "versoin: 1"))
        self.assertIn(f"[caapolicy] {server.policy_file}:3:22: error: `ttl` must be a whole number of seconds", log)
        self.assertIn(f"[caapolicy] {server.policy_file}:1:1: error: unknown key `versoin` in the policy [unknown-key]\n"
                      "[caapolicy]     versoin: 1\n"
                      "[caapolicy]     ^~~~~~~\n"
                      "[caapolicy]   hint: did you mean `version`?\n", log)
        self.assertRegex(log, r"caapolicy can't start: the policy `.*/policy\.yaml` has \d errors, first: ")

    def test_missing_policy(self):
        server, log = self.start_error(policy=None)
        self.assertIn(f"[caapolicy] {server.policy_file}: error: cannot read `{server.policy_file}`: "
                      "No such file or directory [cannot-read]\n[caapolicy]   hint: ", log)
        self.assertIn("caapolicy can't start", log)

    def test_broken_policy_ends_every_kind_of_start(self):
        for settings in ({"zone-cache-refresh-interval": "0"}, {"receiver-threads": "2", "distributor-threads": "1"}):
            with self.subTest(settings=settings):
                server, log = self.start_error(policy="version: 2\n", settings=settings)
                self.assertIn("caapolicy can't start: the policy ", log)
                self.assertNotEqual(server.status, 0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to drop privileges")
    def test_policy_that_the_servers_user_may_not_read(self):
        zones = self.zones()
        server = self.keep(harness.Server(zones, policy=POLICY, settings={"setuid": "nobody", "setgid": "nogroup"}))
        for folder in (server.folder, zones.folder):
            os.chmod(folder, 0o755)
        os.chmod(server.policy_file, 0o600)
        with self.assertRaises(harness.StartError) as raised:
            server.start()
        log = raised.exception.log
        self.assertIn(f"error: user `nobody` may not read `{server.policy_file}` [permission-denied]", log)
        self.assertRegex(log, r"hint: .*(chmod|chgrp)")

    def test_setting_with_a_wrong_value(self):
        _, log = self.start_error(policy=POLICY, settings={"caapolicy-nonexistent-names": "maybe"})
        self.assertIn("caapolicy-nonexistent-names is `maybe`; it must be `answer` or `nxdomain`", log)

    def test_tools_see_what_is_stored_and_need_no_policy(self):
        zones = self.keep(backends.Gsqlite3({"example.com": ZONE}))
        server = self.serve(zones, policy=POLICY, files={"approvals.d/a.yaml": "approvals: []\n"})
        self.assertEqual(server.dig("shop.example.com", "CAA").data("CAA"), ['0 issue ";"'])
        server.write_policy("version: 2\n")
        server.pdnsutil("add-record", "example.com", "shop", "CAA", '0 issue "stored.example"')
        server.pdnsutil("add-record", "example.com", "a.new", "A", "192.0.2.9")
        server.pdnsutil("increase-serial", "example.com")
        server.pdnsutil("rectify-zone", "example.com")
        server.pdnsutil("check-zone", "example.com")
        stored = server.pdnsutil("list-zone", "example.com")
        self.assertEqual(re.findall(r".*\bCAA\b.*", stored), ['shop.example.com\t3600\tIN\tCAA\t0 issue "stored.example"'])
        self.assertEqual(stored, zones.pdnsutil("list-zone", "example.com"))
        server.control("purge")
        self.assertEqual(server.dig("shop.example.com", "CAA").data("CAA"), ['0 issue ";"'])

    # Numbers.

    def serve_approvals(self, **settings):
        now = int(time.time())
        approvals = f"""approvals:
  - {{name: shop.example.com, issuer: ca.example, ticket: SEC-1}}
  - {{name: soon.example.com, issuer: ca.example, until: {utc(now + 3600)}}}
  - {{name: later.example.com, issuer: ca.example, until: {utc(now + 8 * 86400)}}}
  - {{name: not-yet.example.com, issuer: ca.example, from: {utc(now + 3600)}}}
"""
        server = self.serve(self.zones(), policy=POLICY, files={"approvals.d/a.yaml": approvals}, settings=settings)
        return server, now

    def test_statistics(self):
        server, now = self.serve_approvals(**harness.UNCACHED)
        for name in ("shop.example.com", "soon.example.com", "ns1.example.com", "alias.example.com", "child.example.com"):
            server.dig(name, "CAA")
        wait_until(lambda: server.statistic("caapolicy-attempts") == 1)
        values = dict(pair.split("=") for pair in server.control("show", "*").strip().split(",") if pair.startswith("caapolicy"))
        loaded = int(values.pop("caapolicy-loaded"))
        self.assertTrue(now - 1 <= loaded <= time.time(), loaded)
        self.assertEqual(values, {
            "caapolicy-answers-granted": "2", "caapolicy-answers-denied": "1", "caapolicy-answers-passed": "2",
            "caapolicy-answers-alias": "1",
            "caapolicy-attempts": "1", "caapolicy-attempts-dropped": "0", "caapolicy-attempts-missed": "0", "caapolicy-events-lost": "0",
            "caapolicy-names": "5", "caapolicy-approvals-live": "3", "caapolicy-approvals-expiring": "1",
            "caapolicy-reloads-good": "0", "caapolicy-reloads-failed": "0", "caapolicy-current": "1"})

    def test_prometheus(self):
        server, _ = self.serve_approvals(**{"webserver": "yes", "webserver-address": "127.0.0.1", "webserver-allow-from": "127.0.0.1"})
        port = server.settings["webserver-port"]
        server.dig("shop.example.com", "CAA")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            text = reply.read().decode()
        self.assertIn("# TYPE pdns_auth_caapolicy_answers_granted counter\npdns_auth_caapolicy_answers_granted 1\n", text)
        self.assertIn("# TYPE pdns_auth_caapolicy_approvals_live gauge\npdns_auth_caapolicy_approvals_live 3\n", text)

    # Commands.

    def test_status(self):
        server, now = self.serve_approvals()
        status = server.control("caapolicy-status")
        self.assertRegex(status, rf"""^policy: {re.escape(server.policy_file)}
sha256: [0-9a-f]{{64}}
loaded: \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ
files: 2
subtrees: 1
names: 5
approvals: 4
approvals live: 3
approvals that end within 7 days: 1
next change: {utc(now + 3600)}
stored CAA records left out: 0
reloads: 0 good, 0 failed
problems: 0
""")

    def test_explain(self):
        server, now = self.serve_approvals()
        file = server.policy_file
        approvals = f"{server.policy_folder}/approvals.d/a.yaml"
        self.assertEqual(server.control("caapolicy-explain", "shop.example.com").rstrip("\n"), f"""\
shop.example.com: in the zone example.com it exists
shop.example.com is governed by example.com ({file}:3)
granted: ca.example, no wildcard, any account, any method: approved at {approvals}:2, SEC-1
records:
  shop.example.com. 300 IN CAA 0 issue "ca.example"
  shop.example.com. 300 IN CAA 0 issuewild ";"
names below it that are not listed:
  *.shop.example.com. 300 IN CAA 0 issue ";"
changes: not by itself""")
        self.assertIn(f"until {utc(now + 3600)}\n", server.control("caapolicy-explain", "Soon.example.com."))
        for name, text in (("nobody.example.com", "in the zone example.com it does not exist\n"),
                           ("x.wild.example.com", "in the zone example.com a wildcard answers for it\n"),
                           ("alias.example.com", "in the zone example.com it is an alias (CNAME): CAs go by the CAA of its "
                            "target, the policy has no say; by the policy alone:\n"),
                           ("x.aliases.example.com", "in the zone example.com it is an alias (CNAME): CAs go by the CAA of its "
                            "target, the policy has no say; by the policy alone:\n"),
                           ("child.example.com", "in the zone example.com it is at or below a delegation or a DNAME: what is "
                            "there decides, the policy has no say; by the policy alone:\n"),
                           ("x.child.example.com", "in the zone example.com it is at or below a delegation or a DNAME: what is "
                            "there decides, the policy has no say; by the policy alone:\n"),
                           ("example.org", "no zone here has this name; by the policy alone:\n")):
            with self.subTest(name=name):
                self.assertTrue(server.control("caapolicy-explain", name).startswith(f"{name}: {text}"),
                                server.control("caapolicy-explain", name))
        self.assertIn("example.org is not governed", server.control("caapolicy-explain", "example.org"))
        self.assertEqual(server.control("caapolicy-explain", "*.example.com").rstrip("\n"), "`*.example.com` is not a host name")
        self.assertEqual(server.control("caapolicy-explain").rstrip("\n"), "usage: caapolicy-explain NAME")
        self.assertRegex(server.control("help"), r"(?i)caapolicy-explain <name>\s.*\n(.*\n)*.*caapolicy-status")

    def test_zones_of_a_policy_beside_a_wrapped_backend(self):
        server = self.serve(self.zones(), policy="version: 1\nsubtrees: {example.com: {}}\nzones:\n  example.net: "
                            "{primary: ns1.example.com, hostmaster: hostmaster.example.com, nameservers: [ns1.example.com]}\n")
        self.assertIn("[caapolicy] the policy's `zones` are not served: they are for `launch=caapolicy`, without a wrapped backend",
                      server.log())
        self.assertEqual(server.dig("example.net", "SOA").rcode, "REFUSED")

    def test_stored_caa_that_is_left_out(self):
        caa = 'CAA 0 issue "stored.example"\n'
        text = ZONE + f"shop {caa}*.wild {caa}" + "".join(f"n{number} {caa}n{number} {caa.replace('stored', 'other')}" for number in range(6))
        server = self.serve(self.keep(backends.Bind({"example.com": text})), policy=POLICY, settings={"cache-ttl": "0", "query-cache-ttl": "0"})
        left_out = lambda: re.search("(?m)^stored CAA records left out: (.*)$", server.control("caapolicy-status"))[1]
        self.assertEqual(left_out(), "0")
        for name in ("shop.example.com", "shop.example.com", "a.wild.example.com", "ns1.example.com"):
            self.assertEqual(server.dig(name, "CAA").data("CAA"), ['0 issue ";"'])
        self.assertEqual(left_out(), "2, at shop.example.com, *.wild.example.com")
        server.axfr("example.com")
        self.assertEqual(left_out(), "14, at n0.example.com, n1.example.com, n2.example.com, n3.example.com, n4.example.com and 3 more")
        server.write_policy("version: 1\nsubtrees: {wild.example.com: {}}\n")
        server.control("rediscover")
        server.axfr("example.com")
        self.assertEqual(left_out(), "1, at *.wild.example.com")

    def test_aliases_are_told_of_once_an_hour(self):
        server, _ = self.serve_approvals(**{"cache-ttl": "0", "query-cache-ttl": "0"})
        for name in ("alias.example.com", "alias.example.com", "x.aliases.example.com", "y.aliases.example.com", "ns1.example.com"):
            server.dig(name, "CAA")
        server.dig("alias.example.com", "A")
        self.assertEqual(server.statistic("caapolicy-answers-alias"), 4)
        told = [line for line in server.log().splitlines() if "alias (CNAME)" in line]
        self.assertEqual(told, [f"[caapolicy] a CA may have asked for the CAA of {name}, an alias (CNAME): its target decides, "
                                "the policy has no say" for name in ("alias.example.com", "*.aliases.example.com")])

    # The log.

    def test_log_of_a_good_day(self):
        server = self.serve(self.zones(), policy=POLICY, files={"approvals.d/a.yaml": "approvals: []\n"}, settings={"loglevel": "4"})
        mark = server.mark()
        server.write_policy("approvals: [{name: shop.example.com, issuer: ca.example}]\n", "approvals.d/b.yaml")
        server.wait_log("reloaded", since=mark)
        lines = [line for line in server.log().splitlines() if line.startswith("[caapolicy]")]
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"^\[caapolicy\] policy `.*/policy\.yaml` loaded: 2 files, 1 subtree, 0 approvals \(0 live\), "
                                   r"SHA-256 [0-9a-f]{64}$")
        self.assertRegex(lines[1], r"^\[caapolicy\] policy `.*/policy\.yaml` reloaded: 3 files, 1 subtree, 1 approval \(1 live\), "
                                   r"SHA-256 [0-9a-f]{64}; changed: shop\.example\.com$")


if __name__ == "__main__":
    unittest.main()
