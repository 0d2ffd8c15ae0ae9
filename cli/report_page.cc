// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/report_page.hh"

#include "cli/embedded_files.hh"
#include "policy/clock.hh"

#include <algorithm>
#include <map>
#include <vector>

namespace caapolicy::cli {

namespace {

constexpr size_t kFallbackRows = 100;

std::string escaped(const std::string& text)
{
  std::string html;
  for (const char c : text) {
    switch (c) {
    case '&': html += "&amp;"; break;
    case '<': html += "&lt;"; break;
    case '>': html += "&gt;"; break;
    case '"': html += "&quot;"; break;
    default: html += c;
    }
  }
  return html;
}

// HTML 4.12.1.3: within a script element only `<` can end it, or hide its end; in JSON it stands in strings alone.
std::string inScript(const Json& json)
{
  std::string text;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    text += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return text;
}

std::string whoOf(const Json& report, const Json& grants)
{
  std::string who;
  for (const auto& grant : grants) {
    const Json& issuer = report.at("issuers").at(grant.at("issuer").get<size_t>());
    who += (who.empty() ? "" : ", ") + issuer.at("ca").get<std::string>();
    who += grant.at("wildcard") == "no" ? "" : grant.at("wildcard") == "also" ? " (wildcards too)" : " (wildcards only)";
  }
  return who.empty() ? "nobody" : who;
}

using Row = std::vector<std::string>;

std::string table(const std::string& caption, const Row& head, const std::vector<Row>& rows, size_t upTo = kFallbackRows)
{
  std::string html = "<table><caption>" + escaped(caption) + (rows.size() > upTo ? ", the first " + std::to_string(upTo) + " of " + std::to_string(rows.size()) : "") + "</caption>\n<thead><tr>";
  for (const auto& cell : head) {
    html += "<th scope=\"col\">" + escaped(cell) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (size_t row = 0; row < std::min(rows.size(), upTo); ++row) {
    html += "<tr>";
    for (const auto& cell : rows[row]) {
      html += "<td>" + escaped(cell) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

// Those in force that end within 30 days, the soonest first.
std::vector<Row> endingSoon(const Json& report)
{
  std::vector<Row> rows;
  for (const auto& approval : report.at("approvals")) {
    if (approval.contains("renew")) {
      std::string renew;
      for (const auto& line : approval.at("renew")) {
        renew += (renew.empty() ? "" : "; ") + line.get<std::string>();
      }
      rows.push_back({approval.at("name"), approval.at("until"), whoOf(report, approval.at("grants")), renew});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a[1] < b[1]; });
  return rows;
}

std::string figures(const Json& report, size_t soon)
{
  const auto count = [](const Json& list, const char* severity) {
    return std::count_if(list.begin(), list.end(), [severity](const Json& problem) { return problem.at("severity") == severity; });
  };
  const Json& problems = report.at("problems");
  std::string html = "<dl class=\"figures\" aria-label=\"At a glance\">\n";
  const auto add = [&html](const std::string& what, const std::string& value, const std::string& style = "") {
    html += "<div><dt>" + what + "</dt><dd" + (style.empty() ? "" : " class=\"" + style + "\"") + ">" + value + "</dd></div>\n";
  };
  add("subtrees", report.at("counts").at("subtrees").dump());
  add("approvals in force, of " + report.at("counts").at("approvals").dump(), report.at("counts").at("live").dump());
  add("ending within 30 days", std::to_string(soon), soon > 0 ? "warn" : "");
  const bool known = !report.at("attempts").is_null();
  add("denied names", known ? std::to_string(report.at("attempts").size()) : "not known", known ? "" : "text");
  add("errors", std::to_string(count(problems, "error")), count(problems, "error") > 0 ? "bad" : "");
  add("warnings", std::to_string(count(problems, "warning")), count(problems, "warning") > 0 ? "warn" : "");
  return html + "</dl>";
}

std::string fallback(const Json& report, const std::vector<Row>& soon)
{
  std::string html = table("Approvals ending within 30 days", {"Name", "Ends", "Who may issue", "To go on"}, soon);
  std::vector<Row> rows;
  for (const auto& subtree : report.at("subtrees")) {
    rows.push_back({subtree.at("name"), subtree.at("denied").get<bool>() ? "nobody, not even by an approval" : whoOf(report, subtree.at("allow"))});
  }
  html += table("Who may issue where, besides approvals", {"At and below", "Who may issue"}, rows, rows.size());
  rows.clear();
  for (const auto& attempt : report.at("attempts")) {
    rows.push_back({attempt.at("name"), attempt.at("count").dump(), attempt.at("last")});
  }
  html += report.at("attempts").is_null() ? "<p>" + escaped(report.at("attemptsMissing").get<std::string>()) + "</p>\n" : table("Denied attempts", {"Name", "Times", "Last"}, rows);
  rows.clear();
  for (const auto& problem : report.at("problems")) {
    rows.push_back({problem.at("file").get<std::string>() + (problem.contains("line") ? ":" + problem.at("line").dump() : ""),
                    problem.at("severity").get<std::string>() + ": " + problem.at("message").get<std::string>()});
  }
  return html + table("Problems", {"Place", "Problem"}, rows);
}

// `@word@` of the template, each once: what is put in is not looked at again.
std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& values)
{
  std::string page;
  while (true) {
    const size_t begin = text.find('@');
    page += text.substr(0, begin);
    if (begin == std::string_view::npos) {
      return page;
    }
    const size_t end = text.find('@', begin + 1);
    page += values.at(std::string(text.substr(begin + 1, end - begin - 1)));
    text.remove_prefix(end + 1);
  }
}

} // namespace

std::string reportPage(const Json& report)
{
  const std::string at = report.at("at");
  const auto soon = endingSoon(report);
  return filled(kReportPage, {{"version", escaped(report.at("version").get<std::string>())},
                              {"policy", escaped(report.at("policy").get<std::string>())},
                              {"at", at},
                              {"date", at.substr(0, 10)},
                              {"atText", at.substr(0, 10) + " " + at.substr(11, 5) + " UTC"},
                              {"figures", figures(report, soon.size())},
                              {"fallback", fallback(report, soon)},
                              {"style", std::string(kReportStyle)},
                              {"script", std::string(kReportScript)},
                              {"data", inScript(report)}});
}

} // namespace caapolicy::cli
