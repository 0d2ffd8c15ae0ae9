# SPDX-License-Identifier: GPL-2.0-or-later
"""The table as text, and in docs/performance.md between its markers."""
import os
import re

import backends
import harness

DOCUMENT = f"{harness.ROOT}/docs/performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
VERDICTS = {True: "met", False: "**missed**", None: ""}


def plain(line):
    verdict = VERDICTS[line.met].strip("*")
    return f"{line.row:18} {line.value:>10}  {line.target:12} {verdict:7} {line.what}\n{'':32} {line.figures}"


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


def sizes(line, options):
    again = f", in each of {line.starts} starts" if line.starts > 1 else ""
    return f"{options.names:,} names, {options.approvals:,} approvals in {options.files:,} files; {options.pairs} times {options.seconds:g} s{again}"


def row_of(line, options):
    cells = (f"`{line.row}`", line.what, line.target, line.value, VERDICTS[line.met], line.figures, sizes(line, options))
    return f"| {' | '.join(cells)} |"


def write(lines, options, order):
    """Rows that are not measured now stay as they are, if they are of this machine: sizes differ, and not all can be measured in one go."""
    where = f"{machine()}. {versions()}."
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    measured, _, after = rest.partition(END)
    rows = {key: row for row, key in re.findall(r"^(\| `([\w-]+)` \|.*)$", measured, re.M) if where in measured}
    rows |= {line.row: row_of(line, options) for line in lines}
    table = "\n".join(rows[key] for key in order if key in rows)
    backends.write(DOCUMENT, f"{before}{BEGIN}\n\n{where}\n\n"
                   f"| row | what | target | measured | | figures | sizes |\n|---|---|---|---|---|---|---|\n{table}\n\n{END}{after}")
