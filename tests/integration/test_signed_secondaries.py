#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Secondaries of zones that the wrapped server signs, asked through a validating resolver before and after a change of the
policy: everything validates, and a CA that climbs reaches what the policy says."""
import random
import unittest

import backends
import harness
import secondaries
import test_placement
import test_secondaries
import zone_model
from resolver import Unbound, anchors_of, verify_transfer
from test_placement import DENIED, GRANTED, TEAM, WILDCARD
from test_secondaries import is_later, serial

# Aliases stay in the zone. Below a cut there is nothing but addresses: rectifying leaves other data there in the chain.
ZONE = (test_placement.ZONE.replace("web.example.net.", "target").replace("new.example.net.", "new")
        .replace('ns.child             CAA    0 issue "stored.example"\n', "")
        + "target A 192.0.2.40\nnew A 192.0.2.41\nx.new A 192.0.2.42\n")
TYPES = ["CAA", "A", "TXT"]
ALLOWS = {None: "{}", "team": "{allow: [{issuer: team.example, wildcard: true}]}"}
SCOPES = {"exact": "", "tree": ", subtree: true", "wildcard": ", wildcard: only"}


class Policy:
    """Subtrees of example.com and the approvals in them, as a text and as what it means."""

    def __init__(self, subtrees, approvals):
        self.subtrees = subtrees
        self.approvals = approvals

    def text(self):
        return "\n".join(["version: 1", "subtrees:",
                          *(f"  {name}.example.com: {ALLOWS[allowed]}".replace(" @.", " ") for name, allowed in self.subtrees.items()),
                          "approvals:",
                          *(f"  - {{name: {name}.example.com, issuer: ca.example{SCOPES[scope]}}}"
                            for name, scope in self.approvals.items()), ""])

    def says(self, name):
        """The set of a name, which is all that a CA may find for it."""
        labels = name.removesuffix("example.com").rstrip(".")
        if labels in self.approvals:
            return WILDCARD if self.approvals[labels] == "wildcard" else GRANTED
        while labels:
            if self.approvals.get(labels) == "tree":
                return GRANTED
            if labels in self.subtrees:
                break
            labels = labels.partition(".")[2]
        return TEAM if self.subtrees[labels or "@"] == "team" else DENIED


BEFORE = Policy({"@": None, "team": "team", "new.sub": None},
                {"shop": "exact", "not-there": "exact", "tree": "tree", "alias": "exact", "a.b.wild": "exact", "here.wild": "exact",
                 "x.aliases": "exact", "x.child": "exact", "x.old": "exact", "below.shop": "wildcard", "a.ent": "exact"})
AFTER = Policy({"@": None, "team": None, "deep.b.c.team": "team", "later.sub": None},
               {"www": "exact", "x.shop": "exact", "shop": "wildcard", "later.not-there": "exact", "tree": "exact", "x.tree": "tree",
                "b.wild": "exact", "x.alias": "exact", "ent": "exact", "y.b.wild": "tree"})
NAMES = sorted({name for policy in (BEFORE, AFTER) for listed in (*policy.approvals, *list(policy.subtrees)[1:])
                for name in (f"{listed}.example.com", f"q.{listed}.example.com", f"p.q.{listed}.example.com")}
               | {name for base in test_placement.ALL if base.endswith("example.com")
                  for name in (base, f"nothing.{base}", f"a.nothing.{base}", f"nothing.{base.split('.', 1)[1]}")
                  if name.endswith("example.com")})


def can_be_asked(name):
    """Not what no server here has, nor what doesn't validate without the module either."""
    if name.endswith("child.example.com"):  # delegated to nobody
        return False
    # PowerDNS signs what a wildcard CNAME makes for a name with a `*` as if that were the wildcard.
    return not (name.endswith(".aliases.example.com") and "*" in name.removesuffix("*.aliases.example.com"))


def is_decided_elsewhere(name):
    """Aliases, what is delegated, and what no certificate can name."""
    return (name == "alias.example.com" or name.endswith((".aliases.example.com", ".old.example.com", "child.example.com"))
            or any(label.startswith("_") for label in name.split(".")))


