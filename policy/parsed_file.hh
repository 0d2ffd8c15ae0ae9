// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text -> what one file of a policy says, as far as that can be told without the other files. It can be kept and used again
// for as long as the file stays the same.
//
// All places in it have file 0: which file of the policy it is, is not known here.
//
// Pure functions; any thread may call them.
#pragma once

#include "approval_list.hh"
#include "diagnostic.hh"
#include "file_approvals.hh"
#include "jsonl.hh"
#include "keys.hh"
#include "reader.hh"
#include "tree.hh"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

struct ParsedFile {
  // What a YAML file has besides the items of `approvals`, which stands here as an empty list. None: it is not YAML, or too
  // large to go on with; or it is one of JSON Lines.
  std::optional<TreeNode> tree;
  std::shared_ptr<ApprovalList> approvals; // never null; without those that something is wrong with
  std::vector<Diagnostic> problems;
};

// `text` must be UTF-8 without NUL bytes. The items of `approvals` are read one by one: there is never a tree of them all.
ParsedFile parseYamlFile(std::string_view text, FileKind kind);
ParsedFile parseJsonLinesFile(std::string_view text, FileKind kind);
// The same for a file that comes in pieces: see JsonLines. `feed` is called with who takes them.
ParsedFile parseJsonLinesFile(FileKind kind, const std::function<void(JsonLines&)>& feed);

// The tree as if it were of that file.
TreeNode withFile(TreeNode tree, uint32_t fileIndex);

// The issuers that a list refers to, from the pool, one for each of its references(); null where something is wrong, which is reported, as far as
// it was not before: for text, at each place where it is used. Places that are reported have file `fileIndex`. `known` has what
// the same words mean in other files that see the same issuers, and is added to; what is to be warned of is not among it.
using KnownIssuers = std::unordered_map<std::string, const LinkedIssuer*>;
std::vector<const LinkedIssuer*> linkIssuers(const ApprovalList& approvals, uint32_t fileIndex, FileKind kind, const IssuerTable& issuers, IssuerPool& pool,
                                             std::vector<Diagnostic>& problems, IssuerCheck* check = nullptr, KnownIssuers* known = nullptr);

} // namespace caapolicy
