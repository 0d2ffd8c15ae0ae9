# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process has in memory, in bytes."""
import re
import time


def _status(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{field}:\s+(\d+) kB", file.read(), re.M)[1]) * 1024


def resident(pid):
    return _status(pid, "VmRSS")


def peak(pid):
    """The most that was resident since `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def settled(pid):
    """What is resident once that has been the same for two seconds: the module gives back what was freed a second after a load."""
    value, since = resident(pid), time.monotonic()
    end = since + 30
    while (now := time.monotonic()) < min(end, since + 2):
        if (latest := resident(pid)) != value:
            value, since = latest, now
        time.sleep(0.05)
    return value
