// SPDX-License-Identifier: GPL-2.0-or-later
//
// records of each name -> what they say in the words of a policy (Said) -> subtrees and approvals -> YAML
#include "import_zone.hh"

#include "caa_value.hh"
#include "issuer_rules.hh"
#include "model.hh"
#include "permissions.hh"
#include "render_set.hh"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace caapolicy {

namespace {

constexpr uint8_t kCritical = 0x80;
constexpr uint32_t kLongestTtl = 604800;

// A record set in the words of a policy.
struct Said {
  std::vector<Grant> grants;
  std::vector<std::string> iodef, contactemail, contactphone;
  std::optional<OtherIssuers> mail, vmc;
  uint32_t ttl{kDefaultTtl};
  Permissions permissions; // of the records

  Inherited settings() const { return {ttl, iodef, contactemail, contactphone, mail, vmc}; }
  // But for grants and the TTL.
  bool sameSettings(const Said& other) const
  {
    return iodef == other.iodef && contactemail == other.contactemail && contactphone == other.contactphone && mail == other.mail && vmc == other.vmc;
  }
};

bool permitsAnybody(const Permissions& permissions)
{
  return covers(permissions, {Purpose::Name, {}, {}, {}}) || covers(permissions, {Purpose::Wildcard, {}, {}, {}});
}

// Only for names and wildcards.
Permissions issuing(Permissions permissions)
{
  std::erase_if(permissions, [](const Permission& permission) { return permission.purpose != Purpose::Name && permission.purpose != Purpose::Wildcard; });
  return permissions;
}

class SetReader {
public:
  SetReader(const Name& name, const StoredNode& node, std::vector<ImportNote>& notes) : d_name(name), d_node(node), d_notes(notes) {}

  Said read()
  {
    Said said;
    said.ttl = std::clamp<uint32_t>(d_node.caaTtl, 1, kLongestTtl);
    said.permissions = permissionsOf(*d_node.caa);
    const bool hasWild = has("issuewild");
    for (const auto& record : d_node.caa->records) {
      if ((record.flags & kCritical) != 0 && !isKnownCaaTag(record.tag)) {
        note(record, "no CA may know this critical property, so nobody can issue today, and nobody may by the policy", false);
        d_closed = true;
      }
    }
    for (const auto& record : d_node.caa->records) {
      readRecord(record, hasWild, said);
    }
    if (d_closed) {
      said.grants.clear();
      said.mail = said.vmc = OtherIssuers{};
    }
    mergeScopes(said.grants);
    mergeAccounts(said.grants);
    dropWildcards(said.grants);
    return said;
  }

private:
  static bool is(const CaaRecord& record, std::string_view tag) { return equalIgnoringCase(record.tag, tag); }
  bool has(std::string_view tag) const
  {
    return std::any_of(d_node.caa->records.begin(), d_node.caa->records.end(), [tag](const CaaRecord& record) { return is(record, tag); });
  }

  void note(const CaaRecord& record, std::string text, bool changes) { d_notes.push_back({d_name, record.toText(), std::move(text), changes}); }

  void readRecord(const CaaRecord& record, bool hasWild, Said& said)
  {
    if (is(record, "issue") || is(record, "issuewild")) {
      const bool wild = is(record, "issuewild");
      if (auto issuer = readIssuer(record, true)) {
        said.grants.push_back({*issuer, issuer->ca, wild ? Wildcard::Only : hasWild ? Wildcard::No : Wildcard::Also, {}});
      }
    }
    else if (is(record, "issuemail")) {
      readOther(record, said.mail);
    }
    else if (is(record, "issuevmc")) {
      readOther(record, said.vmc);
    }
    else if (is(record, "iodef")) {
      readText(record, isReportUrl(record.value), said.iodef);
    }
    else if (is(record, "contactemail")) {
      readText(record, isEmailAddress(record.value), said.contactemail);
    }
    else if (is(record, "contactphone")) {
      readText(record, isPhoneNumber(record.value), said.contactphone);
    }
    else if ((record.flags & kCritical) == 0) {
      note(record, "a policy has no such property: it is left out", false);
    }
  }

  void readText(const CaaRecord& record, bool good, std::vector<std::string>& texts)
  {
    if (!good) {
      note(record, "not in a form that a policy takes: it is left out", false);
    }
    else if (std::find(texts.begin(), texts.end(), record.value) == texts.end()) {
      texts.push_back(record.value);
    }
  }

