// SPDX-License-Identifier: GPL-2.0-or-later
//
// The approvals of one file together with the issuers that they mean.
//
// Immutable: any thread may read it.
#pragma once

#include "approval_list.hh"
#include "model.hh"

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace caapolicy {

// Issuers, each once, however many files speak of it: two that are the same have the same address. Grows only.
// One thread at a time may add; what it gave out may be read by any.
class IssuerPool {
public:
  const LinkedIssuer* intern(LinkedIssuer issuer) { return &*d_issuers.insert(std::move(issuer)).first; }

private:
  struct Hash {
    size_t operator()(const LinkedIssuer& issuer) const noexcept;
  };
  std::unordered_set<LinkedIssuer, Hash> d_issuers;
};

class FileApprovals {
public:
  // `issuers` has one for each of the list's references; null: it means nothing, and approvals are without it. The pool
  // that they are from is kept alive.
  FileApprovals(std::shared_ptr<const ApprovalList> list, std::vector<const LinkedIssuer*> issuers, std::shared_ptr<const IssuerPool> pool) :
    d_list(std::move(list)), d_issuers(std::move(issuers)), d_pool(std::move(pool)) {}

  // Packs approvals, all in one file; for those who make a policy in code.
  static std::shared_ptr<const FileApprovals> pack(const std::vector<Approval>& approvals);

  const ApprovalList& list() const { return *d_list; }
  const std::vector<const LinkedIssuer*>& issuers() const { return d_issuers; }
  const std::shared_ptr<const IssuerPool>& pool() const { return d_pool; }

  // An approval, unpacked; `file` is what its places are given.
  Approval at(size_t index, uint32_t file) const;

private:
  std::shared_ptr<const ApprovalList> d_list;
  std::vector<const LinkedIssuer*> d_issuers;
  std::shared_ptr<const IssuerPool> d_pool;
};

// All approvals of a policy, unpacked, in canonical order of their names; those of one name in the order of files and places.
std::vector<Approval> allApprovals(const Policy& policy);

} // namespace caapolicy
