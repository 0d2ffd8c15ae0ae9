// SPDX-License-Identifier: GPL-2.0-or-later
//
// A compilation goes over the names that are touched by what differs from the base (all, where there is none), thrice: from the root down
// to see who governs, up to see what is published, and down again to make the nodes. All ancestors of a touched name are touched.
#include "compilation.hh"

#include "huge_pages.hh"
#include "interval.hh"
#include "render_set.hh"

#include <algorithm>
#include <iterator>

namespace caapolicy {

namespace {

constexpr WireName kRoot{"", 1};

// What is there for each of a million names while a policy is compiled goes straight back to the system.
template <typename Item>
using Items = std::vector<Item, HugePageAllocator<Item>>;

// A grant as far as record sets are concerned.
struct Source {
  const LinkedIssuer* issuer;
  Wildcard wildcard;
  Interval life;
};

struct TimedSet {
  Instant from;
  uint32_t set;
};

// What an unlisted child of a node has. Nodes that add nothing share that of their parent.
struct Reach {
  std::vector<Source> sources;
  std::vector<TimedSet> line; // in order; the first is from the beginning of time
};

bool isLive(const Interval& life, Instant instant) { return life.from <= instant && instant < life.until; }

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

Intervals publishedOf(const Node& node)
{
  std::vector<Interval> intervals;
  const auto segments = node.segments();
  for (size_t index = 0; index < segments.size(); ++index) {
    if (segments[index].published) {
      intervals.push_back({segments[index].from, index + 1 < segments.size() ? segments[index + 1].from : kEndOfTime});
    }
  }
  return normalized(std::move(intervals));
}

bool isPublishedWithin(const Node& node, Instant from, Instant until)
{
  const auto segments = node.segments();
  for (size_t index = 0; index < segments.size() && segments[index].from < until; ++index) {
    if (segments[index].published && (index + 1 == segments.size() || segments[index + 1].from > from)) {
      return true;
    }
  }
  return false;
}

} // namespace

class Compilation {
public:
  // `base` may be null; `known` is what the base has.
  Compilation(std::shared_ptr<const Policy> policy, const Snapshot* base, const KnownSets& known, IssuerPool& allowed) :
    d_base(base), d_known(known), d_allowed(allowed), d_snapshot(new Snapshot)
  {
    d_snapshot->d_policy = std::move(policy);
    if (base != nullptr) {
      d_snapshot->d_slots = base->d_slots;
      d_snapshot->d_nodes = base->d_nodes;
      d_snapshot->d_table = base->d_table;
      d_snapshot->d_sets = base->d_sets;
      d_snapshot->d_settings = base->d_settings;
      d_snapshot->d_names = base->d_names;
    }
  }

  Compiled run()
  {
    matchSlots();
    draftNodes(touchedNames());
    release(d_added);
    placeDrafts();
    findPublished();
    makeNodes();
    release(d_refs);
    d_snapshot->d_nodes.seal();
    orderNodes();
    if (d_base == nullptr) {
      release(d_drafts);
    }
    orderChanges();
    Compiled compiled{std::move(d_snapshot), d_base == nullptr, {}, std::move(d_new)};
    std::transform(d_drafts.begin(), d_drafts.end(), std::back_inserter(compiled.touched), [](const Draft& draft) { return Name::fromWire(draft.name); });
    return compiled;
  }

private:
  // A touched name.
  struct Draft {
    WireName name;
    uint32_t parent{kNone}; // in d_drafts
    uint32_t firstRef{0}, refCount{0}; // in d_refs
    uint32_t subtree{kNone};
    uint32_t old{kNone}; // handle in the base
    uint32_t made{kNone}; // handle in the snapshot; kNone: the name is gone
    bool isDeclared{false};
    bool isDenied{false};
    bool isAlive{false};
    bool hasBelow{false}; // other names are below it, touched or not
  };

  // As soon as it is needed no longer: a policy that is compiled anew is there besides the one that is served.
  template <typename Item>
  static void release(Items<Item>& items)
  {
    Items<Item>().swap(items);
  }

