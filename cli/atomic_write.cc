// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/atomic_write.hh"

#include "cli/program.hh"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace caapolicy::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int error)
{
  throw Failure(kFailed, "can't write `" + file.string() + "`: " + std::generic_category().message(error));
}

mode_t modeFor(const std::filesystem::path& file)
{
  struct stat before{};
  if (stat(file.c_str(), &before) == 0) {
    return before.st_mode & 07777U;
  }
  const mode_t mask = umask(0);
  umask(mask);
  return 0644U & ~mask;
}

// Gone at the end, unless it was put in place.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::filesystem::path& file) : d_file(file), d_path(file.string() + ".XXXXXX"), d_descriptor(mkstemp(d_path.data()))
  {
    if (d_descriptor < 0) {
      d_path.clear();
      fail(file, errno);
    }
  }
  ~TemporaryFile()
  {
    if (d_descriptor >= 0) {
      close(d_descriptor);
    }
    if (!d_path.empty()) {
      unlink(d_path.c_str());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view text) const
  {
    while (!text.empty()) {
      const ssize_t written = ::write(d_descriptor, text.data(), text.size());
      if (written < 0 && errno != EINTR) {
        fail(d_file, errno);
      }
      text.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
    }
  }

  void putInPlace()
  {
    if (fchmod(d_descriptor, modeFor(d_file)) != 0 || fsync(d_descriptor) != 0 || rename(d_path.c_str(), d_file.c_str()) != 0) {
      fail(d_file, errno);
    }
    d_path.clear();
    // The new name is safe when its folder is.
    const std::filesystem::path parent = d_file.parent_path();
    if (const int folder = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
      fsync(folder);
      close(folder);
    }
  }

private:
  const std::filesystem::path& d_file;
  std::string d_path;
  int d_descriptor;
};

} // namespace

void writeAtomically(const std::filesystem::path& file, std::string_view text)
{
  TemporaryFile temporary(file);
  temporary.write(text);
  temporary.putInPlace();
}

} // namespace caapolicy::cli
