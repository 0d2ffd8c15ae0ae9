# SPDX-License-Identifier: GPL-2.0-or-later
"""Real PowerDNS servers for tests.

    class Something(harness.TestCase):
        def test_it(self):
            zones = self.keep(backends.Bind({"example.com": ZONE}))
            server = self.serve(zones, policy="version: 1\\nsubtrees: {}\\n")
            self.assertEqual(server.dig("www.example.com", "CAA").data("CAA"), ['0 issue ";"'])

A server has a folder and a port of 127.0.0.1 of its own, ends with its test at the latest, and its log is printed when
the test fails. Nothing in here waits by the clock: `wait_until` and `wait_log` wait for what is to happen.

Environment: CAAPOLICY_MODULE is the module to test (default: build/plugin/libcaapolicybackend.so), PDNS_SERVER the
server.
"""
import ctypes
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import dns_client
from backends import write

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULE = os.environ.get("CAAPOLICY_MODULE", f"{ROOT}/build/plugin/libcaapolicybackend.so")
PDNS_SERVER = os.environ.get("PDNS_SERVER", "/usr/sbin/pdns_server")
EMPTY_POLICY = "version: 1\nsubtrees: {}\n"
UNCACHED = {"cache-ttl": "0", "query-cache-ttl": "0", "negquery-cache-ttl": "0"}
TIMEOUT = 20  # seconds; far beyond what anything takes that works


def wait_until(predicate, timeout=TIMEOUT, what="the condition"):
    """Waits until the predicate gives something true, and returns that."""
    end = time.monotonic() + timeout
    while not (result := predicate()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} has not come true in {timeout} s")
        time.sleep(0.02)
    return result


def utc(instant):
    """As policies write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


def run(command):
    """The finished process: returncode, stdout, stderr."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def free_port():
    """A port that is free for UDP and for TCP just now, and that the kernel gives to no client (it begins at 32768)."""
    while True:
        address = ("127.0.0.1", random.randrange(10240, 32768))
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
             socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(address)
                udp.bind(address)
            except OSError:
                continue
            return address[1]


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no server outlives a test that was killed


class StartError(AssertionError):
    """The server ended instead of serving; `log` says why."""

    def __init__(self, log):
        super().__init__(f"pdns_server has not started:\n{log}")
        self.log = log


