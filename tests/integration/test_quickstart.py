#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/quickstart.sh, from a copy in a folder with a space in its name."""
import glob
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import harness


class Quickstart(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="caapolicy quickstart ")
        self.addCleanup(scratch.cleanup)
        self.root = f"{scratch.name}/a copy"
        shutil.copytree(f"{harness.ROOT}/examples", f"{self.root}/examples")
        os.mkdir(f"{self.root}/tests")
        shutil.copy(f"{harness.ROOT}/tests/prepare.sh", f"{self.root}/tests")
        self.script = f"{self.root}/examples/quickstart.sh"
        command = os.environ.get("CAAPOLICY_COMMAND", f"{harness.ROOT}/build/cli/caapolicy")
        self.environment = {**os.environ, "CAAPOLICY_MODULE": harness.MODULE, "CAAPOLICY_COMMAND": command}
        self.environment.pop("NO_COLOR", None)

    def edit(self, path, old, new):
        path = f"{self.root}/examples/{path}"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def run_it(self, *options):
        done = subprocess.run([self.script, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False, env=self.environment)
        self.assert_nothing_left(done.stdout)
        return done

    def tour(self):
        return self.run_it("--once", "--port", str(harness.free_port()))

    def assert_nothing_left(self, output):
        for folder in re.findall(r"/tmp/caapolicy-quickstart\.\w+", output):
            self.assertFalse(os.path.exists(folder))
            for command in glob.glob("/proc/[0-9]*/cmdline"):
                try:
                    with open(command, "rb") as file:
                        self.assertNotIn(folder.encode(), file.read())
                except (FileNotFoundError, ProcessLookupError):
                    pass

    def test_tour(self):
        done = self.tour()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("WRONG", done.stdout)
        for lines in (
            'shop.example.com CAA +short\n0 issue "letsencrypt.org"\n0 issuewild ";"\n',
            'nothing.example.com CAA +short\n0 issue ";"\n',
            'pay.example.com CAA +short\n0 issue ";"\n',
            'before: nobody\nafter: letsencrypt.org, no wildcard, any account, any method\n',
            'pay.example.com CAA +short\n0 issue "letsencrypt.org"\n0 issuewild ";"\n',
            'error: unknown key `alow` in a subtree [unknown-key]\n',
            'what was served before stays in force\n',
            'Every answer was as expected.\n',
        ):
            self.assertIn(lines, done.stdout)

    def test_another_policy(self):
        self.edit("approvals.d/web.yaml", "issuer: letsencrypt.org", "issuer: digicert.com")
        done = self.tour()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('0 issue "digicert.com"\n0 issuewild ";"\nWRONG: that is not the expected answer, which is\n'
                      '0 issue "letsencrypt.org"\n0 issuewild ";"\n', done.stdout)
        self.assertEqual(done.stdout.count("WRONG"), 1)
        self.assertIn("Not every answer was as expected.\n", done.stdout)

    def test_broken_policy(self):
        self.edit("policy.yaml", "version: 1", "version: 2")
        done = self.tour()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("[wrong-version]", done.stdout)
        self.assertTrue(done.stdout.endswith("quickstart: the server has not started\n"), done.stdout)

    def test_port_is_taken(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with self.subTest(kind=kind), socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    taken.listen()
                port = taken.getsockname()[1]
                done = self.run_it("--once", f"--port={port}")
                self.assertEqual((done.returncode, done.stdout), (
                    1, f"quickstart: port {port} of 127.0.0.1 is taken: choose another one with --port N\n"))

    def test_options(self):
        self.assertEqual(self.run_it("--help").returncode, 0)
        for options in (["--port"], ["--port", "0"], ["--port", "x"], ["--port", "65536"], ["--what"]):
            with self.subTest(options=options):
                self.assertEqual(self.run_it(*options).returncode, 1)

    def on_a_terminal(self, **environment):
        """Runs it on a terminal until it waits, answers with Ctrl-C, and returns what it printed and its status."""
        process, terminal = pty.fork()
        if process == 0:
            os.execve(self.script, [self.script, "--port", str(harness.free_port())], {**self.environment, **environment})
        output = b""
        try:
            while chunk := os.read(terminal, 65536):
                output += chunk
                if b"What the server logs:" in chunk:
                    os.write(terminal, b"\x03")
        except OSError:  # the other side is closed
            pass
        finally:
            os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        self.assert_nothing_left(output.decode())
        return output.decode(), status

    def test_until_interrupted(self):
        signal.alarm(100)  # a script that doesn't end must not hold up everything
        self.addCleanup(signal.alarm, 0)
        output, status = self.on_a_terminal()
        self.assertEqual(status, 0, output)
        self.assertIn("\x1b[32m", output)
        self.assertRegex(output, r"policy\.yaml\r\n.*/approvals\.d/pay\.yaml\r\nand ask again:\r\n  dig @127\.0\.0\.1 -p ")
        output, status = self.on_a_terminal(NO_COLOR="1")
        self.assertEqual(status, 0, output)
        self.assertNotIn("\x1b", output)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck(self):
        done = subprocess.run(["shellcheck", "-x", "examples/quickstart.sh"], cwd=self.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
