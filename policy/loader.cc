// SPDX-License-Identifier: GPL-2.0-or-later

#include "loader.hh"

#include "assemble.hh"
#include "check.hh"
#include "compile.hh"
#include "known_files.hh"
#include "messages.hh"
#include "policy_files.hh"
#include "sha256.hh"
#include "source_reader.hh"

#include <algorithm>

namespace caapolicy {

namespace {

constexpr size_t kNobody = SIZE_MAX;

// Which text of a delegated file is tried.
enum class Version : uint8_t { New, LastGood, None };

struct Candidate {
  DelegatedFile file;
  std::string path; // as files and the memory of last good texts have it
  Version version{Version::New};
  Document document;                // of that version
  std::vector<Diagnostic> problems; // of reading that version
};

// A problem, and the candidate that is at fault; kNobody: the root file or one that it includes.
struct Problem {
  Diagnostic diagnostic;
  size_t owner{kNobody};

  bool isError() const { return diagnostic.severity == Severity::Error; }
};

bool hasError(const std::vector<Problem>& problems)
{
  return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.isError(); });
}

// Candidates from `first` up to `last`, without it.
struct Range {
  size_t first{0};
  size_t last{0};

  size_t size() const { return last - first; }
};

// The policy that was found good last, and what was found of its approvals: what of it is the same need not be looked at again.
struct Checked {
  std::shared_ptr<const Snapshot> snapshot; // null: none yet
  std::vector<FileRole> roles;
  Instant at{0};
  ApprovalProblems problems;
  std::unordered_map<const FileApprovals*, Instant> nextEnds; // of the approvals of files, after `at`; of a file that isn't in here it isn't known
};

} // namespace

struct Loader::Memory {
  Memory(Texts texts, const LoadLimits& limits) : known(texts, limits) {}

  KnownFiles known;
  std::shared_ptr<IssuerPool> pool{std::make_shared<IssuerPool>()};
  Compiler compiler;
  Checked checked;
  std::unordered_map<std::string, std::shared_ptr<KnownFile>> lastGood; // path of a delegated file -> what it said
};

namespace {

// Those that have an approval which has ended since `before`, or is no longer to have ended where the clock was set back. Notes in `now`
// when the next ones end.
void addEnded(const Checked& before, Checked& now, std::vector<Name>& names)
{
  const auto [first, last] = std::minmax(before.at, now.at);
  for (const PlacedApprovals& placed : now.snapshot->policy().approvals) {
    const auto known = before.nextEnds.find(placed.approvals.get());
    if (known != before.nextEnds.end() && before.at <= now.at && now.at < known->second) { // so it is with nearly all of a thousand files
      now.nextEnds.insert(*known);
      continue;
    }
    const ApprovalList& list = placed.approvals->list();
    Instant& nextEnd = now.nextEnds[placed.approvals.get()];
    nextEnd = kEndOfTime;
    for (size_t index = 0; index < list.size(); ++index) {
      const Instant until = list.lifeAt(index).until;
      if (first < until && until <= last) {
        names.push_back(Name::fromWire(list.nameAt(index)));
      }
      if (now.at < until) {
        nextEnd = std::min(nextEnd, until);
      }
    }
  }
}

// One load: tries the policy with the new text of each delegated file, and goes back to the last good one, and then
// to none, for those that have an error, until none has.
class Load {
public:
  using LastGood = std::unordered_map<std::string, std::shared_ptr<KnownFile>>;

  Load(PolicyFiles& files, const LastGood& lastGood, Compiler& compiler, const Checked& before, const std::vector<std::string>& flattenNeeds, Instant now) :
    d_files(files), d_lastGood(lastGood), d_compiler(compiler), d_checked(before), d_flattenNeeds(flattenNeeds), d_now(now)
  {
    for (const DelegatedFile& file : files.delegated) {
      Candidate candidate{file, files.files[file.index].path, Version::New, {}, file.problems};
      if (candidate.problems.empty()) {
        candidate.document = files.readDelegated(file, *file.file, candidate.problems);
      }
      d_candidateOf.emplace(file.index, d_candidates.size());
      d_candidates.push_back(std::move(candidate));
    }
  }

  void run()
  {
    // Each turn but the last takes a step back for one file at least.
    for (;;) {
      std::vector<Problem> problems = tryOnce();
      if (!stepBack(problems)) {
        lookDeeper(problems);
        finish(problems);
        return;
      }
    }
  }

