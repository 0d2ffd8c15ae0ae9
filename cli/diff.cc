// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy diff: what another version of the policy means, and does it allow anything that was denied?
#include "cli/permission_text.hh"
#include "cli/policy_input.hh"
#include "cli/progress.hh"
#include "policy/compare.hh"

#include <algorithm>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  std::filesystem::path before, after;
};

// A policy of which a part is not in force can't be compared: what it will mean depends on what the server had before.
LoadResult loadWhole(const std::filesystem::path& path, Instant now)
{
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(path, ignored) ? path / "policy.yaml" : path;
  const Progress progress("reading " + file.string());
  LoadResult result = Loader(file).load(now);
  tellErrors(result, file);
  if (result.hasErrors()) {
    throw Failure(kPolicyErrors, "the policy `" + file.string() + "` has errors, see above");
  }
  return result;
}

std::string reachText(const NameChange& change)
{
  switch (change.reach) {
  case NameChange::Reach::Name: return change.name.toText();
  case NameChange::Reach::Below: return "names below " + change.name.toText();
  case NameChange::Reach::Both: return change.name.toText() + " and names below it";
  }
  return "";
}

std::string timeText(const PermissionChange& change, Instant now)
{
  return (change.from == now ? "" : " from " + instantToText(change.from)) + (change.until == kEndOfTime ? "" : " until " + instantToText(change.until));
}

// The other policy's part of it.
std::string ofItText(const PermissionChange& change)
{
  std::string text;
  for (const auto& permission : change.ofIt) {
    text += (text.empty() ? "" : "; ") + whoText(permission.ca, permission.account, permission.method.empty() ? std::vector<std::string>{} : std::vector<std::string>{permission.method});
  }
  return text;
}

class Report {
public:
  Report(const Snapshot& before, const Snapshot& after, Instant now) : d_before(before), d_after(after), d_now(now), d_changes(compare(before, after, now)) {}

  bool widens() const { return wider() > 0; }

  void printText() const
  {
    if (d_changes.empty()) {
      std::cout << styled(Style::Good, "the same") << ": no name has other grants\n";
      return;
    }
    for (const auto& change : d_changes) {
      printChange(change);
    }
    const size_t unchanged = static_cast<size_t>(std::count_if(d_changes.begin(), d_changes.end(), [](const NameChange& change) { return change.isUnchanged(); }));
    std::cout << (widens() ? styled(Style::Bad, "wider") : styled(Style::Good, "nothing is wider")) << ": "
              << d_changes.size() - unchanged << (d_changes.size() - unchanged == 1 ? " change, " : " changes, ") << wider() << " of them wider\n";
  }

  Json asJson() const
  {
    Json json = {{"at", instantToText(d_now)}, {"widens", widens()}, {"changes", Json::array()}};
    for (const auto& change : d_changes) {
      json["changes"].push_back(changeJson(change));
    }
    return json;
  }

private:
  size_t wider() const
  {
    return static_cast<size_t>(std::count_if(d_changes.begin(), d_changes.end(), [](const NameChange& change) { return change.widens(); }));
  }

  void printChange(const NameChange& change) const
  {
    std::cout << styled(Style::Heading, reachText(change));
    if (change.isUnchanged()) {
      std::cout << ": unchanged\n";
      return;
    }
    std::cout << (change.widens() ? ": " + styled(Style::Bad, "wider") : "") << "\n";
    if (change.before != nullptr && change.after == nullptr) {
      std::cout << "  no longer governed, by " << change.before->name.toText() << " until now: the CAA of its zone decides\n";
    }
    else if (change.before == nullptr && change.after != nullptr) {
      std::cout << "  governed now, by " << change.after->name.toText() << ": the CAA of its zone, which decided until now, does so no more\n";
    }
    else if (change.before != nullptr && change.before->name != change.after->name) {
      std::cout << "  governed by " << change.after->name.toText() << ", by " << change.before->name.toText() << " until now\n";
    }
    for (const auto& added : change.added) {
      printPermission(Style::Bad, "+ ", added, d_after, "was: ");
    }
    for (const auto& removed : change.removed) {
      printPermission(Style::Good, "- ", removed, d_before, "remains: ");
    }
    if (change.flattened) {
      std::cout << "  aliases are flattened now: their targets have no say any more\n";
    }
    if (change.unflattened) {
      std::cout << "  aliases are no longer flattened: the CAA of their targets decides\n";
    }
    printRecords("- ", change.recordsBefore, change.recordsAfter);
    printRecords("+ ", change.recordsAfter, change.recordsBefore);
  }

