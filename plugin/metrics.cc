// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/metrics.hh"

#include "plugin/recorder.hh"

namespace caapolicy {

Metrics& metrics()
{
  static Metrics metrics;
  return metrics;
}

void Metrics::declare(const PolicyManager& manager)
{
  const auto counter = [](const char* name, const char* help) {
    S.declare(name, help, StatType::counter);
    return S.getPointer(name);
  };
  d_granted = counter("caapolicy-answers-granted", "CAA answers with an issuer that the policy grants");
  d_denied = counter("caapolicy-answers-denied", "CAA answers that deny every issuer");
  d_passed = counter("caapolicy-answers-passed", "CAA answers that the policy left as they are");
  d_alias = counter("caapolicy-answers-alias", "Those of them for governed names that are aliases, whose targets decide");

  const auto value = [&manager](const char* name, const char* help, StatType type, auto get) {
    S.declare(
      name, help, [&manager, get](const std::string&) { return static_cast<uint64_t>(get(manager.status())); }, type);
  };
  const auto recorded = [](const char* name, const char* help, StatType type, auto get) {
    S.declare(
      name, help, [get](const std::string&) { return static_cast<uint64_t>(get(*Recorder::running())); }, type);
  };
  recorded("caapolicy-attempts", "Names that were denied, and are remembered", StatType::gauge, [](const Recorder& recorder) { return recorder.attempts().names(); });
  recorded("caapolicy-attempts-dropped", "Denied names that made room for others", StatType::counter, [](const Recorder& recorder) { return recorder.attempts().dropped(); });
  recorded("caapolicy-attempts-missed", "Denials that came too fast to be remembered", StatType::counter, [](const Recorder& recorder) { return recorder.attempts().missed(); });
  recorded("caapolicy-events-lost", "Events that could not be written", StatType::counter, [](const Recorder& recorder) { return recorder.events().lost(); });
  using Status = const PolicyManager::Status&;
  value("caapolicy-names", "Names that the policy lists", StatType::gauge, [](Status status) { return status.counts.names; });
  value("caapolicy-approvals-live", "Approvals in force", StatType::gauge, [](Status status) { return status.counts.live; });
  value("caapolicy-approvals-expiring", "Approvals in force that end within 7 days", StatType::gauge,
        [](Status status) { return status.counts.expiring; });
  value("caapolicy-reloads-good", "Reloads of the policy without an error", StatType::counter,
        [](Status status) { return status.reloadsGood; });
  value("caapolicy-reloads-failed", "Reloads of the policy with an error", StatType::counter,
        [](Status status) { return status.reloadsFailed; });
  value("caapolicy-loaded", "When the policy was last loaded without an error in the root policy, in seconds since 1970", StatType::gauge,
        [](Status status) { return status.loaded; });
  value("caapolicy-current", "1 when the policy in force is the one in the files", StatType::gauge,
        [](Status status) { return status.current ? 1 : 0; });
}

} // namespace caapolicy
