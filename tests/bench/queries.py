# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries for addresses and for CAA: the module around a backend, held against that backend and against other ways."""
import dataclasses

import agreement
import backends
import inputs
import load
import peers
import result
import server
import starts
import subject


def _stored(count, **options):
    return subject.pdns("static", backends.Bind({inputs.ZONE: inputs.zone_with_caa(count)}), **options)


def _wrapped(count, backend=backends.Bind, **options):
    return subject.pdns("wrapped", backend({inputs.ZONE: inputs.zone_with_addresses(count)}), approvals=count // 2, **options)


def _bare(count, backend, **options):
    return subject.pdns("bare", backend({inputs.ZONE: inputs.zone_with_addresses(count)}), **options)


def _standalone(count, **options):
    return subject.pdns("standalone", approvals=count // 2, **options)


@dataclasses.dataclass
class Ratio:
    """A row: the rate of one subject divided by that of another, by their names in a Contest."""
    key: str
    what: str
    above: str
    below: str
    target: str = ""


@dataclasses.dataclass
class Contest:
    """Servers that are asked the same questions in turn, and the rows that come of it."""
    rrtype: str
    starters: dict  # name of a subject -> function that starts it, given how many names there are
    rows: list

    def measure(self, options, keys):
        rows = [row for row in self.rows if row.key in keys]
        needed = [name for name in self.starters if any(name in (row.above, row.below) for row in rows)]
        names = inputs.stored_names(options.names)

        def start(running, number):
            subjects = []
            for name in reversed(needed) if number % 2 else needed:
                subjects.append(running.enter_context(self.starters[name](options.names)))
                subjects[-1].name = name
            return subjects

        def agree(subjects):
            agreement.require(subjects, names, self.rrtype, expected=inputs.caa_of if self.rrtype == "CAA" else None)

        samples = starts.measure(options, start, agree, names, self.rrtype)
        for row in rows:
            above, below = samples[row.above], samples[row.below]
            yield result.line(row.key, row.what, load.figures(above, below), load.rate_ratio(above, below), row.target, starts=options.starts)


def _addresses(key, what, backend, target, **options):
    return Contest("A", {"wrapped": lambda count: _wrapped(count, backend, **options),
                         "bare": lambda count: _bare(count, backend, **options)},
                   [Ratio(key, what, "wrapped", "bare", target)])


TWO_THREADS = {"pinned": False, "settings": {"receiver-threads": "2"}}

CONTESTS = [
    _addresses("a-bind", "A, wrapped / bare bind, caches off", backends.Bind, "≥ 0.97"),
    _addresses("a-gsqlite3", "A, wrapped / bare gsqlite3, caches off", backends.Gsqlite3, "≥ 0.97"),
    _addresses("a-lmdb", "A, wrapped / bare lmdb, caches off", backends.Lmdb, "≥ 0.97"),
    _addresses("a-cached", "A, wrapped / bare bind, packet cache on", backends.Bind, "≥ 0.99", settings=server.PACKET_CACHE_ON),
    Contest("CAA", {
        "wrapped": _wrapped,
        "standalone": _standalone,
        "static": _stored,
        "LUA record": peers.lua,
        "remote backend": peers.remote,
        "pipe backend": peers.pipe,
        "NSD": peers.nsd,
        "Knot": peers.knot,
    }, [
        Ratio("caa-static", "CAA, wrapped bind / bare bind with the same CAA stored", "wrapped", "static", "≥ 1.0"),
        Ratio("caa-standalone", "CAA, standalone / bare bind with the same CAA stored", "standalone", "static", "≥ 1.3"),
        Ratio("caa-lua", "CAA, wrapped bind / LUA records", "wrapped", "LUA record", "≥ 20"),
        Ratio("caa-remote", "CAA, wrapped bind / remote backend", "wrapped", "remote backend", "≥ 20"),
        Ratio("caa-pipe", "CAA, wrapped bind / pipe backend", "wrapped", "pipe backend", "≥ 20"),
        Ratio("caa-nsd", "CAA, NSD / wrapped bind (a ceiling)", "NSD", "wrapped"),
        Ratio("caa-knot", "CAA, Knot / wrapped bind (a ceiling)", "Knot", "wrapped"),
    ]),
    Contest("CAA", {"wrapped, two threads": lambda count: _wrapped(count, **TWO_THREADS),
                    "static, two threads": lambda count: _stored(count, **TWO_THREADS)},
            [Ratio("caa-threads", "CAA, wrapped bind / bare bind with the same CAA stored, two threads for queries", "wrapped, two threads",
                   "static, two threads", "≥ 1.0")]),
]
