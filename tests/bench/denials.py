# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed answers for names that don't exist, between names that the policy adds to the zone or that are stored."""
import contextlib
import random
import tempfile

import agreement
import inputs
import load
import published
import result

MODES = {"nsec": ("NSEC", None), "nsec3": ("NSEC3", "1 0 0 -"), "nsec3-narrow": ("NSEC3 narrow", "1 0 0 - narrow")}
ASKED = 1000 # names: few, so that their signatures are in the server's cache and the search for neighbours shows


def _measure(options, keys):
    names = [inputs.missing(number) for number in random.Random(4).sample(range(options.approvals), min(ASKED, options.approvals))]
    for key in keys:
        word, nsec3 = MODES[key]
        with contextlib.ExitStack() as running, tempfile.NamedTemporaryFile(prefix="caapolicy-queries-") as queries:
            pair = published.pair(running, options.approvals, signed=True, nsec3=nsec3)
            agreement.require(pair, names, "A", ["+dnssec"], ["answer", "authority"])
            inputs.write_queries(queries.name, names, "A")
            samples = load.alternate(pair, queries.name, options.seconds, options.pairs, ["-D"])
        wrapped, bare = samples["wrapped"], samples["bare"]
        yield result.line(key, f"signed denials ({word}), {options.approvals:,} names published / the same stored in bare bind",
                          load.figures(wrapped, bare), load.rate_ratio(wrapped, bare), "≥ 0.9")


GROUPS = [(_measure, list(MODES))]
