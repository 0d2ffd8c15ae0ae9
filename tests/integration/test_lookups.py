#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the wrapped backend is asked: a name once for a client's query, and everything anew for the next."""
import os
import socket
import sys
import unittest

import backends
import harness

ZONE = {
    "example.com": ["SOA\t3600\t1\tns1.example.com hostmaster.example.com 1 3600 600 86400 300", "NS\t3600\t1\tns1.example.com"],
    "a.b.example.com": ["A\t300\t1\t192.0.2.1"],
    "many.example.com": [f"A\t300\t1\t192.0.2.{number}" for number in range(1, 21)],
}
POLICY = """
version: 1
subtrees:
  example.com: {}
approvals:
  - {name: a.b.example.com, issuer: ca.example}
"""
QUESTION = b"\0\0\1\0\0\1\0\0\0\0\0\0" + b"\1a\1b\7example\3com\0" + b"\0\1\0\1" # number 0, A, IN
PROGRAM = """#!{python}
import os, sys
zone = {zone!r}
for line in sys.stdin:
    words = line.rstrip("\\n").split("\\t")
    if words[0] == "HELO":
        print("OK\\tready", flush=True)
        continue
    if words[0] == "Q":
        name = words[1].rstrip(".").lower()
        with open({log!r}, "a") as log:
            log.write(words[3] + " " + name + "\\n")
        for record in zone.get(name, ()):
            kind, rest = record.split("\\t", 1)
            if words[3] in ("ANY", kind):
                print("DATA\\t" + words[1] + "\\tIN\\t" + kind + "\\t" + rest)
    print("END", flush=True)
"""


class Logging(backends.Backend):
    """A pipe backend that writes down what it is asked."""
    name = "pipe"

    def __init__(self):
        super().__init__({})
        self.log = f"{self.folder}/asked"
        command = backends.write(f"{self.folder}/program", PROGRAM.format(python=sys.executable, zone=ZONE, log=self.log))
        os.chmod(command, 0o755)
        self.settings = {"pipe-command": command, "pipe-abi-version": "1"}

    def asked(self):
        """Since the last call."""
        with open(self.log, "r+", encoding="ascii") as file:
            lines = file.read().split("\n")[:-1]
            file.truncate(0)
        return lines


class Lookups(harness.TestCase):
    def setUp(self):
        self.zones = self.keep(Logging())
        self.settings = {**harness.UNCACHED, "zone-cache-refresh-interval": "0", "receiver-threads": "1", "distributor-threads": "1"}

    def asked(self, server, name, rrtype):
        server.dig(name, rrtype) # the zone itself is known from now on
        self.zones.asked()
        server.dig(name, rrtype)
        return self.zones.asked()

    def test_nothing_twice(self):
        bare = self.serve(self.zones, launch="pipe", settings=self.settings)
        name = "a.b.example.com"
        self.assertEqual(self.asked(bare, name, "A").count(f"ANY {name}"), 2)
        server = self.serve(self.zones, policy=POLICY, settings=self.settings)
        for rrtype in ("A", "TXT", "CAA"):
            with self.subTest(type=rrtype):
                asked = self.asked(server, name, rrtype)
                self.assertEqual(asked.count(f"ANY {name}"), 1)
                # For CAA once by the policy, and once for the client, whom some backends answer otherwise than others.
                self.assertEqual(asked.count("ANY b.example.com"), 2 if rrtype == "CAA" else 1)

    def test_answers(self):
        server = self.serve(self.zones, policy=POLICY, settings=self.settings)
        for _ in range(2):
            self.assertEqual(server.dig("a.b.example.com").data("A"), ["192.0.2.1"])
            self.assertEqual(server.dig("a.b.example.com", "CAA").data("CAA"), ['0 issue "ca.example"', '0 issuewild ";"'])
            self.assertEqual(server.dig("a.b.example.com", "TXT").rcode, "NOERROR")
            self.assertEqual(server.dig("none.example.com").rcode, "NXDOMAIN")

    def test_many_records(self):
        """More than are worth a copy are asked for twice, as ever."""
        server = self.serve(self.zones, policy=POLICY, settings=self.settings)
        self.assertEqual(self.asked(server, "many.example.com", "A").count("ANY many.example.com"), 2)
        self.assertEqual(len(server.dig("many.example.com", "A", "+tcp").data("A")), 20)

    def test_other_types(self):
        """Queries in turn that differ in their type alone: none gets what another one was given."""
        server = self.serve(self.zones, policy=POLICY, settings=self.settings)
        server.dig("a.b.example.com")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(harness.TIMEOUT)
            client.connect(("127.0.0.1", server.port))
            for _ in range(5):
                for rrtype, count in ((1, 1), (43, 0), (257, 2), (16, 0)): # A; DS, which is looked up once; CAA; TXT
                    client.send(QUESTION[:-4] + rrtype.to_bytes(2, "big") + QUESTION[-2:])
                    self.assertEqual(int.from_bytes(client.recv(512)[6:8], "big"), count)

    def test_next_query(self):
        """Queries that can't be told apart: the same number, from the same port."""
        server = self.serve(self.zones, policy=POLICY, settings=self.settings)
        server.dig("a.b.example.com")
        self.zones.asked()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(harness.TIMEOUT)
            client.connect(("127.0.0.1", server.port))
            for _ in range(5):
                client.send(QUESTION)
                self.assertEqual(client.recv(512)[-4:], socket.inet_aton("192.0.2.1"))
        asked = self.zones.asked()
        self.assertEqual(asked.count("ANY a.b.example.com"), 5)
        self.assertEqual(asked.count("ANY example.com") + asked.count("SOA example.com"), 5)


if __name__ == "__main__":
    unittest.main()
