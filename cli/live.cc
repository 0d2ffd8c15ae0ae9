// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy live: who may issue for a name by what the DNS says, and is that what the policy says?
#include "cli/authoritative_server.hh"
#include "cli/ca_notes.hh"
#include "cli/ca_request.hh"
#include "cli/live_climb.hh"
#include "cli/policy_input.hh"
#include "cli/progress.hh"
#include "cli/validating_resolver.hh"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

constexpr double kShortestTimeout = 0.1, kLongestTimeout = 3600; // seconds

struct Options {
  std::vector<std::string> names;
  RequestOptions request;
  std::vector<std::string> servers, anchors;
  std::string resolver;
  double timeout{10};
  bool notes{false};
};

// Who is asked, with the words for it.
struct Source {
  enum class Kind : uint8_t { Server, Resolver, Root } kind;
  std::string address; // empty for the root
  std::unique_ptr<LookupSource> asked;
  AuthoritativeServer* server{nullptr};

  std::string title() const
  {
    switch (kind) {
    case Kind::Server: return address;
    case Kind::Resolver: return "the resolver " + address;
    case Kind::Root: break;
    }
    return "the DNS, from its root on";
  }
};

// What one source says of one name.
struct Answer {
  const Source* source;
  LiveClimb climb;
  std::optional<Soa> zone; // of a server that was asked directly
  std::optional<Verdict> verdict;
  std::optional<Comparison> comparison;

  // The same text for two that agree.
  std::string summary() const
  {
    if (climb.failed() || climb.leaves()) {
      return climb.failed() ? "failed: " + climb.steps.back().failure : climb.steps.back().owner().toText() + " is not served";
    }
    if (climb.decider() == nullptr) {
      return "no CAA";
    }
    std::vector<std::string> records;
    for (const auto& record : climb.decider()->set.records) {
      records.push_back(record.toText());
    }
    std::sort(records.begin(), records.end());
    return fmt::format("{}", fmt::join(records, ", "));
  }
};

const char* word(Security security)
{
  switch (security) {
  case Security::Unchecked: break;
  case Security::Secure: return "secure";
  case Security::Insecure: return "insecure";
  case Security::Indeterminate: return "indeterminate";
  case Security::Bogus: return "bogus";
  }
  return "unchecked";
}

const char* word(Outcome outcome)
{
  switch (outcome) {
  case Outcome::Records: return "records";
  case Outcome::NoCaa: return "nodata";
  case Outcome::NoName: return "nxdomain";
  case Outcome::NotServed: return "not-served";
  case Outcome::Failed: break;
  }
  return "failed";
}

Json textsOf(const std::vector<CaaRecord>& records)
{
  Json texts = Json::array();
  for (const auto& record : records) {
    texts.push_back(record.toText());
  }
  return texts;
}

class Live {
public:
  Live(const Common& common, const Options& options) : d_common(common), d_options(options), d_request(options.request)
  {
    for (const auto& text : options.names) {
      d_names.push_back(parseNameArgument(text));
    }
    d_request.check();
    if (!(options.timeout >= kShortestTimeout && options.timeout <= kLongestTimeout)) { // nan is neither
      throw Failure(kUsage, fmt::format("--timeout: `{}` is not a number of seconds from {} to {}", options.timeout, kShortestTimeout, kLongestTimeout));
    }
    makeSources();
    if (common.policyGiven || std::filesystem::exists(common.policy)) {
      readPolicy();
    }
    else {
      d_request.nameCa({}, Catalogue::builtIn());
    }
  }

  // What the DNS says is to be seen with a broken policy above all.
  void readPolicy()
  {
    const LoadResult loaded = Loader(d_common.policy).load(d_common.at);
    d_policy = loaded.snapshot;
    d_isPolicyBroken = !d_policy;
    if (d_isPolicyBroken) {
      std::cerr << errorPrefix() << "not compared: the policy `" << d_common.policy.string() << "` has errors; `caapolicy check` has them\n";
    }
    d_request.nameCa(loaded.issuers, *loaded.catalogue);
  }

