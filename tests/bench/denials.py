# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed answers for names that don't exist, between names that the policy adds to the zone or that are stored."""
import random

import agreement
import inputs
import load
import published
import result
import starts

MODES = {"nsec": ("NSEC", None), "nsec3": ("NSEC3", "1 0 0 -"), "nsec3-narrow": ("NSEC3 narrow", "1 0 0 - narrow")}
ASKED = 1000 # names: few, so that their signatures are in the server's cache and the search for neighbours shows


def _measure(options, keys):
    names = [inputs.missing(number) for number in random.Random(4).sample(range(options.approvals), min(ASKED, options.approvals))]

    def agree(pair):
        agreement.require(pair, names, "A", ["+dnssec"], ["answer", "authority"])

    for key in keys:
        word, nsec3 = MODES[key]

        def start(running, _number, nsec3=nsec3):
            return published.pair(running, options.approvals, signed=True, nsec3=nsec3)

        samples = starts.measure(options, start, agree, names, "A", ["-D"])
        wrapped, bare = samples["wrapped"], samples["bare"]
        yield result.line(key, f"signed denials ({word}), {options.approvals:,} names published / the same stored in bare bind",
                          load.figures(wrapped, bare), load.rate_ratio(wrapped, bare), "≥ 0.9", starts=options.starts)


GROUPS = [(_measure, list(MODES))]
