# SPDX-License-Identifier: GPL-2.0-or-later
"""A zone in which every approval publishes a name, and a bare backend in which the same names and records are stored."""
import shutil

import backends
import dns_client
import inputs
import subject


def pair(running, count, signed=False, nsec3=None):
    """The wrapped server and the bare one, both kept by `running`. A signed zone has the same keys in both."""
    zones = backends.Bind({inputs.ZONE: inputs.zone_head()})
    wrapped = running.enter_context(subject.pdns("wrapped", zones, approvals=count))
    stored = backends.Bind({inputs.ZONE: dns_client.transferred(wrapped.port, inputs.ZONE)})
    if signed:
        wrapped.running.stop()
        zones.secure(inputs.ZONE, nsec3)
        shutil.copy(zones.settings["bind-dnssec-db"], stored.settings["bind-dnssec-db"])
        wrapped.running.start()
    return wrapped, running.enter_context(subject.pdns("bare", stored))