  std::vector<Diagnostic> diagnostics; // of the policy, and of the new texts
  Compiled compiled;                   // without a snapshot when nothing of this load may be served
  Checked checked;                     // of that
  const std::vector<Candidate>& candidates() const { return d_candidates; }

private:
  // Every problem with the versions that are tried now.
  std::vector<Problem> tryOnce()
  {
    compiled = {};
    std::vector<Problem> problems;
    for (const Diagnostic& diagnostic : d_files.problems) {
      problems.push_back({diagnostic, kNobody});
    }
    for (size_t index = 0; index < d_candidates.size(); ++index) {
      for (const Diagnostic& diagnostic : d_candidates[index].problems) {
        problems.push_back({diagnostic, index});
      }
    }
    // Whatever was not understood would only make more look wrong that is not: then no more than clashes are looked for.
    const bool understood = !hasError(problems);
    std::vector<Problem> found = check(Range{}, understood);
    if (understood && hasError(found)) {
      blame(found);
    }
    problems.insert(problems.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    return problems;
  }

  // A policy that is not served for what could not be read is still looked at as far as it was: all that is wrong is
  // to be told at once. But for what may be wrong only because something is missing.
  void lookDeeper(std::vector<Problem>& problems)
  {
    if (!hasError(problems)) {
      return;
    }
    for (Problem& problem : check(Range{}, true)) {
      if (problem.isError() && problem.diagnostic.code != "approval-outside-subtrees" && !isIn(problem, problems)) {
        problems.push_back(std::move(problem));
      }
    }
    compiled = {};
  }

  // What is wrong with all files together, and the snapshot when nothing is. `without` leaves candidates out, as if
  // their subtrees were not delegated. Not `deeply`: looks for clashes between files only.
  std::vector<Problem> check(Range without, bool deeply)
  {
    std::vector<Problem> problems;
    const auto add = [&](std::vector<Diagnostic> found) {
      for (Diagnostic& diagnostic : found) {
        const size_t owner = ownerOf(diagnostic);
        problems.push_back({std::move(diagnostic), owner});
      }
    };
    std::vector<Diagnostic> clashes;
    auto policy = std::make_shared<Policy>(assemble(d_files.documents, parts(without), clashes));
    add(std::move(clashes));
    if (!deeply || hasError(problems)) {
      return problems;
    }
    policy->files = filesInForce();
    std::vector<FileRole> roles(policy->files.size());
    for (const Candidate& candidate : d_candidates) {
      roles[candidate.file.index].node = candidate.file.node;
    }
    Compiled found = d_compiler.compile(std::move(policy));
    add(checkSubtrees(*found.snapshot, roles, d_now, d_flattenNeeds));
    Checked checkedNow{found.snapshot, roles, d_now, {}, {}};
    checkedNow.problems = checkApprovals(found, checkedNow);
    for (const auto& [name, ofName] : checkedNow.problems) {
      add(ofName);
    }
    if (hasError(problems)) {
      return problems;
    }
    add(checkRecordSets(*found.snapshot));
    if (without.size() == 0 && !hasError(problems)) {
      compiled = std::move(found);
      checked = std::move(checkedNow);
    }
    return problems;
  }

  // Those of the policy that was found good last hold for all names that nothing has changed for.
  ApprovalProblems checkApprovals(const Compiled& found, Checked& now) const
  {
    const Snapshot& snapshot = *found.snapshot;
    if (found.whole || d_checked.snapshot == nullptr || !haveSameRoles(snapshot.policy(), now.roles)) {
      return caapolicy::checkApprovals(snapshot, now.roles, d_now);
    }
    std::vector<Name> names = found.touched;
    for (const auto& [name, ofName] : d_checked.problems) { // to be told with the places as they are now
      names.push_back(name);
    }
    addEnded(d_checked, now, names);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return caapolicy::checkApprovals(snapshot, now.roles, d_now, names);
  }

  // Is each file that both policies have in the same hands?
  bool haveSameRoles(const Policy& policy, const std::vector<FileRole>& roles) const
  {
    std::unordered_map<const FileApprovals*, const FileRole*> before;
    for (const PlacedApprovals& placed : d_checked.snapshot->policy().approvals) {
      before.emplace(placed.approvals.get(), &d_checked.roles[placed.file]);
    }
    return std::all_of(policy.approvals.begin(), policy.approvals.end(), [&](const PlacedApprovals& placed) {
      const auto found = before.find(placed.approvals.get());
      return found == before.end() || *found->second == roles[placed.file];
    });
  }

  std::vector<DelegatedPart> parts(Range without) const
  {
    std::vector<DelegatedPart> parts;
    for (size_t index = 0; index < d_candidates.size(); ++index) {
      const Candidate& candidate = d_candidates[index];
      if (index < without.first || index >= without.last) {
        const bool isDenied = candidate.version == Version::None;
        parts.push_back({candidate.file.node, isDenied ? nullptr : &candidate.document, isDenied});
      }
    }
    return parts;
  }

  std::vector<SourceFile> filesInForce() const
  {
    std::vector<SourceFile> files = d_files.files;
    for (const Candidate& candidate : d_candidates) {
      SourceFile& file = files[candidate.file.index];
      if (candidate.version == Version::LastGood) {
        file = d_lastGood.at(candidate.path)->source;
      }
      else if (candidate.version == Version::None) {
        file.text.clear();
        file.sha256 = sha256Hex(file.text);
      }
    }
    return files;
  }

  size_t ownerOf(const Diagnostic& diagnostic) const
  {
    const auto found = d_candidateOf.find(diagnostic.where.file);
    return found != d_candidateOf.end() ? found->second : kNobody;
  }

  // A team must not be able to stop the policy around its own. So where something in the policy itself is wrong only
  // with the files that it delegates to (a record set that they made too large), they are at fault.
  void blame(std::vector<Problem>& problems)
  {
    if (d_candidates.empty() || std::none_of(problems.begin(), problems.end(), isOfPolicy)) {
      return;
    }
    const Range everybody{0, d_candidates.size()};
    const std::vector<Problem> alone = check(everybody, true);
    blameOne(problems, alone, everybody);
    // It takes several of them: which one is too much cannot be told, so each is.
    const auto shared = std::stable_partition(problems.begin(), problems.end(), [&](const Problem& problem) { return !isOfPolicy(problem) || isIn(problem, alone); });
    std::vector<Problem> several(std::make_move_iterator(shared), std::make_move_iterator(problems.end()));
    problems.erase(shared, problems.end());
    for (const Problem& problem : several) {
      for (size_t index = 0; index < d_candidates.size(); ++index) {
        if (d_candidates[index].version != Version::None) {
          problems.push_back({problem.diagnostic, index});
        }
      }
    }
  }

  static bool isOfPolicy(const Problem& problem) { return problem.isError() && problem.owner == kNobody; }

  static bool isIn(const Problem& problem, const std::vector<Problem>& others)
  {
    return std::any_of(others.begin(), others.end(), [&](const Problem& other) {
      return other.diagnostic.code == problem.diagnostic.code && other.diagnostic.where == problem.diagnostic.where
        && other.diagnostic.related == problem.diagnostic.related;
    });
  }

  // Finds, for each problem, the one candidate of the range without which it would be gone. By halves: there may be a
  // thousand candidates, and each look is a look at the whole policy.
  void blameOne(std::vector<Problem>& problems, const std::vector<Problem>& alone, Range range)
  {
    const std::vector<Problem> others = range.size() == d_candidates.size() ? alone : check(range, true);
    const auto isGone = [&](const Problem& problem) { return isOfPolicy(problem) && !isIn(problem, alone) && !isIn(problem, others); };
    if (std::none_of(problems.begin(), problems.end(), isGone)) {
      return;
    }
    if (range.size() > 1) {
      const size_t middle = range.first + range.size() / 2;
      blameOne(problems, alone, {range.first, middle});
      blameOne(problems, alone, {middle, range.last});
      return;
    }
    for (Problem& problem : problems) {
      if (isGone(problem)) {
        problem.owner = range.first;
      }
    }
  }

  // False when no delegated file has an error any more. Keeps what is wrong with new texts to be told.
  bool stepBack(const std::vector<Problem>& problems)
  {
    // One file's error may be the doing of another file that is bad itself (its limits, its subtrees): that one goes
    // first, and then it is seen whether the error is still there.
    std::vector<bool> isBad = badFiles(problems, false);
    if (std::find(isBad.begin(), isBad.end(), true) == isBad.end()) {
      isBad = badFiles(problems, true);
    }
    for (const Problem& problem : problems) {
      if (problem.owner != kNobody && isBad[problem.owner] && d_candidates[problem.owner].version == Version::New) {
        diagnostics.push_back(problem.diagnostic);
      }
    }
    for (size_t index = 0; index < d_candidates.size(); ++index) {
      if (isBad[index]) {
        stepBack(d_candidates[index]);
      }
    }
    return std::find(isBad.begin(), isBad.end(), true) != isBad.end();
  }

  std::vector<bool> badFiles(const std::vector<Problem>& problems, bool evenByOthers) const
  {
    std::vector<bool> isBad(d_candidates.size(), false);
    for (const Problem& problem : problems) {
      if (problem.owner == kNobody || !problem.isError()) {
        continue;
      }
      const auto& related = problem.diagnostic.related;
      const auto other = related ? d_candidateOf.find(related->file) : d_candidateOf.end();
      if (evenByOthers || other == d_candidateOf.end() || other->second == problem.owner) {
        isBad[problem.owner] = true;
      }
    }
    return isBad;
  }

  void stepBack(Candidate& candidate)
  {
    candidate.problems.clear();
    candidate.document = {};
    const auto lastGood = d_lastGood.find(candidate.path);
    if (candidate.version == Version::New && lastGood != d_lastGood.end()) {
      candidate.version = Version::LastGood;
      candidate.document = d_files.readDelegated(candidate.file, *lastGood->second, candidate.problems);
      return;
    }
    candidate.version = Version::None;
  }

  void finish(std::vector<Problem>& problems)
  {
    const bool failed = hasError(problems);
    for (Problem& problem : problems) {
      // Warnings about a text that was good before point into that text, which nobody sees, and were told then.
      if (problem.owner == kNobody || d_candidates[problem.owner].version == Version::New) {
        diagnostics.push_back(std::move(problem.diagnostic));
      }
    }
    for (const Candidate& candidate : d_candidates) {
      if (failed || candidate.version == Version::New) {
        continue;
      }
      const auto tell = candidate.version == Version::LastGood ? messages::lastGoodInForce : messages::subtreeDenied;
      diagnostics.push_back(tell(candidate.file.written.where, candidate.path, candidate.file.node.toText()));
    }
  }

  PolicyFiles& d_files;
  const LastGood& d_lastGood;
  Compiler& d_compiler;
  const Checked& d_checked;
  const std::vector<std::string>& d_flattenNeeds;
  Instant d_now;
  std::vector<Candidate> d_candidates;
  std::unordered_map<uint32_t, size_t> d_candidateOf; // index of a file -> in d_candidates
};

// Only what was seen to be good in its whole policy; what is no longer delegated is forgotten.
void remember(const std::vector<Candidate>& candidates, Load::LastGood& lastGood)
{
  Load::LastGood good;
  for (const Candidate& candidate : candidates) {
    if (candidate.version == Version::New) {
      good.emplace(candidate.path, candidate.file.file);
    }
    else if (const auto before = lastGood.find(candidate.path); before != lastGood.end()) {
      good.insert(lastGood.extract(before));
    }
  }
  lastGood = std::move(good);
}

template <typename Path>
void sortUnique(std::vector<Path>& paths)
{
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

} // namespace

bool LoadResult::hasErrors() const
{
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; });
}

