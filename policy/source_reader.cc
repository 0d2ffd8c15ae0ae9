// SPDX-License-Identifier: GPL-2.0-or-later

#include "source_reader.hh"

#include "messages.hh"
#include "sha256.hh"
#include "utf8.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace caapolicy {

namespace {

namespace fs = std::filesystem;

class Descriptor {
public:
  explicit Descriptor(int number) : d_number(number) {}
  ~Descriptor()
  {
    if (d_number >= 0) {
      close(d_number);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return d_number; }

private:
  int d_number;
};

fs::path folderOf(const fs::path& path)
{
  const fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

std::string currentUser()
{
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return std::to_string(geteuid());
}

std::string currentGroup()
{
  std::array<char, 16384> buffer{};
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(getegid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->gr_name;
  }
  return std::to_string(getegid());
}

// The topmost folder on the way to the file that this process may not pass, or the file itself.
fs::path whatIsClosed(const fs::path& path)
{
  std::error_code ignored;
  const fs::path full = fs::absolute(path, ignored);
  fs::path folder;
  for (const fs::path& part : full.parent_path()) {
    folder /= part;
    if (faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) != 0) {
      return folder;
    }
  }
  return path;
}

Diagnostic cannotOpen(const fs::path& path, const Location& whole, int error)
{
  if (error != EACCES) {
    return messages::cannotRead(whole, path.string(), std::generic_category().message(error));
  }
  const fs::path closed = whatIsClosed(path);
  if (closed == path) {
    return messages::permissionDenied(whole, path.string(), currentUser(), currentGroup());
  }
  return messages::folderPermissionDenied(whole, path.string(), closed.string(), currentUser(), currentGroup());
}

// Who may write into the folder may put another file in the place of this one, sticky bit or not: before the file
// exists, or after it was removed.
void checkFolder(const fs::path& path, const Location& whole, std::vector<Diagnostic>& problems)
{
  std::error_code ignored;
  const fs::path named = folderOf(path);
  std::vector<fs::path> folders{named};
  const fs::path target = fs::canonical(path, ignored);
  if (!target.empty() && !fs::equivalent(folderOf(target), named, ignored)) {
    folders.push_back(folderOf(target));
  }
  for (const fs::path& folder : folders) {
    struct stat info{};
    if (stat(folder.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0) {
      problems.push_back(messages::folderWritableByEverybody(whole, path.string(), folder.string()));
    }
  }
}

// Looks at a text that comes in blocks; each but the last ends with a line break. Of each kind of problem the first is reported.
class TextCheck {
public:
  TextCheck(uint32_t fileIndex, std::vector<Diagnostic>& problems) : d_file(fileIndex), d_problems(problems) {}

  void add(std::string_view block)
  {
    d_hash.add(block);
    if (d_lines == 0 && block.substr(0, 3) == "\xEF\xBB\xBF") {
      d_problems.push_back(messages::byteOrderMark({d_file, 1, 1, 3}));
    }
    if (const size_t nul = d_hasNul ? std::string_view::npos : block.find('\0'); nul != std::string_view::npos) {
      d_hasNul = true;
      d_problems.push_back(messages::nulByte(placeOf(block, nul)));
    }
    if (const auto invalid = d_hasInvalid ? std::nullopt : firstInvalidUtf8(block)) {
      d_hasInvalid = true;
      d_problems.push_back(messages::notUtf8(placeOf(block, *invalid), static_cast<unsigned char>(block[*invalid])));
    }
    d_lines += linesOf(block);
  }

  // Of all of it.
  std::string sha256() && { return std::move(d_hash).hex(); }

private:
  static uint32_t linesOf(std::string_view text) { return static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n')); }

  Location placeOf(std::string_view block, size_t offset) const
  {
    const std::string_view before = block.substr(0, offset);
    const size_t lineBreak = before.rfind('\n');
    const size_t column = lineBreak == std::string_view::npos ? offset + 1 : offset - lineBreak;
    return {d_file, d_lines + 1 + linesOf(before), static_cast<uint32_t>(column), 1};
  }

  uint32_t d_file;
  std::vector<Diagnostic>& d_problems;
  Sha256 d_hash;
  uint32_t d_lines{0}; // before the block
  bool d_hasNul{false};
  bool d_hasInvalid{false};
};

// As read(2) without its interruptions.
ssize_t readSome(const Descriptor& descriptor, char* to, size_t room)
{
  for (;;) {
    const ssize_t count = read(descriptor.get(), to, room);
    if (count >= 0 || errno != EINTR) {
      return count;
    }
  }
}

// Reports what is wrong with the file before any of it is read; the descriptor is negative where it can't be. `size` is what there
// seems to be to read.
Descriptor openSource(const fs::path& path, const Location& whole, std::vector<Diagnostic>& problems, size_t& size)
{
  // Not to wait for a writer if it is a FIFO: that is refused just below.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  // Of the open file, so that what is checked is what is read.
  struct stat info{};
  if (opened < 0 || fstat(opened, &info) != 0) {
    problems.push_back(cannotOpen(path, whole, errno));
  }
  else if (!S_ISREG(info.st_mode)) {
    problems.push_back(messages::notARegularFile(whole, path.string(), S_ISDIR(info.st_mode)));
  }
  else {
    if ((info.st_mode & S_IWOTH) != 0) {
      problems.push_back(messages::writableByEverybody(whole, path.string()));
    }
    checkFolder(path, whole, problems);
    size = static_cast<size_t>(std::max<off_t>(info.st_size, 0));
    return Descriptor(opened);
  }
  const Descriptor useless(opened);
  return Descriptor(-1);
}

} // namespace

SourceRead takeSource(const fs::path& path, std::string text, uint32_t fileIndex, const Location& whole, size_t maxBytes)
{
  SourceRead result;
  result.file.path = path.string();
  checkFolder(path, whole, result.problems);
  if (text.size() > maxBytes) {
    result.problems.push_back(messages::fileTooBig(whole, path.string(), maxBytes));
    return result;
  }
  result.file.text = std::move(text);
  TextCheck check(fileIndex, result.problems);
  check.add(result.file.text);
  result.file.sha256 = std::move(check).sha256();
  return result;
}

SourceRead readSource(const fs::path& path, uint32_t fileIndex, const Location& whole, size_t maxBytes)
{
  SourceRead result;
  result.file.path = path.string();
  size_t expected = 0;
  const Descriptor descriptor = openSource(path, whole, result.problems, expected);
  if (descriptor.get() < 0) {
    return result;
  }
  // One byte more than may be there shows that a file grew meanwhile.
  std::string& text = result.file.text;
  text.resize(std::min(expected, maxBytes) + 1);
  size_t length = 0;
  while (length <= maxBytes) {
    if (length == text.size()) {
      text.resize(std::min(text.size() * 2, maxBytes + 1));
    }
    const ssize_t count = readSome(descriptor, text.data() + length, text.size() - length);
    if (count < 0) {
      text.clear();
      result.problems.push_back(cannotOpen(path, whole, errno));
      return result;
    }
    if (count == 0) {
      break;
    }
    length += static_cast<size_t>(count);
  }
  if (length > maxBytes) {
    text.clear();
    result.problems.push_back(messages::fileTooBig(whole, path.string(), maxBytes));
    return result;
  }
  text.resize(length);
  TextCheck check(fileIndex, result.problems);
  check.add(text);
  result.file.sha256 = std::move(check).sha256();
  return result;
}

SourceRead readLines(const fs::path& path, uint32_t fileIndex, const Location& whole, size_t maxBytes, const UseLines& use)
{
  SourceRead result;
  result.file.path = path.string();
  size_t ignored = 0;
  const Descriptor descriptor = openSource(path, whole, result.problems, ignored);
  if (descriptor.get() < 0) {
    return result;
  }
  constexpr size_t kBlock = size_t{1} << 20;
  TextCheck check(fileIndex, result.problems);
  std::string buffer(kBlock, '\0');
  size_t held = 0; // in the buffer
  size_t length = 0;
  for (;;) {
    if (held == buffer.size()) { // by one line
      buffer.resize(2 * held);
    }
    const ssize_t count = readSome(descriptor, buffer.data() + held, buffer.size() - held);
    if (count < 0) {
      result.problems.push_back(cannotOpen(path, whole, errno));
      return result;
    }
    held += static_cast<size_t>(count);
    length += static_cast<size_t>(count);
    if (length > maxBytes) {
      result.problems.push_back(messages::fileTooBig(whole, path.string(), maxBytes));
      return result;
    }
    const std::string_view read(buffer.data(), held);
    const std::string_view lines = count == 0 ? read : read.substr(0, read.rfind('\n') + 1); // none: npos + 1 is 0
    check.add(lines);
    if (result.good()) {
      use(lines);
    }
    if (count == 0) {
      result.file.sha256 = std::move(check).sha256();
      return result;
    }
    held -= lines.size();
    std::memmove(buffer.data(), buffer.data() + lines.size(), held);
  }
}

} // namespace caapolicy
