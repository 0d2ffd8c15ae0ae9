// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy records: the policy's CAA records as a zone file, for name servers that are not PowerDNS.
#include "cli/policy_input.hh"
#include "cli/zone_source.hh"
#include "policy/placement.hh"

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string zone;
  std::filesystem::path zoneFile;
  bool whole{false};
};

// What is put at one name.
struct Placed {
  Name name;
  std::vector<std::string> lines;   // without the owner
  std::vector<std::string> removed; // CAA records of the zone that must go
};

std::string asOwner(const Name& name) { return name.isRoot() ? "." : name.toText() + "."; }

std::string numbered(size_t count, const std::string& word) { return std::to_string(count) + " " + word + (count == 1 ? "" : "s"); }

// Decides for every name where placement.hh does so for the module, which makes a zone transfer in the same way.
class Records {
public:
  // `zone`: what is known of it; null: nothing, and only the names of the policy are placed. `apex`: only names at or below it.
  Records(const Snapshot& snapshot, const StoredZone* zone, const Name& apex, bool whole, Instant now) :
    d_snapshot(snapshot), d_zone(zone), d_apex(apex), d_whole(whole), d_now(now)
  {
    for (const auto& listed : snapshot.listedAtOrBelow(apex.wire())) {
      d_names.insert(Name::fromWire(listed.name));
    }
    if (zone != nullptr) {
      for (const auto& [name, node] : zone->nodes) {
        for (Name at = name;; at = at.parent()) {
          if (!isWildcard(at.wire())) {
            d_names.insert(at);
          }
          if (at == apex) {
            break;
          }
        }
      }
    }
    for (const auto& name : d_names) {
      place(name);
    }
  }

  const std::vector<Placed>& placed() const { return d_placed; }
  size_t caaCount() const { return d_caaCount; }
  // Names whose grants are not for the names below them.
  const std::vector<Name>& guarded() const { return d_guarded; }
  const std::vector<Name>& aliases() const { return d_aliases; }

  // The first instant at which another file is needed; kEndOfTime: none.
  Instant nextChange() const
  {
    for (Instant before = d_now, at = d_now; (at = d_snapshot.nextChange(before)) != kEndOfTime; before = at) {
      const auto changes = d_snapshot.changesBetween(before, at);
      const bool here = std::any_of(changes.begin(), changes.end(), [this](const Snapshot::Change& change) {
        return isAtOrBelow(change.name.wire(), d_apex.wire()) || (change.below && isAtOrBelow(d_apex.wire(), change.name.wire()));
      });
      if (here) {
        return at;
      }
    }
    return kEndOfTime;
  }

private:
  void place(const Name& name)
  {
    const auto view = d_snapshot.find(name.wire());
    NameFacts facts = d_zone == nullptr ? NameFacts{} : d_zone->factsOf(name);
    facts.storedCname = false; // a zone file can't expand an alias
    const Placement at = placeName(d_snapshot, name.wire(), view, facts, d_now);
    add(name, at, facts);
    if (facts.cname && view.governed() && !facts.occluded && !hasUnderscoreLabel(name.wire())) {
      d_aliases.push_back(name);
    }
    if (at.caa && d_snapshot.own(view, d_now).setIndex != d_snapshot.child(view, d_now).setIndex) {
      d_guarded.push_back(name);
    }
    if (name.wire().size() + 2 <= kMaxNameLength) {
      const WildcardFacts wildcard = d_zone == nullptr ? WildcardFacts{} : d_zone->wildcardFactsOf(name);
      add(name.child("*"), placeWildcard(d_snapshot, name.wire(), view, facts, wildcard, d_now), facts);
    }
  }

  void add(const Name& name, const Placement& placement, const NameFacts& facts)
  {
    Placed placed{name, {}, {}};
    const StoredNode* stored = d_zone == nullptr ? nullptr : d_zone->at(name);
    if (stored != nullptr && d_whole) {
      placed.lines = stored->others;
    }
    if (stored != nullptr && stored->caa && (d_whole || placement.dropStored)) {
      for (const auto& record : stored->caa->records) {
        (placement.dropStored ? placed.removed : placed.lines).push_back(std::to_string(stored->caaTtl) + " IN CAA " + record.toText());
      }
    }
    if (stored == nullptr && placement.copies && facts.covered) {
      const Name covered = isWildcard(name.wire()) ? name.parent() : name;
      if (const StoredNode* wildcard = d_zone->at(d_zone->encloserOf(covered).child("*"))) {
        placed.lines = wildcard->others;
      }
    }
    if (placement.caa) {
      for (const auto& record : placement.caa->set->records) {
        std::string line = std::to_string(placement.caa->ttl) + " IN CAA " + record.toText();
        // One that the zone has already needs no change.
        const auto same = std::find(placed.removed.begin(), placed.removed.end(), line);
        if (same != placed.removed.end()) {
          placed.removed.erase(same);
        }
        placed.lines.push_back(std::move(line));
        ++d_caaCount;
      }
    }
    if (d_whole) {
      placed.removed.clear(); // they are not in it
    }
    if (!placed.lines.empty() || !placed.removed.empty()) {
      d_placed.push_back(std::move(placed));
    }
  }

