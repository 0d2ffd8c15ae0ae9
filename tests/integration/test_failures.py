#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A database that fails under a running server. A CAA query may fail with it, or get the right answer; no answer may allow
what the policy doesn't: not the stored CAA, not "no such record", not "no such name"."""
import contextlib
import re
import sqlite3
import threading
import unittest

import backends
import databases
import dns_client
import harness

ZONE = """
$ORIGIN example.com.
$TTL 3600
@            SOA ns1 hostmaster 1 3600 600 86400 300
@            NS  ns1
@            CAA 0 issue "stored.example"
ns1          A   192.0.2.1
www          A   192.0.2.2
www          CAA 0 issue "stored.example"
shop         A   192.0.2.3
shop         CAA 0 issue "stored.example"
*.wild       A   192.0.2.4
*.wild       CAA 0 issue "stored.example"
leaf.a.ent   A   192.0.2.5
"""

POLICY = """
version: 1
subtrees:
  example.com: {}
approvals:
  - {name: shop.example.com, issuer: ca.example}
  - {name: new.example.com, issuer: ca.example}
"""

DENIED = ['0 issue ";"']
GRANTED = ['0 issue "ca.example"', '0 issuewild ";"']
RIGHT = {
    "example.com": DENIED,
    "www.example.com": DENIED,
    "shop.example.com": GRANTED,
    "x.shop.example.com": DENIED,  # from the guard
    "x.wild.example.com": DENIED,
    "a.ent.example.com": DENIED,
    "new.example.com": GRANTED,
    "nobody.example.com": DENIED,
}
QUESTIONS = [(name, "CAA") for name in RIGHT]

CACHED = {"cache-ttl": "1", "query-cache-ttl": "20", "negquery-cache-ttl": "60"}
UNCACHED = {**harness.UNCACHED, "zone-cache-refresh-interval": "0"}


def verdict(name, answer):
    """"right", "failed", or what else it is."""
    caa = answer.data("CAA")
    if (answer.rcode, caa) == ("NOERROR", RIGHT[name]):
        return "right"
    if (answer.rcode, answer.answer) == ("SERVFAIL", []):
        return "failed"
    return f"wrong: {name}: {answer.text}"


def ask(server):
    answers = server.dig_many(QUESTIONS)
    return [verdict(name, answer) for (name, _), answer in zip(QUESTIONS, answers)]


class Load:
    """Clients that ask all the time, and count their rounds by the phase that they were asked in and answered in."""

    def __init__(self, server, clients=3):
        self.phase = "before"
        self.verdicts = {}  # of rounds within one phase
        self.wrong = []
        self._rounds = {}
        self._changed = threading.Condition()
        self._ended = False
        self._clients = [threading.Thread(target=self._run, args=(server, number), daemon=True) for number in range(clients)]
        for client in self._clients:
            client.start()

    def _run(self, server, number):
        while not self._ended:
            phase = self.phase
            try:
                got = ask(server)
            except AssertionError as error:
                got = [f"wrong: {error}"]
            with self._changed:
                self.wrong += [each for each in got if each.startswith("wrong")]
                if phase == self.phase:
                    self.verdicts.setdefault(phase, set()).update(got)
                    self._rounds[phase, number] = self._rounds.get((phase, number), 0) + 1
                self._changed.notify_all()

    def enter(self, phase):
        self.phase = phase

    def wait_rounds(self, count):
        """Until each client has had so many in this phase."""
        with self._changed:
            done = self._changed.wait_for(lambda: all(
                self._rounds.get((self.phase, number), 0) >= count for number in range(len(self._clients))), 60)
        if not done:
            raise AssertionError(f"the clients are not through: {self._rounds}")

    def close(self):
        self._ended = True
        for client in self._clients:
            client.join()


