// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approve_line.hh"

#include "cli/shell.hh"

#include <algorithm>

namespace caapolicy::cli {

std::string approveLine(const ApproveLine& line)
{
  std::string text = "caapolicy approve " + quotedForShell(line.name) + " --issuer " + quotedForShell(line.issuer);
  text += line.account.empty() ? "" : " --account " + quotedForShell(line.account);
  text += line.method.empty() ? "" : " --method " + quotedForShell(line.method);
  return text + (line.wildcard ? " --wildcard=only" : "");
}

std::string renewalLine(const Approval& approval, const Grant& grant)
{
  constexpr int64_t kDay = 86400;
  const Issuer& issuer = grant.issuer;
  std::string text = "caapolicy approve " + quotedForShell(approval.name.toText()) + " --issuer " + quotedForShell(grant.writtenAs);
  if (grant.writtenAs == issuer.ca) { // a name under `issuers` has them already
    for (const auto& account : issuer.accounts) {
      text += " --account " + quotedForShell(account);
    }
    for (const auto& method : issuer.methods) {
      text += " --method " + quotedForShell(method);
    }
  }
  text += grant.wildcard == Wildcard::Only ? " --wildcard=only" : grant.wildcard == Wildcard::Also ? " --wildcard" : "";
  text += approval.subtree ? " --subtree" : "";
  const int64_t span = approval.from == kBeginningOfTime ? 30 * kDay : approval.until - approval.from;
  return text + " --for " + spanToText(span < kDay ? span : span / kDay * kDay);
}

} // namespace caapolicy::cli
