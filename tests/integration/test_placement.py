#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names carry what, in a zone that has everything that makes it hard."""
import unittest

import backends
import databases
import harness
import zone_model

ZONE = """
$ORIGIN example.com.
$TTL 3600
@                    SOA    ns1 hostmaster 1 3600 600 86400 300
@                    NS     ns1
@                    CAA    0 issue "stored.example"
ns1                  A      192.0.2.1
www                  A      192.0.2.2
www                  CAA    0 issue "stored.example"
shop                 A      192.0.2.3
alias                CNAME  web.example.net.
leaf.a.ent           A      192.0.2.4
*.wild               A      192.0.2.5
*.wild               TXT    "from the wildcard"
*.wild               CAA    0 issue "stored.example"
here.wild            A      192.0.2.6
*.aliases            CNAME  web.example.net.
_dmarc               TXT    "v=DMARC1; p=none"
_acme-challenge.shop TXT    "token"
_acme-challenge.shop CAA    0 issue "stored.example"
_only                CAA    0 issue "stored.example"
child                NS     ns.child
ns.child             A      192.0.2.7
ns.child             CAA    0 issue "stored.example"
old                  DNAME  new.example.net.
deep.b.c.team        A      192.0.2.8
free                 A      192.0.2.9
"""

OTHER = """
$ORIGIN example.org.
$TTL 3600
@      SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300
@      NS  ns1.example.com.
@      CAA 0 issue "stored.example"
www    A   192.0.2.20
*.www  A   192.0.2.21
*.www  CAA 0 issue "stored.example"
"""

POLICY = """
version: 1
subtrees:
  example.com: {}
  team.example.com: {allow: [{issuer: team.example, wildcard: true}]}
  new.sub.example.com: {}
  governed.x.www.example.org: {}
approvals:
  - {name: shop.example.com, issuer: ca.example}
  - {name: not-there.example.com, issuer: ca.example}
  - {name: tree.example.com, issuer: ca.example, subtree: true}
  - {name: alias.example.com, issuer: ca.example}
  - {name: a.b.wild.example.com, issuer: ca.example}
  - {name: here.wild.example.com, issuer: ca.example}
  - {name: x.aliases.example.com, issuer: ca.example}
  - {name: x.child.example.com, issuer: ca.example}
  - {name: x.old.example.com, issuer: ca.example}
  - {name: below.shop.example.com, issuer: ca.example, wildcard: only}
  - {name: a.ent.example.com, issuer: ca.example}
"""

DENIED = ['0 issue ";"']
GRANTED = ['0 issue "ca.example"', '0 issuewild ";"']
WILDCARD = ['0 issue ";"', '0 issuewild "ca.example"']
TEAM = ['0 issue "team.example"']
STORED = ['0 issue "stored.example"']

# What the zone has, or is published: the same for a query and in a transfer.
CARRIED = {
    "example.com": DENIED,
    "www.example.com": DENIED,
    "shop.example.com": GRANTED,
    "*.shop.example.com": DENIED,  # guard
    "_dmarc.example.com": None,  # no certificate can name it
    "_acme-challenge.shop.example.com": DENIED,  # nor this, but what is stored is not to be served
    "_only.example.com": DENIED,
    "below.shop.example.com": WILDCARD,
    "*.below.shop.example.com": DENIED,
    "not-there.example.com": GRANTED,
    "*.not-there.example.com": DENIED,
    "tree.example.com": GRANTED,
    "*.tree.example.com": None,  # all below it carry the same
    "alias.example.com": None,
    "*.alias.example.com": DENIED,  # guard: not the CAA of the alias's target
    "ent.example.com": DENIED,
    "a.ent.example.com": GRANTED,
    "*.a.ent.example.com": DENIED,
    "leaf.a.ent.example.com": DENIED,
    "wild.example.com": DENIED,
    "*.wild.example.com": DENIED,
    "here.wild.example.com": GRANTED,
    "*.here.wild.example.com": DENIED,
    "b.wild.example.com": DENIED,  # a missing ancestor
    "*.b.wild.example.com": DENIED,
    "a.b.wild.example.com": GRANTED,
    "*.a.b.wild.example.com": DENIED,
    "aliases.example.com": DENIED,
    "*.aliases.example.com": None,
    "*.x.aliases.example.com": None,
    "old.example.com": DENIED,  # may stand beside a DNAME
    "team.example.com": TEAM,
    "c.team.example.com": TEAM,
    "deep.b.c.team.example.com": TEAM,
    "*.team.example.com": None,
    "sub.example.com": DENIED,
    "new.sub.example.com": DENIED,
    # example.org is not governed; what is published in it has to be there, and the wildcard goes on answering.
    "example.org": STORED,
    "*.www.example.org": STORED,
    "x.www.example.org": STORED,
    "*.x.www.example.org": STORED,
    "governed.x.www.example.org": DENIED,
    "*.governed.x.www.example.org": DENIED,
}

