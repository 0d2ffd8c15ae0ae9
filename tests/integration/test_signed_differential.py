#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No harm to signed zones: generated ones, served with and without the module, answer everything but CAA alike, deny but for
the names that the policy adds alike, and whatever validates without the module validates with it.

A seed for each; see seeds.py for more.
"""
import base64
import hashlib
import random
import unittest

import backends
import databases
import harness
from resolver import IN_ORDER, Unbound, anchors_of, verify_transfer
from test_differential import APEX, SETTINGS, Comparison, Generated, denials


def types_in(denial):
    """But for CAA, and for the signatures without which none would be at a name."""
    first = 2 if not denial[1].isdigit() else 6
    return set(denial[first:]) - {"CAA", "RRSIG"}


def hashed(name):
    """The owner name of its NSEC3 record, without salt and iterations (RFC 5155 5)."""
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.lower().split(".")) + b"\0"
    return base64.b32hexencode(hashlib.sha1(wire).digest()).decode().lower() + f".{APEX}."


class SignedComparison(Comparison):
    """For each backend and denial mode below."""
    fixed_seeds = (1,)
    options = ("+dnssec",)
    nsec3 = None

    def make_backend(self, zone):
        raise NotImplementedError

    def signed_zones(self, generated):
        zones = self.keep(self.make_backend(generated.zone()))
        zones.secure(APEX, nsec3=self.nsec3)
        return zones

    def test_answers(self):
        self.try_seeds(self.check_answers)

    def check_answers(self, seed):
        generated = Generated(seed + 3000)
        zones = self.signed_zones(generated)
        self.shown = {}  # the denials in answers
        bare, wrapped = self.compare(zones, generated)
        if self.nsec3 is None or "narrow" not in self.nsec3:
            before, after = (denials(server.axfr(APEX)) for server in (bare, wrapped))
            self.compare_chains(generated, before, after)
            # Other than transfers, answers of PowerDNS have what is stored below a cut in the NSEC chain, with or without the module.
            below = tuple(f".{cut}." for cut in generated.cuts)
            for denial, where in self.shown.items():
                if denial[0].endswith(below) or denial[1].endswith(below) or self.is_made_up(denial, generated, after):
                    continue
                self.assertIn(denial, after, where)

    def is_made_up(self, denial, generated, chain):
        """Opt-out leaves an empty non-terminal above nothing but insecure delegations out of the chain, and PowerDNS proves by it that a name
        below does not exist: with databases, and the module with all backends. Bare bind and lmdb prove nothing, which is bogus."""
        if self.nsec3 is None or not self.nsec3.startswith("1 1") or denial[0] in {link[0] for link in chain}:
            return False
        above = {hashed(".".join(labels[index:])) for labels in (cut.split(".") for cut in generated.cuts) for index in range(1, len(labels))}
        return denial[0] in above and denial[6:] == () and denial[5] in {link[5] for link in chain}

    def compare_denials(self, generated, chain, before, after, where):
        """In the narrow mode each denial stands for itself. In the others all are of one chain, which is compared as a whole."""
        before, after = (denials(answer.authority + answer.answer) for answer in (before, after))
        if self.nsec3 is None or "narrow" not in self.nsec3:
            self.shown |= dict.fromkeys(after, where)
            return
        before, after = ({denial[:6]: types_in(denial) for denial in shown} for shown in (before, after))
        unaltered = not any(generated.may_alter_denial(link) for link in chain if link.endswith(APEX))
        if unaltered and bool(after) == bool(before):  # ANY for an empty non-terminal gets CAA
            self.assertEqual(after, before, where)
        for denial in before.keys() & after.keys():
            self.assertEqual(after[denial], before[denial], where)

    def compare_chains(self, generated, before, after):
        """Only names that the policy explains are added; of the others only CAA may come or go."""
        where = f"{generated.policy}\n{generated.zone()}"
        before, after = ({denial[0]: types_in(denial) for denial in chain} for chain in (before, after))
        names = {f"*.{APEX}"}
        for name in generated.owners | generated.listed:
            while name.endswith(APEX) and name != APEX:
                names |= {name, f"*.{name}"}
                name = name.split(".", 1)[1]
        added = {f"{name}." if self.nsec3 is None else hashed(name): name for name in names}
        for owner, types in before.items():
            self.assertEqual(after[owner], types, f"{owner} {added.get(owner)}\n{where}")
        for owner in after.keys() - before.keys():
            name = added[owner]
            # NSEC has no empty non-terminals, which carry CAA now, and opt-out none of insecure delegations alone.
            was_empty = self.nsec3 in (None, "1 1 0 -") and any(known.endswith("." + name) for known in generated.owners)
            self.assertTrue(generated.explains(name) or was_empty, f"{name}\n{where}")
        self.assertGreater(len(after), len(before))


class SignedValidation(SignedComparison):
    """What a validating resolver makes of it, too."""

    def validate(self, zones, server, questions):
        unbound = self.keep(Unbound(server, anchors_of(zones, APEX)))
        return unbound, unbound.ask_many(questions)

    def test_answers_validate(self):
        self.try_seeds(self.check_validates)

    def check_validates(self, seed):
        generated = Generated(seed + 2000, closed=True)
        zones = self.signed_zones(generated)
        # The apex's DS is its parent's. Below a DNAME, with or without the module, unbound takes that one for the answer to a question
        # for a DNAME, and a name with a `*` leads to one that PowerDNS signs as if it were the wildcard that answers for it.
        questions = [(name, rrtype) for name, rrtype in generated.questions(["CAA", "A", "TXT", "DS", "MX", "HTTPS", "DNAME"])
                     if (name, rrtype) != (APEX, "DS")
                     and not (name.endswith(tuple(generated.redirected)) and (rrtype == "DNAME" or "*" in name))]
        random.Random(seed).shuffle(questions)
        _, before = self.validate(zones, self.serve(zones, launch=zones.name, settings={**SETTINGS, **IN_ORDER}), questions)
        for mode in ("answer", "nxdomain"):
            server = self.serve(zones, policy=generated.policy, settings={**SETTINGS, **IN_ORDER, "caapolicy-nonexistent-names": mode})
            unbound, after = self.validate(zones, server, questions)
            for (name, rrtype), bare, wrapped in zip(questions, before, after):
                if wrapped.rcode == "SERVFAIL" and bare.rcode != "SERVFAIL":
                    self.fail(f"{mode}: {name} {rrtype}\n{bare.text}\n{''.join(unbound.bogus()[:5])}\n"
                              f"{generated.policy}\n{generated.zone()}")
            if self.nsec3 is None or "narrow" not in self.nsec3:  # PowerDNS transfers no narrow zone
                verify_transfer(server.axfr(APEX))


_MODES = {"Nsec": None, "Nsec3": "1 0 0 -", "Nsec3OptOut": "1 1 0 -", "Nsec3Narrow": "1 0 0 - narrow"}
for _backend, _base in ((backends.Bind, SignedValidation), (backends.Gsqlite3, SignedValidation), (backends.Lmdb, SignedComparison),
                        (databases.Gpgsql, SignedComparison), (databases.Gmysql, SignedComparison)):
    for _mode, _nsec3 in _MODES.items():
        if _backend is backends.Bind and _mode == "Nsec3Narrow":  # it keeps no such thing
            continue
        _class = type(_backend.__name__ + _mode, (_base, harness.TestCase), {
            "make_backend": lambda self, zone, kind=_backend: kind({APEX: zone}), "nsec3": _nsec3})
        globals()[_class.__name__] = _class
del _class

if __name__ == "__main__":
    unittest.main()
