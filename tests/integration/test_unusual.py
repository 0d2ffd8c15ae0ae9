#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records that PowerDNS expands or follows, and names that need escapes or every byte that a name has, in a governed subtree,
signed and unsigned: nothing but CAA changes, and CAA is the policy's."""
import unittest

import backends
import databases
import harness
import signed
import zone_model
from resolver import IN_ORDER, Unbound, anchors_of, verify_transfer
from test_placement import DENIED, GRANTED

APEX = "example.com"


def long_name(size, character):
    """A name of this many bytes on the wire. Those of the same character share all but the first label."""
    first = size - len("example.com") - 2 - 3 * 64 - 1
    return ".".join([character * first, *[character * 63] * 3, APEX])


# A guard has its place below a name of 253 bytes, not below longer ones. Those of `e` exist, those of `p` are published.
LONG = {(size, character): long_name(size, character) for size in (253, 254, 255) for character in "ep"}
LABEL = "l" * 63

ZONE = f"""
$ORIGIN {APEX}.
$TTL 3600
@           SOA   ns1 hostmaster 1 3600 600 86400 300
@           NS    ns1
ns1         A     192.0.2.1
www         A     192.0.2.2
www         AAAA  2001:db8::2
www         CAA   0 issue "stored.example"
a\\.b        A     192.0.2.10
a\\.b        CAA   0 issue "stored.example"
\\032x       A     192.0.2.11
\\200        TXT   "a byte"
c\\.d.ent    A     192.0.2.12
*.e\\.f      A     192.0.2.13
at\\@sign    A     192.0.2.14
{LABEL}     A     192.0.2.15
UPPER.Case  A     192.0.2.16
Upper.Case  CAA   0 issue "stored.example"
*.Wild      A     192.0.2.17
svc         SVCB  1 www alpn=h2 port=8443
svc         HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.18
svc         A     192.0.2.18
to-wild     HTTPS 1 x.wild alpn=h2
to-new      SVCB  1 new alpn=h2
to-alias    HTTPS 0 alias
alias       CNAME www
mx          MX    10 new
srv         SRV   0 0 443 www
cut         NS    ns.cut
ns.cut      A     192.0.2.53
ns.cut      AAAA  2001:db8::53
signed-cut  NS    ns.signed-cut
signed-cut  DS    12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
ns.signed-cut A   192.0.2.54
dname       DNAME www
to-long     DNAME {LONG[253, "e"].removesuffix("." + APEX)}
""" + "".join(f"{name}. A 192.0.2.{size - 200}\n" for (size, character), name in LONG.items() if character == "e")

# PowerDNS transfers these as they are, and doesn't sign what an ALIAS becomes.
DYNAMIC = """
lua         LUA   A "'192.0.2.30'"
lua         CAA   0 issue "stored.example"
*.luas      LUA   A "'192.0.2.31'"
expanded    ALIAS www.example.net.
expanded    CAA   0 issue "stored.example"
"""

POLICY = f"""
version: 1
subtrees:
  {APEX}: {{}}
approvals:
  - {{name: new.{APEX}, issuer: ca.example}}
  - {{name: svc.{APEX}, issuer: ca.example}}
  - {{name: upper.case.{APEX}, issuer: ca.example}}
  - {{name: x.wild.{APEX}, issuer: ca.example}}
  - {{name: {LABEL}.{APEX}, issuer: ca.example}}
  - {{name: {LABEL}.new.{APEX}, issuer: ca.example}}
  - {{name: dname.{APEX}, issuer: ca.example}}
  - {{name: x.cut.{APEX}, issuer: ca.example}}
  - {{name: signed-cut.{APEX}, issuer: ca.example}}
  - {{name: lua.{APEX}, issuer: ca.example}}
  - {{name: expanded.{APEX}, issuer: ca.example}}
""" + "".join(f"  - {{name: {name}, issuer: ca.example}}\n" for name in LONG.values())

