// SPDX-License-Identifier: GPL-2.0-or-later
//
// Keeps what happened, for `caapolicy-attempts` and for the event file: the denied names, loads of the policy, and the
// beginnings and ends of approvals.
//
// One for the process. A thread of its own collects and writes; it ends with the process.
#pragma once

#include "plugin/attempts.hh"
#include "plugin/events.hh"
#include "policy/snapshot.hh"

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace caapolicy {

class Recorder {
public:
  // Called once, before any of the rest; pdnsutil never calls it.
  static void start(size_t maxAttempts, std::string eventFile, std::function<std::shared_ptr<const Snapshot>()> snapshot);
  // Null before start().
  static Recorder* running();

  // A CAA query was answered with a denial. Any thread; never waits.
  void denied(WireName name, bool exists, const ComboAddress& resolver, Instant now) noexcept { d_attempts.saw(name, exists, resolver, now); }

  void loaded(const std::vector<Snapshot::Change>& changes, const std::string& sha256);
  void notLoaded(const std::vector<std::string>& errors);

  const Attempts& attempts() const { return d_attempts; }
  const Events& events() const { return d_events; }

private:
  Recorder(size_t maxAttempts, std::string eventFile, std::function<std::shared_ptr<const Snapshot>()> snapshot);
  void run();
  void collect();
  void follow(std::shared_ptr<const Snapshot> snapshot, Instant now);
  void passTime();
  void tellUpTo(Instant now);
  void tellOf(const char* event, const Approval& approval);

  Attempts d_attempts;
  Events d_events;
  const std::function<std::shared_ptr<const Snapshot>()> d_snapshot;

  // What is to be told of an approval, and when.
  struct Due {
    Instant when;
    const char* event;
    const Approval* approval;
  };

  // Of the thread alone.
  std::shared_ptr<const Snapshot> d_followed;    // whose approvals are followed
  std::vector<Approval> d_approvals;             // of d_followed
  std::vector<Due> d_due;                        // of them, by time
  size_t d_nextDue{0};
  std::unordered_set<std::string> d_toldEnding;  // approvals whose end was announced, of d_followed
  Instant d_hour{0};                             // the hour that the next two are of
  size_t d_madeUpTold{0};                        // names that are in no zone, and were told of
  size_t d_madeUpUntold{0};                      // and were not
};

} // namespace caapolicy
