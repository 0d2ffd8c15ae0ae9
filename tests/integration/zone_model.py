# SPDX-License-Identifier: GPL-2.0-or-later
"""What a name server that holds a transferred zone answers: RFC 1034 4.3.2 with the wildcards of RFC 4592."""

import re


def parent(name):
    return name[re.match(r"(?:\\.|[^.\\])*\.", name).end():]  # a dot may be escaped


class Zone:
    """The records of a zone transfer."""

    def __init__(self, apex, records):
        self.apex = apex + "."
        self.sets = {}
        for record in records:
            self.sets.setdefault(record.name.lower(), {}).setdefault(record.type, []).append(record.data)
        self.names = {self.apex}
        for name in self.sets:
            while name != self.apex:
                self.names.add(name)
                name = parent(name)

    def ask(self, name, rrtype):
        """(rcode, data of the type), or ("CNAME", targets), ("DNAME", owner), ("REFERRAL", None)."""
        name = name.lower() + "."
        ancestors = [name]
        while ancestors[-1] != self.apex:
            ancestors.append(parent(ancestors[-1]))
        for ancestor in reversed(ancestors[:-1]):
            if "NS" in self.sets.get(ancestor, {}) and not (ancestor == name and rrtype == "DS"):
                return ("REFERRAL", None)  # PowerDNS takes the lowest of several cuts
        if name not in self.names:
            encloser = next(ancestor for ancestor in ancestors if ancestor in self.names)
            if "DNAME" in self.sets.get(encloser, {}):
                return ("DNAME", encloser)
            name = "*." + encloser
            if name not in self.names:
                return ("NXDOMAIN", [])
        sets = self.sets.get(name, {})
        if "CNAME" in sets and rrtype != "CNAME":
            return ("CNAME", sorted(sets["CNAME"]))
        return ("NOERROR", sorted(sets.get(rrtype, [])))


def as_model(answer, rrtype):
    """An answer of dig, in the same terms."""
    referral = [record.name for record in answer.authority if record.type == "NS"]
    if answer.rcode == "NOERROR" and not answer.answer and referral and "aa" not in answer.flags:
        return ("REFERRAL", None)
    dnames = [record.name.lower() for record in answer.answer if record.type == "DNAME"]
    if dnames and rrtype != "DNAME":
        return ("DNAME", dnames[0])
    cname = [record.data for record in answer.answer[:1] if record.type == "CNAME"]  # not those of its target
    if cname and rrtype != "CNAME":
        return ("CNAME", cname)
    return (answer.rcode, answer.data(rrtype))
