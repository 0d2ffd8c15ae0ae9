// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy ca list, ca show, ca update: the CAs that are known, and what of them.
#include "cli/atomic_file.hh"
#include "cli/catalogue_update.hh"
#include "cli/csv.hh"
#include "cli/policy_input.hh"
#include "policy/ascii.hh"
#include "policy/grant_text.hh"
#include "policy/similar.hh"
#include "policy/yaml_tree.hh"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <fmt/format.h>

namespace caapolicy::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string shown;
  fs::path report;
  fs::path output;
};

std::shared_ptr<const Catalogue> readCatalogue(const Common& common)
{
  std::error_code ignored;
  if (!common.policyGiven && !fs::exists(common.policy, ignored)) {
    return {std::shared_ptr<void>(), &Catalogue::builtIn()};
  }
  const LoadResult result = Loader(common.policy).load(common.at);
  if (result.snapshot == nullptr) {
    std::cerr << errorPrefix() << "the policy `" << common.policy.string() << "` has errors (`caapolicy check` has them): a CA catalogue of its own may not be shown\n";
  }
  return result.catalogue;
}

std::string describe(const Ca& ca, const Parameter& parameter, Instant now)
{
  if (parameter.honours == Honours::Yes) {
    return parameter.since.empty() ? "yes" : "since " + parameter.since;
  }
  if (parameter.honours == Honours::Unknown && ca.isPublic) {
    return now >= kParametersDue ? "due since 2027-03-15" : "unknown, due 2027-03-15";
  }
  return std::string(toText(parameter.honours));
}

Json parameterToJson(const Ca& ca, const Parameter& parameter, Instant now)
{
  Json json = {{"known", toText(parameter.honours)}};
  if (!parameter.since.empty()) {
    json["since"] = parameter.since;
  }
  json["assumed"] = toText(ca.honoursAt(parameter, now));
  return json;
}

Json caToJson(const Ca& ca, Instant now)
{
  Json json = {{"id", ca.id}, {"name", ca.name}, {"domains", ca.domains}, {"public", ca.isPublic}, {"own", ca.isOwn}};
  json["accounturi"] = parameterToJson(ca, ca.accounturi, now);
  json["validationmethods"] = parameterToJson(ca, ca.validationmethods, now);
  json["accounts"] = ca.accounts;
  json["staging"] = ca.staging;
  json["organizations"] = ca.organizations;
  if (!ca.note.empty()) {
    json["note"] = ca.note;
  }
  json["sources"] = Json::array();
  for (const CaSource& source : ca.sources) {
    json["sources"].push_back({{"for", source.about}, {"url", source.url}, {"date", source.date}});
  }
  return json;
}

// As many as fit a column, but one at least.
std::string shortened(const std::vector<std::string>& domains)
{
  constexpr size_t width = 40;
  std::string text = domains.front();
  size_t count = 1;
  while (count < domains.size() && text.size() + domains[count].size() + 2 <= width) {
    text += ", " + domains[count++];
  }
  return count == domains.size() ? text : text + fmt::format(" +{}", domains.size() - count);
}

// Columns on a screen: names are in UTF-8, and none has a wide character.
size_t widthOf(const std::string& text)
{
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

int list(const Common& common)
{
  const auto catalogue = readCatalogue(common);
  if (common.json()) {
    Json json = Json::array();
    for (const auto& [id, ca] : catalogue->cas()) {
      json.push_back(caToJson(ca, common.at));
    }
    printJson(json);
    return kOk;
  }
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "DOMAINS", "ACCOUNTURI", "VALIDATIONMETHODS"}};
  for (const auto& [id, ca] : catalogue->cas()) {
    rows.push_back({id, ca.name, shortened(ca.domains), describe(ca, ca.accounturi, common.at), describe(ca, ca.validationmethods, common.at)});
  }
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], widthOf(row[column]));
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      if (column + 1 < row.size()) {
        line += std::string(widths[column] - widthOf(row[column]) + 2, ' ');
      }
    }
    std::cout << (&row == &rows.front() ? styled(Style::Heading, line) : line) << "\n";
  }
  return kOk;
}

