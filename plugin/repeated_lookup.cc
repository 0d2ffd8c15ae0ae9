// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/repeated_lookup.hh"

namespace caapolicy {

void RepeatedLookup::forget()
{
  d_state = State::Empty;
  d_records.clear();
}

void RepeatedLookup::breakOff()
{
  if (isOpen()) {
    forget();
  }
}

bool RepeatedLookup::begin(const DNSName& name, int zoneId, std::vector<DNSZoneRecord>& records)
{
  if (d_state == State::Whole && d_zoneId == zoneId) {
    if (sameName(d_name, name)) {
      const bool isFresh = d_since == time(nullptr);
      if (isFresh) {
        records.swap(d_records);
      }
      forget();
      return isFresh;
    }
    if (d_name.isPartOf(name)) { // one of those in between
      return false;
    }
  }
  forget();
  d_state = State::Open;
  d_name = name;
  d_zoneId = zoneId;
  d_since = time(nullptr);
  return false;
}

void RepeatedLookup::add(const DNSZoneRecord& record)
{
  if (d_records.size() == kMost) {
    forget();
    return;
  }
  d_records.push_back(record);
}

} // namespace caapolicy
