// SPDX-License-Identifier: GPL-2.0-or-later
//
// A policy is edited again and again. What is compiled from the step before is the same as what is compiled from nothing.
#include "scenario.hh"

#include "policy/check.hh"
#include "policy/compile.hh"
#include "policy/file_approvals.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace caapolicy::test {

namespace {

constexpr size_t kSteps = 8;
constexpr size_t kInstants = 4;

// A file with approvals, of one that keeps its identity while others come and go before it.
struct File {
  std::vector<Approval> approvals;
  std::shared_ptr<const FileApprovals> packed; // null: to be packed again
  std::optional<Name> node;                    // that the file is delegated for
  uint32_t lines{0};

  void add(Approval approval)
  {
    approval.where = {0, ++lines, 1, 1};
    for (uint32_t index = 0; index < approval.grants.size(); ++index) {
      approval.grants[index].where = {0, lines, 10 + index, 1};
    }
    approvals.push_back(std::move(approval));
    packed = nullptr;
  }
};

struct Written {
  Inherited defaults;
  std::vector<Subtree> subtrees;
  std::vector<File> files;
};

class Editor {
public:
  Editor(Written& written, Random& random) : d_written(written), d_random(random) {}

  // One or a few edits. What was done, for the report of a failure.
  std::string edit()
  {
    std::string done;
    for (size_t count = 1 + d_random.below(3); count > 0; --count) {
      done += (done.empty() ? "" : ", ") + editOnce();
    }
    return done;
  }

private:
  std::string editOnce()
  {
    switch (d_random.below(20)) {
    case 0:
      return addFile();
    case 1:
      return removeFile();
    case 2:
      return rewriteFile();
    case 3:
      return movePlaces();
    case 4:
      return d_random.percent(40) ? changeSubtree() : addApproval();
    case 5:
      return d_random.percent(40) ? swapFiles() : moveApproval();
    case 6:
    case 7:
      return moveApproval();
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
      return removeApproval();
    case 13:
    case 14:
    case 15:
      return changeApproval();
    default:
      return addApproval();
    }
  }

  // Of names that no subtree governs, too.
  std::vector<Approval> newApprovals()
  {
    for (;;) {
      auto approvals = generatePolicy(d_random).approvals;
      if (!approvals.empty()) {
        return approvals;
      }
    }
  }

  File* pickFile() { return d_written.files.empty() ? nullptr : &d_written.files[d_random.below(d_written.files.size())]; }

  // One that has an approval.
  File* pickFilled()
  {
    std::vector<File*> filled;
    for (File& file : d_written.files) {
      if (!file.approvals.empty()) {
        filled.push_back(&file);
      }
    }
    return filled.empty() ? nullptr : d_random.pick(filled);
  }

  Approval take(File& file, size_t index)
  {
    Approval taken = std::move(file.approvals[index]);
    file.approvals.erase(file.approvals.begin() + static_cast<std::ptrdiff_t>(index));
    file.packed = nullptr;
    return taken;
  }

  std::string addFile()
  {
    File file;
    for (Approval& approval : newApprovals()) {
      file.add(std::move(approval));
    }
    if (d_random.percent(30)) {
      file.node = generateName(d_random);
    }
    const auto at = static_cast<std::ptrdiff_t>(d_random.below(d_written.files.size() + 1));
    d_written.files.insert(d_written.files.begin() + at, std::move(file));
    return "file added at " + std::to_string(at);
  }

  std::string removeFile()
  {
    if (d_written.files.empty()) {
      return addFile();
    }
    const auto at = static_cast<std::ptrdiff_t>(d_random.below(d_written.files.size()));
    d_written.files.erase(d_written.files.begin() + at);
    return "file removed at " + std::to_string(at);
  }

  std::string rewriteFile()
  {
    File* file = pickFile();
    if (file == nullptr) {
      return addFile();
    }
    file->packed = nullptr;
    return "file rewritten";
  }

