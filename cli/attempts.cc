// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy attempts: who tried to get a certificate that nobody approved, and would it be allowed now? Asks the server by
// pdns_control for the past, and the policy for the present.
#include "cli/approve_line.hh"
#include "cli/output.hh"
#include "cli/policy_input.hh"
#include "cli/progress.hh"
#include "cli/server_attempts.hh"
#include "policy/grant_text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string since, under;
  bool names{false};
  ServerPlace server;
};

// What the policy says of the names now. One that can't be read is for other commands to complain of.
void addVerdicts(std::vector<Json>& attempts, const Common& common)
{
  if (attempts.empty()) {
    return;
  }
  const auto snapshot = [&common] {
    const Progress progress("reading " + common.policy.string());
    return Loader(common.policy).load(common.at).snapshot;
  }();
  for (Json& attempt : attempts) {
    attempt["now"] = nullptr;
    attempt["issuers"] = Json::array();
    const auto name = Name::parseHostName(attempt.at("name").get<std::string>());
    if (snapshot == nullptr || name.fault != NameFault::None) {
      continue;
    }
    if (!snapshot->find(name.name.wire()).governed()) {
      attempt["now"] = "not governed";
      continue;
    }
    std::set<std::string> issuers;
    for (const auto& source : snapshot->explain(name.name.wire(), common.at).sources) {
      issuers.insert(source.grant->issuer.ca);
    }
    attempt["now"] = issuers.empty() ? "denied" : "allowed";
    attempt["issuers"] = issuers;
  }
}

std::string nowOf(const Json& attempt)
{
  const std::string issuers = joined(attempt.at("issuers").get<std::vector<std::string>>());
  return !issuers.empty() ? issuers : attempt.at("now").is_null() ? "-" : attempt.at("now").get<std::string>();
}

void printText(const std::vector<Json>& attempts, size_t inAll)
{
  if (attempts.empty()) {
    std::cout << (inAll == 0 ? "no denied name is remembered\n" : fmt::format("none of the {} denied names that are remembered is like that\n", inAll));
    return;
  }
  size_t width = 4;
  size_t nowWidth = 3;
  for (const auto& attempt : attempts) {
    width = std::max(width, attempt.at("name").get<std::string>().size());
    nowWidth = std::max(nowWidth, nowOf(attempt).size());
  }
  std::cout << styled(Style::Heading, fmt::format("{:<{}}  {:>6}  {:<20}  {:<20}  {:<{}}  {}", "name", width, "times", "first", "last", "now", nowWidth, "from")) << "\n";
  for (const auto& attempt : attempts) {
    const std::string from = joined(attempt.at("networks").get<std::vector<std::string>>());
    std::cout << fmt::format("{:<{}}  {:>6}  {:<20}  {:<20}  {:<{}}  {}{}{}\n", attempt.at("name").get<std::string>(), width, attempt.at("count").get<uint64_t>(),
                             attempt.at("first").get<std::string>(), attempt.at("last").get<std::string>(), nowOf(attempt), nowWidth, from,
                             attempt.at("moreNetworks").get<bool>() ? ", …" : "", attempt.at("exists").get<bool>() ? "" : "  (not in the zone)");
  }
  std::cout << styled(Style::Faint, "why: caapolicy explain NAME; approve one: " + approveLine({"NAME", "CA"})) << "\n";
}

int attempts(const Common& common, const Options& options)
{
  Instant since = kBeginningOfTime;
  if (!options.since.empty()) {
    const auto span = parseSpan(options.since);
    if (!span) {
      throw Failure(kUsage, "--since: `" + options.since + "` is not a span such as 1h or 7d");
    }
    since = common.at - *span;
  }
  const Name under = options.under.empty() ? Name() : parseNameArgument(options.under);
  auto found = askForAttempts(options.server);
  const size_t inAll = found.size();
  std::erase_if(found, [&](const Json& attempt) {
    const auto name = Name::parseHostName(attempt.at("name").get<std::string>());
    return parseInstant(attempt.at("last").get<std::string>()).value_or(0) < since
      || (!options.under.empty() && (name.fault != NameFault::None || !isAtOrBelow(name.name.wire(), under.wire())));
  });
  if (options.names) {
    for (const auto& attempt : found) {
      std::cout << attempt.at("name").get<std::string>() << "\n";
    }
  }
  else {
    addVerdicts(found, common);
    common.json() ? printJson({{"attempts", found}}) : printText(found, inAll);
  }
  return kOk;
}

} // namespace

void addAttempts(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("attempts", "Show the names for which CAs were denied: who tried",
                                  "  caapolicy attempts --since 1h\n"
                                  "  caapolicy attempts --under shops.example.com --format json",
                                  [&program, options] { return attempts(program.common(), *options); });
  command.add_option("--since", options->since, "Only what was denied within this span: 1h, 7d")->type_name("SPAN");
  command.add_option("--under", options->under, "Only names at or below this one")->type_name("NAME");
  command.add_flag("--names", options->names, "Only the names, one a line");
  addServerOptions(command, options->server);
}

} // namespace caapolicy::cli
