# SPDX-License-Identifier: GPL-2.0-or-later
"""Who validates: unbound as a resolver of one server's zones, delv by itself, and ldns-verify-zone for whole ones."""
import re
import subprocess
import tempfile
import threading

import dns_client
from harness import _die_with_parent, free_port, run, wait_until


# For PowerDNS in front of unbound, where zones have a DNAME: else PowerDNS shuffles what is in an answer by UDP, and where what is at
# the alias's target comes between the DNAME and its CNAME, unbound misses the signature and takes the answer for bogus.
IN_ORDER = {"no-shuffle": "yes"}


class Unbound:
    """Trusts the DS records of the zones and asks the server for them. Uses NSEC aggressively (RFC 8198).

    zones   those that the server has; by default those of the trust anchors
    """

    def __init__(self, server, anchors, zones=()):
        self._scratch = tempfile.TemporaryDirectory(prefix="caapolicy-unbound-")
        self.port = free_port()
        zones = list(zones) or {anchor.split()[0] for anchor in anchors}
        config = f"{self._scratch.name}/unbound.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""server:
  directory: "{self._scratch.name}"
  chroot: ""
  username: ""
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  verbosity: 1
  val-log-level: 2
  interface: 127.0.0.1@{self.port}
  access-control: 127.0.0.0/8 allow_snoop
  do-not-query-localhost: no
  aggressive-nsec: yes
  module-config: "validator iterator"
  num-threads: 1
""")
            file.writelines(f'  trust-anchor: "{anchor}"\n' for anchor in anchors)
            file.writelines(f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{server.port}\n' for zone in zones)
            file.write("remote-control:\n  control-enable: no\n")
        self._process = subprocess.Popen(["unbound", "-d", "-c", config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True, preexec_fn=_die_with_parent)
        self.log = []
        self._reader = threading.Thread(target=lambda: self.log.extend(self._process.stdout), daemon=True)
        self._reader.start()
        wait_until(lambda: any("start of service" in line for line in self.log), what="unbound's start")

    def ask_many(self, questions, *options):
        return dns_client.dig_many(self.port, questions, "+recurse", "+dnssec", *options)

    def bogus(self):
        """What it says of answers that don't validate."""
        return [line for line in self.log if "validation failure" in line]

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._scratch.cleanup()


class Delv:
    """Trusts the DS records of the zones."""

    def __init__(self, anchors):
        self._file = tempfile.NamedTemporaryFile("w", prefix="caapolicy-delv-", suffix=".conf")
        self._zones = []
        self._file.write("trust-anchors {\n")
        for anchor in anchors:
            zone, _, _, tag, algorithm, digest, data = anchor.split()
            self._zones.append(zone)
            self._file.write(f'  "{zone}" static-ds {tag} {algorithm} {digest} "{data}";\n')
        self._file.write("};\n")
        self._file.flush()

    def ask(self, port, name, rrtype, *options):
        """What it says of the parts of the answer ("fully validated", "unsigned answer"), and all that it prints."""
        zone = next(zone for zone in self._zones if f".{name}.".endswith(f".{zone}"))
        text = dns_client.run("delv", "-a", self._file.name, f"+root={zone}", "@127.0.0.1", "-p", str(port), *options,
                              "-q", name, "-t", rrtype)
        return set(re.findall(r"^; (?:negative response, )?([a-z ]+)$", text, re.M)), text

    def close(self):
        self._file.close()


def anchors_of(backend, zone):
    """The DS records of a zone that pdnsutil has signed."""
    return re.findall(rf"^DS = ({re.escape(zone.rstrip('.'))}\. IN DS \d+ \d+ 2 [0-9a-f]+)", backend.pdnsutil("show-zone", zone), re.M)


def verify_transfer(records):
    """Is all of a transferred zone signed, and its chain of denial whole?"""
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
        # Transfers end with the SOA of their beginning, which dig's +onesoa leaves out.
        file.writelines(f"{record.name} {record.ttl} IN {record.type} {record.data}\n" for record in records)
        file.flush()
        done = run(["ldns-verify-zone", file.name])
    if (done.returncode, done.stderr) != (0, "") or "Zone is verified and complete" not in done.stdout:
        raise AssertionError(done.stdout + done.stderr)