# Names that are not there, and what a query is told that is answered.
NOT_THERE = {
    "nobody.example.com": DENIED,
    "a.b.c.nobody.example.com": DENIED,
    "x.tree.example.com": GRANTED,
    "x.y.tree.example.com": GRANTED,
    "x.team.example.com": TEAM,
    "x.www.example.com": DENIED,
    "a.new.sub.example.com": DENIED,
}

# Names that a wildcard of the synthesized zone covers.
COVERED = {
    "x.shop.example.com": DENIED,
    "x.y.shop.example.com": DENIED,
    "x.alias.example.com": DENIED,
    "y.wild.example.com": DENIED,
    "y.b.wild.example.com": DENIED,
    "y.a.b.wild.example.com": DENIED,
    "y.here.wild.example.com": DENIED,
    "y.not-there.example.com": DENIED,
    "y.www.example.org": STORED,
    "y.x.www.example.org": STORED,
}

OTHERS = ["x.aliases.example.com", "y.x.aliases.example.com", "x.child.example.com", "child.example.com",
          "ns.child.example.com", "x.old.example.com", "y.x.old.example.com", "_x.example.com", "_x.shop.example.com",
          "www.example.org", "nothing.example.org", "b.c.team.example.com"]

ALL = [*CARRIED, *NOT_THERE, *COVERED, *OTHERS]


