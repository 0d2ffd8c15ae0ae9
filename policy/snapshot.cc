// SPDX-License-Identifier: GPL-2.0-or-later
#include "snapshot.hh"

#include "ascii.hh"
#include "file_approvals.hh"

#include <algorithm>
#include <array>

namespace caapolicy {

namespace {

// A name in lower case. No heap on the query path.
class Lower {
public:
  explicit Lower(WireName name) : d_size(std::min(name.size(), d_bytes.size())) { lowerCase(name.data(), d_size, d_bytes.data()); }
  WireName name() const { return {d_bytes.data(), d_size}; }

private:
  std::array<char, kMaxNameLength> d_bytes;
  size_t d_size;
};

} // namespace

Snapshot::View Snapshot::find(WireName name) const noexcept
{
  const Lower lower(name);
  View view;
  view.d_exact = true;
  for (WireName at = lower.name();; at = parentOf(at)) {
    if (const uint32_t handle = d_table.find(at, d_nodes); handle != kNone) { // the root always is there
      view.d_node = handle;
      view.d_subtree = d_nodes[handle].subtree();
      return view;
    }
    view.d_exact = false;
  }
}

size_t Snapshot::fetch(WireName name) const noexcept { return d_table.fetch(Lower(name).name()); }

const Node* Snapshot::findNode(WireName name) const noexcept
{
  const uint32_t handle = d_table.find(name, d_nodes);
  return handle == kNone ? nullptr : &d_nodes[handle];
}

const Segment& Snapshot::segmentAt(const Node& node, Instant now) const noexcept
{
  const auto segments = node.segments();
  const auto after = std::upper_bound(segments.begin(), segments.end(), now,
                                      [](Instant instant, const Segment& segment) { return instant < segment.from; });
  return *(after - 1); // the first segment begins at the beginning of time
}

template <typename Field>
Snapshot::Answer Snapshot::answer(const View& view, Instant now, Field field) const noexcept
{
  const Node& node = d_nodes[view.d_node];
  const Segment* segment = &segmentAt(node, now);
  const Segment* end = node.segments().data() + node.segments().size();
  const uint32_t set = field(*segment);
  while (++segment != end && field(*segment) == set) {
  }
  return {d_sets[set].get(), set, d_settings[view.d_subtree].ttl.value_or(kDefaultTtl), segment == end ? kEndOfTime : segment->from};
}

Snapshot::Answer Snapshot::own(const View& view, Instant now) const noexcept
{
  return view.d_exact ? answer(view, now, [](const Segment& segment) { return segment.own; }) : child(view, now);
}

Snapshot::Answer Snapshot::child(const View& view, Instant now) const noexcept
{
  return answer(view, now, [](const Segment& segment) -> uint32_t { return segment.child; });
}

bool Snapshot::published(const View& view, Instant now) const noexcept
{
  return view.d_exact && segmentAt(d_nodes[view.d_node], now).published;
}

bool Snapshot::flattens(const View& view) const noexcept
{
  return view.governed() && policy().subtrees[view.d_subtree].cname == CnameMode::Flatten;
}

Snapshot::Listed Snapshot::listed(size_t index) const
{
  View view;
  view.d_node = d_order[index];
  view.d_subtree = d_nodes[view.d_node].subtree();
  view.d_exact = true;
  return {d_nodes[view.d_node].name(), view};
}

size_t Snapshot::listedAfter(WireName name) const
{
  const auto after = std::upper_bound(d_order.begin(), d_order.end(), name,
                                      [this](WireName wanted, uint32_t handle) { return compareCanonical(wanted, d_nodes[handle].name()) < 0; });
  return static_cast<size_t>(after - d_order.begin());
}

std::pair<size_t, size_t> Snapshot::listedWithin(WireName ancestor) const
{
  const auto first = std::lower_bound(d_order.begin(), d_order.end(), ancestor,
                                      [this](uint32_t handle, WireName wanted) { return compareCanonical(d_nodes[handle].name(), wanted) < 0; });
  // In canonical order, what is below a name comes directly after it.
  const auto after = std::partition_point(first, d_order.end(), [&](uint32_t handle) { return isAtOrBelow(d_nodes[handle].name(), ancestor); });
  return {static_cast<size_t>(first - d_order.begin()), static_cast<size_t>(after - d_order.begin())};
}

std::vector<Snapshot::Listed> Snapshot::listedAtOrBelow(WireName ancestor) const
{
  const auto [first, after] = listedWithin(ancestor);
  std::vector<Listed> all;
  all.reserve(after - first);
  for (size_t index = first; index < after; ++index) {
    all.push_back(listed(index));
  }
  return all;
}

Instant Snapshot::nextChange(Instant now) const noexcept
{
  const auto next = std::upper_bound(d_changeTimes.begin(), d_changeTimes.end(), now);
  return next == d_changeTimes.end() ? kEndOfTime : *next;
}

Instant Snapshot::lastChange(Instant now) const noexcept
{
  const auto next = std::upper_bound(d_changeTimes.begin(), d_changeTimes.end(), now);
  return next == d_changeTimes.begin() ? kBeginningOfTime : *(next - 1);
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
  const auto begin = std::upper_bound(d_changeTimes.begin(), d_changeTimes.end(), after);
  const auto end = std::upper_bound(begin, d_changeTimes.end(), upTo);
  std::vector<Change> changes;
  changes.reserve(static_cast<size_t>(end - begin));
  for (auto time = begin; time != end; ++time) {
    const Node& node = d_nodes[d_changeNodes[static_cast<size_t>(time - d_changeTimes.begin())]];
    const Segment& now = segmentAt(node, *time);
    const Segment& before = *(&now - 1);
    changes.push_back({Name::fromWire(node.name()), now.own != before.own || now.child != before.child});
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

template <typename Visit>
void Snapshot::forEachOther(const Snapshot& before, Visit visit) const
{
  size_t mine = 0;
  size_t theirs = 0;
  while (mine < listedCount() || theirs < before.listedCount()) {
    const Node* here = mine < listedCount() ? &node(mine) : nullptr;
    const Node* there = theirs < before.listedCount() ? &before.node(theirs) : nullptr;
    if (here == there) { // the very same memory: nothing that it depends on has changed
      ++mine;
      ++theirs;
      continue;
    }
    const auto order = here == nullptr ? std::strong_ordering::greater : there == nullptr ? std::strong_ordering::less : compareCanonical(here->name(), there->name());
    visit(order <= 0 ? here->name() : there->name(), order <= 0);
    mine += order <= 0;
    theirs += order >= 0;
  }
}

std::vector<Snapshot::Change> Snapshot::changesSince(const Snapshot& before, Instant now) const
{
  std::vector<Change> changes;
  forEachOther(before, [&](WireName name, bool) {
    const View mine = find(name);
    const View theirs = before.find(name);
    if (!sameName(mine, before, theirs, now)) {
      changes.push_back({Name::fromWire(name), true});
    }
    else if (published(mine, now) != before.published(theirs, now)) {
      changes.push_back({Name::fromWire(name), false});
    }
  });
  return topmost(std::move(changes));
}

std::vector<Name> Snapshot::noMore(const Snapshot& before) const
{
  std::vector<Name> names;
  forEachOther(before, [&names](WireName name, bool isMine) {
    if (!isMine) {
      names.push_back(Name::fromWire(name));
    }
  });
  return names;
}

std::vector<std::shared_ptr<const Approval>> Snapshot::approvalsOf(WireName name) const
{
  std::vector<std::shared_ptr<const Approval>> approvals;
  if (const Node* node = findNode(name)) {
    for (const ApprovalRef& ref : node->approvals()) {
      approvals.push_back(std::make_shared<Approval>(placed(ref).approvals->at(ref.index, placed(ref).file)));
    }
  }
  return approvals;
}

std::vector<GrantSource> Snapshot::sourcesOf(const Node& start, bool own) const
{
  std::vector<GrantSource> sources;
  WireName name = start.name();
  for (bool exactToo = own;; exactToo = false) {
    const Node& node = *findNode(name); // ancestors are there as well
    if (node.isDenied() || node.subtree() == kNone) {
      break;
    }
    if (exactToo || node.reachesBelow()) {
      for (const auto& approval : approvalsOf(name)) {
        if (approval->subtree || exactToo) {
          for (const Grant& grant : approval->grants) {
            sources.push_back({&grant, approval, nullptr});
          }
        }
      }
    }
    if (node.isDeclared()) {
      const Subtree& subtree = d_policy->subtrees[node.subtree()];
      for (const Grant& grant : subtree.allow) {
        sources.push_back({&grant, nullptr, &subtree});
      }
      if (!subtree.inherit) {
        break; // the nearest subtree governs, alone
      }
    }
    if (isRoot(name)) {
      break;
    }
    name = parentOf(name);
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
  reason.sources = sourcesOf(d_nodes[view.d_node], view.d_exact);
  std::erase_if(reason.sources, [now](const GrantSource& source) {
    return source.approval != nullptr && (now < source.approval->from || source.approval->until <= now);
  });
  return reason;
}

Snapshot::Counts Snapshot::count(Instant now) const
{
  constexpr Instant kSoon = 7 * 24 * 3600;
  Counts counts;
  counts.names = d_names;
  counts.subtrees = d_policy->subtrees.size();
  for (const PlacedApprovals& placed : d_policy->approvals) {
    const ApprovalList& list = placed.approvals->list();
    counts.approvals += list.size();
    for (size_t index = 0; index < list.size(); ++index) {
      const Interval life = list.lifeAt(index);
      const bool live = life.from <= now && now < life.until;
      counts.live += live;
      counts.expiring += live && life.until != kEndOfTime && life.until - now <= kSoon;
    }
  }
  return counts;
}

std::string Snapshot::dump() const
{
  std::string text;
  const auto setText = [this](uint32_t set) {
    std::string records;
    for (const auto& record : d_sets[set]->records) {
      records += (records.empty() ? "" : ", ") + record.toText();
    }
    return "[" + records + "]";
  };
  for (size_t index = 0; index < listedCount(); ++index) {
    const Node& node = this->node(index);
    if (node.subtree() == kNone) {
      continue;
    }
    text += toText(node.name()) + " in " + d_policy->subtrees[node.subtree()].name.toText() + " ttl " + std::to_string(d_settings[node.subtree()].ttl.value_or(kDefaultTtl)) + "\n";
    for (const Segment& segment : node.segments()) {
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
