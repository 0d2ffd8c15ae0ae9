# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the command `caapolicy` in folders of its own.

    class Something(command.TestCase):
        def test_it(self):
            self.policy("version: 1\\nsubtrees: {example.com: {}}\\n")
            self.run_command("check").expect(0, "good: policy.yaml, …")

Environment: CAAPOLICY_COMMAND is the command to test (default: build/cli/caapolicy).
"""
import dataclasses
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f"{ROOT}/tests/integration")  # for those that need servers
COMMAND = os.environ.get("CAAPOLICY_COMMAND", f"{ROOT}/build/cli/caapolicy")


@dataclasses.dataclass
class Done:
    test: unittest.TestCase
    status: int
    stdout: str
    stderr: str

    def expect(self, status, stdout="", stderr=""):
        """All of it: `…` in an expected text stands for anything within a line, alone in a line for any lines."""
        said = f"exit status {self.status}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"
        self.test.assertEqual(self.status, status, said)
        for name, expected, got in (("stdout", stdout, self.stdout), ("stderr", stderr, self.stderr)):
            self.test.assertRegex(got, pattern_of(expected), f"{name} should be\n{expected}\n{said}")
        return self

    def json(self):
        return json.loads(self.stdout)


def pattern_of(expected):
    parts = []
    for line in expected.splitlines():
        parts.append(r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n")
    return re.compile(r"\A" + "".join(parts) + r"\Z")


class TestCase(unittest.TestCase):
    """Each test has an empty folder, `self.folder`, in which commands run."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="caapolicy-cli-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def write(self, path, text):
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        return full

    def read(self, path):
        with open(os.path.join(self.folder, path), encoding="utf-8") as file:
            return file.read()

    def policy(self, text):
        """The file that commands take when they aren't told another one."""
        return self.write("policy.yaml", text)

    def environment(self, more=None):
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm", "CAAPOLICY_FILE": "policy.yaml", **(more or {})}

    def run_command(self, *args, env=None, stdin="", timeout=60, within=()):
        """within: words of a command that becomes it"""
        done = subprocess.run([*within, COMMAND, *args], cwd=self.folder, env=self.environment(env), input=stdin, capture_output=True,
                              text=True, timeout=timeout, check=False)
        return Done(self, done.returncode, done.stdout, done.stderr)

    def run_on_terminal(self, *args, env=None):
        """What a terminal shows, with its colours: stdout and stderr together."""
        leader, follower = pty.openpty()
        with subprocess.Popen([COMMAND, *args], cwd=self.folder, env=self.environment(env), stdin=follower, stdout=follower,
                              stderr=follower) as process:
            os.close(follower)
            shown = b""
            try:
                while part := os.read(leader, 65536):
                    shown += part
            except OSError:  # the other end is closed
                pass
            os.close(leader)
            status = process.wait(60)
        return Done(self, status, shown.decode().replace("\r\n", "\n"), "")
