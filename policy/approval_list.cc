// SPDX-License-Identifier: GPL-2.0-or-later
#include "approval_list.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// An approval is packed as
//   length of the name, name,
//   flags,
//   line, column and length of its place,
//   from, until, reason, ticket, by: those that the flags tell of,
//   number of issuers, and of each: reference, and line, column and length of its place.
// Numbers are varints of 7 bits a byte, the lowest first; numbers that are small when they are compared with another one are
// written as the difference from that.

constexpr unsigned kWildcardBits = 0x03; // a value of Wildcard
constexpr unsigned kSubtree = 0x04;
constexpr unsigned kFrom = 0x08;
constexpr unsigned kUntil = 0x10;
constexpr unsigned kReason = 0x20;
constexpr unsigned kTicket = 0x40;
constexpr unsigned kBy = 0x80;

// Small negative numbers as small positive ones: 0, -1, 1, -2, ...
uint64_t zigzag(int64_t number) { return (static_cast<uint64_t>(number) << 1U) ^ static_cast<uint64_t>(number >> 63); }
int64_t unzigzag(uint64_t number) { return static_cast<int64_t>((number >> 1U) ^ (~(number & 1U) + 1U)); }

template <typename Text>
class Packer {
public:
  explicit Packer(Text& packed) : d_packed(packed) {}

  void byte(unsigned value) { d_packed += static_cast<char>(value); }

  void number(uint64_t value)
  {
    for (; value >= 0x80; value >>= 7U) {
      byte((value & 0x7FU) | 0x80U);
    }
    byte(static_cast<unsigned>(value));
  }

  // Wraps around where it has to.
  void difference(uint32_t value, uint32_t from) { number(zigzag(static_cast<int32_t>(value - from))); }
  void instant(Instant value) { number(zigzag(value)); }

  void text(std::string_view value)
  {
    number(value.size());
    d_packed += value;
  }

private:
  Text& d_packed;
};

class Unpacker {
public:
  explicit Unpacker(const char* from) : d_at(from) {}

  unsigned byte() { return static_cast<unsigned char>(*d_at++); }

  uint64_t number()
  {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const uint64_t next = byte();
      value |= (next & 0x7FU) << shift;
      if (next < 0x80) {
        return value;
      }
    }
  }

  uint32_t small() { return static_cast<uint32_t>(number()); }
  uint32_t difference(uint32_t from) { return from + static_cast<uint32_t>(unzigzag(number())); }
  Instant instant() { return unzigzag(number()); }

  std::string_view bytes(size_t length)
  {
    const std::string_view found(d_at, length);
    d_at += length;
    return found;
  }
  std::string_view text() { return bytes(number()); }
  WireName name() { return bytes(byte()); }

private:
  const char* d_at;
};

// What of it is there, by the flags.
Interval unpackLife(Unpacker& from, unsigned flags)
{
  const Instant begin = (flags & kFrom) != 0 ? from.instant() : kBeginningOfTime;
  return {begin, (flags & kUntil) != 0 ? from.instant() : kEndOfTime};
}

ApprovalList::Item unpackItem(Unpacker& from)
{
  ApprovalList::Item item;
  item.name = from.name();
  const unsigned flags = from.byte();
  item.wildcard = static_cast<Wildcard>(flags & kWildcardBits);
  item.subtree = (flags & kSubtree) != 0;
  const Interval life = unpackLife(from, flags);
  item.from = life.from;
  item.until = life.until;
  item.where.line = from.small();
  item.where.column = from.small();
  item.where.length = from.difference(static_cast<uint32_t>(item.name.size()));
  item.reason = (flags & kReason) != 0 ? from.text() : std::string_view();
  item.ticket = (flags & kTicket) != 0 ? from.text() : std::string_view();
  item.by = (flags & kBy) != 0 ? from.text() : std::string_view();
  return item;
}

// The words of a value in a form that no other value has.
void appendWords(const TreeNode& node, std::string& words)
{
  Packer packer(words);
  packer.byte(static_cast<unsigned>(node.kind) * 4 + static_cast<unsigned>(node.style));
  packer.text(node.text);
  if (node.isList()) {
    packer.number(node.items.size());
    for (const TreeNode& item : node.items) {
      appendWords(item, words);
    }
  }
  else if (node.isMap()) {
    packer.number(node.entries.size());
    for (const TreeEntry& entry : node.entries) {
      packer.text(entry.key);
      appendWords(entry.value, words);
    }
  }
}

} // namespace

