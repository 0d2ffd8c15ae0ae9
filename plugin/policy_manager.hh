// SPDX-License-Identifier: GPL-2.0-or-later
//
// The life of the policy in a process: loaded once, loaded again when its files change or an operator asks, swapped in one
// step, with the caches of PowerDNS purged for what changed, then and when an approval begins or ends.
//
// One for the process. A thread of its own waits for files and for time; it is started with the first backend, after
// PowerDNS has become a daemon and dropped its privileges. All functions may be called by any thread.
#pragma once

#include "plugin/serving.hh"
#include "plugin/watcher.hh"
#include "plugin/zone_versions.hh"
#include "policy/loader.hh"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class PolicyManager {
public:
  // `flattenNeeds`: see Loader.
  PolicyManager(std::string file, std::vector<std::string> flattenNeeds);

  // Loads the policy, if that has not been done, and with `serve` starts to follow its changes (of its files only
  // with `watch`). Throws PDNSException when the policy can't be used; the log has the diagnostics.
  void start(bool serve, bool watch);

  // Loads the policy again now, and returns when the new one is served. Returns the errors, one a line; empty: none.
  // With an error in the root policy everything stays as it was.
  std::string reload(const std::string& why);

  // Called with the policy before and after each swap, with nullptr before the first. Set it before start().
  using SwapListener = std::function<void(const Serving* before, const Serving& after)>;
  void onSwap(SwapListener listener) { d_swapListener = std::move(listener); }

  std::shared_ptr<const Serving> serving() const;

  // When the policy last altered each zone.
  const ZoneVersions& versions() const { return d_versions; }

  // One thread's view of the policy in force: takes no lock unless the policy has changed since the last call.
  class Handle {
  public:
    explicit Handle(PolicyManager& manager) : d_manager(manager) {}
    // The policy in force now.
    const Serving& current();
    // What the last call of current() gave.
    const Serving& held() const { return *d_serving; }
    std::shared_ptr<const Serving> share()
    {
      current();
      return d_serving;
    }

  private:
    PolicyManager& d_manager;
    std::shared_ptr<const Serving> d_serving;
  };

  struct Status {
    std::string file;
    std::string sha256;  // over all files of the policy in force
    size_t files{0};
    Snapshot::Counts counts;
    Instant loaded{0};     // when the policy in force was loaded
    Instant nextChange{0}; // kEndOfTime: none
    uint64_t reloadsGood{0};
    uint64_t reloadsFailed{0};
    bool current{true};                // the policy in force is the files'
    std::vector<std::string> problems; // of the last load, a line each
  };
  Status status() const;

private:
  using Signatures = std::unordered_map<std::string, std::string>; // by path

  void loadFirst(bool watch);
  // `before`: what the files were when nothing of this load was read yet.
  std::string loadOrKeep(const std::string& why, const Signatures& before);
  std::string loadAgain(const std::string& why, const Signatures& before);
  bool reloadIfChanged();
  void apply(LoadResult&& result, Instant now);
  void swap(std::shared_ptr<const Serving> next, Instant now);
  void watch();
  void follow(const Watched& watched, const Signatures& before, int64_t begunMs);
  void run();
  void passTime();
  void announce(const std::vector<Snapshot::Change>& changes, Instant when);
  void purge(const std::vector<Snapshot::Change>& changes);
  void wake();

  const std::string d_file;
  SwapListener d_swapListener;
  ZoneVersions d_versions;

  std::mutex d_reloadMutex; // held for the whole of a load; guards what follows up to the next mutex
  Loader d_loader;
  bool d_loaded{false};
  bool d_serve{false};
  Watched d_watched;
  Signatures d_signatures; // of each watched path, as it was before it was last read
  std::unique_ptr<Watcher> d_watcher; // null: files are not watched; the thread waits on its descriptor
  std::vector<std::string> d_unwatched; // folders that can't be watched, as the log has said
  std::atomic<bool> d_lookAgain{false}; // for the thread: files may have changed
  int d_wakeFd{-1};

  mutable std::mutex d_stateMutex; // guards the rest; never held while something slow is done
  std::shared_ptr<const Serving> d_serving;
  Status d_status;
  Instant d_purgedUpTo{0};
  std::vector<Snapshot::Change> d_purgeAgain;
  int64_t d_purgeAgainAt{0}; // milliseconds of the steady clock; 0: never
  std::atomic<uint64_t> d_number{0}; // of d_serving; 0: none yet
};

} // namespace caapolicy
