// SPDX-License-Identifier: GPL-2.0-or-later

#include "include_pattern.hh"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fnmatch.h>

namespace caapolicy {

namespace {

namespace fs = std::filesystem;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// Adds the entries of the folder that match.
void listMatches(const fs::path& folder, const std::string& pattern, Expansion& expansion, std::vector<fs::path>& matches)
{
  const fs::path opened = folder.empty() ? fs::path(".") : folder;
  expansion.folders.push_back(opened);
  const std::unique_ptr<DIR, CloseFolder> listing(opendir(opened.c_str()));
  if (listing == nullptr) {
    if (errno != ENOENT && errno != ENOTDIR) {
      expansion.unreadable.emplace_back(opened, errno);
    }
    return;
  }
  while (const dirent* entry = readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) {
      matches.push_back(folder / name);
    }
  }
}

// Anything but a plain "no": who reads the file will say what is wrong with it.
bool mayExist(const fs::path& path)
{
  std::error_code code;
  const fs::file_status status = fs::symlink_status(path, code);
  return status.type() != fs::file_type::not_found;
}

} // namespace

bool hasWildcard(const std::string& pattern)
{
  return pattern.find_first_of("*?[") != std::string::npos;
}

Expansion expandPattern(const fs::path& base, const std::string& pattern)
{
  Expansion expansion;
  const fs::path parts(pattern);
  std::vector<fs::path> paths{parts.is_absolute() ? fs::path() : base};
  for (const fs::path& part : parts) {
    std::vector<fs::path> next;
    for (const fs::path& path : paths) {
      if (hasWildcard(part.string())) {
        listMatches(path, part.string(), expansion, next);
      }
      else {
        next.push_back(path / part);
      }
    }
    paths = std::move(next);
  }
  const bool areListed = hasWildcard(parts.filename().string()); // so they are there
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(expansion.files), [areListed](const fs::path& path) { return areListed || mayExist(path); });
  std::sort(expansion.files.begin(), expansion.files.end(), [](const fs::path& left, const fs::path& right) { return left.native() < right.native(); });
  return expansion;
}

bool matchesPattern(const fs::path& base, const std::string& pattern, const fs::path& path)
{
  const fs::path parts(pattern);
  auto at = path.begin();
  if (!parts.is_absolute()) {
    for (const fs::path& part : base) {
      if (at == path.end() || *at++ != part) {
        return false;
      }
    }
  }
  for (const fs::path& part : parts) {
    if (at == path.end() || (hasWildcard(part.string()) ? fnmatch(part.c_str(), at->c_str(), FNM_PERIOD) != 0 : *at != part)) {
      return false;
    }
    ++at;
  }
  return at == path.end();
}

} // namespace caapolicy
