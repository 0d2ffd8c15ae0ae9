#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caapolicy report: the data, the file, and the page in a browser."""
import json
import os
import re
import shlex
import tempfile
import unittest

import browser
import command
import abilities
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

AT = "2026-11-22T09:00:00Z"
EVIL = "</script><script>document.title='bad'</script><!--<b>&"
POLICY = f"""version: 1
issuers:
  le-web: {{ca: letsencrypt.org, accounts: [https://ca.example.com/acct/1], methods: [http-01]}}
subtrees:
  example.com: {{mail: [digicert.com], vmc: deny}}
  dev.example.com: {{allow: [le-web]}}
  lab.dev.example.com: {{inherit: true, allow: [{{ca: digicert.com, methods: [dns-01], wildcard: true}}], limits: {{lifetime: 90d, require: [method]}}}}
  shops.example.com: {{delegate: team.yaml}}
approvals:
  - {{name: now.example.com, issuer: le-web, from: 2026-11-01T00:00:00Z, until: 2026-12-01T00:00:00Z, ticket: SEC-1, by: pki@example.com}}
  - {{name: old.example.com, issuer: digicert.com, until: 2026-01-01T00:00:00Z}}
  - {{name: next.example.com, issuer: digicert.com, from: 2027-01-01T00:00:00Z}}
  - {{name: evil.example.com, issuer: digicert.com, subtree: true, reason: "{EVIL}"}}
  - {{name: toys.shops.example.com, issuer: digicert.com}}
"""
ATTEMPTS = [{"name": name, "subtree": "example.com", "exists": True, "count": 3, "first": "2026-11-21T09:00:00Z", "last": "2026-11-22T08:00:00Z",
             "networks": ["192.0.2.0/24"], "moreNetworks": True} for name in ("tried.example.com", "now.example.com")]
NO_TEAM = "…\nteam.yaml…error: …\n…\n"


class WithPolicy(command.TestCase):
    def setUp(self):
        super().setUp()
        self.policy(POLICY)
        self.write("team.yaml", "approvals: 1\n")
        self.write("attempts.jsonl", "".join(json.dumps(attempt) + "\n" for attempt in ATTEMPTS))

    def report(self, *args, **more):
        return self.run_command("report", "--at", AT, *args, **more)


