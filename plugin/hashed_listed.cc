// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/hashed_listed.hh"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace caapolicy {

namespace {

// From this part of the names on, the hashes of changed ones are looked for in the order before (a snapshot that was made anew has all
// nodes elsewhere): to hash costs some sixty times what it costs to make a table of all of them, for each name.
constexpr size_t kManyOf = 64;

bool hasWildcard(const Node& node) { return node.name().size() + 2 <= kMaxNameLength; }

std::string wildcardOf(WireName name)
{
  using namespace std::string_literals;
  return "\1*"s.append(name);
}

uint32_t nextNumber()
{
  static std::atomic<uint32_t> number{0};
  return ++number;
}

// By the policy alone: an N that is not published is in the zone only where the wrapped zone has it, with its own hash. A `*.N` is
// there for a published N, or because it differs from N. (`*.N` for aliases of the wrapped zone: who searches knows them.)
bool mayBePlaced(const Segment& segment, bool wildcard) { return segment.published || (wildcard && segment.own != segment.child); }

bool mayBePlaced(const Node& node, bool wildcard, Instant now)
{
  const auto segments = node.segments();
  auto segment = segments.end() - 1;
  while (segment != segments.begin() && now < segment->from) {
    --segment;
  }
  return mayBePlaced(*segment, wildcard);
}

} // namespace

HashedListed::Entry::Entry(const NameHash& hashed, const Node& node, bool wildcard) : hash(hashed)
{
  static_assert(alignof(Node) > 1);
  const uintptr_t address = reinterpret_cast<uintptr_t>(&node) | (wildcard ? 1 : 0);
  std::memcpy(packed.data(), &address, sizeof(address));
}

uintptr_t HashedListed::Entry::raw() const
{
  uintptr_t address = 0;
  std::memcpy(&address, packed.data(), sizeof(address));
  return address;
}

const Node& HashedListed::Entry::node() const { return *reinterpret_cast<const Node*>(raw() & ~uintptr_t{1}); }

HashedListed::Block::Block(std::vector<Entry> sorted) : entries(std::move(sorted)), from(kEndOfTime), until(kBeginningOfTime)
{
  for (const Entry& entry : entries) {
    const auto segments = entry.node().segments();
    for (size_t i = 0; i < segments.size(); ++i) {
      if (mayBePlaced(segments[i], entry.wildcard())) {
        from = std::min(from, segments[i].from);
        until = std::max(until, i + 1 < segments.size() ? segments[i + 1].from : kEndOfTime);
      }
    }
  }
}

HashedListed::HashedListed(std::shared_ptr<const Snapshot> snapshot, std::string apex, HashFunction hash) :
  d_snapshot(std::move(snapshot)), d_apex(std::move(apex)), d_hash(std::move(hash)), d_number(nextNumber())
{
  const auto [begin, end] = d_snapshot->listedWithin(d_apex);
  std::vector<Entry> entries;
  entries.reserve(2 * (end - begin));
  for (size_t index = begin; index < end; ++index) {
    const Node& node = d_snapshot->node(index);
    entries.emplace_back(d_hash(node.name()), node, false);
    if (hasWildcard(node)) {
      entries.emplace_back(d_hash(wildcardOf(node.name())), node, true);
    }
  }
  std::sort(entries.begin(), entries.end());
  append(std::move(entries));
}

HashedListed::HashedListed(const HashedListed& before, std::shared_ptr<const Snapshot> snapshot) :
  d_snapshot(std::move(snapshot)), d_apex(before.d_apex), d_hash(before.d_hash), d_number(nextNumber())
{
  struct Pair {
    const Node* gone; // null: none
    const Node* come; // likewise
  };
  std::vector<Pair> pairs;
  auto [theirs, theirEnd] = before.d_snapshot->listedWithin(d_apex);
  auto [mine, myEnd] = d_snapshot->listedWithin(d_apex);
  while (theirs < theirEnd || mine < myEnd) {
    const Node* const gone = theirs < theirEnd ? &before.d_snapshot->node(theirs) : nullptr;
    const Node* const come = mine < myEnd ? &d_snapshot->node(mine) : nullptr;
    if (gone == come) {
      ++theirs;
      ++mine;
      continue;
    }
    const auto order = come == nullptr ? std::strong_ordering::less
      : gone == nullptr                ? std::strong_ordering::greater
                                       : compareCanonical(gone->name(), come->name());
    pairs.push_back({order <= 0 ? gone : nullptr, order >= 0 ? come : nullptr});
    theirs += order <= 0;
    mine += order >= 0;
  }

  std::unordered_map<uintptr_t, const NameHash*> known; // by what Entry::raw() gives
  if (pairs.size() > before.size() / kManyOf) {
    known.reserve(before.size());
    for (const auto& block : before.d_blocks) {
      for (const Entry& entry : block->entries) {
        known.emplace(entry.raw(), &entry.hash);
      }
    }
  }
  std::vector<Change> changes;
  const auto note = [&](const Pair& pair, bool wildcard) {
    const Node& node = pair.gone != nullptr ? *pair.gone : *pair.come;
    const auto old = known.find(reinterpret_cast<uintptr_t>(pair.gone) | (wildcard ? 1 : 0));
    const NameHash hash = old != known.end() ? *old->second : d_hash(wildcard ? wildcardOf(node.name()) : std::string(node.name()));
    if (pair.gone != nullptr) {
      changes.push_back({Entry(hash, *pair.gone, wildcard), false});
    }
    if (pair.come != nullptr) {
      changes.push_back({Entry(hash, *pair.come, wildcard), true});
    }
  };
  for (const Pair& pair : pairs) {
    note(pair, false);
    if (hasWildcard(pair.gone != nullptr ? *pair.gone : *pair.come)) {
      note(pair, true);
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.entry < b.entry; });
  patch(before.d_blocks, changes);
  if (d_blocks.size() > kMaxSmall + size() / (kBlock / 4)) { // many names have gone
    std::vector<Entry> all;
    for (const auto& block : d_blocks) {
      all.insert(all.end(), block->entries.begin(), block->entries.end());
    }
    d_blocks.clear();
    append(std::move(all));
  }
}

