// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/stored_caa.hh"

#include <algorithm>

namespace caapolicy {

StoredCaa& StoredCaa::leftOut()
{
  static StoredCaa leftOut;
  return leftOut;
}

void StoredCaa::saw(WireName owner, size_t records)
{
  const std::unique_lock lock(d_mutex, std::try_to_lock);
  if (!lock.owns_lock()) {
    return;
  }
  const std::string key(owner);
  if (const auto known = d_records.find(key); known != d_records.end()) {
    known->second = records;
  }
  else if (d_records.size() < kMaxNames) {
    d_records.emplace(key, records);
  }
}

void StoredCaa::forget()
{
  const std::lock_guard lock(d_mutex);
  d_records.clear();
}

StoredCaa::Seen StoredCaa::seen() const
{
  Seen seen;
  const std::lock_guard lock(d_mutex);
  for (const auto& [owner, records] : d_records) {
    seen.records += records;
    seen.names.push_back(Name::fromWire(owner));
  }
  std::sort(seen.names.begin(), seen.names.end());
  return seen;
}

} // namespace caapolicy
