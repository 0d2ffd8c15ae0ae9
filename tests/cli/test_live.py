#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy live, with real servers and resolvers."""
import re
import socket
import struct
import subprocess
import threading
import unittest

import command
import abilities
import backends
import harness
import resolver

SOA = "$TTL 3600\n@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60\n@ NS ns1.example.net.\n"
ZONE = SOA + """
www   A     192.0.2.1
shop  A     192.0.2.2
api   CNAME shop
two   CNAME api
plain CNAME www.example.net.
cdn   CNAME edge.example.net.
out   CNAME target.example.org.
sub   NS    ns1.example.net.
"""
# Not governed: its CAA is its own.
OTHER = SOA + """
www  A   192.0.2.1
edge CAA 0 issue "digicert.com"
odd  CAA 1 tbs "x"
odd  CAA 0 issue "letsencrypt.org"
wild CAA 0 issuewild "letsencrypt.org"
only CAA 0 iodef "mailto:pki@example.net"
"""
CHILD = SOA + "www A 192.0.2.1\n"
POLICY = """version: 1
subtrees: {example.com: {}}
approvals:
  - {name: shop.example.com, issuer: {ca: letsencrypt.org, methods: [dns-01]}}
"""
SHOP = ['0 issue "letsencrypt.org; validationmethods=dns-01"', '0 issuewild ";"']
UNCHECKED = ", DNSSEC not checked: --trust-anchor does"


class Live(command.TestCase, harness.TestCase):
    def serve_zones(self, zones=None, signed=(), **options):
        zones = self.keep(backends.Gsqlite3(zones or {"example.com": ZONE, "example.net": OTHER}))
        for zone in signed:
            zones.secure(zone)
        server = self.serve(zones, policy=POLICY, settings={"cache-ttl": "0", "query-cache-ttl": "0", "negquery-cache-ttl": "0", **options})
        server.address = f"127.0.0.1:{server.port}"
        return server

    def unbound(self, server, anchors):
        found = self.keep(resolver.Unbound(server, anchors))
        found.address = f"127.0.0.1:{found.port}"
        return found

    def live(self, *args, **kwargs):
        return self.run_command("live", *args, **kwargs)

    def with_policy(self, server, *args):
        """Compared with the policy of that server."""
        return self.live(*args, env={"CAAPOLICY_FILE": server.policy_file})

    def without_policy(self, *args):
        return self.live(*args, env={"CAAPOLICY_FILE": ""})