Loader::Loader(std::filesystem::path rootFile, std::vector<std::string> flattenNeeds, LoadLimits limits, Texts texts) :
  d_rootFile(std::move(rootFile)), d_flattenNeeds(std::move(flattenNeeds)), d_memory(std::make_unique<Memory>(texts, limits))
{
}

Loader::~Loader() = default;

void restoreText(SourceFile& file)
{
  if (!file.text.empty() || file.sha256.empty()) {
    return;
  }
  SourceRead read = readSource(file.path, 0, {}, LoadLimits().fileBytes);
  if (read.file.sha256 == file.sha256) {
    file.text = std::move(read.file.text);
  }
}

LoadResult Loader::load(Instant now, const PendingFiles& pending)
{
  constexpr int kTries = 5;
  for (int tries = 1;; ++tries) {
    try {
      return loadOnce(now, pending);
    }
    catch (const ChangedMeanwhile&) {
      if (tries == kTries) {
        throw;
      }
    }
  }
}

LoadResult Loader::loadOnce(Instant now, const PendingFiles& pending)
{
  d_memory->known.beginLoad();
  PolicyFiles files(pending, now, d_memory->known, d_memory->pool);
  files.read(d_rootFile);
  Load load(files, d_memory->lastGood, d_memory->compiler, d_memory->checked, d_flattenNeeds, now);
  load.run();
  d_memory->known.endLoad();

  LoadResult result;
  result.snapshot = load.compiled.snapshot;
  result.diagnostics = std::move(load.diagnostics);
  std::stable_sort(result.diagnostics.begin(), result.diagnostics.end(), [](const Diagnostic& left, const Diagnostic& right) { return left.where < right.where; });
  for (const Candidate& candidate : load.candidates()) {
    if (candidate.version != Version::New) {
      result.notInForce.emplace_back(candidate.path);
    }
  }
  if (result.snapshot != nullptr) {
    remember(load.candidates(), d_memory->lastGood);
    d_memory->compiler.adopt(std::move(load.compiled));
    d_memory->checked = std::move(load.checked);
  }
  result.files = std::move(files.files);
  result.catalogue = std::move(files.catalogue);
  result.watched = std::move(files.watched);
  result.includes = std::move(files.includes);
  result.issuers = files.issuers();
  sortUnique(result.watched.files);
  sortUnique(result.watched.folders);
  return result;
}

} // namespace caapolicy
