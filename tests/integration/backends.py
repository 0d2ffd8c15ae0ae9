# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones in backends of PowerDNS, set up with its own tools.

A backend has a `name`, a `folder` and the `settings` that pdns_server and pdnsutil need for it. It can be served by
several servers at once, one with the wrapper and one without.
"""
import os
import sqlite3
import subprocess
import tempfile

SQLITE_SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
# How a zone begins: records of its own follow.
HEAD = """$ORIGIN example.com.
$TTL 3600
@   SOA ns1 hostmaster 1 3600 600 86400 300
@   NS  ns1
ns1 A   192.0.2.1
"""


def write(path, text):
    """Replaces the file in one step, as editors do."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)
    return path


class Backend:
    """Zones are texts by their names."""
    name = ""

    def __init__(self, zones):
        self._scratch = tempfile.TemporaryDirectory(prefix="caapolicy-zones-")
        self.folder = self._scratch.name
        self.zones = list(zones)
        self.settings = {}

    def close(self):
        self._scratch.cleanup()

    def pdnsutil(self, *args):
        """pdnsutil on the stored zones, without the wrapper."""
        lines = [f"launch={self.name}", *(f"{key}={value}" for key, value in self.settings.items())]
        write(f"{self.folder}/util/pdns.conf", "\n".join(lines) + "\n")
        done = subprocess.run(["pdnsutil", f"--config-dir={self.folder}/util", *args], capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"pdnsutil {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def load_zone(self, zone, text):
        """Into a backend that tools can write to."""
        self.pdnsutil("load-zone", zone, write(f"{self.folder}/{zone}.zone", text))
        self.pdnsutil("rectify-zone", zone)

    def add_zone(self, zone, text):
        """One more zone."""
        self.load_zone(zone, text)
        self.zones.append(zone)

    def secure(self, zone, nsec3=None):
        """Signs a zone; nsec3: parameters as in "1 0 0 -", with `narrow` for the narrow mode."""
        self.pdnsutil("secure-zone", zone)
        if nsec3 is not None:
            parameters = nsec3.split()
            narrow = ["narrow"] if "narrow" in parameters else []
            self.pdnsutil("set-nsec3", zone, " ".join(p for p in parameters if p != "narrow"), *narrow)
        self.pdnsutil("rectify-zone", zone)


class Bind(Backend):
    """named.conf and zone files. More of an options block or zone statements: see `zone_file`."""
    name = "bind"

    def __init__(self, zones):
        super().__init__(zones)
        for zone, text in zones.items():
            write(self.zone_file(zone), text)
        self._write_config()
        self.settings = {"bind-config": f"{self.folder}/named.conf", "bind-dnssec-db": f"{self.folder}/dnssec.db"}
        self.pdnsutil_create_database()

    def zone_file(self, zone):
        return f"{self.folder}/{zone}.zone"

    def add_zone(self, zone, text):
        """Seen by a running server at the next `rediscover`."""
        write(self.zone_file(zone), text)
        self.zones.append(zone)
        self._write_config()

    def _write_config(self):
        write(f"{self.folder}/named.conf", "".join(
            f'zone "{zone}" {{ type master; file "{self.zone_file(zone)}"; }};\n' for zone in self.zones))

    def pdnsutil_create_database(self):
        self.settings["bind-dnssec-db"], database = "", self.settings["bind-dnssec-db"]
        self.pdnsutil("create-bind-db", database)
        self.settings["bind-dnssec-db"] = database


class Gsqlite3(Backend):
    """An SQLite database with Debian's schema, filled by `pdnsutil load-zone`."""
    name = "gsqlite3"

    def __init__(self, zones):
        super().__init__(zones)
        self.database = f"{self.folder}/pdns.sqlite3"
        self.settings = {"gsqlite3-database": self.database, "gsqlite3-dnssec": "yes"}
        with open(SQLITE_SCHEMA, encoding="utf-8") as schema:
            connection = sqlite3.connect(self.database)
            connection.executescript(schema.read())
            connection.close()
        for zone, text in zones.items():
            self.load_zone(zone, text)


class Lmdb(Backend):
    """An LMDB environment, filled by `pdnsutil load-zone`."""
    name = "lmdb"

    def __init__(self, zones):
        super().__init__(zones)
        self.settings = {"lmdb-filename": f"{self.folder}/pdns.lmdb"}
        for zone, text in zones.items():
            self.load_zone(zone, text)
