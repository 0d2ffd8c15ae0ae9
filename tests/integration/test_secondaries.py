#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Secondaries: a change of the policy raises the serial that they see, is announced, and what they then serve says to a CA
what the policy says. The stored serial is never touched."""
import json
import socket
import subprocess
import time
import unittest
import urllib.request

import backends
import harness
import secondaries
import test_placement
from harness import wait_until
from test_placement import DENIED, GRANTED

PLAIN = """
$TTL 3600
@    SOA ns1.example.net. hostmaster.example.net. 7 3600 600 86400 300
@    NS  ns1.example.net.
www  A   192.0.2.1
"""
POLICY = """
version: 1
subtrees:
  example.com: {}
"""
APPROVED = POLICY + """
approvals:
  - {name: www.example.com, issuer: ca.example}
"""
STORED = 7
# No NOTIFY to the name servers of the zones, who are nowhere.
PRIMARY = {"primary": "yes", "only-notify": "", "dname-processing": "yes", "direct-dnskey": "no"}


def serial(server, zone="example.com"):
    soas = server.dig(zone, "SOA").data("SOA")
    return int(soas[0].split()[2]) if soas else None


def stored_serial(zones, zone="example.com"):
    """By pdnsutil: of a backend without the module, of a server with it."""
    line = next(line for line in zones.pdnsutil("list-zone", zone).splitlines() if "\tSOA\t" in line)
    return int(line.split()[6])


def is_later(new, old):
    """RFC 1982 3.2."""
    return new != old and (new - old) % 2**32 < 2**31


def climb(server, name):
    """The CAA that a CA finds which asks this server (RFC 8659 3)."""
    while name != "com" and name != "org":
        found = server.dig(name, "CAA").data("CAA")
        if found:
            return found
        name = name.split(".", 1)[1]
    return []


class Serials(harness.TestCase):
    def serve_plain(self, zones, policy=POLICY, **settings):
        return self.serve(zones, policy=policy, settings={**PRIMARY, **settings})

    def zones(self, make=backends.Gsqlite3, text=PLAIN):
        return self.keep(make({"example.com": text, "example.org": text}))

    def reload(self, server, policy):
        server.write_policy(policy)
        server.control("rediscover")

    def check_rises(self, zones):
        server = self.serve_plain(zones)
        first = serial(server)
        self.assertTrue(is_later(first, STORED))
        self.assertEqual(serial(server, "example.org"), STORED)
        seen = [first]
        for policy in (APPROVED, POLICY, APPROVED):  # within a second
            self.reload(server, policy)
            seen.append(serial(server))
            self.assertTrue(is_later(seen[-1], seen[-2]), seen)
            soas = [record.data for record in server.axfr("example.com") if record.type == "SOA"]
            self.assertEqual([int(soa.split()[2]) for soa in soas], [seen[-1]])
        self.reload(server, APPROVED + "# nothing else\n")
        self.assertEqual(serial(server), seen[-1])
        wait_until(lambda: time.time() >= server_time(seen[-1]) + 1)
        server.restart()
        self.assertTrue(is_later(serial(server), seen[-1]))
        self.assertEqual(serial(server, "example.org"), STORED)
        self.assertEqual(stored_serial(zones), STORED)
        self.assertEqual(stored_serial(server), STORED)

    def test_bind(self):
        self.check_rises(self.zones(backends.Bind))

    def test_gsqlite3(self):
        self.check_rises(self.zones())

    def test_without_zone_cache(self):
        zones = self.zones()
        server = self.serve_plain(zones, **{"zone-cache-refresh-interval": "0"})
        before = serial(server)
        self.assertTrue(is_later(before, STORED))
        self.reload(server, APPROVED)
        self.assertTrue(is_later(serial(server), before))

    def test_increase_serial(self):
        zones = self.zones()
        server = self.serve_plain(zones)
        before = serial(server)
        server.pdnsutil("increase-serial", "example.com")
        server.control("purge", "example.com$")
        self.assertEqual((serial(server), stored_serial(zones)), (before + 1, STORED + 1))

    def test_near_the_end_of_the_circle(self):
        zones = self.zones(text=PLAIN.replace(" 7 3600", f" {2**32 - 5} 3600"))
        server = self.serve_plain(zones)
        first = serial(server)
        self.assertTrue(is_later(first, 2**32 - 5))
        self.reload(server, APPROVED)
        self.assertTrue(is_later(serial(server), first))

    def test_zone_that_leaves_the_policy_does_not_go_back(self):
        server = self.serve_plain(self.zones())
        before = serial(server)
        self.reload(server, "version: 1\nsubtrees: {}\n")
        self.assertTrue(is_later(serial(server), before))

    def test_approval_begins_and_ends(self):
        server = self.serve_plain(self.zones())
        begin = int(time.time()) + 3
        self.reload(server, POLICY + f"""