class Placement:
    """For each backend below."""
    kind = None
    settings = {}

    def make_backend(self, zone=ZONE, other=OTHER):
        return self.kind({"example.com": zone, "example.org": other})

    def serve_policy(self, **settings):
        zones = self.keep(self.make_backend())
        return self.serve(zones, policy=POLICY, settings={"dname-processing": "yes", **self.settings, **settings})

    def check(self, server, expected):
        answers = server.dig_many([(name, "CAA") for name in expected])
        for (name, caa), answer in zip(expected.items(), answers):
            with self.subTest(name=name):
                self.assertEqual(answer.data("CAA"), caa or [])

    def test_answer(self):
        server = self.serve_policy()
        self.check(server, CARRIED)
        self.check(server, COVERED)
        self.check(server, NOT_THERE)
        for name in NOT_THERE:
            with self.subTest(name=name):
                self.assertEqual(server.dig(name, "A").rcode, "NXDOMAIN")

    def test_nxdomain(self):
        server = self.serve_policy(**{"caapolicy-nonexistent-names": "nxdomain"})
        self.check(server, CARRIED)
        self.check(server, COVERED)
        for name in NOT_THERE:
            with self.subTest(name=name):
                self.assertEqual(server.dig(name, "CAA").rcode, "NXDOMAIN")

    def test_kdig_and_case(self):
        server = self.serve_policy()
        self.assertEqual(server.kdig("SHOP.Example.COM", "CAA").data("CAA"), GRANTED)
        self.assertEqual(server.kdig("Nobody.EXAMPLE.com", "CAA").data("CAA"), DENIED)

    def test_exceptions(self):
        server = self.serve_policy()
        self.assertEqual(server.dig("alias.example.com", "CAA").data("CNAME"), ["web.example.net."])
        self.assertEqual(server.dig("x.aliases.example.com", "CAA").data("CNAME"), ["web.example.net."])
        self.assertEqual(server.dig("y.x.aliases.example.com", "A").data("CNAME"), ["web.example.net."])
        self.assertEqual(server.dig("x.old.example.com", "CAA").data("CNAME"), ["x.new.example.net."])
        for name in ("child.example.com", "x.child.example.com", "ns.child.example.com"):
            answer = server.dig(name, "CAA")
            self.assertEqual((answer.answer, [record.name for record in answer.authority]), ([], ["child.example.com."]))
        for name in ("_x.example.com", "_x.shop.example.com"):
            self.assertEqual(server.dig(name, "CAA").data("CAA"), [] if name == "_x.example.com" else DENIED)

    def test_any_shows_the_same(self):
        server = self.serve_policy()
        for name, caa in CARRIED.items():
            with self.subTest(name=name):
                self.assertEqual(server.dig(name, "ANY", "+tcp").data("CAA"), caa or [])

    def test_transfer_agrees_with_queries(self):
        server = self.serve_policy(**{"caapolicy-nonexistent-names": "nxdomain"})
        for apex in ("example.com", "example.org"):
            zone = zone_model.Zone(apex, server.axfr(apex))
            questions = [(name, rrtype) for name in ALL if name.endswith(apex)
                         for rrtype in ("A", "TXT", "CAA", "NS", "CNAME", "MX")]
            for (name, rrtype), answer in zip(questions, server.dig_many(questions)):
                with self.subTest(name=name, type=rrtype):
                    self.assertEqual(zone_model.as_model(answer, rrtype), zone.ask(name, rrtype))
            carried = {name: caa for name, caa in CARRIED.items() if name.endswith(apex)}
            for name, caa in carried.items():
                with self.subTest(name=name):
                    self.assertEqual(sorted(zone.sets.get(name + ".", {}).get("CAA", [])), caa or [])

    def test_wildcard_goes_on_answering(self):
        server = self.serve_policy()
        for name in ("y.wild.example.com", "b.wild.example.com", "y.b.wild.example.com", "a.b.wild.example.com",
                     "z.y.a.b.wild.example.com"):
            with self.subTest(name=name):
                self.assertEqual(server.dig(name, "A").data("A"), ["192.0.2.5"])
                self.assertEqual(server.dig(name, "TXT").data("TXT"), ['"from the wildcard"'])
        for name in ("x.www.example.org", "governed.x.www.example.org", "y.governed.x.www.example.org"):
            with self.subTest(name=name):
                self.assertEqual(server.dig(name, "A").data("A"), ["192.0.2.21"])

    def test_counted_once(self):
        server = self.serve_policy(**harness.UNCACHED)
        for name in ("shop.example.com", "www.example.com", "x.wild.example.com", "nobody.example.com",
                     "alias.example.com", "example.org"):
            server.dig(name, "CAA")
        server.dig("www.example.com", "A")
        self.assertEqual([server.statistic(f"caapolicy-answers-{kind}") for kind in ("granted", "denied", "passed")],
                         [1, 3, 2])


    def test_dname_that_is_not_followed(self):
        zones = self.keep(self.make_backend())
        policy = POLICY + "  - {name: old.example.com, issuer: ca.example}\n"
        server = self.serve(zones, policy=policy, settings={**self.settings, "caapolicy-nonexistent-names": "nxdomain"})
        self.check(server, {"old.example.com": GRANTED, "y.old.example.com": DENIED, "y.x.old.example.com": DENIED})

    def test_alias_of_a_name_that_does_not_exist(self):
        """Both modes leave it to the CA to climb on."""
        zone = ZONE + "dangling CNAME nothing.team\n"
        for mode in ("answer", "nxdomain"):
            with self.subTest(mode=mode):
                zones = self.keep(self.make_backend(zone))
                server = self.serve(zones, policy=POLICY, settings={**self.settings, "caapolicy-nonexistent-names": mode})
                answer = server.dig("dangling.example.com", "CAA")
                self.assertEqual((answer.rcode, answer.data("CAA"), answer.data("CNAME")),
                                 ("NXDOMAIN", [], ["nothing.team.example.com."]))

    def test_lua_aliases_are_aliases_where_lua_is_run(self):
        zone = ZONE + "lua LUA CNAME \"'target.example.net.'\"\n*.luas LUA CNAME \"'target.example.net.'\"\n"
        for enabled, alias in (("yes", True), ("no", False)):
            with self.subTest(enabled=enabled):
                zones = self.keep(self.make_backend(zone))
                server = self.serve(zones, policy=POLICY, settings={**self.settings, "enable-lua-records": enabled})
                for name in ("lua.example.com", "x.luas.example.com"):
                    answer = server.dig(name, "CAA")
                    self.assertEqual((answer.data("CNAME"), answer.data("CAA")),
                                     (["target.example.net."], []) if alias else ([], DENIED), name)

    def test_lua_records_make_no_caa(self):
        lua = """LUA CAA "'0 issue '..string.char(34)..'lua.example'..string.char(34)"\n"""
        zones = self.keep(self.make_backend(ZONE + f"lua {lua}shop {lua}*.luas {lua}", OTHER + f"lua {lua}"))
        server = self.serve(zones, policy=POLICY, settings={**self.settings, "enable-lua-records": "yes"})
        self.check(server, {"lua.example.com": DENIED, "shop.example.com": GRANTED, "x.luas.example.com": DENIED,
                            "lua.example.org": ['0 issue "lua.example"']})
        self.assertEqual([record.name for record in server.axfr("example.com") if record.type == "TYPE65402"], [])
        self.assertEqual(server.dig("shop.example.com", "A").data("A"), ["192.0.2.3"])


