// SPDX-License-Identifier: GPL-2.0-or-later
//
// Each name of either policy has two cells: the name itself, and the names below it that neither policy lists, for which `*.name`
// stands. A cell is walked through time, from change to change, with what is permitted before beside what is after.
#include "compare.hh"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <unordered_map>

namespace caapolicy {

namespace {

struct Span {
  Instant from, until;
  bool operator==(const Span&) const = default;
};
using Timed = std::map<Permission, std::vector<Span>>;

// What changes in one cell.
struct Difference {
  Timed added, removed;
  bool flattened{false}, unflattened{false};
  std::vector<std::string> recordsBefore, recordsAfter;
  bool operator==(const Difference&) const = default;
};

// Where the other one begins when this one ends, they are one.
void extend(std::vector<Span>& spans, const Span& span)
{
  if (!spans.empty() && spans.back().until == span.from) {
    spans.back().until = span.until;
  }
  else {
    spans.push_back(span);
  }
}

class Side {
public:
  explicit Side(const Snapshot& snapshot) : d_snapshot(snapshot), d_permissions(snapshot.recordSetCount()) {}

  const Snapshot& snapshot() const { return d_snapshot; }

  // An index of what is permitted; kNone: everything, since the name is not governed.
  struct State {
    uint32_t set;
    Instant changes;
  };
  State at(const Snapshot::View& view, Instant now) const
  {
    if (!view.governed()) {
      return {kNone, kEndOfTime};
    }
    const auto answer = d_snapshot.own(view, now);
    return {answer.setIndex, answer.changes};
  }

  const Permissions& permissions(uint32_t set)
  {
    if (set == kNone) {
      return everything();
    }
    auto& cached = d_permissions[set];
    if (!cached) {
      cached = permissionsOf(*d_snapshot.recordSet(set));
    }
    return *cached;
  }

  // Everything but who may issue.
  std::vector<std::string> otherRecords(const Snapshot::View& view, Instant now) const
  {
    if (!view.governed()) {
      return {};
    }
    const auto answer = d_snapshot.own(view, now);
    std::vector<std::string> texts{"ttl " + std::to_string(answer.ttl)};
    for (const auto& record : answer.set->records) {
      if (record.tag == "iodef" || record.tag.substr(0, 7) == "contact") {
        texts.push_back(record.toText());
      }
    }
    return texts;
  }

private:
  const Snapshot& d_snapshot;
  std::vector<std::optional<Permissions>> d_permissions;
};

class Comparer {
public:
  Comparer(const Snapshot& before, const Snapshot& after, Instant from) : d_before(before), d_after(after), d_from(from) {}

  std::vector<NameChange> run()
  {
    std::set<Name> names;
    for (const Snapshot* snapshot : {&d_before.snapshot(), &d_after.snapshot()}) {
      for (size_t index = 0; index < snapshot->listedCount(); ++index) {
        names.insert(Name::fromWire(snapshot->listedAt(index)));
      }
    }
    static const auto kNothing = std::make_shared<const Difference>();
    std::vector<NameChange> changes;
    std::unordered_map<Name, std::shared_ptr<const Difference>> below; // of each name
    for (const Name& name : names) { // an ancestor comes first, and is there
      const auto& around = name.isRoot() ? kNothing : below.at(name.parent());
      const auto own = std::make_shared<const Difference>(differ(name));
      const bool hasRoom = name.wire().size() + 2 <= kMaxNameLength;
      auto child = hasRoom ? std::make_shared<const Difference>(differ(name.child("*"))) : own;
      if (*own == *child) {
        if (*own != *around) {
          changes.push_back(describe(name, *own, NameChange::Reach::Both));
        }
      }
      else {
        if (*own != *around) {
          changes.push_back(describe(name, *own, NameChange::Reach::Name));
        }
        if (*child != *around) {
          changes.push_back(describe(name, *child, NameChange::Reach::Below));
        }
      }
      below.emplace(name, *child == *around ? around : child); // seldom more than a few different ones
    }
    return changes;
  }

private:
  // What is added and removed where one set takes the place of another.
  using Replaced = std::pair<Permissions, Permissions>;
  const Replaced& replaced(uint32_t before, uint32_t after)
  {
    const auto [found, isNew] = d_replaced.try_emplace({before, after});
    if (isNew) {
      const Permissions& was = d_before.permissions(before);
      const Permissions& is = d_after.permissions(after);
      found->second = {beyond(is, was), beyond(was, is)};
    }
    return found->second;
  }

