# SPDX-License-Identifier: GPL-2.0-or-later
"""dig and kdig, and what they print as data."""
import dataclasses
import re
import subprocess
import tempfile
import typing


class Record(typing.NamedTuple):
    """One record in presentation form. Names are as they were sent, with the trailing dot."""
    name: str
    ttl: int
    type: str
    data: str


@dataclasses.dataclass
class Answer:
    rcode: str = ""  # "NOERROR"
    flags: frozenset = frozenset()  # {"qr", "aa"}
    answer: list = dataclasses.field(default_factory=list)
    authority: list = dataclasses.field(default_factory=list)
    additional: list = dataclasses.field(default_factory=list)
    text: str = ""  # all that the program printed

    def data(self, rrtype):
        """The data of the answer's records of one type, sorted."""
        return sorted(record.data for record in self.answer if record.type == rrtype)


def parse_record(line):
    name, ttl, _class, rrtype, *data = line.split(None, 4)
    return Record(name, int(ttl), rrtype, data[0].rstrip() if data else "")


def parse_answer(text):
    """Reads what dig or kdig print for one query: they differ in a few separators only."""
    result = Answer(text=text)
    section = None
    for line in text.splitlines():
        if match := re.match(r";; ->>HEADER<<- .*\bstatus: (\w+)", line):
            result.rcode = match[1]
        elif match := re.match(r";; flags: ([a-z ]*);", line, re.I):
            result.flags = frozenset(match[1].split())
        elif match := re.match(r";; (\w+)(?: PSEUDOSECTION| SECTION)?:$", line):
            section = {"ANSWER": result.answer, "AUTHORITY": result.authority,
                       "ADDITIONAL": result.additional}.get(match[1])
        elif section is not None and line and not line.startswith(";"):
            section.append(parse_record(line))
    if not result.rcode:
        raise AssertionError(f"no answer:\n{text}")
    return result


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # for a transfer of a million names
    return done.stdout + done.stderr


def dig(port, name, rrtype, *options):
    return parse_answer(run("dig", "-r", "@127.0.0.1", "-p", str(port), "+norecurse", "+nosplit", "+time=5", "+tries=2",
                            *options, "-q", name, "-t", rrtype))


def dig_many(port, questions, *options):
    """The answers to many (name, type), asked by one process: starting dig takes longer than an answer does."""
    with tempfile.NamedTemporaryFile("w", prefix="caapolicy-dig-") as batch:
        batch.writelines(f"-q {name} -t {rrtype}\n" for name, rrtype in questions)
        batch.flush()
        text = run("dig", "-r", "@127.0.0.1", "-p", str(port), "+norecurse", "+nosplit", "+time=5", "+tries=2",
                   *options, "-f", batch.name)
    answers = [parse_answer(";; ->>HEADER<<-" + part) for part in text.split(";; ->>HEADER<<-")[1:]]
    if len(answers) != len(questions):
        raise AssertionError(f"{len(answers)} answers to {len(questions)} questions:\n{text}")
    return answers


def kdig(port, name, rrtype, *options):
    return parse_answer(run("kdig", "@127.0.0.1", "-p", str(port), "+norec", "+timeout=5", "+retry=1", "+header",
                            *options, "-q", name, "-t", rrtype))


def transferred(port, zone, *options):
    """A zone transfer as the text of a zone file."""
    text = run("dig", "-r", "@127.0.0.1", "-p", str(port), "+nosplit", "+noall", "+answer", "+onesoa", *options,
               "-q", zone, "-t", "AXFR")
    if "; Transfer failed." in text[-200:] or not re.search("^[^;\n]", text, re.M):
        raise AssertionError(f"no zone transfer of {zone}:\n{text}")
    return text


def axfr(port, zone, *options):
    """All records of a zone transfer, in their order."""
    return [parse_record(line) for line in transferred(port, zone, *options).splitlines() if line and not line.startswith(";")]
