# SPDX-License-Identifier: GPL-2.0-or-later
"""What a change of the policy takes, and what queries feel of it. These servers and clients may use all cores."""
import contextlib
import os
import random
import statistics
import time

import backends
import harness
import inputs
import latency
import result
import server
import subject
import wire

RATE = 1000  # queries a second
MOST_RELOADS = 50 # a second: each waits for more changes of files for 20 ms
KEYS = ["reload-time", "reload-p99", "reload-answers", "expiry-time", "expiry-p99"]
OTHERS = 200 # names that are asked besides the one that changes
ZONE = inputs.ZONE


def _serve(options, **settings):
    return subject.pdns("wrapped", backends.Bind({ZONE: inputs.zone_head()}), approvals=options.approvals, form="yaml",
                        files=options.files, pinned=False, **settings)


class _Change:
    """One approval, in one file of many, that is given two other accounts at each turn: an answer with one of each is mixed."""

    def __init__(self, served, options):
        index = options.files // 2
        numbers = inputs.numbers_of_file(index, options.approvals, options.files)
        self._path = inputs.approval_file(served.running.policy_folder, index, "yaml")
        self._server = served.running
        self._rest = "".join(inputs.yaml_item(number) for number in numbers[1:])
        self.number = numbers[0]
        self.name = inputs.device(self.number)
        self._client = wire.client(served.port)
        self._question = wire.question(self.name, "CAA")

    @staticmethod
    def _accounts(turn):
        return [inputs.account(2 * turn % inputs.ACCOUNTS), inputs.account((2 * turn + 1) % inputs.ACCOUNTS)]

    def content(self, turn):
        return wire.caa_set([f'0 issue "letsencrypt.org; accounturi={account}"' for account in self._accounts(turn)]
                            + ['0 issuewild ";"'])

    def _prepared(self, turn):
        return f"{self._server.folder}/turn-{turn}.yaml"

    def prepare(self, turns):
        """Writes the files ahead: while the server is measured, this program should leave the processors to it."""
        for turn in turns:
            accounts = ", ".join(self._accounts(turn))
            backends.write(self._prepared(turn), f"approvals:\n  - name: {self.name}\n    issuer: {{ca: letsencrypt.org, accounts: [{accounts}]}}\n"
                                                 f"    until: {inputs.UNTIL}\n" + self._rest)

    def _put(self, turn):
        """The turn's file, which is prepared, into place. Returns the place in the log before it."""
        mark = self._server.mark()
        os.rename(self._prepared(turn), self._path)
        return mark

    def make(self, turn):
        """Returns when the server says that it has loaded the change; it is asked nothing for that."""
        self._server.wait_log("reloaded:", since=self._put(turn))

    def served_after(self, turn):
        """Returns the seconds until the new answer, the first one being right."""
        wanted = self.content(turn)
        begun = time.monotonic()
        mark = self._put(turn)
        while self._ask() != wanted:
            if time.monotonic() > begun + server.PATIENCE:
                raise AssertionError(f"the change of {self.name} is not served after {server.PATIENCE} s")
            time.sleep(0.001) # asking without a pause would be a load of its own
        seconds = time.monotonic() - begun
        self._server.wait_log("reloaded:", since=mark) # the next one should find it idle
        return seconds

    def _ask(self):
        return wire.caa_of(wire.ask(self._client, 1, self._question), self._question)

    def close(self):
        self._client.close()


