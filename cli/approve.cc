// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy approve: lets a CA issue for a name, by a file of its own.
#include "cli/approval_file.hh"
#include "cli/approval_words.hh"
#include "cli/ca_request.hh"
#include "cli/policy_change.hh"
#include "cli/policy_input.hh"
#include "policy/check_redundant.hh"
#include "policy/file_approvals.hh"
#include "policy/grant_text.hh"
#include "policy/issuer_match.hh"
#include "policy/issuer_rules.hh"
#include "policy/similar.hh"
#include "policy/utf8.hh"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string name, issuer;
  std::vector<std::string> accounts, methods;
  std::string wildcard{"false"};
  bool subtree{false};
  std::string span, until;
  std::string reason, ticket;
  std::optional<std::string> by;
  WantedPlace place;
  bool dryRun{false};
};

std::string checkedNote(const std::string& option, const std::string& text)
{
  if (firstInvalidUtf8(text) || std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    throw Failure(kUsage, option + " must be one line of UTF-8 text");
  }
  return text;
}

// Whom sudo speaks for; a variable of the environment says nothing where anybody could have set it.
std::string currentUser()
{
  if (const char* const sudo = std::getenv("SUDO_USER"); sudo != nullptr && geteuid() == 0) {
    const std::string user = sudo;
    if (!user.empty() && user.size() <= 64 && std::all_of(user.begin(), user.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; })) {
      return user;
    }
  }
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  return getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr ? found->pw_name : "";
}

Instant endFrom(const Options& options, Instant from)
{
  if (!options.span.empty()) {
    const auto seconds = parseSpan(options.span);
    if (!seconds || *seconds > 1000 * 366 * int64_t{86400}) {
      throw Failure(kUsage, "--for: `" + options.span + "` is not a span such as 30d: a whole number and `s`, `m`, `h`, `d` or `w`");
    }
    return from + *seconds;
  }
  if (options.until.empty()) {
    return kEndOfTime;
  }
  const Instant until = parseInstantOption("--until", options.until);
  if (until <= from) {
    throw Failure(kUsage, "--until: `" + options.until + "` is not after " + instantToText(from) + ", when the approval begins");
  }
  return until;
}

// What can be known without the policy.
NewApproval readOptions(const Common& common, const Options& options)
{
  NewApproval approval;
  approval.name = parseNameArgument(options.name);
  approval.issuer = options.issuer;
  if (approval.issuer.find('.') != std::string::npos) {
    auto parsed = parseIssuerDomain(approval.issuer);
    if (parsed.domain.empty()) {
      throw Failure(kUsage, "--issuer: `" + options.issuer + "` is no issuer domain: " + parsed.fault);
    }
    approval.issuer = std::move(parsed.domain);
  }
  for (const auto& account : options.accounts) {
    if (const auto fault = accountFault(account)) {
      throw Failure(kUsage, "--account: `" + account + "` can't be an account: " + *fault);
    }
  }
  for (const auto& method : options.methods) {
    approval.methods.push_back(parseMethod(method));
  }
  approval.accounts = options.accounts;
  if (options.wildcard != "true" && options.wildcard != "false" && options.wildcard != "only") {
    throw Failure(kUsage, "--wildcard: `" + options.wildcard + "` must be `true`, `false` or `only`");
  }
  approval.wildcard = options.wildcard == "only" ? Wildcard::Only : options.wildcard == "true" ? Wildcard::Also : Wildcard::No;
  approval.subtree = options.subtree;
  approval.from = common.at;
  approval.until = endFrom(options, common.at);
  approval.reason = checkedNote("--reason", options.reason);
  approval.ticket = checkedNote("--ticket", options.ticket);
  approval.by = checkedNote("--by", options.by ? *options.by : currentUser());
  return approval;
}

// A name under `issuers` must be there. With accounts or methods of the command line it becomes its CA, bound to those,
// and to what it is bound to itself where they say nothing; never to more.
void resolveIssuer(NewApproval& approval, const std::map<std::string, Issuer>& issuers)
{
  if (approval.issuer.find('.') != std::string::npos) {
    return;
  }
  const auto found = issuers.find(approval.issuer);
  if (found == issuers.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, issuer] : issuers) {
      names.emplace_back(name);
    }
    throw Failure(kUsage, "--issuer: the policy has no issuer `" + approval.issuer + "`" + didYouMean(approval.issuer, names, "; a CA is named by its issuer domain, such as letsencrypt.org"));
  }
  if (approval.accounts.empty() && approval.methods.empty()) {
    return;
  }
  const Issuer& issuer = found->second;
  Issuer narrowed{issuer.ca, approval.accounts.empty() ? issuer.accounts : approval.accounts, approval.methods.empty() ? issuer.methods : approval.methods};
  if (!isWithin(narrowed, issuer)) {
    const bool byAccount = excessOf(narrowed, issuer) == Excess::Accounts;
    throw Failure(kUsage, std::string(byAccount ? "--account" : "--method") + ": `" + *firstBeyond(byAccount ? narrowed.accounts : narrowed.methods, byAccount ? issuer.accounts : issuer.methods) + "` is not among those of the issuer `" + approval.issuer + "`: "
                    + joined(byAccount ? issuer.accounts : issuer.methods) + "; name the CA, " + issuer.ca + ", to bind it to others");
  }
  approval.issuer = narrowed.ca;
  approval.accounts = std::move(narrowed.accounts);
  approval.methods = std::move(narrowed.methods);
}

