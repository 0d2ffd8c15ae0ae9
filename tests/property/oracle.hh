// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a policy means, read off the document as a person would: linear scans, no index, no time lines, no records.
// It shares no code with what it judges (compile.cc, snapshot.cc, render_set.cc, placement.cc), only the model.
#pragma once

#include "written.hh"

#include "policy/evaluate.hh"

#include <vector>

namespace caapolicy::test {

class Oracle {
public:
  // The policy outlives it.
  explicit Oracle(const WrittenPolicy& policy) : d_policy(policy) {}

  // The nearest subtree at or above the name; null: the name is not governed.
  const Subtree* governing(const Name& name) const;
  // Every grant that holds for this very name.
  std::vector<const Grant*> grants(const Name& name, Instant now) const;
  // The settings of the name with all that they inherit.
  Inherited settings(const Name& name) const;
  // Does the policy let this request pass, given grants() and settings() of its name? Only for a governed name.
  static bool allows(const CaRequest& request, const std::vector<const Grant*>& grants, const Inherited& settings);
  // Must the name be in its zone: it is a subtree's, or has a live approval, or stands above such a name.
  bool published(const Name& name, Instant now) const;
  // Is an alias at the name to be served as the addresses of its target?
  bool flattens(const Name& name) const;
  // Every instant at which an approval begins or ends, in order.
  std::vector<Instant> boundaries() const;

private:
  const Subtree* above(const Subtree& subtree) const;
  bool denied(const Name& name) const;

  const WrittenPolicy& d_policy;
};

} // namespace caapolicy::test
