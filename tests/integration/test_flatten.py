#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`cname: flatten`: an alias at a governed name is served as the addresses of its target, and carries the name's set."""
import re
import unittest

import backends
import harness
import secondaries
from harness import wait_until
from resolver import Unbound, anchors_of, verify_transfer

ZONE = """
$TTL 3600
@                    SOA   ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300
@                    NS    ns1.example.net.
www            600   CNAME web.vendor.example.
app                  CNAME web.vendor.example.
x.app                A     192.0.2.9
six                  CNAME six.vendor.example.
empty                CNAME empty.vendor.example.
gone                 CNAME gone.vendor.example.
lost                 CNAME lost.example.org.
plain                A     192.0.2.1
_acme-challenge.www  CNAME www.validation.vendor.example.
*.wild               CNAME web.vendor.example.
made                 LUA   CNAME "'web.vendor.example'"
kept.www             CNAME web.vendor.example.
"""
VENDOR = """
$TTL 120
@      SOA  ns1.vendor.example. hostmaster.vendor.example. 1 3600 600 86400 60
@      NS   ns1.vendor.example.
web    A    192.0.2.80
web    A    192.0.2.81
web    AAAA 2001:db8::80
web    MX   10 web
web    CAA  0 issue "vendor-ca.example"
six    AAAA 2001:db8::6
empty  TXT  "nothing else"
*.validation TXT "token"
"""
POLICY = """
version: 1
subtrees:
  example.com:
    cname: flatten
    allow: [ca.example]
  kept.www.example.com: {}
approvals:
  - {name: app.example.com, issuer: other.example}
"""
ALLOWED = ['0 issue "ca.example"', '0 issuewild ";"']
BOTH = ['0 issue "ca.example"', '0 issue "other.example"', '0 issuewild ";"']
DENIED = ['0 issue ";"']
V4, V6 = ["192.0.2.80", "192.0.2.81"], ["2001:db8::80"]


class Flatten(harness.TestCase):
    def serve_vendor(self):
        """Stands in for a resolver: it knows the vendor's zone, and refuses to say anything of others."""
        return self.serve(self.keep(backends.Bind({"vendor.example": VENDOR})), launch="bind", policy=None)

    def settings(self, vendor, **more):
        return {"expand-alias": "yes", "resolver": f"127.0.0.1:{vendor.port}",
                "enable-lua-records": "yes", "direct-dnskey": "no", **more}

    def serve_flattened(self, zones, policy=POLICY, **more):
        vendor = self.serve_vendor()
        return self.serve(zones, policy=policy, settings=self.settings(vendor, **more)), vendor

    def zones(self, make=backends.Gsqlite3, text=ZONE):
        return self.keep(make({"example.com": text}))

    def check(self, server, expected):
        for (name, rrtype), data in expected.items():
            with self.subTest(name=name, type=rrtype):
                answer = server.dig(name, rrtype)
                self.assertEqual((answer.rcode, answer.data(rrtype)), ("NOERROR", data), answer.text)
                self.assertEqual(answer.data("CNAME"), [], answer.text)


ANSWERS = {
    ("www.example.com", "A"): V4,
    ("www.example.com", "AAAA"): V6,
    ("www.example.com", "CAA"): ALLOWED,
    ("www.example.com", "MX"): [],
    ("www.example.com", "TXT"): [],
    ("www.example.com", "CNAME"): [],
    ("WWW.example.COM", "CAA"): ALLOWED,
    ("app.example.com", "CAA"): BOTH,
    ("x.app.example.com", "CAA"): ALLOWED,
    ("y.app.example.com", "CAA"): ALLOWED,  # the guard
    ("y.www.example.com", "CAA"): ALLOWED,
    ("six.example.com", "A"): [],
    ("six.example.com", "AAAA"): ["2001:db8::6"],
    ("six.example.com", "CAA"): ALLOWED,
    ("empty.example.com", "A"): [],
    ("empty.example.com", "CAA"): ALLOWED,
    ("lost.example.com", "CAA"): ALLOWED,  # whatever is the matter with the target
    ("gone.example.com", "CAA"): ALLOWED,
}
# A resolver that has a proof of the name's absence uses it.
SIGNED_ANSWERS = {question: data for question, data in ANSWERS.items() if question[0] != "y.www.example.com"}
KEPT = {  # the alias stays, and with it what its target says
    "_acme-challenge.www.example.com": "www.validation.vendor.example.",
    "x.wild.example.com": "web.vendor.example.",
    "made.example.com": "web.vendor.example.",
    "kept.www.example.com": "web.vendor.example.",
}