EXPECTED = {
    "a\\.b": DENIED, "\\032x": DENIED, "\\200": DENIED, "c\\.d.ent": DENIED, "ent": DENIED, "e\\.f": DENIED, "*.e\\.f": DENIED,
    "x.e\\.f": DENIED, "at\\@sign": DENIED, "nothing\\.here": DENIED, "\\000": DENIED, "\\255.a\\.b": DENIED, "b": DENIED,
    LABEL: GRANTED, f"x.{LABEL}": DENIED, f"{LABEL}.new": GRANTED, f"{LABEL}.{LABEL}": DENIED,
    "upper.case": GRANTED, "UPPER.CASE": GRANTED, "x.Upper.Case": DENIED, "case": DENIED, "X.WILD": GRANTED, "y.X.wILD": DENIED,
    "z.wild": DENIED, "svc": GRANTED, "x.svc": DENIED, "to-wild": DENIED, "to-new": DENIED, "to-alias": DENIED, "new": GRANTED,
    "x.new": DENIED, "mx": DENIED, "srv": DENIED, "dname": GRANTED,
    **{name.removesuffix("." + APEX): GRANTED for name in LONG.values()},
    # Of 255 bytes, below one of 253.
    **{"x." + LONG[253, character].removesuffix("." + APEX): DENIED for character in "ep"},
    **{zone_model.parent(LONG[253, character] + ".").removesuffix(f".{APEX}."): DENIED for character in "ep"},
}
CUTS = ["cut", "x.cut", "ns.cut", "signed-cut", "x.signed-cut", "ns.signed-cut"]
REDIRECTED = ["x.dname", "a\\.b.dname", "x.to-long", "xxx.to-long"]  # one that becomes 255 bytes, one that becomes too long
DYNAMIC_EXPECTED = {"lua": GRANTED, "x.lua": DENIED, "x.luas": DENIED, "luas": DENIED, "expanded": GRANTED, "x.expanded": DENIED}
TYPES = ["A", "AAAA", "TXT", "CAA", "SVCB", "HTTPS", "MX", "SRV", "NS", "DS", "DNAME", "CNAME", "ANY"]
SETTINGS = {"dname-processing": "yes", "svc-autohints": "yes", "8bit-dns": "yes"}


def in_zone(labels):
    return f"{labels}.{APEX}"


def without_caa(records):
    return sorted((record.name, record.ttl, record.type, record.data) for record in records if record.type not in ("CAA", "SOA"))


