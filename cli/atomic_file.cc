// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/atomic_file.hh"

#include "cli/program.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace caapolicy::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kTemporary = ".caapolicy-";

[[noreturn]] void fail(const std::string& what, const fs::path& path, int error)
{
  throw Failure(kFailed, "can't " + what + " `" + path.string() + "`: " + std::generic_category().message(error));
}

fs::path folderOf(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

struct Access {
  mode_t mode;
  std::optional<uid_t> owner;
  gid_t group;
};

// The hidden file, until it has its name.
class Temporary {
public:
  // `shown`: as the file was named.
  Temporary(const fs::path& target, fs::path shown) : d_target(target), d_shown(std::move(shown)), d_path((folderOf(target) / (std::string(kTemporary) + "XXXXXX")).string())
  {
    d_fd = mkostemp(d_path.data(), O_CLOEXEC);
    if (d_fd < 0) {
      fail("write", d_shown, errno);
    }
  }
  ~Temporary()
  {
    if (d_fd >= 0) {
      close(d_fd);
    }
    if (!d_isNamed) {
      unlink(d_path.c_str());
    }
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  void fill(const std::string& text, const Access& access)
  {
    for (size_t done = 0; done < text.size();) {
      const ssize_t count = ::write(d_fd, text.data() + done, text.size() - done);
      if (count < 0 && errno != EINTR) {
        fail("write", d_shown, errno);
      }
      done += static_cast<size_t>(std::max<ssize_t>(count, 0));
    }
    // Only root may give files away. Another owner does no harm; another group may keep the server out.
    if (access.owner && fchown(d_fd, *access.owner, static_cast<gid_t>(-1)) != 0 && errno != EPERM) {
      fail("write", d_shown, errno);
    }
    if (fchown(d_fd, static_cast<uid_t>(-1), access.group) != 0 && ((access.mode & S_IROTH) == 0 || errno != EPERM)) {
      throw Failure(kFailed, "can't give `" + d_shown.string() + "` the group of its folder, so the server could not read it: " + std::generic_category().message(errno));
    }
    if (fchmod(d_fd, access.mode) != 0 || fsync(d_fd) != 0) {
      fail("write", d_shown, errno);
    }
    if (close(std::exchange(d_fd, -1)) != 0) {
      fail("write", d_shown, errno);
    }
  }

  void nameIt(unsigned int flags)
  {
    if (renameat2(AT_FDCWD, d_path.c_str(), AT_FDCWD, d_target.c_str(), flags) != 0) {
      fail("write", d_shown, errno);
    }
    d_isNamed = true;
  }

private:
  const fs::path d_target;
  const fs::path d_shown;
  std::string d_path;
  int d_fd{-1};
  bool d_isNamed{false};
};

// The name, too, is to survive a crash. What a file system can't do is left.
void syncFolder(const fs::path& path)
{
  const int fd = open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
}

void expectContent(const fs::path& path, const std::string& before)
{
  std::ifstream file(path, std::ios::binary);
  const std::string now{std::istreambuf_iterator<char>(file), {}};
  if (!file || now != before) {
    throw Failure(kFailed, "`" + path.string() + "` was changed by somebody else meanwhile; try again");
  }
}

} // namespace

void writeNewFile(const fs::path& path, const std::string& text)
{
  struct stat folder{};
  if (stat(folderOf(path).c_str(), &folder) != 0) {
    if (errno == ENOENT) {
      throw Failure(kFailed, "there is no folder `" + folderOf(path).string() + "` to write to; make it, with a group that the server is in");
    }
    fail("write", path, errno);
  }
  Temporary temporary(path, path);
  temporary.fill(text, {static_cast<mode_t>(S_IRUSR | S_IWUSR | (folder.st_mode & (S_IRGRP | S_IROTH))), std::nullopt, folder.st_gid});
  temporary.nameIt(RENAME_NOREPLACE);
  syncFolder(path);
}

void replaceFile(const fs::path& path, const std::string& before, const std::string& text)
{
  std::error_code code;
  const fs::path target = fs::canonical(path, code);
  struct stat file{};
  if (code || stat(target.c_str(), &file) != 0) {
    fail("write", path, code ? code.value() : errno);
  }
  Temporary temporary(target, path);
  temporary.fill(text, {file.st_mode & 07777U, file.st_uid, file.st_gid});
  expectContent(target, before);
  temporary.nameIt(0);
  syncFolder(target);
}

void putFile(const fs::path& path, const std::string& text)
{
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) {
    writeNewFile(path, text);
    return;
  }
  replaceFile(path, std::string{std::istreambuf_iterator<char>(file), {}}, text);
}

void removeFile(const fs::path& path, const std::string& before)
{
  expectContent(path, before);
  if (unlink(path.c_str()) != 0) {
    fail("remove", path, errno);
  }
  syncFolder(path);
}

void removeLeftovers(const fs::path& folder)
{
  std::error_code ignored;
  for (fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().filename().string().starts_with(kTemporary)) {
      fs::remove(entry->path(), ignored);
    }
  }
}

} // namespace caapolicy::cli
