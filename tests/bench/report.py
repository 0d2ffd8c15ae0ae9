# SPDX-License-Identifier: GPL-2.0-or-later
"""The table as text, and in docs/performance.md between its markers."""
import os
import re
import shlex

import backends
import harness

DOCUMENT = f"{harness.ROOT}/docs/performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
VERDICTS = {True: "met", False: "**missed**", None: ""}


def plain(line):
    verdict = VERDICTS[line.met].strip("*")
    return f"{line.row:16} {line.value:>10}  {line.target:12} {verdict:7} {line.what}\n{'':30} {line.figures}"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(re.search(r"^MemTotal:\s+(\d+)", file.read())[1]) / 2**20
    return f"{model[1] if model else os.uname().machine}, {os.cpu_count()} cores, {memory:.0f} GiB"


def version(*command):
    """The first version number that it says."""
    done = harness.run(command)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found[0] if found else "?"


def versions():
    return (f"PowerDNS {version(harness.PDNS_SERVER, '--version')}, NSD {version('nsd', '-v')}, Knot {version('knotd', '--version')}, "
            f"dnsperf {version('dnsperf', '-h')}, Linux {version('uname', '-r')}")


def table(lines, command):
    rows = "".join(f"| {line.what} | {line.target} | {line.value} | {VERDICTS[line.met]} | {line.figures} |\n" for line in lines)
    return (f"{BEGIN}\n\n{machine()}. {versions()}.\n\n<!-- not run: minutes -->\n```sh\n{command}\n```\n\n"
            "| what | target | measured | | figures |\n|---|---|---|---|---|\n" f"{rows}\n{END}")


def write(lines, options, words):
    command = shlex.join(["tests/bench/servers.sh", *words])
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    backends.write(DOCUMENT, before + table(lines, command) + after)
