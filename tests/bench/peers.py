# SPDX-License-Identifier: GPL-2.0-or-later
"""Other ways to serve the same CAA records: PowerDNS with LUA records or a program behind it, NSD, Knot."""
import os
import signal
import socket
import subprocess
import sys

import backends
import harness
import inputs
import secondaries
import server
import subject

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookup_program.py")


class RemoteBackend(backends.Backend):
    """The remote backend and the program that it asks."""
    name = "remote"

    def __init__(self, count):
        super().__init__({})
        path = f"{self.folder}/socket"
        self.settings = {"remote-connection-string": f"unix:path={path}", "remote-dnssec": "no"}
        # With a session of its own, for it starts processes.
        self.process = subprocess.Popen([*server.on_core(server.SERVER_CORE), sys.executable, "-B", PROGRAM, "remote", str(count), path],
                                        start_new_session=True)
        harness.wait_until(lambda: self._listens(path), server.PATIENCE, "the lookup program's socket")

    @staticmethod
    def _listens(path):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(path) == 0

    def close(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(harness.TIMEOUT)
        super().close()


class PipeBackend(backends.Backend):
    name = "pipe"

    def __init__(self, count):
        super().__init__({})
        command = backends.write(f"{self.folder}/lookup", f"#!/bin/sh\nexec {sys.executable} -B {PROGRAM} pipe {count}\n")
        os.chmod(command, 0o755)
        self.settings = {"pipe-command": command, "pipe-abi-version": "1", "pipe-timeout": str(server.PATIENCE * 1000)}


class _FromFile:
    """A zone that is a file."""

    def __init__(self, count):
        super().__init__([inputs.ZONE])
        backends.write(f"{self.folder}/{inputs.ZONE}.zone", inputs.zone_with_caa(count))

    def configuration(self, primary_port):
        return [*server.on_core(server.SERVER_CORE), *super().configuration(primary_port)]


class _Nsd(_FromFile, secondaries.Nsd):
    pass


class _Knot(_FromFile, secondaries.KnotPrimary):
    pass


def lua(count):
    return subject.pdns("LUA record", backends.Bind({inputs.ZONE: inputs.zone_with_lua(count)}),
                        settings={"enable-lua-records": "yes"})


def remote(count):
    return subject.pdns("remote backend", RemoteBackend(count), settings={"zone-cache-refresh-interval": "0"})


def pipe(count):
    # It can't list its zones, so there can be no cache of them.
    return subject.pdns("pipe backend", PipeBackend(count), settings={"zone-cache-refresh-interval": "0"})


def nsd(count):
    return subject.Subject("NSD", _Nsd(count).start(None))


def knot(count):
    return subject.Subject("Knot", _Knot(count).start(None))
