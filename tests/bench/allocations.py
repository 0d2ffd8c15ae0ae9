#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A query that is not about CAA allocates no heap memory beyond what the wrapped backend's own answer does.

Counted, not timed: a library that is preloaded counts the allocations of each thread of pdns_server. With all caches off and
one thread for queries, the same queries are sent one after the other to a bare and to a wrapped server.

Environment: besides that of the integration tests, CAAPOLICY_COUNTER is the library.
"""
import os
import socket
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import backends
import harness
import inputs
import server
import wire

COUNTER = os.environ.get("CAAPOLICY_COUNTER", f"{harness.ROOT}/build/tests/libcount_allocations.so")
THREADS = 256
NAMES = 100
QUERIES = 1000


class Counted:
    """A server whose allocations are counted."""

    def __init__(self, case, zones, **options):
        self._counts = case.keep(tempfile.NamedTemporaryFile(prefix="caapolicy-allocations-"))
        self._counts.write(bytes(8 * THREADS))
        self._counts.flush()
        running = case.keep(server.Pdns(zones, pinned=False, **options))
        running._within = ["env", f"LD_PRELOAD={COUNTER}", f"CAAPOLICY_ALLOCATIONS={self._counts.name}"]
        if running.settings.get("caapolicy-policy"):
            inputs.write_policy(running.policy_folder, NAMES // 2)
        self._port = running.start().port

    def _threads(self):
        self._counts.seek(0)
        return struct.unpack(f"{THREADS}Q", self._counts.read())

    def for_queries(self, questions):
        """The allocations of the thread that answers these queries, one after the other."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(harness.TIMEOUT)
            client.connect(("127.0.0.1", self._port))

            def ask():
                before = self._threads()
                for number in range(QUERIES):
                    question = questions[number % len(questions)]
                    client.send(wire.query(number, question))
                    message = client.recv(4096)
                    assert wire.number_of(message) == number, "another answer"
                return max(after - then for then, after in zip(before, self._threads()))

            ask() # what is made once, at the first use
            return ask()


class Allocations(harness.TestCase):
    def compare(self, questions, beyond=0, **settings):
        zones = self.keep(backends.Bind({inputs.ZONE: inputs.zone_with_addresses(NAMES)}))
        bare = Counted(self, zones, module=False, settings=settings).for_queries(questions)
        wrapped = Counted(self, zones, policy=inputs.root_policy(), settings=settings).for_queries(questions)
        self.assertGreater(bare, QUERIES) # the counter counts
        # Now and then PowerDNS itself allocates something, whatever it was asked.
        self.assertLess(abs(wrapped - bare - beyond * QUERIES), QUERIES // 100,
                        f"{(wrapped - bare) / QUERIES} allocations a query beyond the {bare / QUERIES} of the bare backend")

    def test_addresses(self):
        self.compare([wire.question(name, "A") for name in inputs.stored_names(NAMES)])

    def test_no_data(self):
        self.compare([wire.question(name, "TXT") for name in inputs.stored_names(NAMES)])

    def test_missing_names(self):
        self.compare([wire.question(f"missing-{number:07}.{inputs.ZONE}", "A") for number in range(NAMES)])

    def test_missing_below_published(self):
        """Where a name below it is approved, the wrapped backend is asked once more: whether the name itself is in the zone, or a
        wildcard of the zone has to be copied below it. It allocates for the answer."""
        self.compare([wire.question(inputs.missing(number), "A") for number in range(NAMES)], beyond=5)

    def test_packet_cache(self):
        self.compare([wire.question(name, "A") for name in inputs.stored_names(NAMES)], **{"cache-ttl": "60"})


if __name__ == "__main__":
    unittest.main()
