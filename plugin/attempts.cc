// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/attempts.hh"

#include "plugin/pdns.hh"

#include <boost/lockfree/queue.hpp>

#include <algorithm>
#include <cstring>

namespace caapolicy {

namespace {

constexpr size_t kRingSize = 1024;
constexpr size_t kMaxNetworks = 8;

std::string networkOf(const ComboAddress& resolver)
{
  return Netmask(resolver, resolver.isIPv4() ? 24 : 48).getNormalized().toString();
}

} // namespace

// Copied as bytes.
struct Attempts::Seen {
  char name[kMaxNameLength];
  uint8_t size;
  bool exists;
  ComboAddress resolver;
  Instant when;
};

struct Attempts::Ring {
  boost::lockfree::queue<Seen, boost::lockfree::capacity<kRingSize>> queue;
};

Attempts::Attempts(size_t maxNames) : d_bound(maxNames), d_ring(std::make_unique<Ring>())
{
  d_madeUp.bound = maxNames == 0 ? 0 : std::max<size_t>(maxNames / 10, 1);
  d_existing.bound = std::max<size_t>(maxNames, 1) - std::min<size_t>(d_madeUp.bound, std::max<size_t>(maxNames, 1) - 1);
}

Attempts::~Attempts() = default;

void Attempts::saw(WireName name, bool exists, const ComboAddress& resolver, Instant now) noexcept
{
  if (d_bound == 0) {
    return;
  }
  Seen seen;
  seen.size = static_cast<uint8_t>(std::min(name.size(), sizeof(seen.name)));
  std::memcpy(seen.name, name.data(), seen.size);
  seen.exists = exists;
  seen.resolver = resolver;
  seen.when = now;
  if (!d_ring->queue.bounded_push(seen)) {
    d_missed.fetch_add(1, std::memory_order_relaxed);
  }
}

// A name that has come to be in a zone.
void Attempts::move(Table& from, Table& to, const std::string& key)
{
  const auto found = from.byName.find(key);
  if (found == from.byName.end() || to.byName.contains(key)) {
    return;
  }
  to.attempts.splice(to.attempts.begin(), from.attempts, found->second);
  to.byName.emplace(key, found->second);
  from.byName.erase(found);
}

Attempt& Attempts::note(Table& table, Attempt&& attempt)
{
  const std::string key(attempt.name.wire());
  const auto found = table.byName.find(key);
  if (found == table.byName.end()) {
    table.attempts.push_front(std::move(attempt));
    table.byName.emplace(key, table.attempts.begin());
  }
  else {
    table.attempts.splice(table.attempts.begin(), table.attempts, found->second);
    Attempt& known = *found->second;
    ++known.count;
    known.last = std::max(known.last, attempt.last);
    known.exists = attempt.exists;
    const std::string& network = attempt.networks.front();
    if (std::find(known.networks.begin(), known.networks.end(), network) == known.networks.end()) {
      if (known.networks.size() < kMaxNetworks) {
        known.networks.push_back(network);
      }
      else {
        known.moreNetworks = true;
      }
    }
  }
  while (table.attempts.size() > table.bound) {
    table.byName.erase(std::string(table.attempts.back().name.wire()));
    table.attempts.pop_back();
    ++d_dropped;
  }
  return table.attempts.front();
}

std::vector<Attempt> Attempts::collect(Instant quiet)
{
  std::vector<Attempt> news;
  const std::lock_guard lock(d_mutex);
  Seen seen;
  for (size_t taken = 0; taken < kRingSize && d_ring->queue.pop(seen); ++taken) {
    Attempt attempt{Name::fromWire({seen.name, seen.size}), seen.exists, seen.when, seen.when, 1, {networkOf(seen.resolver)}, false, 0};
    if (attempt.exists) {
      move(d_madeUp, d_existing, std::string(attempt.name.wire()));
    }
    Attempt& noted = note(attempt.exists ? d_existing : d_madeUp, std::move(attempt));
    if (noted.told == 0 || noted.last - noted.told >= quiet) {
      noted.told = noted.last;
      news.push_back(noted);
    }
  }
  return news;
}

std::vector<Attempt> Attempts::list() const
{
  std::vector<Attempt> all;
  {
    const std::lock_guard lock(d_mutex);
    all.assign(d_existing.attempts.begin(), d_existing.attempts.end());
    all.insert(all.end(), d_madeUp.attempts.begin(), d_madeUp.attempts.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Attempt& a, const Attempt& b) { return a.last > b.last; });
  return all;
}

size_t Attempts::names() const
{
  const std::lock_guard lock(d_mutex);
  return d_existing.attempts.size() + d_madeUp.attempts.size();
}

} // namespace caapolicy
