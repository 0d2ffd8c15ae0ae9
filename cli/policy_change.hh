// SPDX-License-Identifier: GPL-2.0-or-later
//
// A change of the policy's files by the command: under a lock, so that two at once never undo or outbid each other,
// and only after the very loader of the server has found the policy good with it.
#pragma once

#include "cli/program.hh"
#include "policy/loader.hh"
#include "policy/withdraw.hh"

#include <map>
#include <string>
#include <vector>

namespace caapolicy::cli {

// Held by one process at a time for one policy: on the folder of its root file, as that needs no file of its own, is
// there for whoever may read the policy, and is left by a process that is killed.
class PolicyLock {
public:
  // Waits. Where there is no folder, nothing is locked: the loader has words for it.
  explicit PolicyLock(const std::filesystem::path& policy);
  ~PolicyLock();
  PolicyLock(const PolicyLock&) = delete;
  PolicyLock& operator=(const PolicyLock&) = delete;

private:
  int d_fd;
};

class PolicyChange {
public:
  // Takes the lock and loads. Throws Failure(kPolicyErrors) when the policy can't be served as it is. What is wrong with
  // delegated files is told, but stops nobody: no team may keep others from revoking.
  explicit PolicyChange(const Common& common);

  const LoadResult& before() const { return d_before; }
  const Policy& policy() const { return d_before.snapshot->policy(); }

  // The policy with the files as they are to be. Throws Failure(kPolicyErrors) when it would have errors that it has not now.
  LoadResult check(const PendingFiles& pending);
  // Writes what was checked.
  void write(const PendingFiles& pending) const;
  // Removes what interrupted calls have left.
  void removeLeftovers() const;

private:
  const Common& d_common;
  PolicyLock d_lock;
  Loader d_loader;
  LoadResult d_before;
};

// What is to be withdrawn, by index in Policy::files.
using WithdrawalsByFile = std::map<uint32_t, std::vector<Withdrawal>>;

struct WithdrawalPlan {
  PendingFiles pending;
  std::vector<uint32_t> byHand; // files in which it can't be done without touching something else
};
// A file that `approve` wrote is removed, another one edited.
WithdrawalPlan planWithdrawals(const Policy& policy, const WithdrawalsByFile& withdrawals);

// The first line of a file that `approve` writes.
inline constexpr const char* kWrittenByApprove = "# written by `caapolicy approve`\n";

} // namespace caapolicy::cli
