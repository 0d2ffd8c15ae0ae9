// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy import: a policy to start with, from the CAA that a zone has today.
#include "cli/atomic_file.hh"
#include "cli/policy_input.hh"
#include "cli/zone_source.hh"
#include "policy/import_zone.hh"

#include <algorithm>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  std::filesystem::path zoneFile;
  std::string origin;
  std::vector<std::string> transfer; // server and zone
  std::filesystem::path output;
};

StoredZone readZone(const Options& options)
{
  if (options.zoneFile.empty() == options.transfer.empty()) {
    throw Failure(kUsage, "give either --zone-file FILE or --axfr SERVER ZONE");
  }
  if (!options.transfer.empty()) {
    return transferZone(options.transfer[0], parseNameArgument(options.transfer[1]));
  }
  return readZoneFile(options.zoneFile, options.origin.empty() ? std::nullopt : std::optional(parseNameArgument(options.origin)));
}

std::string noteText(const ImportNote& note)
{
  return note.name.toText() + (note.record.empty() ? "" : " CAA " + note.record) + ": " + note.text;
}

std::string comments(const StoredZone& zone, const Imported& imported)
{
  std::string text = "# Made from the CAA records of " + zone.apex.toText() + ".\n";
  if (!imported.notes.empty()) {
    text += "#\n# What could not be carried over, and what to know (!: the policy says something else there than the zone):\n";
  }
  for (const auto& note : imported.notes) {
    text += std::string(note.changesMeaning ? "# ! " : "#   ") + noteText(note) + "\n";
  }
  return text + "\n";
}

void writeFolder(const std::filesystem::path& folder, const StoredZone& zone, const Imported& imported)
{
  // With approvals or without: `caapolicy approve` wants a place to write to.
  std::error_code failed;
  std::filesystem::create_directories(folder / "approvals.d", failed);
  if (failed) {
    throw Failure(kFailed, "can't make the folder `" + (folder / "approvals.d").string() + "`: " + failed.message());
  }
  for (const auto& path : {folder / "policy.yaml", folder / "approvals.d" / "imported.yaml"}) {
    if (std::filesystem::exists(path, failed)) { // before anything is written
      throw Failure(kFailed, "can't write `" + path.string() + "`: there is one already; give another folder");
    }
  }
  if (!imported.approvals.empty()) {
    writeNewFile(folder / "approvals.d" / "imported.yaml", "approvals:\n" + imported.approvals);
  }
  writeNewFile(folder / "policy.yaml", comments(zone, imported) + imported.policy + "include: [approvals.d/*.yaml]\n");
}

Json asJson(const StoredZone& zone, const Imported& imported)
{
  Json json = {{"zone", zone.apex.toText()}, {"subtrees", imported.subtreeCount}, {"approvals", imported.approvalCount}, {"notes", Json::array()}};
  for (const auto& note : imported.notes) {
    json["notes"].push_back({{"name", note.name.toText()}, {"record", note.record.empty() ? Json() : Json(note.record)}, {"text", note.text}, {"changesMeaning", note.changesMeaning}});
  }
  return json;
}

std::string numbered(size_t count, const std::string& word) { return std::to_string(count) + " " + word + (count == 1 ? "" : "s"); }

int import(const Common& common, const Options& options)
{
  const StoredZone zone = readZone(options);
  if (zone.apex.isRoot()) {
    throw Failure(kFailed, "this is the zone of the root: does the file have relative names and no $ORIGIN? Then give --origin example.com");
  }
  const Imported imported = importZone(zone);
  const std::string whole = comments(zone, imported) + imported.policy + (imported.approvals.empty() ? "" : "approvals:\n" + imported.approvals);
  if (!options.output.empty()) {
    writeFolder(options.output, zone, imported);
  }
  if (common.json()) {
    Json json = asJson(zone, imported);
    if (options.output.empty()) {
      json["policy"] = whole;
    }
    printJson(json);
    return kOk;
  }
  if (options.output.empty()) {
    std::cout << whole;
  }
  for (const auto& note : imported.notes) {
    std::cerr << (note.changesMeaning ? styled(Style::Warning, "differs:", Stream::Err) : "note:") << " " << noteText(note) << "\n";
  }
  const auto differing = static_cast<size_t>(std::count_if(imported.notes.begin(), imported.notes.end(), [](const ImportNote& note) { return note.changesMeaning; }));
  std::cerr << zone.apex.toText() << ": " << numbered(imported.subtreeCount, "subtree") << ", " << numbered(imported.approvalCount, "approval") << "; "
            << (differing == 0 ? "the policy means what the zone means" : numbered(differing, "thing") + " could not be carried over") << "\n";
  return kOk;
}

} // namespace

void addImport(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("import", "Make a policy from the CAA that a zone has today",
                                  "  caapolicy import --zone-file db.example.com > policy.yaml\n"
                                  "  caapolicy import --axfr 192.0.2.53 example.com --output caa/   # policy.yaml and approvals.d/imported.yaml\n"
                                  "What could not be carried over is in its comments, and on stderr.",
                                  [&program, options] { return import(program.common(), *options); });
  command.add_option("--zone-file", options->zoneFile, "The zone, as a zone file")->type_name("FILE");
  command.add_option("--origin", options->origin, "With --zone-file: the zone's name, where the file has no $ORIGIN")->type_name("ZONE");
  command.add_option("--axfr", options->transfer, "The zone, by a transfer: ADDRESS[:PORT] and its name")->expected(2)->type_name("SERVER ZONE");
  command.add_option("--output", options->output, "Write into this folder; files that are there are left alone")->type_name("DIR");
}

} // namespace caapolicy::cli
