// SPDX-License-Identifier: GPL-2.0-or-later
//
// The files of a policy as they were read and parsed, for as long as they stay the same: a change of one file among a thousand is
// worth reading that one, and the others are not even opened.
//
// Not thread-safe: one thread uses an object at a time. Blocks on file reads, which are spread over the machine's cores.
#pragma once

#include "file_approvals.hh"
#include "loader.hh"
#include "parsed_file.hh"
#include "source_reader.hh"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace caapolicy {

// How reading problems speak of the file itself; all other places in a KnownFile have file 0.
inline constexpr uint32_t kThisFile = UINT32_MAX;

// A file, and what it was found to mean.
struct KnownFile {
  SourceFile source;
  std::vector<Diagnostic> problems; // of reading it; with any, it is not parsed
  ParsedFile parsed;

  // How its approvals were linked last.
  std::shared_ptr<const FileApprovals> approvals; // null: not at all
  std::vector<Diagnostic> linkProblems;
  uint64_t linkedWith{0}; // see KnownFiles::issuersAre
};

class KnownFiles {
public:
  // With Texts::Keep nothing is remembered from load to load.
  KnownFiles(Texts texts, const LoadLimits& limits) : d_texts(texts), d_limits(limits) {}

  // Reads what has changed of these, ahead of get().
  void readAhead(const std::vector<std::filesystem::path>& paths, FileKind kind);
  // The file as it is now. What cannot be read at all is said of `whole`, and nothing of such a file is remembered.
  std::shared_ptr<KnownFile> get(const std::filesystem::path& path, FileKind kind, const Location& whole);
  // What issuers are linked with: by the name under `issuers`, and the policy's own CA catalogue. The number is another one when
  // they differ from those of the last call; with another catalogue, all files are read anew.
  uint64_t issuersAre(const std::map<std::string, Issuer>& named);
  void catalogueIs(const std::string& sha256);
  // Whatever is known of it.
  std::shared_ptr<KnownFile> getAnew(const std::filesystem::path& path, FileKind kind, const Location& whole);
  // A load looks at each file once. What it has not asked for when it ends is forgotten; it may also end by an exception, and forget nothing.
  void beginLoad();
  void endLoad();

  // The same for a text that need not be in a file yet; not remembered.
  std::shared_ptr<KnownFile> take(const std::filesystem::path& path, std::string text, FileKind kind, const Location& whole) const;

  Texts texts() const { return d_texts; }
  const LoadLimits& limits() const { return d_limits; }

private:
  // What tells that a file is the one that was read, and may still be trusted, as the folder that it is in may.
  struct FolderStamp {
    dev_t device{0};
    ino_t inode{0};
    mode_t mode{0};
    bool operator==(const FolderStamp&) const = default;
  };
  struct Stamp {
    FolderStamp folder;
    dev_t device{0};
    ino_t inode{0};
    mode_t mode{0};
    off_t size{0};
    int64_t modified{0}, changed{0}; // nanoseconds
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    std::shared_ptr<KnownFile> file;
    Stamp stamp;
    FileKind kind{FileKind::Root};
    bool isUsed{false};
  };

  bool keepsText(FileKind kind) const;
  static std::optional<FolderStamp> folderStampOf(const std::filesystem::path& path);
  static std::optional<Stamp> stampOf(const std::filesystem::path& path, const std::optional<FolderStamp>& folder);
  std::shared_ptr<KnownFile> readFile(const std::filesystem::path& path, FileKind kind, const Location& whole) const;
  std::shared_ptr<KnownFile> parse(SourceRead read, const std::filesystem::path& path, FileKind kind) const;
  // Null: it is not known, or not as it is now.
  Entry* find(const std::filesystem::path& path, FileKind kind);
  Entry read(const std::filesystem::path& path, FileKind kind, const Location& whole) const;
  const std::shared_ptr<KnownFile>& keep(const std::string& path, Entry entry);

  const Texts d_texts;
  const LoadLimits d_limits;
  std::map<std::string, Issuer> d_named;
  uint64_t d_generation{1};
  std::string d_catalogue;
  std::unordered_map<std::string, Entry> d_entries; // by path
  std::unordered_map<std::string, std::optional<FolderStamp>> d_folders; // by path; as this load has seen them
};

} // namespace caapolicy
