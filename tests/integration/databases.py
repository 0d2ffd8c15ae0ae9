# SPDX-License-Identifier: GPL-2.0-or-later
"""Real database servers, and zones in them.

A test file shares one server of each kind, which starts at the first use and ends with the process; each backend has a
database of its own in it. A test that stops its server brings its own: `Gpgsql(zones, server)`.
"""
import atexit
import ctypes
import glob
import itertools
import os
import pwd
import signal
import subprocess
import tempfile
import threading

from backends import Backend, write

POSTGRESQL_PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]  # a folder a major version
POSTGRESQL_SCHEMA = "/usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"
MARIADB_SCHEMA = "/usr/share/pdns-backend-mysql/schema/schema.mysql.sql"


class DatabaseServer:
    """One server in a folder of its own, reached by a socket in it. It may be stopped and started again."""
    user = ""  # neither server runs as root
    ready = ""  # what it logs when it can be asked
    end = signal.SIGTERM
    crash = signal.SIGKILL
    _shared = {}

    def __init__(self):
        self._scratch = tempfile.TemporaryDirectory(prefix="caapolicy-db-")
        self.folder = self._scratch.name
        self.process = None
        self._names = itertools.count()
        self._as_user = {}
        if os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self.run(*self.create_command())
        self.start()
        self.prepare()

    @classmethod
    def shared(cls):
        """This process's server of the kind."""
        if cls not in cls._shared:
            cls._shared[cls] = cls()
            atexit.register(cls._shared[cls].close)
        return cls._shared[cls]

    def create_command(self):
        raise NotImplementedError

    def serve_command(self):
        raise NotImplementedError

    def prepare(self):
        """What comes once, before the first database."""

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=self.folder, **self._as_user)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        """Gives back control when it can be asked."""
        # Not SIGKILL: the server ends what it has started. This comes after the change of user, which would undo it.
        self.process = subprocess.Popen(
            self.serve_command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", cwd=self.folder, preexec_fn=lambda: ctypes.CDLL(None).prctl(1, self.end), **self._as_user)
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if self.ready in line:
                break
        else:
            self.process.wait()
            self.process = None
            raise AssertionError(f"{self.serve_command()[0]} has not started:\n{''.join(lines)}")
        self._drain = threading.Thread(target=self._drop_log, args=(self.process.stdout,), daemon=True)
        self._drain.start()

    @staticmethod
    def _drop_log(log):
        with log:
            for _ in log:
                pass

    def stop(self, crash=False):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(self.crash if crash else self.end)
        process.wait(60)
        self._drain.join()

    def close(self):
        try:
            self.stop()
        finally:
            self._scratch.cleanup()

    def new_name(self):
        return f"zones{next(self._names)}"


class PostgreSQL(DatabaseServer):
    user = "postgres"
    ready = "database system is ready to accept connections"
    end = signal.SIGINT  # SIGTERM waits for the clients to go
    crash = signal.SIGQUIT  # SIGKILL would leave processes that keep it from starting again

    def create_command(self):
        return [f"{POSTGRESQL_PROGRAMS[0]}/initdb", "--no-sync", "--auth=trust", "--username=pdns", "--encoding=UTF8",
                "--locale=C", f"--pgdata={self.folder}/data"]

    def serve_command(self):
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off", "shared_buffers": "16MB"}
        return [f"{POSTGRESQL_PROGRAMS[0]}/postgres", "-D", f"{self.folder}/data",
                *(f"--{key}={value}" for key, value in settings.items())]

    def execute(self, database, statement):
        """What it prints."""
        return self._psql(database, f"--command={statement}")

    def _psql(self, database, *args):
        return self.run("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
                        f"--host={self.folder}", "--username=pdns", f"--dbname={database}", *args)

    def prepare(self):
        self.execute("postgres", "CREATE DATABASE schema")
        self._psql("schema", f"--file={POSTGRESQL_SCHEMA}")

    def create_database(self):
        name = self.new_name()
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE schema")
        return name


class MariaDB(DatabaseServer):
    user = "mysql"
    ready = "ready for connections"

    def create_command(self):
        return ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--skip-test-db",
                "--auth-root-authentication-method=normal"]

    def serve_command(self):
        # /usr/sbin isn't in everybody's PATH. Commits are to outlive a crash of the server, but not one of the machine.
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/socket",
                f"--pid-file={self.folder}/pid", "--skip-networking", "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=32M"]

    def execute(self, database, statement):
        """What it prints."""
        return self.run("mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root", "--skip-column-names",
                        "--batch", f"--execute={statement}", *([database] if database else []))

    def create_database(self):
        name = self.new_name()
        self.execute(None, f"CREATE DATABASE {name}")
        self.execute(name, f"source {MARIADB_SCHEMA}")
        return name


class _InDatabase(Backend):
    """A database with Debian's schema, filled by `pdnsutil load-zone`."""
    kind = None

    def __init__(self, zones, server=None):
        super().__init__(zones)
        self.server = server or self.kind.shared()
        self.database = self.server.create_database()
        self.settings = self.settings_for(self.server, self.database)
        for zone, text in zones.items():
            self.load_zone(zone, text)

    def settings_for(self, server, database):
        raise NotImplementedError


class Gpgsql(_InDatabase):
    name = "gpgsql"
    kind = PostgreSQL

    def settings_for(self, server, database):
        return {"gpgsql-host": server.folder, "gpgsql-dbname": database, "gpgsql-user": "pdns", "gpgsql-dnssec": "yes"}


class Gmysql(_InDatabase):
    name = "gmysql"
    kind = MariaDB

    def settings_for(self, server, database):
        return {"gmysql-socket": f"{server.folder}/socket", "gmysql-dbname": database, "gmysql-user": "root",
                "gmysql-dnssec": "yes"}