class Unsigned(Flatten):
    def check_all(self, make, **more):
        server, _ = self.serve_flattened(self.zones(make), **more)
        self.check(server, ANSWERS)
        for name, target in KEPT.items():
            for rrtype in ("A", "TXT", "CAA"):
                with self.subTest(name=name, type=rrtype):
                    answer = server.dig(name, rrtype)
                    self.assertEqual((answer.data("CNAME"), answer.data("CAA")), ([target], []))
        self.assertEqual(server.dig("www.example.com", "A", "+tcp").data("A"), V4)
        self.assertEqual({record.ttl for record in server.dig("www.example.com", "A").answer}, {120})
        self.assertEqual(server.dig("lost.example.com", "A").rcode, "SERVFAIL")
        self.assertEqual(server.dig("plain.example.com", "A").data("A"), ["192.0.2.1"])
        return server

    def test_bind(self):
        self.check_all(backends.Bind)

    def test_gsqlite3_without_caches(self):
        self.check_all(backends.Gsqlite3, **harness.UNCACHED, **{"zone-cache-refresh-interval": "0"})

    def test_lmdb(self):
        server = self.check_all(backends.Lmdb, **{"cache-ttl": "0", "query-cache-ttl": "0"})
        self.assertEqual(server.statistic("caapolicy-answers-alias"), 4)

    def test_what_is_hidden_is_told(self):
        server, _ = self.serve_flattened(self.zones(), **{"cache-ttl": "0", "query-cache-ttl": "0"})
        for rrtype in ("TXT", "MX", "MX"):
            self.assertEqual(server.dig("www.example.com", rrtype).data(rrtype), [])
        self.assertEqual(server.dig("empty.example.com", "TXT").data("TXT"), [])
        told = r"\[caapolicy\] (\w+) records of (\S+) are no longer seen at (\S+), an alias that is flattened to addresses: put in there what it needs"
        server.wait_log(told.replace(r"(\w+)", "TXT"))
        server.wait_log(told.replace(r"(\w+)", "MX"))
        self.assertEqual(sorted(re.findall(told, server.log())), [("MX", "web.vendor.example", "www.example.com"),
                                                                  ("TXT", "empty.vendor.example", "empty.example.com")])

    def test_stored_zone_is_left_alone(self):
        zones = self.zones()
        server, _ = self.serve_flattened(zones)
        self.check(server, ANSWERS)
        self.assertEqual(server.pdnsutil("list-zone", "example.com"), zones.pdnsutil("list-zone", "example.com"))
        self.assertNotIn("ALIAS", server.pdnsutil("list-zone", "example.com"))

    def test_reload(self):
        server, _ = self.serve_flattened(self.zones(), policy=POLICY.replace("flatten", "keep"), **{"query-cache-ttl": "60", "cache-ttl": "60"})
        serial = server.dig("example.com", "SOA").data("SOA")
        self.assertEqual(server.dig("www.example.com", "A").data("CNAME"), ["web.vendor.example."])
        self.assertEqual(server.dig("www.example.com", "CAA").data("CNAME"), ["web.vendor.example."])
        server.write_policy(POLICY)
        server.control("rediscover")
        self.check(server, ANSWERS)
        self.assertNotEqual(server.dig("example.com", "SOA").data("SOA"), serial)

    def test_transfer(self):
        server, _ = self.serve_flattened(self.zones())
        records = server.axfr("example.com")
        found = lambda name: sorted((record.ttl, record.type, record.data) for record in records
                                    if record.name == name + ".example.com.")
        self.assertEqual(found("www"), [(120, "A", V4[0]), (120, "A", V4[1]), (120, "AAAA", V6[0]),
                                        (300, "CAA", ALLOWED[0]), (300, "CAA", ALLOWED[1])])
        self.assertEqual({record[1] for name in ("gone", "lost", "empty") for record in found(name)}, {"CAA"})
        self.assertEqual(found("*.www"), [])
        self.assertEqual(found("*.app"), [(300, "CAA", ALLOWED[0]), (300, "CAA", ALLOWED[1])])
        self.assertEqual(found("kept.www"), [(3600, "CNAME", "web.vendor.example.")])
        self.assertEqual(found("_acme-challenge.www"), [(3600, "CNAME", "www.validation.vendor.example.")])
        self.assertEqual(found("*.wild"), [(3600, "CNAME", "web.vendor.example.")])
        self.assertEqual({record.type for record in records} & {"ALIAS", "TYPE65401"}, set())
        nsd = self.keep(secondaries.Nsd(["example.com"])).start(server.port)
        wait_until(lambda: nsd.dig("example.com", "SOA").data("SOA"))
        self.check(nsd, SIGNED_ANSWERS)


