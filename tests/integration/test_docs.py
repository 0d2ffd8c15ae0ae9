#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md and docs/*.md: every snippet works, and every list of something is the list that there is.

What becomes of a fenced block is told by its language:

    yaml    with `version:`, a whole policy; without, a file of the last one, at the path in its first line, a comment
    jsonl   approvals of the last whole policy
    ini     settings of a server, which must start with them
    sh      commands, run with a server that has the last whole policy
    text    what the commands before print, in any order of lines: `…` stands for anything, alone in a line for any lines

A comment before a block may say otherwise: `<!-- not run: why -->`, `<!-- exits with 3 -->`, or `<!-- has an error -->` before a policy; then
the text after it is what is logged.
"""
import dataclasses
import glob
import os
import re
import subprocess
import unittest

import backends
import harness

DOCUMENTS = [f"{harness.ROOT}/README.md", *sorted(glob.glob(f"{harness.ROOT}/docs/*.md"))]
COMMAND = os.environ.get("CAAPOLICY_COMMAND", f"{harness.ROOT}/build/cli/caapolicy")
ZONE = f"{harness.ROOT}/examples/zones/example.com.zone"
# Fixed dates in examples pass, and folders fill later.
# What `cname: flatten` needs; nobody asks for addresses here.
CAN_FLATTEN = {"expand-alias": "yes", "resolver": "127.0.0.1:9"}
HARMLESS = {"approval-expired", "include-matches-nothing"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@dataclasses.dataclass
class Snippet:
    line: int
    language: str
    comment: str
    text: str


def snippets_of(path):
    found = []
    lines = read(path).split("\n")
    number = 0
    while number < len(lines):
        if match := re.fullmatch(r"```(\w*)", lines[number]):
            before = lines[number - 1]
            comment = re.fullmatch(r"<!-- (.*) -->", before)
            end = lines.index("```", number + 1)
            found.append(Snippet(number + 1, match[1], comment[1] if comment else "",
                                 "\n".join(lines[number + 1:end]) + "\n"))
            number = end
        number += 1
    return found


def pattern_of(line):
    return ".*".join(map(re.escape, line.split("…")))


def missing_lines(expected, got):
    """Lines of the expected text that are not in the other one, and the other way round; `…` alone stands for any."""
    wanted = expected.splitlines()
    left = got.splitlines()
    missing = []
    for line in wanted:
        if line == "…":
            continue
        match = next((other for other in left if re.fullmatch(pattern_of(line), other)), None)
        if match is None:
            missing.append(line)
        else:
            left.remove(match)
    return missing + ([] if "…" in wanted else left)


def rows_of(document, heading):
    """The rows of the first table below a heading, each a list of its cells."""
    text = read(f"{harness.ROOT}/docs/{document}")
    section = text.split(f"\n{heading}\n", 1)[1]
    table = re.search(r"\n\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", section)[1]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table.splitlines()]


def codes_in(cell):
    return re.findall(r"`([^`]*)`", cell)


class Snippets(harness.TestCase):
    """One test for each document, made below."""

    def check(self, path):
        self.files = {}         # of the last whole policy, by their paths
        self.has_error = False  # that it has
        self.output = None      # what a text block after this one shows
        for snippet in snippets_of(path):
            with self.subTest(document=os.path.basename(path), line=snippet.line):
                if snippet.comment.startswith("not run: "):
                    self.output = None
                    continue
                handle = {"yaml": self.take_yaml, "jsonl": self.take_jsonl, "ini": self.start_with, "sh": self.run_shell,
                          "text": self.compare}.get(snippet.language)
                self.assertIsNotNone(handle, f"a block of an unknown kind: `{snippet.language}`")
                handle(snippet)
        self.load_files()

    def take_yaml(self, snippet):
        self.output = None
        if re.search(r"^version:", snippet.text, re.M):
            self.load_files()
            self.files = {"policy.yaml": snippet.text}
            self.has_error = snippet.comment == "has an error"
            if self.has_error:
                self.output = self.log_of_error(snippet.text)
            return
        name = re.match(r"# (\S+)\n", snippet.text)
        self.assertIsNotNone(name, "neither a whole policy, nor is its path in the first line")
        self.files[name[1]] = snippet.text

    def take_jsonl(self, snippet):
        self.files["approvals.d/lines.jsonl"] = snippet.text

    def load_files(self):
        """The last whole policy has all its files now."""
        if self.files and not self.has_error:
            status = self.serve_files().control("caapolicy-status")
            self.assertLessEqual(set(re.findall(r" \[([a-z0-9-]+)\]", status)), HARMLESS, status)

    def serve_files(self):
        policy = self.files.get("policy.yaml", harness.EMPTY_POLICY)
        rest = {name: text for name, text in self.files.items() if name != "policy.yaml"}
        backend = None if re.search(r"^zones:", policy, re.M) else self.keep(backends.Bind({"example.com": read(ZONE)}))
        return self.serve(backend, policy=policy, files=rest, settings=CAN_FLATTEN)

    def log_of_error(self, policy):
        server = self.serve()
        mark = server.mark()
        server.write_policy(policy)
        server.wait_log("stays in force", since=mark)
        lines = [line.split("[caapolicy] ", 1) for line in server.log(mark).splitlines()]
        return "\n".join(line[1] for line in lines if len(line) > 1 and not line[1].startswith("loading"))

    def start_with(self, snippet):
        self.output = None
        settings = dict(line.split("=", 1) for line in snippet.text.splitlines())
        launch = settings.pop("launch")
        settings.pop("caapolicy-policy", None)  # the server's own
        for key in settings:
            if key.endswith("-database"):
                settings[key] = self.keep(backends.Gsqlite3({"example.com": read(ZONE)})).database
        if "bind" in launch:
            settings.update(self.keep(backends.Bind({"example.com": read(ZONE)})).settings)
        self.assertEqual([value for value in settings.values() if "/etc/" in value or "/var/" in value], [])
        policy = "version: 1\nsubtrees: {example.com: {}}\n"
        if launch == "caapolicy":
            policy = read(f"{harness.ROOT}/examples/standalone.yaml")
        server = self.serve(launch=launch, policy=policy, settings=settings)
        self.assertEqual(server.dig("no.example.com", "CAA").data("CAA"), ['0 issue ";"'])

    def run_shell(self, snippet):
        server = self.serve_files()
        # A place like the checkout, and one like /etc.
        work = f"{server.folder}/work"
        etc = f"{server.folder}/etc"
        os.makedirs(f"{etc}/pdns.d")
        os.mkdir(work)
        os.makedirs(f"{server.policy_folder}/approvals.d", exist_ok=True)
        backends.write(f"{etc}/pdns.d/bind.conf", "launch+=bind\nbind-config=named.conf\n")
        for name in ("examples", "tests"):
            os.symlink(f"{harness.ROOT}/{name}", f"{work}/{name}")
        backends.write(f"{work}/policy.yaml", self.files.get("policy.yaml", ""))

        text = snippet.text
        for word, replacement in {
            "/etc/powerdns": etc,
            "@127.0.0.1": f"@127.0.0.1 -p {server.port}",
            "pdns_control ": f"pdns_control --config-dir={server.folder} ",
            "caapolicy attempts": f"caapolicy attempts --config-dir={server.folder}",
            "quickstart.sh": f"quickstart.sh --once --port {harness.free_port()}",
            "tests/run.sh": "tests/run.sh --help",  # this test is a part of it
            "--install build": f"--install '{os.environ.get('CAAPOLICY_BUILD', harness.ROOT + '/build')}'",
            "-g pdns ": "-g pdns " if os.geteuid() == 0 else "",
        }.items():
            text = text.replace(word, replacement)
        environment = {**os.environ, "DESTDIR": f"{server.folder}/root", "CAAPOLICY_MODULE": harness.MODULE, "CAAPOLICY_COMMAND": COMMAND,
                       "CAAPOLICY_FILE": server.policy_file, "PATH": f"{os.path.dirname(COMMAND)}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=work, env=environment, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        status = re.fullmatch(r"exits with (\d+)", snippet.comment)
        self.assertEqual(done.returncode, int(status[1]) if status else 0, f"{text}\n{done.stdout}")
        self.output = done.stdout
        # What a command has to do with files.
        if "--install" in text:
            modules = glob.glob(f"{server.folder}/root/**/libcaapolicybackend.so", recursive=True)
            self.assertEqual(len(modules), 1)
            self.assertTrue(os.access(f"{etc}/caa/policy.yaml", os.R_OK))
        if "launch+=" in text:
            self.assertEqual(read(f"{etc}/pdns.d/bind.conf"), "bind-config=named.conf\n")

    def compare(self, snippet):
        self.assertIsNotNone(self.output, "text after nothing that prints something")
        self.assertEqual(missing_lines(snippet.text, self.output), [], self.output)
        self.output = None


def _add_documents():
    for path in DOCUMENTS:
        name = re.sub(r"\W", "_", os.path.basename(path))
        setattr(Snippets, f"test_{name}", lambda self, path=path: self.check(path))


_add_documents()


class Lists(harness.TestCase):
    """What documents enumerate."""

    def test_settings(self):
        done = harness.run([harness.PDNS_SERVER, "--no-config", f"--load-modules={harness.MODULE}", "--launch=caapolicy",
                            "--config=default"])
        there = dict(re.findall(r"^# (caapolicy-[\w-]+)=(.*)$", done.stdout, re.M))
        listed = {codes_in(row[0])[0]: (codes_in(row[2]) or [""])[0] for row in rows_of("module.md", "## Settings")
                  if "caapolicy-" in row[0]}
        self.assertEqual(listed, there)

    def test_metrics(self):
        server = self.serve()
        there = set(re.findall(r"(caapolicy-[\w-]+)=", server.control("list")))
        self.assertEqual({codes_in(row[0])[0] for row in rows_of("module.md", "## Metrics")}, there)

    def test_control_commands(self):
        server = self.serve()
        there = set(re.findall(r"^(caapolicy-[\w-]+)", server.control("help").lower(), re.M))
        listed = set(re.findall(r"pdns_control (caapolicy-[\w-]+)", read(f"{harness.ROOT}/docs/module.md")))
        self.assertEqual(listed, there)

    def test_diagnostics(self):
        there = set()
        source = read(f"{harness.ROOT}/policy/messages.cc")
        for kind, code in re.findall(r'\b(error|warning|outsideLimits)\(\s*"([a-z0-9-]+)"', source):
            there.add((code, "warning" if kind == "warning" else "error"))
        listed = []
        for line in read(f"{harness.ROOT}/docs/diagnostics.md").splitlines():
            if match := re.match(r"\| ((?:`[a-z0-9-]+`(?:, )?)+) \| (error|warning) \|", line):
                listed += [(code, match[2]) for code in codes_in(match[1])]
        self.assertEqual(set(listed), there)
        self.assertEqual(len(listed), len(there))

    def test_log_lines(self):
        lines = [codes[0] for row in rows_of("module.md", "## Log lines")
                 for codes in [re.findall(r"^`(.*)`$", row[0])]]
        # Root may look into any folder, a machine that is out of memory or of inotify instances is no place for this, and
        # test_operating.py and test_flatten.py look at aliases, test_attempts.py at events.
        for line in ("a CA may have asked for the CAA of …, an alias (CNAME): its target decides, the policy has no say",
                     "… records of … are no longer seen at …, an alias that is flattened to addresses: put in there what it needs",
                     "can't write events to …: …: they are lost until it can be written",
                     "can't watch the folder …", "can't watch files: …",
                     "the policy … can't be loaded: …: what was served before stays in force"):
            lines.remove(line)
        policy = "version: 1\nsubtrees: {example.com: {%s}, team.example.com: {delegate: team.yaml}}\n"
        good = "approvals: [{name: a.team.example.com, issuer: letsencrypt.org%s}]\n"
        server = self.serve(policy=policy % "", files={"team.yaml": good % ""})
        for text, path, logged in (
            (policy % "allow: [letsencrypt.org]", None, "reloaded: .*; changed: example.com$"),
            (policy % "allow: [letsencrypt.org]" + "# the same\n", None, "reloaded: .*no answer changed$"),
            (policy % "alow: []", None, "stays in force$"),
            (policy % "allow: [letsencrypt.org]", None, "reloaded"),
            (good % ", tiket: A-1", "team.yaml", "reloaded"),
            (good % f", from: {self.in_a_moment()}", "team.yaml", "approvals began or ended"),
            (policy % ", ".join(f"key{number}: 1" for number in range(102)), None, "has 102 errors: .*stays in force$"),
            (policy % "", None, "reloaded"),
            ("approvals:\n" + "".join(f"- {{name: a{number}.team.example.com, issuer: letsencrypt.org, until: 2020-01-01T00:00:00Z}}\n"
                                      for number in range(102)), "team.yaml", "reloaded"),
        ):
            mark = server.mark()
            server.write_policy(text, path)
            server.wait_log(logged, since=mark)
        denied = self.serve(policy=policy % "", files={"team.yaml": "approvals: 1\n"})
        log = server.log() + "\n" + denied.log()
        got = [line.removeprefix("[caapolicy] ") for line in log.splitlines()]
        for line in lines:
            with self.subTest(line=line):
                self.assertTrue(any(re.fullmatch(pattern_of(line), other) for other in got), log)

    def test_log_line_of_a_failed_start(self):
        line = re.search(r"`(caapolicy can't start[^`]*)`", read(f"{harness.ROOT}/docs/module.md"))[1]
        server = self.keep(harness.Server(policy="version: 2\n"))
        with self.assertRaises(harness.StartError) as caught:
            server.start()
        self.assertRegex(caught.exception.log, pattern_of(line.rstrip(".")))

    @staticmethod
    def in_a_moment():
        return subprocess.run(["date", "-u", "-d", "+2 seconds", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True, text=True,
                              check=True).stdout.strip()

    def test_key_examples(self):
        """Each example of the reference, in the smallest policy that it can stand in."""
        issuers = "issuers: {le-web: {ca: letsencrypt.org, methods: [dns-01]}}\n"
        subtree = "subtrees: {example.com: {%s}}\n"

        def rest_of_approval(key):
            return "".join(f", {other}" for name, other in (("name", "name: a.example.com"), ("issuer", "issuer: le-web"))
                           if key.rstrip("s") != name)

        places = {
            "## The file": lambda key, row: (issuers if key != "issuers" else "")
                                            + (subtree % "" if key == "approvals" else "") + f"{row}\n",
            "## `defaults`": lambda key, row: issuers + f"defaults: {{{row}}}\n",
            "## Issuers": lambda key, row: "issuers: {one: {%s}}\n" % (row if key == "ca" else "ca: letsencrypt.org, " + row),
            "## Subtrees": lambda key, row: issuers + subtree % row,
            "## Items of `allow`": lambda key, row: issuers + subtree % ("allow: [{%s%s}]" % ({
                "accounts": "ca: letsencrypt.org, ", "methods": "ca: letsencrypt.org, ", "wildcard": "issuer: le-web, "
            }.get(key, ""), row)),
            "## `limits`": lambda key, row: issuers + subtree % ("limits: {%s}" % row),
            "## Approvals": lambda key, row: issuers + subtree % "" + "approvals: [{%s%s}]\n" % (row, rest_of_approval(key)),
        }
        server = self.serve(settings={"caapolicy-watch": "no"})
        server.write_policy("approvals: []\n", "teams/shops.yaml")
        server.write_policy("cas: {}\n", "catalogue.json")
        page = read(f"{harness.ROOT}/docs/policy.md").split("# Keys\n")[1]
        sections = re.findall(r"^## .*$", page, re.M)
        self.assertEqual(set(sections) - set(places), {"## Zones"})
        tried = 0
        for section in places:
            table = page.split(f"\n{section}\n")[1].split("\n## ")[0]
            for key, row in re.findall(r"^\| `(\w+)` .*\| `(\w+: .*)` \|$", table, re.M):
                with self.subTest(section=section, example=row):
                    text = places[section](key, row)
                    self.load(server, text if key == "version" else "version: 1\n" + text)
                    tried += 1
        zone = page.split("\n## Zones\n")[1]
        examples = re.findall(r"^\| `\w+` .*\| `(\w+: .*)` \|$", zone, re.M)
        self.load(server, "version: 1\nzones: {example.com: {%s}}\n" % ", ".join(examples))
        self.assertEqual(tried + len(examples), len(re.findall(r"^\| `", page, re.M)))

    def load(self, server, text):
        server.write_policy(text)
        errors = server.control("rediscover")
        problems = server.control("caapolicy-status").split("problems:")[1]
        self.assertLessEqual(set(re.findall(r" \[([a-z0-9-]+)\]", problems)), HARMLESS, f"{text}{errors}{problems}")

    def test_links(self):
        """Links within the project lead somewhere."""
        for path in [*DOCUMENTS, f"{harness.ROOT}/CHANGELOG.md"]:
            for target in re.findall(r"\]\(([^)]+)\)", read(path)):
                if "://" in target:
                    continue
                with self.subTest(document=path, target=target):
                    file, _, anchor = target.partition("#")
                    file = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
                    self.assertTrue(os.path.exists(file))
                    if anchor:
                        titles = re.findall(r"^#+ (.*)$", read(file), re.M)
                        self.assertIn(anchor, {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles})


class Examples(harness.TestCase):
    """The files to copy."""

    def files(self):
        return {os.path.relpath(path, f"{harness.ROOT}/examples"): read(path)
                for path in glob.glob(f"{harness.ROOT}/examples/**", recursive=True)
                if path.endswith((".yaml", ".jsonl"))}

    def test_policy_loads_whole(self):
        files = self.files()
        standalone = files.pop("standalone.yaml")
        for policy in (files.pop("policy.yaml"), standalone):
            rest = files if policy != standalone else {}
            server = self.serve(policy=policy, files=rest)
            status = server.control("caapolicy-status")
            self.assertIn("\nproblems: 0\n", status)
            self.assertIn(f"\nfiles: {1 + len(rest)}\n", status)

    def test_standalone(self):
        server = self.serve(policy=self.files()["standalone.yaml"])
        self.assertEqual(server.dig("shop.example.com", "CAA").data("CAA"), ['0 issue "letsencrypt.org"', '0 issuewild ";"'])
        self.assertEqual(server.dig("other.example.com", "CAA").data("CAA"), ['0 issue ";"'])


if __name__ == "__main__":
    unittest.main()