class OneServer(Live):
    def test_allowed_and_as_the_policy_says(self):
        server = self.serve_zones()
        self.with_policy(server, "SHOP.example.com.", "--server", server.address, "--ca", "LetsEncrypt.org", "--method", "DNS-01").expect(0, f"""\
shop.example.com, asked of {server.address}, zone example.com, serial …{UNCHECKED}
  shop.example.com: CAA, TTL 300
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  allowed: letsencrypt.org for shop.example.com, no account, dns-01: `issue` names `letsencrypt.org`
  as the policy says
what CAs do:
  a CA that doesn't know accounturi and validationmethods ignores them, …
""")

    def test_denied(self):
        server = self.serve_zones()
        for options, reason in ((["--method", "http-01"], "no account, http-01: `issue` names `letsencrypt.org`, but not for the method `http-01`"),
                                ([], "no account, no method: `issue` demands a method of `letsencrypt.org`, the request has none")):
            self.with_policy(server, "shop.example.com", "--server", server.address, "--ca", "letsencrypt.org", *options).expect(3, f"""\
…
  denied: letsencrypt.org for shop.example.com, {reason}
  as the policy says
…
""")
        self.with_policy(server, "shop.example.com", "--server", server.address, "--ca", "letsencrypt.org", "--wildcard").expect(3, """\
…
  denied: letsencrypt.org for *.shop.example.com, no account, no method: no `issuewild` names `letsencrypt.org`
…
""")

    def test_name_that_is_not_there(self):
        server = self.serve_zones()
        self.with_policy(server, "a.b.shop.example.com", "--server", server.address, "--ca", "letsencrypt.org").expect(3, f"""\
a.b.shop.example.com, asked of {server.address}, zone example.com, serial …{UNCHECKED}
  a.b.shop.example.com: CAA, TTL 300
    0 issue ";"
  the set at a.b.shop.example.com decides
  denied: letsencrypt.org for a.b.shop.example.com, no account, no method: no `issue` names `letsencrypt.org`
  as the policy says
""")

    def test_climb(self):
        server = self.serve_zones(**{"caapolicy-nonexistent-names": "nxdomain"})
        self.with_policy(server, "x.y.example.com", "a.shop.example.com", "--server", server.address).expect(0, f"""\
x.y.example.com, asked of …
  x.y.example.com: no such name, TTL 60
  y.example.com: no such name, TTL 60
  example.com: CAA, TTL 300
    0 issue ";"
  the set at example.com decides
  as the policy says
a.shop.example.com, asked of …
  a.shop.example.com: CAA, TTL 300
    0 issue ";"
  the set at a.shop.example.com decides
  as the policy says
""")

    def test_aliases(self):
        server = self.serve_zones()
        self.with_policy(server, "two.example.com", "cdn.example.com", "plain.example.com", "--server", server.address).expect(0, f"""\
two.example.com, asked of …
  two.example.com: alias of api.example.com, alias of shop.example.com, CAA, TTL 300
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  two.example.com is an alias: what counts is shop.example.com
  as the policy says of shop.example.com
cdn.example.com, asked of …, zone example.com, …
  cdn.example.com: alias of edge.example.net, CAA, TTL 3600
    0 issue "digicert.com"
  the set at edge.example.net decides
  cdn.example.com is an alias: what counts is edge.example.net
  the policy has no say: edge.example.net is not governed by it
plain.example.com, asked of …
  plain.example.com: alias of www.example.net, no CAA, TTL 60
  example.com: CAA, TTL 300
    0 issue ";"
  the set at example.com decides
  plain.example.com is an alias: what counts is example.com
  as the policy says of example.com
what CAs do:
  the CAA of an alias's target counts, …
  a CA that doesn't know accounturi and validationmethods …
""")

    def test_what_other_servers_have(self):
        server = self.serve_zones()
        self.with_policy(server, "out.example.com", "--server", server.address).expect(1, f"""\
out.example.com, asked of {server.address}, zone example.com, serial …{UNCHECKED}
  out.example.com: alias of target.example.org, not served here (REFUSED)
  target.example.org is up to other servers: to see what decides, leave out --server, or ask a --resolver
  not compared with the policy
what CAs do:
  the CAA of an alias's target counts, …
""")
        self.with_policy(server, "x.sub.example.com", "--server", server.address).expect(1, f"""\
x.sub.example.com, asked of {server.address}{UNCHECKED}
  x.sub.example.com: not served here (it is delegated to other servers)
  x.sub.example.com is up to other servers: to see what decides, leave out --server, or ask a --resolver
  not compared with the policy
""")
        # Without CAA in the zone, the climb leaves it: that is an answer, but no verdict.
        self.with_policy(server, "www.example.net", "--server", server.address).expect(0, """\
…
  www.example.net: no CAA, TTL 60
  example.net: no CAA, TTL 60
  net: not served here (REFUSED)
  net is up to other servers: to see what decides, leave out --server, or ask a --resolver
  the policy has no say: www.example.net is not governed by it
""")
        self.with_policy(server, "www.example.net", "--server", server.address, "--ca", "letsencrypt.org").expect(1, """\
…
  no verdict: letsencrypt.org for www.example.net, no account, no method
…
""")

    def test_a_resolver_is_no_server(self):
        server = self.serve_zones(signed=["example.com"])
        unbound = self.unbound(server, resolver.anchors_of(server.backend, "example.com"))
        unbound.ask_many([("shop.example.com", "CAA")])
        self.without_policy("shop.example.com", "--server", unbound.address).expect(1, """\
…
  shop.example.com: failed: the server is not authoritative; if it is a resolver, give it with --resolver
…
""")

    def test_answer_that_needs_tcp(self):
        accounts = ", ".join(f"https://acme-v02.api.letsencrypt.org/acme/acct/{n}" for n in range(100000, 100030))
        server = self.serve_zones()
        server.write_policy(POLICY + f"  - {{name: www.example.com, issuer: {{ca: letsencrypt.org, accounts: [{accounts}]}}}}\n")
        harness.wait_until(lambda: server.dig("www.example.com", "CAA", "+tcp").data("CAA")[0] != '0 issue ";"')
        done = self.with_policy(server, "www.example.com", "--server", server.address, "--format", "json")
        self.assertEqual(done.status, 0, done.stderr)
        self.assertEqual(len(done.json()["answers"][0]["steps"][0]["records"]), 31)
        self.assertTrue(done.json()["answers"][0]["comparison"]["same"])


