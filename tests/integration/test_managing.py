#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What manages zones sees and changes what is stored, through the module as without it: pdnsutil, the HTTP API, DNS UPDATE.

Nothing that the policy makes is ever stored, and CAA that is stored is never served.
"""
import contextlib
import json
import re
import sqlite3
import subprocess
import unittest
import urllib.request

import backends
import databases
import harness
import test_placement

ZONES = {"example.com": test_placement.ZONE, "example.org": test_placement.OTHER}
POLICY = test_placement.POLICY
DENIED = test_placement.DENIED
MADE = "made.example.com"
API_KEY = "for-tests"
TSIG_NAME = "updates"
TSIG_SECRET = "a2V5LWZvci10ZXN0cy1vbmx5LW5vdC1hLXNlY3JldA=="
ROWS = "SELECT name, type, content, ttl, prio, disabled, ordername, auth FROM records"


def stored(zones):
    """All that is in the backend, read without the module; with what rectifying writes, where it can be read."""
    if isinstance(zones, backends.Gsqlite3):
        with contextlib.closing(sqlite3.connect(zones.database)) as connection:
            return sorted(map(str, connection.execute(ROWS)))
    if isinstance(zones, (databases.Gpgsql, databases.Gmysql)):
        return sorted(zones.server.execute(zones.database, ROWS).splitlines())
    return [sorted(zones.pdnsutil("list-zone", zone).splitlines()) for zone in ZONES]


class Managing:
    """For each backend and denial mode below. What changes is made twice, with and without the module, and leaves the same."""
    backend = None
    secured = None  # or NSEC3 parameters; "" is NSEC

    def make_zones(self):
        zones = self.keep(self.backend(ZONES))
        if self.secured is not None:
            zones.secure("example.com", nsec3=self.secured or None)
        zones.pdnsutil("import-tsig-key", TSIG_NAME, "hmac-sha256", TSIG_SECRET)
        zones.pdnsutil("set-meta", "example.com", "TSIG-ALLOW-DNSUPDATE", TSIG_NAME)
        return zones

    def serve_zones(self, zones, launch=None):
        server = self.serve(zones, launch=launch, policy=POLICY, settings={
            "dname-processing": "yes", "dnsupdate": "yes", "allow-dnsupdate-from": "127.0.0.0/8", "api": "yes",
            "api-key": API_KEY, "webserver": "yes", "webserver-address": "127.0.0.1",
            "webserver-allow-from": "127.0.0.1"})
        self.api_port = server.settings["webserver-port"]
        return server

    def request(self, path, method="GET", body=None):
        """The reply of the API of the server that was started last."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api_port}/api/v1/servers/localhost/{path}", method=method, headers={"X-API-Key": API_KEY},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.read().decode()

    def patch(self, *sets):
        """Sets are (name, type, contents); no contents: the set goes."""
        self.request("zones/example.com.", "PATCH", {"rrsets": [
            {"name": f"{name}.", "type": rrtype, "changetype": "REPLACE" if contents else "DELETE", "ttl": 600,
             "records": [{"content": content, "disabled": False} for content in contents]}
            for name, rrtype, contents in sets]})

    def update(self, server, *lines):
        """A signed DNS UPDATE."""
        script = "\n".join([f"server 127.0.0.1 {server.port}", "zone example.com", *lines, "send", ""])
        done = subprocess.run(["nsupdate", "-y", f"hmac-sha256:{TSIG_NAME}:{TSIG_SECRET}"], input=script, capture_output=True,
                              text=True, timeout=60, check=False)
        return (done.returncode, done.stderr.strip())

    def check_same(self, change, expected=None):
        """Makes the change with and without the module, and compares what each returns and what is stored afterwards."""
        results = []
        for launch in (self.backend.name, None):
            zones = self.make_zones()
            before = stored(zones)
            server = self.serve_zones(zones, launch)
            result = change(server)
            results.append((result, stored(zones)))
        self.assertEqual(results[1], results[0])
        if expected is not None:
            self.assertEqual(results[1][0], expected)
        for made in ('"ca.example"', 'issue ";"', "issuewild"):
            self.assertNotIn(made, str(results[1][1]))
        return server, before, results[1][1]

    def check_no_stored_caa(self, server):
        """Neither in answers nor in a transfer."""
        names = [name for name in test_placement.ALL if name.endswith("example.com") and not name.endswith("child.example.com")]
        for rrtype in ("CAA", "ANY"):
            for name, answer in zip(names, server.dig_many([(name, rrtype) for name in names], "+tcp")):
                self.assertNotIn("stored.example", answer.text, name)
        self.assertEqual([record.name for record in server.axfr("example.com") if "stored.example" in record.data],
                         ["ns.child.example.com."])  # below a delegation, for the other zone to say

    # Reading.

    def test_serving_writes_nothing(self):
        zones = self.make_zones()
        before = stored(zones)
        server = self.serve_zones(zones)
        for rrtype in ("CAA", "A", "ANY", "TXT"):
            server.dig_many([(name, rrtype) for name in test_placement.ALL], "+tcp", "+dnssec")
        for zone in ZONES:
            server.axfr(zone)
        server.control("purge")
        server.control("reload")
        server.control("rediscover")
        self.check_no_stored_caa(server)
        self.assertEqual(stored(zones), before)

    def test_reading_shows_what_is_stored(self):
        zones = self.make_zones()
        before = stored(zones)
        seen = []
        for launch in (self.backend.name, None):
            server = self.serve_zones(zones, launch)
            api = json.loads(self.request("zones/example.com."))
            seen.append(([server.pdnsutil("list-zone", zone) for zone in ZONES], api, self.request("zones/example.com./export"),
                         json.loads(self.request("search-data?q=*example*&max=1000"))))
        self.assertEqual(seen[1], seen[0])
        self.assertEqual({rrset["name"]: [record["content"] for record in rrset["records"]] for rrset in seen[1][1]["rrsets"]
                          if rrset["type"] == "CAA"},
                         {f"{name}.": ['0 issue "stored.example"'] for name in (
                             "example.com", "www.example.com", "*.wild.example.com", "_acme-challenge.shop.example.com",
                             "_only.example.com", "ns.child.example.com")})
        self.assertEqual(stored(zones), before)

    # pdnsutil.

    def test_rectify_and_serial(self):
        def change(server):
            return [server.pdnsutil(*command) for command in (
                ("rectify-zone", "example.com"), ("rectify-all-zones",), ("increase-serial", "example.com"),
                ("check-zone", "example.com"), ("rectify-zone", "example.com"))]

        _, before, after = self.check_same(change)
        self.assertEqual([str(before).count(text) for text in ("CAA", "ca.example", "stored.example")],
                         [str(after).count(text) for text in ("CAA", "ca.example", "stored.example")])

    def test_records(self):
        def change(server):
            return [server.pdnsutil(*command) for command in (
                ("replace-rrset", "example.com", "www", "A", "600", "192.0.2.90"),
                ("add-record", "example.com", "shop", "CAA", "600", '0 issue "stored.example"'),
                ("add-record", "example.com", "not-there", "A", "600", "192.0.2.91"),  # published until now
                ("add-record", "example.com", "x.shop", "CAA", "600", '0 issue "stored.example"'),  # the guard covered it
                ("delete-rrset", "example.com", "free", "A"),
                ("rectify-zone", "example.com"))]

        server, _, _ = self.check_same(change)
        self.check_no_stored_caa(server)
        self.assertEqual(server.dig("x.shop.example.com", "CAA").data("CAA"), DENIED)
        self.assertEqual(server.dig("not-there.example.com").data("A"), ["192.0.2.91"])

    def test_edited_zone(self):
        """What is listed, changed in an editor and loaded is what was stored, with the change."""
        def change(server):
            text = server.pdnsutil("list-zone", "example.com").replace("192.0.2.2\n", "192.0.2.90\n")
            edited = backends.write(f"{server.folder}/edited.zone", text + 'added.example.com.\t600\tIN\tCAA\t0 issue "stored.example"\n')
            return text, [server.pdnsutil(*command).replace(server.folder, "") for command in (
                ("load-zone", "example.com", edited), ("rectify-zone", "example.com"), ("check-zone", "example.com"),
                ("list-zone", "example.com"))]

        server, before, after = self.check_same(change)
        self.assertEqual([str(after).count(text) - str(before).count(text) for text in ("CAA", "stored.example", "192.0.2.90")], [1, 1, 1])
        server.control("purge")
        self.check_no_stored_caa(server)
        self.assertEqual([server.dig(f"{name}.example.com", "CAA").data("CAA") for name in ("www", "added")], [DENIED, DENIED])
        self.assertEqual(server.dig("www.example.com").data("A"), ["192.0.2.90"])

    def test_new_zone(self):
        """In a subtree of the policy, signed at once."""
        def change(server):
            return [server.try_pdnsutil(*command).stdout for command in (
                ("create-zone", MADE, "ns1.example.com"), ("add-record", MADE, "www", "A", "192.0.2.93"),
                ("add-record", MADE, "www", "CAA", '0 issue "stored.example"'), ("set-meta", MADE, "ALLOW-AXFR-FROM", "127.0.0.0/8"),
                ("get-meta", MADE), ("secure-zone", MADE), ("set-nsec3", MADE, "1 0 0 -"), ("rectify-zone", MADE),
                ("check-zone", MADE), ("increase-serial", MADE), ("list-zone", MADE), ("list-all-zones",))] + [
                    re.sub(r"(?m)^(ID|DS|CSK|Keys).*\n?", "", server.pdnsutil("show-zone", MADE))]

        server, _, _ = self.check_same(change)
        server.control("rediscover")
        self.check_new_zone(server)

    def check_new_zone(self, server):
        self.assertEqual(server.dig(f"www.{MADE}").data("A"), ["192.0.2.93"])
        self.assertEqual(server.dig(f"www.{MADE}", "CAA").data("CAA"), DENIED)
        transferred = server.axfr(MADE)
        self.assertEqual({record.name for record in transferred if record.type == "CAA"}, {f"{MADE}.", f"www.{MADE}."})
        self.assertEqual(len([record for record in transferred if record.type == "NSEC3"]), 2)
        self.assertNotIn("stored.example", str(transferred))

    # The API.

    def test_api_of_zones(self):
        """All of it that isn't about records."""
        def change(server):
            path = f"zones/{MADE}."
            seen = [json.loads(self.request("zones", "POST", {
                "name": f"{MADE}.", "kind": "Native", "nameservers": ["ns1.example.com."], "soa_edit_api": "INCREASE", "rrsets": [
                    {"name": f"www.{MADE}.", "type": rrtype, "ttl": 600, "records": [{"content": content, "disabled": False}]}
                    for rrtype, content in (("A", "192.0.2.93"), ("CAA", '0 issue "stored.example"'))]}))]
            key = json.loads(self.request(f"{path}/cryptokeys", "POST", {"keytype": "csk", "active": True}))
            seen += [key["keytype"], key["active"], key["flags"], [
                (key["keytype"], key["active"], key["flags"], key["algorithm"]) for key in json.loads(self.request(f"{path}/cryptokeys"))]]
            seen += [self.request(path, "PUT", {"nsec3param": "1 0 0 -"}), self.request(f"{path}/rectify", "PUT")]
            self.request(f"{path}/metadata", "POST", {"kind": "ALLOW-AXFR-FROM", "metadata": ["127.0.0.0/8"]})
            self.request("zones/example.com./metadata", "POST", {"kind": "ALSO-NOTIFY", "metadata": ["192.0.2.94"]})
            self.request("zones/example.com./metadata/ALSO-NOTIFY", "PUT", {"metadata": ["192.0.2.95"]})
            seen += [sorted(json.loads(self.request(f"{zone}/metadata")), key=str) for zone in (path, "zones/example.com.")]
            self.request("zones/example.com./metadata/ALSO-NOTIFY", "DELETE")
            seen += [self.request(f"{path}/export"), json.loads(self.request("search-data?q=*stored*&max=1000")),
                     json.loads(self.request(f"search-data?q=*{MADE}*&max=1000")), json.loads(self.request(path)),
                     json.loads(self.request("zones/example.com./metadata"))]
            made = server.pdnsutil("list-zone", MADE)
            if server.launch.startswith("caapolicy"):
                self.check_new_zone(server)
            self.request(path, "DELETE")
            return seen, made

        server, before, after = self.check_same(change)
        self.assertEqual(after, before)
        self.assertEqual(server.dig(f"www.{MADE}", "CAA").data("CAA"), DENIED)  # again a name of its parent's zone
        self.assertEqual(server.dig(f"www.{MADE}").rcode, "NXDOMAIN")

    def test_api(self):
        def change(server):
            self.patch(("www.example.com", "A", ["192.0.2.90"]))
            self.patch(("shop.example.com", "CAA", ['0 issue "stored.example"']), ("x.not-there.example.com", "A", ["192.0.2.91"]))
            self.patch(("www.example.com", "CAA", []), ("free.example.com", "A", []))
            self.patch(("not-there.example.com", "CAA", ['0 issue "stored.example"']))
            return json.loads(self.request("zones/example.com."))["rrsets"]

        server, _, _ = self.check_same(change)
        server.control("purge")
        self.check_no_stored_caa(server)
        self.assertEqual(server.dig("www.example.com").data("A"), ["192.0.2.90"])
        self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), DENIED)

    # DNS UPDATE.

    def test_dns_update(self):
        def change(server):
            return [self.update(server, *lines) for lines in (
                ("add www.example.com 600 A 192.0.2.90",),
                ("prereq nxdomain not-there.example.com", "add not-there.example.com 600 A 192.0.2.91"),
                ("prereq yxrrset www.example.com CAA 0 issue \"stored.example\"", "add upd.example.com 600 TXT \"seen\""),
                ("prereq nxrrset shop.example.com CAA", "add shop.example.com 600 CAA 0 issue \"stored.example\""),
                ("add x.y.new.sub.example.com 600 A 192.0.2.92",),
                ("delete free.example.com",),
                ("delete shop.example.com A",),
                ("delete shop.example.com",),  # a name below keeps it as an empty non-terminal
                ("add wild.example.com 600 NS ns1.example.com.",),  # what is below is no longer this zone's
                ("delete wild.example.com NS",),
                ("delete www.example.com CAA",))]

        server, _, _ = self.check_same(change, [(0, "")] * 11)
        server.control("purge")
        self.check_no_stored_caa(server)
        self.assertEqual(server.dig("www.example.com").data("A"), ["192.0.2.2", "192.0.2.90"])
        self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), DENIED)


class Gsqlite3(Managing, harness.TestCase):
    backend = backends.Gsqlite3


class Gsqlite3Nsec(Gsqlite3):
    secured = ""


class Gsqlite3Nsec3(Gsqlite3):
    secured = "1 0 0 -"


class Lmdb(Managing, harness.TestCase):
    backend = backends.Lmdb


class LmdbNsec3(Lmdb):
    secured = "1 0 0 -"


class Gpgsql(Managing, harness.TestCase):
    backend = databases.Gpgsql


class Gmysql(Managing, harness.TestCase):
    backend = databases.Gmysql


del Managing

if __name__ == "__main__":
    unittest.main()
