#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A query that is not about CAA allocates no heap memory beyond what the wrapped backend's own answer does; nearly always it is less, as
PowerDNS's second look-up of the name is answered without asking the wrapped backend again.

Counted, not timed: a library that is preloaded counts the allocations of each thread of pdns_server. With all caches off and
one thread for queries, the same queries are sent one after the other to a bare and to a wrapped server.

Environment: besides that of the integration tests, CAAPOLICY_COUNTER is the library.
"""
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import backends
import harness
import inputs
import subject
import wire

COUNTER = os.environ.get("CAAPOLICY_COUNTER", f"{harness.ROOT}/build/tests/libcount_allocations.so")
THREADS = 256
NAMES = 100
QUERIES = 1000


def count(questions, approvals, settings):
    """The allocations of the server's thread that answers these queries, one after the other."""
    zones = backends.Bind({inputs.ZONE: inputs.zone_with_addresses(NAMES)})
    with tempfile.NamedTemporaryFile(prefix="caapolicy-allocations-") as counts:
        counts.write(bytes(8 * THREADS))
        counts.flush()
        within = ["env", f"LD_PRELOAD={COUNTER}", f"CAAPOLICY_ALLOCATIONS={counts.name}"]

        def threads():
            counts.seek(0)
            return struct.unpack(f"{THREADS}Q", counts.read())

        with subject.pdns("counted", zones, approvals, pinned=False, within=within, settings=settings) as served, wire.client(served.port) as client:
            for _ in range(2): # the first turn makes what is made once, at the first use
                before = threads()
                for number in range(QUERIES):
                    wire.ask(client, number, questions[number % len(questions)])
            return max(after - then for then, after in zip(before, threads()))


class Allocations(unittest.TestCase):
    def compare(self, questions, beyond=0, **settings):
        bare = count(questions, None, settings)
        wrapped = count(questions, NAMES // 2, settings)
        self.assertGreater(bare, QUERIES) # the counter counts
        # Now and then PowerDNS itself allocates something, whatever it was asked.
        self.assertLess(abs(wrapped - bare - beyond * QUERIES), QUERIES // 100,
                        f"{(wrapped - bare) / QUERIES} allocations a query beyond the {bare / QUERIES} of the bare backend")

    def test_addresses(self):
        self.compare([wire.question(name, "A") for name in inputs.stored_names(NAMES)], beyond=-5)

    def test_no_data(self):
        self.compare([wire.question(name, "TXT") for name in inputs.stored_names(NAMES)], beyond=-5)

    def test_missing_names(self):
        self.compare([wire.question(f"missing-{number:07}.{inputs.ZONE}", "A") for number in range(NAMES)], beyond=-3)

    def test_missing_below_published(self):
        """Where a name below it is approved, the wrapped backend is asked once more: whether a wildcard of the zone has to be copied
        below it. It allocates 5 times for the answer."""
        self.compare([wire.question(inputs.missing(number), "A") for number in range(NAMES)], beyond=2)

    def test_packet_cache(self):
        self.compare([wire.question(name, "A") for name in inputs.stored_names(NAMES)], **{"cache-ttl": "60"})


if __name__ == "__main__":
    unittest.main()
