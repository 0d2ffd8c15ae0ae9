# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones that PowerDNS signs: what validating resolvers make of every name and of every denial, and whether the transferred
zones verify and agree with the answers.

A signed and an unsigned child zone of each zone are served by the same server from the same backend. Names are asked with
every setting of PowerDNS's caches.
"""
import base64
import hashlib
import itertools
import random
import re

import harness
import test_placement
import zone_model
from resolver import IN_ORDER, Delv, Unbound, anchors_of, verify_transfer
from test_placement import DENIED, GRANTED, STORED, TEAM, WILDCARD

CHILD = """
$TTL 3600
@          SOA   ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300
@          NS    ns1.example.com.
@          CAA   0 issue "child.example"
www        A     192.0.2.50
www        CAA   0 issue "child.example"
shop       A     192.0.2.51
alias      CNAME www
leaf.a.ent A     192.0.2.52
*.wild     TXT   "from the wildcard"
_dmarc     TXT   "v=DMARC1; p=none"
"""
IN_CHILD = ["www", "shop", "alias", "ent", "a.ent", "leaf.a.ent", "wild", "*.wild", "x.wild", "_dmarc", "new", "a.b.new", "b.new"]
DELEGATIONS = """
secure NS ns1.example.com.
plain  NS ns1.example.com.
"""
# Aliases stay in the zone. Below a cut there is nothing but addresses: rectifying leaves other data there in the chain.
PARENTS = {
    "example.com": test_placement.ZONE.replace("web.example.net.", "target").replace("new.example.net.", "new")
                   .replace('ns.child             CAA    0 issue "stored.example"\n', "")
                   + "target A 192.0.2.40\nnew A 192.0.2.41\nx.new A 192.0.2.42\n" + DELEGATIONS,
    "example.org": test_placement.OTHER + DELEGATIONS,
}
SECURE = ["secure.example.com", "secure.example.org"]
PLAIN = ["plain.example.com", "plain.example.org"]
DEAD = "child.example.com"  # delegated to nobody
SIGNED = [*PARENTS, *SECURE]

# secure.example.org is governed, though its parent is not. Nothing governs plain.example.org.
POLICY = test_placement.POLICY.replace("approvals:", "  secure.example.org: {}\napprovals:") + """
  - {name: secure.example.com, issuer: ca.example}
  - {name: shop.secure.example.com, issuer: ca.example}
  - {name: new.secure.example.com, issuer: ca.example}
  - {name: x.wild.secure.example.com, issuer: ca.example}
  - {name: plain.example.com, issuer: ca.example}
  - {name: shop.plain.example.com, issuer: ca.example}
  - {name: a.b.new.plain.example.com, issuer: ca.example}
  - {name: alias.secure.example.org, issuer: ca.example}
  - {name: new.secure.example.org, issuer: ca.example}
"""
# What the policy says, and of what it does not govern, what is stored.
APPROVED = {name: GRANTED for name in re.findall(r"\{name: ([^,]+), issuer: ca.example\}", POLICY)}
APPROVED["below.shop.example.com"] = WILDCARD
SUBTREES = {"example.com": DENIED, "team.example.com": TEAM, "new.sub.example.com": DENIED, "tree.example.com": GRANTED,
            "example.org": STORED, "governed.x.www.example.org": DENIED, "secure.example.org": DENIED,
            "plain.example.org": ['0 issue "child.example"']}

ALIASES = ["alias.example.com", *(f"alias.{child}" for child in SECURE + PLAIN)]
TYPES = ["CAA", "A", "TXT", "NS", "DS", "SOA", "CNAME", "ANY", "NSEC"]
_BASES = {*test_placement.ALL, *(child for child in SECURE + PLAIN),
          *(f"{label}.{child}" for child in SECURE + PLAIN for label in IN_CHILD)}
# Its children sort before or after others, by turns.
NAMES = sorted({name for base, child in zip(sorted(_BASES), itertools.cycle(("nothing", "zzz")))
                for name in (base, f"{child}.{base}", f"a.{child}.{base}", f"nothing.{base.split('.', 1)[1]}")
                if name.endswith(tuple(PARENTS))})


def is_within(name, zones):
    return any(name == zone or name.endswith("." + zone) for zone in zones)


def verdict(name):
    """The CAA of the policy; None: it has no say, or no certificate names such a name."""
    if (re.search(r"(^|\.)[_*]", name) or name in ALIASES or is_within(name, [DEAD])
            or name.endswith((".aliases.example.com", ".old.example.com"))):
        return None
    at = name
    while at not in SUBTREES:
        at = at.split(".", 1)[1]
    return APPROVED.get(name, SUBTREES[at])


def can_be_asked(name, rrtype):
    """Not what no server here has, nor what doesn't validate without the module either."""
    if is_within(name, [DEAD]):
        return (name, rrtype) == (DEAD, "DS")
    if rrtype == "DS" and name in PARENTS:  # their parents'
        return False
    if name.endswith(".old.example.com") and rrtype == "CNAME":  # what a DNAME makes of these is not signed
        return False
    # PowerDNS signs what a wildcard CNAME makes for a name with a `*` as if that were the wildcard.
    return not (name.endswith(".aliases.example.com") and "*" in name.removesuffix("*.aliases.example.com"))


