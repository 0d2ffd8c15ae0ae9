# SPDX-License-Identifier: GPL-2.0-or-later
"""Before anything is measured, the servers must give the same answers: a server that answers wrongly is fast for nothing."""
import dns_client

SAMPLE = 40


def without_secrets(record):
    """Servers with other serials and other signatures of the same data agree."""
    data = record.data.split()
    if record.type == "SOA":
        data[2] = "serial"
    elif record.type == "RRSIG":
        data = data[:3]
    return record.name.lower(), record.ttl, record.type, tuple(data)


def gist(answer, sections):
    return answer.rcode, [sorted(map(without_secrets, getattr(answer, section))) for section in sections]


def require(subjects, names, rrtype, options=(), sections=("answer",), expected=None):
    """Asks all subjects for a sample of the names. `expected(name)`: the data that the answer must have."""
    step = max(1, len(names) // SAMPLE)
    questions = [(name, rrtype) for name in names[::step]]
    first = None
    for subject in subjects:
        answers = dns_client.dig_many(subject.port, questions, *options)
        if expected is not None:
            for (name, _), answer in zip(questions, answers):
                if answer.data(rrtype) != sorted(expected(name)):
                    raise AssertionError(f"{subject.name} answers {answer.data(rrtype)} for {name} {rrtype}:\n{answer.text}")
        gists = [gist(answer, sections) for answer in answers]
        if first is None:
            first = gists
        for question, mine, theirs in zip(questions, gists, first):
            if mine != theirs:
                raise AssertionError(f"{question}: {subject.name} answers\n  {mine}\nand {subjects[0].name}\n  {theirs}")
