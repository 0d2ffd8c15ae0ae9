#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones that the wrapped backend gets from a primary: they arrive as they do without the module, and are served with it."""
import re
import unittest

import backends
import databases
import harness
import secondaries
import test_managing
import test_placement
from harness import wait_until
from test_placement import DENIED, GRANTED
from test_secondaries import is_later, serial, stored_serial

ZONE = test_placement.ZONE
POLICY = test_placement.POLICY


def version(number, text=ZONE):
    return re.sub(r"hostmaster \d+ 3600", f"hostmaster {number} 3600", text)


# Each is a change of the one before. What the policy says is the same in all.
SECOND = version(2, ZONE.replace("192.0.2.9", "192.0.2.90") + """
added                A      192.0.2.91
not-there            A      192.0.2.92
shop                 CAA    0 issue "stored.example"
www                  CAA    0 iodef "mailto:stored@example.net"
""")
THIRD = version(3, SECOND.replace('www                  CAA    0 issue "stored.example"\n', "") + """
shop                 CAA    0 iodef "mailto:stored@example.net"
@                    CAA    0 iodef "mailto:stored@example.net"
here.wild            CAA    0 issue "stored.example"
""")
FOURTH = version(4, ZONE)
SECONDARY = {"secondary": "yes", "xfr-cycle-interval": "1", "dname-processing": "yes"}


class BindSecondary(backends.Bind):
    """Its zones come from a primary; it takes whole ones only."""

    def make_secondary(self, zone, primary_port):
        backends.write(f"{self.folder}/named.conf", f"""
zone "{zone}" {{ type slave; masters {{ 127.0.0.1:{primary_port}; }}; file "{self.zone_file(zone)}"; }};
""")


def stored(zones):
    """All records that are in the backend, as they are there."""
    if isinstance(zones, backends.Bind):
        with open(zones.zone_file("example.com"), encoding="utf-8") as file:
            return sorted(line for line in file if not line.startswith(";"))
    if isinstance(zones, backends.Lmdb):
        return sorted(zones.pdnsutil("list-zone", "example.com").splitlines())
    return test_managing.stored(zones)


class Incoming:
    """For each backend and kind of transfer below. One primary, and a secondary without and one with the module."""
    backend = None
    ixfr = False

    def setUp(self):
        self.primary = self.keep(secondaries.KnotPrimary(["example.com"]))
        self.zones, self.servers = [], []
        for launch in (self.backend.name, None):
            zones = self.keep(self.backend({}))
            if isinstance(zones, BindSecondary):
                zones.make_secondary("example.com", self.primary.port)
            else:
                zones.pdnsutil("create-secondary-zone", "example.com", f"127.0.0.1:{self.primary.port}")
            if self.ixfr:
                zones.pdnsutil("set-meta", "example.com", "IXFR", "1")
            self.zones.append(zones)
            self.servers.append(self.serve(zones, launch=launch, policy=POLICY, settings=SECONDARY))
        self.bare, self.wrapped = self.servers
        self.primary.notified = [server.port for server in self.servers]
        self.primary.write_zone("example.com", ZONE)
        self.primary.start(None)
        for server in self.servers:
            server.wait_log("zone committed with serial 1$")
        self.check(1)

    def fill_caches(self):
        """With SOA records among others."""
        for server in self.servers:
            server.dig_many([(name, rrtype) for name in ("example.com", "nothing.example.com", "www.example.com", "shop.example.com")
                             for rrtype in ("SOA", "CAA", "ANY")], "+tcp")

    def change(self, text, number):
        """By NOTIFY: the zone says that it is to be looked at in an hour."""
        self.fill_caches()
        marks = [server.mark() for server in self.servers]
        self.primary.write_zone("example.com", text)
        self.primary.reload("example.com")
        kind = "IXFR-in .* got 1 delta, " if self.ixfr else "AXFR-in .* "
        for server, mark in zip(self.servers, marks):
            server.wait_log(f"{kind}zone committed with serial {number}$", since=mark)
        self.check(number)

    def check(self, number):
        """The same is stored, nothing of it is the policy's, and what is served is what the policy says."""
        bare, wrapped = map(stored, self.zones)
        self.assertEqual(wrapped, bare)
        for made in ('"ca.example"', 'issue ";"', "issuewild"):
            self.assertNotIn(made, str(wrapped))
        self.assertIn("stored.example", str(wrapped))
        self.assertEqual((serial(self.bare), stored_serial(self.zones[1]), stored_serial(self.wrapped)), (number, number, number))
        served = serial(self.wrapped)
        self.assertTrue(is_later(served, number), served)
        self.assertEqual({int(record.data.split()[2]) for name in (f"new-in-{number}.child.www", f"new-in-{number}.shop")
                          for record in self.wrapped.dig(f"{name}.example.com", "A").authority if record.type == "SOA"}, {served})
        expected = {name: caa for name, caa in test_placement.CARRIED.items() if name.endswith("example.com")}
        for (name, caa), answer in zip(expected.items(), self.wrapped.dig_many([(name, "CAA") for name in expected])):
            self.assertEqual(answer.data("CAA"), caa or [], name)
        transferred = [record for record in self.wrapped.axfr("example.com") if "stored" in record.data]
        self.assertEqual([record.name for record in transferred], ["ns.child.example.com."])  # below a delegation

    def test_changes(self):
        before = serial(self.wrapped)
        for number, text in enumerate((SECOND, THIRD, FOURTH), 2):
            self.change(text, number)
            self.assertEqual(serial(self.wrapped), before + number - 1)  # a stored serial that is raised by one raises it by one
        for name in ("free", "added", "www", "here.wild"):  # PowerDNS doesn't serve all that an IXFR brought to a database
            self.assertEqual(*(server.dig(f"{name}.example.com").answer for server in self.servers), name)

    def test_policy_changes_between(self):
        """They raise the serial that is served; the one that the primary's is compared with stays the stored one."""
        self.change(SECOND, 2)
        before = serial(self.wrapped)
        self.wrapped.write_policy(POLICY.replace("name: shop.example.com", "name: www.example.com"))
        self.wrapped.control("rediscover")
        served = serial(self.wrapped)
        self.assertTrue(is_later(served, before))
        self.assertEqual([self.wrapped.dig(f"{name}.example.com", "CAA").data("CAA") for name in ("www", "shop")], [GRANTED, DENIED])
        self.fill_caches()
        marks = [server.mark() for server in self.servers]
        self.primary.notify("example.com")
        for server, mark in zip(self.servers, marks):  # it isn't transferred again, and is not taken for a newer one
            server.wait_log("Domain 'example.com' is fresh .*serial is 2 ", since=mark)
            self.assertNotIn("starting", server.log(mark))
        self.assertEqual(serial(self.wrapped), served)
        self.wrapped.write_policy(POLICY)
        self.wrapped.control("rediscover")
        self.change(THIRD, 3)
        self.assertTrue(is_later(serial(self.wrapped), served))


