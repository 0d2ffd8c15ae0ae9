// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parts of a policy file, each read by a source file of its own. What reader.cc is made of; not for others.
#pragma once

#include "approval_list.hh"
#include "reader_values.hh"

namespace caapolicy {

// reader_issuers.cc

// An issuer, and how the policy has it.
struct IssuerReference {
  Issuer issuer;
  std::string writtenAs;
  Location where;
};

// The map under `issuers`.
void readIssuers(const TreeNode& node, IssuerTable& table, const Reading& reading);
// `ca`, `accounts` and `methods` of a map.
std::optional<Issuer> readIssuerMap(const TreeNode& map, const Reading& reading);
// A name under `issuers`, an issuer domain, or a map of them.
std::optional<IssuerReference> readIssuerReference(const TreeNode& node, std::string_view what, const Reading& reading);
std::vector<IssuerReference> readIssuerReferences(const TreeNode& list, std::string_view what, const Reading& reading);
// A list of those with their scopes.
std::vector<Grant> readAllow(const TreeNode& node, const Reading& reading);
// `mail` and `vmc`.
std::optional<OtherIssuers> readOtherIssuers(const TreeNode& node, std::string_view what, const Reading& reading);

// reader_subtrees.cc

// A key of `defaults` or of a subtree that both have; false when it is another one.
bool readInheritedKey(const TreeEntry& entry, Inherited& settings, const Reading& reading);
std::vector<WrittenSubtree> readSubtrees(const TreeNode& node, const Reading& reading);

// reader_approvals.cc

// Which issuers its words mean is left for linkIssuers. When anything is wrong with the approval, no more of it is added than that.
void readApproval(const TreeNode& node, const Reading& reading, ApprovalListBuilder& approvals);

} // namespace caapolicy
