// SPDX-License-Identifier: GPL-2.0-or-later
//
// Policy -> Snapshot: a node for each listed name and each ancestor of one, a time line for each node, each record
// set once.
#include "render_set.hh"
#include "snapshot.hh"

#include <algorithm>
#include <unordered_set>

namespace caapolicy {

namespace {

struct Interval {
  Instant from, until;
};

// Sorted, disjoint, not touching.
void normalize(std::vector<Interval>& intervals)
{
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.from < b.from; });
  std::vector<Interval> merged;
  for (const auto& interval : intervals) {
    if (interval.from >= interval.until) {
      continue;
    }
    if (!merged.empty() && interval.from <= merged.back().until) {
      merged.back().until = std::max(merged.back().until, interval.until);
    }
    else {
      merged.push_back(interval);
    }
  }
  intervals = std::move(merged);
}

// Of normalized ones.
bool contains(const std::vector<Interval>& intervals, Instant instant)
{
  const auto after = std::upper_bound(intervals.begin(), intervals.end(), instant,
                                      [](Instant wanted, const Interval& interval) { return wanted < interval.from; });
  return after != intervals.begin() && instant < (after - 1)->until;
}

Inherited orElse(Inherited settings, const Inherited& above)
{
  const auto fill = [](auto& setting, const auto& from) {
    if (!setting) {
      setting = from;
    }
  };
  fill(settings.ttl, above.ttl);
  fill(settings.iodef, above.iodef);
  fill(settings.contactemail, above.contactemail);
  fill(settings.contactphone, above.contactphone);
  fill(settings.mail, above.mail);
  fill(settings.vmc, above.vmc);
  return settings;
}

} // namespace

class Compiler {
public:
  explicit Compiler(std::shared_ptr<const Policy> policy) : d_snapshot(new Snapshot)
  {
    d_snapshot->d_policy = std::move(policy);
  }

  std::shared_ptr<const Snapshot> run()
  {
    makeNodes();
    placeSubtrees();
    placeApprovals();
    findPublished();
    for (uint32_t index = 0; index < nodes().size(); ++index) {
      makeSegments(index);
    }
    collectChanges();
    return std::move(d_snapshot);
  }

private:
  const Policy& policy() const { return *d_snapshot->d_policy; }
  std::vector<Snapshot::Node>& nodes() { return d_snapshot->d_nodes; }

