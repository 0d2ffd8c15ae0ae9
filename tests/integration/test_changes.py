#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A policy that changes under a running server: by its files, by an operator's command, by time."""
import ctypes
import os
import select
import shutil
import time
import unittest

import abilities
import backends
import databases
import harness
from harness import utc, wait_until

ZONE = backends.HEAD + """
www    A   192.0.2.2
shop   A   192.0.2.3
x.team A   192.0.2.4
"""

DENIED = ['0 issue ";"']
GRANTED = ['0 issue "ca.example"', '0 issuewild ";"']

CLOSED = "version: 1\nsubtrees:\n  example.com: {}\ninclude: [approvals.d/*.yaml, approvals.d/*.jsonl]\n"
OPEN = CLOSED.replace("{}", "{allow: [ca.example]}")


def approval(name, **more):
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"approvals: [{{name: {name}, issuer: ca.example{rest}}}]\n"


class Opened:
    """Files of a folder that are opened, as inotify(7) tells it."""

    def __init__(self, folder):
        libc = ctypes.CDLL(None)
        self._inotify = libc.inotify_init1(os.O_CLOEXEC)
        libc.inotify_add_watch(self._inotify, folder.encode(), 0x20)  # IN_OPEN

    def wait(self, name):
        while select.select([self._inotify], [], [], harness.TIMEOUT)[0]:
            if name.encode() + b"\0" in os.read(self._inotify, 1 << 16):
                return
        raise AssertionError(f"{name} has not been opened")

    def close(self):
        os.close(self._inotify)


