# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of DNS messages as a client that measures needs: it must not be what takes the time."""
import socket
import struct

import harness

TYPES = {"A": 1, "TXT": 16, "AXFR": 252, "CAA": 257}


def question(name, rrtype):
    labels = name.rstrip(".").split(".")
    return b"".join(bytes((len(label),)) + label.encode() for label in labels) + b"\0" + struct.pack("!HH", TYPES[rrtype], 1)


def query(number, asked):
    """A query of an encoded question."""
    return struct.pack("!HHHHHH", number, 0, 1, 0, 0, 0) + asked


def number_of(message):
    return message[0] << 8 | message[1]


def client(port):
    """A socket for `ask`."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(harness.TIMEOUT)
    made.connect(("127.0.0.1", port))
    return made


def ask(by, number, asked):
    """The message that answers a query, when it has come."""
    by.send(query(number, asked))
    message = by.recv(4096)
    if number_of(message) != number:
        raise AssertionError("another answer")
    return message


def answers_of(message):
    """How many records are in the answer section."""
    return message[6] << 8 | message[7]


def caa_of(message, asked):
    """The RCODE and the CAA records of the answer as a set of bytes. Their owners are pointers to the question."""
    position = 12 + len(asked)
    records = set()
    for _ in range(answers_of(message)):
        _, rrtype, _, _, length = struct.unpack_from("!HHHIH", message, position)
        position += 12
        if rrtype == TYPES["CAA"]:
            records.add(message[position:position + length])
        position += length
    return message[3] & 15, frozenset(records)


def _caa_data(text):
    """`0 issue ";"` as the record's data."""
    flags, tag, value = text.split(" ", 2)
    return bytes((int(flags), len(tag))) + tag.encode() + value.strip('"').encode()


def caa_set(texts):
    """What `caa_of` gives for an answer with these."""
    return 0, frozenset(map(_caa_data, texts))
