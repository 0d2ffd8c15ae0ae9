#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No harm: generated zones, served with and without the module, answer everything but CAA alike.

A seed or two for each; see seeds.py for more.
"""
import random
import re
import unittest

import backends
import databases
import harness
import zone_model
from seeds import Seeded

LABELS = ["a", "b", "c", "www", "x-1", "mail"]
TYPES = ["A", "AAAA", "TXT", "MX", "NS", "SOA", "CNAME", "DNAME", "DS", "SRV", "SVCB", "HTTPS", "ANY"]
DENIALS = {"NSEC", "NSEC3"}
SETTINGS = {"dname-processing": "yes", "direct-dnskey": "no"}
APEX = "example.com"


class Generated:
    """A zone, and a policy that speaks of names in it, beside it and below it."""

    def __init__(self, seed, closed=False):
        """closed: all that the zone speaks of is in it."""
        self.random = random.Random(seed)
        self.closed = closed
        self.lines = [f"{APEX}. 3600 SOA ns1.{APEX}. hostmaster.{APEX}. 1 3600 600 86400 300",
                      f"{APEX}. 3600 NS ns1.{APEX}.", f"ns1.{APEX}. 3600 A 192.0.2.1",
                      f'{APEX}. 3600 CAA 0 issue "stored.example"']
        self.owners = {APEX, f"ns1.{APEX}"}
        self.aliases = set()
        self.cuts = []
        self.redirected = []  # suffixes of names below a DNAME
        for _ in range(45):
            self.add_owner()
        self.make_policy()

    def name(self, depth=4):
        labels = [self.random.choice(LABELS) for _ in range(self.random.randint(1, depth))]
        return ".".join(labels + [APEX])

    def add(self, owner, data):
        self.lines.append(f"{owner}. 3600 {data}")

    def add_owner(self):
        owner = self.name()
        kind = self.random.random()
        if kind < 0.2:
            owner = f"*.{owner if self.random.random() < 0.8 else APEX}"
        elif kind < 0.25:
            owner = f"_acme-challenge.{owner}"
        if owner in self.owners:
            return
        self.owners.add(owner)
        pick = self.random.random()
        if pick < 0.15:
            outside = self.random.random() < 0.5 and not self.closed
            self.add(owner, "CNAME web.example.net." if outside else f"CNAME {self.name()}.")
            if not owner.startswith("*."):
                self.aliases.add(owner)
            return
        if pick < 0.25 and not owner.startswith("*.") and not self.closed:
            self.cuts.append(owner)
            self.add(owner, f"NS ns1.{owner}.")
            self.add(f"ns1.{owner}", "A 192.0.2.53")
            self.owners.add(f"ns1.{owner}")
            if self.random.random() < 0.5:
                self.add(owner, f"DS 12345 13 2 {self.random.randbytes(32).hex()}")
            return
        if pick < 0.3 and not owner.startswith("*."):  # nothing stands below it
            self.owners.add(f"d.{owner}")
            self.redirected.append(f".d.{owner}")
            self.add(f"d.{owner}", f"DNAME {self.name()}.")
        self.add(owner, f"A 192.0.2.{self.random.randint(2, 250)}")
        if self.random.random() < 0.4:
            self.add(owner, f'TXT "{owner}"')
        if self.random.random() < 0.3:
            self.add(owner, f"MX 10 {self.name()}.")
        if self.random.random() < 0.2:
            self.add(owner, "HTTPS 1 . alpn=h2")
        if self.random.random() < 0.2:
            self.add(owner, f"SVCB 1 {self.name()}. port=8443")
        if self.random.random() < 0.3:
            self.add(owner, 'CAA 0 issue "stored.example"')

    def make_policy(self):
        subtrees = {self.name(3) for _ in range(3)}
        if self.random.random() < 0.7:
            subtrees.add(APEX)
        approvals = {self.name(5) for _ in range(12)} | set(self.random.sample(sorted(
            owner for owner in self.owners if owner[0] not in "*_" and "._" not in owner), 4))
        approvals = {name for name in approvals
                     if any(name == subtree or name.endswith("." + subtree) for subtree in subtrees)}
        self.listed = subtrees | approvals
        text = ["version: 1", "subtrees:"]
        text += [f"  {name}: {{}}" for name in sorted(subtrees)]
        text += ["approvals:" if approvals else "approvals: []"]
        text += [f"  - {{name: {name}, issuer: ca.example, subtree: {self.random.choice(['true', 'false'])}}}"
                 for name in sorted(approvals)]
        self.policy = "\n".join(text) + "\n"

    def zone(self):
        return "\n".join(self.lines) + "\n"

    def questions(self, types=TYPES):
        names = set()
        for name in self.owners | self.listed:
            names |= {name, f"nothing.{name}", f"a.nothing.{name}", f"*.{name}", f"nothing.{name.split('.', 1)[1]}"}
            while name != APEX:
                name = name.split(".", 1)[1]
                names |= {name, f"nothing.{name}"}
        return [(name, rrtype) for name in sorted(names) if name.endswith(APEX) for rrtype in types]

    def may_exist_now(self, name):
        """Is it published, or may a guard cover it?"""
        for listed in self.listed:
            if listed == name or listed.endswith("." + name):
                return True
        return any(name.endswith("." + owner) for owner in self.listed | self.aliases)


    def explains(self, name):
        """May the policy be why the zone has this name, as published, as a guard or with copies of a wildcard's records?"""
        base = name.removeprefix("*.")
        return base in self.aliases or any(listed == base or listed.endswith("." + base) for listed in self.listed)

    def may_alter_denial(self, name):
        """Are there names that the policy adds at the name, at an ancestor or at a wildcard that might cover it?"""
        if f"name: {APEX}," in self.policy:  # its guard is above all
            return True
        while name != APEX:
            if self.explains(name) or self.explains(f"*.{name}"):
                return True
            name = name.split(".", 1)[1]
        return False


