// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/recorder.hh"

#include "plugin/pdns.hh"
#include "plugin/thread.hh"

#include <algorithm>
#include <chrono>
#include <thread>

namespace caapolicy {

namespace {

constexpr Instant kHour = 3600;
constexpr Instant kSoon = 7 * 86400;
constexpr size_t kMaxMadeUpAnHour = 1000; // anybody can ask for names that are in no zone: they must not fill a disk
constexpr size_t kMaxNames = 100;         // of a load

Recorder* g_recorder = nullptr;

// The same approval in the next policy.
std::string keyOf(const Approval& approval)
{
  std::string key = approval.name.toText() + " " + instantToText(approval.until);
  for (const auto& grant : approval.grants) {
    key += " " + grant.writtenAs;
  }
  return key;
}

} // namespace

void Recorder::start(size_t maxAttempts, std::string eventFile, std::function<std::shared_ptr<const Snapshot>()> snapshot)
{
  g_recorder = new Recorder(maxAttempts, std::move(eventFile), std::move(snapshot));
  startThread([] { g_recorder->run(); });
}

Recorder* Recorder::running() { return g_recorder; }

Recorder::Recorder(size_t maxAttempts, std::string eventFile, std::function<std::shared_ptr<const Snapshot>()> snapshot) :
  d_attempts(maxAttempts), d_events(std::move(eventFile)), d_snapshot(std::move(snapshot))
{
}

void Recorder::run()
{
  constexpr auto kPause = std::chrono::milliseconds(200);
  for (;;) {
    collect();
    if (d_events.wanted()) {
      passTime();
      d_events.flush();
    }
    std::this_thread::sleep_for(kPause);
  }
}

void Recorder::collect()
{
  const Instant now = time(nullptr);
  if (now - d_hour >= kHour) {
    if (d_madeUpUntold > 0) {
      d_events.say("more-denied", {{"names", d_madeUpUntold}});
    }
    d_hour = now;
    d_madeUpTold = d_madeUpUntold = 0;
  }
  const auto attempts = d_attempts.collect(kHour);
  if (!d_events.wanted()) {
    return;
  }
  const auto snapshot = d_snapshot();
  for (const auto& attempt : attempts) {
    if (!attempt.exists && ++d_madeUpTold > kMaxMadeUpAnHour) {
      ++d_madeUpUntold;
      continue;
    }
    const auto reason = snapshot->explain(attempt.name.wire(), now);
    d_events.say("denied", {{"name", attempt.name.toText()},
                            {"subtree", reason.subtree == nullptr ? Json() : Json(reason.subtree->name.toText())},
                            {"exists", attempt.exists},
                            {"count", attempt.count},
                            {"network", attempt.networks.back()}});
  }
}

// Takes up another policy.
void Recorder::follow(std::shared_ptr<const Snapshot> snapshot, Instant now)
{
  d_followed = std::move(snapshot);
  d_due.clear();
  d_nextDue = 0;
  std::unordered_set<std::string> told;
  for (const auto& approval : d_followed->policy().approvals) {
    if (approval.from > now) {
      d_due.push_back({approval.from, "approval-began", &approval});
    }
    if (approval.until == kEndOfTime || approval.until <= now) {
      continue;
    }
    d_due.push_back({approval.until, "approval-ended", &approval});
    const auto key = keyOf(approval);
    if (d_toldEnding.contains(key)) {
      told.insert(key);
    }
    else {
      d_due.push_back({std::max(approval.until - kSoon, approval.from), "approval-ends-soon", &approval});
    }
  }
  d_toldEnding = std::move(told);
  std::stable_sort(d_due.begin(), d_due.end(), [](const Due& a, const Due& b) { return a.when < b.when; });
}

void Recorder::passTime()
{
  const Instant now = time(nullptr);
  tellUpTo(now);
  if (auto snapshot = d_snapshot(); snapshot != d_followed) {
    follow(std::move(snapshot), now);
    tellUpTo(now);
  }
}

void Recorder::tellUpTo(Instant now)
{
  for (; d_nextDue < d_due.size() && d_due[d_nextDue].when <= now; ++d_nextDue) {
    const Due& due = d_due[d_nextDue];
    tellOf(due.event, *due.approval);
    if (due.approval->until <= now) {
      d_toldEnding.erase(keyOf(*due.approval));
    }
    else if (due.approval->until - now <= kSoon) {
      d_toldEnding.insert(keyOf(*due.approval));
    }
  }
}

void Recorder::tellOf(const char* event, const Approval& approval)
{
  Json issuers = Json::array();
  for (const auto& grant : approval.grants) {
    issuers.push_back(grant.writtenAs);
  }
  Json details = {{"name", approval.name.toText()}, {"issuers", issuers}, {"subtree", approval.subtree}};
  if (approval.until != kEndOfTime) {
    details["until"] = instantToText(approval.until);
  }
  for (const auto& [key, note] : {std::pair{"reason", approval.reason}, {"ticket", approval.ticket}, {"by", approval.by}}) {
    if (!note.empty()) {
      details[key] = note;
    }
  }
  d_events.say(event, std::move(details));
}

void Recorder::loaded(const std::vector<Snapshot::Change>& changes, const std::string& sha256)
{
  Json names = Json::array();
  for (const auto& change : changes) {
    if (names.size() < kMaxNames) {
      names.push_back(change.name.toText());
    }
  }
  d_events.say("loaded", {{"sha256", sha256}, {"changed", changes.size()}, {"names", names}});
}

void Recorder::notLoaded(const std::vector<std::string>& errors) { d_events.say("not-loaded", {{"errors", errors}}); }

} // namespace caapolicy
