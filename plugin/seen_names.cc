// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/seen_names.hh"

namespace caapolicy {

const TypesAt* SeenNames::find(const DNSName& name, int zoneId) const
{
  if (d_count == 0 || d_since != time(nullptr)) {
    return nullptr;
  }
  for (size_t i = 0; i < d_count; ++i) {
    if (d_seen[i].zoneId == zoneId && sameName(d_seen[i].name, name)) {
      return &d_seen[i].types;
    }
  }
  return nullptr;
}

void SeenNames::add(const DNSName& name, int zoneId, const TypesAt& types)
{
  const Instant now = time(nullptr);
  if (d_since != now) {
    d_count = 0;
    d_since = now;
  }
  if (d_count < d_seen.size()) {
    auto& seen = d_seen[d_count++];
    seen.name = name;
    seen.zoneId = zoneId;
    seen.types = types;
  }
}

} // namespace caapolicy
