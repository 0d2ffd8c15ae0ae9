// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tree -> model, one file at a time: which keys there are, what type each has, and whether its value can be meant.
// What files mean together (the same subtree in two of them, limits) is not looked at here.
//
// Reading a policy takes two passes, because a file may use an issuer that a later one defines: first the heads of
// all files, which fill the table of issuers, then their bodies.
//
// Pure functions; any thread may call them.
#pragma once

#include "check_issuers.hh"
#include "diagnostic.hh"
#include "keys.hh"
#include "model.hh"
#include "tree.hh"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

struct IssuerDefinition {
  std::string name;
  Issuer issuer;
  Location where;
  bool good{true}; // false: it was reported, and stands here so that its users are not reported as well
};

// The names under `issuers`. That of a delegated file also sees those of the policy around it.
class IssuerTable {
public:
  explicit IssuerTable(const IssuerTable* outer = nullptr) : d_outer(outer) {}

  const IssuerDefinition* find(const std::string& name) const;
  void add(IssuerDefinition definition);
  std::vector<std::string_view> names() const;

private:
  const IssuerTable* d_outer; // outlives this one
  std::unordered_map<std::string, IssuerDefinition> d_definitions;
};

// A path or a pattern as a file has it, not yet joined to anything.
struct WrittenPath {
  std::string path;
  Location where;
};

// A subtree as one file has it.
struct WrittenSubtree {
  Subtree subtree;
  std::vector<std::pair<std::string, Location>> keys; // those that are set, and where
  std::optional<WrittenPath> delegate;
};

struct Document {
  Inherited defaults;
  std::vector<WrittenSubtree> subtrees;
  PlacedApprovals approvals; // null: none
  std::vector<ZoneSettings> zones;
};

// `check`, where there is one, looks at all issuers that are named, and has the CA catalogue that ids are looked up in.

// The outermost keys, `version`, `issuers` (into the table) and `include` (which is returned).
std::vector<WrittenPath> readHead(const TreeNode& root, FileKind kind, IssuerTable& issuers, std::vector<Diagnostic>& problems,
                                  IssuerCheck* check = nullptr);
// Everything else but the approvals, which are read apart (parsed_file.hh).
Document readBody(const TreeNode& root, FileKind kind, const IssuerTable& issuers, std::vector<Diagnostic>& problems,
                  IssuerCheck* check = nullptr);

} // namespace caapolicy