for _backend, _ixfr in ((BindSecondary, False), (backends.Gsqlite3, False), (backends.Gsqlite3, True), (backends.Lmdb, True),
                        (databases.Gpgsql, True), (databases.Gmysql, True)):
    _name = f"{_backend.__name__}{'Ixfr' if _ixfr else 'Axfr'}"
    globals()[_name] = type(_name, (Incoming, harness.TestCase), {"backend": _backend, "ixfr": _ixfr})


class Onwards(harness.TestCase):
    """A secondary with the module that has a secondary of its own."""

    def test_next_secondary(self):
        primary = self.keep(secondaries.KnotPrimary(["example.com"]))
        zones = self.keep(backends.Gsqlite3({}))
        zones.pdnsutil("create-secondary-zone", "example.com", f"127.0.0.1:{primary.port}")
        last = self.keep(secondaries.Nsd(["example.com"]))
        server = self.serve(zones, policy=POLICY, settings={
            **SECONDARY, "secondary-do-renotify": "yes", "only-notify": "", "also-notify": f"127.0.0.1:{last.port}"})
        primary.notified = [server.port]
        primary.write_zone("example.com", ZONE)
        primary.start(None)
        server.wait_log("zone committed with serial 1$")
        last.start(server.port)
        wait_until(lambda: serial(last) == serial(server), what=last.log())
        before = serial(last)
        self.assertEqual(last.dig("not-there.example.com", "CAA").data("CAA"), GRANTED)
        primary.write_zone("example.com", SECOND)
        primary.reload("example.com")
        wait_until(lambda: serial(last) == before + 1, what=last.log())
        self.assertEqual(last.dig("added.example.com", "A").data("A"), ["192.0.2.91"])
        self.assertEqual(last.dig("added.example.com", "CAA").data("CAA"), DENIED)
        self.assertEqual(last.dig("not-there.example.com", "CAA").data("CAA"), GRANTED)


class Presigned(harness.TestCase):
    """What its primary has signed stays as it is, though the policy governs the zone."""

    def test_passes_through(self):
        for nsec3 in (None, "1 0 0 -"):
            with self.subTest(nsec3=nsec3):
                signed = self.keep(backends.Gsqlite3({"example.com": ZONE}))
                signed.secure("example.com", nsec3=nsec3)
                signed.pdnsutil("set-kind", "example.com", "primary")
                # The secondary's port is not known yet: nobody is notified at the start.
                primary = self.serve(signed, launch="gsqlite3", settings={"primary": "yes", "only-notify": ""})
                zones = self.keep(backends.Gsqlite3({}))
                zones.pdnsutil("create-secondary-zone", "example.com", f"127.0.0.1:{primary.port}")
                server = self.serve(zones, policy=POLICY, settings=SECONDARY)
                for number in (1, 2):
                    server.wait_log(f"zone committed with serial {number}$")
                    self.assertIn("PRESIGNED = 1", zones.pdnsutil("get-meta", "example.com", "PRESIGNED"))
                    self.assertEqual(sorted(server.axfr("example.com")), sorted(primary.axfr("example.com")))
                    self.assertEqual(serial(server), number)
                    for name, caa in (("www.example.com", ['0 issue "stored.example"']), ("shop.example.com", []),
                                      ("not-there.example.com", [])):
                        self.assertEqual(server.dig(name, "CAA").data("CAA"), caa, name)
                    if number == 1:
                        signed.pdnsutil("increase-serial", "example.com")
                        primary.control("purge")
                        primary.control("notify-host", "example.com", f"127.0.0.1:{server.port}")


if __name__ == "__main__":
    unittest.main()