class Data(WithPolicy):
    def test_json(self):
        done = self.report("--format", "json", "--attempts", "attempts.jsonl")
        self.assertEqual(done.status, 0, done.stderr)
        data = done.json()
        self.assertEqual((data["at"], data["policy"], data["counts"]), (AT, "policy.yaml", {"subtrees": 4, "approvals": 5, "live": 2}))
        subtrees = {subtree["name"]: subtree for subtree in data["subtrees"]}
        self.assertEqual(list(subtrees), ["example.com", "dev.example.com", "lab.dev.example.com", "shops.example.com"])
        self.assertEqual([subtree["parent"] for subtree in data["subtrees"]], [None, 0, 1, 0])
        lab = subtrees["lab.dev.example.com"]
        self.assertEqual([(data["issuers"][grant["issuer"]]["ca"], grant["wildcard"], grant.get("inherited", False)) for grant in lab["allow"]],
                         [("digicert.com", "also", False), ("letsencrypt.org", "no", True)])
        self.assertEqual((lab["mail"], lab["vmc"], lab["limits"]), (["digicert.com"], [], {"require": ["method"], "lifetime": "90d"}))
        self.assertEqual([subtree["denied"] for subtree in data["subtrees"]], [False, False, False, True])
        approvals = {approval["name"].split(".")[0]: approval for approval in data["approvals"]}
        self.assertEqual({name: approval["state"] for name, approval in approvals.items()},
                         {"now": "live", "old": "ended", "next": "later", "evil": "live", "toys": "denied"})
        self.assertEqual(approvals["toys"]["governedBy"], 3)
        now = approvals["now"]
        self.assertEqual(data["issuers"][now.pop("grants")[0]["issuer"]], {
            "ca": "letsencrypt.org", "as": "le-web", "accounts": ["https://ca.example.com/acct/1"], "methods": ["http-01"]})
        self.assertEqual(now, {"name": "now.example.com", "state": "live", "governedBy": 0, "place": "policy.yaml:10", "from": "2026-11-01T00:00:00Z",
                               "until": "2026-12-01T00:00:00Z", "ticket": "SEC-1", "by": "pki@example.com",
                               "renew": ["caapolicy approve now.example.com --issuer le-web --for 30d"]})
        self.assertEqual([attempt["allowedNow"] for attempt in data["attempts"]], [False, True])
        self.assertEqual(sorted({problem["code"] for problem in data["problems"]}), ["approval-expired", "method-ignored", "subtree-denied", "wrong-type"])

    def test_file(self):
        self.report("--html", "page.html", "--attempts", "attempts.jsonl").expect(0, "wrote page.html\n", NO_TEAM)
        page = self.read("page.html")
        self.assertEqual(self.report("--html", "-", "--attempts", "attempts.jsonl").stdout, page)
        self.assertEqual(sorted(os.listdir(self.folder)), ["attempts.jsonl", "page.html", "policy.yaml", "team.yaml"])
        self.assertEqual(page.count("</script>"), 2)
        self.assertEqual(page.count("<!--"), 1)  # the page's own

    def test_nobody_to_ask(self):
        done = self.report("--format", "json", "--config-dir", self.folder)
        self.assertEqual((done.status, done.json()["attempts"]), (0, None))
        self.assertEqual(done.json()["attemptsMissing"], "Not known: no name server could be asked when this page was made.")
        self.assertNotIn("pdns", done.stderr)

    @unittest.skipUnless(abilities.may_mount(), "mounts")
    def test_full_disk(self):
        """What was there stays, whole, and nothing else is left."""
        script = ('mount -t tmpfs -o size=16k,mode=755 none out && echo before > out/page.html; cat /dev/zero > out/full 2> /dev/null; '
                  '"$0" report --html out/page.html --attempts attempts.jsonl; echo "status $?"; cat out/page.html; ls -A out')
        os.mkdir(f"{self.folder}/out")
        done = command.subprocess.run(["unshare", "--mount", "sh", "-c", script, command.COMMAND], cwd=self.folder, env=self.environment(), capture_output=True, text=True,
                                      timeout=60, check=False)
        command.Done(self, done.returncode, done.stdout, done.stderr).expect(
            0, "status 1\nbefore\nfull\npage.html\n", NO_TEAM + "caapolicy: can't write `out/page.html`: No space left on device\n")

    def test_how_to_renew(self):
        self.write("team.yaml", "approvals: []\n")
        account = "https://ca.example.com/acct/1"
        self.policy(f"""version: 1
issuers:
  le-web: {{ca: letsencrypt.org, accounts: ["{account}"], methods: [http-01]}}
subtrees: {{example.com: {{}}}}
include: [approvals.d/*.yaml]
approvals:
  - {{name: a.example.com, issuer: le-web, from: 2026-11-01T00:00:00Z, until: 2026-12-01T00:00:00Z}}
  - {{name: b.example.com, issuers: [{{ca: digicert.com, methods: [dns-01]}}, ssl.com], subtree: true, wildcard: true, until: 2026-11-23T09:00:00Z}}
  - {{name: c.example.com, issuer: {{ca: letsencrypt.org, accounts: ["{account}"]}}, wildcard: only, from: 2026-11-22T08:00:00Z, until: 2026-11-22T10:00:00Z}}
  - {{name: far.example.com, issuer: le-web, until: 2027-12-01T00:00:00Z}}
  - {{name: old.example.com, issuer: le-web, until: 2026-01-01T00:00:00Z}}
""")
        os.mkdir(f"{self.folder}/approvals.d")
        renew = {approval["name"]: approval.get("renew") for approval in self.report("--format", "json", "--attempts", "attempts.jsonl").json()["approvals"]}
        self.assertEqual(renew, {
            "a.example.com": ["caapolicy approve a.example.com --issuer le-web --for 30d"],
            "b.example.com": ["caapolicy approve b.example.com --issuer digicert.com --method dns-01 --wildcard --subtree --for 30d",
                              "caapolicy approve b.example.com --issuer ssl.com --wildcard --subtree --for 30d"],
            "c.example.com": [f"caapolicy approve c.example.com --issuer letsencrypt.org --account {account} --wildcard=only --for 2h"],
            "far.example.com": None, "old.example.com": None})
        for lines in filter(None, renew.values()):
            for line in lines:
                done = self.run_command(*shlex.split(line)[1:], "--at", AT)
                self.assertEqual((done.status, done.stdout.split(":")[0]), (0, "approved"), line + done.stdout + done.stderr)

    def test_failures(self):
        self.report().expect(2, "", "caapolicy: where to? --html FILE writes a page, --format json prints the data\n")
        self.report("--html", "no/page.html").expect(1, "", NO_TEAM + "caapolicy: there is no folder `no` to write to; make it, with a group that the server is in\n")
        self.report("--html", "-", "--attempts", "no.jsonl").expect(1, "", NO_TEAM + "caapolicy: can't read `no.jsonl`: No such file or directory\n")
        self.write("bad.jsonl", '{"name": 1}\n')
        self.report("--html", "-", "--attempts", "bad.jsonl").expect(
            1, "", NO_TEAM + "caapolicy: `bad.jsonl` says `{\"name\": 1}`: does it have the module caapolicy, in this version?\n")
        self.write("page.html", "before")
        self.policy("version: 2\n")
        self.report("--html", "page.html").expect(4, "", "…\ncaapolicy: the policy `policy.yaml` has errors, see above; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong\n")
        self.assertEqual(self.read("page.html"), "before")


