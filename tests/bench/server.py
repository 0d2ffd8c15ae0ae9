# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers that are measured: those of the integration tests, with time for large zones, and pinned to a core."""
import os

import harness

PATIENCE = 120  # seconds; for a million names in the slowest way to read them
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]

PACKET_CACHE_ON = {**harness.UNCACHED, "cache-ttl": "60"}
ONE_THREAD = {"receiver-threads": "1", "distributor-threads": "1", "signing-threads": "1", "retrieval-threads": "1",
              "loglevel": "4"}


def on_core(core):
    """The words before a command that keep it on one core, where there are two."""
    return ["taskset", "--cpu-list", str(core)] if len(CORES) > 1 else []


class Pdns(harness.Server):
    """One pdns_server with a single thread for queries. `pinned`: on a core of its own, the client being on the other.

    `module`: with the module under test; without, nothing of it is loaded.
    """

    def __init__(self, backend=None, module=True, pinned=True, within=(), settings=None):
        super().__init__(backend, launch=None if module else backend.name, within=[*(on_core(SERVER_CORE) if pinned else ()), *within],
                         settings={**harness.UNCACHED, **ONE_THREAD, **({} if module else {"load-modules": None}), **(settings or {})})

    def wait_log(self, pattern, since=0, timeout=PATIENCE):
        return super().wait_log(pattern, since, timeout)

    @property
    def pid(self):
        return self.process.pid