class Unusual:
    """For each backend below."""
    kind = None

    def expected(self):
        # LMDB takes a zero byte in a name for the end of a label.
        return {name: caa for name, caa in EXPECTED.items() if self.kind is not backends.Lmdb or "\\000" not in name}

    def make_zones(self, more=""):
        return self.keep(self.kind({APEX: ZONE + more}))

    def check_caa(self, server, expected):
        answers = server.dig_many([(in_zone(name), "CAA") for name in expected])
        for (name, caa), answer in zip(expected.items(), answers):
            with self.subTest(name=name):
                self.assertEqual((answer.rcode, answer.data("CAA")), ("NOERROR", caa))

    def check_others(self, zones, server, names, **settings):
        """All but CAA is as it is without the module; a name may exist that did not."""
        bare = self.serve(zones, launch=zones.name, settings={**SETTINGS, **settings})
        questions = [(in_zone(name), rrtype) for name in names for rrtype in TYPES]
        for question, before, after in zip(questions, bare.dig_many(questions), server.dig_many(questions)):
            where = f"{question}\n{before.text}\n{after.text}"
            if not (before.rcode == "NXDOMAIN" and after.rcode == "NOERROR"):
                self.assertEqual((after.rcode, after.flags), (before.rcode, before.flags), where)
            self.assertEqual(without_caa(after.answer), without_caa(before.answer), where)
            self.assertEqual(without_caa(after.authority), without_caa(before.authority), where)
            self.assertEqual(without_caa(after.additional), without_caa(before.additional), where)

    def test_queries(self):
        zones = self.make_zones()
        server = self.serve(zones, policy=POLICY, settings=SETTINGS)
        self.check_caa(server, self.expected())
        self.check_others(zones, server, [*self.expected(), *CUTS, *REDIRECTED])

    def test_additional_addresses(self):
        server = self.serve(self.make_zones(), policy=POLICY, settings=SETTINGS)
        # PowerDNS gives those of an SVCB or HTTPS record's own name only.
        for name, rrtype, addresses in (("svc", "HTTPS", ["192.0.2.18"]), ("svc", "SVCB", []), ("to-wild", "HTTPS", []),
                                        ("to-new", "SVCB", []), ("mx", "MX", []), ("srv", "SRV", ["192.0.2.2", "2001:db8::2"])):
            with self.subTest(name=name):
                answer = server.dig(in_zone(name), rrtype)
                self.assertEqual(len(answer.data(rrtype)), 1)
                self.assertEqual(sorted(record.data for record in answer.additional), addresses)

    def test_delegations(self):
        """Referrals have their glue, and nothing of the policy."""
        server = self.serve(self.make_zones(), policy=POLICY, settings=SETTINGS)
        for name, glue in (("cut", ["192.0.2.53", "2001:db8::53"]), ("signed-cut", ["192.0.2.54"])):
            for at in (name, f"x.{name}", f"ns.{name}", f"*.{name}"):
                for rrtype in ("CAA", "A"):
                    answer = server.dig(in_zone(at), rrtype)
                    self.assertEqual((answer.rcode, answer.answer, "aa" in answer.flags), ("NOERROR", [], False), at)
                    self.assertEqual([record.data for record in answer.authority], [in_zone(f"ns.{name}") + "."], at)
                    self.assertEqual(sorted(record.data for record in answer.additional), glue, at)
        self.assertEqual(len(server.dig(in_zone("signed-cut"), "DS").data("DS")), 1)

    def test_transfer(self):
        """Each name carries what a query gets, and the names of 253 bytes have a guard."""
        server = self.serve(self.make_zones(), policy=POLICY, settings=SETTINGS)
        model = zone_model.Zone(APEX, server.axfr(APEX))
        carried = {owner: sorted(sets["CAA"]) for owner, sets in model.sets.items() if "CAA" in sets}
        self.assertEqual({name: caa for name, caa in carried.items() if len(name) > 240},
                         {**{name + ".": GRANTED for name in LONG.values()},
                          **{f"*.{LONG[253, character]}.": DENIED for character in "ep"}})
        for name in ("a\\.b", "\\032x", "\\200", "c\\.d.ent", "e\\.f", "*.e\\.f", "at\\@sign", "ent", "case"):
            self.assertEqual(carried[in_zone(name) + "."], DENIED)
        self.assertEqual(carried[in_zone("upper.case") + "."], GRANTED)
        questions = [(owner.removesuffix("."), "CAA") for owner in model.names]
        for (owner, _), answer in zip(questions, server.dig_many(questions)):
            if model.ask(owner, "CAA")[0] == "NOERROR":
                self.assertEqual(answer.data("CAA"), carried.get(owner + ".", []), owner)

    def test_answers_that_do_not_fit(self):
        """A set that is too large for UDP comes whole by TCP; what a DNAME makes too long is an error as it is without CAA."""
        accounts = [f"https://ca.example/acct/{number}" for number in range(40)]
        policy = f"{POLICY}  - {{name: www.{APEX}, issuer: {{ca: ca.example, accounts: [{', '.join(accounts)}]}}}}\n"
        server = self.serve(self.make_zones(), policy=policy, settings=SETTINGS)
        answer = server.dig(in_zone("www"), "CAA", "+ignore", "+bufsize=512")
        self.assertEqual(("tc" in answer.flags, answer.answer), (True, []))
        self.assertEqual(server.dig(in_zone("www"), "CAA", "+tcp").data("CAA"),
                         sorted([f'0 issue "ca.example; accounturi={account}"' for account in accounts] + ['0 issuewild ";"']))
        for labels, rcode, caa in (("x", "NOERROR", DENIED), ("xxx", "YXDOMAIN", [])):
            answer = server.dig(in_zone(f"{labels}.to-long"), "CAA")
            self.assertEqual((answer.rcode, answer.data("CAA")), (rcode, caa))

    def test_dynamic(self):
        """LUA records and ALIAS."""
        elsewhere = self.keep(backends.Bind({"example.net": "$TTL 3600\n@ SOA ns1 hostmaster 1 3600 600 86400 300\n@ NS ns1\n"
                                                            "ns1 A 192.0.2.1\nwww A 192.0.2.32\n"}))
        resolver = self.serve(elsewhere, launch="bind")
        settings = {"enable-lua-records": "yes", "expand-alias": "yes", "resolver": f"127.0.0.1:{resolver.port}"}
        zones = self.make_zones(DYNAMIC)
        server = self.serve(zones, policy=POLICY, settings={**SETTINGS, **settings})
        self.check_caa(server, {**self.expected(), **DYNAMIC_EXPECTED})
        for name, address in (("lua", "192.0.2.30"), ("x.luas", "192.0.2.31"), ("expanded", "192.0.2.32")):
            self.assertEqual(server.dig(in_zone(name), "A").data("A"), [address])
        self.check_others(zones, server, DYNAMIC_EXPECTED, **settings)


