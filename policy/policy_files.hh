// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the files that a policy consists of, and turns each into a Document: the root file with what it includes,
// and then, one by one, the files that it delegates to.
//
// Not thread-safe. Blocks on file reads.
#pragma once

#include "loader.hh"
#include "reader.hh"
#include "source_reader.hh"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

// A file that a subtree is delegated to.
struct DelegatedFile {
  Name node;
  uint32_t index{0}; // in PolicyFiles::files
  WrittenPath written;
  std::vector<Diagnostic> problems; // of reading it
};

class PolicyFiles {
public:
  // `pending` outlives this. `now`: see IssuerCheck.
  PolicyFiles(const LoadLimits& limits, const PendingFiles& pending, Instant now) : d_limits(limits), d_pending(pending), d_now(now) {}

  // The root file, all files that it includes, and the texts (only) of those that it delegates to.
  void read(const std::filesystem::path& rootFile);

  // Parses `text` as the content of a delegated file.
  Document parseDelegated(const DelegatedFile& delegated, const std::string& text, std::vector<Diagnostic>& problems) const;

  // Those of the root file and of the included ones that are good.
  std::map<std::string, Issuer> issuers() const;

  std::vector<SourceFile> files;           // [0] is the root file, delegated ones come last
  std::vector<Document> documents;         // of the root file and the included ones
  std::vector<DelegatedFile> delegated;
  std::vector<Diagnostic> problems;        // of the root file and the included ones
  Watched watched;
  // The built-in one, or that with the policy's own file on top. Never null.
  std::shared_ptr<const Catalogue> catalogue{std::shared_ptr<void>(), &Catalogue::builtIn()};
  std::vector<IncludePattern> includes;

private:
  struct Parsed {
    FileKind kind;
    std::optional<TreeNode> tree; // none: a broken file, the CA catalogue, or
    bool isLines{false};          // one of JSON Lines
  };

  // As it is, or as it is to be.
  SourceRead read(const std::filesystem::path& path, uint32_t index, const Location& whole) const;
  // What the pattern means once the pending files are there.
  std::vector<std::filesystem::path> withPending(std::vector<std::filesystem::path> matched, const std::filesystem::path& folder, const std::string& pattern) const;
  // False: there are too many.
  bool addFile(const std::filesystem::path& path, const Location& named, uint32_t& index);
  void readOne(const std::filesystem::path& path, FileKind kind, const Location& named);
  void readCatalogue(const TreeNode& written, const std::filesystem::path& folder);
  void include(const WrittenPath& pattern, const std::filesystem::path& folder);
  void includeFile(const std::filesystem::path& path, const WrittenPath& pattern);
  void readDelegated();
  bool isOwnLink(const std::filesystem::path& delegatedFile) const;

  LoadLimits d_limits;
  const PendingFiles& d_pending;
  Instant d_now;
  IssuerCheck d_check{*catalogue, d_now}; // of the policy's own files
  IssuerTable d_issuers;
  std::vector<Parsed> d_parsed;               // one for each of files, until the documents are made
  std::map<std::string, Location> d_included; // identity of each file of the policy itself -> where it was named
  std::vector<std::pair<std::string, std::string>> d_stack; // identity and path of each file that is being read
  bool d_isFull{false};
};

} // namespace caapolicy