// The blocks before, where nothing has changed, and new ones.
void HashedListed::patch(const Blocks& before, const std::vector<Change>& changes)
{
  if (before.empty()) {
    std::vector<Entry> all;
    for (const Change& change : changes) {
      all.push_back(change.entry);
    }
    append(std::move(all));
    return;
  }
  d_blocks.reserve(before.size());
  auto change = changes.begin();
  for (size_t i = 0; i < before.size(); ++i) {
    // The last takes what is above it, each other one what is below the next.
    auto end = changes.end();
    if (i + 1 < before.size()) {
      end = std::find_if(change, changes.end(), [&next = before[i + 1]->entries.front()](const Change& of) { return !(of.entry < next); });
    }
    if (change == end) {
      d_blocks.push_back(before[i]);
      continue;
    }
    std::vector<Entry> entries;
    entries.reserve(before[i]->entries.size() + static_cast<size_t>(end - change));
    for (const Entry& entry : before[i]->entries) {
      for (; change != end && change->entry < entry; ++change) {
        entries.push_back(change->entry);
      }
      // What goes and what comes in its place have the same hash.
      bool stays = true;
      for (; change != end && change->entry.hash == entry.hash; ++change) {
        stays = stays && change->added;
        if (change->added) {
          entries.push_back(change->entry);
        }
      }
      if (stays) {
        entries.push_back(entry);
      }
    }
    for (; change != end; ++change) {
      entries.push_back(change->entry);
    }
    append(std::move(entries));
  }
}

void HashedListed::append(std::vector<Entry> entries)
{
  const size_t parts = entries.size() < 2 * kBlock ? 1 : entries.size() / kBlock;
  for (size_t part = 0; part < parts && !entries.empty(); ++part) {
    const auto at = [&](size_t number) { return entries.begin() + static_cast<std::ptrdiff_t>(entries.size() * number / parts); };
    d_blocks.push_back(std::make_shared<const Block>(std::vector<Entry>(at(part), at(part + 1))));
  }
}

size_t HashedListed::size() const
{
  size_t size = 0;
  for (const auto& block : d_blocks) {
    size += block->entries.size();
  }
  return size;
}

bool HashedListed::passesOver(const Block& block, const When& when) const
{
  if (when.now < block.from || when.now >= block.until) {
    return true;
  }
  return BarrenNote::holds(block.barren.load(std::memory_order_relaxed), when.serial, when.now);
}

// Nothing of it was accepted. That holds until the policy's next change, and as long as the zone stays as it is; a zone may get other
// records under the same serial. Not all blocks are looked at again at the same time.
void HashedListed::noteBarren(const Block& block, const When& when) const
{
  constexpr Instant kLongest = 60;
  const auto apart = static_cast<Instant>(block.entries.front().hash[1] % kLongest);
  const Instant until = std::min(when.now + kLongest + apart, d_snapshot->nextChange(when.now));
  block.barren.store(BarrenNote::make(when.serial, until), std::memory_order_relaxed);
}

std::optional<HashedName> HashedListed::taken(const Entry& entry, const When& when, const AcceptsName& accepts)
{
  if (!mayBePlaced(entry.node(), entry.wildcard(), when.now)) {
    return std::nullopt;
  }
  std::string name = nameOf(entry);
  return accepts(name) ? std::optional(HashedName{entry.hash, std::move(name)}) : std::nullopt;
}

std::string HashedListed::nameOf(const Entry& entry)
{
  return entry.wildcard() ? wildcardOf(entry.node().name()) : std::string(entry.node().name());
}

std::optional<HashedName> HashedListed::first(const HashRange& range, const When& when, const AcceptsName& accepts) const
{
  return firstTaken(
    d_blocks, range, [&](const Block& block) { return passesOver(block, when); },
    [&](const Entry& entry) { return taken(entry, when, accepts); }, [&](const Block& block) { noteBarren(block, when); });
}

std::optional<HashedName> HashedListed::last(const HashRange& range, const When& when, const AcceptsName& accepts) const
{
  return lastTaken(
    d_blocks, range, [&](const Block& block) { return passesOver(block, when); },
    [&](const Entry& entry) { return taken(entry, when, accepts); }, [&](const Block& block) { noteBarren(block, when); });
}

} // namespace caapolicy
