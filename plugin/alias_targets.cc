// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/alias_targets.hh"

#include "plugin/thread.hh"

#include <algorithm>
#include <chrono>

namespace caapolicy {

namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 4;                 // a target whose own name servers are slow must not hold up the others
constexpr size_t kMaxJobs = 1000;           // beyond that there is no use in asking for more
constexpr auto kPatience = 1s;              // of a query
constexpr auto kSilence = 1500ms;           // an answer that takes longer is none: PowerDNS waits 2 s for a resolver
constexpr Instant kRetry = 10;              // after a failure
constexpr Instant kRefresh = 10;            // past the TTL: given while new ones are asked for
constexpr Instant kStale = 24 * 3600;       // past the TTL: given while the resolvers fail (RFC 8767)
constexpr uint32_t kNegativeTtl = 60;       // of a target without addresses

} // namespace

AliasTargets& AliasTargets::ofProcess()
{
  static auto* const targets = new AliasTargets;
  return *targets;
}

AliasTargets::AliasTargets()
{
  for (int i = 0; i < kThreads; ++i) {
    startThread([this] { work(); });
  }
}

void AliasTargets::work()
{
  std::unique_lock lock(d_mutex);
  for (;;) {
    d_changed.wait(lock, [this] { return !d_jobs.empty(); });
    const auto job = std::move(d_jobs.front());
    d_jobs.pop_front();
    lock.unlock();
    job();
    lock.lock();
    d_changed.notify_all();
  }
}

std::shared_ptr<const Addresses> AliasTargets::knownAddressesOf(const DNSName& name)
{
  const std::lock_guard lock(d_mutex);
  const auto found = d_targets.find(name);
  return found == d_targets.end() ? nullptr : found->second.addresses;
}

bool AliasTargets::isFresh(const Target& target, Instant now) { return target.addresses && now < target.addresses->until; }

std::shared_ptr<const Addresses> AliasTargets::usable(const Target& target, Instant now)
{
  return target.addresses && now < target.addresses->until + kStale ? target.addresses : nullptr;
}

void AliasTargets::want(const DNSName& name, Target& target, Instant now)
{
  if (!target.asked && now >= target.askAgain) {
    target.asked = true;
    d_jobs.emplace_back([this, name] { ask(name); });
    d_changed.notify_all();
  }
}

std::shared_ptr<const Addresses> AliasTargets::addressesOf(const DNSName& name)
{
  std::unique_lock lock(d_mutex);
  Target& target = d_targets[name]; // references stay good: nothing is ever removed
  const Instant now = time(nullptr);
  if (isFresh(target, now)) {
    return target.addresses;
  }
  want(name, target, now);
  const bool isRecent = target.addresses && now < target.addresses->until + kRefresh;
  if (target.asked && !isRecent && now >= d_silentUntil) {
    d_changed.wait_for(lock, kPatience, [&target] { return !target.asked; });
  }
  return usable(target, now);
}

std::vector<std::shared_ptr<const Addresses>> AliasTargets::allAddressesOf(const std::vector<DNSName>& names)
{
  std::unique_lock lock(d_mutex);
  const Instant now = time(nullptr);
  for (const auto& name : names) {
    if (Target& target = d_targets[name]; !isFresh(target, now)) {
      want(name, target, now);
    }
  }
  std::vector<std::shared_ptr<const Addresses>> found;
  for (const auto& name : names) {
    const Target& target = d_targets[name];
    d_changed.wait(lock, [&target] { return !target.asked; });
    found.push_back(usable(target, now));
    if (!found.back() && time(nullptr) < d_silentUntil) { // it is not the target's fault
      throw DBException("the resolvers don't answer, so that aliases can't be flattened");
    }
  }
  return found;
}

namespace {

// A target whose own name servers don't answer makes a resolver as silent as one that is not there.
bool resolversAnswer()
{
  const auto begun = std::chrono::steady_clock::now();
  const bool answered = pdns::resolve(g_rootdnsname, QType::NS).has_value();
  return answered || std::chrono::steady_clock::now() - begun < kSilence;
}

} // namespace

void AliasTargets::ask(const DNSName& name)
{
  auto found = std::make_shared<Addresses>();
  found->ttl = UINT32_MAX;
  bool failed = false;
  const auto begun = std::chrono::steady_clock::now();
  for (const uint16_t type : {QType::A, QType::AAAA}) {
    const auto answer = failed ? std::nullopt : pdns::resolve(name, type);
    failed = !answer;
    for (const auto& record : answer.value_or(std::vector<DNSZoneRecord>{})) {
      found->records.push_back(record.dr);
      found->ttl = std::min(found->ttl, record.dr.d_ttl);
    }
  }
  if (found->records.empty()) {
    found->ttl = kNegativeTtl;
  }
  const bool silent = failed && std::chrono::steady_clock::now() - begun >= kSilence && !resolversAnswer();
  const Instant now = time(nullptr);
  found->until = now + found->ttl;

  const std::lock_guard lock(d_mutex);
  Target& target = d_targets[name];
  target.asked = false;
  if (failed) {
    target.askAgain = now + kRetry;
  }
  else {
    target.addresses = std::move(found);
  }
  d_silentUntil = silent ? now + kRetry : 0;
}

void AliasTargets::whenItHas(const DNSName& target, uint16_t type, std::function<void()> say)
{
  const std::lock_guard lock(d_mutex);
  if (d_jobs.size() < kMaxJobs) {
    d_jobs.emplace_back([target, type, say = std::move(say)] {
      const auto answer = pdns::resolve(target, type);
      if (answer && !answer->empty()) {
        say();
      }
    });
    d_changed.notify_all();
  }
}

} // namespace caapolicy