  int run()
  {
    for (const auto& name : d_names) {
      const size_t first = d_answers.size();
      for (const auto& source : d_sources) {
        d_answers.push_back(ask(name, source));
        if (!d_common.json()) {
          print(name, d_answers.back());
        }
      }
      if (differ(first)) {
        d_differing.push_back(name);
        if (!d_common.json()) {
          printDifferences(name, first);
        }
      }
    }
    d_common.json() ? printJson(asJson()) : printNotes();
    const int code = exitCode();
    return code == kOk && d_isPolicyBroken ? int{kPolicyErrors} : code;
  }

private:
  void makeSources()
  {
    const std::chrono::milliseconds timeout(static_cast<int64_t>(d_options.timeout * 1000));
    std::vector<TrustAnchor> anchors;
    for (const auto& text : d_options.anchors) {
      const auto read = readTrustAnchors(text);
      anchors.insert(anchors.end(), read.begin(), read.end());
    }
    for (const auto& text : d_options.servers) {
      const DnsAddress address = parseDnsAddress("--server", text);
      auto server = std::make_unique<AuthoritativeServer>(address, anchors, timeout);
      AuthoritativeServer* const asked = server.get();
      d_sources.push_back({Source::Kind::Server, address.toText(), std::move(server), asked});
    }
    if (!d_options.resolver.empty() || d_options.servers.empty()) {
      ValidatingResolver::Settings settings{anchors.empty() ? rootTrustAnchors() : anchors, timeout, {}, {}};
      if (!d_options.resolver.empty()) {
        settings.forwarder = parseDnsAddress("--resolver", d_options.resolver);
      }
      const bool root = !settings.forwarder;
      d_sources.push_back({root ? Source::Kind::Root : Source::Kind::Resolver, root ? "" : settings.forwarder->toText(), std::make_unique<ValidatingResolver>(settings)});
    }
  }

  Answer ask(const Name& name, const Source& source) const
  {
    const Progress progress("asking " + source.title());
    Answer answer{&source, climbLive(name, *source.asked), {}, {}, {}};
    if (source.server != nullptr && !answer.climb.failed()) {
      answer.zone = source.server->zoneOf(name);
    }
    if (d_request.given()) {
      answer.verdict = judge(answer.climb, d_request.forName(name));
    }
    if (d_policy) {
      answer.comparison = compare(answer.climb, *d_policy, d_common.at);
    }
    return answer;
  }

  bool differ(size_t first) const
  {
    return std::any_of(d_answers.begin() + static_cast<ptrdiff_t>(first), d_answers.end(),
                       [&](const Answer& answer) { return answer.summary() != d_answers[first].summary(); });
  }

  // Exit status

  static bool isFailure(const Answer& answer)
  {
    // A server that has nothing to say of the name at all is the wrong one.
    return answer.climb.failed() || (answer.climb.leaves() && answer.climb.steps.size() == 1);
  }

  int exitCode() const
  {
    const bool asks = d_request.given();
    if (std::any_of(d_answers.begin(), d_answers.end(), [&](const Answer& answer) { return isFailure(answer) || (asks && !answer.verdict); })) {
      return kFailed;
    }
    return std::any_of(d_answers.begin(), d_answers.end(), [](const Answer& answer) { return answer.verdict && !answer.verdict->allow; }) ? kDenied : kOk;
  }

  // Text

  void print(const Name& name, const Answer& answer) const
  {
    std::cout << styled(Style::Heading, name.toText() + ", asked of " + answer.source->title());
    if (answer.zone) {
      std::cout << ", zone " << answer.zone->zone.toText() << ", serial " << answer.zone->serial;
    }
    if (answer.source->server != nullptr && d_options.anchors.empty()) {
      std::cout << ", DNSSEC not checked: --trust-anchor does";
    }
    std::cout << "\n";
    for (const auto& step : answer.climb.steps) {
      printStep(step);
    }
    std::cout << "  " << outcomeText(answer) << "\n";
    if (d_request.given()) {
      printVerdict(name, answer);
    }
    if (d_policy) {
      printComparison(name, answer);
    }
  }

  static void printStep(const Lookup& step)
  {
    std::string text = step.name.toText() + ": ";
    for (const auto& alias : step.aliases) {
      text += "alias of " + alias.target.toText() + ", ";
    }
    switch (step.outcome) {
    case Outcome::Records: text += "CAA"; break;
    case Outcome::NoCaa: text += "no CAA"; break;
    case Outcome::NoName: text += "no such name"; break;
    case Outcome::NotServed: text += "not served here (" + step.failure + ")"; break;
    case Outcome::Failed: text += (step.security == Security::Bogus ? "bogus: " : "failed: ") + step.failure; break;
    }
    if (step.outcome == Outcome::Records || step.outcome == Outcome::NoCaa || step.outcome == Outcome::NoName) {
      text += fmt::format(", TTL {}", step.ttl);
      if (step.security != Security::Unchecked) {
        text += std::string(", ") + word(step.security);
      }
    }
    std::cout << "  " << (step.outcome == Outcome::Failed ? styled(Style::Bad, text) : text) << "\n";
    for (const auto& record : step.set.records) {
      std::cout << "    " << record.toText() << "\n";
    }
  }

