// SPDX-License-Identifier: GPL-2.0-or-later
//
// Promise 1: whatever a certification authority asks, it reaches the verdict that the policy states.
#include "scenario.hh"
#include "synthesized_zone.hh"
#include "vocabulary.hh"

#include <catch2/catch.hpp>

namespace caapolicy::test {

namespace {

constexpr size_t kInstants = 4;
constexpr size_t kRequests = 8;

std::string saySo(const CaRequest& request, Instant now, const Verdict& verdict, bool wanted)
{
  std::string text = describe(request) + " at " + std::to_string(now) + ": the policy " + (wanted ? "allows" : "denies") + " it, but ";
  text += verdict.allow == wanted ? "the strict reading" : "the verdict";
  text += " is not so, decided at " + (verdict.decidedAt ? verdict.decidedAt->toText() : "no name") + ": ";
  return text + verdict.reason + " " + verdict.strictReason;
}

// A sample of requests for one name; what a CA decides by `source` is what the oracle says.
std::optional<std::string> verdictsAt(const Scenario& scenario, Random& random, const Name& name, Instant now, const CaaSource& source)
{
  const Oracle oracle(*scenario.policy);
  const auto grants = oracle.grants(name, now);
  const auto settings = oracle.settings(name);
  for (const auto& request : sample(scenario, random, requestsFor(name), kRequests)) {
    const bool wanted = Oracle::allows(request, grants, settings);
    const Verdict verdict = evaluate(request, source);
    // Nothing that the policy writes is read in two ways.
    if (verdict.allow != wanted || verdict.strictAllow != wanted) {
      return saySo(request, now, verdict, wanted);
    }
  }
  return std::nullopt;
}

using ZoneLookup = CaaLookup (SynthesizedZone::*)(const Name&) const;

// Through a zone: every governed name that the zone decides for.
std::optional<std::string> soundIn(const Scenario& scenario, ZoneLookup lookUp)
{
  Random random(scenario.seed);
  const Oracle oracle(*scenario.policy);
  const auto snapshot = Snapshot::compile(scenario.policy);
  const Zone wrapped(scenario.zone);
  const auto names = namesAround(scenario);
  for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
    const SynthesizedZone zone(*snapshot, wrapped, now);
    const CaaSource source = [&](const Name& name) { return (zone.*lookUp)(name); };
    for (const auto& name : names) {
      if (oracle.governing(name) == nullptr || isExcepted(oracle, wrapped, name)) {
        continue;
      }
      if (auto problem = verdictsAt(scenario, random, name, now, source)) {
        return problem;
      }
    }
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("every governed name means what the policy says when each answers for itself")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const CaaSource source = [&](const Name& name) -> CaaLookup {
        const auto view = snapshot->find(name.wire());
        return view.governed() ? CaaLookup{*snapshot->own(view, now).set} : CaaLookup{NoCaa{}};
      };
      for (const auto& name : namesAround(scenario)) {
        if (snapshot->find(name.wire()).governed() != (oracle.governing(name) != nullptr)) {
          return name.toText() + ": governed or not";
        }
        if (oracle.governing(name) == nullptr || hasUnderscoreLabel(name.wire())) {
          continue;
        }
        if (auto problem = verdictsAt(scenario, random, name, now, source)) {
          return problem;
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("a zone whose other names do not exist means what the policy says")
{
  requireForAll([](const Scenario& scenario) { return soundIn(scenario, &SynthesizedZone::lookUp); });
}

TEST_CASE("a zone that answers for its other names means what the policy says")
{
  requireForAll([](const Scenario& scenario) { return soundIn(scenario, &SynthesizedZone::lookUpAnswering); });
}

TEST_CASE("names mean the same in either case")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    for (const auto& name : namesAround(scenario)) {
      if (hasUnderscoreLabel(name.wire()) || name.toText().find('*') != std::string::npos) {
        continue; // no host name
      }
      std::string text = name.toText();
      for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] >= 'a' && text[i] <= 'z' && (scenario.seed + i) % 2 == 0) {
          text[i] = static_cast<char>(text[i] - 'a' + 'A');
        }
      }
      if (nameOf(text) != name) {
        return text;
      }
    }
    return std::nullopt;
  });
}

} // namespace caapolicy::test