# Text on its ground, by WCAG 2.2 1.4.3: those under 4.5:1.
FAINT_TEXT = """
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const groundOf = (element) => { for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor); if (colour.length < 4 || colour[3] > 0) return colour; } return [255, 255, 255]; };
  return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => { const [a, b] = [luminance(channels(getComputedStyle(e).color)), luminance(groundOf(e))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 80)]; }).filter(([ratio]) => ratio < 4.5);
"""


class Page(WithPolicy):
    """All in one browser: it takes seconds to start."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="caapolicy-browser-", ignore_cleanup_errors=True)
        cls.addClassCleanup(scratch.cleanup)
        cls.browser = browser.Browser(scratch.name)
        cls.addClassCleanup(cls.browser.quit)

    def open(self, *args):
        done = self.report("--html", "page.html", *args)
        self.assertEqual(done.status, 0, done.stderr)
        self.browser.emulate()
        self.browser.get_log("performance")
        self.browser.get(f"file://{self.folder}/page.html")
        self.assertEqual([entry for entry in self.browser.get_log("browser") if "favicon" not in entry["message"]], [])

    def open_big(self, approvals=10000, subtrees=200):
        self.policy("version: 1\nsubtrees:\n  example.com: {}\n" + "".join(f"  t{i}.example.com: {{}}\n" for i in range(subtrees)) + "include: [a.jsonl]\n")
        self.write("a.jsonl", "".join(json.dumps({"name": f"n{i}.t{i % subtrees}.example.com", "issuer": "letsencrypt.org", "ticket": f"SEC-{i}",
                                                  "until": f"2027-01-{1 + i % 28:02}T00:00:00Z"}) + "\n" for i in range(approvals)))
        self.open("--attempts", "attempts.jsonl")

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return [element.text for element in self.all(selector)]

    def search(self, words):
        field = self.browser.find_element(By.ID, "words")
        field.clear()
        field.send_keys(words or " ", Keys.BACKSPACE if not words else "")

    def test_content(self):
        self.open("--attempts", "attempts.jsonl")
        self.assertEqual(self.texts("#expiring tbody th"), ["now.example.com"])
        self.assertIn("in 8 days", self.texts("#expiring tbody")[0])
        self.assertEqual(self.texts("#expiring tbody code"), ["caapolicy approve now.example.com --issuer le-web --for 30d"])
        self.assertEqual(self.texts("#subtrees .name"), ["example.com", "dev.example.com", "lab.dev.example.com", "shops.example.com"])
        self.assertIn("Nobody, not even by an approval", self.texts("#subtrees li li .node")[2])
        self.assertIn("only account https://ca.example.com/acct/1, only by http-01, from above", self.texts("#subtrees li li li .node")[0])
        self.assertEqual(self.texts("#approvals table:not(.months) tbody th .name"), [f"{name}.example.com" for name in ("evil", "next", "now", "old", "toys.shops")])
        self.assertEqual([row.split("\n")[0] for row in self.texts("#attempts tbody th")], ["tried.example.com", "now.example.com"])
        self.assertIn("192.0.2.0/24, …", self.texts("#attempts tbody")[0])
        self.assertIn("error: ", self.texts("#problems tbody tr:first-child")[0])
        self.assertEqual(self.texts(".figures dd"), ["4", "2", "1", "2", "1", "3"])

    def test_nothing_of_the_policy_is_markup(self):
        self.open()
        self.assertEqual(self.browser.title, "Who may issue certificates: policy.yaml, 2026-11-22")
        self.assertTrue(EVIL in self.texts("#approvals")[0])

    def test_no_other_resource(self):
        self.open()
        asked = re.findall(r'"requestWillBeSent".*?"url":"([^"]*)"', " ".join(entry["message"] for entry in self.browser.get_log("performance")))
        self.assertEqual(set(asked) - {f"file://{self.folder}/page.html"}, set())
        self.assertNotRegex(self.read("page.html"), r"""(?i)\b(src|href)=(?!"#)|@import|url\(""")

    def test_search(self):
        self.open_big()
        self.assertEqual(len(self.all("#approvals table:not(.months) tbody tr")), 100)
        self.search("t7.example SEC-4207")
        self.assertEqual(self.texts("#approvals table:not(.months) tbody .name"), ["n4207.t7.example.com"])
        self.assertEqual(self.texts("#found"), ["Found: 0 subtrees, 1 approval (0 ending soon), 0 denied names."])
        self.search("t7.example")
        self.assertEqual(self.texts("#subtrees .name"), ["example.com", "t7.example.com"])
        self.assertEqual(self.texts("#found"), ["Found: 1 subtree, 50 approvals (0 ending soon), 0 denied names."])
        self.search("")
        self.assertEqual(self.texts("#found"), [""])

    def test_choices(self):
        self.open("--attempts", "attempts.jsonl")
        for state, names in (("soon", ["now"]), ("later", ["next"]), ("ended", ["old"]), ("denied", ["toys"]), ("live", ["evil", "now"])):
            self.all(f"#state option[value={state}]")[0].click()
            self.assertEqual([text.split(".")[0] for text in self.texts("#approvals table:not(.months) tbody .name")], names)
        self.all("#state option[value='']")[0].click()
        self.all("#order option[value=until]")[0].click()
        self.assertEqual(self.texts("#approvals table:not(.months) tbody .name")[:2], ["old.example.com", "now.example.com"])

    def test_keyboard(self):
        self.open("--attempts", "attempts.jsonl")
        fold = self.all("#subtrees .fold")[0]
        fold.send_keys(Keys.ENTER)
        self.assertEqual((fold.get_attribute("aria-expanded"), [name for name in self.texts("#subtrees .name") if name]), ("false", ["example.com"]))
        fold.send_keys(Keys.SPACE)
        self.assertEqual((fold.get_attribute("aria-expanded"), len([name for name in self.texts("#subtrees .name") if name])), ("true", 4))
        self.all("#subtrees li li:last-child .approvals-of")[0].send_keys(Keys.ENTER)
        self.assertEqual(self.texts("#approvals table:not(.months) tbody .name"), ["toys.shops.example.com"])
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)  # show all
        self.assertEqual(len(self.all("#approvals table:not(.months) tbody tr")), 5)
        # Everything that does something is reached, and it shows where one is.
        wanted = self.browser.execute_script("return [...document.querySelectorAll('a, button, input, select')].filter((e) => e.checkVisibility()).length")
        reached = set()
        for _ in range(wanted + 2):  # beyond the end is the browser, then the beginning
            self.browser.switch_to.active_element.send_keys(Keys.TAB)
            active = self.browser.switch_to.active_element
            if active.tag_name == "body":
                continue
            reached.add(active.id)
            self.assertNotEqual(active.value_of_css_property("outline-style"), "none", active.get_attribute("outerHTML"))
        self.assertEqual(len(reached), wanted)

    def test_keyboard_goes_on_after_more(self):
        self.open_big()
        self.all("#approvals .more")[0].send_keys(Keys.ENTER)
        rows = self.all("#approvals table:not(.months) tbody tr")
        self.assertEqual((len(rows), self.browser.switch_to.active_element), (200, rows[100]))

    def test_screen_reader(self):
        self.open("--attempts", "attempts.jsonl")
        tree = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"] and "role" in node}
        for role, name in (("searchbox", "Search names, authorities, reasons, tickets and people"), ("combobox", "Show"), ("combobox", "Sort by"),
                           ("navigation", "Sections"), ("region", "Approvals"), ("heading", "Denied attempts"),
                           ("button", "example.com"), ("button", "Show the 5 approvals at or below example.com"),
                           ("table", "1 approval ending within 30 days, the soonest first"), ("columnheader", "Until")):
            self.assertTrue((role, name) in named, f"{role} {name}, of {sorted(name for other, name in named if other == role)}")
        self.assertLessEqual({"banner", "main", "contentinfo", "search", "status"}, {role for role, _ in named})
        self.assertEqual([role for role, name in named if role in ("button", "link", "table", "combobox", "searchbox") and not name], [])

    def test_contrast_and_width(self):
        self.open("--attempts", "attempts.jsonl")
        for scheme in ("light", "dark"):
            for width in (360, 1280):
                self.browser.emulate(width, scheme)
                self.assertEqual(self.browser.execute_script(FAINT_TEXT), [], (scheme, width))
                self.assertLessEqual(self.browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0, (scheme, width))
        ground = "return getComputedStyle(document.documentElement).backgroundColor"
        self.assertEqual(self.browser.execute_script(ground), "rgb(20, 25, 30)")
        self.browser.emulate(scheme="dark", media="print")
        self.assertEqual(self.browser.execute_script(ground), "rgb(255, 255, 255)")

    def test_print(self):
        self.open_big()
        self.assertEqual(len([name for name in self.texts("#subtrees .name") if name]), 1)  # folded
        self.browser.execute_script("addEventListener('beforeprint', () => { document.title = [document.querySelectorAll('#subtrees .name').length, "
                                    "document.querySelectorAll('#approvals table:not(.months) tbody tr').length, document.querySelector('#approvals .content').lastChild.textContent].join(); })")
        self.assertEqual(self.browser.pdf()[:5], b"%PDF-")
        self.assertEqual(self.browser.title, "201,500,… and 9,500 more: search for less before printing.")
        self.assertEqual(len(self.all("#approvals table:not(.months) tbody tr")), 100)
        self.browser.emulate(680, media="print")  # A4 within its margins
        self.assertEqual({table.value_of_css_property("display") for table in self.all("table")}, {"table"})
        self.assertLessEqual(self.browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
        self.assertEqual([element for element in self.all(".control, nav, .skip, .more") if element.is_displayed()], [])


class WithoutScripts(WithPolicy):
    def test_it_can_be_read(self):
        self.report("--html", "page.html", "--attempts", "attempts.jsonl")
        with tempfile.TemporaryDirectory(prefix="caapolicy-browser-", ignore_cleanup_errors=True) as scratch:
            page = browser.Browser(scratch, scripts=False)
            self.addCleanup(page.quit)
            page.get(f"file://{self.folder}/page.html")
            text = page.find_element(By.TAG_NAME, "body").text
        for part in ("Approvals ending within 30 days", "now.example.com 2026-12-01T00:00:00Z letsencrypt.org caapolicy approve now.example.com --issuer le-web --for 30d", "lab.dev.example.com digicert.com (wildcards too), letsencrypt.org",
                     "shops.example.com nobody, not even by an approval", "tried.example.com 3", "team.yaml:1 error: "):
            self.assertIn(part, text)
        self.assertNotIn("Unfold all", text)


if __name__ == "__main__":
    unittest.main()
