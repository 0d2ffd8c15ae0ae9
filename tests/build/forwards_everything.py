#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""forwards_everything.py DNSBACKEND_HH FORWARDING_HH

Fails when PowerDNS's class DNSBackend has a virtual function that ForwardingBackend doesn't override: the compiler
can't tell, and a release that adds one would answer past the wrapped backend.
"""
import collections
import re
import sys


def class_body(text, name):
    """The text between the braces of `class NAME … { }`."""
    start = re.search(r"\bclass\s+%s\b[^;{]*\{" % name, text).end()
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    raise ValueError(f"class {name} has no end")


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def functions(body, pattern):
    return collections.Counter(re.findall(pattern, body))


def main():
    backend, forwarding = (without_comments(open(path, encoding="utf-8").read()) for path in sys.argv[1:3])
    declared = functions(class_body(backend, "DNSBackend"), r"\bvirtual\b[^;{}()~]*?(\w+)\s*\(")
    overridden = functions(class_body(forwarding, "ForwardingBackend"), r"(\w+)\([^;{}]*\)\s*override\s*;")
    if len(declared) < 60:
        sys.exit(f"only {len(declared)} virtual functions found in DNSBackend: this test can't read the header")
    missing = declared - overridden
    for name in sorted(missing):
        print(f"DNSBackend::{name}: {declared[name]} virtual, {overridden[name]} overridden by ForwardingBackend")
    if missing:
        sys.exit(1)
    print(f"all {sum(declared.values())} virtual functions of DNSBackend are forwarded")


if __name__ == "__main__":
    main()
