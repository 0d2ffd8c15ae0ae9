# SPDX-License-Identifier: GPL-2.0-or-later
"""Name servers that are fed by NOTIFY and zone transfers: NSD, Knot, and a second pdns_server.

Each runs in a folder of its own, on the port it was given, as a process in the foreground.
"""
import grp
import os
import pwd
import signal
import subprocess
import tempfile

import backends
import dns_client
import harness
from backends import write
from resolver import IN_ORDER


class Daemon:
    """A secondary of `zones`. Its port is known at once; it is started when that of the primary is known."""

    def __init__(self, zones):
        self._scratch = tempfile.TemporaryDirectory(prefix="caapolicy-secondary-")
        self.folder = self._scratch.name
        self.zones = zones
        self.port = harness.free_port()
        self.process = None

    def configuration(self, primary_port):
        """Writes it, and gives the command line."""
        raise NotImplementedError

    def start(self, primary_port):
        command = self.configuration(primary_port)
        self._log = open(f"{self.folder}/log", "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)
        harness.wait_until(self._answers, what=f"an answer of {command[0]}")
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise harness.StartError(self.log())
        try:
            return self.dig(self.zones[0], "SOA")
        except AssertionError:  # no answer
            return None

    def log(self):
        with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(harness.TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self._log.close()
        self._scratch.cleanup()

    def dig(self, name, rrtype="A", *options):
        return dns_client.dig(self.port, name, rrtype, *options)

    def dig_many(self, questions, *options):
        return dns_client.dig_many(self.port, questions, *options)

    def axfr(self, zone, *options):
        return dns_client.axfr(self.port, zone, *options)


class Nsd(Daemon):
    """Without a primary (None), its zones are files."""

    def configuration(self, primary_port):
        user = pwd.getpwuid(os.getuid()).pw_name
        primary = f"""  allow-notify: 127.0.0.1 NOKEY
  request-xfr: AXFR 127.0.0.1@{primary_port} NOKEY
""" if primary_port else ""
        zones = "".join(f"""
zone:
  name: {zone}
  zonefile: {self.folder}/{zone}.zone
  provide-xfr: 127.0.0.1 NOKEY
{primary}""" for zone in self.zones)
        write(f"{self.folder}/nsd.conf", f"""
server:
  ip-address: 127.0.0.1
  port: {self.port}
  server-count: 1
  username: {user}
  zonesdir: {self.folder}
  pidfile: ""
  xfrdfile: {self.folder}/xfrd.state
  xfrdir: {self.folder}
  database: ""
  zonelistfile: {self.folder}/zone.list
  xfrd-reload-timeout: 0
  refuse-any: no
remote-control:
  control-enable: no
{zones}""")
        return ["nsd", "-d", "-c", f"{self.folder}/nsd.conf"]


class _KnotDaemon(Daemon):
    def configure(self, remotes, action, template):
        """`remotes`: ports by their ids. `template`: lines for all zones."""
        user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        remotes = "".join(f"  - id: {name}\n    address: 127.0.0.1@{port}\n" for name, port in remotes.items())
        template = "".join(f"    {line}\n" for line in template)
        zones = "".join(f"  - domain: {zone}\n" for zone in self.zones)
        write(f"{self.folder}/knot.conf", f"""
server:
  listen: 127.0.0.1@{self.port}
  rundir: {self.folder}
  user: {user}:{group}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {self.folder}
  journal-db-max-size: 16M
  kasp-db-max-size: 16M
log:
  - target: stderr
    any: info
remote:
{remotes}
acl:
  - id: neighbours
    address: 127.0.0.1
    action: {action}
template:
  - id: default
    storage: {self.folder}
    acl: neighbours
    zonefile-sync: -1
    semantic-checks: off
{template}
zone:
{zones}""")
        return ["knotd", "-c", f"{self.folder}/knot.conf"]


class Knot(_KnotDaemon):
    def configuration(self, primary_port):
        return self.configure({"primary": primary_port}, "[notify, transfer]",
                              ["master: primary", "journal-content: none", "zonefile-load: none"])


class KnotPrimary(_KnotDaemon):
    """A primary, whose zones are files. It tells `notified` ports of changes, and sends what differs to who wants no more."""
    notified = ()

    def write_zone(self, zone, text):
        write(f"{self.folder}/{zone}.zone", text)

    def reload(self, zone):
        """Reads the file again."""
        self._control("zone-reload", zone)

    def notify(self, zone):
        """Tells of the zone though nothing has changed."""
        self._control("zone-notify", zone)

    def _control(self, *command):
        done = harness.run(["knotc", "--blocking", "-s", f"{self.folder}/knot.sock", *command])
        if done.returncode != 0:
            raise AssertionError(f"knotc {' '.join(command)} failed:\n{done.stdout}{done.stderr}{self.log()}")

    def configuration(self, _):
        remotes = {f"s{port}": port for port in self.notified}
        notify = [f"notify: [{', '.join(remotes)}]"] if remotes else []
        return self.configure(remotes, "transfer", ['file: "%s.zone"', "journal-content: all", "zonefile-load: difference", *notify])


class Pdns(Daemon):
    """A second PowerDNS, without the module."""

    def __init__(self, zones):
        super().__init__(zones)
        self._database = backends.Gsqlite3({})
        self._server = harness.Server(self._database, launch="gsqlite3", policy=None, settings={
            "load-modules": None, "secondary": "yes", "xfr-cycle-interval": "1", "dname-processing": "yes",
            "zone-cache-refresh-interval": "0", **IN_ORDER, **harness.UNCACHED})
        self.port = self._server.start().port

    def start(self, primary_port):
        for zone in self.zones:
            self._database.pdnsutil("create-secondary-zone", zone, f"127.0.0.1:{primary_port}")
        return self

    def log(self):
        return self._server.log()

    def close(self):
        self._server.close()
        self._database.close()
        super().close()
