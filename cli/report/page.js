// SPDX-License-Identifier: GPL-2.0-or-later
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const now = Date.parse(data.at);
  const DAY = 86400000;
  const STEP = 100; // rows that are shown at once; nobody reads ten thousand
  const ON_PAPER = 500; // rows of a table; a browser takes minutes to lay out thousands of them on pages
  const byId = (id) => document.getElementById(id);
  const contentOf = (id) => byId(id).querySelector(".content");

  // Text only ever becomes text: nothing of the policy is read as HTML.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }
  const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  const folder = data.policy.slice(0, data.policy.lastIndexOf("/") + 1);
  const place = (of) => make("code", {}, of.startsWith(folder) ? of.slice(folder.length) : of);

  // ---- what is in the data, made ready for searching and sorting

  const children = data.subtrees.map(() => []);
  const roots = [];
  data.subtrees.forEach((subtree, index) => (subtree.parent === null ? roots : children[subtree.parent]).push(index));

  function issuerWords(index) {
    const issuer = data.issuers[index];
    return `${issuer.ca} ${issuer.as} ${issuer.accounts.join(" ")} ${issuer.methods.join(" ")}`;
  }
  const grantWords = (grants) => grants.map((grant) => issuerWords(grant.issuer)).join(" ");
  for (const approval of data.approvals) {
    approval.begins = approval.from ? Date.parse(approval.from) : -Infinity;
    approval.ends = approval.until ? Date.parse(approval.until) : Infinity;
    approval.words = [approval.name, grantWords(approval.grants), approval.reason, approval.ticket, approval.by, approval.place].join(" ").toLowerCase();
  }
  for (const subtree of data.subtrees) {
    subtree.words = `${subtree.name} ${grantWords(subtree.allow)} ${subtree.place}`.toLowerCase();
    subtree.approvals = 0;
    subtree.live = 0;
  }
  for (const approval of data.approvals) {
    for (let index = approval.governedBy; index !== null; index = data.subtrees[index].parent) {
      data.subtrees[index].approvals += 1;
      data.subtrees[index].live += approval.state === "live" ? 1 : 0;
    }
  }
  for (const attempt of data.attempts ?? []) {
    attempt.words = `${attempt.name} ${attempt.networks.join(" ")}`.toLowerCase();
  }
  const isSoon = (approval) => approval.renew !== undefined;
  function isWithin(index, ancestor) {
    for (; index !== null; index = data.subtrees[index].parent) {
      if (index === ancestor) {
        return true;
      }
    }
    return false;
  }

  let words = [];
  const matches = (thing) => words.every((word) => thing.words.includes(word));

  // ---- parts

  function dateOf(text, none) {
    return text ? make("time", { datetime: text, title: text }, text.slice(0, 10)) : make("span", { class: "faint" }, none);
  }
  function distance(instant) {
    const days = Math.abs(instant - now) / DAY;
    const text = days >= 2 ? counted(Math.floor(days), "day") : counted(Math.max(1, Math.round(days * 24)), "hour");
    return instant > now ? `in ${text}` : `${text} ago`;
  }
  function grantPart(grant) {
    const issuer = data.issuers[grant.issuer];
    const bound = [
      issuer.accounts.length ? `only account ${issuer.accounts.join(" or ")}` : "any account",
      issuer.methods.length ? `only by ${issuer.methods.join(" or ")}` : "any method",
    ];
    if (grant.wildcard !== "no") {
      bound.unshift(grant.wildcard === "also" ? "wildcards too" : "wildcards only");
    }
    if (grant.inherited) {
      bound.push("from above");
    }
    return make("div", { class: "grant" }, make("strong", {}, issuer.ca), issuer.as === issuer.ca ? "" : ` (${issuer.as})`,
      make("span", { class: "faint" }, `: ${bound.join(", ")}`));
  }
  const notePart = (text) => (text ? make("div", { class: "note" }, text) : null);
  const STATES = { live: ["good", "in force"], later: ["", "begins later"], ended: ["faint", "ended"], denied: ["bad", "without effect: its subtree is denied"] };
  const statePart = (approval) => make("span", { class: STATES[approval.state][0] }, STATES[approval.state][1]);

  // Roles are written out, since a narrow screen shows tables as blocks, and they would be lost with that.
  function table(caption, columns, items, rowOf, shown, className) {
    const body = make("tbody", { role: "rowgroup" });
    const element = make("table", { role: "table", class: className ?? "" }, make("caption", {}, caption),
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, columns.map((column) => make("th", { scope: "col", role: "columnheader" }, column.head ?? column.title)))), body);
    const more = make("button", { type: "button", class: "more" });
    function show(upTo) {
      for (let index = body.childElementCount; index < Math.min(upTo, items.length); ++index) {
        body.append(make("tr", { role: "row" }, rowOf(items[index]).map((cell, column) => {
          const attributes = column === 0 ? { scope: "row", role: "rowheader" } : { role: "cell", "data-label": columns[column].title };
          return make(column === 0 ? "th" : "td", attributes, cell);
        })));
      }
      const left = items.length - body.childElementCount;
      more.hidden = left <= 0;
      more.textContent = `Show ${Math.min(STEP, left).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
    }
    more.addEventListener("click", () => {
      const row = body.childElementCount;
      show(row + STEP);
      body.children[row].tabIndex = -1; // the keyboard goes on where the new ones begin
      body.children[row].focus();
    });
    show(shown);
    if (printing && items.length > ON_PAPER) {
      return [element, make("p", {}, `… and ${(items.length - ON_PAPER).toLocaleString("en")} more: search for less before printing.`)];
    }
    return [element, more];
  }

  // ---- ending soon

  function drawExpiring() {
    const soon = data.approvals.filter((approval) => isSoon(approval) && matches(approval)).sort((a, b) => a.ends - b.ends);
    if (soon.length === 0) {
      contentOf("expiring").replaceChildren(make("p", {}, `No approval${words.length ? " that matches" : ""} ends within 30 days.`));
      return soon.length;
    }
    contentOf("expiring").replaceChildren(...table(`${counted(soon.length, "approval")} ending within 30 days, the soonest first`,
      [{ title: "Name" }, { title: "Ends" }, { title: "Who may issue" }, { title: "Ticket, approved by" }, { title: "To go on" }], soon,
      (approval) => [make("span", { class: "name" }, approval.name),
        [dateOf(approval.until), " ", make("span", { class: `distance ${approval.ends - now <= 7 * DAY ? "bad" : "warn"}` }, distance(approval.ends))],
        approval.grants.map(grantPart), [notePart(approval.ticket), notePart(approval.by)], approval.renew.map((line) => make("div", { class: "renew" }, make("code", {}, line)))],
      printing ? ON_PAPER : 20));
    return soon.length;
  }

  // ---- the tree

  const folded = new Set();
  if (data.subtrees.length > 40) {
    data.subtrees.forEach((_, index) => folded.add(index));
  }
  function limitsPart(limits) {
    const parts = [];
    if (limits.issuers) {
      parts.push(limits.issuers.length ? `only ${limits.issuers.map((index) => data.issuers[index].ca).filter((ca, at, all) => all.indexOf(ca) === at).join(" or ")}` : "nobody");
    }
    if (limits.require) {
      parts.push(`bound to ${limits.require.map((what) => (what === "account" ? "an account" : "a method")).join(" and ")}`);
    }
    if (limits.wildcard === false) {
      parts.push("no wildcards");
    }
    if (limits.lifetime) {
      parts.push(`for at most ${limits.lifetime}`);
    }
    return make("div", { class: "faint" }, `What may be granted here: ${parts.join(", ") || "anything"}`);
  }
  function otherPart(what, domains) {
    return domains ? make("div", { class: "faint" }, `${what}: ${domains.length ? domains.join(", ") : "nobody"}`) : null;
  }
  function node(index, wanted) {
    const subtree = data.subtrees[index];
    const below = children[index].filter((child) => !wanted || wanted.has(child));
    // What a search finds is not hidden, whatever was folded.
    let isOpen = printing || wanted !== null || !folded.has(index);
    const name = make("span", { class: "name" }, subtree.name);
    const list = make("ul", { id: `below-${index}` });
    const fill = () => {
      list.hidden = !isOpen;
      if (isOpen && list.childElementCount === 0) {
        fillTree(list, below, wanted);
      }
    };
    let head = make("span", { class: "leaf" }, name);
    if (below.length > 0) {
      head = make("button", { type: "button", class: "fold", "aria-expanded": String(isOpen), "aria-controls": list.id }, name);
      head.addEventListener("click", () => {
        isOpen = !isOpen;
        isOpen ? folded.delete(index) : folded.add(index);
        fill();
        head.setAttribute("aria-expanded", String(isOpen));
      });
      fill();
    }
    const who = subtree.denied
      ? make("div", { class: "bad" }, "Nobody, not even by an approval: the file that it is delegated to has errors")
      : subtree.allow.length ? subtree.allow.map(grantPart) : make("div", {}, "Nobody");
    const approvals = subtree.approvals === 0 ? make("span", { class: "faint" }, "no approvals")
      : make("button", { type: "button", class: "approvals-of", "aria-label": `Show the ${counted(subtree.approvals, "approval")} at or below ${subtree.name}` },
        `${counted(subtree.approvals, "approval")}, ${subtree.live.toLocaleString("en")} in force`);
    approvals.addEventListener("click", () => {
      only = index;
      drawApprovals();
      byId("approvals").scrollIntoView();
      byId("only").querySelector("button").focus({ preventScroll: true });
    });
    return make("li", {}, make("div", { class: "node" }, make("div", { class: "head" }, head),
      make("div", {}, who, otherPart("S/MIME", subtree.mail), otherPart("Mark certificates", subtree.vmc), subtree.limits ? limitsPart(subtree.limits) : null),
      make("div", {}, approvals)), below.length > 0 ? list : null);
  }
  function fillTree(list, indexes, wanted) {
    const upTo = printing ? ON_PAPER : STEP;
    list.append(...indexes.slice(0, upTo).map((index) => node(index, wanted)));
    const rest = indexes.slice(upTo);
    if (rest.length > 0) {
      const more = make("button", { type: "button", class: "more" }, `Show ${Math.min(STEP, rest.length)} more of ${rest.length.toLocaleString("en")}`);
      const item = make("li", {}, more);
      more.addEventListener("click", () => {
        item.remove();
        const at = list.childElementCount;
        fillTree(list, rest, wanted);
        list.children[at].tabIndex = -1;
        list.children[at].focus();
      });
      list.append(item);
    }
  }
  function drawTree() {
    let wanted = null;
    let found = data.subtrees.length;
    if (words.length > 0) {
      wanted = new Set();
      found = 0;
      data.subtrees.forEach((subtree, index) => {
        if (matches(subtree)) {
          found += 1;
          for (let up = index; up !== null && !wanted.has(up); up = data.subtrees[up].parent) {
            wanted.add(up);
          }
        }
      });
    }
    const tops = roots.filter((index) => !wanted || wanted.has(index));
    const list = make("ul", { class: "tree" });
    fillTree(list, tops, wanted);
    contentOf("subtrees").replaceChildren(tops.length ? list : make("p", {}, words.length ? "No subtree matches." : "The policy has no subtrees."));
    return found;
  }

  // ---- approvals

  let only = null; // the subtree whose approvals are shown
  // The bars show no more than what is near; without dates there is nothing to draw.
  const finite = (values) => values.filter(Number.isFinite);
  const edge = (values, pick, none) => values.reduce((best, value) => pick(best, value), none);
  const first = Math.max(edge(finite(data.approvals.map((approval) => approval.begins)), Math.min, now - 7 * DAY), now - 90 * DAY);
  const last = Math.min(edge(finite(data.approvals.map((approval) => approval.ends)), Math.max, now + 30 * DAY), now + 400 * DAY);
  const position = (instant) => (Math.min(Math.max(instant, first), last) - first) / (last - first) * 100;
  function timeLine(approval) {
    const bar = make("span", { class: `span ${approval.state}` });
    const left = position(approval.begins);
    bar.style.left = `${left}%`;
    bar.style.width = `${position(approval.ends) - left}%`;
    const today = make("span", { class: "now" });
    today.style.left = `${position(now)}%`;
    return make("span", { class: "line", "aria-hidden": "true" }, bar, today);
  }
  function approvalRow(approval) {
    return [[make("span", { class: "name" }, (approval.grants[0].wildcard === "only" ? "*." : "") + approval.name),
      approval.subtree ? make("div", {}, "and every name below") : null, make("div", {}, statePart(approval))],
      approval.grants.map(grantPart), dateOf(approval.from, "always"),
      [dateOf(approval.until, "no end"), approval.state === "live" && approval.until ? make("div", { class: `distance ${isSoon(approval) ? "warn" : "faint"}` }, distance(approval.ends)) : null],
      timeLine(approval),
      [notePart(approval.reason), notePart(approval.ticket), notePart(approval.by && `by ${approval.by}`), make("div", { class: "faint" }, place(approval.place))]];
  }
  const textOf = (instant) => new Date(instant).toISOString().slice(0, 10);
  function months(approvals) {
    const start = new Date(now);
    const rows = [];
    for (let month = 0; month < 12; ++month) {
      const from = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1);
      const to = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month + 1, 1);
      rows.push({ month: textOf(from).slice(0, 7), count: approvals.filter((approval) => approval.ends > now && approval.ends >= from && approval.ends < to).length });
    }
    const most = Math.max(...rows.map((row) => row.count));
    if (most === 0) {
      return [];
    }
    return table("How many end in which month", [{ title: "Month" }, { title: "Approvals" }, { title: "Share", head: make("span", { "aria-hidden": "true" }, "") }], rows, (row) => {
      const bar = make("span", { class: "span" });
      bar.style.left = "0";
      bar.style.minWidth = "0";
      bar.style.width = `${row.count / most * 100}%`;
      return [row.month, row.count.toLocaleString("en"), make("span", { class: "line", "aria-hidden": "true" }, bar)];
    }, Infinity, "months").slice(0, 1);
  }
  function drawApprovals() {
    const state = byId("state").value;
    const found = data.approvals.filter((approval) => matches(approval) && (only === null || isWithin(approval.governedBy, only))
      && (state === "" || (state === "soon" ? isSoon(approval) : approval.state === state)));
    if (byId("order").value === "until") {
      found.sort((a, b) => (a.ends === b.ends ? 0 : a.ends - b.ends));
    } else if (byId("order").value === "from") {
      found.sort((a, b) => (a.begins === b.begins ? 0 : b.begins - a.begins));
    }
    byId("only").hidden = only === null;
    if (only !== null) {
      const all = make("button", { type: "button" }, "Show all approvals");
      all.addEventListener("click", () => {
        only = null;
        drawApprovals();
        byId("state").focus();
      });
      byId("only").replaceChildren("Only those at or below ", make("span", { class: "name" }, data.subtrees[only].name), ". ", all);
    }
    const content = contentOf("approvals");
    if (found.length === 0) {
      content.replaceChildren(make("p", {}, data.approvals.length ? "No approval matches." : "There are no approvals."));
    } else {
      const axis = make("span", {}, "Time line", make("span", { class: "axis" }, make("span", {}, textOf(first)), make("span", {}, textOf(last))));
      content.replaceChildren(...months(found), ...table(
        `${counted(found.length, "approval")}${found.length === data.approvals.length ? "" : ` of ${data.approvals.length.toLocaleString("en")}`}; on the time line, the upright stroke is ${data.at.slice(0, 10)}`,
        [{ title: "Name" }, { title: "Who may issue" }, { title: "From" }, { title: "Until" }, { title: "Time line", head: axis }, { title: "Why" }],
        found, approvalRow, printing ? ON_PAPER : STEP));
    }
    return found.length;
  }

  // ---- attempts and problems

  function drawAttempts() {
    if (data.attempts === null) {
      contentOf("attempts").replaceChildren(make("p", { class: "notice" }, data.attemptsMissing));
      return 0;
    }
    const found = data.attempts.filter(matches);
    if (found.length === 0) {
      contentOf("attempts").replaceChildren(make("p", {}, words.length ? "No attempt matches." : "The server remembers none."));
      return 0;
    }
    contentOf("attempts").replaceChildren(...table(`${counted(found.length, "name")} that authorities asked for and were denied, the latest first`,
      [{ title: "Name" }, { title: "Times" }, { title: "First" }, { title: "Last" }, { title: "From" }, { title: "Now" }], found,
      (attempt) => [make("span", { class: "name" }, attempt.name), attempt.count.toLocaleString("en"), dateOf(attempt.first), dateOf(attempt.last),
        attempt.networks.join(", ") + (attempt.moreNetworks ? ", …" : ""),
        attempt.allowedNow ? make("span", { class: "good" }, "allowed for somebody") : attempt.exists ? "denied" : "denied, and not in the zone"], printing ? ON_PAPER : 50));
    return found.length;
  }
  function drawProblems() {
    const found = data.problems;
    if (found.length === 0) {
      contentOf("problems").replaceChildren(make("p", { class: "good" }, "None: the policy is good."));
      return;
    }
    const ordered = [...found].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
    contentOf("problems").replaceChildren(...table(counted(found.length, "problem"), [{ title: "Place" }, { title: "Problem" }, { title: "How to mend it" }], ordered,
      (problem) => [place(problem.line ? `${problem.file}:${problem.line}` : problem.file),
        [make("span", { class: problem.severity === "error" ? "bad" : "warn" }, problem.severity), `: ${problem.message}`], problem.hint ?? ""], printing ? ON_PAPER : 50));
  }

  // ---- the page

  let printing = false;
  function draw() {
    const expiring = drawExpiring();
    const subtrees = drawTree();
    const approvals = drawApprovals();
    const attempts = drawAttempts();
    drawProblems();
    byId("found").textContent = words.length === 0 ? "" : `Found: ${counted(subtrees, "subtree")}, ${counted(approvals, "approval")} (${expiring.toLocaleString("en")} ending soon), ${counted(attempts, "denied name")}.`;
  }
  byId("words").addEventListener("input", () => {
    words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    draw();
  });
  byId("state").addEventListener("change", drawApprovals);
  byId("order").addEventListener("change", drawApprovals);
  byId("open-all").addEventListener("click", () => { folded.clear(); drawTree(); });
  byId("close-all").addEventListener("click", () => { data.subtrees.forEach((_, index) => folded.add(index)); drawTree(); });
  // On paper nothing can be unfolded.
  window.addEventListener("beforeprint", () => { printing = true; draw(); });
  window.addEventListener("afterprint", () => { printing = false; draw(); });
  for (const element of document.querySelectorAll(".scripted, .control")) {
    element.hidden = false;
  }
  draw();
})();