  // What lies between two places.
  template <typename Item>
  static void append(Items<Item>& to, const Items<Item>& from, size_t begin, size_t end)
  {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end));
  }

  const Policy& policy() const { return *d_snapshot->d_policy; }
  const ApprovalList& listOf(const ApprovalRef& ref) const { return d_snapshot->d_slots[ref.slot].approvals->list(); }

  // Which files are new, and which are gone.
  void matchSlots()
  {
    auto& slots = d_snapshot->d_slots;
    std::unordered_map<const FileApprovals*, uint32_t> known;
    for (uint32_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot].approvals != nullptr) {
        known.emplace(slots[slot].approvals.get(), slot);
      }
    }
    std::vector<const PlacedApprovals*> added;
    for (const PlacedApprovals& placed : policy().approvals) {
      if (const auto found = known.find(placed.approvals.get()); found != known.end()) {
        slots[found->second].file = placed.file;
        known.erase(found);
      }
      else {
        added.push_back(&placed);
      }
    }
    for (const auto& [approvals, slot] : known) {
      d_gone.push_back(slots[slot].approvals);
      slots[slot] = {};
    }
    d_isGone.resize(slots.size());
    std::transform(slots.begin(), slots.end(), d_isGone.begin(), [](const PlacedApprovals& placed) { return placed.approvals == nullptr; });
    size_t free = 0;
    for (const PlacedApprovals* placed : added) {
      while (free < slots.size() && slots[free].approvals != nullptr) {
        ++free;
      }
      if (free == slots.size()) {
        slots.emplace_back();
      }
      slots[free] = *placed;
      addRefs(static_cast<uint32_t>(free));
    }
    mergeRuns();
  }

  void addRefs(uint32_t slot)
  {
    const size_t count = d_snapshot->d_slots[slot].approvals->list().size();
    for (uint32_t index = 0; index < count; ++index) {
      d_added.push_back({slot, index});
    }
    d_runs.push_back(d_added.size());
  }

  // By name; those of one name by their places.
  bool comesFirst(const ApprovalRef& left, const ApprovalRef& right) const
  {
    const auto order = compareCanonical(listOf(left).nameAt(left.index), listOf(right).nameAt(right.index));
    return order != 0 ? order < 0 : placeOf(left) < placeOf(right);
  }

  std::pair<uint32_t, uint32_t> placeOf(const ApprovalRef& ref) const { return {d_snapshot->d_slots[ref.slot].file, ref.index}; }

  // Each list is in order; makes one of them all.
  void mergeRuns()
  {
    const auto first = [this](const ApprovalRef& left, const ApprovalRef& right) { return comesFirst(left, right); };
    const auto at = [this](size_t index) { return d_added.begin() + static_cast<std::ptrdiff_t>(index); };
    while (d_runs.size() > 1) {
      std::vector<size_t> merged;
      size_t begin = 0;
      for (size_t run = 0; run < d_runs.size(); run += 2) {
        const size_t end = d_runs[std::min(run + 1, d_runs.size() - 1)];
        const size_t middle = d_runs[run];
        if (middle != begin && middle != end && first(d_added[middle], d_added[middle - 1])) {
          std::inplace_merge(at(begin), at(middle), at(end), first);
        }
        merged.push_back(end);
        begin = end;
      }
      d_runs = std::move(merged);
    }
  }

  // In canonical order, each once; views into lists, nodes and the policy.
  Items<WireName> touchedNames()
  {
    const auto first = [](WireName left, WireName right) { return compareCanonical(left, right) < 0; };
    Items<WireName> names;
    for (const ApprovalRef& ref : d_added) {
      const WireName name = listOf(ref).nameAt(ref.index);
      if (names.empty() || names.back() != name) {
        names.push_back(name);
      }
    }
    Items<WireName> others;
    if (d_base == nullptr) {
      for (const Subtree& subtree : policy().subtrees) {
        others.push_back(subtree.name.wire());
      }
    }
    for (const auto& approvals : d_gone) {
      for (size_t index = 0; index < approvals->list().size(); ++index) {
        others.push_back(approvals->list().nameAt(index));
        touchBelow(approvals->list()[index], others);
      }
    }
    if (d_base != nullptr) {
      for (const ApprovalRef& ref : d_added) {
        touchBelow(listOf(ref)[ref.index], others);
      }
    }
    std::sort(others.begin(), others.end(), first);
    others.erase(std::unique(others.begin(), others.end()), others.end());
    Items<WireName> all;
    all.reserve(names.size() + others.size());
    std::set_union(names.begin(), names.end(), others.begin(), others.end(), std::back_inserter(all), first);
    return all;
  }

  // An approval with `subtree: true` counts at the names below as well.
  void touchBelow(const ApprovalList::Item& item, Items<WireName>& names) const
  {
    if (!item.subtree) {
      return;
    }
    const auto [begin, end] = d_base->listedWithin(item.name);
    for (size_t index = begin; index < end; ++index) {
      names.push_back(d_base->listedAt(index));
    }
  }

  void draftNodes(const Items<WireName>& names)
  {
    const auto& subtrees = policy().subtrees;
    d_drafts.reserve(names.size() + 16);
    d_refs.reserve(d_added.size());
    auto subtree = subtrees.begin();
    auto added = d_added.cbegin();
    std::vector<WireName> missing;
    addDraft(kRoot, subtree, added);
    uint32_t above = 0;
    for (const WireName name : names) {
      while (!isAtOrBelow(name, d_drafts[above].name)) {
        above = d_drafts[above].parent;
      }
      missing.clear();
      for (WireName at = name; at.size() != d_drafts[above].name.size(); at = parentOf(at)) {
        missing.push_back(at);
      }
      for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        addDraft(*at, subtree, added);
        d_drafts.back().parent = above;
        d_drafts[above].hasBelow = true;
        above = static_cast<uint32_t>(d_drafts.size() - 1);
      }
    }
  }

  // `subtree` and `added` are the first ones that are not before the name.
  void addDraft(WireName name, std::vector<Subtree>::const_iterator& subtree, Items<ApprovalRef>::const_iterator& added)
  {
    Draft draft;
    draft.name = name;
    draft.old = d_base == nullptr ? kNone : d_base->d_table.find(name, d_base->d_nodes);
    if (draft.old != kNone) {
      draft.isDeclared = d_base->d_nodes[draft.old].isDeclared();
      draft.subtree = draft.isDeclared ? d_base->d_nodes[draft.old].subtree() : kNone;
    }
    else if (d_base == nullptr && subtree != policy().subtrees.end() && subtree->name.wire() == name) {
      draft.isDeclared = true;
      draft.subtree = static_cast<uint32_t>(subtree - policy().subtrees.begin());
      ++subtree;
    }
    draft.firstRef = static_cast<uint32_t>(d_refs.size());
    if (draft.old != kNone) {
      for (const ApprovalRef& ref : d_base->d_nodes[draft.old].approvals()) {
        if (!d_isGone[ref.slot]) {
          d_refs.push_back(ref);
        }
      }
    }
    const auto middle = static_cast<std::ptrdiff_t>(d_refs.size());
    for (; added != d_added.end() && listOf(*added).nameAt(added->index) == name; ++added) {
      d_refs.push_back(*added);
    }
    std::inplace_merge(d_refs.begin() + draft.firstRef, d_refs.begin() + middle, d_refs.end(),
                       [this](const ApprovalRef& left, const ApprovalRef& right) { return placeOf(left) < placeOf(right); });
    draft.refCount = static_cast<uint32_t>(d_refs.size()) - draft.firstRef;
    d_drafts.push_back(draft);
  }

  std::span<const ApprovalRef> refsOf(const Draft& draft) const { return {d_refs.data() + draft.firstRef, draft.refCount}; }

  // Who governs; parents first.
  void placeDrafts()
  {
    auto& settings = d_snapshot->d_settings;
    settings.resize(policy().subtrees.size());
    for (Draft& draft : d_drafts) {
      const Draft* above = draft.parent == kNone ? nullptr : &d_drafts[draft.parent];
      draft.isDenied = above != nullptr && above->isDenied;
      if (draft.isDeclared) {
        const Subtree& subtree = policy().subtrees[draft.subtree];
        draft.isDenied = draft.isDenied || subtree.denied;
        settings[draft.subtree] = orElse(subtree.settings, above != nullptr && above->subtree != kNone ? settings[above->subtree] : policy().defaults);
      }
      else if (above != nullptr) {
        draft.subtree = above->subtree;
      }
    }
  }

  // Which names are still there, and when those are published that have no say in it themselves: when something below
  // them is. Children first.
  void findPublished()
  {
    for (size_t index = d_drafts.size(); index-- > 0;) {
      Draft& draft = d_drafts[index];
      const bool hasUntouched = d_base != nullptr && hasUntouchedBelow(static_cast<uint32_t>(index));
      draft.hasBelow = draft.hasBelow || hasUntouched;
      draft.isAlive = draft.isAlive || draft.isDeclared || draft.refCount != 0 || hasUntouched || draft.parent == kNone;
      if (!draft.isAlive || draft.parent == kNone) {
        continue;
      }
      if (draft.hasBelow && !draft.isDeclared) {
        settlePublished(static_cast<uint32_t>(index));
      }
      Draft& above = d_drafts[draft.parent];
      above.isAlive = true;
      if (!above.isDeclared) {
        publishAbove(draft.parent, publishedOf(static_cast<uint32_t>(index)));
      }
    }
    settlePublished(0);
  }

  Intervals publishedOf(uint32_t index) const
  {
    const Draft& draft = d_drafts[index];
    if (draft.isDeclared) {
      return {kAlways};
    }
    if (const auto found = d_published.find(index); found != d_published.end()) {
      return found->second;
    }
    return normalized(ownIntervals(draft));
  }

  std::vector<Interval> ownIntervals(const Draft& draft) const
  {
    std::vector<Interval> intervals;
    if (!draft.isDenied && draft.subtree != kNone) {
      for (const ApprovalRef& ref : refsOf(draft)) {
        intervals.push_back(listOf(ref).lifeAt(ref.index));
      }
    }
    return intervals;
  }

  void publishAbove(uint32_t above, const Intervals& intervals)
  {
    auto& all = d_published[above];
    constexpr size_t kMany = 1024;
    if (all.size() > kMany && all.size() + intervals.size() > all.capacity()) { // a million below one name may come to very few
      const Intervals few = normalized(all);
      all.assign(few.begin(), few.end());
      if (all.size() > all.capacity() / 2) {
        all.reserve(2 * all.capacity());
      }
    }
    all.insert(all.end(), intervals.begin(), intervals.end());
  }

  // With all touched names below it told, and its own approvals, and what is untouched below it.
  void settlePublished(uint32_t index)
  {
    const Draft& draft = d_drafts[index];
    auto& all = d_published[index];
    if (draft.isDeclared) {
      all = {kAlways};
      return;
    }
    const std::vector<Interval> own = ownIntervals(draft);
    all.insert(all.end(), own.begin(), own.end());
    all = normalized(std::move(all));
    if (draft.old == kNone) {
      return;
    }
    // It was published for something touched that is no longer, or for something else: then that is still there.
    const Intervals before = caapolicy::publishedOf(d_base->d_nodes[draft.old]);
    Intervals unexplained = without(before, all);
    forEachUntouchedBelow(index, [&](const Node& node) {
      if (!unexplained.empty() && isPublishedWithin(node, unexplained.front().from, unexplained.back().until)) {
        unexplained = without(unexplained, caapolicy::publishedOf(node));
      }
      return !unexplained.empty();
    });
    const Intervals explained = without(before, unexplained);
    all.insert(all.end(), explained.begin(), explained.end());
    all = normalized(std::move(all));
  }

  bool hasUntouchedBelow(uint32_t index) const
  {
    bool found = false;
    forEachUntouchedBelow(index, [&found](const Node&) {
      found = true;
      return false;
    });
    return found;
  }

  // Nodes of the base; until `visit` returns false.
  template <typename Visit>
  void forEachUntouchedBelow(uint32_t index, Visit visit) const
  {
    const WireName above = d_drafts[index].name;
    size_t draft = index + 1;
    for (size_t at = d_base->listedAfter(above); at < d_base->listedCount(); ++at) {
      const Node& node = d_base->node(at);
      if (!isAtOrBelow(node.name(), above)) {
        return;
      }
      while (draft < d_drafts.size() && compareCanonical(d_drafts[draft].name, node.name()) < 0) {
        ++draft;
      }
      const bool isTouched = draft < d_drafts.size() && d_drafts[draft].name == node.name();
      if (!isTouched && !visit(node)) {
        return;
      }
    }
  }

  void makeNodes()
  {
    if (d_base == nullptr) {
      d_snapshot->d_table.reserve(d_drafts.size(), d_snapshot->d_nodes);
    }
    for (uint32_t index = 0; index < d_drafts.size(); ++index) {
      Draft& draft = d_drafts[index];
      if (draft.old != kNone) {
        const Node& old = d_base->d_nodes[draft.old];
        d_snapshot->d_names -= old.isDeclared() || !old.approvals().empty();
      }
      if (draft.isAlive) {
        makeNode(index);
      }
      else if (draft.old != kNone) {
        d_snapshot->d_table.erase(draft.name, d_snapshot->d_nodes);
      }
      if (draft.old != kNone) {
        d_snapshot->d_nodes.drop(draft.old);
      }
    }
  }

  void makeNode(uint32_t index)
  {
    Draft& draft = d_drafts[index];
    while (!d_reach.empty() && d_reach.back().first != draft.parent) {
      d_reach.pop_back();
    }
    const std::shared_ptr<const Reach> above = d_reach.empty() ? nullptr : d_reach.back().second;
    NodeStore::Content content{draft.name, draft.subtree, draft.isDeclared, draft.isDenied, false, {}, refsOf(draft)};
    d_exact.clear();
    d_below.clear();
    for (const ApprovalRef& ref : refsOf(draft)) {
      const ApprovalList::Item item = listOf(ref)[ref.index];
      content.reachesBelow = content.reachesBelow || item.subtree;
      if (draft.subtree != kNone && !draft.isDenied) {
        addSources(ref, item, item.subtree ? d_below : d_exact);
      }
    }
    const std::shared_ptr<const Reach> reach = reachOf(draft, above);
    makeSegments(draft, *reach, publishedOf(index));
    content.segments = d_segments;
    draft.made = d_snapshot->d_nodes.add(content);
    d_snapshot->d_table.put(draft.made, d_snapshot->d_nodes);
    d_snapshot->d_names += draft.isDeclared || draft.refCount != 0;
    for (size_t segment = 1; segment < d_segments.size(); ++segment) {
      d_changes.emplace_back(d_segments[segment].from, draft.made);
    }
    d_reach.emplace_back(index, reach);
  }

  void addSources(const ApprovalRef& ref, const ApprovalList::Item& item, std::vector<Source>& sources)
  {
    listOf(ref).usesAt(ref.index, d_uses);
    for (const ApprovalList::Use& use : d_uses) {
      if (const LinkedIssuer* issuer = d_snapshot->d_slots[ref.slot].approvals->issuers()[use.reference]) {
        sources.push_back({issuer, item.wildcard, {item.from, item.until}});
      }
    }
  }

  // What unlisted children of the name have; `d_below` has what its own approvals grant to them.
  std::shared_ptr<const Reach> reachOf(const Draft& draft, const std::shared_ptr<const Reach>& above)
  {
    if (above != nullptr && !draft.isDeclared && d_below.empty()) {
      return above;
    }
    const auto reach = std::make_shared<Reach>();
    reach->sources = d_below;
    if (draft.isDeclared && !draft.isDenied) {
      for (const Grant& grant : policy().subtrees[draft.subtree].allow) {
        reach->sources.push_back({d_allowed.intern({grant.issuer, grant.writtenAs}), grant.wildcard, kAlways});
      }
    }
    // The nearest subtree governs, alone, unless it inherits.
    if (above != nullptr && !draft.isDenied && (!draft.isDeclared || policy().subtrees[draft.subtree].inherit)) {
      reach->sources.insert(reach->sources.end(), above->sources.begin(), above->sources.end());
    }
    d_instants.assign(1, kBeginningOfTime);
    addInstants(reach->sources);
    orderInstants();
    for (const Instant instant : d_instants) {
      const uint32_t set = setFor(draft.subtree, reach->sources, {}, instant);
      if (reach->line.empty() || reach->line.back().set != set) {
        reach->line.push_back({instant, set});
      }
    }
    return reach;
  }

  void addInstants(const std::vector<Source>& sources)
  {
    for (const Source& source : sources) {
      d_instants.push_back(source.life.from);
      d_instants.push_back(source.life.until);
    }
  }

  void orderInstants()
  {
    std::sort(d_instants.begin(), d_instants.end());
    d_instants.erase(std::unique(d_instants.begin(), d_instants.end()), d_instants.end());
    std::erase(d_instants, kEndOfTime);
  }

  // Into d_segments; `d_exact` has what the name's own approvals grant to it alone.
  void makeSegments(const Draft& draft, const Reach& reach, const Intervals& published)
  {
    d_instants.assign(1, kBeginningOfTime);
    for (const TimedSet& timed : reach.line) {
      d_instants.push_back(timed.from);
    }
    if (!d_exact.empty()) { // the two together may be another set where neither alone is
      addInstants(reach.sources);
      addInstants(d_exact);
    }
    for (const Interval& interval : published) {
      d_instants.push_back(interval.from);
      d_instants.push_back(interval.until);
    }
    orderInstants();
    d_segments.clear();
    size_t line = 0;
    for (const Instant instant : d_instants) {
      while (line + 1 < reach.line.size() && reach.line[line + 1].from <= instant) {
        ++line;
      }
      const uint32_t child = reach.line[line].set;
      const bool isExact = std::any_of(d_exact.begin(), d_exact.end(), [instant](const Source& source) { return isLive(source.life, instant); });
      const Segment segment{instant, isExact ? setFor(draft.subtree, reach.sources, d_exact, instant) : child, child & kNoSet, contains(published, instant)};
      if (d_segments.empty() || !segment.sameAs(d_segments.back())) {
        d_segments.push_back(segment);
      }
    }
  }

  uint32_t setFor(uint32_t subtree, const std::vector<Source>& reaching, const std::vector<Source>& exact, Instant instant)
  {
    if (subtree == kNone) {
      return kNoSet;
    }
    d_live.clear();
    for (const auto* sources : {&reaching, &exact}) {
      for (const Source& source : *sources) {
        if (isLive(source.life, instant)) {
          d_live.emplace_back(source.issuer, source.wildcard);
        }
      }
    }
    std::sort(d_live.begin(), d_live.end());
    d_live.erase(std::unique(d_live.begin(), d_live.end()), d_live.end());
    d_key.assign(reinterpret_cast<const char*>(&subtree), sizeof(subtree));
    for (const auto& [issuer, wildcard] : d_live) {
      d_key.append(reinterpret_cast<const char*>(&issuer), sizeof(issuer));
      d_key.push_back(static_cast<char>(wildcard));
    }
    if (const auto known = d_known.byGrants.find(d_key); known != d_known.byGrants.end()) {
      return known->second;
    }
    if (const auto made = d_new.byGrants.find(d_key); made != d_new.byGrants.end()) {
      return made->second;
    }
    std::vector<Grant> grants;
    for (const auto& [issuer, wildcard] : d_live) {
      grants.push_back({issuer->issuer, issuer->writtenAs, wildcard, {}});
    }
    std::vector<const Grant*> pointers;
    std::transform(grants.begin(), grants.end(), std::back_inserter(pointers), [](const Grant& grant) { return &grant; });
    const uint32_t set = intern(renderSet(pointers, d_snapshot->d_settings[subtree]));
    d_new.byGrants.emplace(d_key, set);
    return set;
  }

  uint32_t intern(RecordSet set)
  {
    std::string key;
    for (const CaaRecord& record : set.records) {
      key += record.tag;
      key += '\0';
      key += record.value;
      key += '\0';
    }
    if (const auto known = d_known.byContent.find(key); known != d_known.byContent.end()) {
      return known->second;
    }
    const auto [found, isNew] = d_new.byContent.try_emplace(std::move(key), static_cast<uint32_t>(d_snapshot->d_sets.size()));
    if (isNew) {
      d_snapshot->d_sets.push_back(std::make_shared<RecordSet>(std::move(set)));
    }
    return found->second;
  }

  // What was there, with the touched names replaced.
  void orderNodes()
  {
    auto& order = d_snapshot->d_order;
    size_t next = 0; // of the base's
    const size_t before = d_base == nullptr ? 0 : d_base->d_order.size();
    order.reserve(before + d_drafts.size());
    const auto copyUpTo = [&](size_t end) {
      if (next < end) {
        append(order, d_base->d_order, next, end);
        next = end;
      }
    };
    for (const Draft& draft : d_drafts) {
      if (d_base != nullptr) {
        const size_t after = d_base->listedAfter(draft.name);
        copyUpTo(draft.old != kNone ? after - 1 : after);
        next = after;
      }
      if (draft.made != kNone) {
        order.push_back(draft.made);
      }
    }
    copyUpTo(before);
    order.shrink_to_fit();
  }

  void orderChanges()
  {
    auto& times = d_snapshot->d_changeTimes;
    auto& nodes = d_snapshot->d_changeNodes;
    std::sort(d_changes.begin(), d_changes.end());
    std::vector<std::pair<Instant, uint32_t>> dropped;
    for (const Draft& draft : d_drafts) {
      if (draft.old != kNone) {
        for (const Segment& segment : d_base->d_nodes[draft.old].segments().subspan(1)) {
          dropped.emplace_back(segment.from, draft.old);
        }
      }
    }
    std::sort(dropped.begin(), dropped.end());
    const size_t before = d_base == nullptr ? 0 : d_base->d_changeTimes.size();
    times.reserve(before - dropped.size() + d_changes.size());
    nodes.reserve(before - dropped.size() + d_changes.size());
    size_t next = 0; // of the base's
    const auto copyUpTo = [&](size_t end) {
      if (next < end) {
        append(times, d_base->d_changeTimes, next, end);
        append(nodes, d_base->d_changeNodes, next, end);
        next = end;
      }
    };
    auto drop = dropped.begin();
    auto made = d_changes.begin();
    while (drop != dropped.end() || made != d_changes.end()) {
      if (made == d_changes.end() || (drop != dropped.end() && *drop < *made)) {
        copyUpTo(placeInBase(*drop++));
        ++next;
      }
      else {
        copyUpTo(d_base == nullptr ? 0 : placeInBase(*made));
        times.push_back(made->first);
        nodes.push_back(made->second);
        ++made;
      }
    }
    copyUpTo(before);
  }

  // Where a change is among the base's, or would be.
  size_t placeInBase(const std::pair<Instant, uint32_t>& change) const
  {
    const auto [first, last] = std::equal_range(d_base->d_changeTimes.begin(), d_base->d_changeTimes.end(), change.first);
    const auto at = [this](auto time) { return d_base->d_changeNodes.begin() + (time - d_base->d_changeTimes.begin()); };
    return static_cast<size_t>(std::lower_bound(at(first), at(last), change.second) - d_base->d_changeNodes.begin());
  }

  const Snapshot* d_base;
  const KnownSets& d_known;
  KnownSets d_new;
  IssuerPool& d_allowed;
  std::shared_ptr<Snapshot> d_snapshot;

  std::vector<std::shared_ptr<const FileApprovals>> d_gone;
  std::vector<bool> d_isGone; // slots of the base whose file is gone
  Items<ApprovalRef> d_added; // of new files, by name
  std::vector<size_t> d_runs; // ends of the lists in d_added
  Items<Draft> d_drafts;      // in canonical order
  Items<ApprovalRef> d_refs;
  std::unordered_map<uint32_t, std::vector<Interval>> d_published; // of drafts that others are below
  std::vector<std::pair<uint32_t, std::shared_ptr<const Reach>>> d_reach; // of the draft that was made last, and of its ancestors
  Items<std::pair<Instant, uint32_t>> d_changes;

  // Of the node that is being made; here so that their memory is used again.
  std::vector<Source> d_exact, d_below;
  std::vector<ApprovalList::Use> d_uses;
  std::vector<Instant> d_instants;
  std::vector<Segment> d_segments;
  std::vector<std::pair<const LinkedIssuer*, Wildcard>> d_live;
  std::string d_key;
};

Compiled compileOn(const Snapshot* base, const KnownSets& known, std::shared_ptr<const Policy> policy, IssuerPool& allowed)
{
  return Compilation(std::move(policy), base, known, allowed).run();
}

} // namespace caapolicy
