// SPDX-License-Identifier: GPL-2.0-or-later

#include "assemble.hh"

#include "messages.hh"

#include <algorithm>
#include <unordered_map>

namespace caapolicy {

namespace {

class Assembly {
public:
  explicit Assembly(std::vector<Diagnostic>& problems) : d_problems(problems) {}

  void add(const Document& document)
  {
    for (const WrittenSubtree& written : document.subtrees) {
      addSubtree(written);
    }
    addApprovals(document);
    d_policy.zones.insert(d_policy.zones.end(), document.zones.begin(), document.zones.end());
  }

  void addDelegated(const DelegatedPart& part)
  {
    const auto node = d_index.find(part.node);
    if (node != d_index.end()) {
      d_policy.subtrees[node->second].denied = part.denied;
    }
    if (part.document == nullptr) {
      return;
    }
    for (const WrittenSubtree& written : part.document->subtrees) {
      if (written.subtree.name == part.node && node != d_index.end()) {
        merge(written, node->second);
      }
      else {
        addSubtree(written);
      }
    }
    addApprovals(*part.document);
  }

  Policy take()
  {
    const auto byName = [](const auto& left, const auto& right) { return left.name < right.name; };
    std::sort(d_policy.subtrees.begin(), d_policy.subtrees.end(), byName);
    return std::move(d_policy);
  }

  Policy& policy() { return d_policy; }

private:
  void addApprovals(const Document& document)
  {
    if (document.approvals.approvals != nullptr) {
      d_policy.approvals.push_back(document.approvals);
    }
  }

  void addSubtree(const WrittenSubtree& written)
  {
    const auto [found, isNew] = d_index.emplace(written.subtree.name, d_policy.subtrees.size());
    if (!isNew) {
      d_problems.push_back(messages::duplicateSubtree(written.subtree.where, written.subtree.name.toText(), d_policy.subtrees[found->second].where));
      return;
    }
    d_policy.subtrees.push_back(written.subtree);
    d_written.push_back(&written);
  }

  // A delegated file may set what is left open at its own node.
  void merge(const WrittenSubtree& written, size_t index)
  {
    Subtree& node = d_policy.subtrees[index];
    const auto& taken = d_written[index]->keys;
    for (const auto& [key, where] : written.keys) {
      const auto owner = std::find_if(taken.begin(), taken.end(), [&key = key](const auto& other) { return other.first == key; });
      if (owner != taken.end()) {
        d_problems.push_back(messages::keySetByOwner(where, key, node.name.toText(), owner->second));
        continue;
      }
      copyKey(key, written.subtree, node);
    }
  }

  static void copyKey(const std::string& key, const Subtree& from, Subtree& into)
  {
    if (key == "allow") {
      into.allow = from.allow;
    }
    else if (key == "inherit") {
      into.inherit = from.inherit;
    }
    else if (key == "ttl") {
      into.settings.ttl = from.settings.ttl;
    }
    else if (key == "iodef") {
      into.settings.iodef = from.settings.iodef;
    }
    else if (key == "contactemail") {
      into.settings.contactemail = from.settings.contactemail;
    }
    else if (key == "contactphone") {
      into.settings.contactphone = from.settings.contactphone;
    }
    else if (key == "mail") {
      into.settings.mail = from.settings.mail;
    }
    else if (key == "vmc") {
      into.settings.vmc = from.settings.vmc;
    }
    else if (key == "limits") {
      into.limits = from.limits;
    }
    else if (key == "cname") {
      into.cname = from.cname;
    }
  }

  std::vector<Diagnostic>& d_problems;
  Policy d_policy;
  std::unordered_map<Name, size_t> d_index;      // -> d_policy.subtrees
  std::vector<const WrittenSubtree*> d_written; // one for each of d_policy.subtrees
};

} // namespace

Policy assemble(const std::vector<Document>& documents, std::vector<DelegatedPart> delegated, std::vector<Diagnostic>& problems)
{
  Assembly assembly(problems);
  for (const Document& document : documents) {
    assembly.add(document);
  }
  if (!documents.empty()) {
    assembly.policy().defaults = documents.front().defaults; // no other file may have them
  }
  // The lower node first, so that the upper one's file is the one that comes too late.
  std::stable_sort(delegated.begin(), delegated.end(),
                   [](const DelegatedPart& left, const DelegatedPart& right) { return countLabels(left.node.wire()) > countLabels(right.node.wire()); });
  for (const DelegatedPart& part : delegated) {
    assembly.addDelegated(part);
  }
  return assembly.take();
}

} // namespace caapolicy