  std::string movePlaces()
  {
    for (Subtree& subtree : d_written.subtrees) {
      subtree.where.line += 100;
      for (Grant& grant : subtree.allow) {
        grant.where.line += 100;
      }
    }
    return "subtrees further down";
  }

  std::string changeSubtree()
  {
    const auto others = generatePolicy(d_random).subtrees;
    Subtree added = d_random.pick(others);
    std::erase_if(d_written.subtrees, [&added](const Subtree& subtree) { return subtree.name == added.name; });
    if (!d_written.subtrees.empty() && d_random.percent(50)) {
      d_written.subtrees.erase(d_written.subtrees.begin() + static_cast<std::ptrdiff_t>(d_random.below(d_written.subtrees.size())));
    }
    d_written.subtrees.push_back(std::move(added));
    std::sort(d_written.subtrees.begin(), d_written.subtrees.end(), [](const Subtree& a, const Subtree& b) { return a.name < b.name; });
    return "subtree changed";
  }

  std::string swapFiles()
  {
    if (d_written.files.size() < 2) {
      return addFile();
    }
    std::swap(d_written.files.front(), d_written.files.back());
    return "files swapped";
  }

  std::string moveApproval()
  {
    File* from = pickFilled();
    if (from == nullptr) {
      return addApproval();
    }
    Approval moved = take(*from, d_random.below(from->approvals.size()));
    const std::string name = moved.name.toText();
    pickFile()->add(std::move(moved));
    return "approval of " + name + " moved";
  }

  std::string removeApproval()
  {
    File* from = pickFilled();
    if (from == nullptr) {
      return addApproval();
    }
    return "approval of " + take(*from, d_random.below(from->approvals.size())).name.toText() + " removed";
  }

  std::string changeApproval()
  {
    File* file = pickFilled();
    if (file == nullptr) {
      return addApproval();
    }
    Approval& changed = file->approvals[d_random.below(file->approvals.size())];
    Approval other = newApprovals().front();
    other.name = changed.name;
    other.where = changed.where;
    for (Grant& grant : other.grants) {
      grant.where = changed.grants.front().where;
    }
    changed = std::move(other);
    file->packed = nullptr;
    return "approval of " + changed.name.toText() + " changed";
  }

  std::string addApproval()
  {
    File* file = pickFile();
    if (file == nullptr) {
      return addFile();
    }
    Approval added = newApprovals().front();
    const bool isLarge = d_random.percent(10); // its records don't fit UDP
    for (char account = 'a'; isLarge && account < 'p'; ++account) {
      added.grants.front().issuer.accounts.push_back("urn:" + std::string(100, account));
    }
    file->add(std::move(added));
    return "approval of " + file->approvals.back().name.toText() + " added";
  }