class Questions(Live):
    """What a server is asked, by its own log."""

    def asked(self, server, *args):
        mark = server.mark()
        done = self.with_policy(server, *args, "--server", server.address)
        self.assertEqual((done.status, done.stderr), (0, ""))
        server.dig("end.example.net", "TXT")
        server.wait_log("wants 'end.example.net", since=mark)
        return done, re.findall(r" wants '(\S+\|\S+)'", server.log(mark))[:-1]

    def test_nothing_but_caa_is_asked_of_a_name(self):
        """A server remembers for a while what a name has not."""
        server = self.serve_zones({"example.com": ZONE + "*.wild CNAME shop\n", "example.net": OTHER},
                                  **{"log-dns-queries": "yes", "caapolicy-nonexistent-names": "nxdomain"})
        probe = "_caapolicy-live."
        for name, questions, aliases_of_a_wildcard in (
            ("shop.example.com", ["shop.example.com|CAA", f"{probe}shop.example.com|SOA"], ()),
            ("example.com", ["example.com|CAA", f"{probe}example.com|SOA"], ()),
            ("two.example.com", ["two.example.com|CAA", f"{probe}two.example.com|SOA"], ()),
            # The answer that there is no such name has the zone with it.
            ("x.y.example.com", ["x.y.example.com|CAA", "y.example.com|CAA", "example.com|CAA"], ()),
            ("www.example.net", ["www.example.net|CAA", "example.net|CAA", "net|CAA"], ()),
            ("a.b.wild.example.com", ["a.b.wild.example.com|CAA", f"{probe}a.b.wild.example.com|SOA"], ("a.b.wild", "b.wild", "wild")),
        ):
            with self.subTest(name=name):
                done, asked = self.asked(server, name)
                self.assertEqual(asked, questions + [f"{alias}.example.com|SOA" for alias in aliases_of_a_wildcard])
                self.assertIn(f"{name}, asked of {server.address}, zone {'.'.join(name.split('.')[-2:])}, serial ", done.stdout)

    def test_nothing_else_is_asked_to_validate(self):
        server = self.serve_zones(signed=["example.com"], **{"log-dns-queries": "yes"})
        anchor = resolver.anchors_of(server.backend, "example.com")[0]
        done, asked = self.asked(server, "a.b.c.example.com", "--trust-anchor", anchor)
        self.assertIn("  a.b.c.example.com: CAA, TTL 300, secure\n", done.stdout)
        asked = {question for question in asked if not question.startswith("_ta-")}  # RFC 8145 5: which anchor there is
        self.assertEqual(asked, {"a.b.c.example.com|CAA", "_caapolicy-live.a.b.c.example.com|SOA", "example.com|DNSKEY"})


class OddServer:
    """Gives each question for CAA the answer that it was made with: records (name, type, data), all or just those of the name, and an rcode."""

    def __init__(self, *records, rcode=0, follows=True):
        self.records = records
        self.rcode = rcode
        self.follows = follows
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            end = query.index(b"\0", 12) + 5
            answers = [record for record in self.records if query[end - 4:end] == b"\x01\x01\0\x01" and (self.follows or wire(record[0]) == query[12:end - 4])]
            answer = query[:2] + struct.pack("!HHHHH", 0x8400 | self.rcode, 1, len(answers), 0, 0) + query[12:end]
            for name, rrtype, data in answers:
                answer += wire(name) + struct.pack("!HHIH", rrtype, 1, 300, len(data)) + data
            self.socket.sendto(answer, client)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ended:
            ended.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def wire(name):
    return b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + b"\0"


CNAME, CAA = 5, 257


class OddAnswers(Live):
    def ask(self, *records, **options):
        server = self.keep(OddServer(*records, **options))
        return self.without_policy("a.example.com", "--server", server.address, "--timeout", "5")

    def test_failures(self):
        for records, options, said in (
            ([("a.example.com", CNAME, wire("b.example.com")), ("b.example.com", CNAME, wire("a.example.com"))], {}, "failed: its aliases (CNAME) are a loop"),
            ([("a.example.com", CNAME, wire("a.example.com"))], {}, "failed: its aliases (CNAME) are a loop"),
            ([("a.example.com", CAA, b"\0\x05issue;"), ("a.example.com", CAA, b"\0")], {}, "failed: a CAA record that is cut off"),
            ([("a.example.com", CNAME, wire("b.example.com")), ("b.example.com", CNAME, wire("a.example.com"))], {"follows": False},
             "failed: its aliases (CNAME) are a loop, or more than 16"),
            ([("a.example.com", CAA, b"")], {}, "failed: a CAA record that is cut off"),
            ([], {"rcode": 2}, "failed: SERVFAIL"),
            ([], {"rcode": 4}, "failed: NOTIMPL"),
        ):
            with self.subTest(said=said, records=records):
                self.ask(*records, **options).expect(1, f"…\n  a.example.com: …{said}\n  the lookup failed: …\n…\n")

    def test_bytes_that_terminals_obey(self):
        self.ask(("a.example.com", CAA, b"\x80\x05\x1b[31m\x1b\xff"), ("a.example.com", CAA, b"\0\x05issue")).expect(0, """\
…
  a.example.com: CAA, TTL 300
    0 issue ""
    128 \\027\\09131m "\\027\\255"
…
""")


