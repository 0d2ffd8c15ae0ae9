// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/serving.hh"

#include <algorithm>
#include <atomic>

namespace caapolicy {

namespace {

uint64_t nextNumber()
{
  static std::atomic<uint64_t> last{0};
  return ++last;
}

} // namespace

Serving::Serving(std::shared_ptr<const Snapshot> compiled, const Serving* before) :
  number(nextNumber()), snapshot(std::move(compiled)), hashed(snapshot, before != nullptr ? &before->hashed : nullptr)
{
  const size_t count = snapshot->recordSetCount();
  d_begins.reserve(count + 1);
  for (size_t index = 0; index < count; ++index) {
    d_begins.push_back(static_cast<uint32_t>(d_contents.size()));
    const auto& set = snapshot->recordSet(index);
    if (before != nullptr && index < before->snapshot->recordSetCount() && before->snapshot->recordSet(index) == set) {
      const Contents same = before->contentsOf(index);
      d_contents.insert(d_contents.end(), same.begin(), same.end());
      continue;
    }
    for (const auto& record : set->records) {
      d_contents.push_back(std::make_shared<const CAARecordContent>(record.toText()));
    }
  }
  d_begins.push_back(static_cast<uint32_t>(d_contents.size()));
}

Lifetime lifetimeOf(const Snapshot::Answer& answer, Instant now, uint32_t cacheSeconds)
{
  if (answer.changes == kEndOfTime || answer.changes - now > Instant{answer.ttl} + cacheSeconds) {
    return {answer.ttl, true};
  }
  // `now` has lost its fraction of a second: one less, so that the TTL ends before the change and not in its second.
  const Instant left = std::max<Instant>(answer.changes - now - 1, 0);
  return {static_cast<uint32_t>(std::min<Instant>(left, answer.ttl)), false};
}

} // namespace caapolicy