  void readOther(const CaaRecord& record, std::optional<OtherIssuers>& issuers)
  {
    issuers = issuers.value_or(OtherIssuers{});
    auto issuer = readIssuer(record, false);
    if (issuer && std::find(issuers->begin(), issuers->end(), *issuer) == issuers->end()) {
      issuers->push_back(std::move(*issuer));
    }
  }

  // None: nobody, or nobody that a policy can name.
  std::optional<Issuer> readIssuer(const CaaRecord& record, bool withMethods)
  {
    const auto value = parseCaaValue(record.value);
    if (!value) {
      note(record, "it doesn't match the grammar of RFC 8659, so it allows nobody, and is left out", false);
      return std::nullopt;
    }
    if (value->issuer.empty()) {
      return std::nullopt;
    }
    Issuer issuer;
    IssuerDomain domain = parseIssuerDomain(value->issuer);
    if (domain.domain.empty()) {
      note(record, fmt::format("a policy can't name this issuer, {}: it is left out, and the CA may not issue by the policy", domain.fault), true);
      return std::nullopt;
    }
    issuer.ca = std::move(domain.domain);
    std::optional<std::vector<std::string>> methods;
    for (const auto& parameter : value->parameters) {
      if (parameter.name == "accounturi") {
        if (!issuer.accounts.empty() || !isUri(parameter.value)) {
          if (withMethods) {
            note(record, issuer.accounts.empty() ? "its account is no URI, so it fits nobody, and is left out" : "two accounts in a record fit nobody (RFC 8657), and it is left out", false);
            return std::nullopt;
          }
          note(record, "its account is left out", false);
          continue;
        }
        issuer.accounts.push_back(parameter.value);
      }
      else if (parameter.name == "validationmethods" && withMethods) {
        if (!addMethods(record, parameter.value, methods)) {
          return std::nullopt;
        }
      }
      else {
        note(record, fmt::format("a policy has no parameter `{}`: it is left out", parameter.name), false);
      }
    }
    if (!methods) {
      return issuer;
    }
    issuer.methods = std::move(*methods);
    const size_t before = issuer.methods.size();
    std::erase_if(issuer.methods, [](const std::string& method) { return !isKnownMethod(method); });
    std::sort(issuer.methods.begin(), issuer.methods.end());
    issuer.methods.erase(std::unique(issuer.methods.begin(), issuer.methods.end()), issuer.methods.end());
    if (equalIgnoringCase(record.tag, "issuewild") && proveHostOnly(issuer.methods)) {
      note(record, "no CA can validate a wildcard by its methods: it is left out", false);
    }
    if (issuer.methods.empty()) {
      if (before == 0) {
        note(record, "it leaves no method, so it fits nobody, and is left out", false);
      }
      return std::nullopt;
    }
    return issuer;
  }

  // Several lists: each constrains. False: it was reported, and the record fits nobody.
  bool addMethods(const CaaRecord& record, const std::string& text, std::optional<std::vector<std::string>>& methods)
  {
    const auto list = parseMethodList(text);
    if (!list) {
      note(record, "its list of methods is malformed, so it fits nobody, and is left out", false);
      return false;
    }
    for (const auto& method : *list) {
      if (!isKnownMethod(method)) {
        note(record, fmt::format("a policy can't name the method `{}`: it is left out", method), true);
      }
    }
    if (!methods) {
      methods = *list;
      return true;
    }
    std::erase_if(*methods, [&list](const std::string& method) { return std::find(list->begin(), list->end(), method) == list->end(); });
    return true;
  }

