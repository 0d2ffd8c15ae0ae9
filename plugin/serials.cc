// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/serials.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// 2025-01-01T00:00:00Z. Never to be changed: all serials would go back.
constexpr Instant kBase = 1735689600;

// PowerDNS applies SOA-EDIT to what it is given. These two leave a serial beyond the inception alone, as a raised one is,
// and secondaries would never get the new signatures: so they are applied to what is stored, and change nothing afterwards.
bool editsOnlyUpTo(const std::string& kind)
{
  static const std::string increment = "INCEPTION-INCREMENT";
  static const std::string epoch = "INCEPTION-EPOCH";
  return !kind.empty() && (pdns_iequals(kind, increment) || pdns_iequals(kind, epoch));
}

} // namespace

uint32_t Serials::served(const Zone& zone, const Serving& serving, uint32_t stored)
{
  const Instant changed = version(zone, serving);
  if (changed == 0) {
    return stored;
  }
  const uint32_t edited = editsOnlyUpTo(zone.soaEdit) ? calculateEditSOA(stored, zone.soaEdit, zone.apex) : stored;
  return edited + static_cast<uint32_t>(std::max<Instant>(changed - kBase, 0)); // modulo 2^32, as serials are
}

Instant Serials::version(const Zone& zone, const Serving& serving)
{
  if (zone.untouched) {
    return 0;
  }
  const Instant latest = d_manager.versions().latest(); // first: what comes meanwhile is found the next time
  if (latest != d_latest || serving.number != d_policy) {
    d_versions.clear();
    d_latest = latest;
    d_policy = serving.number;
  }
  Version& known = d_versions[zone.id];
  if (!sameName(known.apex, zone.apex)) {
    const WireBuffer apex(zone.apex);
    const auto view = serving.snapshot->find(apex.name());
    const auto& versions = d_manager.versions();
    // A zone that has left the policy has changed by that, and must not go back.
    const bool altered = view.governed() || view.listed() || versions.changed(apex.name());
    known = {zone.apex, altered ? versions.last(apex.name()) : 0};
  }
  return known.changed;
}

uint32_t serialOf(const DNSZoneRecord& soa)
{
  const auto* content = pdns::as<SOARecordContent>(pdns::contentOf(soa.dr));
  return content != nullptr ? content->d_st.serial : 0;
}

void setSerial(DNSZoneRecord& soa, uint32_t serial)
{
  if (auto* own = pdns::ownContentOf<SOARecordContent>(soa.dr)) {
    own->d_st.serial = serial;
  }
}

} // namespace caapolicy