class Changes:
    """For each backend below. Every cache of PowerDNS is on, and long: a change must be in the next answer."""
    caches = {"cache-ttl": "3600", "query-cache-ttl": "3600", "negquery-cache-ttl": "3600"}

    def make_backend(self):
        raise NotImplementedError

    def text(self, policy):
        """A root policy, as this backend needs it."""
        return policy

    def put(self, server, policy):
        server.write_policy(self.text(policy))

    def serve_policy(self, policy=CLOSED, files=None, within=(), **settings):
        files = {"approvals.d/none.yaml": "approvals: []\n", "approvals.d/none.jsonl": "", **(files or {})}
        return self.serve(self.keep(self.make_backend()), policy=self.text(policy), files=files, within=within,
                          settings={**self.caches, **settings})

    def caa(self, server, name):
        return server.dig(name, "CAA").data("CAA")

    def wait_reload(self, server, mark):
        return server.wait_log(r"\[caapolicy\] policy .* reloaded: .*", since=mark)[0]

    def check_change(self, server, change, names, before, after):
        """Fills the caches, makes the change, waits for the log to tell of it, and asks once."""
        for name in names:
            self.assertEqual(self.caa(server, name), before, name)
            for rrtype in ("A", "ANY", "CAA"):
                server.dig(name, rrtype)
        mark = server.mark()
        change()
        line = self.wait_reload(server, mark)
        for name in names:
            self.assertEqual(self.caa(server, name), after, name)
        return line

    # Files.

    def test_written_in_place(self):
        server = self.serve_policy()

        def change():
            with open(server.policy_file, "w", encoding="utf-8") as file:
                file.write(self.text(OPEN))

        self.check_change(server, change, ["www.example.com", "nobody.example.com"], DENIED, GRANTED)

    def test_moved_over(self):
        server = self.serve_policy()
        self.check_change(server, lambda: self.put(server, OPEN), ["www.example.com"], DENIED, GRANTED)

    def test_editor_dance(self):
        server = self.serve_policy()

        def change():  # as vim does with `backupcopy=no`
            os.rename(server.policy_file, server.policy_file + "~")
            with open(server.policy_file, "w", encoding="utf-8") as file:
                file.write(self.text(OPEN))
            os.unlink(server.policy_file + "~")

        self.check_change(server, change, ["www.example.com"], DENIED, GRANTED)
        self.assertNotIn("error", server.log().lower())

    def test_config_map(self):
        folder = self.keep(Folder()).path
        for number, text in ((1, CLOSED), (2, OPEN)):
            backends.write(f"{folder}/..data_{number}/policy.yaml", self.text(text))
        os.symlink("..data_1", f"{folder}/..data")
        os.symlink("..data/policy.yaml", f"{folder}/policy.yaml")
        server = self.serve_policy(**{"caapolicy-policy": f"{folder}/policy.yaml"})

        def change():
            os.symlink("..data_2", f"{folder}/..data_tmp")
            os.rename(f"{folder}/..data_tmp", f"{folder}/..data")
            shutil.rmtree(f"{folder}/..data_1")

        self.check_change(server, change, ["www.example.com"], DENIED, GRANTED)

    def test_linked_folder(self):
        folder = self.keep(Folder()).path
        for number, text in ((1, CLOSED), (2, OPEN)):
            backends.write(f"{folder}/release-{number}/policy.yaml", self.text(text))
        os.symlink("release-1", f"{folder}/current")
        server = self.serve_policy(**{"caapolicy-policy": f"{folder}/current/policy.yaml"})

        def change():
            os.symlink("release-2", f"{folder}/next")
            os.rename(f"{folder}/next", f"{folder}/current")

        self.check_change(server, change, ["www.example.com"], DENIED, GRANTED)

    def test_included_files_come_and_go(self):
        server = self.serve_policy()
        names = ["shop.example.com", "deep.down.example.com", "new.example.com"]
        text = "".join(f'{{"name": "{name}", "issuer": "ca.example"}}\n' for name in names)
        for name in ("down.example.com", "x.new.example.com"):  # into the negative caches
            self.assertEqual(server.dig(name, "A").rcode, "NXDOMAIN")
        line = self.check_change(server, lambda: server.write_policy(text, "approvals.d/a.jsonl"), names[:2], DENIED, GRANTED)
        self.assertEqual(self.caa(server, "new.example.com"), GRANTED)
        self.assertRegex(line, r": 4 files, 1 subtree, 3 approvals \(3 live\), SHA-256 [0-9a-f]{64}; "
                               r"changed: down\.example\.com, deep\.down\.example\.com, new\.example\.com, shop\.example\.com$")
        for name in ("down.example.com", "new.example.com", "x.new.example.com"):
            self.assertEqual((server.dig(name, "A").rcode, server.dig(name, "A").answer), ("NOERROR", []), name)
        self.check_change(server, lambda: os.unlink(f"{server.policy_folder}/approvals.d/a.jsonl"), names, GRANTED, DENIED)
        self.assertEqual(server.dig("down.example.com", "A").rcode, "NXDOMAIN")

    def test_catalogue(self):
        server = self.serve_policy(CLOSED.replace("{}", "{allow: [{ca: corp}]}") + "catalogue: cas.json\n",
                                   {"cas.json": '{"cas": {"corp": {"domains": ["old.example"]}}}'})
        self.check_change(server, lambda: server.write_policy('{"cas": {"corp": {"domains": ["ca.example"]}}}', "cas.json"),
                          ["www.example.com"], [line.replace("ca.example", "old.example") for line in GRANTED], GRANTED)
        mark = server.mark()
        server.write_policy('{"cas": {"corp": {}}}', "cas.json")
        server.wait_log("stays in force", since=mark)
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)
        self.assertIn(f"{server.policy_folder}/cas.json:1:10: error: a CA needs the key `domains` [missing-key]", server.log(mark))

    def test_folder_that_comes_later(self):
        server = self.serve_policy(CLOSED.replace("approvals.d/*.yaml", "later.d/*.yaml"))

        def change():
            backends.write(f"{server.policy_folder}/later.d/a.yaml", approval("shop.example.com"))

        self.check_change(server, change, ["shop.example.com"], DENIED, GRANTED)

    def settle(self, server):
        """Waits until all that was noticed so far has been dealt with: a file of the policy that changes shows it."""
        mark = server.mark()
        server.write_policy(f"approvals: []  # {mark}\n", "approvals.d/none.yaml")
        self.wait_reload(server, mark)
        return server.mark()

    def test_folder_that_is_made_before_its_files(self):
        server = self.serve_policy(CLOSED.replace("*.jsonl", "later/on/*.yaml"))
        for folder in ("later", "later/on"):
            os.mkdir(f"{server.policy_folder}/approvals.d/{folder}")
            self.settle(server)
        self.check_change(server, lambda: server.write_policy(approval("shop.example.com"), "approvals.d/later/on/a.yaml"),
                          ["shop.example.com"], DENIED, GRANTED)

    def test_folder_that_is_replaced(self):
        server = self.serve_policy(CLOSED.replace("*.jsonl", "team/*.yaml"), {"approvals.d/team/notes.txt": ""})
        folder = f"{server.policy_folder}/approvals.d/team"
        for number, replace in enumerate((
                lambda: (shutil.rmtree(folder), os.mkdir(folder)),
                lambda: (os.rename(folder, folder + ".old"), os.mkdir(folder)))):
            replace()
            self.settle(server)
            name = f"replaced-{number}.example.com"
            self.check_change(server, lambda: server.write_policy(approval(name), "approvals.d/team/a.yaml"), [name], DENIED, GRANTED)
            self.check_change(server, lambda: os.unlink(f"{folder}/a.yaml"), [name], GRANTED, DENIED)

    def test_file_behind_a_swapped_link(self):
        folder = self.keep(Folder()).path
        for number in (1, 2):
            backends.write(f"{folder}/release-{number}/policy.yaml", self.text(CLOSED) + f"# {number}\n")
        os.symlink("release-1", f"{folder}/current")
        server = self.serve_policy(**{"caapolicy-policy": f"{folder}/current/policy.yaml"})
        mark = server.mark()
        os.symlink("release-2", f"{folder}/next")
        os.rename(f"{folder}/next", f"{folder}/current")
        self.wait_reload(server, mark)
        self.check_change(server, lambda: backends.write(f"{folder}/release-2/policy.yaml", self.text(OPEN)), ["www.example.com"],
                          DENIED, GRANTED)

    def test_file_that_only_the_broken_policy_names(self):
        server = self.serve_policy()
        mark = server.mark()
        server.write_policy("approvals: 3\n", "more/below/a.yaml")
        self.put(server, CLOSED.replace("approvals.d/*.yaml", "more/below/*.yaml"))
        server.wait_log(r"what was served before stays in force", since=mark)
        self.check_change(server, lambda: server.write_policy(approval("shop.example.com"), "more/below/a.yaml"),
                          ["shop.example.com"], DENIED, GRANTED)

    def test_folder_that_nobody_else_may_write_to_any_more(self):
        server = self.serve_policy()
        mark = server.mark()
        os.chmod(server.policy_folder, 0o777)
        server.wait_log(r"what was served before stays in force", since=mark)
        os.chmod(server.policy_folder, 0o755)
        wait_until(lambda: server.statistic("caapolicy-current") == 1)

    def test_change_while_the_policy_is_loaded(self):
        server = self.serve_policy(files={"approvals.d/a.yaml": approval("shop.example.com"), "approvals.d/many.jsonl": ""})
        for turn in range(3):
            many = "".join(f'{{"name": "n{number}.example.com", "issuer": "ca.example"}}\n' for number in range(turn, 40000))
            opened = self.keep(Opened(f"{server.policy_folder}/approvals.d"))
            server.write_policy(many, "approvals.d/many.jsonl")
            opened.wait("many.jsonl")  # a.yaml has been looked at
            name = f"shop-{turn}.example.com"
            server.write_policy(approval(name), "approvals.d/a.yaml")
            wait_until(lambda: self.caa(server, name) == GRANTED)

    @unittest.skipUnless(abilities.may_limit_inotify(), "takes inotify away in a user namespace")
    def test_server_starts_when_files_cannot_be_watched(self):
        # A user namespace has a limit of its own.
        server = self.serve_policy(within=["unshare", "--user", "--map-root-user", "sh", "-c",
                                           'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', "sh"])
        self.assertRegex(server.log(), r"\[caapolicy\] can't watch files: .*: changes are noticed only by `pdns_control reload`")
        self.put(server, OPEN)
        server.control("reload")
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)

    def test_unrelated_files_change_nothing(self):
        server = self.serve_policy()
        mark = server.mark()
        for number in range(20):
            backends.write(f"{server.policy_folder}/notes-{number}.txt", "not a policy\n")
        self.put(server, OPEN)
        self.wait_reload(server, mark)
        self.assertEqual(server.statistic("caapolicy-reloads-good"), 1)

    # Broken files.

    def test_broken_file_changes_nothing(self):
        server = self.serve_policy(OPEN)
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)
        mark = server.mark()
        self.put(server, CLOSED.replace("subtrees", "subtree"))
        server.wait_log(r"what was served before stays in force", since=mark)
        log = server.log(mark)
        self.assertIn("policy.yaml:2:1: error: unknown key `subtree` in the policy [unknown-key]", log)
        self.assertIn("^~~~~~~", log)
        self.assertIn("did you mean `subtrees`?", log)
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)
        self.assertEqual(self.caa(server, "nobody.example.com"), GRANTED)
        self.assertEqual([server.statistic(f"caapolicy-{name}") for name in ("reloads-good", "reloads-failed", "current")],
                         [0, 1, 0])
        self.assertIn("problems: 1\n", server.control("caapolicy-status"))
        self.check_change(server, lambda: self.put(server, CLOSED), ["www.example.com"], GRANTED, DENIED)
        self.assertEqual([server.statistic(f"caapolicy-{name}") for name in ("reloads-good", "reloads-failed", "current")],
                         [1, 1, 1])
        self.assertIn("problems: 0\n", server.control("caapolicy-status"))

    def test_broken_included_file_changes_nothing(self):
        server = self.serve_policy(files={"approvals.d/a.yaml": approval("shop.example.com")})
        mark = server.mark()
        server.write_policy("approvals: [{name: shop.example.com}]\n", "approvals.d/a.yaml")
        server.wait_log(r"what was served before stays in force", since=mark)
        self.assertEqual(self.caa(server, "shop.example.com"), GRANTED)
        self.check_change(server, lambda: os.unlink(f"{server.policy_folder}/approvals.d/a.yaml"), ["shop.example.com"],
                          GRANTED, DENIED)

    DELEGATING = "version: 1\nsubtrees:\n  example.com: {allow: [ca.example]}\n  team.example.com: {delegate: team.yaml}\n"
    TEAM = "version: 1\nsubtrees:\n  team.example.com: {allow: [ca.example]}\n"

    def test_broken_delegated_file_keeps_its_last_good_version(self):
        server = self.serve_policy(self.DELEGATING, {"team.yaml": self.TEAM})
        self.assertEqual(self.caa(server, "x.team.example.com"), GRANTED)
        mark = server.mark()
        server.write_policy("approvals: 3\n", "team.yaml")
        server.wait_log(r"team\.yaml` has errors: its last good version stays in force for `team\.example\.com`", since=mark)
        self.assertEqual(self.caa(server, "x.team.example.com"), GRANTED)
        self.assertEqual(server.statistic("caapolicy-current"), 0)
        # The rest goes on.
        line = self.check_change(server, lambda: self.put(server, self.DELEGATING.replace("{allow: [ca.example]}", "{}")),
                                 ["www.example.com"], GRANTED, DENIED)
        self.assertRegex(line, r"changed: example\.com$")
        self.assertEqual(self.caa(server, "x.team.example.com"), GRANTED)
        self.check_change(server, lambda: server.write_policy("version: 1\n", "team.yaml"), ["x.team.example.com"],
                          GRANTED, DENIED)
        self.assertEqual(server.statistic("caapolicy-current"), 1)

    def test_delegated_file_that_was_never_good(self):
        server = self.serve_policy(self.DELEGATING, {"team.yaml": self.TEAM.replace("allow", "alow")})
        self.assertEqual(self.caa(server, "x.team.example.com"), DENIED)
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)
        self.assertIn("team.yaml:3:22: error: unknown key `alow` in a subtree [unknown-key]", server.log())
        self.assertEqual(server.statistic("caapolicy-current"), 0)
        self.check_change(server, lambda: server.write_policy(self.TEAM, "team.yaml"), ["x.team.example.com"], DENIED, GRANTED)

    # Commands.

    def test_reload_and_rediscover(self):
        server = self.serve_policy(**{"caapolicy-watch": "no"})
        for command, text, expected in (("reload", OPEN, GRANTED), ("rediscover", CLOSED, DENIED)):
            self.put(server, text)
            self.assertRegex(server.control(command), r"^Ok\b")
            self.assertEqual(self.caa(server, "www.example.com"), expected)
        self.put(server, "version: 2\n")
        self.assertRegex(server.control("rediscover"), r"\AOk\b.*\nbut the policy has errors:\n\S*policy\.yaml:1:10: error: ")
        self.assertEqual(self.caa(server, "www.example.com"), DENIED)
        self.assertEqual(server.control("reload"), "Ok\n")
        self.assertEqual(server.statistic("caapolicy-reloads-failed"), 2)

    # Time.

    def watch_instant(self, server, name, instant, before, after):
        """Asks without pause around an instant. An answer that came before it must be the one, one that was asked for
        after it the other, and no TTL may reach past it."""
        seen = set()
        while time.time() < instant + 0.5:
            asked = time.time()
            answer = server.dig(name, "CAA")
            came = time.time()
            if came < instant:
                self.assertEqual(answer.data("CAA"), before)
                for record in answer.answer:
                    self.assertLessEqual(record.ttl, instant - asked)
                seen.add("before")
            elif asked >= instant:
                self.assertEqual(answer.data("CAA"), after)
                seen.add("after")
        self.assertEqual(seen, {"before", "after"})

    def test_approval_ends_on_its_second(self):
        server = self.serve_policy()  # which takes its time with some backends
        end = int(time.time()) + 4
        mark = server.mark()
        server.write_policy(approval("shop.example.com", until=utc(end)), "approvals.d/a.yaml")
        self.wait_reload(server, mark)
        reloads = server.statistic("caapolicy-reloads-good")
        self.watch_instant(server, "shop.example.com", end, GRANTED, DENIED)
        server.wait_log(r"\[caapolicy\] approvals began or ended; changed: shop\.example\.com$")
        self.assertEqual(server.statistic("caapolicy-reloads-good"), reloads)

    def test_approval_begins_on_its_second(self):
        server = self.serve_policy()  # which takes its time with some backends
        begin = int(time.time()) + 4
        mark = server.mark()
        server.write_policy(approval("new.example.com", **{"from": utc(begin)}), "approvals.d/a.yaml")
        server.write_policy(f'{{"name": "other.example.com", "issuer": "ca.example", "from": "{utc(begin)}"}}\n', "approvals.d/b.jsonl")
        server.wait_log(r"reloaded: .* 2 approvals", since=mark)
        self.assertEqual(server.dig("other.example.com", "A").rcode, "NXDOMAIN")
        self.watch_instant(server, "new.example.com", begin, DENIED, GRANTED)
        server.wait_log(r"\[caapolicy\] approvals began or ended; changed: new\.example\.com, other\.example\.com$")
        self.assertEqual(server.dig("other.example.com", "A").rcode, "NOERROR")
        self.assertEqual(self.caa(server, "other.example.com"), GRANTED)

    def test_no_wildcard_answer_outlasts_a_beginning(self):
        begin = int(time.time()) + 100
        server = self.serve_policy(files={"approvals.d/a.yaml": approval("x.team.example.com"),
                                          "approvals.d/b.yaml": approval("new.x.team.example.com", **{"from": utc(begin)})},
                                   **{"caapolicy-nonexistent-names": "nxdomain"})
        for name in ("other.x.team.example.com", "new.x.team.example.com"):  # the guard answers for both
            asked = time.time()
            answer = server.dig(name, "CAA")
            self.assertEqual(answer.data("CAA"), DENIED)
            if name.startswith("new"):
                self.assertLessEqual(answer.answer[0].ttl, begin - asked)
            else:
                self.assertEqual(answer.answer[0].ttl, 300)

    def test_only_what_changed_is_purged(self):
        server = self.serve_policy()
        for name in ("www.example.com", "shop.example.com"):
            self.assertEqual(self.caa(server, name), DENIED)
        mark = server.mark()
        server.write_policy(approval("shop.example.com"), "approvals.d/a.yaml")
        self.wait_reload(server, mark)
        hits = server.statistic("packetcache-hit")
        self.assertEqual(self.caa(server, "shop.example.com"), GRANTED)
        self.assertEqual(server.statistic("packetcache-hit"), hits)
        self.assertEqual(self.caa(server, "www.example.com"), DENIED)
        self.assertEqual(server.statistic("packetcache-hit"), hits + 1)

    def test_transfer_has_no_ttl_past_the_end(self):
        end = int(time.time()) + 100
        server = self.serve_policy(files={"approvals.d/a.yaml": approval("shop.example.com", until=utc(end))})
        asked = time.time()
        records = [record for record in server.axfr("example.com") if record.type == "CAA"]
        ttls = {record.name: record.ttl for record in records}
        self.assertEqual(ttls["www.example.com."], 300)
        self.assertLessEqual(ttls["shop.example.com."], end - asked)