approvals:
  - {{name: www.example.com, issuer: ca.example, from: {harness.utc(begin)}, until: {harness.utc(begin + 2)}}}
""")
        first = serial(server)
        second = wait_until(lambda: serial(server) != first and serial(server))
        self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), GRANTED)
        self.assertEqual(server_time(second), begin)
        third = wait_until(lambda: serial(server) != second and serial(server))
        self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), DENIED)
        self.assertEqual(server_time(third), begin + 2)

    def api(self, server, method, path, document):
        request = urllib.request.Request(f"http://127.0.0.1:{server.settings['webserver-port']}/api/v1/servers/localhost{path}",
                                         method=method, data=json.dumps(document).encode() if document else None,
                                         headers={"X-API-Key": "key"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"{}")

    def test_api_and_dns_update_write_what_is_stored(self):
        for cache in ("300", "0"):
            for kind, expected in (("INCREASE", STORED + 1), ("SOA-EDIT-INCREASE", STORED + 1)):
                with self.subTest(kind=kind, cache=cache):
                    zones = self.zones()
                    zones.pdnsutil("set-meta", "example.com", "SOA-EDIT-API", kind)
                    zones.pdnsutil("set-meta", "example.com", "SOA-EDIT-DNSUPDATE", "INCREASE")
                    zones.pdnsutil("set-meta", "example.com", "ALLOW-DNSUPDATE-FROM", "127.0.0.0/8")
                    server = self.serve_plain(zones, webserver="yes", api="yes", dnsupdate="yes", **{
                        "zone-cache-refresh-interval": cache, "api-key": "key"})
                    before = serial(server)
                    self.assertEqual(self.api(server, "GET", "/zones/example.com.", None)["serial"], STORED)
                    self.api(server, "PATCH", "/zones/example.com.", {"rrsets": [
                        {"name": "new.example.com.", "type": "A", "ttl": 300, "changetype": "REPLACE",
                         "records": [{"content": "192.0.2.9", "disabled": False}]}]})
                    self.assertEqual((stored_serial(zones), serial(server)), (expected, before + 1))
                    self.api(server, "PUT", "/zones/example.com.", {"api_rectify": True, "dnssec": True})
                    stored = stored_serial(zones)
                    self.assertLess(stored, 100)
                    self.assertEqual(serial(server), before + stored - STORED)
                    done = subprocess.run(["nsupdate"], text=True, capture_output=True, timeout=30, check=False, input=f"""
server 127.0.0.1 {server.port}
zone example.com
update add upd.example.com 60 A 192.0.2.8
send
""")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual((stored_serial(zones), serial(server)), (stored + 1, before + stored + 1 - STORED))

    def test_soa_edit(self):
        """Of each kind a change raises what PowerDNS makes of the serial."""
        for kind in ("NONE", "INCEPTION-INCREMENT", "INCEPTION-EPOCH", "INCREMENT-WEEKS"):
            for stored in (STORED, 2026010101):
                with self.subTest(kind=kind, stored=stored):
                    zones = self.zones(text=PLAIN.replace(" 7 3600", f" {stored} 3600"))
                    zones.pdnsutil("set-meta", "example.com", "SOA-EDIT", kind)
                    zones.secure("example.com")
                    bare = self.serve(zones, launch="gsqlite3", policy=None)
                    server = self.serve_plain(zones)
                    edited, first = serial(bare), serial(server)
                    self.assertTrue(is_later(first, edited))
                    self.reload(server, APPROVED)
                    self.assertTrue(is_later(serial(server), first))
                    # PowerDNS's own edit is in it: a new week, and so new signatures, raise it too.
                    self.assertEqual(first - edited, server_time(first - edited + STORED) - BASE)

    def test_standalone(self):
        policy = """