class NameOfTheCa(Live):
    """As `explain` takes it: an issuer domain, a name under `issuers`, or an id of the catalogue."""

    def ask(self, ca, **options):
        server = self.keep(OddServer(("a.example.com", CAA, b"\0\x05issueletsencrypt.org")))
        return self.live("a.example.com", "--server", server.address, "--timeout", "5", "--ca", ca, **options)

    def test_with_a_policy(self):
        self.policy("version: 1\nissuers: {web: {ca: letsencrypt.org}, mail: {ca: digicert.com}}\nsubtrees: {}\n")
        for ca in ("letsencrypt.org", "LetsEncrypt.org", "letsencrypt", "web"):
            with self.subTest(ca=ca):
                self.ask(ca).expect(0, "…\n  allowed: letsencrypt.org for a.example.com, no account, no method: `issue` names `letsencrypt.org`\n…\n")
        self.ask("mail").expect(3, "…\n  denied: digicert.com for a.example.com, …\n…\n")
        self.ask("wbe").expect(2, "", "caapolicy: --ca: `wbe` is no issuer domain, no name under `issuers` and no id of a CA; did you mean `web`?\n")
        self.ask("letsencript").expect(2, "", "caapolicy: --ca: `letsencript` is no issuer domain, no name under `issuers` and no id of a CA; did you mean `letsencrypt`?\n")

    def test_with_a_broken_policy(self):
        """What can be read of it counts."""
        self.policy("version: 1\nissuers: {web: {ca: letsencrypt.org}}\nsubtrees: {}\nnonsense: 1\n")
        said = "caapolicy: not compared: the policy `policy.yaml` has errors; `caapolicy check` has them\n"
        self.ask("web").expect(4, "…\n  allowed: letsencrypt.org for …\n…\n", said)
        self.ask("mail").expect(2, "", said + "caapolicy: --ca: `mail` is no issuer domain, no name under `issuers` and no id of a CA\n")

    def test_without_a_policy(self):
        self.ask("letsencrypt", env={"CAAPOLICY_FILE": ""}).expect(0, "…\n  allowed: letsencrypt.org for …\n…\n")
        self.ask("web", env={"CAAPOLICY_FILE": ""}).expect(2, "", "caapolicy: --ca: `web` is no issuer domain, no name under `issuers` and no id of a CA…\n")


class SeveralServers(Live):
    def test_they_differ(self):
        server = self.serve_zones()
        other = self.serve(server.backend, policy="version: 1\nsubtrees: {example.com: {allow: [digicert.com]}}\n")
        other.address = f"127.0.0.1:{other.port}"
        self.with_policy(server, "shop.example.com", "--server", server.address, "--server", other.address, "--ca", "digicert.com").expect(3, f"""\
shop.example.com, asked of {server.address}, …
  shop.example.com: CAA, TTL 300
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  denied: digicert.com for shop.example.com, no account, no method: no `issue` names `digicert.com`
  as the policy says
shop.example.com, asked of {other.address}, …
  shop.example.com: CAA, TTL 300
    0 issue "digicert.com"
    0 issuewild ";"
  the set at shop.example.com decides
  allowed: digicert.com for shop.example.com, no account, no method: `issue` names `digicert.com`
  differs from the policy, which the server doesn't have, or not yet
    in the policy, not seen: {SHOP[0]}
    seen, not in the policy: 0 issue "digicert.com"
shop.example.com: the answers differ
  {server.address}, serial …: {SHOP[0]}, {SHOP[1]}
  {other.address}, serial …: 0 issue "digicert.com", 0 issuewild ";"
what CAs do:
  a CA may go by what it has seen for the TTL or 8 hours, whichever is longer: …
  a CA asks from several networks, and servers that differ …
  a CA that doesn't know accounturi and validationmethods …
""")

    def test_one_is_not_there(self):
        server = self.serve_zones()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            self.with_policy(server, "www.example.com", "--server", address, "--server", server.address, "--timeout", "0.5").expect(1, f"""\
www.example.com, asked of {address}{UNCHECKED}
  www.example.com: failed: no answer in 0.5 s
  the lookup failed: where the zone is signed no CA may issue; elsewhere it may after another try
  not compared with the policy
www.example.com, asked of {server.address}, …
  www.example.com: CAA, TTL 300
    0 issue ";"
  the set at www.example.com decides
  as the policy says
www.example.com: the answers differ
  {address}: failed: no answer in 0.5 s
  {server.address}, serial …: 0 issue ";"
what CAs do:
  a CA may go by what it has seen …
  a CA may take a failed lookup for a permission if …
  Let's Encrypt asks for the name and all names above it at once, …
  a CA asks from several networks, …
""")


