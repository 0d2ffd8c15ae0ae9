// SPDX-License-Identifier: GPL-2.0-or-later
//
// CAA records (RFC 8659 4.1) and sets of them, as values. Immutable once made; any thread may read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

struct CaaRecord {
  uint8_t flags{0};  // 128: issuer critical (RFC 8659 4.1)
  std::string tag;   // as it stands in the record; compared without regard to case
  std::string value; // the raw octets

  // Presentation form (RFC 8659 4.1.1): `0 issue "letsencrypt.org"`.
  std::string toText() const;
  // RDATA length in octets.
  size_t rdataLength() const { return 2 + tag.size() + value.size(); }
  bool operator==(const CaaRecord&) const = default;
};

// One RRset. A record set that a policy makes is never empty and always holds an `issue` record.
struct RecordSet {
  std::vector<CaaRecord> records;
  bool grants{false}; // some CA may issue something (made from the policy; not looked at by the evaluator)

  // Octets that the set takes in a message as an answer whose owner names are compressed (RFC 1035 4.1.4).
  size_t answerLength() const;
  bool operator==(const RecordSet&) const = default;
};

} // namespace caapolicy
