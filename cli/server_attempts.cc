// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/server_attempts.hh"

#include <algorithm>
#include <sstream>

namespace caapolicy::cli {

namespace {

bool isAttempt(const Json& json)
{
  const auto isText = [&json](const char* key) { return json.contains(key) && json.at(key).is_string(); };
  const auto isTruth = [&json](const char* key) { return json.contains(key) && json.at(key).is_boolean(); };
  return json.is_object() && isText("name") && isText("first") && isText("last") && isTruth("exists") && isTruth("moreNetworks")
    && json.contains("count") && json.at("count").is_number_unsigned() && json.contains("networks") && json.at("networks").is_array()
    && std::all_of(json.at("networks").begin(), json.at("networks").end(), [](const Json& network) { return network.is_string(); });
}

} // namespace

void addServerOptions(CLI::App& command, ServerPlace& place)
{
  command.add_option("--config-dir", place.configDir, "Of the server, as pdns_control has it")->type_name("DIR");
  command.add_option("--config-name", place.configName, "Likewise")->type_name("NAME");
  command.add_option("--socket-dir", place.socketDir, "Likewise")->type_name("DIR");
}

std::vector<Json> askForAttempts(const ServerPlace& place, Complaints complaints)
{
  std::vector<std::string> words{"timeout", "10", "pdns_control"}; // a server that hangs is not waited for
  for (const auto& [option, value] : {std::pair{"--config-dir=", place.configDir}, {"--config-name=", place.configName}, {"--socket-dir=", place.socketDir}}) {
    if (!value.empty()) {
      words.push_back(option + value);
    }
  }
  words.insert(words.end(), {"caapolicy-attempts", "json"});
  const Finished finished = runProgram(words, complaints);
  if (finished.status == 127) {
    throw Failure(kFailed, "`pdns_control` is not there: run this where the server runs");
  }
  if (finished.status != 0) {
    throw Failure(kFailed, "`pdns_control` failed: does the server run, with this version of the module, and are --config-dir and --config-name its own?");
  }
  return parseAttempts(finished.output, "the server");
}

std::vector<Json> parseAttempts(const std::string& text, const std::string& source)
{
  std::vector<Json> attempts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      continue;
    }
    Json attempt = Json::parse(line, nullptr, false);
    if (attempt.is_discarded() || !isAttempt(attempt)) {
      throw Failure(kFailed, source + " says `" + line + "`: does it have the module caapolicy, in this version?");
    }
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

} // namespace caapolicy::cli
