// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approval_file.hh"

#include "cli/output.hh"
#include "cli/policy_change.hh"
#include "policy/include_pattern.hh"

#include <algorithm>

namespace caapolicy::cli {

namespace {

namespace fs = std::filesystem;

// Every JSON string is one of YAML.
std::string quoted(const std::string& text) { return Json(text).dump(); }

// Names and domains: plain text to the reader of policies, but for one.
std::string word(const std::string& text) { return text == "null" ? quoted(text) : text; }

std::string list(const std::vector<std::string>& items)
{
  std::string text;
  for (const auto& item : items) {
    text += (text.empty() ? "" : ", ") + quoted(item);
  }
  return "[" + text + "]";
}

std::string issuerText(const NewApproval& approval)
{
  if (approval.accounts.empty() && approval.methods.empty()) {
    return word(approval.issuer);
  }
  return "{ca: " + approval.issuer + (approval.accounts.empty() ? "" : ", accounts: " + list(approval.accounts)) + (approval.methods.empty() ? "" : ", methods: " + list(approval.methods)) + "}";
}

// Room is left for the rest of the name (NAME_MAX is 255). A host name has no character that a path has a use for.
std::string fileName(const NewApproval& approval, unsigned int attempt, const std::string& extension)
{
  std::string instant = instantToText(approval.from);
  std::erase(instant, ':');
  return approval.name.toText().substr(0, 200) + "-" + instant + (attempt == 0 ? "" : "-" + std::to_string(attempt + 1)) + extension;
}

bool isSameFolder(const fs::path& left, const fs::path& right)
{
  std::error_code ignored; // it may not be there yet
  return fs::weakly_canonical(left / ".", ignored).lexically_normal() == fs::weakly_canonical(right / ".", ignored).lexically_normal();
}

bool isThere(const fs::path& path)
{
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored)); // no, where it can't be known: writing will tell
}

// The path in that folder, as the pattern would give it; empty: it wouldn't.
fs::path matchedBy(const IncludePattern& include, const fs::path& folder, const std::string& name)
{
  const fs::path pattern = include.folder / include.pattern;
  if (!hasWildcard(fs::path(include.pattern).parent_path().string())) {
    const fs::path path = pattern.parent_path() / name;
    return (folder.empty() || isSameFolder(pattern.parent_path(), folder)) && matchesPattern(include.folder, include.pattern, path) ? path : fs::path();
  }
  return !folder.empty() && matchesPattern(include.folder, include.pattern, folder / name) ? folder / name : fs::path();
}

fs::path chosenFile(const LoadResult& policy, const fs::path& file)
{
  for (const auto& include : policy.includes) {
    const fs::path folder = file.parent_path();
    if (const fs::path path = matchedBy(include, folder.empty() ? fs::path(".") : folder, file.filename().string()); !path.empty() && path.extension() != ".jsonl") {
      if (isThere(path)) {
        throw Failure(kFailed, "`" + file.string() + "` is there already; an approval gets a file of its own");
      }
      return path;
    }
  }
  return {};
}

} // namespace

std::string approvalText(const NewApproval& approval)
{
  std::string text = kWrittenByApprove;
  text += "approvals:\n";
  text += "  - name: " + word(approval.name.toText()) + "\n";
  text += "    issuer: " + issuerText(approval) + "\n";
  if (approval.wildcard != Wildcard::No) {
    text += std::string("    wildcard: ") + (approval.wildcard == Wildcard::Only ? "only" : "true") + "\n";
  }
  text += approval.subtree ? "    subtree: true\n" : "";
  text += "    from: " + instantToText(approval.from) + "\n";
  text += approval.until == kEndOfTime ? "" : "    until: " + instantToText(approval.until) + "\n";
  for (const auto& [key, note] : {std::pair{"reason", approval.reason}, {"ticket", approval.ticket}, {"by", approval.by}}) {
    text += note.empty() ? "" : std::string("    ") + key + ": " + quoted(note) + "\n";
  }
  return text;
}

fs::path placeForApproval(const LoadResult& policy, const fs::path& policyFile, const NewApproval& approval, const WantedPlace& wanted)
{
  if (!wanted.file.empty()) {
    if (const fs::path path = chosenFile(policy, wanted.file); !path.empty()) {
      return path;
    }
    throw Failure(kFailed, "no `include` of the policy matches `" + wanted.file.string() + "` as a YAML file, so it would not be read");
  }
  for (const auto& include : policy.includes) {
    for (const char* extension : {".yaml", ".yml"}) {
      for (unsigned int attempt = 0;; ++attempt) {
        const std::string name = fileName(approval, attempt, extension);
        const fs::path path = hasWildcard(fs::path(include.pattern).filename().string()) ? matchedBy(include, wanted.folder, name) : fs::path();
        if (path.empty()) {
          break;
        }
        if (!isThere(path)) {
          return path;
        }
      }
    }
  }
  const std::string example = fileName(approval, 0, ".yaml");
  if (!wanted.folder.empty()) {
    throw Failure(kFailed, "no `include` of the policy matches new files such as `" + (wanted.folder / example).string() + "`, so they would not be read");
  }
  throw Failure(kFailed, "no `include` of the policy matches new files such as `" + example + "`; add to `" + policyFile.string() + "`: include: [approvals.d/*.yaml]");
}

} // namespace caapolicy::cli