  static std::string outcomeText(const Answer& answer)
  {
    const Lookup& last = answer.climb.steps.back();
    if (answer.climb.failed()) {
      return "the lookup failed: " + std::string(last.security == Security::Bogus ? "no CA may issue" : "where the zone is signed no CA may issue; elsewhere it may after another try");
    }
    if (answer.climb.leaves()) {
      return last.owner().toText() + " is up to other servers: to see what decides, leave out --server, or ask a --resolver";
    }
    if (answer.climb.decider() == nullptr) {
      return "no CAA up to the root: every CA may issue";
    }
    return "the set at " + last.owner().toText() + " decides";
  }

  void printVerdict(const Name& name, const Answer& answer) const
  {
    const std::string what = requestText(d_request.forName(name));
    if (!answer.verdict) {
      std::cout << "  " << styled(Style::Warning, "no verdict") << ": " << what << "\n";
      return;
    }
    std::cout << "  " << (answer.verdict->allow ? styled(Style::Good, "allowed") : styled(Style::Bad, "denied")) << ": " << what << ": " << answer.verdict->reason << "\n";
    if (!answer.verdict->strictReason.empty()) {
      std::cout << "  " << styled(Style::Warning, "denied by a CA that reads it strictly") << ": " << answer.verdict->strictReason << "\n";
    }
  }

  void printComparison(const Name& name, const Answer& answer) const
  {
    if (!answer.comparison) {
      std::cout << "  not compared with the policy\n";
      return;
    }
    const Comparison& comparison = *answer.comparison;
    if (comparison.name != name) {
      std::cout << "  " << name.toText() << " is an alias: what counts is " << comparison.name.toText() << "\n";
    }
    if (!comparison.governed) {
      std::cout << "  the policy has no say: " << comparison.name.toText() << " is not governed by it\n";
      return;
    }
    if (comparison.same()) {
      const bool isAlias = comparison.name != name; // what the policy says of the name itself has no effect
      std::cout << "  " << styled(isAlias ? Style::Warning : Style::Good, "as the policy says") << (isAlias ? " of " + comparison.name.toText() : "") << "\n";
      return;
    }
    std::cout << "  " << styled(Style::Bad, "differs from the policy") << ", " << holderText(answer) << "\n";
    for (const auto& record : comparison.missing) {
      std::cout << "    in the policy, not seen: " << record.toText() << "\n";
    }
    for (const auto& record : comparison.extra) {
      std::cout << "    seen, not in the policy: " << record.toText() << "\n";
    }
  }

  // How long that may go on, or what it is due to.
  static std::string holderText(const Answer& answer)
  {
    switch (answer.source->kind) {
    case Source::Kind::Resolver:
      return fmt::format("until the cache of {} ends, in {} s at the latest, if the name servers have the policy: --server asks them", answer.source->address,
                         answer.climb.longestTtl());
    case Source::Kind::Server: return "which the server doesn't have, or not yet";
    case Source::Kind::Root: break;
    }
    return "which its name servers don't have, or not yet: --server asks each of them";
  }

  void printDifferences(const Name& name, size_t first) const
  {
    std::cout << styled(Style::Bad, name.toText() + ": the answers differ") << "\n";
    for (size_t i = first; i < d_answers.size(); ++i) {
      std::cout << "  " << d_answers[i].source->title() << (d_answers[i].zone ? fmt::format(", serial {}", d_answers[i].zone->serial) : "") << ": " << d_answers[i].summary() << "\n";
    }
  }

  std::vector<CaNote> notes() const
  {
    if (d_options.notes) {
      return allCaNotes();
    }
    std::vector<LiveClimb> climbs;
    bool differs = !d_differing.empty();
    for (const auto& answer : d_answers) {
      climbs.push_back(answer.climb);
      differs = differs || (answer.comparison && !answer.comparison->same());
    }
    return caNotesFor(climbs, d_request.wildcard, differs);
  }

  void printNotes() const
  {
    const auto all = notes();
    if (all.empty()) {
      return;
    }
    std::cout << styled(Style::Heading, "what CAs do:") << "\n";
    for (const auto& note : all) {
      std::cout << "  " << note.text << " " << styled(Style::Faint, "(" + note.source + ")") << "\n";
    }
  }

  // JSON

