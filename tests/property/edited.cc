// SPDX-License-Identifier: GPL-2.0-or-later
#include "edited.hh"

#include <algorithm>

namespace caapolicy::test {

WrittenPolicy edited(const WrittenPolicy& policy, Random& random)
{
  WrittenPolicy other = generatePolicy(random);
  for (Subtree& subtree : other.subtrees) {
    forgetPlaces(subtree);
  }
  for (Approval& approval : other.approvals) {
    forgetPlaces(approval);
  }
  WrittenPolicy result = policy;
  for (size_t count = 1 + random.below(3); count > 0; --count) {
    switch (random.below(5)) {
    case 0:
      if (!result.approvals.empty()) {
        result.approvals.erase(result.approvals.begin() + static_cast<std::ptrdiff_t>(random.below(result.approvals.size())));
      }
      break;
    case 1:
      result.approvals.insert(result.approvals.end(), other.approvals.begin(), other.approvals.end());
      break;
    case 2:
      result.subtrees.erase(result.subtrees.begin() + static_cast<std::ptrdiff_t>(random.below(result.subtrees.size())));
      break;
    case 3: {
      const Subtree& added = random.pick(other.subtrees);
      std::erase_if(result.subtrees, [&added](const Subtree& subtree) { return subtree.name == added.name; });
      result.subtrees.push_back(added);
      break;
    }
    default:
      result.defaults = other.defaults;
      break;
    }
    if (result.subtrees.empty()) {
      result.subtrees.push_back(other.subtrees.front());
    }
  }
  tidy(result);
  return result;
}

} // namespace caapolicy::test
