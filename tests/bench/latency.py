# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that asks for CAA at a steady rate, and keeps for each query when it was sent, when answered, and with what.

The kernel says when an answer came: how late this client finds the time to take it is none of the server's latency."""
import collections
import selectors
import socket
import struct
import threading
import time

import wire

Answer = collections.namedtuple("Answer", "name sent received content") # times of the wall clock; content: see wire.caa_of
LATE = 1.0    # seconds
GIVE_UP = 3.0 # seconds after the last query
SO_TIMESTAMPNS = 35 # socket(7); not among Python's constants
TIMESPEC = struct.Struct("qq")


class Client:
    """Asks for the names in turn until it is stopped."""

    def __init__(self, port, names, rate):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._names = names
        self._questions = [wire.question(name, "CAA") for name in names]
        self._interval = 1 / rate
        self._stop = threading.Event()
        self._raw = []      # (index of the name, sent, received, message)
        self._pending = {}  # number -> (index, sent)
        self.lost = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def answers(self):
        """Once it has stopped."""
        return [Answer(self._names[index], sent, received, wire.caa_of(message, self._questions[index]))
                for index, sent, received, message in self._raw]

    def _run(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            count = 0
            due = time.monotonic()
            while not self._stop.is_set():
                due += self._interval
                self._send(count)
                count += 1
                while (left := due - time.monotonic()) > 0:
                    if selector.select(left):
                        self._receive()
                due = max(due, time.monotonic() - 0.01) # what the machine kept us from is not made up for at once
            end = time.monotonic() + GIVE_UP
            while self._pending and (left := end - time.monotonic()) > 0:
                if selector.select(left):
                    self._receive()
        self.lost += len(self._pending)

    def _send(self, count):
        number, index = count & 0xffff, count % len(self._questions)
        if number in self._pending: # 65,536 queries ago
            self.lost += 1
        self._pending[number] = index, time.time()
        try:
            self._socket.send(wire.query(number, self._questions[index]))
        except ConnectionRefusedError: # nobody was there for an earlier one: they count as lost
            pass

    def _receive(self):
        while True:
            try:
                message, told, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(TIMESPEC.size))
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            index, sent = self._pending.pop(wire.number_of(message), (None, None))
            if index is not None:
                self._raw.append((index, sent, received(told), message))


def received(told):
    """When, by what the kernel says with a message."""
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESPEC.unpack(data)
            return seconds + nanoseconds / 1e9
    raise AssertionError("the kernel doesn't say when a message came")


def percentile(answers, share):
    """Of the latencies, in milliseconds."""
    latencies = sorted(answer.received - answer.sent for answer in answers)
    return 1000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))]


def late(answers):
    return sum(answer.received - answer.sent > LATE for answer in answers)
