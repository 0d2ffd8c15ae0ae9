// SPDX-License-Identifier: GPL-2.0-or-later

#include "source_reader.hh"

#include "messages.hh"
#include "utf8.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <simdjson.h>
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

Location placeOf(std::string_view text, size_t offset, uint32_t fileIndex)
{
  const std::string_view before = text.substr(0, offset);
  const size_t lineBreak = before.rfind('\n');
  const size_t column = lineBreak == std::string_view::npos ? offset + 1 : offset - lineBreak;
  return {fileIndex, static_cast<uint32_t>(1 + std::count(before.begin(), before.end(), '\n')), static_cast<uint32_t>(column), 1};
}

void checkText(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems)
{
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    problems.push_back(messages::byteOrderMark({fileIndex, 1, 1, 3}));
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    problems.push_back(messages::nulByte(placeOf(text, nul, fileIndex)));
  }
  // The library's check is many times faster, but does not say where.
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    if (const auto invalid = firstInvalidUtf8(text)) {
      problems.push_back(messages::notUtf8(placeOf(text, *invalid, fileIndex), static_cast<unsigned char>(text[*invalid])));
    }
  }
}

} // namespace

std::string sha256Hex(std::string_view content)
{
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int index = 0; index < length; ++index) {
    text += digits[digest[index] >> 4U];
    text += digits[digest[index] & 0xFU];
  }
  return text;
}

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
  result.file.sha256 = sha256Hex(result.file.text);
  checkText(result.file.text, fileIndex, result.problems);
  return result;
}

SourceRead readSource(const fs::path& path, uint32_t fileIndex, const Location& whole, size_t maxBytes)
{
  SourceRead result;
  result.file.path = path.string();

  // Not to wait for a writer if it is a FIFO: that is refused just below.
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (descriptor.get() < 0) {
    result.problems.push_back(cannotOpen(path, whole, errno));
    return result;
  }
  // Of the open file, so that what is checked is what is read.
  struct stat info{};
  if (fstat(descriptor.get(), &info) != 0) {
    result.problems.push_back(cannotOpen(path, whole, errno));
    return result;
  }
  if (!S_ISREG(info.st_mode)) {
    result.problems.push_back(messages::notARegularFile(whole, path.string(), S_ISDIR(info.st_mode)));
    return result;
  }
  if ((info.st_mode & S_IWOTH) != 0) {
    result.problems.push_back(messages::writableByEverybody(whole, path.string()));
  }
  checkFolder(path, whole, result.problems);

  // One byte more than may be there shows that a file grew meanwhile.
  std::string& text = result.file.text;
  const auto expected = static_cast<size_t>(std::max<off_t>(info.st_size, 0));
  text.resize(std::min(expected, maxBytes) + 1);
  size_t length = 0;
  while (length <= maxBytes) {
    if (length == text.size()) {
      text.resize(std::min(text.size() * 2, maxBytes + 1));
    }
    const ssize_t count = read(descriptor.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) {
      continue;
    }
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
  result.file.sha256 = sha256Hex(text);
  checkText(text, fileIndex, result.problems);
  return result;
}

} // namespace caapolicy
