// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy test: does the policy mean what people expect of it?
#include "cli/expectations.hh"
#include "cli/permission_text.hh"
#include "cli/policy_input.hh"
#include "policy/source_reader.hh"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

constexpr size_t kMaxBytes = 64U << 20;

struct Options {
  std::vector<std::filesystem::path> files;
  std::filesystem::path junit;
};

struct Outcome {
  const Expectation* expectation;
  std::string request;            // as people read it
  std::string found;              // what is so instead of what is expected; empty: it holds
  std::vector<std::string> why;   // of a failure
};

struct Expected {
  std::vector<SourceFile> files;
  std::vector<Expectation> expectations;
};

Expected readAll(const std::vector<std::filesystem::path>& paths)
{
  Expected expected;
  std::vector<Diagnostic> problems;
  for (const auto& path : paths) {
    const auto index = static_cast<uint32_t>(expected.files.size());
    SourceRead read = readSource(path, index, {index, 0, 0, 0}, kMaxBytes);
    problems.insert(problems.end(), read.problems.begin(), read.problems.end());
    expected.files.push_back(std::move(read.file));
    if (read.good()) {
      for (auto& expectation : readExpectations(expected.files.back().text, index, problems)) {
        expected.expectations.push_back(std::move(expectation));
      }
    }
  }
  for (const auto& problem : problems) {
    std::cerr << renderForTerminal(problem, expected.files, Stream::Err);
  }
  if (!problems.empty()) {
    throw Failure(kUsage, "the expectations have errors");
  }
  return expected;
}

// Some request that both speak of.
bool overlap(const Permission& a, const Permission& b)
{
  const auto fits = [](const std::string& x, const std::string& y) { return x.empty() || y.empty() || x == y; };
  return a.purpose == b.purpose && fits(a.ca, b.ca) && fits(a.account, b.account) && fits(a.method, b.method);
}

std::string requestText(const Expectation& expectation)
{
  const Permission& request = expectation.request;
  std::string text = (request.purpose == Purpose::Wildcard ? "*." : "") + expectation.name.toText();
  text += " by " + (request.ca.empty() ? "any CA" : request.ca);
  text += request.account.empty() ? "" : ", account " + request.account;
  return text + (request.method.empty() ? "" : ", method " + request.method);
}

Outcome judge(const Expectation& expectation, const Snapshot& snapshot, Instant now)
{
  Outcome outcome{&expectation, requestText(expectation), {}, {}};
  const auto view = snapshot.find(expectation.name.wire());
  if (!view.governed()) {
    outcome.found = "not governed";
    outcome.why.emplace_back("no subtree of the policy is at or above it: the CAA of its zone decides");
    return outcome;
  }
  const Permissions permissions = permissionsOf(*snapshot.own(view, now).set);
  const bool always = covers(permissions, expectation.request);
  const bool ever = std::any_of(permissions.begin(), permissions.end(), [&](const Permission& permission) { return overlap(permission, expectation.request); });
  if (expectation.allow ? always : !ever) {
    return outcome;
  }
  outcome.found = always ? "allowed" : ever ? "allowed for some" : "denied";
  const auto reason = snapshot.explain(expectation.name.wire(), now);
  const Policy& policy = snapshot.policy();
  outcome.why.push_back("governed by " + reason.subtree->name.toText() + " (" + placeOf(policy, reason.subtree->where) + ")");
  for (const auto& source : reason.sources) {
    const Issuer& issuer = source.grant->issuer;
    std::string accounts;
    for (const auto& account : issuer.accounts) {
      accounts += (accounts.empty() ? "" : " or ") + account;
    }
    const std::vector<Purpose> purposes = source.grant->wildcard == Wildcard::No ? std::vector{Purpose::Name}
      : source.grant->wildcard == Wildcard::Only                               ? std::vector{Purpose::Wildcard}
                                                                               : std::vector{Purpose::Name, Purpose::Wildcard};
    outcome.why.push_back("granted: " + whoText(issuer.ca, accounts, issuer.methods) + ", for " + purposesText(purposes) + " ("
                          + placeOf(policy, source.approval == nullptr ? source.grant->where : source.approval->where) + ")");
  }
  if (reason.sources.empty()) {
    outcome.why.emplace_back("nobody may issue: no approval is in force, and the subtree allows nobody");
  }
  return outcome;
}