  Written& d_written;
  Random& d_random;
};

Written beginWith(const WrittenPolicy& policy, Random& random)
{
  Written written{policy.defaults, policy.subtrees, {}};
  for (Subtree& subtree : written.subtrees) {
    if (random.percent(20)) {
      subtree.limits.emplace();
      subtree.limits->wildcard = false;
      subtree.limits->wildcardWhere = subtree.limits->where = subtree.where;
    }
  }
  written.files.resize(kGeneratedFiles);
  for (const Approval& approval : policy.approvals) {
    written.files[approval.where.file].add(approval);
  }
  if (random.percent(60)) { // so much that what an edit drops is little beside it
    File many;
    for (size_t count = 0; count < 30; ++count) {
      Approval approval;
      approval.name = generatedBase().child("n" + std::to_string(count));
      approval.grants = {{{"many.example", {}, {}}, "many.example", Wildcard::No, {}}};
      many.add(std::move(approval));
    }
    written.files.push_back(std::move(many));
  }
  return written;
}

// Packs what was changed.
std::shared_ptr<const Policy> policyOf(Written& written)
{
  auto policy = std::make_shared<Policy>();
  policy->defaults = written.defaults;
  policy->subtrees = written.subtrees;
  policy->files.resize(1 + written.files.size());
  for (uint32_t index = 0; index < written.files.size(); ++index) {
    File& file = written.files[index];
    if (file.packed == nullptr) {
      file.packed = FileApprovals::pack(file.approvals);
    }
    policy->approvals.push_back({file.packed, index + 1});
  }
  return policy;
}

std::vector<FileRole> rolesOf(const Written& written)
{
  std::vector<FileRole> roles(1);
  for (const File& file : written.files) {
    roles.push_back({file.node});
  }
  return roles;
}

std::string textOf(const Location& where)
{
  return std::to_string(where.file) + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

std::string textOf(const Diagnostic& diagnostic)
{
  return textOf(diagnostic.where) + " " + diagnostic.code + " " + diagnostic.message + " | " + diagnostic.hint + " | "
    + (diagnostic.related ? textOf(*diagnostic.related) + " " + diagnostic.relatedMessage : "") + "\n";
}

std::string textOf(const ApprovalProblems& problems)
{
  std::string text;
  for (const auto& [name, ofName] : problems) {
    for (const Diagnostic& diagnostic : ofName) {
      text += name.toText() + " " + textOf(diagnostic);
    }
  }
  return text;
}

std::string textOf(const std::vector<Snapshot::Change>& changes)
{
  std::string text;
  for (const auto& change : changes) {
    text += " " + change.name.toText() + (change.below ? " below" : "");
  }
  return text + "\n";
}

// All that does not depend on an instant, as text.
std::string timelessText(const Snapshot& snapshot)
{
  std::string text = snapshot.dump();
  for (size_t index = 0; index < snapshot.listedCount(); ++index) {
    text += "listed " + Name::fromWire(snapshot.listedAt(index)).toText() + " after " + std::to_string(snapshot.listedAfter(snapshot.listedAt(index)));
    for (const auto& approval : snapshot.approvalsOf(snapshot.listedAt(index))) {
      text += " approved " + textOf(approval->where) + " " + std::to_string(approval->grants.size());
    }
    text += "\n";
  }
  for (const Diagnostic& diagnostic : checkRecordSets(snapshot)) {
    text += textOf(diagnostic);
  }
  return text;
}

std::string answerText(const Snapshot::Answer& answer)
{
  std::string text = " ttl " + std::to_string(answer.ttl) + " changes " + std::to_string(answer.changes) + ":";
  for (const CaaRecord& record : answer.set->records) {
    text += " " + record.toText();
  }
  return text;
}

std::string nameText(const Snapshot& snapshot, const Name& name, Instant now)
{
  const auto view = snapshot.find(name.wire());
  std::string text = name.toText() + (view.listed() ? " listed" : "") + (snapshot.published(view, now) ? " published" : "");
  if (view.governed()) {
    text += (snapshot.flattens(view) ? " flattens" : "") + answerText(snapshot.own(view, now)) + "," + answerText(snapshot.child(view, now));
  }
  const auto reason = snapshot.explain(name.wire(), now);
  text += reason.subtree == nullptr ? "" : "\n  in " + reason.subtree->name.toText() + " " + textOf(reason.subtree->where);
  for (const GrantSource& source : reason.sources) {
    text += "\n  by " + source.name().toText() + (source.approval != nullptr ? " approved " : " allowed ") + textOf(source.grant->where) + " " + source.grant->writtenAs;
  }
  return text + "\n";
}

std::string textAt(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now)
{
  std::string text = "next " + std::to_string(snapshot.nextChange(now)) + " last " + std::to_string(snapshot.lastChange(now)) + "\n";
  text += "until then" + textOf(snapshot.changesBetween(now, snapshot.nextChange(now))) + "for long" + textOf(snapshot.changesBetween(now, now + 2500));
  const auto counts = snapshot.count(now);
  for (const size_t count : {counts.names, counts.subtrees, counts.approvals, counts.live, counts.expiring}) {
    text += " " + std::to_string(count);
  }
  text += "\n";
  for (size_t index = 0; index < snapshot.listedCount(); ++index) {
    const Name name = Name::fromWire(snapshot.listedAt(index));
    text += nameText(snapshot, name, now) + nameText(snapshot, name.child("unlisted"), now);
  }
  text += textOf(checkApprovals(snapshot, roles, now));
  for (const Diagnostic& diagnostic : checkSubtrees(snapshot, roles, now)) {
    text += textOf(diagnostic);
  }
  return text;
}

std::vector<Instant> someInstants(const Scenario& scenario, Random& random, const std::vector<Approval>& approvals)
{
  std::set<Instant> instants{0, 1000000};
  for (const Approval& approval : approvals) {
    for (const Instant boundary : {approval.from, approval.until}) {
      if (boundary != kBeginningOfTime && boundary != kEndOfTime) {
        instants.insert({boundary - 1, boundary, boundary + 1});
      }
    }
  }
  return sample(scenario, random, std::vector<Instant>(instants.begin(), instants.end()), kInstants);
}

// The first line in which two texts differ.
std::optional<std::string> difference(const std::string& what, const std::string& found, const std::string& wanted)
{
  if (found == wanted) {
    return std::nullopt;
  }
  std::istringstream left(found), right(wanted);
  for (std::string line, other;;) {
    const bool hasLine = static_cast<bool>(std::getline(left, line));
    const bool hasOther = static_cast<bool>(std::getline(right, other));
    if (!hasLine || !hasOther || line != other) {
      return what + ": `" + (hasLine ? line : "(end)") + "` for `" + (hasOther ? other : "(end)") + "`";
    }
  }
}

struct Step {
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const Snapshot> snapshot; // from the step before
  std::shared_ptr<const Snapshot> anew;     // from nothing
  std::vector<FileRole> roles;
  std::string text; // timelessText(*snapshot)
};

// The problems of untouched names are those of before: it is how the loader saves checking a million of them.
std::optional<std::string> untouchedProblems(const Step& before, const Step& step, const Compiled& compiled, Instant now)
{
  ApprovalProblems problems = checkApprovals(*before.snapshot, before.roles, now);
  std::erase_if(problems, [&](const auto& entry) { return std::binary_search(compiled.touched.begin(), compiled.touched.end(), entry.first); });
  problems.merge(checkApprovals(*step.snapshot, step.roles, now, compiled.touched));
  return difference("problems of touched names, and of others before", textOf(problems), textOf(checkApprovals(*step.snapshot, step.roles, now)));
}

std::optional<std::string> wrongWith(const Step& step, const Step* before, const Compiled& compiled, bool samePlaces, const std::vector<Instant>& instants)
{
  if (auto problem = difference("compiled", step.text, timelessText(*step.anew))) {
    return problem;
  }
  if (before != nullptr) {
    if (auto problem = difference("the snapshot before was changed", timelessText(*before->snapshot), before->text)) {
      return problem;
    }
  }
  for (const Instant now : instants) {
    const std::string when = "at " + std::to_string(now);
    if (auto problem = difference(when, textAt(*step.snapshot, step.roles, now), textAt(*step.anew, step.roles, now))) {
      return problem;
    }
    if (before == nullptr) {
      continue;
    }
    const auto changes = step.snapshot->changesSince(*before->snapshot, now);
    if (auto problem = difference("since the step before, " + when, textOf(changes), textOf(step.anew->changesSince(*before->anew, now)))) {
      return problem;
    }
    if (compiled.whole) {
      continue;
    }
    for (const auto& change : changes) {
      if (!std::binary_search(compiled.touched.begin(), compiled.touched.end(), change.name)) {
        return change.name.toText() + " changes, but is not among those touched";
      }
    }
    if (samePlaces && before->roles == step.roles) {
      if (auto problem = untouchedProblems(*before, step, compiled, now)) {
        return problem;
      }
    }
  }
  return std::nullopt;
}

bool sameAround(const Written& before, const Written& after)
{
  const auto bare = [](std::vector<Subtree> subtrees) {
    for (Subtree& subtree : subtrees) {
      forgetPlaces(subtree);
      subtree.where = {};
      if (subtree.limits) {
        subtree.limits->where = subtree.limits->wildcardWhere = {};
      }
    }
    return subtrees;
  };
  return before.defaults == after.defaults && bare(before.subtrees) == bare(after.subtrees);
}

// Files that are in both, unchanged, have not changed places.
bool sameOrder(const Policy& before, const Policy& after)
{
  const auto filesAlsoIn = [](const Policy& other, const Policy& policy) {
    std::vector<const FileApprovals*> files;
    for (const auto& placed : policy.approvals) {
      if (std::any_of(other.approvals.begin(), other.approvals.end(), [&placed](const auto& also) { return also.approvals == placed.approvals; })) {
        files.push_back(placed.approvals.get());
      }
    }
    return files;
  };
  return filesAlsoIn(after, before) == filesAlsoIn(before, after);
}

// Where subtrees and unchanged files are; it is in the problems that are found with them.
bool samePlaces(const Policy& before, const Policy& after)
{
  return before.subtrees == after.subtrees && std::none_of(before.approvals.begin(), before.approvals.end(), [&after](const PlacedApprovals& placed) {
    return std::any_of(after.approvals.begin(), after.approvals.end(), [&placed](const PlacedApprovals& other) { return other.approvals == placed.approvals && other.file != placed.file; });
  });
}

struct Statistics {
  size_t incremental{0}, whole{0};
  size_t longest{0}; // how many incremental ones one after the other
};

std::optional<std::string> stepsAgree(const Scenario& scenario, Statistics& statistics)
{
  Random random(scenario.seed);
  Written written = beginWith(*scenario.policy, random);
  Compiler compiler;
  std::optional<Step> last;
  std::string story;
  size_t inARow = 0;
  for (size_t number = 0; number <= kSteps; ++number) {
    Written next = written;
    const std::string done = number == 0 ? "from nothing" : Editor(next, random).edit();
    Step step;
    step.policy = policyOf(next);
    step.roles = rolesOf(next);
    const bool mustBeIncremental = last && sameAround(written, next) && sameOrder(*last->policy, *step.policy) && !last->snapshot->isWasteful();
    step.anew = Snapshot::compile(step.policy);
    Compiled compiled = compiler.compile(step.policy);
    step.snapshot = compiled.snapshot;
    step.text = timelessText(*step.snapshot);
    const auto approvals = allApprovals(*step.policy);
    story += "step " + std::to_string(number) + (compiled.whole ? " (whole): " : ": ") + done + "\n";
    auto problem = wrongWith(step, last ? &*last : nullptr, compiled, last && samePlaces(*last->policy, *step.policy), someInstants(scenario, random, approvals));
    if (!problem && compiled.whole == mustBeIncremental) {
      problem = compiled.whole ? "compiled from nothing" : "not compiled from nothing";
    }
    if (problem) {
      const auto shown = [](const Policy& policy) { return describe(WrittenPolicy{policy, allApprovals(policy)}); };
      return *problem + "\n" + story + (last ? "before:\n" + shown(*last->policy) : "") + "after:\n" + shown(*step.policy);
    }
    (compiled.whole ? statistics.whole : statistics.incremental) += 1;
    inARow = compiled.whole ? 0 : inARow + 1;
    statistics.longest = std::max(statistics.longest, inARow);
    if (number != 0 && random.percent(10)) { // as when something in it is found to be wrong
      story += "not taken\n";
      continue;
    }
    compiler.adopt(std::move(compiled));
    written = std::move(next);
    last = std::move(step);
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("a snapshot made from the one before is what is made from nothing")
{
  Statistics statistics;
  requireForAll([&statistics](const Scenario& scenario) { return stepsAgree(scenario, statistics); });
  CHECK(statistics.incremental > statistics.whole);
  CHECK(statistics.longest >= kSteps / 2);
}

} // namespace caapolicy::test