def without_caa(records):
    """Nor with the serial, which the policy raises, nor with signatures and denials."""
    return sorted((record.name, record.ttl, record.type,
                   re.sub(r"^(\S+ \S+) \d+ ", r"\1 serial ", record.data) if record.type == "SOA" else record.data)
                  for record in records if record.type not in {"CAA", "RRSIG"} | DENIALS)


def signatures(records, labels=True):
    """Which sets are signed, by the labels of which name, with which algorithm and TTL. Each signing is another one."""
    signed = (record.data.split()[:4] for record in records if record.type == "RRSIG")
    names = (record.name for record in records if record.type == "RRSIG")
    return sorted((name, data if labels else data[:1]) for name, data in zip(names, signed) if data[0] not in {"CAA"} | DENIALS)


def denials(records):
    """Owner, next name and types of NSEC and NSEC3 records."""
    return {(record.name.lower(), *record.data.split()) for record in records if record.type in DENIALS}


class Comparison(Seeded):
    """Of what a server with the module answers to what one without it does."""
    options = ()

    def compare(self, zones, generated, **settings):
        bare = self.serve(zones, launch=zones.name, settings=SETTINGS)
        wrapped = self.serve(zones, policy=generated.policy, settings={**SETTINGS, **settings})
        questions = generated.questions()
        came_to_be = 0
        for question, *answers in zip(questions, *(server.dig_many(questions, *self.options) for server in (bare, wrapped))):
            where = "\n".join([" ".join(question), *(answer.text for answer in answers), generated.policy, generated.zone()])
            came_to_be += self.compare_answers(generated, question, *answers, where)
        self.assertGreater(came_to_be, 0)
        return bare, wrapped

    def compare_answers(self, generated, question, before, after, where):
        """Is it one whose name came to be?"""
        name, rrtype = question
        chain = [name] + [record.data.rstrip(".") for record in before.answer if record.type == "CNAME"]
        target = chain[-1]
        copied = any(generated.may_exist_now(link) for link in chain)  # has records of its own where a wildcard answered
        self.assertEqual(without_caa(after.answer), without_caa(before.answer), where)
        self.assertEqual(signatures(after.answer, not copied), signatures(before.answer, not copied), where)
        self.compare_denials(generated, chain, before, after, where)
        if before.rcode == "NXDOMAIN" and after.rcode == "NOERROR":
            self.assertTrue(generated.may_exist_now(target), where)
            return True
        self.assertEqual((after.rcode, after.flags), (before.rcode, before.flags), where)
        # ANY has no SOA beside nothing but CAA; a question for a CNAME has one when its target came to be.
        authority = without_caa(before.authority), without_caa(after.authority)
        soa = {record[2] for records in authority for record in records} == {"SOA"}
        if not (soa and (rrtype == "ANY" or (rrtype == "CNAME" and target != name and generated.may_exist_now(target)))):
            self.assertEqual(*authority, where)
            self.assertEqual(*(signatures(answer.authority) for answer in (before, after)), where)
        # The target of an MX may exist now.
        self.assertLessEqual(set(without_caa(before.additional)), set(without_caa(after.additional)), where)
        return False

    def compare_denials(self, generated, chain, before, after, where):
        """Of zones that are not signed there are none."""
        self.assertEqual([denials(answer.authority + answer.answer) for answer in (before, after)], [set(), set()], where)


class Differential(Comparison):
    """For each backend below."""

    def make_backend(self, zone):
        raise NotImplementedError

    def compare_unsigned(self, generated, **settings):
        return self.compare(self.keep(self.make_backend(generated.zone())), generated, **settings)

    def test_answers(self):
        self.try_seeds(lambda seed: self.compare_unsigned(Generated(seed)))

    def test_answers_and_transfer_where_nothing_is_made_up(self):
        self.try_seeds(self.check_transfer)

    def check_transfer(self, seed):
        generated = Generated(seed + 1000)
        bare, wrapped = self.compare_unsigned(generated, **{"caapolicy-nonexistent-names": "nxdomain"})
        stored = without_caa(bare.axfr(APEX))
        transferred = without_caa(wrapped.axfr(APEX))
        self.assertLessEqual(set(stored), set(transferred))
        self.assertEqual(len(transferred), len(set(transferred)), "each record once")
        zone = zone_model.Zone(APEX, wrapped.axfr(APEX))
        questions = [question for question in generated.questions() if question[1] in ("A", "TXT")]
        questions += [(name, "CAA") for name, rrtype in generated.questions() if rrtype == "A"]
        for (name, rrtype), answer in zip(questions, wrapped.dig_many(questions)):
            if answer.rcode == "SERVFAIL":  # an alias loop, as compared above
                continue
            self.assertEqual(zone_model.as_model(answer, rrtype), zone.ask(name, rrtype),
                             f"{name} {rrtype}\n{answer.text}\n{generated.policy}\n{generated.zone()}")


for _backend, _fixed in ((backends.Bind, (1, 2)), (backends.Gsqlite3, (1, 2)), (backends.Lmdb, (1,)), (databases.Gpgsql, (1,)),
                         (databases.Gmysql, (1,))):
    _class = type(f"{_backend.__name__}Differential", (Differential, harness.TestCase), {
        "make_backend": lambda self, zone, kind=_backend: kind({APEX: zone}), "fixed_seeds": _fixed})
    globals()[_class.__name__] = _class
del _class

if __name__ == "__main__":
    unittest.main()