class Validation(Live):
    def setUp(self):
        super().setUp()
        self.server = self.serve_zones({"example.com": ZONE, "sub.example.com": CHILD, "example.net": OTHER}, signed=["example.com"])
        self.anchors = resolver.anchors_of(self.server.backend, "example.com")
        digest = self.anchors[0].split()[-1]
        self.wrong = self.anchors[0].replace(digest, digest[::-1])

    def test_by_a_resolver(self):
        unbound = self.unbound(self.server, self.anchors)
        asked = ["--resolver", unbound.address, "--trust-anchor", self.anchors[0]]
        self.with_policy(self.server, "shop.example.com", "two.example.com", "www.sub.example.com", *asked, "--ca", "letsencrypt.org", "--method", "dns-01").expect(3, f"""\
shop.example.com, asked of the resolver {unbound.address}
  shop.example.com: CAA, TTL …, secure
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  allowed: letsencrypt.org for shop.example.com, no account, dns-01: `issue` names `letsencrypt.org`
  as the policy says
two.example.com, asked of the resolver {unbound.address}
  two.example.com: alias of api.example.com, alias of shop.example.com, CAA, TTL …, secure
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  allowed: letsencrypt.org for two.example.com, no account, dns-01: `issue` names `letsencrypt.org`
  two.example.com is an alias: what counts is shop.example.com
  as the policy says of shop.example.com
www.sub.example.com, asked of the resolver {unbound.address}
  www.sub.example.com: CAA, TTL …, insecure
    0 issue ";"
  the set at www.sub.example.com decides
  denied: letsencrypt.org for www.sub.example.com, no account, dns-01: no `issue` names `letsencrypt.org`
  as the policy says
what CAs do:
  since 15 March 2026 a CA has to validate DNSSEC where it asks first; …
  the CAA of an alias's target counts, …
  a CA that doesn't know accounturi and validationmethods …
""")

    def test_by_the_server_itself(self):
        self.write("anchors", f"; of example.com\n\n{self.anchors[0]} ; DS\n")
        self.with_policy(self.server, "two.example.com", "cdn.example.com", "x.shop.example.com", "edge.example.net", "--server", self.server.address,
                         "--trust-anchor", "anchors").expect(0, f"""\
two.example.com, asked of {self.server.address}, zone example.com, serial …
  two.example.com: alias of api.example.com, alias of shop.example.com, CAA, TTL 300, secure
…
cdn.example.com, asked of {self.server.address}, zone example.com, serial …
  cdn.example.com: alias of edge.example.net, CAA, TTL 3600, insecure
…
x.shop.example.com, asked of {self.server.address}, zone example.com, serial …
  x.shop.example.com: CAA, TTL 300, secure
    0 issue ";"
…
edge.example.net, asked of {self.server.address}, zone example.net, serial 1
  edge.example.net: CAA, TTL 3600, indeterminate
…
""")

    def test_bogus(self):
        unbound = self.unbound(self.server, self.anchors)
        for option, asked in (("--resolver", f"the resolver {unbound.address}"), ("--server", self.server.address)):
            address = asked.split()[-1]
            self.with_policy(self.server, "shop.example.com", option, address, "--trust-anchor", self.wrong, "--ca", "letsencrypt.org").expect(1, f"""\
shop.example.com, asked of {asked}
  shop.example.com: bogus: validation failure <shop.example.com. CAA IN>: …
  the lookup failed: no CA may issue
  no verdict: letsencrypt.org for shop.example.com, no account, no method
  not compared with the policy
what CAs do:
  a CA may take a failed lookup for a permission if …
  Let's Encrypt asks for …
""")

    def test_resolver_that_fails(self):
        unbound = self.unbound(self.server, [self.wrong])  # it tells us SERVFAIL
        self.with_policy(self.server, "shop.example.com", "--resolver", unbound.address, "--trust-anchor", "example.org. " + self.anchors[0].split(None, 1)[1]).expect(1, """\
…
  shop.example.com: failed: SERVFAIL
  the lookup failed: where the zone is signed no CA may issue; elsewhere it may after another try
…
""")

    def test_a_cache_with_what_was(self):
        unbound = self.unbound(self.server, self.anchors)
        unbound.ask_many([("shop.example.com", "CAA")])
        self.server.write_policy("version: 1\nsubtrees: {example.com: {}}\n")
        harness.wait_until(lambda: self.server.dig("shop.example.com", "CAA").data("CAA") == ['0 issue ";"'])
        asked = ["shop.example.com", "--resolver", unbound.address, "--server", self.server.address, "--trust-anchor", self.anchors[0]]
        self.with_policy(self.server, *asked).expect(0, f"""\
shop.example.com, asked of {self.server.address}, zone example.com, serial …
  shop.example.com: CAA, TTL 300, secure
    0 issue ";"
  the set at shop.example.com decides
  as the policy says
shop.example.com, asked of the resolver {unbound.address}
  shop.example.com: CAA, TTL …, secure
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  differs from the policy, until the cache of {unbound.address} ends, in … s at the latest, if the name servers have the policy: --server asks them
    in the policy, not seen: 0 issue ";"
    seen, not in the policy: {SHOP[0]}
    seen, not in the policy: {SHOP[1]}
shop.example.com: the answers differ
  {self.server.address}, serial …: 0 issue ";"
  the resolver {unbound.address}: {SHOP[0]}, {SHOP[1]}
what CAs do:
  a CA may go by what it has seen for the TTL or 8 hours, …
  since 15 March 2026 a CA has to validate DNSSEC where it asks first; …
  a CA asks from several networks, …
  a CA that doesn't know accounturi …
""")
        answers = self.with_policy(self.server, *asked, "--format", "json").json()["answers"]
        self.assertEqual(answers[1]["comparison"] | {"cacheEnds": None},
                         {"name": "shop.example.com", "governed": True, "same": False, "missing": ['0 issue ";"'], "extra": SHOP, "cacheEnds": None})
        self.assertEqual(answers[1]["comparison"]["cacheEnds"], answers[1]["steps"][0]["ttl"])
        self.assertNotIn("cacheEnds", answers[0]["comparison"])