def climb(resolver, names):
    """What a CA finds for each of the names that climbs (RFC 8659 3)."""
    found, at = {}, {name: name for name in names}
    while at:
        asked = sorted(set(at.values()))
        sets = dict(zip(asked, (answer.data("CAA") for answer in resolver.ask_many([(name, "CAA") for name in asked]))))
        found |= {name: sets[place] for name, place in at.items() if sets[place]}
        at = {name: place.partition(".")[2] for name, place in at.items() if not sets[place] and place != "example.com"}
    return found


class SignedSecondaries(test_secondaries.Fed):
    """For each kind of secondary and of signing below."""
    signed = True
    mode = None

    def check(self, zones, primary, secondary, policy):
        sent, held = (server.axfr("example.com") for server in (primary, secondary))
        self.assertEqual(*(sorted(record for record in records if record.type != "RRSIG") for records in (sent, held)))
        verify_transfer(held)
        zone = zone_model.Zone("example.com", held)
        unbound = self.keep(Unbound(secondary, anchors_of(zones, "example.com")))
        # unbound takes no answer that a wildcard gives for a name which itself begins with `*`, with or without the module.
        names = [name for name in NAMES if name + "." in zone.names or not name.startswith("*.")]
        questions = [(name, rrtype) for name in names if can_be_asked(name) for rrtype in TYPES]
        random.Random(self.id()).shuffle(questions)
        opt_out = self.nsec3 is not None and self.nsec3.startswith("1 1")
        for (name, rrtype), answer in zip(questions, unbound.ask_many(questions)):
            where = f"{name} {rrtype}\n{answer.text}\n{''.join(unbound.bogus()[-3:])}"
            self.assertIn(answer.rcode, ("NOERROR", "NXDOMAIN"), where)
            if not opt_out:  # a denial in a span that may hold unsigned delegations is never secure (RFC 5155 9.2)
                self.assertIn("ad", answer.flags, where)
        self.assertEqual(unbound.bogus(), [])
        decided = [name for name in names if not is_decided_elsewhere(name)]
        found = climb(unbound, decided)
        for name in decided:
            self.assertEqual(found.get(name), policy.says(name), name)
        # Whatever the primary says of a name that isn't in the zone: here it isn't there.
        absent = [name for name in decided if zone.ask(name, "CAA")[0] == "NXDOMAIN"]
        for name, answer in zip(absent, secondary.dig_many([(name, "CAA") for name in absent])):
            self.assertEqual((answer.rcode, answer.answer), ("NXDOMAIN", []), name)
        absent = [name for name in absent if "*." not in name]  # no answer is made up for these
        for name, answer in zip(absent, primary.dig_many([(name, "CAA") for name in absent])):
            self.assertEqual(answer.data("CAA"), policy.says(name) if self.mode == "answer" else [], name)
        self.assertGreater(len(absent), 20)

    def test_every_name_validates(self):
        zones = self.make_zones(ZONE)
        primary, secondary = self.feed(zones, BEFORE.text(), **{
            "caapolicy-nonexistent-names": self.mode, "negquery-cache-ttl": "0"})
        self.check(zones, primary, secondary, BEFORE)
        before = serial(secondary)
        primary.write_policy(AFTER.text())
        primary.control("rediscover")
        self.wait_same(primary, secondary)
        self.assertTrue(is_later(serial(secondary), before))
        self.check(zones, primary, secondary, AFTER)


_NSEC3, _OPT_OUT = "1 0 0 -", "1 1 0 -"
for _secondary in (secondaries.Nsd, secondaries.Knot, secondaries.Pdns):
    for _backend, _nsec3, _mode in ((backends.Gsqlite3, None, "nxdomain"), (backends.Gsqlite3, _NSEC3, "answer"),
                                    (backends.Bind, _NSEC3, "nxdomain"), (backends.Lmdb, _OPT_OUT, "answer")):
        _class = type(_secondary.__name__ + _backend.__name__ + {None: "Nsec", _NSEC3: "Nsec3", _OPT_OUT: "Nsec3OptOut"}[_nsec3],
                      (SignedSecondaries, harness.TestCase),
                      {"make_secondary": staticmethod(_secondary), "make_backend": staticmethod(_backend), "nsec3": _nsec3, "mode": _mode})
        globals()[_class.__name__] = _class
del _class

if __name__ == "__main__":
    unittest.main()