class Failures:
    """For each database below."""
    backend = None

    @classmethod
    def setUpClass(cls):
        cls.database = cls.backend.kind()
        cls.addClassCleanup(cls.database.close)

    def serve_policy(self, **settings):
        zones = self.keep(self.backend({"example.com": ZONE}, self.database))
        return self.serve(zones, policy=POLICY, settings=settings)

    def check_recovery(self, server):
        harness.wait_until(lambda: set(ask(server)) == {"right"}, what="the recovery")

    def check_outage(self, caches, consistent, crash):
        server = self.serve_policy(**caches, **{"consistent-backends": consistent})
        self.assertEqual(set(ask(server)), {"right"})
        load = Load(server)
        try:
            load.wait_rounds(2)
            load.enter("stopping")
            self.database.stop(crash)
            load.enter("away")
            load.wait_rounds(3)
            load.enter("starting")
            self.database.start()
            self.check_recovery(server)
            load.enter("after")
            load.wait_rounds(2)
        finally:
            load.close()
            if self.database.process is None:
                self.database.start()
        self.assertEqual(load.wrong, [])
        self.assertEqual(load.verdicts["before"], {"right"})
        self.assertIn("failed", load.verdicts["away"])
        if caches is UNCACHED:
            self.assertEqual(load.verdicts["away"], {"failed"})
        return load

    def test_stopped(self):
        self.check_outage(UNCACHED, "yes", crash=False)

    def test_stopped_inconsistent(self):
        self.check_outage(UNCACHED, "no", crash=False)

    def test_crashed_with_caches(self):
        self.check_outage(CACHED, "yes", crash=True)

    def test_crashed_with_caches_inconsistent(self):
        self.check_outage(CACHED, "no", crash=True)

    def test_zone_transfer(self):
        """A secondary gets all of it or nothing that passes for a whole zone."""
        server = self.serve_policy()
        whole = sorted(server.axfr("example.com"))
        self.assertEqual([record.data for record in whole if "stored.example" in record.data], [])
        self.database.stop(crash=True)
        try:
            text = dns_client.run("dig", "-r", "@127.0.0.1", "-p", str(server.port), "+time=5", "+tries=1", "example.com", "AXFR")
        finally:
            self.database.start()
        self.assertRegex(text, r"(?m)^; Transfer failed\.|connection refused|communications error")
        self.assertEqual(re.findall(r"(?m)^[^;\s].*", text), [])
        self.assertEqual(sorted(server.axfr("example.com")), whole)

    def test_table_that_is_away(self):
        """One table after another, so that some of what an answer is made of can be had and some can't."""
        for consistent in ("yes", "no"):
            server = self.serve_policy(**UNCACHED, **{"consistent-backends": consistent, "domain-metadata-cache-ttl": "0"})
            self.assertEqual(set(ask(server)), {"right"})
            for table in ("records", "domains", "domainmetadata"):
                with self.subTest(table=table, consistent=consistent):
                    database = server.backend.database
                    self.database.execute(database, f"ALTER TABLE {table} RENAME TO away")
                    try:
                        got = ask(server)
                    finally:
                        self.database.execute(database, f"ALTER TABLE away RENAME TO {table}")
                    self.assertEqual(set(got), {"failed"})
                    self.check_recovery(server)


class LostZone(harness.TestCase):
    """A zone without its SOA record, which PowerDNS still has in its cache: as while something puts it in anew, bit by bit."""

    def test_fails(self):
        for launch in (None, "caapolicy:gsqlite3,bind"):
            with self.subTest(launch=launch):
                zones = self.keep(backends.Gsqlite3({"example.com": ZONE}))
                other = self.keep(backends.Bind({"example.net": ZONE.replace("example.com", "example.net")}))
                server = self.serve(zones, launch=launch, policy=POLICY, settings={
                    "cache-ttl": "0", "query-cache-ttl": "3600", "negquery-cache-ttl": "0", "domain-metadata-cache-ttl": "0",
                    **(other.settings if launch else {})})
                self.assertEqual(server.dig("ns1.example.com").data("A"), ["192.0.2.1"])
                soa = self.change(zones, "SELECT * FROM records WHERE type = 'SOA'")
                self.change(zones, "DELETE FROM records WHERE type = 'SOA'")
                seen = dict(zip(RIGHT, ask(server)))
                self.assertEqual(seen.pop("example.com"), "right")  # from the cache: the first question went by it
                if launch:  # what has no records may be another backend's
                    seen = {name: seen[name] for name in ("www.example.com", "shop.example.com", "x.wild.example.com")}
                self.assertEqual(set(seen.values()), {"failed"}, seen)
                self.change(zones, f"INSERT INTO records VALUES ({', '.join('?' * len(soa[0]))})", soa[0])
                self.assertEqual(set(ask(server)), {"right"})

    @staticmethod
    def change(zones, statement, values=()):
        with contextlib.closing(sqlite3.connect(zones.database)) as connection, connection:
            return connection.execute(statement, values).fetchall()


class Gpgsql(Failures, harness.TestCase):
    backend = databases.Gpgsql


class Gmysql(Failures, harness.TestCase):
    backend = databases.Gmysql


del Failures

if __name__ == "__main__":
    unittest.main()
