#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody would write who gives PowerDNS the same CAA records by a program: for the remote and the pipe backend.

    lookup_program.py remote COUNT SOCKET    listens at the unix socket, until its parent ends it
    lookup_program.py pipe COUNT             talks on standard input and output, as the pipe backend wants it

Everything is looked up in a table that is made at the start.
"""
import json
import os
import socket
import sys

import inputs


def records(count):
    """name -> [(type, content)]"""
    zone = inputs.ZONE
    table = {zone: [("SOA", f"ns1.{zone} hostmaster.{zone} 1 10800 3600 604800 300"), ("NS", f"ns1.{zone}")],
             f"ns1.{zone}": [("A", "192.0.2.1")]}
    for number, name in enumerate(inputs.stored_names(count)):
        table[name] = [("A", inputs.address(number))] + [("CAA", record) for record in inputs.caa_of(name)]
    return table


def chosen(table, name, rrtype):
    return [(kind, content) for kind, content in table.get(name.rstrip(".").lower(), ()) if rrtype in ("ANY", kind)]


def remote_reply(table, request):
    """PowerDNS documentation, remote backend, API."""
    method, parameters = request["method"], request.get("parameters", {})
    if method == "initialize":
        return True
    if method == "lookup":
        return [{"qname": parameters["qname"], "qtype": kind, "content": content, "ttl": inputs.TTL, "domain_id": 1}
                for kind, content in chosen(table, parameters["qname"], parameters["qtype"])] or False
    domain = {"id": 1, "zone": inputs.ZONE + ".", "kind": "native", "serial": 1}
    if method == "getAllDomains":
        return [domain]
    if method == "getDomainInfo":
        return domain if parameters["name"].rstrip(".") == inputs.ZONE else False
    return [] if method in ("getAllDomainMetadata", "getDomainMetadata") else False


def serve_remote(table, path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0: # each thread of PowerDNS has a connection of its own
                with connection, connection.makefile("rw", encoding="utf-8") as lines:
                    for line in iter(lines.readline, ""):
                        lines.write(json.dumps({"result": remote_reply(table, json.loads(line))}) + "\n")
                        lines.flush()
                os._exit(0)
            connection.close()


def serve_pipe(table):
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        if words[0] == "HELO":
            print("OK\tready", flush=True)
        elif words[0] == "Q":
            found = chosen(table, words[1], words[3])
            print("".join(f"DATA\t{words[1]}\tIN\t{kind}\t{inputs.TTL}\t1\t{content}\n" for kind, content in found) + "END", flush=True)
        else:
            print("END", flush=True)


def main():
    table = records(int(sys.argv[2]))
    if sys.argv[1] == "remote":
        serve_remote(table, sys.argv[3])
    else:
        serve_pipe(table)


if __name__ == "__main__":
    main()