QUESTIONS = [(name, rrtype) for name in NAMES for rrtype in TYPES if can_be_asked(name, rrtype)]


# consistent-backends, PowerDNS's caches of answers, and its cache of zones.
CACHING = list(itertools.product(("yes", "no"), ("20", "0"), ("300", "0")))


def caching_settings(combination):
    consistent, seconds, refresh = combination
    return {"consistent-backends": consistent, "cache-ttl": seconds, "query-cache-ttl": seconds, "negquery-cache-ttl": seconds,
            "zone-cache-refresh-interval": refresh}


def make_zones(kind, nsec3):
    """A backend with all of the zones, signed."""
    zones = kind({child: CHILD for child in SECURE + PLAIN})
    try:
        for child in SECURE:
            zones.secure(child, nsec3=nsec3)
        for parent, text in PARENTS.items():
            secure_delegation = anchors_of(zones, f"secure.{parent}")[0].replace(" IN ", " ")
            zones.add_zone(parent, f"$ORIGIN {parent}.\n{text}{secure_delegation}\n")
            zones.secure(parent, nsec3=nsec3)
    except BaseException:
        zones.close()
        raise
    return zones


def is_covered(name, transfers):
    """Does a wildcard answer for it?"""
    zone = max((zone for zone in transfers if is_within(name, [zone])), key=len)
    names = transfers[zone].names
    encloser = name + "."
    while encloser not in names:
        encloser = zone_model.parent(encloser)
    return encloser != name + "." and f"*.{encloser}" in names


def to_wire(name):
    wire = b""
    while name:
        label = name[:-len(zone_model.parent(name)) or None].removesuffix(".")
        raw = re.sub(rb"\\(\d{3}|.)", lambda match: bytes([int(match[1])]) if match[1].isdigit() else match[1], label.encode())
        wire += bytes([len(raw)]) + raw
        name = zone_model.parent(name)
    return wire + b"\0"


