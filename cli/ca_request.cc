// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ca_request.hh"

#include "policy/ascii.hh"
#include "policy/issuer_rules.hh"
#include "policy/similar.hh"

namespace caapolicy::cli {

void RequestOptions::check() const
{
  if (ca.empty() && (!account.empty() || !method.empty() || wildcard)) {
    throw Failure(kUsage, "--account, --method and --wildcard need --ca: whose request is it?");
  }
  if (!method.empty() && !isKnownMethod(lowerCase(method))) {
    const auto similar = mostSimilar(method, acmeMethods());
    throw Failure(kUsage, "--method: `" + method + "` is no validation method" + (similar ? "; did you mean `" + std::string(*similar) + "`?" : ""));
  }
}

CaRequest RequestOptions::forName(const Name& name) const { return {name, wildcard, Property::Issue, lowerCase(ca), account, lowerCase(method)}; }

void addRequestOptions(CLI::App& command, RequestOptions& options)
{
  command.add_option("--ca", options.ca, "Issuer domain of the CA that asks; then the exit status is the verdict")->type_name("CA");
  command.add_option("--account", options.account, "Its ACME account, as a URI")->type_name("URI");
  command.add_option("--method", options.method, "Its validation method: dns-01, http-01, …")->type_name("METHOD");
  command.add_flag("--wildcard", options.wildcard, "For *.NAME");
}

std::string requestText(const CaRequest& request)
{
  return request.ca + " for " + (request.wildcard ? "*." : "") + request.name.toText() + ", " + (request.account.empty() ? "no account" : request.account) + ", "
    + (request.method.empty() ? "no method" : request.method);
}

} // namespace caapolicy::cli