ApprovalList::Item ApprovalList::operator[](size_t index) const
{
  Unpacker from(d_packed.data() + d_offsets[index]);
  return unpackItem(from);
}

WireName ApprovalList::nameAt(size_t index) const noexcept
{
  return Unpacker(d_packed.data() + d_offsets[index]).name();
}

Interval ApprovalList::lifeAt(size_t index) const noexcept
{
  Unpacker from(d_packed.data() + d_offsets[index]);
  from.name();
  return unpackLife(from, from.byte());
}

void ApprovalList::usesAt(size_t index, std::vector<Use>& uses) const
{
  Unpacker from(d_packed.data() + d_offsets[index]);
  const uint32_t line = unpackItem(from).where.line;
  uses.resize(from.number());
  for (Use& use : uses) {
    use.reference = from.small();
    use.where.file = 0;
    use.where.line = from.difference(line);
    use.where.column = from.small();
    use.where.length = from.small();
  }
}

uint32_t ApprovalListBuilder::refer(const TreeNode& issuer)
{
  d_words.clear();
  appendWords(issuer, d_words);
  if (const auto known = d_known.find(std::string_view(d_words)); known != d_known.end()) {
    return known->second;
  }
  const auto index = static_cast<uint32_t>(d_list.d_references.size());
  d_list.d_references.push_back({d_words, issuer});
  d_known.emplace(d_words, index);
  return index;
}

void ApprovalListBuilder::add(const ApprovalList::Item& item, const std::vector<ApprovalList::Use>& uses)
{
  if (!d_list.d_offsets.empty() && d_isSorted) {
    d_isSorted = compareCanonical(d_list.nameAt(d_list.size() - 1), item.name) <= 0;
  }
  d_list.d_offsets.push_back(d_list.d_packed.size());
  Packer packer(d_list.d_packed);
  packer.byte(static_cast<unsigned>(item.name.size()));
  d_list.d_packed += item.name;
  packer.byte(static_cast<unsigned>(item.wildcard) | (item.subtree ? kSubtree : 0) | (item.from != kBeginningOfTime ? kFrom : 0)
              | (item.until != kEndOfTime ? kUntil : 0) | (item.reason.empty() ? 0 : kReason) | (item.ticket.empty() ? 0 : kTicket)
              | (item.by.empty() ? 0 : kBy));
  if (item.from != kBeginningOfTime) {
    packer.instant(item.from);
  }
  if (item.until != kEndOfTime) {
    packer.instant(item.until);
  }
  packer.number(item.where.line);
  packer.number(item.where.column);
  packer.difference(item.where.length, static_cast<uint32_t>(item.name.size()));
  for (const std::string_view note : {item.reason, item.ticket, item.by}) {
    if (!note.empty()) {
      packer.text(note);
    }
  }
  packer.number(uses.size());
  for (const ApprovalList::Use& use : uses) {
    packer.number(use.reference);
    packer.difference(use.where.line, item.where.line);
    packer.number(use.where.column);
    packer.number(use.where.length);
  }
}

void ApprovalListBuilder::addStray(const std::vector<ApprovalList::Use>& uses)
{
  d_list.d_strayUses.insert(d_list.d_strayUses.end(), uses.begin(), uses.end());
}

ApprovalList ApprovalListBuilder::build() &&
{
  ApprovalList::Offsets& offsets = d_list.d_offsets;
  if (d_isSorted) { // as files that programs write often are
    d_list.d_packed.shrink_to_fit();
  }
  else {
    const ApprovalList::Packed written = std::move(d_list.d_packed);
    // Where one ends, the one that was added after it begins.
    std::vector<std::pair<uint64_t, uint64_t>> spans(offsets.size());
    for (size_t index = 0; index < offsets.size(); ++index) {
      spans[index] = {offsets[index], index + 1 < offsets.size() ? offsets[index + 1] : written.size()};
    }
    std::stable_sort(spans.begin(), spans.end(), [&written](const auto& left, const auto& right) {
      return compareCanonical(Unpacker(written.data() + left.first).name(), Unpacker(written.data() + right.first).name()) < 0;
    });
    // In memory in that order as well: that is how they are read.
    d_list.d_packed.clear();
    d_list.d_packed.reserve(written.size());
    for (size_t index = 0; index < spans.size(); ++index) {
      offsets[index] = d_list.d_packed.size();
      d_list.d_packed.append(written, spans[index].first, spans[index].second - spans[index].first);
    }
  }
  offsets.shrink_to_fit();
  d_list.d_references.shrink_to_fit();
  return std::move(d_list);
}

} // namespace caapolicy
