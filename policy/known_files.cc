// SPDX-License-Identifier: GPL-2.0-or-later
#include "known_files.hh"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

namespace caapolicy {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kNanoseconds = 1'000'000'000;

int64_t nanosecondsOf(const timespec& time) { return int64_t{time.tv_sec} * kNanoseconds + time.tv_nsec; }

bool isJsonLines(const fs::path& path, FileKind kind) { return path.extension() == ".jsonl" && kind != FileKind::Root; }

// With problems of reading it, whatever was parsed of it counts for nothing.
KnownFile known(SourceRead read, ParsedFile parsed)
{
  KnownFile file{std::move(read.file), std::move(read.problems), std::move(parsed), nullptr, {}, 0};
  if (!file.problems.empty()) {
    file.parsed = {};
    file.parsed.approvals = std::make_shared<ApprovalList>();
  }
  return file;
}

} // namespace

// Of the folder that a file is in.
std::optional<KnownFiles::FolderStamp> KnownFiles::folderStampOf(const fs::path& path)
{
  struct stat folder{};
  const fs::path parent = path.parent_path();
  if (stat(parent.empty() ? "." : parent.c_str(), &folder) != 0) {
    return std::nullopt;
  }
  return FolderStamp{folder.st_dev, folder.st_ino, folder.st_mode};
}

// None for a symbolic link: where it leads is not told by looking at it, and what is behind one is small.
std::optional<KnownFiles::Stamp> KnownFiles::stampOf(const fs::path& path, const std::optional<FolderStamp>& folder)
{
  struct stat file{};
  if (!folder || lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) {
    return std::nullopt;
  }
  return Stamp{*folder, file.st_dev, file.st_ino, file.st_mode, file.st_size, nanosecondsOf(file.st_mtim), nanosecondsOf(file.st_ctim)};
}

// The text of a delegated file may be needed again when the next is bad.
bool KnownFiles::keepsText(FileKind kind) const { return d_texts == Texts::Keep || kind == FileKind::Delegated; }

std::shared_ptr<KnownFile> KnownFiles::readFile(const fs::path& path, FileKind kind, const Location& whole) const
{
  if (!isJsonLines(path, kind) || keepsText(kind)) {
    return parse(readSource(path, kThisFile, whole, d_limits.fileBytes), path, kind);
  }
  SourceRead read;
  ParsedFile parsed = parseJsonLinesFile(kind, [&](JsonLines& lines) {
    read = readLines(path, kThisFile, whole, d_limits.fileBytes, [&lines](std::string_view some) { lines.read(some); });
  });
  return std::make_shared<KnownFile>(known(std::move(read), std::move(parsed)));
}

std::shared_ptr<KnownFile> KnownFiles::parse(SourceRead read, const fs::path& path, FileKind kind) const
{
  ParsedFile parsed;
  if (read.good()) {
    parsed = isJsonLines(path, kind) ? parseJsonLinesFile(read.file.text, kind) : parseYamlFile(read.file.text, kind);
  }
  if (!keepsText(kind)) {
    std::string().swap(read.file.text);
  }
  return std::make_shared<KnownFile>(known(std::move(read), std::move(parsed)));
}

KnownFiles::Entry KnownFiles::read(const fs::path& path, FileKind kind, const Location& whole) const
{
  const auto before = stampOf(path, folderStampOf(path));
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now); // as the file system's times are taken
  Entry entry{readFile(path, kind, whole), {}, kind, false};
  // A change directly after the reading might leave the times as they are, within the clock's tick.
  const bool isSettled = before && before->changed < nanosecondsOf(now) - d_limits.settling.count();
  if (isSettled && stampOf(path, folderStampOf(path)) == before && entry.file->problems.empty()) {
    entry.stamp = *before;
  }
  return entry;
}

KnownFiles::Entry* KnownFiles::find(const fs::path& path, FileKind kind)
{
  const auto found = d_entries.find(path.native());
  if (found == d_entries.end() || found->second.kind != kind) {
    return nullptr;
  }
  if (found->second.isUsed) {
    return &found->second;
  }
  // Of a thousand files in one folder, that is looked at once.
  const auto [folder, isNew] = d_folders.try_emplace(path.parent_path().native());
  if (isNew) {
    folder->second = folderStampOf(path);
  }
  return stampOf(path, folder->second) == found->second.stamp ? &found->second : nullptr;
}

void KnownFiles::readAhead(const std::vector<fs::path>& paths, FileKind kind)
{
  std::vector<const fs::path*> changed;
  for (const fs::path& path : paths) {
    if (Entry* known = find(path, kind)) {
      known->isUsed = true; // get() need not look again
    }
    else {
      changed.push_back(&path);
    }
  }
  const size_t threads = std::min<size_t>(changed.size(), std::max(1U, std::thread::hardware_concurrency()));
  if (threads < 2) {
    return; // get() does as well
  }
  std::vector<Entry> entries(changed.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t index = next++; index < changed.size(); index = next++) {
      entries[index] = read(*changed[index], kind, {});
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t index = 1; index < threads; ++index) {
      workers.emplace_back(work);
    }
    work();
  }
  for (size_t index = 0; index < changed.size(); ++index) {
    if (entries[index].file->problems.empty()) { // else get() says where
      entries[index].isUsed = true;
      keep(changed[index]->native(), std::move(entries[index]));
    }
  }
}

// A file that was written anew with the very same content means what it did.
const std::shared_ptr<KnownFile>& KnownFiles::keep(const std::string& path, Entry entry)
{
  Entry& kept = d_entries[path];
  if (kept.file != nullptr && kept.kind == entry.kind && kept.file->source.sha256 == entry.file->source.sha256) {
    entry.file = kept.file;
  }
  kept = std::move(entry);
  return kept.file;
}

std::shared_ptr<KnownFile> KnownFiles::get(const fs::path& path, FileKind kind, const Location& whole)
{
  if (Entry* known = find(path, kind)) {
    known->isUsed = true;
    return known->file;
  }
  Entry entry = read(path, kind, whole);
  if (!entry.file->problems.empty()) {
    return entry.file;
  }
  entry.isUsed = true;
  return keep(path.native(), std::move(entry));
}

std::shared_ptr<KnownFile> KnownFiles::getAnew(const fs::path& path, FileKind kind, const Location& whole)
{
  d_entries.erase(path.native());
  return get(path, kind, whole);
}

std::shared_ptr<KnownFile> KnownFiles::take(const fs::path& path, std::string text, FileKind kind, const Location& whole) const
{
  return parse(takeSource(path, std::move(text), kThisFile, whole, d_limits.fileBytes), path, kind);
}

uint64_t KnownFiles::issuersAre(const std::map<std::string, Issuer>& named)
{
  if (named != d_named) {
    d_named = named;
    ++d_generation;
  }
  return d_generation;
}

void KnownFiles::catalogueIs(const std::string& sha256)
{
  if (sha256 != d_catalogue) {
    d_catalogue = sha256;
    d_entries.clear();
  }
}

void KnownFiles::beginLoad()
{
  for (auto& [path, entry] : d_entries) {
    entry.isUsed = false;
  }
  d_folders.clear();
}

void KnownFiles::endLoad()
{
  std::erase_if(d_entries, [this](const auto& entry) { return !entry.second.isUsed || d_texts == Texts::Keep; });
}

} // namespace caapolicy
