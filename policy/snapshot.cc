// SPDX-License-Identifier: GPL-2.0-or-later
#include "snapshot.hh"

#include "ascii.hh"

#include <algorithm>
#include <array>

namespace caapolicy {

Snapshot::View Snapshot::find(WireName name) const noexcept
{
  std::array<char, kMaxNameLength> lower; // no heap on the query path
  const size_t size = std::min(name.size(), lower.size());
  std::transform(name.begin(), name.begin() + size, lower.begin(), [](char c) { return lowerCase(c); });
  View view;
  view.d_exact = true;
  for (WireName at(lower.data(), size);; at = parentOf(at)) {
    if (const auto found = d_index.find(at); found != d_index.end()) { // the root always is
      view.d_node = found->second;
      view.d_subtree = d_nodes[found->second].subtree;
      return view;
    }
    view.d_exact = false;
  }
}

const Snapshot::Segment& Snapshot::segmentAt(const Node& node, Instant now) const noexcept
{
  const auto first = d_segments.begin() + node.firstSegment;
  const auto after = std::upper_bound(first, first + node.segmentCount, now,
                                      [](Instant instant, const Segment& segment) { return instant < segment.from; });
  return *(after - 1); // the first segment begins at the beginning of time
}

Snapshot::Answer Snapshot::answer(const View& view, Instant now, uint32_t Segment::*field) const noexcept
{
  const Node& node = d_nodes[view.d_node];
  const Segment* segment = &segmentAt(node, now);
  const Segment* end = d_segments.data() + node.firstSegment + node.segmentCount;
  const uint32_t set = segment->*field;
  while (++segment != end && segment->*field == set) {
  }
  return {&d_sets[set], set, node.ttl, segment == end ? kEndOfTime : segment->from};
}

Snapshot::Answer Snapshot::own(const View& view, Instant now) const noexcept
{
  return answer(view, now, view.d_exact ? &Segment::own : &Segment::child);
}

Snapshot::Answer Snapshot::child(const View& view, Instant now) const noexcept { return answer(view, now, &Segment::child); }

bool Snapshot::published(const View& view, Instant now) const noexcept
{
  return view.d_exact && segmentAt(d_nodes[view.d_node], now).published;
}

bool Snapshot::flattens(const View& view) const noexcept
{
  return view.governed() && policy().subtrees[view.d_subtree].cname == CnameMode::Flatten;
}

std::vector<Snapshot::Listed> Snapshot::listedAtOrBelow(WireName ancestor) const
{
  const Name start = Name::fromWire(ancestor);
  auto node = std::lower_bound(d_nodes.begin(), d_nodes.end(), start, [](const Node& a, const Name& b) { return a.name < b; });
  std::vector<Listed> listed;
  for (; node != d_nodes.end() && isAtOrBelow(node->name.wire(), ancestor); ++node) {
    View view;
    view.d_node = static_cast<uint32_t>(node - d_nodes.begin());
    view.d_subtree = node->subtree;
    view.d_exact = true;
    listed.push_back({node->name.wire(), view});
  }
  return listed;
}

size_t Snapshot::listedAfter(WireName name) const
{
  const auto after = std::upper_bound(d_nodes.begin(), d_nodes.end(), Name::fromWire(name),
                                      [](const Name& wanted, const Node& node) { return wanted < node.name; });
  return static_cast<size_t>(after - d_nodes.begin());
}

Instant Snapshot::nextChange(Instant now) const noexcept
{
  const auto next = std::upper_bound(d_changes.begin(), d_changes.end(), now,
                                     [](Instant instant, const auto& change) { return instant < change.first; });
  return next == d_changes.end() ? kEndOfTime : next->first;
}

Instant Snapshot::lastChange(Instant now) const noexcept
{
  const auto next = std::upper_bound(d_changes.begin(), d_changes.end(), now,
                                     [](Instant instant, const auto& change) { return instant < change.first; });
  return next == d_changes.begin() ? kBeginningOfTime : (next - 1)->first;
}

namespace {

// In canonical order, each name once, and nothing below a name whose whole subtree changes.
std::vector<Snapshot::Change> topmost(std::vector<Snapshot::Change> changes)
{
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return a.name != b.name ? a.name < b.name : a.below > b.below;
  });
  std::vector<Snapshot::Change> kept;
  const Name* covered = nullptr;
  for (auto& change : changes) {
    if ((covered != nullptr && isAtOrBelow(change.name.wire(), covered->wire())) || (!kept.empty() && kept.back().name == change.name)) {
      continue;
    }
    if (change.below) {
      covered = &change.name;
    }
    kept.push_back(change);
  }
  return kept;
}

} // namespace