class UncachedPlacement(Placement):
    settings = {**harness.UNCACHED, "zone-cache-refresh-interval": "0"}


class InconsistentPlacement(Placement):
    settings = {"consistent-backends": "no"}


class SeveralBackends(harness.TestCase):
    """The parent zone in one backend and the child zone in another, each the first of its kind and so with the same id."""

    def test_child_zone_in_another_backend(self):
        parent = self.keep(backends.Bind({"example.com": ZONE}))
        child = self.keep(backends.Gsqlite3({"sub.example.com": """
$ORIGIN sub.example.com.
$TTL 3600
@   SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300
@   NS  ns1.example.com.
www A   192.0.2.60
new A   192.0.2.61
"""}))
        for launch in ("caapolicy:bind,gsqlite3", "caapolicy:bind,caapolicy:gsqlite3"):
            with self.subTest(launch=launch):
                server = self.serve(parent, launch=launch, policy=POLICY, settings=child.settings)
                self.assertEqual(server.dig("sub.example.com", "NS").data("NS"), ["ns1.example.com."])
                self.assertEqual(server.dig("new.sub.example.com", "A").data("A"), ["192.0.2.61"])
                self.assertEqual(server.dig("www.sub.example.com", "A").data("A"), ["192.0.2.60"])
                denied = DENIED if "caapolicy:gsqlite3" in launch else []
                self.assertEqual(server.dig("new.sub.example.com", "CAA").data("CAA"), denied)
                self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), DENIED)


class Untouched(harness.TestCase):
    """Presigned zones and catalog zones are served as they are stored, though the policy speaks of names in them."""
    POLICY = """
version: 1
subtrees:
  example.com: {}
approvals:
  - {name: www.example.com, issuer: ca.example}
  - {name: new.example.com, issuer: ca.example}
"""
    TEXT = """
$TTL 3600
@    SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300
@    NS  ns1.example.net.
www  A   192.0.2.1
www  CAA 0 issue "stored.example"
"""

    def check_untouched(self, change):
        zones = self.keep(backends.Gsqlite3({"example.com": self.TEXT}))
        change(zones)
        questions = [(name, rrtype) for name in ("example.com", "www.example.com", "new.example.com", "x.www.example.com")
                     for rrtype in ("CAA", "A", "ANY")]
        bare, wrapped = (self.serve(zones, launch=launch, policy=self.POLICY) for launch in ("gsqlite3", None))
        for question, before, after in zip(questions, bare.dig_many(questions, "+tcp"), wrapped.dig_many(questions, "+tcp")):
            with self.subTest(question=question):
                self.assertEqual((after.rcode, after.flags, sorted(after.answer), sorted(after.authority)),
                                 (before.rcode, before.flags, sorted(before.answer), sorted(before.authority)))
        self.assertEqual(sorted(wrapped.axfr("example.com")), sorted(bare.axfr("example.com")))

    def test_presigned(self):
        self.check_untouched(lambda zones: zones.pdnsutil("set-meta", "example.com", "PRESIGNED", "1"))

    def test_catalog_zones(self):
        for kind in ("producer", "consumer"):
            with self.subTest(kind=kind):
                self.check_untouched(lambda zones: zones.pdnsutil("set-kind", "example.com", kind))


_ALL = (Placement, UncachedPlacement, InconsistentPlacement)
for _backend, _bases in ((backends.Bind, _ALL), (backends.Gsqlite3, _ALL), (backends.Lmdb, (Placement,)),
                         (databases.Gpgsql, (Placement,)), (databases.Gmysql, (Placement,))):
    for _base in _bases:
        _class = type(_backend.__name__ + _base.__name__, (_base, harness.TestCase), {"kind": _backend})
        globals()[_class.__name__] = _class
del _class

if __name__ == "__main__":
    unittest.main()
