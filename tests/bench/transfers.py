# SPDX-License-Identifier: GPL-2.0-or-later
"""Zone transfers of names that the policy adds, held against the same records stored: records a second, and memory."""
import contextlib
import socket
import struct
import time

import inputs
import load
import memory
import published
import result
import server
import wire

KEYS = ["transfer", "transfer-memory"]


def _receive(connection, length):
    parts = []
    while length:
        part = connection.recv(min(length, 1 << 16))
        if not part:
            raise AssertionError("the transfer has broken off")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def transfer(port):
    """How many records there are, and the seconds that it took."""
    asked = wire.query(1, wire.question(inputs.ZONE, "AXFR"))
    timers = struct.pack("!IIII", 10800, 3600, 604800, 300) # the end of the SOA record, which begins and ends a transfer
    records = 0
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), server.PATIENCE) as connection:
        connection.sendall(struct.pack("!H", len(asked)) + asked)
        while True:
            message = _receive(connection, struct.unpack("!H", _receive(connection, 2))[0])
            if message[3] & 15:
                raise AssertionError(f"the transfer is refused with RCODE {message[3] & 15}")
            first = records == 0
            records += wire.answers_of(message)
            if message.endswith(timers) and not (first and wire.answers_of(message) == 1):
                return records, time.monotonic() - begun


def _measure(options, keys):
    with contextlib.ExitStack() as running:
        pair = published.pair(running, options.approvals)
        samples = {one.name: [] for one in pair}
        beyond = {one.name: [] for one in pair}
        counts = set()
        for turn in range(options.pairs + 1):
            for one in pair if turn % 2 else reversed(pair):
                resting = memory.settled(one.running.pid)
                memory.forget_peak(one.running.pid)
                before = load.cpu_seconds(one.pids())
                records, seconds = transfer(one.port)
                cpu = 1e6 * (load.cpu_seconds(one.pids()) - before) / records
                counts.add(records)
                beyond[one.name].append(memory.peak(one.running.pid) - resting)
                if turn: # the first one warms up
                    samples[one.name].append(load.Sample(records / seconds, cpu))
    if len(counts) != 1 or min(counts) < options.approvals:
        raise AssertionError(f"transfers of {counts} records")
    if "transfer" in keys:
        wrapped, bare = samples["wrapped"], samples["bare"]
        yield result.line("transfer", f"zone transfer, {options.approvals:,} names published / the same {min(counts):,} records stored in bare bind",
                          load.figures(wrapped, bare), load.rate_ratio(wrapped, bare), "≥ 0.8")
    if "transfer-memory" in keys:
        most = [max(beyond[one.name]) / 2**20 for one in pair]
        yield result.line("transfer-memory", "memory at its peak during that transfer, beyond the server at rest",
                          f"{most[0]:.1f} MiB, {most[1]:.1f} MiB bare", most[0], "", " MiB")


GROUPS = [(_measure, KEYS)]