  Difference differ(const Name& cell)
  {
    Difference difference;
    const auto before = d_before.snapshot().find(cell.wire());
    const auto after = d_after.snapshot().find(cell.wire());
    if (!before.governed() && !after.governed()) {
      return difference;
    }
    for (Instant now = d_from;;) {
      const auto was = d_before.at(before, now);
      const auto is = d_after.at(after, now);
      const Instant until = std::min(was.changes, is.changes);
      const auto& [added, removed] = replaced(was.set, is.set);
      for (const auto& permission : added) {
        extend(difference.added[permission], {now, until});
      }
      for (const auto& permission : removed) {
        extend(difference.removed[permission], {now, until});
      }
      if (until == kEndOfTime) {
        break;
      }
      now = until;
    }
    const bool flattened = d_before.snapshot().flattens(before);
    const bool flattens = d_after.snapshot().flattens(after);
    // Where governing begins or ends, that says it all.
    difference.flattened = before.governed() && !flattened && flattens;
    difference.unflattened = after.governed() && flattened && !flattens;
    if (before.governed() && after.governed()) {
      auto was = d_before.otherRecords(before, d_from);
      auto is = d_after.otherRecords(after, d_from);
      if (was != is) {
        difference.recordsBefore = std::move(was);
        difference.recordsAfter = std::move(is);
      }
    }
    return difference;
  }

  NameChange describe(const Name& name, const Difference& difference, NameChange::Reach reach)
  {
    const Name cell = reach == NameChange::Reach::Below ? name.child("*") : name;
    NameChange change;
    change.name = name;
    change.reach = reach;
    change.before = d_before.snapshot().explain(cell.wire(), d_from).subtree;
    change.after = d_after.snapshot().explain(cell.wire(), d_from).subtree;
    change.added = grouped(difference.added, cell, d_after, d_before);
    change.removed = grouped(difference.removed, cell, d_before, d_after);
    change.flattened = difference.flattened;
    change.unflattened = difference.unflattened;
    change.recordsBefore = difference.recordsBefore;
    change.recordsAfter = difference.recordsAfter;
    return change;
  }

  // Methods that come and go together in one, and after that purposes likewise.
  static std::vector<PermissionChange> grouped(const Timed& timed, const Name& cell, Side& having, Side& other)
  {
    std::map<std::tuple<std::string, std::string, Instant, Instant, Purpose>, std::vector<std::string>> methods;
    for (const auto& [permission, spans] : timed) {
      for (const auto& span : spans) {
        auto& list = methods[{permission.ca, permission.account, span.from, span.until, permission.purpose}];
        if (!permission.method.empty()) {
          list.push_back(permission.method);
        }
      }
    }
    std::vector<PermissionChange> changes;
    for (const auto& [key, list] : methods) {
      const auto& [ca, account, from, until, purpose] = key;
      PermissionChange change{{purpose}, ca, account, list, from, until, std::nullopt, {}};
      change.ofIt = permittedOfIt(change, cell, other);
      const auto same = std::find_if(changes.begin(), changes.end(), [&change](const PermissionChange& seen) {
        const auto parts = [](const PermissionChange& of) { return std::tie(of.ca, of.account, of.from, of.until, of.methods, of.ofIt); };
        return parts(seen) == parts(change);
      });
      if (same != changes.end()) {
        same->purposes.push_back(purpose);
        continue;
      }
      change.where = placeOf(change, cell, having.snapshot());
      changes.push_back(std::move(change));
    }
    return changes;
  }

  static std::optional<Location> placeOf(const PermissionChange& change, const Name& cell, const Snapshot& snapshot)
  {
    const auto holds = [](const std::vector<std::string>& list, const std::string& wanted) {
      return list.empty() || (!wanted.empty() && std::find(list.begin(), list.end(), wanted) != list.end());
    };
    const std::string method = change.methods.empty() ? std::string() : change.methods.front();
    for (const auto& source : snapshot.explain(cell.wire(), change.from).sources) {
      const Grant& grant = *source.grant;
      const bool purpose = change.purposes.front() == Purpose::Name ? grant.wildcard != Wildcard::Only
                                                                    : change.purposes.front() == Purpose::Wildcard && grant.wildcard != Wildcard::No;
      if (purpose && grant.issuer.ca == change.ca && holds(grant.issuer.accounts, change.account) && holds(grant.issuer.methods, method)) {
        return source.approval != nullptr ? source.approval->where : grant.where;
      }
    }
    return std::nullopt;
  }

  static Permissions permittedOfIt(const PermissionChange& change, const Name& cell, Side& other)
  {
    Permissions found;
    const auto state = other.at(other.snapshot().find(cell.wire()), change.from);
    for (Permission permission : other.permissions(state.set)) {
      const bool covered = change.methods.empty() ? Permission{change.purposes.front(), change.ca, change.account, {}}.covers(permission)
                                                  : std::any_of(change.methods.begin(), change.methods.end(), [&](const std::string& method) {
                                                      return Permission{change.purposes.front(), change.ca, change.account, method}.covers(permission);
                                                    });
      if (covered) {
        permission.purpose = Purpose::Name; // so that what is alike for two purposes is equal
        found.push_back(std::move(permission));
      }
    }
    return found;
  }

  Side d_before, d_after;
  const Instant d_from;
  std::map<std::pair<uint32_t, uint32_t>, Replaced> d_replaced;
};

} // namespace

std::vector<NameChange> compare(const Snapshot& before, const Snapshot& after, Instant from) { return Comparer(before, after, from).run(); }

} // namespace caapolicy
