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
  if (!method.empty()) {
    parseMethod(method);
  }
}

void RequestOptions::nameCa(const std::map<std::string, Issuer>& issuers, const Catalogue& catalogue)
{
  if (ca.empty() || ca.find('.') != std::string::npos) {
    return;
  }
  if (const auto named = issuers.find(ca); named != issuers.end()) {
    ca = named->second.ca;
    return;
  }
  if (const Ca* known = catalogue.find(ca)) {
    ca = known->domains.front();
    return;
  }
  std::vector<std::string_view> words = catalogue.ids();
  for (const auto& [name, issuer] : issuers) {
    words.emplace_back(name);
  }
  throw Failure(kUsage, "--ca: `" + ca + "` is no issuer domain, no name under `issuers` and no id of a CA" + didYouMean(ca, words));
}

CaRequest RequestOptions::forName(const Name& name) const { return {name, wildcard, Property::Issue, lowerCase(ca), account, lowerCase(method)}; }

std::string parseMethod(const std::string& text)
{
  std::string method = lowerCase(text);
  if (!isKnownMethod(method)) {
    throw Failure(kUsage, "--method: `" + text + "` is no validation method" + didYouMean(text, acmeMethods()));
  }
  return method;
}

void addRequestOptions(CLI::App& command, RequestOptions& options)
{
  command.add_option("--ca", options.ca, "The CA that asks: its issuer domain, its id in `caapolicy ca list`, or a name under `issuers`; then the exit status is the verdict")->type_name("CA");
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
