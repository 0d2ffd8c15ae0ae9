// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/policy_manager.hh"

#include "plugin/recorder.hh"
#include "plugin/stored_caa.hh"
#include "plugin/thread.hh"

#include "plugin/caches.hh"
#include "plugin/gathered_changes.hh"
#include "plugin/notifier.hh"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace caapolicy {

namespace {

// Files change in several steps (an editor's rename dance, `cp` of many): wait until that has been over for so long,
// but not for ever.
constexpr int kQuietMs = 20;
constexpr int kLongestMs = 1000;
// After a load, memory that it no longer needs goes back to the system; not while one load follows the other.
constexpr int64_t kTidyMs = 1000;
// A query that was under way when the policy changed may put an old answer into a cache after the purge.
constexpr int64_t kPurgeAgainMs = 1000;

const char* const kPrefix = "[caapolicy] ";

int64_t steadyMs()
{
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int64_t wallMs()
{
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void log(Logger::Urgency urgency, const std::string& text)
{
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    g_log << urgency << kPrefix << line << endl;
  }
}

std::string count(size_t number, const char* thing) { return std::to_string(number) + " " + thing + (number == 1 ? "" : "s"); }

// One digest for all files of a policy, so that two servers can be compared.
std::string digestOf(const std::vector<SourceFile>& files)
{
  std::string all;
  for (const auto& file : files) {
    all += file.sha256;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(all.data(), all.size(), digest, &length, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr char kHex[] = "0123456789abcdef";
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

// Tells whether paths still lead to what they led to. Asks about each folder once: there may be a thousand files in it.
class Signing {
public:
  // Changes when the path leads to another file or folder, when that one has another content, other permissions or entries,
  // and when the folder that holds it has other permissions.
  std::string signatureOf(const std::filesystem::path& path)
  {
    struct stat info {};
    std::string text = ofFolder(path.parent_path());
    if (lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) {
      std::error_code error;
      text += ofFolder(std::filesystem::canonical(path, error).parent_path());
      if (stat(path.c_str(), &info) != 0) {
        return text + "none";
      }
    }
    else if (info.st_nlink == 0) { // it could not be looked at
      return text + "none";
    }
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}", info.st_dev, info.st_ino, info.st_size, info.st_ctim.tv_sec, info.st_ctim.tv_nsec,
                   info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    return text;
  }

private:
  const std::string& ofFolder(const std::filesystem::path& folder)
  {
    const auto [known, isNew] = d_folders.try_emplace(folder.native());
    struct stat info {};
    if (isNew && stat(folder.empty() ? "." : folder.c_str(), &info) == 0) {
      known->second = fmt::format("{},{},{};", info.st_mode, info.st_uid, info.st_gid);
    }
    return known->second;
  }

  std::unordered_map<std::string, std::string> d_folders;
};

std::vector<std::filesystem::path> pathsOf(const Watched& watched)
{
  auto paths = watched.files;
  paths.insert(paths.end(), watched.folders.begin(), watched.folders.end());
  return paths;
}

std::unordered_map<std::string, std::string> signaturesOf(const Watched& watched)
{
  Signing signing;
  std::unordered_map<std::string, std::string> signatures;
  for (const auto& path : pathsOf(watched)) {
    signatures.emplace(path.string(), signing.signatureOf(path));
  }
  return signatures;
}

// A file may have been read half written when it changed at `sinceMs` or later. The kernel stamps files by a clock
// that may lag by a tick.
bool changedSince(const std::filesystem::path& path, int64_t sinceMs)
{
  constexpr int64_t kClockTickMs = 10;
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && info.st_ctim.tv_sec * 1000 + info.st_ctim.tv_nsec / 1'000'000 >= sinceMs - kClockTickMs;
}

bool changedSince(const Watched& watched, int64_t sinceMs)
{
  const auto paths = pathsOf(watched);
  return std::any_of(paths.begin(), paths.end(), [sinceMs](const auto& path) { return changedSince(path, sinceMs); });
}

// Both lists, each path once.
Watched together(Watched watched, const Watched& more)
{
  const auto add = [](auto& paths, const auto& others) {
    paths.insert(paths.end(), others.begin(), others.end());
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  };
  add(watched.files, more.files);
  add(watched.folders, more.folders);
  return watched;
}

// That many of each severity are logged and remembered: a million approvals may all have ended.
constexpr size_t kMaxTold = 100;

std::string moreOf(size_t number, Severity severity, const LoadResult& result)
{
  return count(number, severity == Severity::Error ? "more error" : "more warning") + ": `caapolicy check --policy " + result.files.front().path + "` shows all";
}

std::vector<std::string> linesOf(const LoadResult& result, Severity severity)
{
  std::vector<std::string> lines;
  size_t untold = 0;
  for (const auto& diagnostic : result.diagnostics) {
    if (diagnostic.severity != severity) {
      continue;
    }
    if (lines.size() == kMaxTold) {
      ++untold;
      continue;
    }
    lines.push_back(renderLine(diagnostic, result.files));
  }
  if (untold > 0) {
    lines.push_back(moreOf(untold, severity, result));
  }
  return lines;
}

size_t errorsOf(const LoadResult& result)
{
  return static_cast<size_t>(std::count_if(result.diagnostics.begin(), result.diagnostics.end(), [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; }));
}

std::string joined(const std::vector<std::string>& lines)
{
  std::string text;
  for (const auto& line : lines) {
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::vector<std::string> problemsOf(const LoadResult& result)
{
  auto problems = linesOf(result, Severity::Error);
  const auto warnings = linesOf(result, Severity::Warning);
  problems.insert(problems.end(), warnings.begin(), warnings.end());
  return problems;
}

void logDiagnostics(LoadResult& result)
{
  size_t seen[2] = {0, 0};
  for (const auto& diagnostic : result.diagnostics) {
    if (++seen[static_cast<size_t>(diagnostic.severity)] > kMaxTold) {
      continue;
    }
    restoreText(result.files[diagnostic.where.file]);
    if (diagnostic.related) {
      restoreText(result.files[diagnostic.related->file]);
    }
    log(diagnostic.severity == Severity::Error ? Logger::Error : Logger::Warning, render(diagnostic, result.files));
  }
  for (const Severity severity : {Severity::Error, Severity::Warning}) {
    if (const size_t all = seen[static_cast<size_t>(severity)]; all > kMaxTold) {
      log(severity == Severity::Error ? Logger::Error : Logger::Warning, moreOf(all - kMaxTold, severity, result));
    }
  }
}

std::string describe(const std::vector<Snapshot::Change>& changes)
{
  constexpr size_t kShown = 10;
  std::string text;
  for (size_t i = 0; i < changes.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + changes[i].name.toText();
  }
  if (changes.size() > kShown) {
    text += " and " + std::to_string(changes.size() - kShown) + " more";
  }
  return changes.empty() ? "no answer changed" : "changed: " + text;
}

// Besides the answers that differ: what alters a zone, or whether the policy has a say in it.
std::vector<Snapshot::Change> alsoAltered(const Snapshot& before, const Snapshot& after)
{
  std::vector<Snapshot::Change> altered;
  for (Name& name : after.noMore(before)) {
    altered.push_back({std::move(name), false});
  }
  const auto same = [](const ZoneSettings& a, const ZoneSettings& b) {
    return a.name == b.name && a.primary == b.primary && a.hostmaster == b.hostmaster && a.nameservers == b.nameservers;
  };
  const auto& known = before.policy().zones;
  for (const auto& zone : after.policy().zones) {
    if (std::none_of(known.begin(), known.end(), [&](const auto& other) { return same(zone, other); })) {
      altered.push_back({zone.name, true});
    }
  }
  return altered;
}

// What a large load needed for a while, the heap would keep for a next one.
void giveBackMemory()
{
#ifdef __GLIBC__
  constexpr size_t kMuch = 4u << 20;
  if (mallinfo2().fordblks > kMuch) {
    malloc_trim(0);
  }
#endif
}

} // namespace

PolicyManager::PolicyManager(std::string file, std::vector<std::string> flattenNeeds) :
  d_file(std::move(file)), d_loader(d_file, std::move(flattenNeeds), {}, Texts::Forget)
{
  d_status.file = d_file;
}

void PolicyManager::start(bool serve, bool watch)
{
  const std::lock_guard lock(d_reloadMutex);
  if (!d_loaded) {
    loadFirst(serve && watch);
    d_loaded = true;
  }
  if (!serve || d_serve) {
    return;
  }
  d_serve = true;
  d_wakeFd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  startThread([this] { run(); });
}

void PolicyManager::loadFirst(bool watch)
{
  if (watch) {
    try {
      d_watcher = std::make_unique<Watcher>();
    }
    catch (const std::system_error& error) { // the zones are served all the same
      log(Logger::Error, std::string("can't watch files: ") + error.what() + ": changes are noticed only by `pdns_control reload`");
    }
  }
  constexpr int kTries = 3;
  LoadResult result;
  Instant now = 0;
  for (int i = 0; i < kTries; ++i) {
    const int64_t begun = wallMs();
    now = time(nullptr);
    result = d_loader.load(now);
    follow(result.watched, {}, begun);
    if (!d_watcher || !changedSince(result.watched, begun)) {
      break;
    }
  }
  logDiagnostics(result);
  if (!result.snapshot) {
    const auto errors = linesOf(result, Severity::Error);
    throw PDNSException("caapolicy can't start: the policy `" + d_file + "` has " + count(errorsOf(result), "error")
                        + (errors.empty() ? "" : ", first: " + errors.front()));
  }
  {
    const std::lock_guard state(d_stateMutex);
    d_status.problems = problemsOf(result);
  }
  apply(std::move(result), now);
}

std::string PolicyManager::reload(const std::string& why)
{
  const std::lock_guard lock(d_reloadMutex);
  if (!d_loaded) {
    return {}; // nothing is served yet
  }
  return loadOrKeep(why, signaturesOf(d_watched));
}

// False: none of the files has changed.
bool PolicyManager::reloadIfChanged()
{
  const std::lock_guard lock(d_reloadMutex);
  watch(); // first: a folder may have come, or be another one now
  const Signatures now = signaturesOf(d_watched);
  if (now == d_signatures) {
    return false;
  }
  loadOrKeep("its files changed", now);
  return true;
}

std::string PolicyManager::loadOrKeep(const std::string& why, const Signatures& before)
{
  std::string failure;
  try {
    return loadAgain(why, before);
  }
  catch (const PDNSException& error) {
    failure = error.reason;
  }
  catch (const std::exception& error) { // no memory, say: the server goes on with what it has
    failure = error.what();
  }
  failure = "the policy `" + d_file + "` can't be loaded: " + failure;
  log(Logger::Error, failure + ": what was served before stays in force");
  const std::lock_guard state(d_stateMutex);
  ++d_status.reloadsFailed;
  d_status.current = false;
  d_status.problems = {failure};
  return failure;
}

std::string PolicyManager::loadAgain(const std::string& why, const Signatures& before)
{
  const int64_t begun = wallMs();
  log(Logger::Info, "loading the policy again: " + why);
  const Instant now = time(nullptr);
  LoadResult result = d_loader.load(now);
  const auto errors = linesOf(result, Severity::Error);
  bool news = false;
  {
    const std::lock_guard state(d_stateMutex);
    ++(errors.empty() ? d_status.reloadsGood : d_status.reloadsFailed);
    const auto known = std::exchange(d_status.problems, problemsOf(result));
    news = d_status.problems != known;
  }
  if (news) {
    logDiagnostics(result);
  }
  if (result.snapshot) {
    const Watched watched = result.watched;
    apply(std::move(result), now);
    follow(watched, before, begun);
  }
  else {
    // What mends it may be a file that only the broken text names, or one that it names no more.
    follow(together(d_watched, result.watched), before, begun);
    log(Logger::Error, "the policy `" + d_file + "` has " + count(errorsOf(result), "error") + ": what was served before stays in force");
    if (Recorder* const recorder = Recorder::running()) {
      recorder->notLoaded(errors);
    }
    const std::lock_guard state(d_stateMutex);
    d_status.current = false;
  }
  return joined(errors);
}

// Watches the folders that the paths lead to now.
void PolicyManager::watch()
{
  if (!d_watcher) {
    return;
  }
  auto unwatched = d_watcher->watch(d_watched);
  if (unwatched != d_unwatched) {
    for (const auto& failure : unwatched) {
      log(Logger::Error, "can't watch the folder " + failure + ": changes there are noticed only by `pdns_control reload`");
    }
    d_unwatched = std::move(unwatched);
  }
}

// After a load, follows the changes of what it looked at. What is known from `before` it is taken as it was then, so that
// a change while files were read is noticed.
void PolicyManager::follow(const Watched& watched, const Signatures& before, int64_t begunMs)
{
  d_watched = watched;
  watch();
  d_signatures.clear();
  Signing signing;
  for (const auto& path : pathsOf(watched)) {
    const auto known = before.find(path.string());
    if (known != before.end()) {
      d_signatures.insert(*known);
    }
    else {
      d_signatures.emplace(path.string(), changedSince(path, begunMs) ? "unsettled" : signing.signatureOf(path));
    }
  }
  if (d_watcher) { // what has changed before its folder was watched
    d_lookAgain = true;
    wake();
  }
}

void PolicyManager::apply(LoadResult&& result, Instant now)
{
  passTime(); // what time has changed under the policy that goes
  const auto before = serving();
  const std::string digest = digestOf(result.snapshot->policy().files);
  const bool current = result.notInForce.empty();
  {
    const std::lock_guard state(d_stateMutex);
    if (before && digest == d_status.sha256 && current == d_status.current) { // the very same
      d_status.loaded = now;
      return;
    }
  }
  auto next = std::make_shared<Serving>(result.snapshot, before.get());
  const auto changes = before ? next->snapshot->changesSince(*before->snapshot, now) : std::vector<Snapshot::Change>{};
  auto altered = before ? alsoAltered(*before->snapshot, *next->snapshot) : std::vector<Snapshot::Change>{};
  altered.insert(altered.end(), changes.begin(), changes.end());
  {
    const std::lock_guard state(d_stateMutex);
    d_status.current = current;
    d_status.sha256 = digest;
    d_status.files = result.snapshot->policy().files.size();
    d_status.loaded = now;
  }
  swap(std::move(next), now);
  if (before) {
    announce(altered, now);
  }
  const auto counts = result.snapshot->count(now);
  log(Logger::Warning, "policy `" + d_file + "` " + (before ? "reloaded" : "loaded") + ": "
        + count(result.snapshot->policy().files.size(), "file") + ", " + count(counts.subtrees, "subtree") + ", "
        + count(counts.approvals, "approval") + " (" + std::to_string(counts.live) + " live), SHA-256 " + digest
        + (before ? "; " + describe(changes) : ""));
  if (Recorder* const recorder = Recorder::running()) {
    recorder->loaded(changes, digest);
  }
  wake();
}

void PolicyManager::swap(std::shared_ptr<const Serving> next, Instant now)
{
  if (d_swapListener) {
    d_swapListener(serving().get(), *next);
  }
  StoredCaa::leftOut().forget();
  const std::lock_guard state(d_stateMutex);
  if (!d_serving) {
    d_versions.begin(now);
  }
  d_serving = std::move(next);
  d_purgedUpTo = now;
  d_number.store(d_serving->number, std::memory_order_release);
}

std::shared_ptr<const Serving> PolicyManager::serving() const
{
  const std::lock_guard state(d_stateMutex);
  return d_serving;
}

const Serving& PolicyManager::Handle::current()
{
  const uint64_t number = d_manager.d_number.load(std::memory_order_acquire);
  if (!d_serving || d_serving->number != number) {
    if (number == 0) { // pdnsutil loads the policy only when it is needed
      d_manager.start(false, false);
    }
    d_serving = d_manager.serving();
  }
  return *d_serving;
}

PolicyManager::Status PolicyManager::status() const
{
  Status status;
  std::shared_ptr<const Serving> now;
  {
    const std::lock_guard state(d_stateMutex);
    status = d_status;
    now = d_serving;
  }
  if (now) {
    const Instant instant = time(nullptr);
    status.counts = now->snapshot->count(instant);
    status.nextChange = now->snapshot->nextChange(instant);
  }
  return status;
}

// The records are other ones now: the serials go up, no cache may go on with the old ones, and secondaries are told.
void PolicyManager::announce(const std::vector<Snapshot::Change>& changes, Instant when)
{
  const auto few = gathered(changes, *serving()->snapshot);
  d_versions.note(few, when);
  purge(few);
  if (d_serve && !changes.empty()) {
    wakeCommunicator();
  }
}

void PolicyManager::purge(const std::vector<Snapshot::Change>& changes)
{
  if (!d_serve || changes.empty()) {
    return;
  }
  purgeCaches(changes);
  const std::lock_guard state(d_stateMutex);
  d_purgeAgain.insert(d_purgeAgain.end(), changes.begin(), changes.end());
  d_purgeAgainAt = steadyMs() + kPurgeAgainMs;
}

void PolicyManager::wake()
{
  if (d_wakeFd >= 0) {
    eventfd_write(d_wakeFd, 1);
  }
}

// Purges what an approval's beginning or end has changed, and what is to be purged again.
//
// No answer with CAA waits for that: a snapshot is right at any instant, and lifetimeOf() keeps such an answer out of the caches when it
// changes within its TTL and the time of the caches together, so none that was cached reaches past a change. (Nor does a wildcard's
// near a change of any name that it may answer for, nor one for a name that does not exist, at any time.) So when approvals end, the
// caches have no grant of theirs, however long the purge takes: what it takes out then are answers for other types, with a name's
// existence (NODATA or NXDOMAIN), proofs with neighbours that have gone, and the SOA record, whose purge comes first. When approvals
// begin, a denial of the name that is in a cache hides it until the purge; the answer of a name below it that had none may lead a CA up
// to the new grant, although a guard is there from now on. So the purge is not put off either.
void PolicyManager::passTime()
{
  const Instant now = time(nullptr);
  std::vector<Snapshot::Change> changes;
  std::vector<Snapshot::Change> again;
  Instant changed = now;
  {
    const std::lock_guard state(d_stateMutex);
    if (d_serving && now > d_purgedUpTo) {
      changes = d_serving->snapshot->changesBetween(d_purgedUpTo, now);
      changed = d_serving->snapshot->lastChange(now); // the same on every server
      d_purgedUpTo = now;
    }
    if (d_purgeAgainAt != 0 && steadyMs() >= d_purgeAgainAt) {
      again.swap(d_purgeAgain);
      d_purgeAgainAt = 0;
    }
  }
  purgeCaches(again);
  if (!changes.empty()) {
    announce(changes, changed);
    log(Logger::Warning, "approvals began or ended; " + describe(changes));
  }
}

void PolicyManager::run()
{
  constexpr int64_t kLongestWaitMs = 60'000; // the wall clock may be set
  int64_t changedAt = 0;                     // steady; 0: no file has changed
  int64_t quietAt = 0;
  int64_t tidyAt = steadyMs() + kTidyMs; // likewise
  while (true) {
    passTime();
    if (tidyAt != 0 && steadyMs() >= tidyAt) {
      giveBackMemory();
      tidyAt = 0;
    }
    if (d_lookAgain.exchange(false)) {
      quietAt = steadyMs() + kQuietMs;
      changedAt = changedAt != 0 ? changedAt : steadyMs();
    }
    int64_t wait = kLongestWaitMs;
    {
      const std::lock_guard state(d_stateMutex);
      const Instant next = d_serving->snapshot->nextChange(d_purgedUpTo);
      if (next != kEndOfTime) {
        wait = std::min(wait, std::max<int64_t>(next * 1000 - wallMs(), 0));
      }
      if (d_purgeAgainAt != 0) {
        wait = std::min(wait, std::max<int64_t>(d_purgeAgainAt - steadyMs(), 0));
      }
    }
    if (changedAt != 0) {
      wait = std::min(wait, std::max<int64_t>(std::min(quietAt, changedAt + kLongestMs) - steadyMs(), 0));
    }
    if (tidyAt != 0) {
      wait = std::min(wait, std::max<int64_t>(tidyAt - steadyMs(), 0));
    }
    pollfd descriptors[2] = {{d_wakeFd, POLLIN, 0}, {d_watcher ? d_watcher->descriptor() : -1, POLLIN, 0}};
    poll(descriptors, 2, static_cast<int>(wait));
    eventfd_t value = 0;
    eventfd_read(d_wakeFd, &value);

    if (d_watcher && d_watcher->drain()) {
      quietAt = steadyMs() + kQuietMs;
      changedAt = changedAt != 0 ? changedAt : steadyMs();
    }
    else if (changedAt != 0 && steadyMs() >= std::min(quietAt, changedAt + kLongestMs)) {
      changedAt = 0;
      if (reloadIfChanged()) {
        tidyAt = steadyMs() + kTidyMs;
      }
    }
  }
}

} // namespace caapolicy
