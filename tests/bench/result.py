# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of the table of results."""
import dataclasses
import operator


@dataclasses.dataclass
class Line:
    row: str           # the key of the row that it belongs to
    what: str
    figures: str       # what was measured, for people
    value: str         # what is held against the target
    target: str = ""   # for people: "≥ 0.97"
    met: object = None # True, False; None: there is no target
    starts: int = 1    # of the servers, for all of it


TESTS = {"≥": operator.ge, "≤": operator.le, "=": operator.eq}


def line(row, what, figures, value, target="", unit="", starts=1):
    """`target`: a sign and a number, as in "≥ 0.97"; empty: the line is there to compare."""
    met = None
    if target:
        sign, number = target.split()
        met = TESTS[sign](value, float(number))
    return Line(row, what, figures, number_text(value) + unit, target + (unit if target else ""), met, starts)


def number_text(value):
    """Three digits that say something: 0.974, 23.1, 1,234."""
    if value == int(value) and abs(value) < 1000:
        return str(int(value))
    for limit, digits in ((10, 3), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"