std::vector<Snapshot::Change> Snapshot::changesBetween(Instant after, Instant upTo) const
{
  const auto later = [](Instant instant, const auto& change) { return instant < change.first; };
  auto change = std::upper_bound(d_changes.begin(), d_changes.end(), after, later);
  const auto end = std::upper_bound(change, d_changes.end(), upTo, later);
  std::vector<Change> changes;
  for (; change != end; ++change) {
    const Node& node = d_nodes[change->second];
    const Segment& now = segmentAt(node, change->first);
    const Segment& before = *(&now - 1);
    changes.push_back({node.name, now.own != before.own || now.child != before.child});
  }
  return topmost(std::move(changes));
}

bool Snapshot::sameName(const View& mine, const Snapshot& before, const View& theirs, Instant now) const
{
  if (mine.governed() != theirs.governed()) {
    return false;
  }
  if (!mine.governed()) {
    return true;
  }
  const auto same = [](const Answer& a, const Answer& b) { return a.ttl == b.ttl && a.changes == b.changes && *a.set == *b.set; };
  return flattens(mine) == before.flattens(theirs) && same(own(mine, now), before.own(theirs, now))
    && same(child(mine, now), before.child(theirs, now));
}

std::vector<Snapshot::Change> Snapshot::changesSince(const Snapshot& before, Instant now) const
{
  std::vector<Change> changes;
  const auto compare = [&](const Name& name) {
    const View mine = find(name.wire());
    const View theirs = before.find(name.wire());
    if (!sameName(mine, before, theirs, now)) {
      changes.push_back({name, true});
    }
    else if (published(mine, now) != before.published(theirs, now)) {
      changes.push_back({name, false});
    }
  };
  for (const auto& node : d_nodes) {
    compare(node.name);
  }
  for (const auto& node : before.d_nodes) {
    if (!d_index.contains(node.name.wire())) {
      compare(node.name);
    }
  }
  return topmost(std::move(changes));
}

std::vector<Snapshot::Reason::Source> Snapshot::sourcesOf(uint32_t index, bool own) const
{
  std::vector<Reason::Source> sources;
  const auto addApprovals = [&](const Node& node, bool exactToo) {
    for (uint32_t i = node.firstApproval; i < node.firstApproval + node.approvalCount; ++i) {
      const Approval& approval = d_policy->approvals[i];
      if (approval.subtree || exactToo) {
        for (const auto& grant : approval.grants) {
          sources.push_back({&grant, &approval});
        }
      }
    }
  };
  for (bool exactToo = own; index != kNone; exactToo = false) {
    const Node& node = d_nodes[index];
    if (node.denied || node.subtree == kNone) {
      break;
    }
    addApprovals(node, exactToo);
    if (node.declared) {
      const Subtree& subtree = d_policy->subtrees[node.subtree];
      for (const auto& grant : subtree.allow) {
        sources.push_back({&grant, nullptr});
      }
      if (!subtree.inherit) {
        break; // the nearest subtree governs, alone
      }
    }
    index = node.parent;
  }
  return sources;
}

Snapshot::Reason Snapshot::explain(WireName name, Instant now) const
{
  const View view = find(name);
  Reason reason;
  if (!view.governed()) {
    return reason;
  }
  reason.subtree = &d_policy->subtrees[view.d_subtree];
  reason.sources = sourcesOf(view.d_node, view.d_exact);
  std::erase_if(reason.sources, [now](const Reason::Source& source) {
    return source.approval != nullptr && (now < source.approval->from || source.approval->until <= now);
  });
  return reason;
}

Snapshot::Counts Snapshot::count(Instant now) const
{
  constexpr Instant kSoon = 7 * 24 * 3600;
  Counts counts;
  counts.subtrees = d_policy->subtrees.size();
  counts.approvals = d_policy->approvals.size();
  for (const auto& node : d_nodes) {
    counts.names += node.declared || node.approvalCount != 0;
  }
  for (const auto& approval : d_policy->approvals) {
    const bool live = approval.from <= now && now < approval.until;
    counts.live += live;
    counts.expiring += live && approval.until != kEndOfTime && approval.until - now <= kSoon;
  }
  return counts;
}

std::string Snapshot::dump() const
{
  std::string text;
  const auto setText = [this](uint32_t set) {
    std::string records;
    for (const auto& record : d_sets[set].records) {
      records += (records.empty() ? "" : ", ") + record.toText();
    }
    return "[" + records + "]";
  };
  for (const auto& node : d_nodes) {
    if (node.subtree == kNone) {
      continue;
    }
    text += node.name.toText() + " in " + d_policy->subtrees[node.subtree].name.toText() + " ttl " + std::to_string(node.ttl) + "\n";
    for (uint32_t i = node.firstSegment; i < node.firstSegment + node.segmentCount; ++i) {
      const Segment& segment = d_segments[i];
      text += "  from " + (segment.from == kBeginningOfTime ? std::string("the beginning") : instantToText(segment.from));
      text += segment.published ? ", published\n" : "\n";
      text += "    own " + setText(segment.own) + "\n";
      if (segment.child != segment.own) {
        text += "    child " + setText(segment.child) + "\n";
      }
    }
  }
  return text;
}

} // namespace caapolicy