  const Snapshot& d_snapshot;
  const StoredZone* d_zone;
  const Name d_apex;
  const bool d_whole;
  const Instant d_now;
  std::set<Name> d_names;
  std::vector<Placed> d_placed;
  std::vector<Name> d_guarded, d_aliases;
  size_t d_caaCount{0};
};

std::string few(const std::vector<Name>& names)
{
  constexpr size_t kFew = 3;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kFew); ++i) {
    text += (i == 0 ? "" : ", ") + names[i].toText();
  }
  return text + (names.size() > kFew ? ", …" : "");
}

// What whoever puts the records into a zone must know.
std::vector<std::string> warnings(const Records& records, bool knowsZone)
{
  std::vector<std::string> texts;
  if (!knowsZone && !records.guarded().empty()) {
    texts.push_back("names that the zone has below " + few(records.guarded()) + " (" + numbered(records.guarded().size(), "name")
                    + " approved without the names below) inherit what is approved there, since their own records are not in here: give the zone with --zone-file");
  }
  if (!knowsZone) {
    texts.emplace_back("a name that is an alias (CNAME) in the zone can't have these records, and a wildcard of the zone no longer covers the names that get them: "
                       "with --zone-file both are seen to");
  }
  if (!records.aliases().empty()) {
    texts.push_back(numbered(records.aliases().size(), "name") + " can have no CAA, being aliases (CNAME): the CAA of their targets decides: " + few(records.aliases()));
  }
  if (const Instant next = records.nextChange(); next != kEndOfTime) {
    texts.push_back("approvals begin or end: make this again at " + instantToText(next));
  }
  return texts;
}

void printZone(const Records& records, const std::vector<std::string>& warned, Instant now)
{
  std::cout << "; CAA records by the policy as it is at " << instantToText(now) << "\n";
  for (const auto& warning : warned) {
    std::cout << "; " << warning << "\n";
  }
  for (const auto& placed : records.placed()) {
    for (const auto& line : placed.removed) {
      std::cout << "; remove: " << asOwner(placed.name) << " " << line << "\n";
    }
    for (const auto& line : placed.lines) {
      std::cout << asOwner(placed.name) << " " << line << "\n";
    }
  }
}

Json asJson(const Records& records, const std::vector<std::string>& warned, Instant now)
{
  Json json = {{"at", instantToText(now)}, {"nextChange", Json()}, {"warnings", warned}, {"names", Json::array()}};
  if (const Instant next = records.nextChange(); next != kEndOfTime) {
    json["nextChange"] = instantToText(next);
  }
  for (const auto& placed : records.placed()) {
    json["names"].push_back({{"name", placed.name.toText()}, {"records", placed.lines}, {"remove", placed.removed}});
  }
  return json;
}

int records(const Common& common, const Options& options)
{
  if (options.whole && options.zoneFile.empty()) {
    throw Failure(kUsage, "--whole needs --zone-file: what else is in the zone?");
  }
  std::optional<Name> apex;
  if (!options.zone.empty()) {
    apex = parseNameArgument(options.zone);
  }
  std::optional<StoredZone> zone;
  if (!options.zoneFile.empty()) {
    zone = readZoneFile(options.zoneFile, apex);
    if (apex && zone->apex != *apex) {
      throw Failure(kUsage, "`" + options.zoneFile.string() + "` holds the zone `" + zone->apex.toText() + "`, not `" + apex->toText() + "`");
    }
    apex = zone->apex;
  }
  const LoadResult loaded = loadPolicy(common);
  const Records made(*loaded.snapshot, zone ? &*zone : nullptr, apex.value_or(Name()), options.whole, common.at);
  if (made.caaCount() == 0) {
    throw Failure(kFailed, apex ? "the policy governs nothing in the zone `" + apex->toText() + "`" : "the policy governs nothing");
  }
  const auto warned = warnings(made, zone.has_value());
  if (common.json()) {
    printJson(asJson(made, warned, common.at));
  }
  else {
    printZone(made, warned, common.at);
  }
  for (const auto& warning : warned) {
    std::cerr << styled(Style::Warning, "warning:", Stream::Err) << " " << warning << "\n";
  }
  return loaded.hasErrors() ? kPolicyErrors : kOk;
}

} // namespace

void addRecords(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("records", "Print the policy's records as a zone file, for name servers that are not PowerDNS",
                                  "  caapolicy records --zone example.com --zone-file db.example.com > caa.example.com   # to be added to the zone\n"
                                  "  caapolicy records --zone-file db.example.com --whole > new.example.com              # the zone, with them in it\n"
                                  "  caapolicy records --zone example.com       # where nothing exists below approved names",
                                  [&program, options] { return records(program.common(), *options); });
  command.add_option("--zone", options->zone, "Only names in this zone")->type_name("ZONE");
  command.add_option("--zone-file", options->zoneFile, "The zone as it is, so that each of its names gets what it must have")->type_name("FILE");
  command.add_flag("--whole", options->whole, "Print all of the zone, with its own CAA replaced");
}

} // namespace caapolicy::cli
