// SPDX-License-Identifier: GPL-2.0-or-later
//
// What PowerDNS sees of the module: a factory named `caapolicy`, which registers itself when the module is loaded.
//
// PowerDNS calls declareArguments() while it reads the launch line, before it becomes a daemon, and make() afterwards,
// once for each of its threads.
#include "plugin/control.hh"
#include "plugin/metrics.hh"
#include "plugin/overlay.hh"
#include "plugin/pdns.hh"
#include "plugin/policy_zones.hh"
#include "plugin/recorder.hh"
#include "plugin/wrapped.hh"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace caapolicy {

namespace {

class CaapolicyFactory : public BackendFactory {
public:
  CaapolicyFactory() : BackendFactory("caapolicy") {}

  void declareArguments(const std::string& suffix) override
  {
    refuseOtherRelease();
    checkLaunchLine(arg()["launch"]);
    // The same for every instance, so without the suffix.
    declare("", "policy", "File of the CAA policy", "/etc/powerdns/caa/policy.yaml");
    declare("", "nonexistent-names", "What a CAA query gets for a name that doesn't exist: answer or nxdomain", "answer");
    declare("", "watch", "Notice changes of the policy's files", "yes");
    declare("", "attempts", "How many names that were denied are remembered; 0: none", "10000");
    declare("", "events", "File to append what happens to, as JSON Lines; empty: none", "");
    const auto module = WrappedModule::fromSuffix(suffix);
    if (!module.none()) {
      wrappedFactory(module).declareArguments(module.suffix);
    }
  }

  DNSBackend* make(const std::string& suffix) override { return makeOverlay(suffix, &BackendFactory::make); }

  // Made for threads that need keys and metadata only; some backends save themselves loading their zones then.
  DNSBackend* makeMetadataOnly(const std::string& suffix) override { return makeOverlay(suffix, &BackendFactory::makeMetadataOnly); }

private:
  // Layouts and virtual functions change between releases, even within a series: better no start than a crash.
  static void refuseOtherRelease()
  {
    const auto running = pdns::runningRelease();
    if (!running.empty() && running != pdns::kBuiltFor) {
      throw PDNSException("this caapolicy module was built for PowerDNS " + std::string(pdns::kBuiltFor) + ", but this is "
                          + running + ": build it again");
    }
  }

  static DNSBackend* makeOverlay(const std::string& suffix, DNSBackend* (BackendFactory::*makeWrapped)(const std::string&))
  {
    const auto module = WrappedModule::fromSuffix(suffix);
    // pdnsutil manages what is stored. The policy's own zones have serials of their own.
    PolicyManager& manager = startedManager(module.none());
    const auto another = [module, &manager](auto make) { return makeWrappedBy(module, manager, make); };
    const OverlaySettings settings{answersNonexistent(), arg().parmIsset("daemon") && !module.none(),
                                   [another] { return another(&BackendFactory::make); }};
    return new OverlayBackend(another(makeWrapped), manager, settings);
  }

  static std::unique_ptr<DNSBackend> makeWrappedBy(const WrappedModule& module, PolicyManager& manager,
                                                   DNSBackend* (BackendFactory::*make)(const std::string&))
  {
    if (module.none()) {
      return std::make_unique<PolicyZonesBackend>(manager);
    }
    std::unique_ptr<DNSBackend> wrapped((wrappedFactory(module).*make)(module.suffix));
    if (wrapped == nullptr) {
      throw PDNSException("caapolicy: the module `" + module.name + "` gave no backend");
    }
    return wrapped;
  }

  static bool answersNonexistent()
  {
    const std::string setting = arg()["caapolicy-nonexistent-names"];
    if (setting != "answer" && setting != "nxdomain") {
      throw PDNSException("caapolicy-nonexistent-names is `" + setting + "`; it must be `answer` or `nxdomain`");
    }
    return setting == "answer";
  }

  // What is missing for `cname: flatten`, as lines of the configuration.
  static std::vector<std::string> flattenNeeds()
  {
    std::vector<std::string> lines;
    if (!arg().parmIsset("daemon")) { // pdnsutil serves nobody
      return lines;
    }
    if (!arg().mustDo("expand-alias")) {
      lines.emplace_back("expand-alias=yes");
    }
    if (!arg().mustDo("resolver")) {
      lines.emplace_back("resolver=ADDRESS (of a resolver)");
    }
    return lines;
  }

  // One for the process, for ever: its thread and PowerDNS's threads use it until the end. The first backend is made
  // after PowerDNS has become a daemon and dropped its privileges, so that is when files are read and threads begin.
  static PolicyManager& startedManager(bool standalone)
  {
    static PolicyManager* const manager = [standalone] {
      auto* made = new PolicyManager(arg()["caapolicy-policy"], standalone ? std::vector<std::string>() : flattenNeeds());
      made->onSwap(standalone ? updateZoneCache : warnOfZones);
      if (arg().parmIsset("daemon")) { // pdns_server; pdnsutil manages what is stored and needs no policy for that
        made->start(true, arg().mustDo("caapolicy-watch"));
        Recorder::start(static_cast<size_t>(std::max(arg().asNum("caapolicy-attempts"), 0)), arg()["caapolicy-events"],
                        [made] { return made->serving()->snapshot; });
        metrics().declare(*made);
        registerControl(*made);
      }
      return made;
    }();
    return *manager;
  }
};

// Made when the module is loaded.
class Registration {
public:
  Registration()
  {
    pdns::registerFactory(std::make_unique<CaapolicyFactory>());
    g_log << Logger::Info << "[caapolicy] This is the caapolicy backend version " << CAAPOLICY_VERSION
          << ", built for PowerDNS " << pdns::kBuiltFor << ", reporting" << endl;
  }
};

const Registration registration;

} // namespace

} // namespace caapolicy
