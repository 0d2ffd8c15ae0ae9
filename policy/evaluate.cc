// SPDX-License-Identifier: GPL-2.0-or-later
//
// A verdict is made in stages: climb to the record set that counts, stop at a critical property that nobody knows,
// select the records that speak of this kind of certificate, and look for one that authorizes the request.
#include "evaluate.hh"

#include "caa_value.hh"
#include "utf8.hh"

#include <fmt/format.h>

#include <algorithm>

namespace caapolicy {

namespace {

constexpr size_t kMaxCnameChain = 16;
constexpr uint8_t kCritical = 0x80;

// Where the standards leave room, or CAs are known to differ, the strict reading denies.
enum class Reading : uint8_t { Standard, Strict };

struct Decision {
  bool allow;
  std::string reason;
};

// Stage 1: climb

struct Climbed {
  std::optional<Name> at; // none: no set up to the root
  RecordSet set;
  std::string failure; // not empty: the lookup cannot be finished
};

// What the name has, through the chain of aliases that may begin there.
CaaLookup lookUpThroughAliases(const Name& name, const CaaSource& source, std::string& failure)
{
  std::vector<Name> seen{name};
  CaaLookup found = source(name);
  while (const auto* target = std::get_if<CnameTarget>(&found)) {
    if (std::find(seen.begin(), seen.end(), *target) != seen.end()) {
      failure = fmt::format("the CNAME chain at `{}` is a loop", name.toText());
      return NoCaa{};
    }
    if (seen.size() > kMaxCnameChain) {
      failure = fmt::format("the CNAME chain at `{}` is longer than {}", name.toText(), kMaxCnameChain);
      return NoCaa{};
    }
    seen.push_back(*target);
    found = source(seen.back());
  }
  return found;
}

Climbed climb(const Name& start, const CaaSource& source)
{
  Climbed climbed;
  // RFC 8659 3: up to, but not including, the root. Where the target of an alias has no CAA, the climb goes on at the
  // parent of the alias; the ancestors of the target are never asked, unlike by RFC 6844 before its erratum 5065.
  for (Name name = start; !name.isRoot(); name = name.parent()) {
    CaaLookup found = lookUpThroughAliases(name, source, climbed.failure);
    if (!climbed.failure.empty()) {
      return climbed;
    }
    if (auto* set = std::get_if<RecordSet>(&found); set != nullptr && !set->records.empty()) {
      climbed.at = name;
      climbed.set = std::move(*set);
      return climbed;
    }
  }
  return climbed;
}

// Stage 2: critical properties

const CaaRecord* findCritical(const RecordSet& set, Reading reading)
{
  // RFC 8659 4.1: only bit 0 (value 128) is critical; the others are reserved and to be ignored. Records with flag 1
  // are around, written by people who took it for the critical flag, so the strict reading takes it for that, too.
  const uint8_t mask = reading == Reading::Strict ? 0xff : kCritical;
  const auto critical = std::find_if(set.records.begin(), set.records.end(), [mask](const CaaRecord& record) {
    return (record.flags & mask) != 0 && !isKnownCaaTag(record.tag);
  });
  return critical == set.records.end() ? nullptr : &*critical;
}

// Stage 3: select

struct Selected {
  std::string_view tag;
  std::vector<CaaValue> values; // empty: the set does not restrict this kind of certificate
};

CaaValue valueOf(const CaaRecord& record)
{
  // RFC 8659 4.2: what does not match the grammar counts as an empty issuer.
  return parseCaaValue(record.value).value_or(CaaValue{});
}

std::vector<CaaValue> valuesOf(const RecordSet& set, std::string_view tag)
{
  std::vector<CaaValue> values;
  for (const CaaRecord& record : set.records) {
    if (equalIgnoringCase(record.tag, tag)) { // RFC 8659 4.1: "matching of tags is case insensitive"
      values.push_back(valueOf(record));
    }
  }
  return values;
}

Selected select(const RecordSet& set, const CaRequest& request)
{
  switch (request.property) {
  case Property::IssueMail:
    return {"issuemail", valuesOf(set, "issuemail")};
  case Property::IssueVmc:
    return {"issuevmc", valuesOf(set, "issuevmc")};
  case Property::Issue:
    break;
  }
  if (request.wildcard) {
    // RFC 8659 4.3: issuewild comes before issue for a wildcard name, and says nothing of any other.
    if (auto values = valuesOf(set, "issuewild"); !values.empty()) {
      return {"issuewild", std::move(values)};
    }
  }
  return {"issue", valuesOf(set, "issue")};
}

// Stage 4: decide

// Why a record that names the CA doesn't authorize the request.
enum class Misfit : uint8_t { None, Account, Method };

struct Constraints {
  std::vector<std::string> accounts; // values of `accounturi`
  std::vector<std::string> methods;  // values of `validationmethods`
};

Constraints constraintsOf(const CaaValue& value, Property property, Reading reading)
{
  Constraints constraints;
  // RFC 8657 3 and 4 define both parameters for issue and issuewild; elsewhere they mean what the CA says, if anything.
  if (property != Property::Issue && reading == Reading::Standard) {
    return constraints;
  }
  for (const CaaParameter& parameter : value.parameters) {
    // Neither RFC says that parameter names match in either case, as RFC 8659 4.1 does of property tags. So a name in
    // capitals is one more unknown parameter; the strict reading lets it bind as well.
    const auto is = [&](std::string_view name) {
      return reading == Reading::Strict ? equalIgnoringCase(parameter.name, name) : parameter.name == name;
    };
    if (is("accounturi")) {
      constraints.accounts.push_back(parameter.value);
    }
    if (is("validationmethods")) {
      constraints.methods.push_back(parameter.value);
    }
  }
  return constraints;
}

bool accountFits(const std::vector<std::string>& accounts, const std::string& account)
{
  if (accounts.empty()) {
    return true;
  }
  // RFC 8657 3: more than one, or one that is no URI, is unsatisfiable. Compared byte by byte: a CA knows its own URIs.
  return accounts.size() == 1 && isUri(accounts.front()) && accounts.front() == account;
}

bool methodFits(const std::vector<std::string>& lists, const std::string& method, Reading reading)
{
  // RFC 8657 4 leaves it open what a second list means. Each constrains the property it is in, so all must hold.
  if (lists.size() > 1 && reading == Reading::Strict) {
    return false;
  }
  return std::all_of(lists.begin(), lists.end(), [&](const std::string& list) {
    const auto methods = parseMethodList(list);
    // An empty list is well formed and fits nothing; neither does any list fit a request without a method.
    return methods && std::find(methods->begin(), methods->end(), method) != methods->end();
  });
}

bool namesCa(const CaaValue& value, const std::string& ca, Reading reading)
{
  if (value.issuer.empty()) {
    return false;
  }
  // A domain name compares without regard to case (RFC 4343), but some CAs compare it as text.
  return reading == Reading::Strict ? value.issuer == ca : equalIgnoringCase(value.issuer, ca);
}

Misfit misfitOf(const CaaValue& value, const CaRequest& request, Reading reading)
{
  const Constraints constraints = constraintsOf(value, request.property, reading);
  if (!accountFits(constraints.accounts, request.account)) {
    return Misfit::Account;
  }
  if (!methodFits(constraints.methods, request.method, reading)) {
    return Misfit::Method;
  }
  return Misfit::None;
}

std::string misfitText(Misfit misfit, std::string_view tag, const CaRequest& request)
{
  if (misfit == Misfit::Account) {
    return request.account.empty() ? fmt::format("`{}` demands an account of `{}`, the request has none", tag, request.ca)
                                   : fmt::format("`{}` names `{}`, but not for the account `{}`", tag, request.ca, request.account);
  }
  return request.method.empty() ? fmt::format("`{}` demands a method of `{}`, the request has none", tag, request.ca)
                                : fmt::format("`{}` names `{}`, but not for the method `{}`", tag, request.ca, request.method);
}

Decision decideBySelected(const Selected& selected, const CaRequest& request, Reading reading)
{
  std::optional<Misfit> misfit;
  for (const CaaValue& value : selected.values) {
    if (!namesCa(value, request.ca, reading)) {
      continue;
    }
    const Misfit of = misfitOf(value, request, reading);
    if (of == Misfit::None) {
      return {true, fmt::format("`{}` names `{}`", selected.tag, request.ca)};
    }
    misfit = misfit.value_or(of); // the first one explains
  }
  if (misfit) {
    return {false, misfitText(*misfit, selected.tag, request)};
  }
  return {false, fmt::format("no `{}` names `{}`", selected.tag, request.ca)};
}

// RFC 8659 4.3 is clear that issuewild alone leaves other names free. Some CAs take a set that grants wildcards only
// for one that grants nothing else.
bool grantsWildcardsOnly(const RecordSet& set)
{
  const auto wild = valuesOf(set, "issuewild");
  return std::any_of(wild.begin(), wild.end(), [](const CaaValue& value) { return !value.issuer.empty(); });
}

Decision decide(const RecordSet& set, const CaRequest& request, Reading reading)
{
  if (const CaaRecord* critical = findCritical(set, reading)) {
    return {false, fmt::format("`{}` has flags {} and is not known", printable(critical->tag), critical->flags)};
  }
  const Selected selected = select(set, request);
  if (!selected.values.empty()) {
    return decideBySelected(selected, request, reading);
  }
  // RFC 8659 4.2: without such a property the set does not restrict issuance, and having been found it ends the climb.
  if (reading == Reading::Strict && request.property == Property::Issue && grantsWildcardsOnly(set)) {
    return {false, "`issuewild` names a CA and there is no `issue`"};
  }
  return {true, fmt::format("the set has no `{}`", selected.tag)};
}

} // namespace

Verdict evaluate(const CaRequest& request, const CaaSource& source)
{
  Verdict verdict;
  Climbed climbed = climb(request.name, source);
  if (!climbed.failure.empty()) {
    verdict.reason = std::move(climbed.failure);
    return verdict;
  }
  if (!climbed.at) {
    verdict.allow = verdict.strictAllow = true;
    verdict.reason = "no CAA is found up to the root";
    return verdict;
  }
  verdict.decidedAt = std::move(climbed.at);
  Decision decision = decide(climbed.set, request, Reading::Standard);
  verdict.allow = decision.allow;
  verdict.reason = std::move(decision.reason);
  if (verdict.allow) { // so that the strict reading can never allow more
    Decision strict = decide(climbed.set, request, Reading::Strict);
    verdict.strictAllow = strict.allow;
    if (!strict.allow) {
      verdict.strictReason = std::move(strict.reason);
    }
  }
  return verdict;
}

} // namespace caapolicy