class Network:
    """One of its own, in which every IPv4 address is this machine's. `within` becomes a command in there."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "--user", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && ip route add local 0.0.0.0/0 dev lo && "
                                         "echo ready && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.within = ["nsenter", f"--target={self.process.pid}", "--user", "--net", "--preserve-credentials"]
        if self.process.stdout.readline() != "ready\n":
            self.close()
            raise AssertionError("there is no network")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


# As https://www.internic.net/domain/named.root has them; b has two, since 2023-11-27.
ROOT_SERVERS = ("198.41.0.4", "170.247.170.2", "199.9.14.201", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4", "198.97.190.53",
                "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33")
ROOT_ZONE = """$TTL 3600
. SOA a.root-servers.net. hostmaster.example.net. 1 3600 600 86400 60
. NS a.root-servers.net.
a.root-servers.net. A 198.41.0.4
example.net. NS ns.example.net.
example.com. NS ns.example.net.
ns.example.net. A 192.0.2.53
"""


class FromTheRoot(Live):
    @unittest.skipUnless(abilities.may_make_networks(), "makes a network")
    def test_delegations(self):
        """A root of our own has the addresses that libunbound knows of the real one."""
        network = self.keep(Network())

        def serve(addresses, zones):
            return self.serve(zones, policy=POLICY, within=network.within, settings={"local-address": addresses})

        zones = self.keep(backends.Gsqlite3({"example.com": ZONE, "example.net": OTHER}))
        zones.secure("example.com")
        server = serve("192.0.2.53:53", zones)
        root = self.keep(backends.Gsqlite3({".": ROOT_ZONE + "".join(f"{anchor}\n" for anchor in resolver.anchors_of(zones, "example.com"))}))
        root.secure(".")
        serve(", ".join(f"{address}:53" for address in ROOT_SERVERS), root)
        self.live("two.example.com", "cdn.example.com", "www.example.net", "--ca", "letsencrypt.org", "--method", "dns-01", "--trust-anchor", resolver.anchors_of(root, ".")[0],
                  env={"CAAPOLICY_FILE": server.policy_file}, within=network.within).expect(3, f"""\