class Folder:
    """A scratch folder."""

    def __init__(self):
        self.path = os.path.realpath(os.path.join(harness.tempfile.mkdtemp(prefix="caapolicy-")))

    def close(self):
        shutil.rmtree(self.path)


class BindChanges(Changes, harness.TestCase):
    def make_backend(self):
        return backends.Bind({"example.com": ZONE})


class Gsqlite3Changes(Changes, harness.TestCase):
    def make_backend(self):
        return backends.Gsqlite3({"example.com": ZONE})


# What has to do with the backend, and not with how files are noticed.
_ENOUGH = {"test_moved_over", "test_included_files_come_and_go", "test_approval_begins_on_its_second",
           "test_no_wildcard_answer_outlasts_a_beginning", "test_only_what_changed_is_purged",
           "test_transfer_has_no_ttl_past_the_end"}
for _backend in (backends.Lmdb, databases.Gpgsql, databases.Gmysql):
    _class = type(_backend.__name__ + "Changes", (Changes, harness.TestCase), {
        "make_backend": lambda self, kind=_backend: kind({"example.com": ZONE}),
        **{name: None for name in dir(Changes) if name.startswith("test_") and name not in _ENOUGH}})
    globals()[_class.__name__] = _class
del _class


class StandaloneChanges(Changes, harness.TestCase):
    """The policy's own zones: nothing exists but what it publishes."""
    ZONES = ("zones:\n  example.com: {primary: ns1.example.com, hostmaster: hostmaster.example.com,"
             " nameservers: [ns1.example.com]}\n")

    def make_backend(self):
        return NoBackend()

    def text(self, policy):
        return policy + self.ZONES

    def test_transfer_has_no_ttl_past_the_end(self):
        end = int(time.time()) + 100
        server = self.serve_policy(files={"approvals.d/a.yaml": approval("shop.example.com", until=utc(end))})
        asked = time.time()
        ttls = {record.name: record.ttl for record in server.axfr("example.com") if record.type == "CAA"}
        self.assertEqual(ttls.keys(), {"example.com.", "shop.example.com.", "*.shop.example.com."})
        self.assertEqual(ttls["example.com."], 300)
        self.assertLessEqual(ttls["shop.example.com."], end - asked)

    test_only_what_changed_is_purged = None  # names that the zone lacks are in no cache

    def test_zones_come_and_go(self):
        server = self.serve_policy()
        self.assertEqual(server.dig("example.net", "SOA").rcode, "REFUSED")
        serial = int(server.dig("example.com", "SOA").data("SOA")[0].split()[2])
        wait_until(lambda: time.time() >= serial + 1)
        mark = server.mark()
        server.write_policy(OPEN.replace("subtrees:\n", "subtrees:\n  example.net: {}\n") + self.ZONES
                            + self.ZONES.removeprefix("zones:\n").replace("example.com: {", "example.net: {"))
        self.wait_reload(server, mark)
        self.assertEqual(self.caa(server, "www.example.net"), DENIED)
        self.assertEqual(server.dig("example.net", "NS").data("NS"), ["ns1.example.com."])
        self.assertGreater(int(server.dig("example.com", "SOA").data("SOA")[0].split()[2]), serial)
        mark = server.mark()
        self.put(server, OPEN)
        self.wait_reload(server, mark)
        self.assertEqual(server.dig("www.example.net", "CAA").rcode, "REFUSED")
        self.assertEqual(self.caa(server, "www.example.com"), GRANTED)


class NoBackend:
    """For `launch=caapolicy`."""
    name = ""
    settings = {}

    def __bool__(self):
        return False

    def close(self):
        pass


del Changes

if __name__ == "__main__":
    unittest.main()
