#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages and the JSON Schema: what the program says, well-formed, and true. To write them anew:

    CAAPOLICY_WRITE_DOCS=1 python3 tests/cli/test_reference.py
"""
import glob
import json
import os
import re
import subprocess
import unittest

import command
import jsonschema
import yaml

DOCUMENTS = {"schema": "docs/caapolicy.schema.json", "caapolicy.1": "docs/man/caapolicy.1", "caapolicy.yaml.5": "docs/man/caapolicy.yaml.5"}


def read(path):
    with open(f"{command.ROOT}/{path}", encoding="utf-8") as file:
        return file.read()


class Yaml12(yaml.SafeLoader):
    """As editors read it: a timestamp is text, and only true and false are booleans."""
    yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class Documents(command.TestCase):
    def test_up_to_date(self):
        for document, path in DOCUMENTS.items():
            with self.subTest(document=document):
                made = self.run_command("reference", document).expect(0, "…\n").stdout
                if "CAAPOLICY_WRITE_DOCS" in os.environ:
                    with open(f"{command.ROOT}/{path}", "w", encoding="utf-8") as file:
                        file.write(made)
                self.assertEqual(read(path), made, "out of date: run this test with CAAPOLICY_WRITE_DOCS=1")

    def test_unknown(self):
        self.assertEqual(self.run_command("reference", "caapolicy.7").status, 2)
        self.assertNotIn("reference", self.run_command("--help").stdout)


class Manuals(unittest.TestCase):
    def test_well_formed(self):
        for path in DOCUMENTS["caapolicy.1"], DOCUMENTS["caapolicy.yaml.5"]:
            for words in (["groff", "-ww", "-man", "-Tutf8", "-z"], ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"]):
                with self.subTest(path=path, program=words[0]):
                    done = subprocess.run([*words, f"{command.ROOT}/{path}"], capture_output=True, text=True, timeout=60, check=False,
                                          env={**os.environ, "LC_ALL": "C.UTF-8"})
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def shown(self, path, width="300"):
        return subprocess.run(["man", "-l", f"{command.ROOT}/{path}"], capture_output=True, text=True, timeout=60, check=True,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": width}).stdout

    def test_no_hyphens(self):
        """What is to be copied stays as it is."""
        for path in DOCUMENTS["caapolicy.1"], DOCUMENTS["caapolicy.yaml.5"]:
            self.assertNotIn("\u2010", self.shown(path, "80"))

    def test_commands(self):
        page = self.shown(DOCUMENTS["caapolicy.1"])
        for part in ("\n   caapolicy report\n", "--html FILE\n", "Also from the environment variable CAAPOLICY_FILE.", "caapolicy explain NAME [OPTIONS]",
                     "caapolicy ca COMMAND [OPTIONS]", "caapolicy ca show CA [OPTIONS]", "caapolicy test FILE... [OPTIONS]"):
            self.assertIn(part, page)
        self.assertNotIn("caapolicy reference", page)

    def test_keys(self):
        page = self.shown(DOCUMENTS["caapolicy.yaml.5"])
        for part in ("\nITEMS OF ALLOW\n", "       issuers: map: name → issuer\n", "Example: lifetime: 90d\n", "wildcard: true, false or only\n"):
            self.assertIn(part, page)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(read(DOCUMENTS["schema"]))
        jsonschema.Draft7Validator.check_schema(cls.schema)

    def problems(self, text, kind=""):
        schema = self.schema if not kind else {"$ref": f"#/definitions/{kind}", "definitions": self.schema["definitions"]}
        document = yaml.load(text, Yaml12)
        return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors({} if document is None else document)]

    def test_keys(self):
        """Those of the reference page, which a unit test compares with the reader's table."""
        definitions = self.schema["definitions"]
        page = read("docs/policy.md").split("# Keys\n")[1]
        places = {"The file": ["", "included", "delegated"], "`defaults`": ["defaults"], "Issuers": ["issuer"], "Subtrees": ["subtree", "delegatedSubtree"],
                  "Items of `allow`": ["allowItem"], "`limits`": ["limits"], "Approvals": ["approval"], "Zones": ["zone"]}
        sections = re.findall(r"^## (.*)\n((?:.*\n)*?)(?=## |<!--)", page, re.M)
        self.assertEqual({title for title, _ in sections}, set(places))
        for title, text in sections:
            rows = re.findall(r"^\| `(\w+)` \| .* \| (all|root|root, included) \| ", text, re.M)
            for place in places[title]:
                files = {"included": ("all", "root, included"), "delegated": ("all",), "delegatedSubtree": ("all",)}.get(place, ("all", "root", "root, included"))
                there = (definitions[place] if place else self.schema)["properties"]
                self.assertEqual(list(there), [key for key, kinds in rows if kinds in files], place)
                self.assertEqual([key for key, value in there.items() if not value["description"]], [])

    def test_examples(self):
        self.assertEqual(read("examples/policy.yaml").split("\n")[0], "# yaml-language-server: $schema=../docs/caapolicy.schema.json")
        tried = 0
        for pattern, kind in (("examples/*.yaml", ""), ("examples/approvals.d/*.yaml", "included"), ("examples/teams/*.yaml", "delegated")):
            for path in glob.glob(pattern, root_dir=command.ROOT):
                self.assertEqual(self.problems(read(path), kind), [], path)
                tried += 1
        self.assertGreaterEqual(tried, 4)
        for line in read("examples/approvals.d/inventory.jsonl").splitlines():
            self.assertEqual(self.problems(line, "approval"), [])

    def test_snippets(self):
        tried = 0
        for path in ["README.md", *sorted(glob.glob("docs/*.md", root_dir=command.ROOT))]:
            for comment, text in re.findall(r"^(.*)\n```yaml\n((?:.*\n)*?)```$", read(path), re.M):
                if "has an error" in comment or "not run" in comment or text.startswith("# catalogue.yaml\n"):
                    continue
                kind = "" if re.search("^version:", text, re.M) else "delegated" if text.startswith("# teams/") else "included"
                self.assertEqual(self.problems(text, kind), [], f"{path}: {text}")
                tried += 1
        self.assertGreaterEqual(tried, 6)

    def test_bad_policies(self):
        good = "version: 1\nsubtrees: {example.com: %s}\n"
        for value in ("{}", "", "{ttl: 60, iodef: [], mail: deny, inherit: true}", "{allow: [le, {ca: a.example, accounts: ['a:b'], wildcard: only}]}"):
            self.assertEqual(self.problems(good % value), [], value)
        for value in ("{alow: []}", "[]", "{ttl: 0}", "{ttl: '60'}", "{iodef: pki@example.com}", "{mail: []}", "{inherit: yes}", "{allow: le}",
                      "{allow: [{wildcard: true}]}", "{allow: [{issuer: le, ca: a.example}]}", "{allow: [{issuer: le, methods: [dns-01]}]}",
                      "{allow: [{ca: a.example, methods: [dns-1]}]}", "{allow: [{ca: a.example, accounts: []}]}", "{limits: {lifetime: 90}}",
                      "{limits: {require: [ca]}}", "{cname: drop}"):
            self.assertNotEqual(self.problems(good % value), [], value)
        for text in ("subtrees: {}", "version: 2", "version: 1\nsubtrees: {'a b': {}}", "version: 1\ninclude: [a.txt]", "version: 1\nissuers: {Le: {ca: a.example}}",
                     "version: 1\nissuers: {le: a.example}", "version: 1\nzones: {example.com: {primary: a.example, hostmaster: b.example}}"):
            self.assertNotEqual(self.problems(text), [], text)
        approval = "approvals: [{name: a.example.com, %s}]"
        for rest in ("issuer: le, until: 2027-01-01T00:00:00Z, ticket: 12", "issuers: [le, {ca: a.example}], wildcard: only"):
            self.assertEqual(self.problems(approval % rest, "delegated"), [], rest)
        for rest in ("ticket: none", "issuer: a, issuers: [b]", "issuer: a, until: 2027-01-01", "issuer: a, wildcard: maybe", "issuer: a, name: '*.example.com'"):
            self.assertNotEqual(self.problems(approval % rest, "delegated"), [], rest)
        self.assertNotEqual(self.problems("defaults: {}", "included"), [])
        self.assertNotEqual(self.problems("include: []", "delegated"), [])
        self.assertNotEqual(self.problems("subtrees: {example.com: {delegate: a.yaml}}", "delegated"), [])


if __name__ == "__main__":
    unittest.main()
