// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/recorder.hh"

#include "plugin/pdns.hh"
#include "plugin/thread.hh"
#include "policy/file_approvals.hh"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_set>
#include <utility>

namespace caapolicy {

namespace {

constexpr Instant kHour = 3600;
constexpr Instant kSoon = 7 * 86400;
constexpr size_t kMaxMadeUpAnHour = 1000; // anybody can ask for names that are in no zone: they must not fill a disk
constexpr size_t kMaxNames = 100;         // of a load

Recorder* g_recorder = nullptr;

// Did the policy have the same approval?
bool had(const Snapshot& policy, const Approval& approval)
{
  const auto same = policy.approvalsOf(approval.name.wire());
  return std::any_of(same.begin(), same.end(), [&](const auto& other) {
    return other->until == approval.until && other->from == approval.from
      && std::equal(other->grants.begin(), other->grants.end(), approval.grants.begin(), approval.grants.end(),
                    [](const Grant& left, const Grant& right) { return left.writtenAs == right.writtenAs; });
  });
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

// Finds what is to be told after `since`, for an hour from now: of a million approvals that is little. Of approvals that `before`
// (may be null) did not have, also whose end is near already.
void Recorder::lookAhead(const Snapshot* before, Instant since, Instant now)
{
  d_due.clear();
  d_nextDue = 0;
  d_lookedUpTo = now + kHour;
  std::unordered_set<const FileApprovals*> known;
  if (before != nullptr) {
    for (const auto& placed : before->policy().approvals) {
      known.insert(placed.approvals.get());
    }
  }
  for (const auto& placed : d_followed->policy().approvals) {
    const FileApprovals& file = *placed.approvals;
    const bool isKnown = known.contains(&file);
    for (size_t index = 0; index < file.list().size(); ++index) {
      const auto approval = file.list()[index];
      const auto add = [&](Instant when, const char* event) {
        if (since < when && when <= d_lookedUpTo) {
          d_due.push_back({when, event, &file, index});
        }
      };
      add(approval.from, "approval-began");
      if (approval.until == kEndOfTime || approval.until <= since) {
        continue;
      }
      add(approval.until, "approval-ended");
      const Instant soon = std::max(approval.until - kSoon, approval.from);
      add(soon, "approval-ends-soon");
      if (soon <= since && !isKnown && (before == nullptr || !had(*before, file.at(index, placed.file)))) {
        d_due.push_back({soon, "approval-ends-soon", &file, index});
      }
    }
  }
  std::stable_sort(d_due.begin(), d_due.end(), [](const Due& a, const Due& b) { return a.when < b.when; });
}

void Recorder::passTime()
{
  const Instant now = time(nullptr);
  tellUpTo(now);
  if (d_followed && now >= d_lookedUpTo) {
    lookAhead(d_followed.get(), d_lookedUpTo, now);
    tellUpTo(now);
  }
  if (auto snapshot = d_snapshot(); snapshot != d_followed) {
    const auto before = std::exchange(d_followed, std::move(snapshot));
    lookAhead(before.get(), now, now);
    tellUpTo(now);
  }
}

void Recorder::tellUpTo(Instant now)
{
  for (; d_nextDue < d_due.size() && d_due[d_nextDue].when <= now; ++d_nextDue) {
    const Due& due = d_due[d_nextDue];
    tellOf(due.event, due.file->at(due.index, 0));
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
