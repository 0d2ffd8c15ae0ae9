// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the files that a policy consists of, and turns each into a Document: the root file with what it includes,
// and then, one by one, the files that it delegates to.
//
// Not thread-safe. Blocks on file reads.
#pragma once

#include "known_files.hh"
#include "loader.hh"
#include "reader.hh"

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace caapolicy {

// A file that a subtree is delegated to.
struct DelegatedFile {
  Name node;
  uint32_t index{0}; // in PolicyFiles::files
  WrittenPath written;
  std::shared_ptr<KnownFile> file;
  std::vector<Diagnostic> problems; // of naming and reading it; with any, it is not to be looked into
};

// Thrown when a file turns out to be another one than it was a moment before: to be read again, all of them.
struct ChangedMeanwhile : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class PolicyFiles {
public:
  // The references outlive this. `now`: see IssuerCheck.
  PolicyFiles(const PendingFiles& pending, Instant now, KnownFiles& known, const std::shared_ptr<IssuerPool>& pool) :
    d_pending(pending), d_now(now), d_known(known), d_pool(pool) {}

  // The root file, all files that it includes, and the texts (only) of those that it delegates to.
  void read(const std::filesystem::path& rootFile);

  // What a delegated file says, or what it would if it were `file`.
  Document readDelegated(const DelegatedFile& delegated, KnownFile& file, std::vector<Diagnostic>& problems);

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
    FileKind kind{FileKind::Root};
    std::shared_ptr<KnownFile> file; // null: a broken file, or the CA catalogue
    std::optional<TreeNode> tree;    // with its places in this policy
  };

  // As it is, or as it is to be.
  std::shared_ptr<KnownFile> get(const std::filesystem::path& path, FileKind kind, const Location& whole);
  // Its source, and the problems of reading and parsing it.
  void takeUp(const KnownFile& file, uint32_t index);
  PlacedApprovals link(KnownFile& file, uint32_t index, FileKind kind, const IssuerTable& issuers, std::vector<Diagnostic>& problems);
  bool mustBeLinkedAnew(const KnownFile& file) const;
  // What the pattern means once the pending files are there.
  std::vector<std::filesystem::path> withPending(std::vector<std::filesystem::path> matched, const std::filesystem::path& folder, const std::string& pattern) const;
  // False: there are too many.
  bool addFile(const std::filesystem::path& path, const Location& named, uint32_t& index);
  void readOne(const std::filesystem::path& path, FileKind kind, const Location& named);
  void readCatalogue(const TreeNode& written, const std::filesystem::path& folder);
  void include(const WrittenPath& pattern, const std::filesystem::path& folder);
  void includeFile(const std::filesystem::path& path, const WrittenPath& pattern);
  void readDelegated();
  void tellOfDomainsOnce();
  bool isOwnLink(const std::filesystem::path& delegatedFile);

  std::string identityOf(const std::filesystem::path& path);

  const PendingFiles& d_pending;
  Instant d_now;
  KnownFiles& d_known;
  std::shared_ptr<IssuerPool> d_pool;
  uint64_t d_linkedWith{0};
  KnownIssuers d_linked; // of the policy's own files
  std::unordered_map<std::string, std::string> d_folders; // as they are named -> by their canonical path
  IssuerCheck d_check{*catalogue, d_now}; // of the policy's own files
  IssuerTable d_issuers;
  std::vector<Parsed> d_parsed;               // one for each of files, until the documents are made
  std::unordered_map<std::string, Location> d_included; // identity of each file of the policy itself -> where it was named
  std::vector<std::pair<std::string, std::string>> d_stack; // identity and path of each file that is being read
  bool d_isFull{false};
};

} // namespace caapolicy