void printCa(const Ca& ca, Instant now)
{
  const auto line = [](const std::string& key, const std::string& value) {
    if (!value.empty()) {
      std::cout << fmt::format("  {:<18}{}\n", key, value);
    }
  };
  std::cout << styled(Style::Heading, ca.id) << ": " << ca.name << (ca.isOwn ? " (of the policy's own catalogue)" : "") << "\n";
  line("domains", joined(ca.domains));
  line("public", ca.isPublic ? "yes" : "");
  line("accounturi", describe(ca, ca.accounturi, now));
  line("validationmethods", describe(ca, ca.validationmethods, now));
  line("accounts", joined(ca.accounts));
  line("staging", joined(ca.staging));
  line("organizations", joined(ca.organizations));
  line("note", ca.note);
  for (const CaSource& source : ca.sources) {
    line("source", fmt::format("{}: {} ({})", source.about, source.url, source.date));
  }
}

int show(const Common& common, const Options& options)
{
  const auto catalogue = readCatalogue(common);
  std::string wanted = lowerCase(options.shown);
  if (wanted.size() > 1 && wanted.back() == '.') {
    wanted.pop_back();
  }
  std::vector<const Ca*> cas = catalogue->ofDomain(wanted);
  if (const Ca* ca = catalogue->find(wanted)) {
    cas = {ca};
  }
  if (cas.empty()) {
    std::vector<std::string_view> known = catalogue->ids();
    const auto domains = catalogue->domains();
    known.insert(known.end(), domains.begin(), domains.end());
    throw Failure(kFailed, "no CA is known with the id or issuer domain `" + options.shown + "`" + didYouMean(wanted, known, "; `caapolicy ca list` has all"));
  }
  if (common.json()) {
    Json json = Json::array();
    for (const Ca* ca : cas) {
      json.push_back(caToJson(*ca, common.at));
    }
    printJson(json);
    return kOk;
  }
  for (const Ca* ca : cas) {
    printCa(*ca, common.at);
  }
  return kOk;
}

std::string readFile(const fs::path& path)
{
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored) || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf()))) {
    throw Failure(kFailed, "can't read `" + path.string() + "`: " + (fs::is_directory(path, ignored) ? "it is a folder" : std::generic_category().message(errno)));
  }
  return text.str();
}

Json readBefore(const fs::path& path)
{
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Json::object();
  }
  Json json = Json::parse(readFile(path), nullptr, false);
  if (!json.is_object()) {
    throw Failure(kFailed, "`" + path.string() + "` is there and is not a catalogue in JSON, so that it can't be updated: mend it, or name another file with --output");
  }
  return json;
}

// What is written has to load; it wouldn't when a person's own entries are wrong.
void wantGood(const std::string& text, const fs::path& path)
{
  const std::vector<SourceFile> files{{path.string(), text, {}}};
  std::vector<Diagnostic> problems;
  Catalogue catalogue(Catalogue::builtIn());
  if (const auto tree = parseYaml(text, 0, problems)) {
    catalogue.overlay(*tree, problems);
  }
  if (!problems.empty()) {
    for (const Diagnostic& problem : problems) {
      std::cerr << renderForTerminal(problem, files, Stream::Err);
    }
    throw Failure(kPolicyErrors, "`" + path.string() + "` would have errors: nothing is written");
  }
}

void printChanges(const CatalogueUpdate& update)
{
  for (const auto& change : update.changes) {
    const std::string who = change.id + " (" + change.name + ")";
    if (change.isKept) {
      std::cout << "kept: " << who << ", as the file has it\n";
      continue;
    }
    if (!change.added.empty()) {
      std::cout << styled(Style::Good, "added: ") << joined(change.added) << (change.isNew ? " as " : " to ") << who << "\n";
    }
    if (change.isGone) {
      std::cout << styled(Style::Warning, "gone: ") << who << " with " << joined(change.removed) << "\n";
    }
    else if (!change.removed.empty()) {
      std::cout << styled(Style::Warning, "removed: ") << joined(change.removed) << " from " << who << "\n";
    }
  }
}

