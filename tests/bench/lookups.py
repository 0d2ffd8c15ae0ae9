# SPDX-License-Identifier: GPL-2.0-or-later
"""The lookup of S(name), in a process that does nothing else, and beside it what reading the machine's memory takes."""
import json
import os
import statistics
import subprocess
import tempfile

import harness
import inputs
import result

PROGRAM = os.path.join(os.environ.get("CAAPOLICY_BENCH_PROGRAMS", f"{harness.ROOT}/build/tests"), "snapshot_bench")
KEYS = ["lookup", "lookup-ratio", "lookup-ahead", "lookup-ahead-ratio", "memory-read"]
FEW = 1000
MILLION = 1000000 # the targets are for so many


def _run(policies):
    """The benchmarks of one run by their names."""
    done = subprocess.run([PROGRAM, "--benchmark_format=json", "--benchmark_filter=lookup/(approved|ahead)/|read/",
                           *[f"{count}={folder}" for count, folder in policies.items()]],
                          stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    return {row["name"].split("/iterations")[0]: row for row in json.loads(done.stdout)["benchmarks"]}


def measure(options, keys):
    many = options.approvals
    few = min(FEW, many // 2)
    with tempfile.TemporaryDirectory(prefix="caapolicy-lookups-") as folder:
        policies = {count: f"{folder}/{count}" for count in (few, many)}
        for count, path in policies.items():
            inputs.write_policy(path, count, "jsonl", 1)
        runs = [_run(policies) for _ in range(options.pairs)]

    def median(name, counter):
        return statistics.median(run[name][counter] for run in runs)

    kinds = [("lookup", "approved", f"lookup of S(name) among {many:,} approvals, random names, in process: p50"),
             ("lookup-ahead", "ahead", "the same, with its memory fetched ahead, as while the wrapped backend is asked: p50")]
    for key, kind, what in kinds:
        p50, p99 = (median(f"lookup/{kind}/{many}", counter) for counter in ("p50_ns", "p99_ns"))
        small = median(f"lookup/{kind}/{few}", "p50_ns")
        if key in keys:
            yield result.line(key, what, f"p50 {p50:.0f} ns, p99 {p99:.0f} ns", p50, "≤ 300" if many >= MILLION else "", " ns")
        if f"{key}-ratio" in keys:
            yield result.line(f"{key}-ratio", f"the same / among {few:,}", f"{p50:.0f} ns, {small:.0f} ns", p50 / small, "≤ 2.5" if many >= MILLION else "")
    if "memory-read" in keys:
        reads = {name.split("/")[1]: median(name, "real_time") for name in runs[0] if name.startswith("read/")}
        yield result.line("memory-read", "a read of memory that waits for the one before, at random places",
                          ", ".join(f"{ns:.0f} ns in {size}" for size, ns in reads.items()), list(reads.values())[-1], "", " ns")


GROUPS = [(measure, KEYS)]