// The one approval of a file.
Approval approvalIn(const Policy& policy, const std::filesystem::path& file)
{
  const auto placed = std::find_if(policy.approvals.begin(), policy.approvals.end(), [&](const PlacedApprovals& approvals) { return policy.files[approvals.file].path == file; });
  return placed->approvals->at(0, placed->file);
}

class Approving {
public:
  Approving(const Common& common, const Options& options) : d_common(common), d_options(options), d_new(readOptions(common, options)), d_change(common) {}

  int run()
  {
    resolveIssuer(d_new, d_change.before().issuers);
    PolicyIndex index(before());
    if (index.denied(d_new.name.wire())) {
      throw Failure(kPolicyErrors, "`" + d_new.name.toText() + "` is denied until the file that it is delegated to is mended; nothing was written");
    }
    d_path = placeForApproval(d_change.before(), d_common.policy, d_new, d_options.place);
    d_text = approvalText(d_new);
    d_after = d_change.check({{d_path, d_text}});
    Approval approval = approvalIn(d_after.snapshot->policy(), d_path);
    approval.where.file = UINT32_MAX; // after all that is there
    if (const auto covering = findCovering(index, approval)) {
      sayCovered(*covering);
      return kOk;
    }
    refuseTypingError();
    warnOfBindings();
    if (!d_options.dryRun) {
      d_change.write({{d_path, d_text}});
    }
    d_common.json() ? printJson(asJson()) : printText();
    return kOk;
  }

private:
  const Snapshot& before() const { return *d_change.before().snapshot; }
  const Snapshot& after() const { return *d_after.snapshot; }

  // An approval that no CA can use is a letter of the domain that was left out.
  void refuseTypingError() const
  {
    for (const auto& warning : warnings()) {
      if (warning.code == "ca-unknown" && warning.hint.starts_with("did you mean")) {
        throw Failure(kUsage, "--issuer: " + warning.message + "; " + warning.hint + " A CA of your own belongs into the policy's `catalogue`. Nothing was written");
      }
    }
  }

  // A CA goes by any of the records: one without a binding makes those of the others mean nothing.
  void warnOfBindings()
  {
    const Approval& approval = approvalIn(d_after.snapshot->policy(), d_path);
    const auto reason = before().explain(d_new.name.wire(), d_common.at);
    for (const auto& grant : approval.grants) {
      for (const auto& source : reason.sources) {
        const Issuer& bound = source.grant->issuer;
        const bool losesAccount = grant.issuer.accounts.empty() && !bound.accounts.empty();
        const bool losesMethod = grant.issuer.methods.empty() && !bound.methods.empty();
        if (bound.ca == grant.issuer.ca && (losesAccount || losesMethod) && isWithin(bound, grant.issuer)) {
          d_widened.push_back({"binding-widened", Severity::Warning, grant.where,
                               "any " + std::string(losesAccount ? "account" : "method") + " of `" + bound.ca + "` may issue for `" + d_new.name.toText() + "` by this",
                               "bind it with " + std::string(losesAccount ? "--account" : "--method"), afterChange(source.grant->where),
                               "the grant here is bound to " + joined(losesAccount ? bound.accounts : bound.methods) + ", which means nothing beside it"});
        }
      }
    }
  }

  // The file of a place has another number there, where the new file comes before it.
  Location afterChange(Location where) const
  {
    const std::string& path = d_change.policy().files[where.file].path;
    const auto found = std::find_if(d_after.files.begin(), d_after.files.end(), [&path](const SourceFile& file) { return file.path == path; });
    where.file = static_cast<uint32_t>(found - d_after.files.begin());
    return where;
  }

  std::vector<Diagnostic> warnings() const
  {
    std::vector<Diagnostic> found = d_widened;
    std::copy_if(d_after.diagnostics.begin(), d_after.diagnostics.end(), std::back_inserter(found), [this](const Diagnostic& diagnostic) {
      return diagnostic.where.file < d_after.files.size() && d_after.files[diagnostic.where.file].path == d_path;
    });
    return found;
  }

  void sayCovered(const GrantSource& covering) const
  {
    const std::string place = placeOf(d_change.policy(), covering.grant->where);
    const bool isApproval = covering.approval != nullptr;
    if (d_common.json()) {
      Json json = {{"approved", false}, {"name", d_new.name.toText()}, {"grantedAlready", {{"issuer", covering.grant->writtenAs}, {"place", place}}}};
      if (isApproval) {
        json["grantedAlready"]["until"] = covering.approval->until == kEndOfTime ? Json() : Json(instantToText(covering.approval->until));
      }
      printJson(json);
      return;
    }
    std::cout << "granted already: " << d_new.name.toText() << " for " << covering.grant->writtenAs
              << (isApproval ? ", approved at " : ", allowed in the subtree " + covering.subtree->name.toText() + " at ") << place
              << (isApproval ? " " + endOf(*covering.approval) : "") << "; nothing was written\n";
  }

