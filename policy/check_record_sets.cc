// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.hh"
#include "messages.hh"

#include <algorithm>
#include <map>

namespace caapolicy {

namespace {

constexpr size_t kUdpSize = 1232;     // what resolvers and servers agreed on, so that no answer is fragmented
constexpr size_t kMessageSize = 65535; // RFC 1035 4.2.2

// Header (RFC 1035 4.1.1), question (4.1.2: name, type, class), and an OPT record without options (RFC 6891 6.1.2).
// Signatures are left out: their length is the signer's choice.
size_t messageLength(size_t nameLength, const RecordSet& set)
{
  return 12 + nameLength + 4 + 11 + set.answerLength();
}

// About what a grant adds to an answer: a record for each account.
size_t lengthOf(const Grant& grant)
{
  constexpr size_t kRecord = 12 + 2 + 5; // with `issue` for the tag
  constexpr size_t kAccount = 13;        // "; accounturi="
  const size_t bare = kRecord + grant.issuer.ca.size();
  size_t length = grant.issuer.accounts.empty() ? bare : 0;
  for (const std::string& account : grant.issuer.accounts) {
    length += bare + kAccount + account.size();
  }
  return length;
}

class RecordSetsCheck {
public:
  explicit RecordSetsCheck(const Snapshot& snapshot) :
    d_snapshot(snapshot), d_seen(snapshot.recordSetCount(), 0)
  {
  }

  std::vector<Diagnostic> run()
  {
    for (size_t index = 0; index < d_snapshot.listedCount(); ++index) {
      const Snapshot::Listed listed = d_snapshot.listed(index);
      if (listed.view.governed()) {
        checkName(listed, false);
        checkName(listed, true);
      }
    }
    std::vector<Diagnostic> diagnostics;
    for (const auto& [where, longest] : d_longest) {
      const std::string name = longest.name.toText();
      diagnostics.push_back(longest.length > kMessageSize ? messages::recordSetTooLarge(where, name, longest.length, kMessageSize, longest.governing)
                                                          : messages::recordSetLarge(where, name, longest.length, kUdpSize));
    }
    return diagnostics;
  }

private:
  struct Longest {
    Location where;
    Name name;
    size_t length{0};
    Location governing; // where the subtree is declared that governs the name
  };

  // At every time: a set that doesn't fit should be noticed before it is served.
  void checkName(const Snapshot::Listed& listed, bool child)
  {
    // Below a name its guard stands for all; a set that some name carries itself is best told of there.
    Name name = Name::fromWire(listed.name);
    if (child && listed.name.size() + 2 <= kMaxNameLength) {
      name = name.child("*");
    }
    for (Instant now = kBeginningOfTime;;) {
      const Snapshot::Answer answer = child ? d_snapshot.child(listed.view, now) : d_snapshot.own(listed.view, now);
      const size_t length = messageLength(name.wire().size(), *answer.set);
      size_t& seen = d_seen[answer.setIndex];
      if (length > kUdpSize && length > seen && !(child && seen != 0)) {
        seen = length;
        note({placeOf(listed.name, *answer.set, child, now), name, length, d_snapshot.governing(listed.view).where});
      }
      if (answer.changes == kEndOfTime) {
        return;
      }
      now = answer.changes;
    }
  }

  void note(const Longest& found)
  {
    Longest& longest = d_longest[found.where];
    if (found.length > longest.length) {
      longest = found;
    }
  }

  // Not simply the last straw: a small approval in one file is not to blame for a crowd in another.
  Location placeOf(WireName name, const RecordSet& set, bool child, Instant now) const
  {
    const auto reason = d_snapshot.explain(name, now);
    std::map<Location, size_t> holders; // by the place of an approval or a subtree: what it adds
    size_t granted = 0;
    for (const auto& source : reason.sources) {
      if (child && source.approval != nullptr && !source.approval->subtree) {
        continue;
      }
      // An approval comes unpacked anew each time; its place is the same.
      const Location at = source.approval != nullptr ? source.approval->where : source.subtree->where;
      holders[at] += lengthOf(*source.grant);
      granted += lengthOf(*source.grant);
    }
    // The rest, such as contacts, is the doing of the governing subtree.
    const size_t length = set.answerLength();
    holders[reason.subtree->where] += length > granted ? length - granted : 0;
    return std::max_element(holders.begin(), holders.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
  }

  const Snapshot& d_snapshot;
  std::vector<size_t> d_seen; // by index of the set: the longest answer with it so far
  std::map<Location, Longest> d_longest; // by place
};

} // namespace

std::vector<Diagnostic> checkRecordSets(const Snapshot& snapshot)
{
  bool isAnyLarge = false;
  for (size_t index = 0; index < snapshot.recordSetCount() && !isAnyLarge; ++index) {
    isAnyLarge = messageLength(kMaxNameLength, *snapshot.recordSet(index)) > kUdpSize;
  }
  if (!isAnyLarge) {
    return {}; // nearly always, and much cheaper than to look at every name
  }
  return RecordSetsCheck(snapshot).run();
}

} // namespace caapolicy