class Signed(Flatten):
    """PowerDNS doesn't sign what it makes of an ALIAS record, so there the module looks up the addresses."""
    nsec3 = None

    def signed(self, text=ZONE):
        zones = self.zones(text=text)
        zones.secure("example.com", nsec3=self.nsec3)
        return zones

    def check_secure(self, unbound, expected):
        questions = list(expected)
        for (name, rrtype), answer in zip(questions, unbound.ask_many(questions)):
            with self.subTest(name=name, type=rrtype):
                self.assertEqual((answer.rcode, answer.data(rrtype), "ad" in answer.flags),
                                 ("NOERROR", expected[name, rrtype], True), answer.text + "".join(unbound.bogus()[-3:]))

    def test_answers_validate(self):
        zones = self.signed()
        server, _ = self.serve_flattened(zones)
        unbound = self.keep(Unbound(server, anchors_of(zones, "example.com")))
        for _ in ("cold", "warm"):
            self.check_secure(unbound, SIGNED_ANSWERS)
        self.assertEqual(unbound.bogus(), [])
        ttls = {record.ttl for record in server.dig("www.example.com", "A").answer}
        self.assertLessEqual(max(ttls), 120)
        self.assertEqual(sorted({record.type for record in server.dig("www.example.com", "ANY", "+tcp").answer}), ["A", "AAAA", "CAA"])

    def test_with_query_cache(self):
        zones = self.signed()
        server, _ = self.serve_flattened(zones, **{"query-cache-ttl": "60", "negquery-cache-ttl": "60", "cache-ttl": "60"})
        unbound = self.keep(Unbound(server, anchors_of(zones, "example.com")))
        self.check_secure(unbound, dict(sorted(SIGNED_ANSWERS.items(), reverse=True)))
        self.assertEqual(unbound.bogus(), [])

    def test_alias_without_the_module_is_bogus(self):
        """Why it is done in another way: should PowerDNS sign these one day, this fails and the module can leave it to PowerDNS."""
        zones = self.signed(ZONE.replace("www            600   CNAME", "www 600 ALIAS"))
        vendor = self.serve_vendor()
        settings = {key: value for key, value in self.settings(vendor).items() if not key.startswith("caapolicy")}
        bare = self.serve(zones, launch=zones.name, policy=None, settings=settings)
        self.assertEqual(bare.dig("www.example.com", "A").data("A"), V4)
        unbound = self.keep(Unbound(bare, anchors_of(zones, "example.com")))
        self.assertEqual(unbound.ask_many([("www.example.com", "A")])[0].rcode, "SERVFAIL")

    def test_target_that_nobody_can_tell_of(self):
        server, vendor = self.serve_flattened(self.signed())
        self.assertEqual(server.dig("lost.example.com", "A").rcode, "SERVFAIL")
        self.assertEqual(server.dig("lost.example.com", "CAA").data("CAA"), ALLOWED)
        self.assertEqual(server.dig("lost.example.com", "TXT").rcode, "NOERROR")
        self.assertEqual(server.dig("www.example.com", "A").data("A"), V4)
        vendor.stop()
        self.assertEqual(server.dig("www.example.com", "A").data("A"), V4)
        self.assertEqual(server.dig("six.example.com", "AAAA").rcode, "SERVFAIL")
        self.check(server, {question: data for question, data in ANSWERS.items() if question[1] == "CAA"})

    def test_transfer_verifies(self):
        server, _ = self.serve_flattened(self.signed(ZONE.replace("made ", ";made ")))
        records = server.axfr("example.com")
        verify_transfer(records)
        self.assertEqual(sorted(record.data for record in records if (record.name, record.type) == ("www.example.com.", "A")), V4)


class SignedNsec3(Signed):
    nsec3 = "1 0 0 -"


class Settings(Flatten):
    MISSING = ("cname: flatten` on `example.com` can't be done with the settings of pdns_server [flatten-needs-settings]",
               "add to pdns.conf, and restart: `expand-alias=yes` and `resolver=ADDRESS (of a resolver)`")

    def test_start(self):
        with self.assertRaises(harness.StartError) as raised:
            self.serve(self.zones(), policy=POLICY)
        for text in self.MISSING:
            self.assertIn(text, raised.exception.log)

    def test_only_what_is_missing(self):
        with self.assertRaises(harness.StartError) as raised:
            self.serve(self.zones(), policy=POLICY, settings={"expand-alias": "yes"})
        self.assertIn("add to pdns.conf, and restart: `resolver=ADDRESS (of a resolver)`\n", raised.exception.log)

    def test_reload_keeps_what_was(self):
        server = self.serve(self.zones(), policy=POLICY.replace("flatten", "keep"))
        server.write_policy(POLICY)
        self.assertIn(self.MISSING[0], server.control("rediscover"))
        self.assertEqual(server.dig("www.example.com", "A").data("CNAME"), ["web.vendor.example."])

    def test_a_team_concerns_itself_only(self):
        policy = "version: 1\nsubtrees:\n  example.com: {allow: [ca.example]}\n  app.example.com: {delegate: team.yaml}\n"
        team = "version: 1\nsubtrees:\n  app.example.com: {cname: flatten, allow: [ca.example]}\n"
        server = self.serve(self.zones(), policy=policy, files={"team.yaml": team})
        self.assertIn("flatten-needs-settings", server.control("caapolicy-status"))
        self.assertEqual(server.dig("plain.example.com", "CAA").data("CAA"), ALLOWED)
        self.assertEqual(server.dig("x.app.example.com", "CAA").data("CAA"), DENIED)


del Flatten

if __name__ == "__main__":
    unittest.main()