  void printText() const
  {
    for (const auto& warning : warnings()) { // first: they are what should be read
      std::cerr << renderForTerminal(warning, d_after.files, Stream::Err);
    }
    const Approval& approval = approvalIn(after().policy(), d_path);
    const std::string name = d_new.name.toText();
    std::cout << styled(Style::Good, d_options.dryRun ? "would approve" : "approved") << ": " << name << " for " << issuersOf(approval) << " (" << scopeOf(approval) << ") " << endOf(approval) << "\n";
    std::cout << (d_options.dryRun ? "would write: " : "wrote: ") << d_path.string() << "\n";
    if (d_options.dryRun) {
      std::cout << "  " << indented(d_text) << "\n";
    }
    std::cout << "before: " << holdersText(before(), d_new.name, d_common.at) << "\n";
    std::cout << "after: " << holdersText(after(), d_new.name, d_common.at) << "\n";
    std::cout << styled(Style::Heading, "records:") << "\n";
    for (const auto& line : recordLines(after(), d_new.name, d_common.at)) {
      std::cout << "  " << line << "\n";
    }
    if (!d_options.dryRun) {
      std::cout << (d_common.atGiven ? "all of this as of " + instantToText(d_common.at) + ", when the approval begins" : inForceWhen(before(), d_new.name, d_common.at)) << "\n";
    }
    if (approval.until != kEndOfTime) {
      std::cout << "it ends by itself; a CA may still act on what it saw for up to " << actsOnFor(after(), d_new.name, d_common.at) << " after that\n";
    }
  }

  static std::string indented(std::string text)
  {
    text.pop_back();
    for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      text.insert(at + 1, "  ");
    }
    return text;
  }

  Json asJson() const
  {
    Json json = {{"approved", !d_options.dryRun}, {"file", d_path.string()}};
    if (d_options.dryRun) {
      json["text"] = d_text;
    }
    json["approval"] = cli::toJson(approvalIn(after().policy(), d_path), after().policy(), d_common.at);
    json["before"] = holders(before(), d_new.name, d_common.at);
    json["after"] = holders(after(), d_new.name, d_common.at);
    json["records"] = recordLines(after(), d_new.name, d_common.at);
    json["warnings"] = Json::array();
    for (const auto& warning : warnings()) {
      json["warnings"].push_back(cli::toJson(warning, d_after.files));
    }
    return json;
  }


  const Common& d_common;
  const Options& d_options;
  NewApproval d_new;
  PolicyChange d_change;
  std::filesystem::path d_path;
  std::string d_text;
  LoadResult d_after;
  std::vector<Diagnostic> d_widened;
};

} // namespace

void addApprove(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("approve", "Let a CA issue for a name",
                                  "  caapolicy approve shop.example.com --issuer le-web --for 30d --ticket SEC-1234\n"
                                  "  caapolicy approve shop.example.com --issuer letsencrypt.org --method dns-01 --wildcard\n"
                                  "  caapolicy approve shop.example.com --issuer digicert.com --until 2027-01-01T00:00:00Z --dry-run",
                                  [&program, options] { return Approving(program.common(), *options).run(); });
  command.add_option("name", options->name, "Host name, without `*.`")->required()->type_name("NAME");
  command.add_option("--issuer", options->issuer, "A name under `issuers` of the policy, or a CA's issuer domain")->required()->type_name("ISSUER");
  command.add_option("--account", options->accounts, "Only this ACME account, as a URI; may be repeated")->expected(1)->take_all()->type_name("URI");
  command.add_option("--method", options->methods, "Only by this validation method; may be repeated")->expected(1)->take_all()->type_name("METHOD");
  command.add_flag("--wildcard", options->wildcard, "For *.NAME as well; --wildcard=only: for nothing else");
  command.add_flag("--subtree", options->subtree, "For every name below as well, as far as the subtree reaches");
  auto* span = command.add_option("--for", options->span, "How long, from now or --at: 30d; default: for ever, where the policy lets it be")->type_name("SPAN");
  command.add_option("--until", options->until, "When it ends, as 2027-01-01T00:00:00Z")->type_name("TIME")->excludes(span);
  command.add_option("--reason", options->reason, "Why, for people")->type_name("TEXT");
  command.add_option("--ticket", options->ticket, "Where it was asked for, for people")->type_name("TEXT");
  command.add_option("--by", options->by, "Who approves it; default: the user, or who used sudo")->type_name("TEXT");
  auto* folder = command.add_option("--dir", options->place.folder, "The folder to write to; default: that of the first `include` that fits")->type_name("FOLDER");
  command.add_option("--file", options->place.file, "The file to write; default: a name of its own")->type_name("FILE")->excludes(folder);
  command.add_flag("--dry-run", options->dryRun, "Check and say what would change, and write nothing");
}

} // namespace caapolicy::cli
