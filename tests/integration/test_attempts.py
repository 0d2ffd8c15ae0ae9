#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who tried: denied CAA queries are remembered and told of, within bounds; and what else the event file tells."""
import json
import os
import re
import subprocess
import tempfile
import time
import unittest

import abilities
import backends
import harness
from harness import utc, wait_until

ZONE = backends.HEAD + """
www     A     192.0.2.2
shop    A     192.0.2.3
*.wild  A     192.0.2.4
alias   CNAME www
child   NS    ns.example.net.
n0      A     192.0.2.5
n1      A     192.0.2.5
n2      A     192.0.2.5
"""
POLICY = """
version: 1
subtrees:
  example.com: {}
  dev.example.com: {allow: [ca.example]}
approvals:
  - {name: shop.example.com, issuer: ca.example}
"""


class TestCase(harness.TestCase):
    def serve_zone(self, policy=POLICY, **settings):
        return self.serve(self.keep(backends.Bind({"example.com": ZONE})), policy=policy, settings={**harness.UNCACHED, **settings})

    def attempts(self, server):
        return [json.loads(line) for line in server.control("caapolicy-attempts", "json").splitlines() if line]

    def wait_attempts(self, server, count):
        """They get there a moment after the answer."""
        return wait_until(lambda: len(found := self.attempts(server)) >= count and found, what=f"{count} attempts")


class Attempts(TestCase):
    def check_denied(self, mode):
        server = self.serve_zone(**{"caapolicy-nonexistent-names": mode})
        begun = int(time.time())
        for name, times in (("www.example.com", 3), ("WWW.Example.com", 1), ("nothing.example.com", 2), ("x.wild.example.com", 1),
                            ("below.shop.example.com", 1)):
            for _ in range(times):
                server.dig(name, "CAA")
        for name in ("shop.example.com", "x.dev.example.com", "alias.example.com", "x.child.example.com"):
            server.dig(name, "CAA")  # granted, or not ours to say
        server.dig("n0.example.com", "A")
        server.dig("n0.example.com", "ANY", "+tcp")
        found = {attempt["name"]: attempt for attempt in wait_until(
            lambda: sum(attempt["count"] for attempt in self.attempts(server)) == 8 and self.attempts(server))}
        self.assertEqual({name: (attempt["count"], attempt["exists"]) for name, attempt in found.items()}, {
            "www.example.com": (4, True), "nothing.example.com": (2, False), "below.shop.example.com": (1, False),
            "x.wild.example.com": (1, True)})
        www = found["www.example.com"]
        self.assertEqual((www["subtree"], www["networks"], www["moreNetworks"]), ("example.com", ["127.0.0.0/24"], False))
        self.assertTrue(utc(begun) <= www["first"] <= www["last"] <= utc(time.time()), www)
        return server

    def test_answer(self):
        server = self.check_denied("answer")
        self.assertEqual(server.statistic("caapolicy-attempts"), 4)
        self.assertRegex(server.control("caapolicy-attempts"), r"(?m)^\S+Z  4 times  www\.example\.com  from 127\.0\.0\.0/24$")
        self.assertRegex(server.control("caapolicy-attempts"), r"(?m)^\S+Z  2 times  nothing\.example\.com \(not in the zone\)  from 127\.0\.0\.0/24$")
        self.assertEqual(server.control("caapolicy-attempts", "all").strip(), "usage: caapolicy-attempts [json]")

    def test_nxdomain(self):
        self.check_denied("nxdomain")

    def test_consistent_backends(self):
        server = self.serve_zone(**{"consistent-backends": "no"})
        server.dig("www.example.com", "CAA")
        self.assertEqual([(attempt["name"], attempt["count"]) for attempt in self.wait_attempts(server, 1)], [("www.example.com", 1)])

    def test_networks(self):
        server = self.serve_zone(**{"local-address": "0.0.0.0, ::1"})
        subprocess.run(["dig", "-r", "@::1", "-p", str(server.port), "n0.example.com", "CAA"], capture_output=True, check=True)
        self.assertEqual(self.wait_attempts(server, 1)[0]["networks"], ["::/48"])
        for last in range(1, 12):
            server.dig("www.example.com", "CAA", "-b", f"127.0.{last}.1")
        attempt = wait_until(lambda: (found := self.attempts(server)[0])["count"] == 11 and found)
        self.assertEqual((attempt["networks"], attempt["moreNetworks"]), ([f"127.0.{number}.0/24" for number in range(1, 9)], True))

    def test_bound(self):
        """The oldest make room; made-up names only for made-up ones."""
        server = self.serve_zone(**{"caapolicy-attempts": "3"})
        self.assertEqual(server.control("caapolicy-attempts").strip(), "no denied name is remembered")
        for name in ("www", "n0"):
            server.dig(f"{name}.example.com", "CAA")
        self.wait_attempts(server, 2)
        server.dig_many([(f"random{number}.example.com", "CAA") for number in range(50)])
        names = lambda: {attempt["name"] for attempt in self.attempts(server)}
        wait_until(lambda: "random49.example.com" in names())
        self.assertEqual(names(), {"www.example.com", "n0.example.com", "random49.example.com"})
        server.dig("n1.example.com", "CAA")
        wait_until(lambda: "n1.example.com" in names())
        self.assertEqual(names(), {"n0.example.com", "n1.example.com", "random49.example.com"})
        self.assertEqual((server.statistic("caapolicy-attempts"), server.statistic("caapolicy-attempts-dropped")), (3, 50))

    def test_none(self):
        server = self.serve_zone(**{"caapolicy-attempts": "0"})
        server.dig("www.example.com", "CAA")
        self.assertEqual(server.control("caapolicy-attempts", "json").strip(), "")
        self.assertEqual(server.statistic("caapolicy-attempts-missed"), 0)

    def test_many(self):
        server = self.serve_zone(**{"caapolicy-attempts": "200000"})
        for part in range(5):
            server.dig_many([(f"r{part}-{number}.example.com", "CAA") for number in range(2000)])
        wait_until(lambda: server.statistic("caapolicy-attempts") + server.statistic("caapolicy-attempts-missed") == 10000)
        self.assertEqual(len(self.attempts(server)), server.statistic("caapolicy-attempts"))


