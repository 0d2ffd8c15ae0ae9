// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sarif.hh"

#include "policy/utf8.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace caapolicy::cli {

namespace {

// RFC 3986 2.3: what a path may hold as it is.
std::string percentEncoded(const std::string& path)
{
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string encoded;
  for (const char c : path) {
    encoded += kPlain.find(c) != std::string_view::npos ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// A Location counts bytes.
size_t codePoints(std::string_view text)
{
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !isUtf8Continuation(c); }));
}

Json artifactLocation(const std::string& path, const std::filesystem::path& base)
{
  const auto absolute = std::filesystem::absolute(path).lexically_normal();
  const auto relative = absolute.lexically_relative(base);
  if (!relative.empty() && *relative.begin() != "..") {
    return {{"uri", percentEncoded(relative.string())}, {"uriBaseId", "%SRCROOT%"}};
  }
  return {{"uri", "file://" + percentEncoded(absolute.string())}};
}

Json location(const Location& where, const std::vector<SourceFile>& files, const std::filesystem::path& base)
{
  Json physical = {{"artifactLocation", artifactLocation(files[where.file].path, base)}};
  if (where.line != 0) {
    const std::string_view line = files[where.file].line(where.line);
    physical["region"] = {{"startLine", where.line},
                          {"startColumn", 1 + codePoints(line.substr(0, where.column - 1))},
                          {"endColumn", 1 + codePoints(line.substr(0, where.column - 1 + where.length))}};
  }
  return {{"physicalLocation", physical}};
}

} // namespace

Json toSarif(const std::vector<Diagnostic>& diagnostics, const std::vector<SourceFile>& files, const std::filesystem::path& base)
{
  Json results = Json::array();
  std::set<std::string> codes;
  for (const auto& diagnostic : diagnostics) {
    codes.insert(diagnostic.code);
    Json result = {{"ruleId", diagnostic.code},
                   {"level", diagnostic.severity == Severity::Error ? "error" : "warning"},
                   {"message", {{"text", diagnostic.message + (diagnostic.hint.empty() ? "" : ". Hint: " + diagnostic.hint)}}}};
    if (diagnostic.where.file < files.size()) {
      result["locations"] = Json::array({location(diagnostic.where, files, base)});
    }
    if (diagnostic.related && diagnostic.related->file < files.size()) {
      Json related = location(*diagnostic.related, files, base);
      related["message"] = {{"text", diagnostic.relatedMessage}};
      result["relatedLocations"] = Json::array({related});
    }
    results.push_back(std::move(result));
  }
  Json rules = Json::array();
  for (const auto& code : codes) {
    rules.push_back({{"id", code}});
  }
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Json::array({{{"tool", {{"driver", {{"name", "caapolicy"}, {"version", CAAPOLICY_VERSION}, {"rules", rules}}}}},
                                 {"columnKind", "unicodeCodePoints"},
                                 {"results", results}}})}};
}

} // namespace caapolicy::cli
