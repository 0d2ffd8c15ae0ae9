// SPDX-License-Identifier: GPL-2.0-or-later
//
// The addresses of the targets of flattened aliases, where the zone has to hold the addresses themselves. Asked of the
// resolvers of PowerDNS's setting `resolver`, by threads of its own, so that a query waits for them at most once for a target,
// and a short time.
//
// One for the process; any thread may call it. Memory: an entry for each target that was asked for.
#pragma once

#include "plugin/pdns.hh"
#include "policy/clock.hh"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace caapolicy {

struct Addresses {
  std::vector<DNSRecord> records; // A and AAAA; none: the target has no addresses
  uint32_t ttl{0};                // seconds
  Instant until{0};               // the end of their TTL
};

class AliasTargets {
public:
  // Never ends: threads of PowerDNS use it until the process does.
  static AliasTargets& ofProcess();

  // Null: they can't be found out now. Addresses past their TTL are given while the resolvers don't answer.
  std::shared_ptr<const Addresses> addressesOf(const DNSName& target);
  // Null: not known, and nobody waits.
  std::shared_ptr<const Addresses> knownAddressesOf(const DNSName& target);
  // For many at once, as long as it takes; the same order. Null: nobody can tell. Throws DBException when the resolvers are silent.
  std::vector<std::shared_ptr<const Addresses>> allAddressesOf(const std::vector<DNSName>& targets);
  // Asks whether the target has records of a type, some time, and then says so. Dropped where there is much to do.
  void whenItHas(const DNSName& target, uint16_t type, std::function<void()> say);

private:
  struct Target {
    std::shared_ptr<const Addresses> addresses;
    bool asked{false};   // the answer is awaited
    Instant askAgain{0}; // after a failure, not before
  };

  AliasTargets();
  void work();
  static bool isFresh(const Target& target, Instant now);
  static std::shared_ptr<const Addresses> usable(const Target& target, Instant now);
  void want(const DNSName& name, Target& target, Instant now);
  void ask(const DNSName& name);

  std::mutex d_mutex; // guards all of it
  std::condition_variable d_changed;
  std::unordered_map<DNSName, Target> d_targets;
  std::deque<std::function<void()>> d_jobs;
  Instant d_silentUntil{0}; // the resolvers don't answer: who waits would wait in vain
};

} // namespace caapolicy