class Server:
    """One pdns_server.

    backend   what it serves (see backends.py), or None
    launch    the launch line; by default `caapolicy:` and the backend
    policy    text of the root policy file, or None: no file
    files     more files, by their paths relative to the policy's folder
    settings  more settings of PowerDNS
    within    words of a command that becomes the server
    """

    def __init__(self, backend=None, launch=None, policy=EMPTY_POLICY, files=None, settings=None, within=()):
        self._scratch = tempfile.TemporaryDirectory(prefix="caapolicy-server-")
        self.folder = self._scratch.name
        self.backend = backend
        self._within = within
        self.port = None
        self.process = None
        self.status = None  # exit status of a start that failed
        self.policy_folder = f"{self.folder}/caa"
        self.policy_file = f"{self.policy_folder}/policy.yaml"
        os.mkdir(self.policy_folder)
        if policy is not None:
            self.write_policy(policy)
        for path, text in (files or {}).items():
            write(f"{self.policy_folder}/{path}", text)
        if launch is None:
            launch = "caapolicy" + (f":{backend.name}" if backend else "")
        self.launch = launch
        self.settings = {
            "launch": launch,
            "load-modules": MODULE,
            "local-address": "127.0.0.1",
            "socket-dir": self.folder,
            "daemon": "no",
            "guardian": "no",
            "disable-syslog": "yes",
            "log-timestamp": "no",
            "loglevel": "6",
            "security-poll-suffix": "",
            "version-string": "anonymous",
            "allow-axfr-ips": "127.0.0.0/8",
            "8bit-dns": "no",
            **(backend.settings if backend else {}),
        }
        # PowerDNS refuses settings of modules that aren't launched.
        if "caapolicy" in launch:
            self.settings["caapolicy-policy"] = self.policy_file
        self.settings.update(settings or {})
        self._write_config()
        self._lines = []
        self._ended = False  # all of the log of a server that ended has been read
        self._changed = threading.Condition()

    def _write_config(self):
        write(f"{self.folder}/pdns.conf",
              "".join(f"{key}={value}\n" for key, value in self.settings.items() if value is not None))

    def write_policy(self, text, path=None):
        """Replaces the root policy file, or another one relative to its folder, in one step."""
        return write(f"{self.policy_folder}/{path}" if path else self.policy_file, text)

    # Life.

    def start(self):
        for _ in range(10):
            self.port = free_port()
            self.settings["local-port"] = self.port
            if self.settings.get("webserver") == "yes":
                self.settings["webserver-port"] = free_port()
            self._write_config()
            mark = self.mark()
            self._launch()
            try:
                # The last line of a start, after the zones have been read; the second one is said with distributor-threads=1.
                self.wait_log(r"Done launching threads, ready to distribute questions|operating unthreaded", since=mark)
                if "Listening on HTTP socket failed" in self.log(mark):
                    self.stop()
                    continue
                return self
            except StartError as error:
                self.status = self.process.wait()
                self.process = None
                # Another process took the port meanwhile.
                if not re.search(r"Address already in use|[Uu]nable to bind|binding to", error.log):
                    raise
        raise AssertionError("no free port found")

    def _launch(self):
        self._ended = False
        self.process = subprocess.Popen(
            [*self._within, PDNS_SERVER, f"--config-dir={self.folder}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", preexec_fn=_die_with_parent)
        self._reader = threading.Thread(target=self._read_log, args=(self.process,), daemon=True)
        self._reader.start()

    def _read_log(self, process):
        with process.stdout:
            for line in process.stdout:
                with self._changed:
                    self._lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        process.wait()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def stop(self):
        """Ends the server. A server that had ended by itself is an error."""
        if self.process is None:
            return
        process, self.process = self.process, None
        status = process.poll()
        if status is None:
            process.terminate()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError("pdns_server had to be killed") from None
        self._reader.join()
        if status is not None:
            raise AssertionError(f"pdns_server ended by itself with status {status}:\n{self.log()}")

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        try:
            self.stop()
        finally:
            self._scratch.cleanup()

    # Log.

    def mark(self):
        """A place in the log, for `since`."""
        with self._changed:
            return len(self._lines)

    def log(self, since=0):
        with self._changed:
            return "\n".join(self._lines[since:])

    def wait_log(self, pattern, since=0, timeout=TIMEOUT):
        """Waits for a line that the regular expression is found in, and returns its match."""
        end = time.monotonic() + timeout
        seen = since
        with self._changed:
            while True:
                ended = self._ended  # before looking: the last lines come before the end
                for line in self._lines[seen:]:
                    if match := re.search(pattern, line):
                        return match
                seen = len(self._lines)
                if ended:
                    raise StartError("\n".join(self._lines[since:]))
                if time.monotonic() > end:
                    text = "\n".join(self._lines[since:])
                    raise AssertionError(f"`{pattern}` has not been logged in {timeout} s:\n{text}")
                self._changed.wait(max(0, end - time.monotonic()))

    # Questions.

    def dig(self, name, rrtype="A", *options):
        return dns_client.dig(self.port, name, rrtype, *options)

    def dig_many(self, questions, *options):
        return dns_client.dig_many(self.port, questions, *options)

    def kdig(self, name, rrtype="A", *options):
        return dns_client.kdig(self.port, name, rrtype, *options)

    def axfr(self, zone, *options):
        return dns_client.axfr(self.port, zone, *options)

    # Control.

    def _run(self, program, *args, check=True):
        done = run([program, f"--config-dir={self.folder}", *args])
        if check and done.returncode != 0:
            raise AssertionError(f"{program} {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
        return done

    def control(self, *args):
        """What `pdns_control` prints."""
        return self._run("pdns_control", *args).stdout

    def pdnsutil(self, *args):
        """What `pdnsutil` prints with this server's own configuration, so with the module."""
        return self._run("pdnsutil", *args).stdout

    def try_pdnsutil(self, *args):
        """The finished process: returncode, stdout, stderr."""
        return self._run("pdnsutil", *args, check=False)

    def statistic(self, name):
        return int(self.control("show", name))


class TestCase(unittest.TestCase):
    """Ends servers and removes backends after each test, and prints the servers' logs if it failed."""

    def keep(self, resource):
        """Closes it after the test."""
        self.addCleanup(resource.close)
        return resource

    def serve(self, *args, **kwargs):
        server = Server(*args, **kwargs)
        self.keep(server)
        self._servers.append(server)
        return server.start()

    def run(self, result=None):
        self._servers = []
        problems = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > problems:
            for server in self._servers:
                print(f"--- {self.id()}: log of launch={server.launch}\n{server.log()}\n---", file=sys.stderr)
