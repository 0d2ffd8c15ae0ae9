# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a server takes to load a policy when it starts, and what it has in memory for it."""
import contextlib
import statistics
import threading
import time

import backends
import inputs
import memory
import result
import server

# The targets are for a million approvals.
MILLION = 1000000
LOAD_TARGETS = {"jsonl": 4, "yaml": 20}


class _Started:
    """A server that has loaded a policy: how long it took, and its memory then."""

    def __init__(self, zones, count, form, files):
        self.server = server.Pdns(zones, pinned=False)
        self.form = form
        inputs.write_policy(self.server.policy_folder, count, form, files)
        loaded = []
        watch = threading.Thread(target=lambda: loaded.append(self._loaded()))
        begun = time.monotonic()
        watch.start()
        try:
            self.server.start()
        finally:
            watch.join()
        self.seconds = loaded[0] - begun
        self.resident = memory.settled(self.server.pid)

    def _loaded(self):
        try:
            self.server.wait_log(r"policy .* loaded: ")
        except AssertionError: # start() tells
            pass
        return time.monotonic()

    def reload(self, count, files):
        """Changes one file. Returns the memory at the peak, and at rest afterwards."""
        path = inputs.approval_file(self.server.policy_folder, files // 2, self.form)
        numbers = inputs.numbers_of_file(files // 2, count, files)
        memory.forget_peak(self.server.pid)
        mark = self.server.mark()
        backends.write(path, inputs.approvals_text(numbers[1:], self.form)) # one approval less
        self.server.wait_log(r"policy .* reloaded: ", since=mark)
        after = memory.settled(self.server.pid)
        return memory.peak(self.server.pid), after

    def close(self):
        self.server.close()


def _measure(options, keys, form, files):
    count = options.approvals
    times = []
    with contextlib.closing(backends.Bind({inputs.ZONE: inputs.zone_head()})) as zones:
        empty = _Started(zones, 0, form, 1)
        empty.close()
        for _ in range(max(1, min(3, options.pairs))):
            with contextlib.closing(_Started(zones, count, form, files)) as started:
                times.append(started.seconds - empty.seconds)
                peak, after = started.reload(count, files)
    loaded = statistics.median(times)
    where = f"`.{form}`" + (f" in {files:,} files" if files > 1 else "")
    full = count >= MILLION
    if f"load-{form}" in keys:
        yield result.line(f"load-{form}", f"start with {count:,} approvals from {where}", f"{1e6 * loaded / count:.2f} µs each", loaded,
                          f"≤ {LOAD_TARGETS[form]}" if full else "", " s")
    each = max((started.resident - empty.resident) / count, 1) # tiny policies drown in what varies from start to start
    later, most = (after - empty.resident) / count, (peak - empty.resident) / count
    told = f"{each:.0f} after the start, {later:.0f} after a reload, {most:.0f} at its peak"
    if "memory" in keys:
        yield result.line("memory", f"memory of a server for each of {count:,} approvals, beyond an empty policy", told,
                          max(each, later), "≤ 250" if full else "", " bytes")
    if "memory-peak" in keys:
        yield result.line("memory-peak", f"memory at the peak of a reload of one file among {files:,} / at rest", told, most / each,
                          "≤ 2.5" if full else "")
    if "memory-peak-jsonl" in keys:
        yield result.line("memory-peak-jsonl", f"memory at the peak of a reload of all of them from one {where} / at rest", told, most / each,
                          "≤ 2.5" if full else "")


GROUPS = [(lambda options, keys: _measure(options, keys, "jsonl", 1), ["load-jsonl", "memory-peak-jsonl"]),
          (lambda options, keys: _measure(options, keys, "yaml", options.files), ["load-yaml", "memory", "memory-peak"])]
