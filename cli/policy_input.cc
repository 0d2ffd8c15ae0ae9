// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/policy_input.hh"

#include <algorithm>
#include <iostream>

namespace caapolicy::cli {

namespace {

Json placeToJson(const Location& where, const std::vector<SourceFile>& files)
{
  Json place = {{"file", where.file < files.size() ? files[where.file].path : ""}};
  if (where.line != 0) {
    place["line"] = where.line;
    place["column"] = where.column;
    place["length"] = where.length;
  }
  return place;
}

} // namespace

void tellErrors(const LoadResult& result, const std::filesystem::path& file, const std::string& meaning)
{
  bool hasErrors = false;
  for (const auto& diagnostic : result.diagnostics) {
    if (diagnostic.severity == Severity::Error) {
      std::cerr << renderForTerminal(diagnostic, result.files, Stream::Err);
      hasErrors = true;
    }
  }
  if (result.snapshot == nullptr) {
    throw Failure(kPolicyErrors, "the policy `" + file.string() + "` has errors, see above" + meaning);
  }
  if (hasErrors && !meaning.empty()) {
    std::cerr << errorPrefix() << "delegated files with errors, see above, grant nothing here; a running server keeps to their last good versions\n";
  }
}

LoadResult loadPolicy(const Common& common)
{
  LoadResult result = Loader(common.policy).load(common.at);
  tellErrors(result, common.policy, kServerGoesOn);
  return result;
}

Name parseNameArgument(const std::string& text)
{
  auto parsed = Name::parseHostName(text);
  if (parsed.fault != NameFault::None) {
    throw Failure(kUsage, "`" + text + "` is not a host name" + (parsed.fault == NameFault::Star ? "; for a wildcard, give the name without `*.`" : ""));
  }
  return std::move(parsed.name);
}

std::string placeOf(const Policy& policy, const Location& where) { return policy.files[where.file].path + ":" + std::to_string(where.line); }

namespace {

// The module's hint would open the file to whoever runs the command, and close it to the server.
Diagnostic forPerson(Diagnostic diagnostic)
{
  if (diagnostic.code == "permission-denied") {
    diagnostic.hint = "run this as root, or as a member of the group that the server reads the policy by";
  }
  return diagnostic;
}

} // namespace

std::string renderForTerminal(const Diagnostic& diagnostic, const std::vector<SourceFile>& files, Stream stream)
{
  std::string text = render(forPerson(diagnostic), files);
  const bool isError = diagnostic.severity == Severity::Error;
  const std::string word = isError ? "error:" : "warning:";
  if (const size_t at = text.find(": " + word); at != std::string::npos) {
    text.replace(at + 2, word.size(), styled(isError ? Style::Bad : Style::Warning, word, stream));
  }
  return text;
}

Json toJson(const Diagnostic& diagnostic, const std::vector<SourceFile>& files)
{
  Json json = placeToJson(diagnostic.where, files);
  json["severity"] = diagnostic.severity == Severity::Error ? "error" : "warning";
  json["code"] = diagnostic.code;
  json["message"] = diagnostic.message;
  if (const std::string hint = forPerson(diagnostic).hint; !hint.empty()) {
    json["hint"] = hint;
  }
  if (diagnostic.related) {
    json["related"] = placeToJson(*diagnostic.related, files);
    json["related"]["message"] = diagnostic.relatedMessage;
  }
  return json;
}

} // namespace caapolicy::cli