bool isInUse(const Common& common, const fs::path& output)
{
  std::error_code ignored;
  const LoadResult result = Loader(common.policy).load(common.at);
  return std::any_of(result.watched.files.begin(), result.watched.files.end(), [&](const fs::path& file) { return fs::equivalent(file, output, ignored); });
}

int update(const Common& common, const Options& options)
{
  const fs::path output = !options.output.empty() ? options.output : common.policy.parent_path() / "catalogue.json";
  CcadbReport report;
  try {
    report = parseCcadbReport(readFile(options.report));
  }
  catch (const CsvError& error) {
    throw Failure(kFailed, fmt::format("{}:{}: {}", options.report.string(), error.line, error.what()));
  }
  const CatalogueUpdate made = updateCatalogue(Catalogue::builtIn(), report, readBefore(output), instantToText(common.at).substr(0, 10));
  const std::string text = made.file.dump(2) + "\n";
  wantGood(text, output);
  putFile(output, text);
  const bool inUse = isInUse(common, output);
  if (common.json()) {
    Json json = {{"file", output.string()}, {"inUse", inUse}, {"rows", report.rows}, {"changes", Json::array()}};
    for (const auto& change : made.changes) {
      json["changes"].push_back({{"id", change.id}, {"name", change.name}, {"added", change.added}, {"removed", change.removed}, {"new", change.isNew}, {"gone", change.isGone}, {"kept", change.isKept}});
    }
    printJson(json);
    return kOk;
  }
  printChanges(made);
  std::cout << "wrote " << output.string() << ": " << made.file["cas"].size() << " CAs that are not as in the built-in catalogue, from " << report.rows << " rows\n";
  if (!inUse) {
    std::cout << "the policy " << common.policy.string() << " doesn't use it yet: add `catalogue: " << fs::relative(output, common.policy.parent_path().empty() ? "." : common.policy.parent_path()).string() << "` to it\n";
  }
  return kOk;
}

} // namespace

void addCa(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App* listing = nullptr;
  CLI::App* showing = nullptr;
  auto which = std::make_shared<std::function<int()>>();
  CLI::App& command = program.add("ca", "Say what is known of CAs: domains, accounts, what they honour",
                                  "  caapolicy ca list\n"
                                  "  caapolicy ca show letsencrypt\n"
                                  "  caapolicy ca show digicert.com --format json\n"
                                  "  caapolicy ca update AllCAAIdentifiersReportCSVV2.csv",
                                  [which] { return (*which)(); });
  command.require_subcommand(1);
  listing = command.add_subcommand("list", "List all CAs")->group("Commands")->footer("Examples:\n  caapolicy ca list");
  listing->callback([which, &program] { *which = [&program] { return list(program.common()); }; });
  showing = command.add_subcommand("show", "Say all that is known of a CA, with sources")->group("Commands")->footer("Examples:\n  caapolicy ca show letsencrypt\n  caapolicy ca show digicert.com --format json");
  showing->add_option("CA", options->shown, "An id, or an issuer domain")->required()->type_name("CA");
  showing->callback([which, options, &program] { *which = [options, &program] { return show(program.common(), *options); }; });
  CLI::App* updating = command.add_subcommand("update", "Bring the domains up to date with CCADB's report of CAA identifiers")->group("Commands")->footer("Examples:\n  caapolicy ca update AllCAAIdentifiersReportCSVV2.csv");
  updating->add_option("FILE", options->report, "The report, as downloaded from\n" + std::string(kCcadbReportUrl))->required()->type_name("FILE");
  updating->add_option("--output", options->output, "The catalogue to write; default: catalogue.json beside the policy")->type_name("FILE");
  updating->callback([which, options, &program] { *which = [options, &program] { return update(program.common(), *options); }; });
}

} // namespace caapolicy::cli