class Events(TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="caapolicy-events-")
        self.addCleanup(scratch.cleanup)
        self.path = f"{scratch.name}/events.jsonl"

    def events(self, kind=None, path=None):
        try:
            with open(path or self.path, encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return []
        found = [json.loads(line) for line in text.splitlines()]
        return [event for event in found if kind in (None, event["event"])]

    def wait_events(self, kind, count=1):
        return wait_until(lambda: len(found := self.events(kind)) >= count and found, what=f"{count} × {kind}")

    def without_time(self, event):
        self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        return {key: value for key, value in event.items() if key != "time"}

    def test_denied(self):
        server = self.serve_zone(**{"caapolicy-events": self.path})
        for name in ("www.example.com", "www.example.com", "n0.example.com", "shop.example.com", "zzz.example.com"):
            server.dig(name, "CAA")
        self.assertEqual([self.without_time(event) for event in self.wait_events("denied", 3)], [
            {"event": "denied", "name": name, "subtree": "example.com", "exists": exists, "count": count, "network": "127.0.0.0/24"}
            for name, exists, count in (("www.example.com", True, 1), ("n0.example.com", True, 1), ("zzz.example.com", False, 1))])

    def test_loads(self):
        server = self.serve_zone(**{"caapolicy-events": self.path})
        server.write_policy(POLICY.replace("shop.example.com", "n0.example.com"))
        loaded = self.without_time(self.wait_events("loaded")[0])
        self.assertEqual((loaded["changed"], loaded["names"]), (2, ["n0.example.com", "shop.example.com"]))
        self.assertIn(f"sha256: {loaded['sha256']}\n", server.control("caapolicy-status"))
        server.write_policy("version: 2\n")
        failed = self.without_time(self.wait_events("not-loaded")[0])
        self.assertEqual(list(failed), ["event", "errors"])
        self.assertRegex(failed["errors"][0], r"policy\.yaml:1:10: error: ")

    def test_approvals_begin_and_end(self):
        now = int(time.time())
        server = self.serve_zone(POLICY + f"""
  - {{name: www.example.com, issuers: [ca.example, other.example], from: {utc(now + 3)}, until: {utc(now + 5)}, ticket: SEC-1, by: pki@example.com, reason: a test}}
  - {{name: n0.example.com, issuer: ca.example, until: {utc(now + 6 * 86400)}}}
  - {{name: n1.example.com, issuer: ca.example, until: {utc(now + 7 * 86400 + 4)}}}
  - {{name: n2.example.com, issuer: ca.example, until: {utc(now + 9 * 86400)}}}
""", **{"caapolicy-events": self.path})
        self.wait_events("approval-ended")
        www = {"name": "www.example.com", "issuers": ["ca.example", "other.example"], "subtree": False, "until": utc(now + 5),
               "reason": "a test", "ticket": "SEC-1", "by": "pki@example.com"}
        self.assertEqual([self.without_time(event) for event in self.events() if event["name"] == "www.example.com"],
                         [{"event": f"approval-{what}", **www} for what in ("began", "ends-soon", "ended")])
        self.assertEqual([event["time"] for event in self.events("approval-began")], [utc(now + 3)])
        self.assertLessEqual(utc(now + 5), self.events("approval-ended")[0]["time"])
        self.assertEqual([event["name"] for event in self.wait_events("approval-ends-soon", 3)],
                         ["n0.example.com", "www.example.com", "n1.example.com"])
        server.control("rediscover")
        server.write_policy(POLICY + f"""
  - {{name: n0.example.com, issuer: ca.example, until: {utc(now + 6 * 86400)}}}
  - {{name: n2.example.com, issuer: ca.example, until: {utc(now + 5 * 86400)}}}
""")
        self.assertEqual([event["name"] for event in self.wait_events("approval-ends-soon", 4)][3:], ["n2.example.com"])

    def test_rotation(self):
        server = self.serve_zone(**{"caapolicy-events": self.path})
        server.dig("www.example.com", "CAA")
        self.wait_events("denied")
        os.rename(self.path, self.path + ".1")
        server.dig("n0.example.com", "CAA")
        self.assertEqual([event["name"] for event in self.wait_events("denied")], ["n0.example.com"])
        self.assertEqual([event["name"] for event in self.events("denied", self.path + ".1")], ["www.example.com"])

    @unittest.skipUnless(abilities.may_mount(), "mounts a small file system")
    def test_full_disk(self):
        folder = os.path.dirname(self.path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", folder], check=True))
        with open(f"{folder}/ballast", "wb") as file:
            file.write(b"x" * 4096)
        server = self.serve_zone(**{"caapolicy-events": self.path})
        server.dig_many([(f"r{number}.example.com", "CAA") for number in range(100)])
        server.wait_log(r"\[caapolicy\] can't write events to .*events\.jsonl: No space left on device: they are lost until it can be written")
        lost = wait_until(lambda: (lost := server.statistic("caapolicy-events-lost")) and lost + len(self.events("denied")) == 100 and lost)
        self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), ['0 issue ";"'])
        wait_until(lambda: server.statistic("caapolicy-events-lost") == lost + 1)
        os.remove(f"{folder}/ballast")
        server.dig("n0.example.com", "CAA")
        wait_until(lambda: self.events("denied")[-1]["name"] == "n0.example.com")
        self.assertEqual(server.statistic("caapolicy-events-lost"), lost + 1)
        self.assertEqual(len(re.findall("can't write events", server.log())), 1)

    def test_file_that_can_not_be_opened(self):
        server = self.serve_zone(**{"caapolicy-events": "/proc/none/events.jsonl"})
        server.dig("www.example.com", "CAA")
        server.wait_log("can't write events to /proc/none/events.jsonl: No such file or directory")
        wait_until(lambda: server.statistic("caapolicy-events-lost") == 1)


del TestCase

if __name__ == "__main__":
    unittest.main()
