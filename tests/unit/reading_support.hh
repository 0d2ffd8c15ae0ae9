// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the tests of reading share: problems as a person sees them, and folders with files in them.
#pragma once

#include "policy/diagnostic.hh"
#include "policy/file_approvals.hh"
#include "policy/jsonl.hh"
#include "policy/loader.hh"
#include "policy/parsed_file.hh"
#include "policy/reader.hh"
#include "policy/yaml_tree.hh"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace caapolicy {

// So that a failed check shows them.
inline std::ostream& operator<<(std::ostream& out, const Location& where)
{
  return out << where.file << ":" << where.line << ":" << where.column << "+" << where.length;
}

} // namespace caapolicy

namespace caapolicy::test {

inline std::string renderAll(const std::vector<Diagnostic>& diagnostics, const std::vector<SourceFile>& files)
{
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    text += render(diagnostic, files);
  }
  return text;
}

inline std::string shortForm(const std::vector<Diagnostic>& problems)
{
  std::string text;
  for (const Diagnostic& problem : problems) {
    const Location& where = problem.where;
    text += std::to_string(where.file) + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + "+" + std::to_string(where.length) + " " + problem.code + "\n";
  }
  return text;
}

// The problems of one file that is read alone; those of its approvals before those of the rest.
inline std::string problemsOf(FileKind kind, const std::string& text, bool isJsonLines = false)
{
  const std::vector<SourceFile> files{{isJsonLines ? "approvals.jsonl" : "policy.yaml", text, {}}};
  ParsedFile parsed = isJsonLines ? parseJsonLinesFile(text, kind) : parseYamlFile(text, kind);
  IssuerTable issuers;
  if (parsed.tree) {
    readHead(*parsed.tree, kind, issuers, parsed.problems);
    readBody(*parsed.tree, kind, issuers, parsed.problems);
  }
  IssuerPool pool;
  linkIssuers(*parsed.approvals, 0, kind, issuers, pool, parsed.problems);
  return renderAll(parsed.problems, files);
}

// The approvals of one file that is read alone, in the order of places.
inline std::vector<Approval> approvalsOf(FileKind kind, const std::string& text, bool isJsonLines, const IssuerTable& issuers, std::vector<Diagnostic>& problems, uint32_t fileIndex = 0)
{
  const ParsedFile parsed = isJsonLines ? parseJsonLinesFile(text, kind) : parseYamlFile(text, kind);
  problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
  const auto pool = std::make_shared<IssuerPool>();
  const FileApprovals packed(parsed.approvals, linkIssuers(*parsed.approvals, fileIndex, kind, issuers, *pool, problems), pool);
  std::vector<Approval> approvals;
  for (size_t index = 0; index < packed.list().size(); ++index) {
    approvals.push_back(packed.at(index, fileIndex));
  }
  std::sort(approvals.begin(), approvals.end(), [](const Approval& left, const Approval& right) { return left.where < right.where; });
  return approvals;
}

// A folder that is gone at the end of the test. Paths in rendered text begin with its name: see shorten().
class TempFolder {
public:
  TempFolder()
  {
    std::string pattern = (std::filesystem::temp_directory_path() / "caapolicy-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw std::runtime_error("mkdtemp failed");
    }
    d_path = std::filesystem::canonical(pattern);
  }
  ~TempFolder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(d_path, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return d_path; }

  std::filesystem::path write(const std::filesystem::path& name, const std::string& text) const
  {
    const std::filesystem::path path = d_path / name;
    // Whatever the umask of whoever runs the test, nothing is writable by everybody.
    const mode_t mask = umask(022);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    umask(mask);
    return path;
  }

  // The text with the paths in it relative to the folder.
  std::string shorten(std::string text) const
  {
    const std::string prefix = d_path.string() + "/";
    for (size_t found = text.find(prefix); found != std::string::npos; found = text.find(prefix)) {
      text.erase(found, prefix.size());
    }
    return text;
  }

private:
  std::filesystem::path d_path;
};

using Files = std::vector<std::pair<std::string, std::string>>; // path and text

inline constexpr Instant kNow = 1795338000; // 2026-11-22T09:00:00Z

// A load as a person sees it: the problems, whether the policy is in force, and which files are not.
inline std::string outcome(Loader& loader, const TempFolder& folder, Instant now = kNow)
{
  LoadResult result = loader.load(now);
  for (SourceFile& file : result.files) {
    restoreText(file);
  }
  std::string text = renderAll(result.diagnostics, result.files);
  text += result.snapshot != nullptr ? "in force\n" : "refused\n";
  for (const auto& path : result.notInForce) {
    text += "not in force: " + path.string() + "\n";
  }
  return folder.shorten(text);
}

} // namespace caapolicy::test