two.example.com, asked of the DNS, from its root on
  two.example.com: alias of api.example.com, alias of shop.example.com, CAA, TTL 300, secure
    {SHOP[0]}
    {SHOP[1]}
  the set at shop.example.com decides
  allowed: letsencrypt.org for two.example.com, no account, dns-01: `issue` names `letsencrypt.org`
  two.example.com is an alias: what counts is shop.example.com
  as the policy says of shop.example.com
cdn.example.com, asked of the DNS, from its root on
  cdn.example.com: alias of edge.example.net, CAA, TTL 3600, insecure
    0 issue "digicert.com"
  the set at edge.example.net decides
  denied: letsencrypt.org for cdn.example.com, no account, dns-01: no `issue` names `letsencrypt.org`
  cdn.example.com is an alias: what counts is edge.example.net
  the policy has no say: edge.example.net is not governed by it
www.example.net, asked of the DNS, from its root on
  www.example.net: no CAA, TTL 60, insecure
  example.net: no CAA, TTL 60, insecure
  net: no CAA, TTL 60, secure
  no CAA up to the root: every CA may issue
  allowed: letsencrypt.org for www.example.net, no account, dns-01: no CAA is found up to the root
  the policy has no say: www.example.net is not governed by it
what CAs do:
…
""")

    def test_no_caa_anywhere(self):
        """libunbound knows by itself that `invalid` has nothing (RFC 6761), so nothing goes out."""
        self.without_policy("www.example.invalid", "--ca", "letsencrypt.org").expect(0, """\
www.example.invalid, asked of the DNS, from its root on
  www.example.invalid: no such name, TTL …, insecure
  example.invalid: no such name, TTL …, insecure
  invalid: no CAA, TTL …, insecure
  no CAA up to the root: every CA may issue
  allowed: letsencrypt.org for www.example.invalid, no account, no method: no CAA is found up to the root
what CAs do:
  where there is no CAA up to the root, every CA may issue (RFC 8659 3)
""")


class WhatCasDo(Live):
    def test_notes_that_matter(self):
        server = self.serve_zones()
        for name, options, note in (("odd.example.net", [], "some CAs take flag 1 for the critical flag, "),
                                    ("edge.example.net", ["--ca", "digicert.com", "--wildcard"], "without issuewild, issue holds for wildcards"),
                                    ("wild.example.net", [], "a set with issuewild and without issue "),
                                    ("only.example.net", [], "a CA need not report refused requests to iodef")):
            with self.subTest(name=name):
                self.without_policy(name, "--server", server.address, *options).expect(0, f"…\nwhat CAs do:\n  {note}…\n")
                self.assertNotIn(note, self.without_policy("cdn.example.com", "--server", server.address).stdout)

    def test_all_notes(self):
        server = self.serve_zones()
        done = self.without_policy("edge.example.net", "--server", server.address, "--notes")
        self.assertEqual(len(done.stdout.split("what CAs do:\n")[1].splitlines()), 13)

    def test_strict_reading(self):
        server = self.serve_zones()
        self.without_policy("odd.example.net", "--server", server.address, "--ca", "letsencrypt.org").expect(0, """\
…
  allowed: letsencrypt.org for odd.example.net, no account, no method: `issue` names `letsencrypt.org`
  denied by a CA that reads it strictly: `tbs` has flags 1 and is not known
