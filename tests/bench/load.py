# SPDX-License-Identifier: GPL-2.0-or-later
"""dnsperf against servers in turn: what each answers in a second, and the processor time that an answer costs it."""
import dataclasses
import os
import re
import statistics
import subprocess
import time

import server

OUTSTANDING = 100 # queries at a time
WARM_UP = 5       # seconds at most


@dataclasses.dataclass
class Sample:
    rate: float  # answers in a second
    cpu: float   # microseconds of the server's processors for one answer


def children_of(pid):
    """A process and what it has started, as pipe programs and workers are."""
    pids = [pid]
    for known in pids:
        for thread in os.listdir(f"/proc/{known}/task"):
            with open(f"/proc/{known}/task/{thread}/children", encoding="ascii") as file:
                pids += [int(child) for child in file.read().split()]
    return pids


def cpu_seconds(pids):
    """That these processes have had, with threads of theirs that have ended."""
    # clock_getcpuclockid(3), which Python has not: the kernel's number for the clock of another process.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def dnsperf(port, queries, seconds, options=()):
    """What it printed. Answers that don't come, and errors, end the measurement."""
    done = subprocess.run(
        [*server.on_core(server.CLIENT_CORE), "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", queries, "-l", str(seconds),
         "-c", "1", "-T", "1", "-q", str(OUTSTANDING), "-t", "10", *options],
        capture_output=True, text=True, timeout=seconds + 60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"dnsperf failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def measure(subject, queries, seconds, options=()):
    pids = [pid for root in subject.pids() for pid in children_of(root)]
    before = cpu_seconds(pids)
    text = dnsperf(subject.port, queries, seconds, options)
    spent = cpu_seconds(pids) - before
    completed = int(re.search(r"Queries completed:\s+(\d+)", text)[1])
    lost = int(re.search(r"Queries lost:\s+(\d+)", text)[1])
    # Those that are on their way at the end count as lost.
    if completed == 0 or lost > OUTSTANDING + completed / 1000:
        raise AssertionError(f"{subject.name}: {lost} queries lost, {completed} answered:\n{text}")
    return Sample(float(re.search(r"Queries per second:\s+([\d.]+)", text)[1]), 1e6 * spent / completed)


def alternate(subjects, queries, seconds, pairs, options=()):
    """Samples of each subject by its name, in turn, each time in the other direction."""
    samples = {subject.name: [] for subject in subjects}
    for subject in subjects:  # warms up: whatever it caches it has seen, unless it is too slow for that
        measure(subject, queries, WARM_UP, [*options, "-n", "1"])
    for turn in range(pairs):
        for subject in reversed(subjects) if turn % 2 else subjects:
            samples[subject.name].append(measure(subject, queries, seconds, options))
    return samples


def median_ratio(above, below):
    """The median of the ratios of the pairs."""
    return statistics.median(a / b for a, b in zip(above, below))


def figures(above, below):
    """What is told of two that were held against each other, besides the ratio of their rates."""
    def told(samples):
        rate, cpu = (statistics.median(getattr(sample, field) for sample in samples) for field in ("rate", "cpu"))
        return f"{rate:,.0f}/s {cpu:.1f} µs"
    processor = median_ratio([sample.cpu for sample in below], [sample.cpu for sample in above])
    return f"{told(above)}, {told(below)}; by processor time {processor:.3g}"


def rate_ratio(above, below):
    return median_ratio([sample.rate for sample in above], [sample.rate for sample in below])