std::string placeIn(const std::vector<SourceFile>& files, const Location& where)
{
  return files[where.file].path + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

const char* word(const Expectation& expectation) { return expectation.allow ? "allow" : "deny"; }

std::string forXml(const std::string& text)
{
  std::string escaped;
  for (const char c : text) {
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return escaped;
}

// JUnit's XML, as pipelines show it.
void writeJunit(const std::filesystem::path& path, const std::vector<Outcome>& outcomes, size_t failed, const std::vector<SourceFile>& files)
{
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"caapolicy\" tests=\"" << outcomes.size() << "\" failures=\"" << failed << "\">\n";
  for (const auto& outcome : outcomes) {
    const SourceFile& source = files[outcome.expectation->where.file];
    file << "  <testcase classname=\"" << forXml(source.path) << "\" name=\"" << forXml(outcome.request + ": " + word(*outcome.expectation)) << "\" file=\""
         << forXml(source.path) << "\" line=\"" << outcome.expectation->where.line << "\"";
    if (outcome.found.empty()) {
      file << "/>\n";
      continue;
    }
    file << ">\n    <failure message=\"" << forXml("it is " + outcome.found) << "\">";
    for (const auto& line : outcome.why) {
      file << forXml(line) << "\n";
    }
    file << "</failure>\n  </testcase>\n";
  }
  file << "</testsuite>\n";
  file.close();
  if (!file) {
    throw Failure(kFailed, "can't write `" + path.string() + "`");
  }
}

void printText(const std::vector<Outcome>& outcomes, size_t failed, const std::vector<SourceFile>& files)
{
  for (const auto& outcome : outcomes) {
    if (outcome.found.empty()) {
      continue;
    }
    std::cout << placeIn(files, outcome.expectation->where) << ": " << styled(Style::Bad, "failed:") << " " << outcome.request << ": expected " << word(*outcome.expectation)
              << ", but it is " << outcome.found << "\n";
    for (const auto& line : outcome.why) {
      std::cout << "  " << line << "\n";
    }
  }
  const std::string all = std::to_string(outcomes.size()) + (outcomes.size() == 1 ? " expectation" : " expectations");
  std::cout << (failed == 0 ? styled(Style::Good, "good") + ": " + all + (outcomes.size() == 1 ? " holds" : " hold")
                            : styled(Style::Bad, std::to_string(failed) + " failed") + " of " + all)
            << "\n";
}

Json asJson(const std::vector<Outcome>& outcomes, size_t failed, const std::vector<SourceFile>& files)
{
  Json json = {{"good", failed == 0}, {"expectations", outcomes.size()}, {"failed", failed}, {"failures", Json::array()}};
  for (const auto& outcome : outcomes) {
    if (!outcome.found.empty()) {
      json["failures"].push_back({{"place", placeIn(files, outcome.expectation->where)}, {"request", outcome.request}, {"expected", word(*outcome.expectation)},
                                  {"found", outcome.found}, {"why", outcome.why}});
    }
  }
  return json;
}

int test(const Common& common, const Options& options)
{
  const Expected expected = readAll(options.files);
  const LoadResult loaded = loadPolicy(common);
  std::vector<Outcome> outcomes;
  for (const auto& expectation : expected.expectations) {
    outcomes.push_back(judge(expectation, *loaded.snapshot, expectation.at.value_or(common.at)));
  }
  const auto failed = static_cast<size_t>(std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return !outcome.found.empty(); }));
  if (!options.junit.empty()) {
    writeJunit(options.junit, outcomes, failed, expected.files);
  }
  if (common.json()) {
    printJson(asJson(outcomes, failed, expected.files));
  }
  else {
    printText(outcomes, failed, expected.files);
  }
  if (loaded.hasErrors()) {
    return kPolicyErrors; // what holds of a delegated file's subtree holds because it is denied
  }
  return failed == 0 ? kOk : kDenied;
}

} // namespace

void addTest(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("test", "Say whether the policy means what a file expects",
                                  "  caapolicy test expectations.yaml\n"
                                  "  caapolicy test expectations.yaml --policy checkout/policy.yaml --junit report.xml\n"
                                  "A file of expectations:\n"
                                  "  - {name: shop.example.com, ca: letsencrypt.org, method: dns-01, expect: allow}\n"
                                  "  - {name: shop.example.com, wildcard: true, expect: deny}    # whoever asks\n"
                                  "Exit status: 0 all hold, 2 the file has errors, 3 some don't hold, 4 the policy has errors.",
                                  [&program, options] { return test(program.common(), *options); });
  command.add_option("file", options->files, "YAML files with lists of expectations")->required()->type_name("FILE");
  command.add_option("--junit", options->junit, "Write the outcome as JUnit XML as well")->type_name("FILE");
}

} // namespace caapolicy::cli
