// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approve_line.hh"

#include "cli/shell.hh"

namespace caapolicy::cli {

std::string approveLine(const ApproveLine& line)
{
  std::string text = "caapolicy approve " + quotedForShell(line.name) + " --issuer " + quotedForShell(line.issuer);
  for (const auto& account : line.accounts) {
    text += " --account " + quotedForShell(account);
  }
  for (const auto& method : line.methods) {
    text += " --method " + quotedForShell(method);
  }
  text += line.wildcard == Wildcard::Only ? " --wildcard=only" : line.wildcard == Wildcard::Also ? " --wildcard" : "";
  text += line.subtree ? " --subtree" : "";
  return text + (line.span.empty() ? "" : " --for " + line.span);
}

std::string renewalLine(const Approval& approval, const Grant& grant)
{
  constexpr int64_t kDay = 86400;
  const int64_t span = approval.from == kBeginningOfTime ? 30 * kDay : approval.until - approval.from;
  ApproveLine line{approval.name.toText(), grant.writtenAs, {}, {}, grant.wildcard, approval.subtree, spanToText(span < kDay ? span : span / kDay * kDay)};
  if (grant.writtenAs == grant.issuer.ca) { // a name under `issuers` has them already
    line.accounts = grant.issuer.accounts;
    line.methods = grant.issuer.methods;
  }
  return approveLine(line);
}

} // namespace caapolicy::cli