  // A grant for the name and one for the wildcard are one for both.
  static void mergeScopes(std::vector<Grant>& grants)
  {
    std::vector<Grant> merged;
    for (const auto& grant : grants) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&grant](const Grant& seen) { return seen.issuer == grant.issuer; });
      if (same == merged.end()) {
        merged.push_back(grant);
      }
      else if (same->wildcard != grant.wildcard) {
        same->wildcard = Wildcard::Also;
      }
    }
    grants = std::move(merged);
  }

  // Records that differ in their accounts alone are one grant.
  static void mergeAccounts(std::vector<Grant>& grants)
  {
    std::vector<Grant> merged;
    for (const auto& grant : grants) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&grant](const Grant& seen) {
        return seen.wildcard == grant.wildcard && seen.issuer.ca == grant.issuer.ca && seen.issuer.methods == grant.issuer.methods && !seen.issuer.accounts.empty()
          && !grant.issuer.accounts.empty();
      });
      if (same == merged.end()) {
        merged.push_back(grant);
      }
      else {
        same->issuer.accounts.insert(same->issuer.accounts.end(), grant.issuer.accounts.begin(), grant.issuer.accounts.end());
      }
    }
    grants = std::move(merged);
  }

  // A policy doesn't take what no CA can do.
  static void dropWildcards(std::vector<Grant>& grants)
  {
    std::erase_if(grants, [](const Grant& grant) { return grant.wildcard == Wildcard::Only && proveHostOnly(grant.issuer.methods); });
    for (auto& grant : grants) {
      if (proveHostOnly(grant.issuer.methods)) {
        grant.wildcard = Wildcard::No;
      }
    }
  }

  const Name& d_name;
  const StoredNode& d_node;
  std::vector<ImportNote>& d_notes;
  bool d_closed{false};
};

// YAML

