#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Launch lines: what can be wrapped, and what is said of those that can't."""
import unittest

import backends
import harness

ZONE = """
@  300 SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300
@  300 NS  ns1.example.com.
@  300 TXT "%s"
"""


class Launch(harness.TestCase):
    def zones(self, name, text):
        return self.keep(backends.Gsqlite3({name: ZONE % text}))

    def refused(self, launch, expected, **settings):
        """Neither the server nor pdnsutil starts, and both say why."""
        server = self.keep(harness.Server(launch=launch, settings=settings))
        with self.assertRaises(harness.StartError) as caught:
            server.start()
        self.assertIn(expected, caught.exception.log)
        util = server.try_pdnsutil("list-all-zones")
        self.assertEqual(util.returncode, 1)
        self.assertIn(expected, util.stderr)

    def test_named_instance(self):
        first, second = self.zones("example.com", "one"), self.zones("example.net", "two")
        server = self.serve(launch="caapolicy:gsqlite3,caapolicy:gsqlite3-two", settings={
            "gsqlite3-database": first.database, "gsqlite3-two-database": second.database})
        self.assertEqual(server.dig("example.com", "TXT").data("TXT"), ['"one"'])
        self.assertEqual(server.dig("example.net", "TXT").data("TXT"), ['"two"'])

    def test_beside_a_backend_that_is_not_wrapped(self):
        first, second = self.zones("example.com", "one"), self.zones("example.net", "two")
        server = self.serve(launch="caapolicy:gsqlite3,gsqlite3:two", settings={
            "gsqlite3-database": first.database, "gsqlite3-two-database": second.database})
        self.assertEqual(server.dig("example.com", "TXT").data("TXT"), ['"one"'])
        self.assertEqual(server.dig("example.net", "TXT").data("TXT"), ['"two"'])

    def test_instance_after_second_colon(self):
        self.refused("caapolicy:gsqlite3:two",
                     "`launch=caapolicy:gsqlite3:two`: write `caapolicy:gsqlite3-two` to wrap the instance `two` of "
                     "`gsqlite3`")

    def test_wrapped_and_bare(self):
        self.refused("caapolicy:bind,bind",
                     "`launch=caapolicy:bind,bind` has `bind` both wrapped by `caapolicy` and on its own, where no "
                     "policy holds: remove the second")

    def test_unknown_module(self):
        self.refused("caapolicy:nosuch", "`launch=caapolicy:nosuch`: no backend module `nosuch`: ")

    def test_not_a_module_name(self):
        for name in ("caapolicy", "../bind", "Bind"):
            with self.subTest(name=name):
                self.refused(f"caapolicy:{name}",
                             f"`launch=caapolicy:{name}`: `{name}` can't be wrapped: name a backend module, as in "
                             "`caapolicy:bind`")

    def test_settings_are_listed(self):
        done = harness.run([harness.PDNS_SERVER, "--no-config", f"--load-modules={harness.MODULE}",
                            "--launch=caapolicy:bind", "--config=default"])
        for setting in ("caapolicy-policy=/etc/powerdns/caa/policy.yaml", "caapolicy-nonexistent-names=answer",
                        "caapolicy-watch=yes", "bind-config="):
            self.assertIn(f"# {setting}\n", done.stdout)

    def test_module_names_itself(self):
        server = self.serve(self.zones("example.com", "one"))
        version = harness.run([harness.PDNS_SERVER, "--version"]).stderr
        built_for = server.wait_log(r"\[caapolicy\] This is the caapolicy backend version [\d.]+, built for PowerDNS "
                                    r"([\d.]+), reporting")[1]
        self.assertIn(f"PowerDNS Authoritative Server {built_for} ", version)


if __name__ == "__main__":
    unittest.main()
