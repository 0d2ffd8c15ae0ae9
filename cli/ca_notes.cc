// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ca_notes.hh"

#include "policy/caa_value.hh"

#include <algorithm>

namespace caapolicy::cli {

namespace {

// What of an answer makes a note worth reading.
struct Seen {
  bool alias{false}, failed{false}, secure{false}, parameters{false}, oddFlags{false}, issue{false}, issuewild{false}, mail{false}, iodef{false};
  bool set{false};     // one decides
  bool none{false};    // none up to the root
  bool wildcard{false}; // is asked for
  bool differs{false};
};

struct Row {
  CaNote note;
  bool (*matters)(const Seen&);
};

const std::vector<Row>& rows()
{
  static const std::vector<Row> all{
    {{"reuse", "a CA may go by what it has seen for the TTL or 8 hours, whichever is longer: a certificate may still be issued after a change",
      "CA/Browser Forum Baseline Requirements, 4.2.2.1 (older versions: 3.2.2.8)"},
     [](const Seen& seen) { return seen.differs; }},
    {{"lookup-failure", "a CA may take a failed lookup for a permission if the failure is not its own, it has tried again, and the zone has no chain of "
      "DNSSEC to the root; since 15 March 2026 a failed validation is never one", "Baseline Requirements, 4.2.2.1 (older versions: 3.2.2.8), ballot SC-085"},
     [](const Seen& seen) { return seen.failed; }},
    {{"failure-at-boulder", "Let's Encrypt asks for the name and all names above it at once, and refuses when a lookup fails below the first set that it finds",
      "boulder, va/caa.go"},
     [](const Seen& seen) { return seen.failed; }},
    {{"dnssec", "since 15 March 2026 a CA has to validate DNSSEC where it asks first; where it asks besides, its remote perspectives, it need not",
      "Baseline Requirements, 4.2.2.1.1, ballot SC-085"},
     [](const Seen& seen) { return seen.secure; }},
    {{"perspectives", "a CA asks from several networks, and servers that differ make it depend on which of them were asked",
      "Baseline Requirements, 3.2.2.9 (multi-perspective issuance corroboration)"},
     [](const Seen& seen) { return seen.differs; }},
    {{"alias", "the CAA of an alias's target counts, and where it has none the climb goes on above the alias; a CA that still goes by RFC 6844 without its "
      "erratum 5065 climbs from the target as well", "RFC 8659 3 and 7"},
     [](const Seen& seen) { return seen.alias; }},
    {{"parameters", "a CA that doesn't know accounturi and validationmethods ignores them, and the record then is for every account and method; "
      "from 15 March 2027 all publicly trusted CAs have to honour them", "RFC 8657 5.2, ballot SC-098v2"},
     [](const Seen& seen) { return seen.parameters; }},
    {{"flags", "some CAs take flag 1 for the critical flag, which is 128, as Let's Encrypt does: unknown tags with either stop it", "RFC 8659 4.1; boulder, va/caa.go"},
     [](const Seen& seen) { return seen.oddFlags; }},
    {{"wildcard", "without issuewild, issue holds for wildcards as well", "RFC 8659 4.3"},
     [](const Seen& seen) { return seen.set && seen.wildcard && !seen.issuewild; }},
    {{"issuewild-only", "a set with issuewild and without issue leaves names that are no wildcards free for every CA; some CAs refuse them all the same",
      "RFC 8659 4.2 and 4.3"},
     [](const Seen& seen) { return seen.issuewild && !seen.issue; }},
    {{"mail", "issuemail is for S/MIME alone, and CAs that don't know RFC 9495 ignore it", "RFC 9495"},
     [](const Seen& seen) { return seen.mail; }},
    {{"iodef", "a CA need not report refused requests to iodef; Let's Encrypt doesn't", "RFC 8659 4.4; boulder, va/caa.go"},
     [](const Seen& seen) { return seen.iodef; }},
    {{"none", "where there is no CAA up to the root, every CA may issue", "RFC 8659 3"},
     [](const Seen& seen) { return seen.none; }},
  };
  return all;
}

void look(const CaaRecord& record, Seen& seen)
{
  const auto is = [&](std::string_view tag) { return equalIgnoringCase(record.tag, tag); };
  seen.issue = seen.issue || is("issue");
  seen.issuewild = seen.issuewild || is("issuewild");
  seen.mail = seen.mail || is("issuemail");
  seen.iodef = seen.iodef || is("iodef");
  seen.oddFlags = seen.oddFlags || record.flags != 0;
  if (is("issue") || is("issuewild")) {
    const auto value = parseCaaValue(record.value);
    seen.parameters = seen.parameters || (value && !value->issuer.empty() && !value->parameters.empty());
  }
}

void look(const LiveClimb& climb, Seen& seen)
{
  for (const auto& step : climb.steps) {
    seen.alias = seen.alias || !step.aliases.empty();
    seen.secure = seen.secure || step.security == Security::Secure;
  }
  seen.failed = seen.failed || climb.failed();
  seen.none = seen.none || (climb.decider() == nullptr && !climb.failed() && !climb.leaves());
  if (const Lookup* decider = climb.decider()) {
    seen.set = true;
    for (const auto& record : decider->set.records) {
      look(record, seen);
    }
  }
}

} // namespace

std::vector<CaNote> allCaNotes()
{
  std::vector<CaNote> notes;
  for (const auto& row : rows()) {
    notes.push_back(row.note);
  }
  return notes;
}

std::vector<CaNote> caNotesFor(const std::vector<LiveClimb>& climbs, bool wildcard, bool differs)
{
  Seen seen;
  seen.wildcard = wildcard;
  seen.differs = differs;
  for (const auto& climb : climbs) {
    look(climb, seen);
  }
  std::vector<CaNote> notes;
  for (const auto& row : rows()) {
    if (row.matters(seen)) {
      notes.push_back(row.note);
    }
  }
  return notes;
}

} // namespace caapolicy::cli