std::string quoted(const std::string& text)
{
  std::string escaped = "\"";
  for (const char c : text) {
    escaped += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return escaped + "\"";
}

template <typename Written>
std::string listOf(const std::vector<std::string>& texts, const Written& written)
{
  std::string list;
  for (const auto& text : texts) {
    list += (list.empty() ? "" : ", ") + written(text);
  }
  return "[" + list + "]";
}

std::string asItIs(const std::string& text) { return text; }

std::string bindings(const Issuer& issuer)
{
  return (issuer.accounts.empty() ? "" : ", accounts: " + listOf(issuer.accounts, quoted)) + (issuer.methods.empty() ? "" : ", methods: " + listOf(issuer.methods, asItIs));
}

std::string issuerText(const Issuer& issuer)
{
  const std::string bound = bindings(issuer);
  return bound.empty() ? issuer.ca : "{ca: " + issuer.ca + bound + "}";
}

std::string scopeText(Wildcard wildcard) { return wildcard == Wildcard::Also ? ", wildcard: true" : wildcard == Wildcard::Only ? ", wildcard: only" : ""; }

std::string grantText(const Grant& grant)
{
  const std::string scope = scopeText(grant.wildcard);
  const std::string bound = bindings(grant.issuer);
  return scope.empty() && bound.empty() ? grant.issuer.ca : "{ca: " + grant.issuer.ca + bound + scope + "}";
}

std::string otherText(const OtherIssuers& issuers)
{
  std::string list;
  for (const auto& issuer : issuers) {
    list += (list.empty() ? "" : ", ") + issuerText(issuer);
  }
  return issuers.empty() ? "deny" : "[" + list + "]";
}

class Importer {
public:
  explicit Importer(const StoredZone& zone) : d_zone(zone) {}

  Imported run()
  {
    for (const auto& [name, node] : d_zone.nodes) {
      if (node.caa) {
        take(name, node);
      }
    }
    if (d_subtrees.empty() || d_subtrees.front().first != d_zone.apex) {
      const StoredNode* top = d_zone.at(d_zone.apex);
      if (top == nullptr || !top->caa) {
        d_notes.insert(d_notes.begin(), {d_zone.apex, {}, "there is no CAA at the zone's apex: every CA may issue for every name that no set below is for, "
                                         "unless a zone above says otherwise, and the policy leaves that as it is; to close the zone, add the apex under `subtrees`", false});
      }
    }
    noteAliases();
    Imported imported;
    imported.policy = policyText();
    imported.approvals = std::move(d_approvals);
    imported.notes = std::move(d_notes);
    imported.subtreeCount = d_subtrees.size();
    imported.approvalCount = d_approvalCount;
    return imported;
  }

private:
  void note(const Name& name, std::string text, bool changes) { d_notes.push_back({name, {}, std::move(text), changes}); }

  // The nearest set above that is in the policy.
  const Said* above(const Name& name) const
  {
    for (Name at = name; at != d_zone.apex;) {
      at = at.parent();
      if (const auto entry = d_index.find(at); entry != d_index.end()) {
        return &d_subtrees[entry->second].second;
      }
    }
    return nullptr;
  }

  void take(const Name& name, const StoredNode& node)
  {
    const bool star = isWildcard(name.wire());
    const Name host = star ? name.parent() : name;
    if (d_zone.occluded(host) || (star && d_zone.factsOf(host).dname)) {
      note(name, "it is at or below a delegation or a DNAME, where no CA sees it: it is left out", false);
      return;
    }
    if (node.cname) {
      note(name, "a name with a CNAME can have no CAA: it is left out", false);
      return;
    }
    if (hasUnderscoreLabel(host.wire())) {
      note(name, "no certificate can name it: it is left out", false);
      return;
    }
    if (const auto parsed = Name::parseHostName(host.toText()); parsed.fault != NameFault::None || parsed.name != host) {
      note(name, "it is no host name, so a policy can't name it: it is left out", true);
      return;
    }
    if (star) {
      takeWildcard(name, host, node);
    }
    else {
      takeName(name, node);
    }
  }

  void takeName(const Name& name, const StoredNode& node)
  {
    Said said = SetReader(name, node, d_notes).read();
    const Said* around = above(name);
    if (permitsAnybody(said.permissions)) {
      if (around == nullptr) {
        note(name, "its set has no `issue`, so every CA may issue: the policy leaves the name, and those below it, to the zone", false);
        return;
      }
      note(name, "its set has no `issue`, so every CA may issue for it, or for its wildcards, today: a policy can't say so, and by this one only those may that it names", true);
    }
    if (around != nullptr) {
      noteInherited(name, said, *around);
      if (said.sameSettings(*around) && issuing(said.permissions) == issuing(around->permissions)) {
        return; // says what is said above
      }
      if (said.sameSettings(*around) && !hasSetBelow(name) && beyond(issuing(around->permissions), issuing(said.permissions)).empty()) {
        approve(name, said, *around, true);
        return;
      }
    }
    declare(name, std::move(said));
  }

  void declare(const Name& name, Said said)
  {
    d_index.emplace(name, d_subtrees.size());
    d_subtrees.emplace_back(name, std::move(said));
  }

  // A guard, as `caapolicy records` makes it, is an exact approval. Other sets of wildcards are for names that don't exist, which a
  // policy doesn't tell from those that do.
  void takeWildcard(const Name& name, const Name& host, const StoredNode& node)
  {
    const StoredNode* own = d_zone.at(host);
    const Permissions permitted = permissionsOf(*node.caa);
    if (own != nullptr && own->caa && !own->cname && isAlone(host) && !permitsAnybody(permitted)) {
      std::vector<ImportNote> ownNotes; // those were noted when it was taken
      Said exact = SetReader(host, *own, ownNotes).read();
      Said below = SetReader(name, node, d_notes).read();
      if (permitted == exact.permissions && below.sameSettings(exact)) {
        return;
      }
      if (!permitsAnybody(exact.permissions) && below.sameSettings(exact) && beyond(issuing(permitted), issuing(exact.permissions)).empty()) {
        takeBack(host);
        const Said* around = above(host);
        const bool asAround = around != nullptr && around->sameSettings(below) && issuing(around->permissions) == issuing(permitted);
        if (asAround) {
          approve(host, exact, *around, false);
        }
        else {
          declare(host, below);
          approve(host, exact, d_subtrees.back().second, false);
        }
        return;
      }
    }
    if (permitted != inForceAt(host)) {
      note(name, "this set is for names that don't exist, and a policy doesn't tell them from those that do: it is left out", true);
    }
  }

  // What the zone's records permit where no set stands at the name.
  Permissions inForceAt(Name name) const
  {
    for (;; name = name.parent()) {
      const StoredNode* node = d_zone.at(name);
      if (node != nullptr && node->caa) {
        return permissionsOf(*node->caa);
      }
      if (name == d_zone.apex) {
        return everything();
      }
    }
  }

  // No name below it but its wildcard, and those that no certificate can name.
  bool isAlone(const Name& name) const
  {
    for (auto node = d_zone.nodes.upper_bound(name); node != d_zone.nodes.end() && isAtOrBelow(node->first.wire(), name.wire()); ++node) {
      Name below = node->first;
      while (below.parent() != name) {
        below = below.parent();
      }
      if (node->first != name.child("*") && !hasUnderscoreLabel(below.wire())) { // `_x.a.name` makes `a.name` exist
        return false;
      }
    }
    return true;
  }

  bool hasSetBelow(const Name& name) const
  {
    for (auto node = d_zone.nodes.upper_bound(name); node != d_zone.nodes.end() && isAtOrBelow(node->first.wire(), name.wire()); ++node) {
      if (node->second.caa && !isWildcard(node->first.wire()) && !d_zone.occluded(node->first)) {
        return true;
      }
    }
    return false;
  }

  // As if the name, the last that was taken, had not been.
  void takeBack(const Name& name)
  {
    if (!d_subtrees.empty() && d_subtrees.back().first == name) {
      d_subtrees.pop_back();
      d_index.erase(name);
    }
    if (d_approvedLast == name) {
      d_approvals.resize(d_approvalsBefore);
      d_approvalCount = d_countBefore;
    }
  }

  // What a subtree can't undo of what is above it.
  void noteInherited(const Name& name, Said& said, const Said& around)
  {
    const auto inherit = [&](std::optional<OtherIssuers>& mine, const std::optional<OtherIssuers>& theirs, const char* what) {
      if (!mine && theirs) {
        note(name, fmt::format("its set doesn't restrict {}, but one above it does, which a policy can't undo below: it is restricted here as well", what), true);
        mine = theirs;
      }
    };
    inherit(said.mail, around.mail, "mail (`issuemail`)");
    inherit(said.vmc, around.vmc, "mark certificates (`issuevmc`)");
  }

  void approve(const Name& name, const Said& said, const Said& around, bool subtree)
  {
    d_approvedLast = name;
    d_approvalsBefore = d_approvals.size();
    d_countBefore = d_approvalCount;
    for (const auto& grant : said.grants) {
      const RecordSet alone = renderSet({&grant}, {});
      if (beyond(issuing(permissionsOf(alone)), issuing(around.permissions)).empty()) {
        continue; // it is allowed around
      }
      d_approvals += fmt::format("  - {{name: {}, issuer: {}{}{}}}\n", name.toText(), issuerText(grant.issuer), scopeText(grant.wildcard), subtree ? ", subtree: true" : "");
      ++d_approvalCount;
    }
  }

  void noteAliases()
  {
    size_t aliases = 0;
    size_t cuts = 0;
    for (const auto& [name, node] : d_zone.nodes) {
      aliases += node.cname && !hasUnderscoreLabel(name.wire());
      cuts += node.ns && name != d_zone.apex;
    }
    if (aliases > 0) {
      note(d_zone.apex, fmt::format("{} of its names {}: the CAA of the target decides, today and by the policy", aliases, aliases == 1 ? "is an alias (CNAME)" : "are aliases (CNAME)"), false);
    }
    if (cuts > 0) {
      note(d_zone.apex, fmt::format("{} {} delegated: other zones, to be imported on their own", cuts, cuts == 1 ? "of its names is" : "of its names are"), false);
    }
  }

  std::string policyText() const
  {
    std::string text = "version: 1\n";
    text += d_subtrees.empty() ? "subtrees: {}\n" : "subtrees:\n";
    for (const auto& [name, said] : d_subtrees) {
      const Said* around = above(name);
      static const Said kNothing;
      const Said& inherited = around == nullptr ? kNothing : *around;
      std::string body;
      if (!said.grants.empty()) {
        body += "    allow:\n";
        for (const auto& grant : said.grants) {
          body += "      - " + grantText(grant) + "\n";
        }
      }
      if (said.ttl != inherited.ttl) {
        body += fmt::format("    ttl: {}\n", said.ttl);
      }
      const auto texts = [&body](const char* key, const std::vector<std::string>& mine, const std::vector<std::string>& theirs) {
        body += mine == theirs ? "" : fmt::format("    {}: {}\n", key, listOf(mine, quoted));
      };
      texts("iodef", said.iodef, inherited.iodef);
      texts("contactemail", said.contactemail, inherited.contactemail);
      texts("contactphone", said.contactphone, inherited.contactphone);
      if (said.mail && said.mail != inherited.mail) {
        body += "    mail: " + otherText(*said.mail) + "\n";
      }
      if (said.vmc && said.vmc != inherited.vmc) {
        body += "    vmc: " + otherText(*said.vmc) + "\n";
      }
      text += "  " + name.toText() + ":" + (body.empty() ? " {}\n" : "\n" + body);
    }
    return text;
  }

  const StoredZone& d_zone;
  std::vector<std::pair<Name, Said>> d_subtrees; // in canonical order
  std::unordered_map<Name, size_t> d_index;      // of these
  std::string d_approvals;
  std::optional<Name> d_approvedLast;
  size_t d_approvalsBefore{0}, d_approvalCount{0}, d_countBefore{0};
  std::vector<ImportNote> d_notes;
};

} // namespace

Imported importZone(const StoredZone& zone) { return Importer(zone).run(); }

} // namespace caapolicy