…
""")


class Output(Live):
    def test_json(self):
        server = self.serve_zones()
        done = self.with_policy(server, "api.example.com", "--server", server.address, "--format", "json", "--ca", "letsencrypt.org", "--method", "dns-01",
                                "--at", "2030-01-01T00:00:00Z")
        self.assertEqual((done.status, done.stderr), (0, ""))
        found = done.json()
        serial = found["answers"][0]["zone"].pop("serial")
        self.assertGreater(serial, 1)
        self.assertEqual([note["id"] for note in found.pop("notes")], ["alias", "parameters"])
        self.assertEqual(found, {
            "at": "2030-01-01T00:00:00Z", "policy": server.policy_file, "differing": [],
            "answers": [{
                "name": "api.example.com", "source": {"kind": "server", "address": server.address}, "failed": False, "zone": {"name": "example.com"},
                "steps": [{"name": "api.example.com", "outcome": "records", "rcode": "NOERROR", "aliases": [{"target": "shop.example.com", "ttl": 3600}],
                           "records": SHOP, "ttl": 300, "dnssec": "unchecked"}],
                "decides": "shop.example.com",
                "verdict": {"allow": True, "reason": "`issue` names `letsencrypt.org`", "strictAllow": True},
                "comparison": {"name": "shop.example.com", "governed": True, "same": True, "missing": [], "extra": []}}]})

    def test_json_of_a_failure(self):
        done = self.without_policy("www.example.com", "--server", "127.0.0.1:1", "--timeout", "0.5", "--format", "json", "--ca", "letsencrypt.org")
        self.assertEqual(done.status, 1)
        self.assertEqual(done.json() | {"at": None, "notes": None}, {
            "at": None, "policy": None, "differing": [], "notes": None,
            "answers": [{"name": "www.example.com", "source": {"kind": "server", "address": "127.0.0.1:1"}, "failed": True, "decides": None, "verdict": None,
                         "steps": [{"name": "www.example.com", "outcome": "failed", "rcode": None, "aliases": [], "records": [], "ttl": 0,
                                    "dnssec": "unchecked", "failure": "no answer in 0.5 s"}]}]})

    def test_broken_policy(self):
        """What the DNS says is to be seen all the same."""
        server = self.serve_zones()
        self.policy("version: 2\n")
        self.live("www.example.com", "--server", server.address).expect(
            4, f"www.example.com, asked of {server.address}, …\n  www.example.com: CAA, …\n…\n",
            "caapolicy: not compared: the policy `policy.yaml` has errors; `caapolicy check` has them\n")

    def test_no_policy(self):
        server = self.serve_zones()
        done = self.without_policy("www.example.com", "--server", server.address)  # the default one doesn't exist
        self.assertEqual((done.status, done.stderr), (0, ""))
        self.assertNotIn("policy", done.stdout)
        self.live("www.example.com", "--server", server.address, "--policy", "none.yaml").expect(
            4, "…\n", "caapolicy: not compared: the policy `none.yaml` has errors; …\n")

    def test_policy_of_another_instant(self):
        server = self.serve_zones()
        self.write("later.yaml", POLICY.replace("methods: [dns-01]}", "methods: [dns-01]}, from: 2035-01-01T00:00:00Z"))
        asked = ["shop.example.com", "--server", server.address, "--policy", "later.yaml"]
        self.assertIn("  differs from the policy, ", self.live(*asked).stdout)
        self.assertIn("  as the policy says\n", self.live(*asked, "--at", "2035-01-01T00:00:00Z").stdout)


class Usage(Live):
    def test_bad_usage(self):
        for options, message in (
            (["*.example.com"], "`*.example.com` is not a host name; for a wildcard, give the name without `*.`"),
            (["www.example.com", "--method", "dns-01"], "--account, --method and --wildcard need --ca: whose request is it?"),
            (["www.example.com", "--timeout", "0"], "--timeout: `0` is not a number of seconds from 0.1 to 3600"),
            *((["www.example.com", "--server", wrong], f"--server: `{wrong}` is not an address such as 192.0.2.53, 192.0.2.53:5300 or [2001:db8::53]:5300")
              for wrong in ("ns1.example.com", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "[2001:db8::1", "[2001:db8::1]53", "[192.0.2.1]:53", "")),
            (["www.example.com", "--timeout", "nan"], "--timeout: `nan` is not a number of seconds from 0.1 to 3600"),
            (["www.example.com", "--resolver", "resolver"], "--resolver: `resolver` is not an address such as …"),
        ):
            with self.subTest(options=options):
                self.without_policy(*options).expect(2, "", f"caapolicy: {message}\n")
        self.assertEqual(self.without_policy().status, 2)

    def test_bad_trust_anchors(self):
        self.write("empty", "; nothing\n")
        self.write("wrong", "example.com. IN A 192.0.2.1\n")
        for anchor, message in (("missing", "can't read `missing`; it is no DS or DNSKEY record either"), (".", "can't read `.`; it is no DS or DNSKEY record either"),
                                ("empty", "`empty` has no DS or DNSKEY record"), ("wrong", "`wrong`, line 1, is no DS or DNSKEY record")):
            with self.subTest(anchor=anchor):
                self.without_policy("www.example.com", "--server", "127.0.0.1", "--trust-anchor", anchor).expect(1, "", f"caapolicy: --trust-anchor: {message}\n")


if __name__ == "__main__":
    unittest.main()