def _others(options, change):
    """Names all over the policy, approved and not."""
    chosen = [number for number in random.Random(2).choices(range(options.approvals), k=OTHERS) if number != change.number]
    return [inputs.device(number) for number in chosen] + [inputs.host(number) for number in chosen[:OTHERS // 4]]


def _reloads(options, keys):
    with _serve(options) as served, contextlib.closing(_Change(served, options)) as change:
        turn = 2 * options.pairs
        change.prepare(range(turn + 1))
        times = [change.served_after(number) for number in range(turn + 1)][1:]
        if "reload-time" in keys:
            yield result.line("reload-time", f"change of one approval among {options.approvals:,} in {options.files:,} files, to served",
                              f"median {1000 * statistics.median(times):.0f} ms, slowest {1000 * max(times):.0f} ms",
                              1000 * statistics.median(times), "≤ 100", " ms")
        if "reload-p99" not in keys and "reload-answers" not in keys:
            return
        ratios, idles, busies, lost, late, wrong, reloads = [], [], [], 0, 0, 0, 0
        names = [name for other in _others(options, change) for name in (other, change.name)]
        expected = {name: {wire.caa_set(inputs.caa_of(name))} for name in names}
        for _ in range(options.pairs):
            first = turn
            change.prepare(range(first + 1, first + 2 + int(MOST_RELOADS * options.seconds)))
            with latency.Client(served.port, names, RATE) as idle:
                time.sleep(options.seconds)
            with latency.Client(served.port, names, RATE) as busy:
                end = time.monotonic() + options.seconds
                while time.monotonic() < end or turn == first:
                    turn += 1
                    change.make(turn)
            reloads += turn - first
            expected[change.name] = {change.content(number) for number in range(first, turn + 1)}
            p99 = [latency.percentile(client.answers(), 0.99) for client in (idle, busy)]
            ratios.append(p99[1] / p99[0])
            idles.append(p99[0])
            busies.append(p99[1])
            for client in (idle, busy):
                lost += client.lost
                late += latency.late(client.answers())
                wrong += sum(answer.content not in expected[answer.name] for answer in client.answers())
        if "reload-p99" in keys:
            yield result.line("reload-p99", "query latency p99, reloads back to back / idle",
                              f"{statistics.median(busies):.2f} ms, {statistics.median(idles):.2f} ms; {reloads} reloads",
                              statistics.median(ratios), "≤ 2")
        if "reload-answers" in keys:
            yield result.line("reload-answers", "answers meanwhile that are lost, late over 1 s, or of neither policy",
                              f"{lost} lost, {late} late, {wrong} of neither", lost + late + wrong, "= 0")


def _expire(served, options, load_time):
    """A tenth of the approvals ends in one second. Returns the seconds until the last wrong answer, how many ended, and the p99s."""
    folder = served.running.policy_folder
    files = max(1, options.files // 10)
    ending = range(0, inputs.numbers_of_file(files - 1, options.approvals, options.files).stop)
    mark = served.running.mark()
    until = int(time.time() + load_time + 2 * options.seconds) + 1
    for index in range(files):
        numbers = inputs.numbers_of_file(index, options.approvals, options.files)
        backends.write(inputs.approval_file(folder, index, "yaml"), inputs.approvals_text(numbers, "yaml", harness.utc(until)))
    asked = [inputs.device(number) for number in random.Random(3).sample(ending, min(OTHERS, len(ending)))]
    served.running.wait_log("reloaded:", since=mark)
    # Both have queries before the end, when answers may be in the packet cache.
    with latency.Client(served.port, asked, RATE) as idle:
        time.sleep(max(0.1, until - options.seconds - time.time()))
    if time.time() > until - 0.05:
        raise AssertionError("loading took too long: the approvals have ended already")
    with latency.Client(served.port, asked, RATE) as busy:
        time.sleep(until + max(options.seconds, 0.5) - time.time())
    denied = wire.caa_set(inputs.DENIED)
    granted = {name: wire.caa_set(inputs.caa_of(name)) for name in asked}
    settled = 0.0
    wrong = 0
    for answer in busy.answers():
        if answer.content not in (denied, granted[answer.name]):
            wrong += 1
        elif answer.content == denied and answer.received < until:
            wrong += 1
        elif answer.content != denied and answer.sent > until:
            settled = max(settled, answer.received - until)
    if not any(answer.content == denied for answer in busy.answers()):
        raise AssertionError("no approval has ended")
    if wrong or busy.lost:
        raise AssertionError(f"{wrong} wrong answers and {busy.lost} lost ones while approvals ended")
    around = [answer for answer in busy.answers() if until - 0.1 < answer.sent < until + 0.5]
    # At first, the rest of the files may still be on its way.
    quiet = [answer for answer in idle.answers() if answer.sent > until - 2 * options.seconds]
    return settled, len(ending), latency.percentile(quiet, 0.99), latency.percentile(around, 0.99)


def _expiries(options, keys):
    begun = time.monotonic()
    with _serve(options, settings=server.PACKET_CACHE_ON) as served:
        # They must be loaded before they end: the server may notice the first files, and then the rest.
        load_time = 2 + 3 * (time.monotonic() - begun)
        runs = [_expire(served, options, load_time) for _ in range(max(1, options.pairs // 2))]
    settled, idle, busy = (statistics.median(run[index] for run in runs) for index in (0, 2, 3))
    if "expiry-time" in keys:
        yield result.line("expiry-time", f"{runs[0][1]:,} approvals end in one second, packet cache on: the last wrong answer after it",
                          f"slowest {1000 * max(run[0] for run in runs):.0f} ms", 1000 * settled, "≤ 100", " ms")
    if "expiry-p99" in keys:
        yield result.line("expiry-p99", "query latency p99, from 0.1 s before to 0.5 s after that / idle", f"{busy:.2f} ms, {idle:.2f} ms",
                          statistics.median(run[3] / run[2] for run in runs), "≤ 2")


GROUPS = [(_reloads, KEYS[:3]), (_expiries, KEYS[3:])]