  Json asJson() const
  {
    Json json = {{"at", instantToText(d_common.at)}, {"policy", d_policy ? Json(d_common.policy.string()) : Json()}, {"answers", Json::array()}, {"differing", Json::array()},
                 {"notes", Json::array()}};
    for (size_t i = 0; i < d_answers.size(); ++i) {
      json["answers"].push_back(answerAsJson(d_names[i / d_sources.size()], d_answers[i]));
    }
    for (const auto& name : d_differing) {
      json["differing"].push_back(name.toText());
    }
    for (const auto& note : notes()) {
      json["notes"].push_back({{"id", note.id}, {"text", note.text}, {"source", note.source}});
    }
    return json;
  }

  Json answerAsJson(const Name& name, const Answer& answer) const
  {
    const char* const kind = answer.source->kind == Source::Kind::Server ? "server" : answer.source->kind == Source::Kind::Resolver ? "resolver" : "root";
    Json json = {{"name", name.toText()}, {"source", {{"kind", kind}}}, {"steps", Json::array()}, {"failed", isFailure(answer)}};
    if (!answer.source->address.empty()) {
      json["source"]["address"] = answer.source->address;
    }
    if (answer.zone) {
      json["zone"] = {{"name", answer.zone->zone.toText()}, {"serial", answer.zone->serial}};
    }
    for (const auto& step : answer.climb.steps) {
      json["steps"].push_back(stepAsJson(step));
    }
    const Lookup* decider = answer.climb.decider();
    json["decides"] = decider == nullptr ? Json() : Json(decider->owner().toText());
    if (d_request.given()) {
      json["verdict"] = Json();
      if (answer.verdict) {
        json["verdict"] = {{"allow", answer.verdict->allow}, {"reason", answer.verdict->reason}, {"strictAllow", answer.verdict->strictAllow}};
        if (!answer.verdict->strictReason.empty()) {
          json["verdict"]["strictReason"] = answer.verdict->strictReason;
        }
      }
    }
    if (answer.comparison) {
      const Comparison& comparison = *answer.comparison;
      json["comparison"] = {{"name", comparison.name.toText()}, {"governed", comparison.governed}};
      if (comparison.governed) {
        json["comparison"].update({{"same", comparison.same()}, {"missing", textsOf(comparison.missing)}, {"extra", textsOf(comparison.extra)}});
        if (!comparison.same() && answer.source->kind == Source::Kind::Resolver) {
          json["comparison"]["cacheEnds"] = answer.climb.longestTtl();
        }
      }
    }
    return json;
  }

  static Json stepAsJson(const Lookup& step)
  {
    Json json = {{"name", step.name.toText()}, {"outcome", word(step.outcome)}, {"rcode", step.rcode.empty() ? Json() : Json(step.rcode)}, {"aliases", Json::array()},
                 {"records", textsOf(step.set.records)}, {"ttl", step.ttl}, {"dnssec", word(step.security)}};
    for (const auto& alias : step.aliases) {
      json["aliases"].push_back({{"target", alias.target.toText()}, {"ttl", alias.ttl}});
    }
    if (!step.failure.empty()) {
      json["failure"] = step.failure;
    }
    return json;
  }

  const Common& d_common;
  const Options& d_options;
  RequestOptions d_request; // with the CA's issuer domain
  std::vector<Name> d_names;
  std::vector<Source> d_sources;
  std::shared_ptr<const Snapshot> d_policy; // null: there is none
  bool d_isPolicyBroken{false};
  std::vector<Answer> d_answers;            // for each name those of all sources
  std::vector<Name> d_differing;            // names
};

} // namespace

void addLive(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("live", "Say who may issue for a name by what the DNS says, and whether the policy says the same",
                                  "  caapolicy live shop.example.com\n"
                                  "  caapolicy live shop.example.com --ca letsencrypt.org --method dns-01\n"
                                  "  caapolicy live shop.example.com www.example.com --server 192.0.2.1 --server '[2001:db8::1]:5300'\n"
                                  "  caapolicy live shop.example.com --resolver 192.0.2.53",
                                  [&program, options] { return Live(program.common(), *options).run(); });
  command.add_option("name", options->names, "Host names, without `*.`")->required()->type_name("NAME");
  addRequestOptions(command, options->request);
  command.add_option("--server", options->servers, "Ask this name server directly; several times for several")->type_name("ADDR[:PORT]")->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--resolver", options->resolver, "Ask this resolver instead of going from the root on; with --server, besides")->type_name("ADDR[:PORT]");
  command.add_option("--trust-anchor", options->anchors, "DS or DNSKEY records instead of the root's; with --server, what it says is validated with them")
    ->type_name("FILE|RECORD")->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--timeout", options->timeout, "Seconds for each name that is looked up; default: 10")->type_name("S");
  command.add_flag("--notes", options->notes, "All that is known of what CAs do, not only what matters to what was seen");
}

} // namespace caapolicy::cli