def nsec3_hash(name, salt, iterations):
    """RFC 5155 5."""
    wire = to_wire(name.lower().removesuffix(".") + ".")
    salt = b"" if salt == "-" else bytes.fromhex(salt)
    digest = hashlib.sha1(wire + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return base64.b32hexencode(digest).decode().lower()


def denials(answer, rrtype):
    """The NSEC or NSEC3 records of an answer, as (owner, data)."""
    return {(record.name.lower(), record.data) for record in answer.answer + answer.authority if record.type == rrtype}


class Chains:
    """Do transfers verify, and are the denials of the server those of the transfer?"""
    nsec3 = None

    @property
    def opt_out(self):
        return self.nsec3 is not None and self.nsec3.startswith("1 1")

    @property
    def denial(self):
        return "NSEC" if self.nsec3 is None else "NSEC3"

    def hashed(self, name, zone):
        _, _, iterations, salt = self.nsec3.split()[:4]
        return f"{nsec3_hash(name, salt, int(iterations))}.{zone}."

    def authoritative_names(self, zone, records):
        """With those of delegations, and empty non-terminals."""
        model = zone_model.Zone(zone, records)
        cuts = [name for name, sets in model.sets.items() if "NS" in sets and name != zone + "."]
        # The hashes' names are no names of the zone.
        of_hashes = {name for name, sets in model.sets.items() if "NSEC3" in sets}
        return model, {name for name in model.names - of_hashes if not any(name.endswith("." + cut) for cut in cuts)}

    def check_walk(self, server, zone, records):
        """Following NSEC live finds the names of the transfer that have records."""
        model, names = self.authoritative_names(zone, records)
        owners = {name for name in names if set(model.sets.get(name, {})) - {"RRSIG", "NSEC"}}
        self.assertEqual({record.name.lower() for record in records if record.type == "NSEC"}, owners)
        walked, at = [], zone + "."
        while True:
            walked.append(at)
            label, _, rest = at.partition(".")
            # The child zone answers at a cut. What follows all below it is the parent's.
            cut = at != zone + "." and "NS" in model.sets[at]
            answer = server.dig(f"{label}0.{rest}", "A", "+dnssec") if cut else server.dig(at, "NSEC", "+dnssec")
            data = [data for owner, data in denials(answer, "NSEC") if owner == at]
            self.assertEqual(data, model.sets[at]["NSEC"], at)
            at = data[0].split()[0].lower()
            if at == zone + ".":
                break
            self.assertLess(len(walked), 500)
        self.assertEqual(sorted(walked), sorted(owners))

    def check_hashes(self, server, zone, records):
        """Each NSEC3 is that of the transfer, where it says what a name has and where it says that there is none."""
        model, names = self.authoritative_names(zone, records)
        if self.opt_out:
            names = {name for name in names if name == zone + "." or set(model.sets.get(name, {})) != {"NS"}}
        transferred = {(record.name.lower(), record.data) for record in records if record.type == "NSEC3"}
        self.assertEqual({owner for owner, _ in transferred}, {self.hashed(name, zone) for name in names})

        at_names = [(name, "HINFO") for name in sorted(names) if not {"CNAME", "NS"} & set(model.sets.get(name, {}))]
        for (name, _), answer in zip(at_names, server.dig_many(at_names, "+dnssec")):
            found = denials(answer, "NSEC3")
            self.assertEqual(found - transferred, set(), answer.text)
            self.assertIn(self.hashed(name, zone), {owner for owner, _ in found}, answer.text)

        spans = sorted((owner.split(".")[0], owner, data) for owner, data in transferred)
        between = {}
        no_wildcard = next(name for name in (zone, f"www.{zone}") if f"*.{name}." not in model.names)
        for index in itertools.count():
            name = f"n{index}.{no_wildcard}"
            hashed = self.hashed(name, zone).split(".", maxsplit=1)[0]
            span = max((span for span in spans if span[0] < hashed), default=spans[-1])
            between.setdefault(span[1:], name)
            if len(between) == len(spans):
                break
            self.assertLess(index, 100000)
        asked = [(name, "A") for name in between.values()]
        for span, answer in zip(between, server.dig_many(asked, "+dnssec")):
            self.assertEqual(answer.rcode, "NXDOMAIN", answer.text)
            found = denials(answer, "NSEC3")
            self.assertEqual(found - transferred, set(), answer.text)
            self.assertIn(span, found, answer.text)


class Checks(Chains):
    """What validating resolvers make of a backend's zones."""
    kind = None

    @classmethod
    def setUpClass(cls):
        cls.zones = make_zones(cls.kind, cls.nsec3)
        cls.addClassCleanup(cls.zones.close)
        cls.anchors = [anchor for zone in PARENTS for anchor in anchors_of(cls.zones, zone)]

    def serve_signed(self, combination, **settings):
        return self.serve(self.zones, policy=POLICY, settings={"dname-processing": "yes", "direct-dnskey": "no", **IN_ORDER,
                                                               **caching_settings(combination), **settings})

    def questions(self, server, seed=""):
        """In random order."""
        questions = QUESTIONS
        if self.nsec3 is None:
            # unbound takes no proof that a name which a wildcard answers for has no NSEC, without the module either.
            transfers = {zone: zone_model.Zone(zone, server.axfr(zone)) for zone in SIGNED + PLAIN}
            questions = [(name, rrtype) for name, rrtype in QUESTIONS if rrtype != "NSEC" or not is_covered(name, transfers)]
        return random.Random(self.id() + seed).sample(questions, len(questions))

    def is_secure(self, name, rrtype, answer):
        """Must it have been validated? What is not signed must only not be bogus."""
        if is_within(name, PLAIN) and not (name in PLAIN and rrtype == "DS"):
            return False
        # A denial in a span that may hold unsigned delegations is never secure (RFC 5155 9.2).
        return not (self.opt_out and any(record.type == "NSEC3" for record in answer.authority))

    def check_answers(self, questions, unbound, run):
        """All must validate, and say nothing of CAA that is not the policy's."""
        for (name, rrtype), answer in zip(questions, unbound.ask_many(questions)):
            where = f"{run}: {name} {rrtype}\n{answer.text}\n{''.join(unbound.bogus()[-3:])}"
            self.assertIn(answer.rcode, ("NOERROR", "NXDOMAIN"), where)
            if self.is_secure(name, rrtype, answer):
                self.assertIn("ad", answer.flags, where)
            if rrtype in ("CAA", "ANY") and verdict(name) and answer.data("CAA"):
                self.assertEqual(answer.data("CAA"), verdict(name), where)
        self.assertEqual(unbound.bogus(), [])

    def check_verdicts(self, unbound, names=None):
        """What a CA finds that climbs (RFC 8659 3), for every name."""
        climbing = {name: name for name in names or NAMES if verdict(name)}
        while climbing:
            answers = unbound.ask_many([(at, "CAA") for at in climbing.values()])
            for (name, at), answer in zip(list(climbing.items()), answers):
                if answer.data("CAA"):
                    self.assertEqual(answer.data("CAA"), verdict(name), f"{name}, at {at}")
                    del climbing[name]
                else:
                    self.assertNotIn(at, PARENTS, name)
                    climbing[name] = at.split(".", 1)[1]

    def check_signatures(self, server):
        """A name's CAA is signed in one way, as a wildcard's or as its own: a resolver gives out what it got last, with the
        denials that it got first."""
        names = [name for name in NAMES if not is_within(name, [DEAD])]
        of_caa, of_any = ([[tuple(data.split()[:3]) for data in answer.data("RRSIG") if data.startswith("CAA ")] for answer
                           in server.dig_many([(name, rrtype) for name in names], "+dnssec")] for rrtype in ("CAA", "ANY"))
        seen = 0
        for name, caa, whole in zip(names, of_caa, of_any):
            if whole:
                seen += 1
                self.assertEqual(caa, whole, name)
        self.assertGreater(seen, 100)

    def check_delv(self, server, unbound, questions):
        """Another validator, asking the server by itself, and the resolver without its validation."""
        delv = self.keep(Delv(self.anchors))
        for index, (name, rrtype) in enumerate(questions):
            if rrtype == "NSEC" and (name in ALIASES or name.endswith(".aliases.example.com")):  # it takes no CNAME for an answer
                continue
            port, options = (server.port, []) if index % 2 else (unbound.port, ["+cdflag"])
            results, text = delv.ask(port, name, rrtype, *options)
            plain = is_within(name, PLAIN) or self.opt_out
            self.assertTrue(results and results <= ({"fully validated", "unsigned answer"} if plain else {"fully validated"}),
                            f"{name} {rrtype}\n{text}")


class Signed(Checks):
    """For each backend and denial mode: see make_classes()."""
    number = 0  # of the class: the settings of caches take turns

    def check_mode(self, mode, combination):
        server = self.serve_signed(combination, **{"caapolicy-nonexistent-names": mode})
        unbound = self.keep(Unbound(server, self.anchors, [*SIGNED, *PLAIN]))
        if mode == "answer":
            self.check_signatures(server)
        questions = self.questions(server)
        if mode == "nxdomain":
            questions = questions[::2]  # most is as in the other mode, but not the verdicts
        self.check_answers(questions, unbound, "cold")
        self.check_answers(questions[::3], unbound, "warm")
        self.check_verdicts(unbound)
        self.check_delv(server, unbound, questions[:20])

    def test_answer(self):
        self.check_mode("answer", CACHING[self.number % 8])

    def test_nxdomain(self):
        self.check_mode("nxdomain", CACHING[(self.number + 5) % 8])  # so each backend meets all in its five modes

    def test_transfer(self):
        """It verifies, and so does what the server proves one by one: it is the same."""
        server = self.serve_signed(CACHING[self.number % 8])
        for zone in SIGNED:
            with self.subTest(zone=zone):
                if self.nsec3 and "narrow" in self.nsec3:  # PowerDNS transfers no such zone
                    self.assertRaisesRegex(AssertionError, f"no zone transfer of {zone}", server.axfr, zone)
                    continue
                records = server.axfr(zone)
                verify_transfer(records)
                self.check_cuts(server, zone, records)
                if self.nsec3 is None:
                    self.check_walk(server, zone, records)
                else:
                    self.check_hashes(server, zone, records)

    def check_cuts(self, server, zone, records):
        """The parent's side of a cut has no CAA, whatever the policy says of the child zone's apex."""
        if zone not in PARENTS:
            return
        for child, types in (("secure", {"NS", "DS", "RRSIG"}), ("plain", {"NS"})):
            sets = zone_model.Zone(zone, records).sets
            name = f"{child}.{zone}"
            at_cut = set(sets[name + "."])
            self.assertEqual(at_cut - {"NSEC"} - (set() if "DS" in types else {"RRSIG"}), types)
            self.assertEqual([owner for owner in sets if owner.endswith(f".{name}.")], [])
            answer = server.dig(name, "DS", "+dnssec")
            self.assertEqual([record.data.lower() for record in answer.answer if record.type == "DS"],
                             [data.lower() for data in sets[name + "."].get("DS", [])])
            if child == "plain" and not self.opt_out:
                owner = name + "." if self.nsec3 is None else self.hashed(name, zone)
                bitmaps = [data.split() for at, data in denials(answer, self.denial) if at == owner]
                self.assertEqual([bitmap[1 if self.nsec3 is None else 5:] for bitmap in bitmaps],
                                 [["NS", "RRSIG", "NSEC"] if self.nsec3 is None else ["NS"]])


class Caching(Checks):
    """Every combination of the settings of caches, with a part of the questions. The server's caches have seen the names with
    CAA, which a resolver asks for last, and for a second resolver all of the questions."""

    def test_combinations(self):
        for combination in CACHING:
            with self.subTest(combination=combination):
                server = self.serve_signed(combination)
                questions = self.questions(server, str(combination))[:300]
                server.dig_many([(name, "CAA") for name, _ in questions], "+dnssec")
                for run in ("after CAA", "after all"):
                    unbound = self.keep(Unbound(server, self.anchors, [*SIGNED, *PLAIN]))
                    self.check_answers(questions, unbound, run)
                    self.check_verdicts(unbound, sorted({name for name, _ in questions}))
                server.stop()


MODES = {"Nsec": None, "Nsec3": "1 0 0 -", "Nsec3Salted": "1 0 10 abcd", "Nsec3OptOut": "1 1 0 -",
         "Nsec3Narrow": "1 0 0 - narrow"}


def make_classes(kinds):
    """A class of tests for each backend and denial mode, by its name. PowerDNS has every mode with each of the backends."""
    classes = {}
    for number, (kind, (mode, nsec3)) in enumerate(itertools.product(kinds, MODES.items())):
        name = kind.__name__ + mode
        classes[name] = type(name, (Signed, harness.TestCase), {"kind": kind, "nsec3": nsec3, "number": number})
    return classes