version: 1
zones:
  example.com: {primary: ns1.example.com, hostmaster: hostmaster.example.com, nameservers: [ns1.example.com]}
  example.org: {primary: ns1.example.com, hostmaster: hostmaster.example.com, nameservers: [ns1.example.com]}
subtrees:
  example.com: {}
  example.org: {}
"""
        server = self.serve(None, policy=policy, settings=PRIMARY)
        before, other = serial(server), serial(server, "example.org")
        self.reload(server, policy + "approvals:\n  - {name: www.example.com, issuer: ca.example}\n")
        self.assertTrue(is_later(serial(server), before))
        self.assertEqual(serial(server, "example.org"), other)


BASE = 1735689600


def server_time(served, stored=STORED):
    """The instant that is in a served serial."""
    return BASE + served - stored


class Fed:
    """A kind of secondary, of a wrapped backend and of signing."""
    make_secondary = None
    make_backend = None
    signed = False
    nsec3 = None

    def feed(self, zones, policy, **settings):
        """A primary and a secondary that has its zones."""
        secondary = self.keep(self.make_secondary(zones.zones))
        primary = self.serve(zones, policy=policy, settings={
            **PRIMARY, "also-notify": f"127.0.0.1:{secondary.port}", **settings})
        secondary.start(primary.port)
        for zone in zones.zones:
            self.wait_same(primary, secondary, zone)
        return primary, secondary

    def wait_same(self, primary, secondary, zone="example.com"):
        try:
            wait_until(lambda: serial(secondary, zone) == serial(primary, zone))
        except AssertionError:
            raise AssertionError(f"{zone}: {serial(secondary, zone)} at the secondary, {serial(primary, zone)} at the primary\n"
                                 + secondary.log()) from None

    def make_zones(self, text=PLAIN, **more):
        zones = self.keep(self.make_backend({"example.com": text, **more}))
        if not isinstance(zones, backends.Bind):
            for zone in zones.zones:
                zones.pdnsutil("set-kind", zone, "primary")
        if self.signed:
            zones.secure("example.com", nsec3=self.nsec3)
        return zones


class Secondaries(Fed):
    """For each kind of secondary and of wrapped backend below."""

    def test_reload_and_time(self):
        primary, secondary = self.feed(self.make_zones(), POLICY)
        self.assertEqual(secondary.dig("www.example.com", "CAA").data("CAA"), DENIED)
        begin = int(time.time()) + 3
        primary.write_policy(APPROVED)
        wait_until(lambda: secondary.dig("www.example.com", "CAA").data("CAA") == GRANTED, what=secondary.log())
        seen = serial(secondary)
        primary.write_policy(POLICY + f"""
approvals:
  - {{name: shop.example.com, issuer: ca.example, from: {harness.utc(begin)}, until: {harness.utc(begin + 6)}}}