  void makeNodes()
  {
    std::unordered_set<Name> names{Name()};
    const auto addWithAncestors = [&names](Name name) {
      while (names.insert(name).second) {
        name = name.parent();
      }
    };
    for (const auto& subtree : policy().subtrees) {
      addWithAncestors(subtree.name);
    }
    for (const auto& approval : policy().approvals) {
      addWithAncestors(approval.name);
    }
    std::vector<Name> ordered(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    std::sort(ordered.begin(), ordered.end());

    nodes().resize(ordered.size());
    d_snapshot->d_index.reserve(ordered.size());
    for (uint32_t index = 0; index < ordered.size(); ++index) {
      auto& node = nodes()[index];
      node.name = std::move(ordered[index]);
      d_snapshot->d_index.emplace(node.name.wire(), index);
      if (!node.name.isRoot()) {
        node.parent = d_snapshot->d_index.at(parentOf(node.name.wire()));
      }
    }
  }

  void placeSubtrees()
  {
    d_settings.resize(policy().subtrees.size());
    for (uint32_t index = 0; index < policy().subtrees.size(); ++index) {
      auto& node = nodes()[d_snapshot->d_index.at(policy().subtrees[index].name.wire())];
      node.subtree = index;
      node.declared = true;
    }
    for (auto& node : nodes()) { // parents first
      const Snapshot::Node* above = node.parent == Snapshot::kNone ? nullptr : &nodes()[node.parent];
      const bool governedAbove = above != nullptr && above->subtree != Snapshot::kNone;
      node.denied = above != nullptr && above->denied;
      if (node.declared) {
        const auto& subtree = policy().subtrees[node.subtree];
        node.denied = node.denied || subtree.denied;
        d_settings[node.subtree] = orElse(subtree.settings, governedAbove ? d_settings[above->subtree] : policy().defaults);
      }
      else if (governedAbove) {
        node.subtree = above->subtree;
      }
      if (node.subtree != Snapshot::kNone) {
        node.ttl = d_settings[node.subtree].ttl.value_or(kDefaultTtl);
      }
    }
  }

  void placeApprovals()
  {
    const auto& approvals = policy().approvals;
    for (uint32_t first = 0, next = 0; first < approvals.size(); first = next) {
      while (next < approvals.size() && approvals[next].name == approvals[first].name) {
        ++next;
      }
      auto& node = nodes()[d_snapshot->d_index.at(approvals[first].name.wire())];
      node.firstApproval = first;
      node.approvalCount = next - first;
    }
  }

  // When each node is published: it is listed and live itself, or something below it is.
  void findPublished()
  {
    d_published.resize(nodes().size());
    for (size_t index = nodes().size(); index-- > 0;) { // children first
      const auto& node = nodes()[index];
      auto& intervals = d_published[index];
      if (node.declared) {
        intervals = {{kBeginningOfTime, kEndOfTime}};
      }
      else if (!node.denied && node.subtree != Snapshot::kNone) {
        for (uint32_t i = node.firstApproval; i < node.firstApproval + node.approvalCount; ++i) {
          intervals.push_back({policy().approvals[i].from, policy().approvals[i].until});
        }
      }
      normalize(intervals);
      if (node.parent != Snapshot::kNone && !nodes()[node.parent].declared) {
        auto& above = d_published[node.parent];
        above.insert(above.end(), intervals.begin(), intervals.end());
      }
    }
  }

  void makeSegments(uint32_t index)
  {
    auto& node = nodes()[index];
    const bool governed = node.subtree != Snapshot::kNone;
    const auto own = governed ? d_snapshot->sourcesOf(index, true) : std::vector<Snapshot::Reason::Source>{};
    const auto child = governed ? d_snapshot->sourcesOf(index, false) : std::vector<Snapshot::Reason::Source>{};

    std::vector<Instant> instants{kBeginningOfTime};
    for (const auto& source : own) { // has all of child's
      if (source.approval != nullptr) {
        instants.push_back(source.approval->from);
        instants.push_back(source.approval->until);
      }
    }
    for (const auto& interval : d_published[index]) {
      instants.push_back(interval.from);
      instants.push_back(interval.until);
    }
    std::sort(instants.begin(), instants.end());
    instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
    std::erase(instants, kEndOfTime);

    auto& segments = d_snapshot->d_segments;
    node.firstSegment = static_cast<uint32_t>(segments.size());
    for (const Instant instant : instants) {
      const Snapshot::Segment segment{
        instant,
        governed ? setFor(own, instant, node.subtree) : Snapshot::kNone,
        governed ? setFor(child, instant, node.subtree) : Snapshot::kNone,
        contains(d_published[index], instant),
      };
      if (segments.size() == node.firstSegment || !segment.sameAs(segments.back())) {
        segments.push_back(segment);
      }
    }
    node.segmentCount = static_cast<uint32_t>(segments.size()) - node.firstSegment;
  }

  uint32_t setFor(const std::vector<Snapshot::Reason::Source>& sources, Instant instant, uint32_t subtree)
  {
    std::vector<const Grant*> live;
    for (const auto& source : sources) {
      if (source.approval == nullptr || (source.approval->from <= instant && instant < source.approval->until)) {
        live.push_back(source.grant);
      }
    }
    return intern(renderSet(live, d_settings[subtree]));
  }

  uint32_t intern(RecordSet&& set)
  {
    std::string key;
    for (const auto& record : set.records) {
      key += record.tag;
      key += '\0';
      key += record.value;
      key += '\0';
    }
    const auto [found, isNew] = d_interned.try_emplace(std::move(key), static_cast<uint32_t>(d_snapshot->d_sets.size()));
    if (isNew) {
      d_snapshot->d_sets.push_back(std::move(set));
    }
    return found->second;
  }

  void collectChanges()
  {
    auto& changes = d_snapshot->d_changes;
    for (uint32_t index = 0; index < nodes().size(); ++index) {
      const auto& node = nodes()[index];
      for (uint32_t i = node.firstSegment + 1; i < node.firstSegment + node.segmentCount; ++i) {
        changes.emplace_back(d_snapshot->d_segments[i].from, index);
      }
    }
    std::sort(changes.begin(), changes.end());
  }

  std::shared_ptr<Snapshot> d_snapshot;
  std::vector<Inherited> d_settings;               // of each subtree, with what it inherits
  std::vector<std::vector<Interval>> d_published;  // of each node
  std::unordered_map<std::string, uint32_t> d_interned;
};

std::shared_ptr<const Snapshot> Snapshot::compile(std::shared_ptr<const Policy> policy) { return Compiler(std::move(policy)).run(); }

} // namespace caapolicy
