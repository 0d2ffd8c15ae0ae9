# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries to servers that are started anew several times: where its memory comes to lie makes a server faster or slower by some percent
for as long as it runs, as two of the same kind show that are held against each other."""
import contextlib
import tempfile

import inputs
import load


def measure(options, start, agree, names, rrtype, dnsperf=()):
    """Samples of all starts, of each subject by its name. `start(running, number)`: the subjects, kept by `running`, for
    the start with that number; `agree(subjects)`: they answer alike, or it throws."""
    samples = {}
    with tempfile.NamedTemporaryFile(prefix="caapolicy-queries-") as queries:
        inputs.write_queries(queries.name, names, rrtype)
        for number in range(options.starts):
            with contextlib.ExitStack() as running:
                subjects = start(running, number)
                agree(subjects)
                for name, more in load.alternate(subjects, queries.name, options.seconds, options.pairs, dnsperf).items():
                    samples.setdefault(name, []).extend(more)
    return samples
