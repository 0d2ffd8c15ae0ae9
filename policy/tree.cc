// SPDX-License-Identifier: GPL-2.0-or-later
#include "tree.hh"

#include "messages.hh"

#include <unordered_map>

namespace caapolicy {

namespace {

// For each entry the index of the first one with its key.
std::vector<size_t> firstOfKeys(const std::vector<TreeEntry>& entries)
{
  std::vector<size_t> first(entries.size());
  std::unordered_map<std::string_view, size_t> seen;
  for (size_t index = 0; index < entries.size(); ++index) {
    first[index] = seen.emplace(entries[index].key, index).first->second;
  }
  return first;
}

// Nearly all maps are small, and have no duplicates: that is to be seen without allocating.
bool hasFewAndDifferentKeys(const std::vector<TreeEntry>& entries)
{
  constexpr size_t kFew = 16;
  if (entries.size() > kFew) {
    return false;
  }
  for (size_t index = 1; index < entries.size(); ++index) {
    for (size_t before = 0; before < index; ++before) {
      if (entries[before].key == entries[index].key) {
        return false;
      }
    }
  }
  return true;
}

} // namespace

void dropDuplicateKeys(TreeNode& map, std::vector<Diagnostic>& problems)
{
  std::vector<TreeEntry>& entries = map.entries;
  if (hasFewAndDifferentKeys(entries)) {
    return;
  }
  const std::vector<size_t> first = firstOfKeys(entries);
  for (size_t index = 0; index < entries.size(); ++index) {
    if (first[index] != index) {
      problems.push_back(messages::duplicateKey(entries[index].keyWhere, entries[index].key, entries[first[index]].keyWhere));
    }
  }
  size_t kept = 0;
  for (size_t index = 0; index < entries.size(); ++index) {
    if (first[index] == index) {
      if (kept != index) {
        entries[kept] = std::move(entries[index]);
      }
      ++kept;
    }
  }
  entries.resize(kept);
}

} // namespace caapolicy