class UnusualSigned(signed.Chains):
    """For each backend and denial mode below. What a backend can't prove by itself is left out: `provable` says which names."""
    kind = None
    zone = ZONE

    @staticmethod
    def provable(_name):
        return True

    def serve_signed(self, text, **settings):
        zones = self.keep(self.kind({APEX: text}))
        zones.secure(APEX, nsec3=self.nsec3)
        server = self.serve(zones, policy=POLICY, settings={**SETTINGS, **IN_ORDER, "direct-dnskey": "no", **settings})
        return server, self.keep(Unbound(server, anchors_of(zones, APEX)))

    def check_validates(self, unbound, questions, expected):
        for (name, rrtype), answer in zip(questions, unbound.ask_many(questions)):
            where = f"{name} {rrtype}\n{answer.text}\n{''.join(unbound.bogus()[-3:])}"
            self.assertIn(answer.rcode, ("NOERROR", "NXDOMAIN"), where)
            self.assertIn("ad", answer.flags, where)
            if rrtype == "CAA" and answer.rcode == "NOERROR":
                self.assertEqual(answer.data("CAA"), expected[name.removesuffix("." + APEX)], where)
        self.assertEqual(unbound.bogus(), [])

    def test_validates(self):
        _, unbound = self.serve_signed(self.zone)
        names = [name for name in EXPECTED if self.provable(name)]
        self.check_validates(unbound, [(in_zone(name), rrtype) for rrtype in TYPES for name in names], EXPECTED)
        self.check_validates(unbound, [(in_zone(name), "DS") for name in ("cut", "signed-cut")], {})
        self.check_validates(unbound, [(in_zone(name), "A") for name in REDIRECTED[:3] if self.provable(name)], {})

    def test_dynamic_validates(self):
        _, unbound = self.serve_signed(self.zone + DYNAMIC, **{"enable-lua-records": "yes"})
        questions = [(in_zone(name), rrtype) for rrtype in ("CAA", "TXT", "A") for name in DYNAMIC_EXPECTED
                     if (name, rrtype) != ("expanded", "A")]
        self.check_validates(unbound, questions, DYNAMIC_EXPECTED)

    def test_transfer(self):
        server, _ = self.serve_signed(self.zone)
        records = server.axfr(APEX)
        verify_transfer(records)
        if self.nsec3 is None:
            self.check_walk(server, APEX, records)
        else:
            self.check_hashes(server, APEX, records)


class LmdbSigned(UnusualSigned):
    """As above."""

    @staticmethod
    def provable(name):
        return "\\000" not in name


class SqlSignedNsec(UnusualSigned):
    """The databases order names as they are written, with escapes, and so do the chains."""
    zone = "".join(line for line in ZONE.splitlines(True) if "\\" not in line)

    @staticmethod
    def provable(name):
        return "\\" not in name


for _kind in (backends.Bind, backends.Gsqlite3, backends.Lmdb, databases.Gpgsql, databases.Gmysql):
    _name = _kind.__name__ + "Unusual"
    globals()[_name] = type(_name, (Unusual, harness.TestCase), {"kind": _kind})
for _kind, _nsec, _nsec3 in ((backends.Bind, UnusualSigned, UnusualSigned), (backends.Lmdb, LmdbSigned, LmdbSigned),
                             (backends.Gsqlite3, SqlSignedNsec, UnusualSigned), (databases.Gpgsql, SqlSignedNsec, UnusualSigned),
                             (databases.Gmysql, SqlSignedNsec, UnusualSigned)):
    for _mode, _base in (("Nsec", _nsec), ("Nsec3", _nsec3)):
        _name = f"{_kind.__name__}UnusualSigned{_mode}"
        globals()[_name] = type(_name, (_base, harness.TestCase), {"kind": _kind, "nsec3": signed.MODES[_mode]})

if __name__ == "__main__":
    unittest.main()
