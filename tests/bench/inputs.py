#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks work on: one world of names, for all servers and all programs.

The zone is example.com. Below devices.example.com there are devices, which are approved (an issuer with one of 1,000
accounts, an end, a ticket), and hosts, which are not. Everything is a function of a number, so that any subset can be
made at any place and agrees with the rest.

    inputs.py FOLDER --approvals N [--format jsonl|yaml] [--files N]

writes FOLDER/policy.yaml and FOLDER/approvals.d.
"""
import argparse
import os
import random

ZONE = "example.com"
SUBTREE = f"devices.{ZONE}"
TTL = 300
UNTIL = "2036-01-01T00:00:00Z"
ACCOUNTS = 1000
DENIED = ['0 issue ";"']


def device(number):
    return f"device-{number:07}.{SUBTREE}"


def host(number):
    """A name that the policy does not list."""
    return f"host-{number:07}.{SUBTREE}"


def missing(number):
    """A name that is nowhere, and that sorts between the devices."""
    return f"device-{number:07}x.{SUBTREE}"


def account(number):
    return f"https://acme-v02.api.letsencrypt.org/acme/acct/{1000000 + number % ACCOUNTS}"


def stored_names(count):
    """The names of a zone with `count` of them: as many devices as hosts."""
    return [maker(number) for number in range(count // 2) for maker in (device, host)]


def caa_of(name):
    """The CAA records that the policy gives a name, as a zone file has them."""
    if not name.startswith("device-"):
        return DENIED
    number = int(name[len("device-"):].partition(".")[0])
    return [f'0 issue "letsencrypt.org; accounturi={account(number)}"', '0 issuewild ";"']


def address(number):
    """One of 192.0.2.0/24."""
    return f"192.0.2.{number % 256}"


# Zone files.

def zone_head():
    return (f"$TTL {TTL}\n"
            f"{ZONE}. SOA ns1.{ZONE}. hostmaster.{ZONE}. 1 10800 3600 604800 300\n"
            f"{ZONE}. NS ns1.{ZONE}.\n"
            f"ns1.{ZONE}. A 192.0.2.1\n")


def zone_with_addresses(count):
    return zone_head() + "".join(f"{name}. A {address(number)}\n" for number, name in enumerate(stored_names(count)))


def zone_with_caa(count):
    """The same, with the CAA records stored."""
    lines = [zone_head()]
    for number, name in enumerate(stored_names(count)):
        lines.append(f"{name}. A {address(number)}\n")
        lines += [f"{name}. CAA {record}\n" for record in caa_of(name)]
    return "".join(lines)


def zone_with_lua(count):
    """The same, with the CAA records made by a script at each name. PowerDNS allows no quotation mark in it."""
    lines = [zone_head()]
    for number, name in enumerate(stored_names(count)):
        records = ",".join("'" + record.replace('"', "'..q..'") + "'" for record in caa_of(name))
        lines.append(f"{name}. A {address(number)}\n")
        lines.append(f'{name}. LUA CAA ";local q=string.char(34) return {{{records}}}"\n')
    return "".join(lines)


# Policies.

def root_policy(zones):
    """The root file, which includes whatever is in approvals.d. `zones`: for the module without a wrapped backend."""
    text = (f"version: 1\ndefaults: {{ttl: {TTL}}}\nsubtrees:\n  {ZONE}: {{}}\n"
            "include: [approvals.d/*.yaml, approvals.d/*.jsonl]\n")
    if zones:
        text += f"zones:\n  {ZONE}: {{primary: ns1.{ZONE}, hostmaster: hostmaster.{ZONE}, nameservers: [ns1.{ZONE}]}}\n"
    return text


def jsonl_line(number, until=UNTIL):
    return (f'{{"name": "{device(number)}", "issuer": {{"ca": "letsencrypt.org", "accounts": ["{account(number)}"]}}, '
            f'"until": "{until}", "ticket": "SEC-{number}"}}\n')


def yaml_item(number, until=UNTIL):
    return (f"  - name: {device(number)}\n"
            f"    issuer: {{ca: letsencrypt.org, accounts: [{account(number)}]}}\n"
            f"    until: {until}\n"
            f"    ticket: SEC-{number}\n")


def approvals_text(numbers, form, until=UNTIL):
    if form == "jsonl":
        return "".join(jsonl_line(number, until) for number in numbers)
    items = "".join(yaml_item(number, until) for number in numbers)
    return f"approvals:\n{items}" if items else "approvals: []\n"


def approval_file(folder, index, form):
    return f"{folder}/approvals.d/{index:05}.{form}"


def numbers_of_file(index, count, files):
    """The devices whose approvals are in one of so many files."""
    return range(index * count // files, (index + 1) * count // files)


def write_policy(folder, count, form="jsonl", files=1, zones=False):
    """A policy with `count` approvals in so many files."""
    os.makedirs(f"{folder}/approvals.d", exist_ok=True)
    for index in range(files):
        with open(approval_file(folder, index, form), "w", encoding="utf-8") as file:
            file.write(approvals_text(numbers_of_file(index, count, files), form))
    with open(f"{folder}/policy.yaml", "w", encoding="utf-8") as file:
        file.write(root_policy(zones))


# Questions.

def shuffled(names, seed=1):
    names = list(names)
    random.Random(seed).shuffle(names)
    return names


def write_queries(path, names, rrtype, limit=200000):
    """A file for dnsperf, in random order."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{name} {rrtype}\n" for name in shuffled(names)[:limit])


def main():
    parser = argparse.ArgumentParser(description="writes a policy for benchmarks")
    parser.add_argument("folder")
    parser.add_argument("--approvals", type=int, required=True)
    parser.add_argument("--format", choices=("jsonl", "yaml"), default="jsonl")
    parser.add_argument("--files", type=int, default=1)
    options = parser.parse_args()
    write_policy(options.folder, options.approvals, options.format, options.files)


if __name__ == "__main__":
    main()
