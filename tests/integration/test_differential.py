#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No harm: generated zones, served with and without the module, answer everything but CAA alike.

Two seeds a backend, one for those that take longer; CAAPOLICY_SEEDS="1 2 3" tries others.
"""
import os
import random
import re
import subprocess
import tempfile
import unittest

import backends
import databases
import harness
import zone_model
from resolver import Unbound, anchors_of

SEEDS = [int(seed) for seed in os.environ.get("CAAPOLICY_SEEDS", "1 2").split()]
LABELS = ["a", "b", "c", "www", "x-1", "mail"]
TYPES = ["A", "AAAA", "TXT", "MX", "NS", "SOA", "CNAME", "DS", "SRV", "ANY"]
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
            self.add(owner, f"NS ns1.{owner}.")
            self.add(f"ns1.{owner}", "A 192.0.2.53")
            self.owners.add(f"ns1.{owner}")
            return
        self.add(owner, f"A 192.0.2.{self.random.randint(2, 250)}")
        if self.random.random() < 0.4:
            self.add(owner, f'TXT "{owner}"')
        if self.random.random() < 0.3:
            self.add(owner, f"MX 10 {self.name()}.")
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


def without_caa(records):
    """Nor with the serial, which the policy raises."""
    return sorted((record.name, record.ttl, record.type,
                   re.sub(r"^(\S+ \S+) \d+ ", r"\1 serial ", record.data) if record.type == "SOA" else record.data)
                  for record in records if record.type != "CAA")


class Differential:
    """For each backend below."""
    seeds = SEEDS

    def make_backend(self, zone):
        raise NotImplementedError

    def compare(self, generated, **settings):
        zones = self.keep(self.make_backend(generated.zone()))
        bare = self.serve(zones, launch=zones.name)
        wrapped = self.serve(zones, policy=generated.policy, settings=settings)
        questions = generated.questions()
        came_to_be = 0
        for question, before, after in zip(questions, bare.dig_many(questions), wrapped.dig_many(questions)):
            name, rrtype = question
            where = f"{name} {rrtype}\n{before.text}\n{after.text}\n{generated.policy}\n{generated.zone()}"
            target = ([name] + [record.data.rstrip(".") for record in before.answer if record.type == "CNAME"])[-1]
            if before.rcode == "NXDOMAIN" and after.rcode == "NOERROR":
                self.assertTrue(generated.may_exist_now(target), where)
                self.assertEqual(without_caa(after.answer), without_caa(before.answer), where)
                came_to_be += 1
                continue
            self.assertEqual((after.rcode, after.flags), (before.rcode, before.flags), where)
            self.assertEqual(without_caa(after.answer), without_caa(before.answer), where)
            # ANY has no SOA beside nothing but CAA; a question for a CNAME has one when its target came to be.
            soa = {record.type for record in before.authority + after.authority} == {"SOA"}
            if not (soa and (rrtype == "ANY" or (rrtype == "CNAME" and target != name and generated.may_exist_now(target)))):
                self.assertEqual(without_caa(after.authority), without_caa(before.authority), where)
            # The target of an MX may exist now.
            self.assertLessEqual(set(without_caa(before.additional)), set(without_caa(after.additional)), where)
        self.assertGreater(came_to_be, 0)
        return bare, wrapped

    def test_answers(self):
        for seed in self.seeds:
            with self.subTest(seed=seed):
                self.compare(Generated(seed))

    def test_answers_and_transfer_where_nothing_is_made_up(self):
        for seed in self.seeds:
            with self.subTest(seed=seed):
                generated = Generated(seed + 1000)
                bare, wrapped = self.compare(generated, **{"caapolicy-nonexistent-names": "nxdomain"})
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


class SignedDifferential:
    """Whatever validates without the module validates with it. For each backend and denial mode below."""
    nsec3 = None

    def make_backend(self, zone):
        raise NotImplementedError

    def validate(self, zones, server, questions):
        unbound = self.keep(Unbound(server, anchors_of(zones, APEX)))
        return unbound, unbound.ask_many(questions)

    def test_answers_validate(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                generated = Generated(seed + 2000, closed=True)
                zones = self.keep(self.make_backend(generated.zone()))
                zones.secure(APEX, nsec3=self.nsec3)
                questions = [(name, rrtype) for name, rrtype in generated.questions(["CAA", "A", "TXT", "DS", "MX"])
                             if (name, rrtype) != (APEX, "DS")]
                random.Random(seed).shuffle(questions)
                _, before = self.validate(zones, self.serve(zones, launch=zones.name), questions)
                for mode in ("answer", "nxdomain"):
                    server = self.serve(zones, policy=generated.policy, settings={"caapolicy-nonexistent-names": mode})
                    unbound, after = self.validate(zones, server, questions)
                    for (name, rrtype), bare, wrapped in zip(questions, before, after):
                        if wrapped.rcode == "SERVFAIL" and bare.rcode != "SERVFAIL":
                            self.fail(f"{mode}: {name} {rrtype}\n{bare.text}\n{''.join(unbound.bogus()[:5])}\n{generated.policy}\n{generated.zone()}")
                    self.check_transfer(server)

    def check_transfer(self, server):
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.writelines(f"{record.name} {record.ttl} IN {record.type} {record.data}\n" for record in server.axfr(APEX))
            file.flush()
            done = subprocess.run(["ldns-verify-zone", file.name], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


class BindSignedNsec(SignedDifferential, harness.TestCase):
    def make_backend(self, zone):
        return backends.Bind({APEX: zone})


class Gsqlite3SignedNsec3(SignedDifferential, harness.TestCase):
    nsec3 = "1 0 1 abcd"

    def make_backend(self, zone):
        return backends.Gsqlite3({APEX: zone})


class BindDifferential(Differential, harness.TestCase):
    def make_backend(self, zone):
        return backends.Bind({APEX: zone})


class Gsqlite3Differential(Differential, harness.TestCase):
    def make_backend(self, zone):
        return backends.Gsqlite3({APEX: zone})


class LmdbDifferential(Differential, harness.TestCase):
    seeds = SEEDS[:1]

    def make_backend(self, zone):
        return backends.Lmdb({APEX: zone})


class GpgsqlDifferential(Differential, harness.TestCase):
    seeds = SEEDS[:1]

    def make_backend(self, zone):
        return databases.Gpgsql({APEX: zone})


class GmysqlDifferential(Differential, harness.TestCase):
    seeds = SEEDS[:1]

    def make_backend(self, zone):
        return databases.Gmysql({APEX: zone})


del Differential, SignedDifferential

if __name__ == "__main__":
    unittest.main()