  void printPermission(Style style, const char* sign, const PermissionChange& permission, const Snapshot& snapshot, const char* ofIt) const
  {
    std::cout << "  " << styled(style, sign + whoText(permission.ca, permission.account, permission.methods)) << ", for " << purposesText(permission.purposes) << timeText(permission, d_now);
    std::cout << (permission.where ? " (" + placeOf(snapshot.policy(), *permission.where) + ")" : "") << "\n";
    if (!permission.ofIt.empty()) {
      std::cout << "      " << ofIt << ofItText(permission) << "\n";
    }
  }

  // Those that the others don't have.
  static void printRecords(const char* sign, const std::vector<std::string>& texts, const std::vector<std::string>& others)
  {
    for (const auto& text : texts) {
      if (std::find(others.begin(), others.end(), text) == others.end()) {
        std::cout << "  " << sign << text << "\n";
      }
    }
  }

  static Json permissionJson(const PermissionChange& permission, const Snapshot& snapshot, Instant now)
  {
    const auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    Json json = {{"for", purposesJson(permission.purposes)}, {"ca", orNull(permission.ca)}, {"account", orNull(permission.account)}, {"methods", permission.methods}};
    json["from"] = permission.from == now ? Json() : Json(instantToText(permission.from));
    json["until"] = permission.until == kEndOfTime ? Json() : Json(instantToText(permission.until));
    if (permission.where) {
      json["place"] = placeOf(snapshot.policy(), *permission.where);
    }
    json["ofIt"] = Json::array();
    for (const auto& part : permission.ofIt) {
      json["ofIt"].push_back({{"ca", orNull(part.ca)}, {"account", orNull(part.account)}, {"method", orNull(part.method)}});
    }
    return json;
  }

  Json changeJson(const NameChange& change) const
  {
    const auto subtree = [](const Subtree* governing) { return governing == nullptr ? Json() : Json(governing->name.toText()); };
    const char* const reach = change.reach == NameChange::Reach::Name ? "name" : change.reach == NameChange::Reach::Below ? "below" : "both";
    Json json = {{"name", change.name.toText()}, {"reach", reach}, {"widens", change.widens()}, {"unchanged", change.isUnchanged()},
                 {"subtree", {{"old", subtree(change.before)}, {"new", subtree(change.after)}}}, {"added", Json::array()}, {"removed", Json::array()}};
    for (const auto& added : change.added) {
      json["added"].push_back(permissionJson(added, d_after, d_now));
    }
    for (const auto& removed : change.removed) {
      json["removed"].push_back(permissionJson(removed, d_before, d_now));
    }
    if (change.flattened || change.unflattened) {
      json["flatten"] = change.flattened;
    }
    if (change.recordsBefore != change.recordsAfter) {
      json["otherRecords"] = {{"old", change.recordsBefore}, {"new", change.recordsAfter}};
    }
    return json;
  }

  const Snapshot& d_before;
  const Snapshot& d_after;
  const Instant d_now;
  const std::vector<NameChange> d_changes;
};

int diff(const Common& common, const Options& options)
{
  const LoadResult before = loadWhole(options.before, common.at);
  const LoadResult after = loadWhole(options.after, common.at);
  const Report report(*before.snapshot, *after.snapshot, common.at);
  if (common.json()) {
    printJson(report.asJson());
  }
  else {
    report.printText();
  }
  return report.widens() ? kDenied : kOk;
}

} // namespace

void addDiff(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("diff", "Say what another version of the policy means, from now on",
                                  "  caapolicy diff /etc/powerdns/caa/policy.yaml checkout/policy.yaml\n"
                                  "  caapolicy diff old/ new/ --format json      # folders with a policy.yaml in each\n"
                                  "Exit status: 0 nothing is wider, 3 something is allowed that was denied, 4 one of them has errors.",
                                  [&program, options] { return diff(program.common(), *options); });
  command.add_option("old", options->before, "Root file of the policy as it was, or a folder with its policy.yaml")->required()->type_name("OLD");
  command.add_option("new", options->after, "The same of the policy as it shall be")->required()->type_name("NEW");
}

} // namespace caapolicy::cli
