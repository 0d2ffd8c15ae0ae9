#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones that PowerDNS signs: what a validating resolver makes of every name and of every denial, and whether a transferred
zone verifies."""
import random
import re
import subprocess
import tempfile
import unittest

import backends
import databases
import harness
import test_placement
import zone_model
from resolver import Unbound, anchors_of

# Aliases stay in the zone. Below a cut there is nothing but addresses: rectifying leaves other data there in the chain.
ZONE = (test_placement.ZONE.replace("web.example.net.", "target").replace("new.example.net.", "new")
        .replace('ns.child             CAA    0 issue "stored.example"\n', "")
        + "target A 192.0.2.40\nnew A 192.0.2.41\nx.new A 192.0.2.42\n")
TYPES = ["CAA", "A", "TXT", "NS", "DS", "SOA", "CNAME", "NSEC"]
NAMES = sorted({name for base in test_placement.ALL if base.endswith("example.com")
                for name in (base, f"nothing.{base}", f"zzz.{base}", f"a.nothing.{base}", f"nothing.{base.split('.', 1)[1]}")
                if name.endswith("example.com")})


def can_be_asked(name, rrtype):
    """Not what no server here has, nor what doesn't validate without the module either."""
    if name.endswith("child.example.com"):  # delegated to nobody
        return (name, rrtype) == ("child.example.com", "DS")
    if rrtype == "DS" and name == "example.com":  # its parent's
        return False
    # unbound takes no proof that a name which a wildcard answers for has no NSEC.
    if rrtype == "NSEC" and name not in test_placement.CARRIED:
        return False
    if name.endswith(".old.example.com") and rrtype in ("CNAME", "DS", "NSEC"):  # what a DNAME makes of these is not signed
        return False
    # PowerDNS signs what a wildcard CNAME makes for a name with a `*` as if that were the wildcard.
    return not (name.endswith(".aliases.example.com") and "*" in name.removesuffix("*.aliases.example.com"))


class Signed:
    """For each backend and denial mode below."""
    nsec3 = None
    settings = {}

    def make_backend(self):
        raise NotImplementedError

    def serve_signed(self, **settings):
        zones = self.keep(self.make_backend())
        zones.secure("example.com", nsec3=self.nsec3)
        server = self.serve(zones, policy=test_placement.POLICY,
                            settings={"dname-processing": "yes", "direct-dnskey": "no", **self.settings, **settings})
        return zones, server

    def ask_all(self, zones, server):
        """Every name and type in random order, cold and then warm. All must validate, and say what the server says."""
        unbound = self.keep(Unbound(server, anchors_of(zones, "example.com")))
        questions = [(name, rrtype) for name in NAMES for rrtype in TYPES if can_be_asked(name, rrtype)]
        random.Random(self.id()).shuffle(questions)
        opt_out = self.nsec3 is not None and self.nsec3.startswith("1 1")
        for run in ("cold", "warm"):
            for (name, rrtype), answer in zip(questions, unbound.ask_many(questions)):
                where = f"{run}: {name} {rrtype}\n{answer.text}\n{''.join(unbound.bogus()[-3:])}"
                self.assertIn(answer.rcode, ("NOERROR", "NXDOMAIN"), where)
                if not opt_out:  # a denial in a span that may hold unsigned delegations is never secure (RFC 5155 9.2)
                    self.assertIn("ad", answer.flags, where)
        self.assertEqual(unbound.bogus(), [])
        return unbound

    def check_verdicts(self, unbound, expected):
        """What a CA finds that climbs (RFC 8659 3)."""
        for name, caa in expected.items():
            found, at = [], name
            while not found and at != "com":
                found = unbound.ask_many([(at, "CAA")])[0].data("CAA")
                at = at.split(".", 1)[1]
            with self.subTest(name=name):
                self.assertEqual(found, caa)

    def expected(self):
        return {name: caa for table in (test_placement.CARRIED, test_placement.NOT_THERE, test_placement.COVERED)
                for name, caa in table.items() if name.endswith("example.com") and caa and not name.startswith("_")}

    def test_answer(self):
        zones, server = self.serve_signed()
        self.check_verdicts(self.ask_all(zones, server), self.expected())

    def test_nxdomain(self):
        zones, server = self.serve_signed(**{"caapolicy-nonexistent-names": "nxdomain"})
        self.check_verdicts(self.ask_all(zones, server), self.expected())

    def test_transfer_verifies(self):
        _, server = self.serve_signed()
        if self.nsec3 and "narrow" in self.nsec3:  # PowerDNS transfers no such zone
            self.assertRaisesRegex(AssertionError, "no zone transfer of example.com", server.axfr, "example.com")
            return
        records = server.axfr("example.com")
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            # Transfers end with the SOA of their beginning, which dig's +onesoa leaves out.
            file.writelines(f"{record.name} {record.ttl} IN {record.type} {record.data}\n" for record in records)
            file.flush()
            done = subprocess.run(["ldns-verify-zone", file.name], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("Zone is verified and complete", done.stdout)
        if self.nsec3 is None:
            self.check_walk(server, records)

    def check_walk(self, server, records):
        """Following NSEC live finds the names of the transfer that have records."""
        zone = zone_model.Zone("example.com", records)
        owners = {record.name.lower() for record in records if record.type == "NSEC"}
        self.assertEqual(owners, {name for name, sets in zone.sets.items() if set(sets) - {"RRSIG"} and zone.ask(
            name.rstrip("."), "NSEC")[0] != "REFERRAL" or name == "child.example.com."})
        walked, at = [], "example.com."
        while True:
            walked.append(at)
            data = server.dig(at, "NSEC", "+dnssec").data("NSEC")
            self.assertEqual(len(data), 1, at)
            stored = zone.sets[at]["NSEC"]
            self.assertEqual(data, stored, at)
            at = data[0].split()[0].lower()
            if at == "example.com.":
                break
            self.assertLess(len(walked), 500)
        self.assertEqual(sorted(walked), sorted(owners))


_ALL = {"Nsec": None, "Nsec3": "1 0 0 -", "Nsec3Salted": "1 0 10 abcd", "Nsec3OptOut": "1 1 0 -", "Nsec3Narrow": "1 0 0 - narrow"}
for _backend, _modes in ((backends.Bind, _ALL.keys() - {"Nsec3Narrow"}),  # it keeps no such thing
                         (backends.Gsqlite3, _ALL.keys()), (backends.Lmdb, ("Nsec", "Nsec3", "Nsec3Narrow")),
                         (databases.Gpgsql, ("Nsec", "Nsec3")), (databases.Gmysql, ("Nsec", "Nsec3"))):
    for _mode in _modes:
        _class = type(_backend.__name__ + _mode, (Signed, harness.TestCase), {
            "make_backend": lambda self, kind=_backend: kind({"example.com": ZONE}), "nsec3": _ALL[_mode]})
        globals()[_class.__name__] = _class
del _class

if __name__ == "__main__":
    unittest.main()
