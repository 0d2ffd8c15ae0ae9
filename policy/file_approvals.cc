// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_approvals.hh"

#include <algorithm>

namespace caapolicy {

size_t IssuerPool::Hash::operator()(const LinkedIssuer& issuer) const noexcept
{
  const std::hash<std::string> hash;
  size_t whole = hash(issuer.writtenAs);
  const auto add = [&](const std::string& text) { whole = whole * 31 + hash(text); };
  add(issuer.issuer.ca);
  std::for_each(issuer.issuer.accounts.begin(), issuer.issuer.accounts.end(), add);
  std::for_each(issuer.issuer.methods.begin(), issuer.issuer.methods.end(), add);
  return whole;
}

Approval FileApprovals::at(size_t index, uint32_t file) const
{
  const auto placed = [file](Location where) {
    where.file = file;
    return where;
  };
  const ApprovalList::Item item = (*d_list)[index];
  Approval approval;
  approval.name = Name::fromWire(item.name);
  approval.subtree = item.subtree;
  approval.from = item.from;
  approval.until = item.until;
  approval.reason = item.reason;
  approval.ticket = item.ticket;
  approval.by = item.by;
  approval.where = placed(item.where);
  std::vector<ApprovalList::Use> uses;
  d_list->usesAt(index, uses);
  for (const ApprovalList::Use& use : uses) {
    if (const LinkedIssuer* issuer = d_issuers[use.reference]) {
      approval.grants.push_back({issuer->issuer, issuer->writtenAs, item.wildcard, placed(use.where)});
    }
  }
  return approval;
}

std::shared_ptr<const FileApprovals> FileApprovals::pack(const std::vector<Approval>& approvals)
{
  const auto pool = std::make_shared<IssuerPool>();
  std::vector<const LinkedIssuer*> issuers;
  ApprovalListBuilder builder;
  const auto refer = [&](const Grant& grant) {
    const LinkedIssuer* issuer = pool->intern({grant.issuer, grant.writtenAs});
    const auto known = std::find(issuers.begin(), issuers.end(), issuer);
    if (known == issuers.end()) {
      issuers.push_back(issuer);
      return static_cast<uint32_t>(issuers.size() - 1);
    }
    return static_cast<uint32_t>(known - issuers.begin());
  };
  for (const Approval& approval : approvals) {
    std::vector<ApprovalList::Use> uses;
    for (const Grant& grant : approval.grants) {
      uses.push_back({refer(grant), grant.where});
    }
    const Wildcard wildcard = approval.grants.empty() ? Wildcard::No : approval.grants.front().wildcard;
    builder.add({approval.name.wire(), wildcard, approval.subtree, approval.from, approval.until, approval.where, approval.reason, approval.ticket, approval.by}, uses);
  }
  return std::make_shared<FileApprovals>(std::make_shared<ApprovalList>(std::move(builder).build()), std::move(issuers), pool);
}

std::vector<Approval> allApprovals(const Policy& policy)
{
  std::vector<Approval> approvals;
  for (const PlacedApprovals& placed : policy.approvals) {
    for (size_t index = 0; index < placed.approvals->list().size(); ++index) {
      approvals.push_back(placed.approvals->at(index, placed.file));
    }
  }
  std::stable_sort(approvals.begin(), approvals.end(), [](const Approval& left, const Approval& right) { return left.name < right.name; });
  return approvals;
}

} // namespace caapolicy
