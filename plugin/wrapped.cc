// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/wrapped.hh"

#include <algorithm>
#include <memory>
#include <unistd.h>
#include <vector>

namespace caapolicy {

namespace {

const std::string kOurName = "caapolicy";

// Of whichever pointers the release keeps.
template <typename Repository>
BackendFactory* findIn(const Repository& repository, const std::string& name)
{
  const auto found = repository.find(name);
  return found == repository.end() ? nullptr : std::to_address(found->second);
}

// PowerDNS keeps the factories of loaded modules in a private map. An explicit instantiation may name a private member
// ([temp.spec.general]/6), so this one hands it to a friend; a release that renames the member doesn't compile.
BackendFactory* findFactory(BackendMakerClass& makers, const std::string& name);

template <auto Repository>
struct ReachRepository {
  friend BackendFactory* findFactory(BackendMakerClass& makers, const std::string& name)
  {
    return findIn(makers.*Repository, name);
  }
};

template struct ReachRepository<&BackendMakerClass::d_repository>;

bool isModuleName(const std::string& name)
{
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

// Ends the process if the file can't be loaded, as for any module of the launch line: so look for it first.
void loadModule(const std::string& name)
{
  const std::string file = arg()["module-dir"] + "/lib" + name + "backend.so";
  if (access(file.c_str(), R_OK) != 0) {
    throw PDNSException("`launch=" + kOurName + ":" + name + "`: no backend module `" + name + "`: " + file + ": "
                        + stringerror());
  }
  BackendMakers().load(name);
}

} // namespace

WrappedModule WrappedModule::fromSuffix(const std::string& suffix)
{
  if (suffix.empty()) {
    return {};
  }
  // No module has a `-` in its name: what follows one is the instance's.
  const auto instance = suffix.find('-', 1);
  if (instance == std::string::npos) {
    return {suffix.substr(1), ""};
  }
  return {suffix.substr(1, instance - 1), suffix.substr(instance)};
}

void checkLaunchLine(const std::string& launch)
{
  std::vector<std::string> parts;
  stringtok(parts, launch, ", ");
  std::vector<WrappedModule> wrapped;
  std::vector<WrappedModule> bare;
  for (const auto& part : parts) {
    std::vector<std::string> words;
    stringtok(words, part, ": ");
    if (words.empty()) {
      continue;
    }
    if (words[0] != kOurName) {
      bare.push_back({words[0], words.size() > 1 ? "-" + words[1] : ""});
      continue;
    }
    // PowerDNS drops a third word without a sound, and the instance's settings with it.
    if (words.size() > 2) {
      throw PDNSException("`launch=" + part + "`: write `" + kOurName + ":" + words[1] + "-" + words[2]
                          + "` to wrap the instance `" + words[2] + "` of `" + words[1] + "`");
    }
    if (words.size() > 1) {
      wrapped.push_back(WrappedModule::fromSuffix("-" + words[1]));
    }
  }
  // Debian's packages add `launch+=bind` and the like on their own. Two instances over the same zones would take
  // turns in answering, one of them without the policy.
  for (const auto& module : wrapped) {
    if (std::find(bare.begin(), bare.end(), module) != bare.end()) {
      throw PDNSException("`launch=" + launch + "` has `" + module.name + "` both wrapped by `" + kOurName
                          + "` and on its own, where no policy holds: remove the second");
    }
  }
}

BackendFactory& wrappedFactory(const WrappedModule& module)
{
  if (!isModuleName(module.name) || module.name == kOurName) {
    throw PDNSException("`launch=" + kOurName + ":" + module.name + module.suffix + "`: `" + module.name
                        + "` can't be wrapped: name a backend module, as in `" + kOurName + ":bind`");
  }
  auto* factory = findFactory(BackendMakers(), module.name);
  if (factory == nullptr) {
    loadModule(module.name);
    factory = findFactory(BackendMakers(), module.name);
  }
  if (factory == nullptr) {
    throw PDNSException("`launch=" + kOurName + ":" + module.name + "`: the module was loaded, but has no backend `"
                        + module.name + "`");
  }
  return *factory;
}

} // namespace caapolicy