""")
        wait_until(lambda: secondary.dig("www.example.com", "CAA").data("CAA") == DENIED, what=secondary.log())
        wait_until(lambda: secondary.dig("shop.example.com", "CAA").data("CAA") == GRANTED, what=secondary.log())
        wait_until(lambda: secondary.dig("shop.example.com", "CAA").rcode == "NXDOMAIN", what=secondary.log())
        self.assertGreaterEqual(time.time(), begin + 6)
        self.assertTrue(is_later(serial(secondary), seen))

    def test_placement(self):
        zone = test_placement.ZONE
        if self.signed:
            zone = zone.replace('ns.child             CAA    0 issue "stored.example"\n', "")
        zones = self.make_zones(zone, **{"example.org": test_placement.OTHER})
        _, secondary = self.feed(zones, test_placement.POLICY)
        expected = {**test_placement.CARRIED, **test_placement.NOT_THERE, **test_placement.COVERED}
        questions = [(name, "CAA") for name in expected]
        for (name, caa), answer in zip(expected.items(), secondary.dig_many(questions)):
            aliased = "CNAME" in {record.type for record in answer.answer}
            if aliased or caa is None or name.split(".")[0].startswith("_"):
                continue
            with self.subTest(name=name):
                self.assertEqual(climb(secondary, name), caa)


for _secondary in (secondaries.Nsd, secondaries.Knot, secondaries.Pdns):
    for _backend, _signed in ((backends.Bind, False), (backends.Gsqlite3, False), (backends.Gsqlite3, True),
                              (backends.Lmdb, False)):
        _name = f"{_secondary.__name__}{_backend.__name__}{'Signed' if _signed else ''}"
        globals()[_name] = type(_name, (Secondaries, harness.TestCase), {
            "make_secondary": staticmethod(_secondary), "make_backend": staticmethod(_backend), "signed": _signed})


class TwoPrimaries(harness.TestCase):
    """Over one database: each announces what the policy changes, and they agree after a change by time."""

    def test_two_primaries(self):
        zones = self.keep(backends.Gsqlite3({"example.com": PLAIN}))
        zones.pdnsutil("set-kind", "example.com", "primary")
        begin = int(time.time()) + 8
        policy = POLICY + f"approvals:\n  - {{name: www.example.com, issuer: ca.example, from: {harness.utc(begin)}}}\n"
        primaries = [self.serve(zones, policy=policy, settings={**PRIMARY, "also-notify": "127.0.0.1:9"}) for _ in range(2)]
        marks = []
        for primary in primaries:
            primary.wait_log(ANNOUNCED_AT_START)
            marks.append(primary.mark())
        before = [serial(primary) for primary in primaries]
        for primary, mark in zip(primaries, marks):
            primary.wait_log("Queued also-notification of domain 'example.com'", since=mark)
        self.assertGreaterEqual(time.time(), begin)
        after = [serial(primary) for primary in primaries]
        self.assertEqual(after[0], after[1])
        self.assertTrue(all(is_later(new, old) for new, old in zip(after, before)))
        self.assertEqual(stored_serial(zones), STORED)


# PowerDNS's communicator begins to look before it has read `also-notify`.
ANNOUNCED_AT_START = "Queued also-notification of domain 'example.com'|'example.com' was processed, but no valid nameservers"


class Notify(harness.TestCase):
    def receive(self, notified):
        """Waits for a NOTIFY of example.com, and acknowledges it."""
        packet, sender = notified.recvfrom(512)
        self.assertEqual((packet[2] >> 3 & 15, packet[12:25]), (4, b"\x07example\x03com\x00"))
        notified.sendto(packet[:2] + bytes([packet[2] | 0x80]) + packet[3:], sender)

    def test_at_once(self):
        """And not by the communicator's next look, which comes once a minute when nothing is to be sent again."""
        for make in (backends.Bind, backends.Gsqlite3):
            with self.subTest(backend=make.name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as notified:
                notified.bind(("127.0.0.1", 0))
                notified.settimeout(harness.TIMEOUT)
                zones = self.keep(make({"example.com": PLAIN, "example.org": PLAIN}))
                if make is backends.Gsqlite3:
                    zones.pdnsutil("set-kind", "example.com", "primary")
                server = self.serve(zones, policy=POLICY, settings={
                    **PRIMARY, "also-notify": f"127.0.0.1:{notified.getsockname()[1]}"})
                if "Queued" in server.wait_log(ANNOUNCED_AT_START)[0]:
                    self.receive(notified)
                    server.wait_log("Removed from notification list: 'example.com'")
                    server.wait_log("no primary or producer domains need notifications")
                begun = time.monotonic()
                server.write_policy(APPROVED)
                self.receive(notified)
                self.assertLess(time.monotonic() - begun, 5)
                self.assertNotIn("notification of domain 'example.org'", server.log())


if __name__ == "__main__":
    unittest.main()
