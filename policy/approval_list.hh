// SPDX-License-Identifier: GPL-2.0-or-later
//
// The approvals of one file as they were written, packed: a server may hold a million of them for as long as it runs. What
// an approval says by itself is in here; which issuer `le-web` is depends on other files, and is not.
//
// Immutable once built, but for forgetReferences(): any thread may read a list.
#pragma once

#include "clock.hh"
#include "huge_pages.hh"
#include "interval.hh"
#include "model.hh"
#include "name.hh"
#include "source.hh"
#include "tree.hh"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class ApprovalList {
public:
  // One issuer of an approval.
  struct Use {
    uint32_t reference{0}; // index in references()
    Location where;        // of the issuer; file 0
  };

  // An approval without its issuers. The views point into the list.
  struct Item {
    WireName name{};
    Wildcard wildcard{Wildcard::No};
    bool subtree{false};
    Instant from{kBeginningOfTime};
    Instant until{kEndOfTime};
    Location where; // of the name; file 0
    std::string_view reason{}, ticket{}, by{};
  };

  size_t size() const { return d_offsets.size(); }
  // In canonical order of the names; those of one name in the order of their places.
  Item operator[](size_t index) const;
  WireName nameAt(size_t index) const noexcept;
  Interval lifeAt(size_t index) const noexcept;
  // The issuers of an approval, at least one, in the order in which they are written. Replaces what `uses` holds.
  void usesAt(size_t index, std::vector<Use>& uses) const;

  // The issuers of approvals that something is wrong with, and that are not in the list for that.
  const std::vector<Use>& strayUses() const { return d_strayUses; }

  // A way to write an issuer.
  struct Reference {
    std::string words; // the same for the same words, in any file
    TreeNode node;     // as it stands where it is used first; places have file 0
  };
  // Each different one of the file.
  const std::vector<Reference>& references() const { return d_references; }
  // They are needed no more, and are large: whoever has linked the issuers may do without.
  void forgetReferences() { std::vector<Reference>().swap(d_references); }

private:
  friend class ApprovalListBuilder;

  // What grows with a million approvals lies in memory that goes straight back to the system.
  using Packed = std::basic_string<char, std::char_traits<char>, HugePageAllocator<char>>;
  using Offsets = std::vector<uint64_t, HugePageAllocator<uint64_t>>;

  Packed d_packed;   // the approvals, one after the other; in canonical order once it is built
  Offsets d_offsets; // of each in d_packed
  std::vector<Use> d_strayUses;
  std::vector<Reference> d_references;
};

class ApprovalListBuilder {
public:
  // The index of a way to write an issuer, for Use::reference: the same for the same words, wherever they stand.
  uint32_t refer(const TreeNode& issuer);
  // In the order of places. `uses` is not empty.
  void add(const ApprovalList::Item& item, const std::vector<ApprovalList::Use>& uses);
  // The issuers of an approval that is not added.
  void addStray(const std::vector<ApprovalList::Use>& uses);
  // Ends the building.
  ApprovalList build() &&;

private:
  // Looks keys up without making a string of them.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  ApprovalList d_list;
  bool d_isSorted{true};                                                 // as far as it was added
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> d_known; // words of a reference -> its index
  std::string d_words;                                                   // of the one that is looked up
};

} // namespace caapolicy
