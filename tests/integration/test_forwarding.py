#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrapped backend that no policy governs answers as it does alone; so do the control and the zone tools."""
import re
import unittest

import backends
import databases
import harness

ZONE = """
$ORIGIN example.com.
$TTL 3600
@             SOA    ns1 hostmaster 1 3600 600 86400 300
@             NS     ns1
@             NS     ns2
@             MX     10 mail
@             CAA    0 issue "ca.example.net"
ns1           A      192.0.2.1
ns2           A      192.0.2.2
mail          A      192.0.2.3
mail          AAAA   2001:db8::3
www           CNAME  web
web           A      192.0.2.4
web           TXT    "some text"
web           CAA    0 issue ";"
web           CAA    0 iodef "mailto:pki@example.com"
a.ent         A      192.0.2.5
*.wild        A      192.0.2.6
*.wild        CAA    0 issue "ca.example.net"
x.y.wild      A      192.0.2.7
child         NS     ns.child
child         DS     12345 13 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
ns.child      A      192.0.2.8
_acme-challenge.web TXT "token"
"""

NAMES = ["example.com", "ns1.example.com", "mail.example.com", "www.example.com", "web.example.com",
         "ent.example.com", "a.ent.example.com", "nothing.example.com", "below.web.example.com", "wild.example.com",
         "one.wild.example.com", "two.one.wild.example.com", "x.y.wild.example.com", "child.example.com",
         "ns.child.example.com", "deep.below.child.example.com", "_acme-challenge.web.example.com", "example.org"]
TYPES = ["A", "AAAA", "CAA", "MX", "TXT", "SOA", "NS", "DS", "ANY"]


def comparable(records):
    """Without what differs between two signings: only which sets are signed, and by how many labels, stays."""
    return sorted(record._replace(data=" ".join(record.data.split()[:3])) if record.type == "RRSIG" else record
                  for record in records)


class Forwarding:
    """For each backend below."""
    secured = None  # or NSEC3 parameters; "" is NSEC

    def make_backend(self):
        raise NotImplementedError

    def setUp(self):
        self.zones = self.keep(self.make_backend())
        if self.secured is not None:
            self.zones.secure("example.com", nsec3=self.secured or None)

    def serve_both(self):
        return self.serve(self.zones, launch=self.zones.name), self.serve(self.zones)

    def test_same_answers(self):
        bare, wrapped = self.serve_both()
        options = ["+tcp"] + (["+dnssec"] if self.secured is not None else [])
        questions = [(name, rrtype) for name in NAMES for rrtype in TYPES]
        answers = (server.dig_many(questions, *options) for server in (bare, wrapped))
        for (name, rrtype), expected, got in zip(questions, *answers):
            with self.subTest(name=name, type=rrtype):
                self.assertEqual((got.rcode, got.flags), (expected.rcode, expected.flags))
                for section in ("answer", "authority", "additional"):
                    self.assertEqual(comparable(getattr(got, section)), comparable(getattr(expected, section)))

    def test_same_zone_transfer(self):
        bare, wrapped = self.serve_both()
        self.assertEqual(comparable(wrapped.axfr("example.com")), comparable(bare.axfr("example.com")))

    def test_same_zone_tools(self):
        bare, wrapped = self.serve_both()
        for command in (["list-zone", "example.com"], ["list-all-zones"], ["check-zone", "example.com"],
                        ["show-zone", "example.com"], ["rectify-zone", "example.com"]):
            with self.subTest(command=command):
                self.assertEqual(wrapped.pdnsutil(*command), bare.pdnsutil(*command))

    def test_same_control(self):
        bare, wrapped = self.serve_both()
        for command in (["rping"], ["reload"], ["rediscover"], ["list-zones"], ["purge", "example.com$"]):
            with self.subTest(command=command):
                self.assertEqual(wrapped.control(*command), bare.control(*command))


class Bind(Forwarding, harness.TestCase):
    def make_backend(self):
        return backends.Bind({"example.com": ZONE})

    def test_bind_commands(self):
        bare, wrapped = self.serve_both()
        for command in (["bind-domain-status"], ["bind-list-rejects"], ["bind-reload-now", "example.com"]):
            with self.subTest(command=command):
                self.assertEqual(*(re.sub(r"\d\d:\d\d:\d\d", "", server.control(*command))
                                   for server in (wrapped, bare)))

    def test_changed_zone_file(self):
        server = self.serve(self.zones)
        self.assertEqual(server.dig("mail.example.com").data("A"), ["192.0.2.3"])
        backends.write(self.zones.zone_file("example.com"), ZONE.replace("192.0.2.3", "192.0.2.33"))
        server.control("bind-reload-now", "example.com")
        server.control("purge")
        self.assertEqual(server.dig("mail.example.com").data("A"), ["192.0.2.33"])

    def test_zone_found_later(self):
        server = self.serve(self.zones)
        self.assertEqual(server.dig("new.example.com", "SOA").rcode, "NXDOMAIN")
        self.zones.add_zone("new.example.com", ZONE.replace("$ORIGIN example.com", "$ORIGIN new.example.com"))
        server.control("rediscover")
        server.control("purge")
        harness.wait_until(lambda: server.dig("new.example.com", "SOA").data("SOA"))


class BindNsec(Bind):
    secured = ""


class BindNsec3(Bind):
    secured = "1 0 0 -"


class Written(Forwarding):
    """Backends that tools write to."""

    def test_change_by_zone_tool(self):
        server = self.serve(self.zones)
        server.pdnsutil("replace-rrset", "example.com", "mail", "A", "300", "192.0.2.33")
        server.control("purge")
        self.assertEqual(server.dig("mail.example.com").data("A"), ["192.0.2.33"])
        self.assertIn("192.0.2.33", self.zones.pdnsutil("list-zone", "example.com"))


class Gsqlite3(Written, harness.TestCase):
    def make_backend(self):
        return backends.Gsqlite3({"example.com": ZONE})


class Gsqlite3Nsec(Gsqlite3):
    secured = ""


class Gsqlite3Nsec3(Gsqlite3):
    secured = "1 0 0 -"


class Gsqlite3Nsec3Narrow(Gsqlite3):
    secured = "1 0 0 - narrow"

    def test_same_zone_transfer(self):
        for server in self.serve_both():
            with self.assertRaisesRegex(AssertionError, "Transfer failed"):
                server.axfr("example.com")
            server.wait_log("not doing AXFR of an NSEC3 narrow zone")


class Lmdb(Written, harness.TestCase):
    def make_backend(self):
        return backends.Lmdb({"example.com": ZONE})


class LmdbNsec3(Lmdb):
    secured = "1 0 0 -"


class Gpgsql(Written, harness.TestCase):
    def make_backend(self):
        return databases.Gpgsql({"example.com": ZONE})


class GpgsqlNsec(Gpgsql):
    secured = ""


class Gmysql(Written, harness.TestCase):
    def make_backend(self):
        return databases.Gmysql({"example.com": ZONE})


class GmysqlNsec3(Gmysql):
    secured = "1 0 0 -"


if __name__ == "__main__":
    unittest.main()
