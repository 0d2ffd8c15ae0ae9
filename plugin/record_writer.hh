// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes the records that the policy adds to answers.
//
// Used by one thread: no other one has the contents of its records, which PowerDNS counts the holders of.
#pragma once

#include "plugin/own_copies.hh"
#include "plugin/serving.hh"

#include <memory>
#include <vector>

namespace caapolicy {

class RecordWriter {
public:
  // `room`: for the contents of so many record sets, to be used for more than one answer.
  explicit RecordWriter(size_t room) : d_contents(room) {}

  // Appends an answer's records, owned by `owner`.
  void appendCaa(std::vector<DNSZoneRecord>& records, const Serving& serving, const Snapshot::Answer& answer, const DNSName& owner,
                 int zoneId, const Lifetime& lifetime);

  // Appends what makes a name exist without any record: the marker that PowerDNS's own backends use.
  void appendEmptyNonTerminal(std::vector<DNSZoneRecord>& records, const DNSName& owner, int zoneId);

private:
  OwnCopies<std::shared_ptr<DNSRecordContent>> d_contents;
  std::shared_ptr<DNSRecordContent> d_empty; // an empty non-terminal's
};

} // namespace caapolicy
