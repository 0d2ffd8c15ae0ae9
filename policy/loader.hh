// SPDX-License-Identifier: GPL-2.0-or-later
//
// From a path to a checked policy: reads the root file, what it includes and what it delegates, and reports every
// problem that it finds, not the first.
//
//   text (source_reader) -> tree (yaml_tree) or objects (jsonl) -> model (reader) -> checks (check)
//
// A Loader remembers the last good version of each delegated file, so that one team's broken file leaves that team's
// last good version in force. With Texts::Forget it also remembers what it has read, compiled and checked, and the next load
// costs what has changed. Not thread-safe: one thread uses a Loader at a time. Blocks on file reads.
#pragma once

#include "catalogue.hh"
#include "diagnostic.hh"
#include "snapshot.hh"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

struct LoadLimits {
  size_t fileBytes{1u << 30}; // one file
  size_t files{100000};       // in all
  // A file that changed so shortly before it was read may have changed once more without a trace: it is read again next time.
  std::chrono::nanoseconds settling{std::chrono::seconds(1)};
};

// What becomes of the texts of files (SourceFile::text in a LoadResult and in its policy).
enum class Texts : uint8_t {
  Keep,   // for those who load once
  Forget, // for those who load again and again: then a file is read again only when it has changed. See restoreText
};

// Files as they are to be, by the paths that the loader names them with; none: the file is to be gone. Lets a change be
// checked before anybody sees it.
using PendingFiles = std::map<std::filesystem::path, std::optional<std::string>>;

// An `include` pattern of the policy, and the folder that it is relative to.
struct IncludePattern {
  std::filesystem::path folder;
  std::string pattern;
};

// What the loader looked at, so that a change of any of it can be noticed.
struct Watched {
  std::vector<std::filesystem::path> files;   // read, or missing and asked for
  std::vector<std::filesystem::path> folders; // that an `include` pattern was matched in
};

struct LoadResult {
  // Null when the root file, or a file that it includes, has an error: nothing of this load may be served.
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<Diagnostic> diagnostics;  // in the order of files, then of places
  std::vector<SourceFile> files;        // that diagnostics point into
  Watched watched;
  std::vector<IncludePattern> includes;  // in the order in which they were followed
  std::map<std::string, Issuer> issuers; // the names under `issuers` of the root file and of included ones
  // Delegated files whose new text is not in force: the last good one is, or their subtree is denied.
  std::vector<std::filesystem::path> notInForce;
  // The CA catalogue that issuers were looked up in. Never null; where the policy's own has an
  // error, as much of it as could be read.
  std::shared_ptr<const Catalogue> catalogue;

  bool hasErrors() const;
};

class Loader {
public:
  // `flattenNeeds`: the settings that the name server lacks for `cname: flatten`, as lines of its configuration; with any,
  // a subtree that flattens is an error.
  explicit Loader(std::filesystem::path rootFile, std::vector<std::string> flattenNeeds = {}, LoadLimits limits = {}, Texts texts = Texts::Keep);
  ~Loader();

  // `now` decides which approvals have expired, and what CAs honour (warnings). With `pending`, the policy as it would be with
  // those files. Throws std::runtime_error when files change faster than they are read.
  LoadResult load(Instant now, const PendingFiles& pending = {});

private:
  LoadResult loadOnce(Instant now, const PendingFiles& pending);

  std::filesystem::path d_rootFile;
  std::vector<std::string> d_flattenNeeds;
  struct Memory;
  std::unique_ptr<Memory> d_memory;
};

// Reads the text of a file that was forgotten, for a message; not if the file is another one now. Blocks.
void restoreText(SourceFile& file);

} // namespace caapolicy
