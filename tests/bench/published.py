# SPDX-License-Identifier: GPL-2.0-or-later
"""A zone in which every approval publishes a name, and a bare backend in which the same names and records are stored."""
import shutil
import subprocess

import backends
import inputs
import server
import subject


def _transferred(port, path):
    """The zone as a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"$TTL {inputs.TTL}\n")
        file.flush()
        done = subprocess.run(["dig", "-r", "@127.0.0.1", "-p", str(port), "+noall", "+answer", "+onesoa", "-q", inputs.ZONE, "-t", "AXFR"],
                              stdout=file, timeout=server.PATIENCE, check=False)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if done.returncode != 0 or "failed" in text[-200:] or text.count("\n") < 4:
        raise AssertionError(f"no zone transfer:\n{text[-2000:]}")
    return text


def pair(running, count, signed=False, nsec3=None, **settings):
    """The wrapped server and the bare one, both kept by `running`. A signed zone has the same keys in both."""
    zones = backends.Bind({inputs.ZONE: inputs.zone_head()})
    wrapped = running.add(subject.pdns("wrapped", zones, approvals=count, **settings))
    text = _transferred(wrapped.port, f"{zones.folder}/transferred")
    stored = backends.Bind({inputs.ZONE: text})
    if signed:
        wrapped.running.stop()
        zones.secure(inputs.ZONE, nsec3)
        shutil.copy(zones.settings["bind-dnssec-db"], stored.settings["bind-dnssec-db"])
        wrapped.running.start()
        wrapped.port = wrapped.running.port
    return wrapped, running.add(subject.pdns("bare", stored, **settings))
