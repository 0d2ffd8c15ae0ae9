// SPDX-License-Identifier: GPL-2.0-or-later

#include "policy_files.hh"

#include "include_pattern.hh"
#include "messages.hh"
#include "reader_values.hh"

#include <algorithm>
#include <system_error>
#include <tuple>

namespace caapolicy {

namespace {

namespace fs = std::filesystem;

// A folder that everybody may write to is worth one report, not one for each file in it.
void addOnce(std::vector<Diagnostic>& problems, Diagnostic problem)
{
  const bool isKnown = problem.code == "writable-by-everybody"
    && std::any_of(problems.begin(), problems.end(), [&](const Diagnostic& other) { return other.code == problem.code && other.hint == problem.hint; });
  if (!isKnown) {
    problems.push_back(std::move(problem));
  }
}

// What was found in a file by itself, in that file of the policy.
Diagnostic ofFile(Diagnostic problem, uint32_t own, uint32_t index)
{
  if (problem.where.file == own) {
    problem.where.file = index;
  }
  if (problem.related && problem.related->file == own) {
    problem.related->file = index;
  }
  return problem;
}

// Means each of them what it did?
bool isLinkedAsBefore(const FileApprovals& approvals, const IssuerTable& issuers)
{
  return std::all_of(approvals.issuers().begin(), approvals.issuers().end(), [&](const LinkedIssuer* linked) {
    if (linked == nullptr) {
      return false;
    }
    const bool isNamed = linked->writtenAs.find('.') == std::string::npos; // else it is a domain
    const IssuerDefinition* definition = isNamed ? issuers.find(linked->writtenAs) : nullptr;
    return !isNamed || (definition != nullptr && definition->good && definition->issuer == linked->issuer);
  });
}

} // namespace

// The same for all paths that lead to a file.
std::string PolicyFiles::identityOf(const fs::path& path)
{
  std::error_code code;
  if (fs::is_symlink(path, code)) {
    const fs::path canonical = fs::weakly_canonical(path, code);
    return code ? fs::absolute(path, code).lexically_normal().string() : canonical.string();
  }
  // Of a thousand files in one folder, that is looked at once.
  auto [folder, isNew] = d_folders.try_emplace(path.parent_path().native());
  if (isNew) {
    const fs::path named = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const fs::path canonical = fs::weakly_canonical(named, code);
    folder->second = code ? fs::absolute(named, code).lexically_normal().string() : canonical.string();
  }
  const fs::path name = path.filename();
  const fs::path identity = fs::path(folder->second) / name;
  return name == "." || name == ".." ? identity.lexically_normal().string() : identity.string();
}

void PolicyFiles::read(const fs::path& rootFile)
{
  readOne(rootFile, FileKind::Root, {0, 0, 0, 0});
  // The second pass, now that all issuers are known.
  d_linkedWith = d_known.issuersAre(issuers());
  for (uint32_t index = 0; index < d_parsed.size(); ++index) {
    Parsed& parsed = d_parsed[index];
    if (parsed.file != nullptr) {
      if (mustBeLinkedAnew(*parsed.file)) { // and how its issuers are written was forgotten
        parsed.file = d_known.getAnew(files[index].path, parsed.kind, {index, 0, 0, 0});
        if (parsed.file->source.sha256 != files[index].sha256) {
          throw ChangedMeanwhile("`" + files[index].path + "` changes while it is read");
        }
      }
      Document document = parsed.tree ? readBody(*parsed.tree, parsed.kind, d_issuers, problems, &d_check) : Document();
      document.approvals = link(*parsed.file, index, parsed.kind, d_issuers, problems);
      documents.push_back(std::move(document));
    }
  }
  problems.insert(problems.end(), std::make_move_iterator(d_check.warnings.begin()), std::make_move_iterator(d_check.warnings.end()));
  tellOfDomainsOnce();
  readDelegated();
}

// A domain that no CA is known to have is worth one warning, at the first place of all files.
void PolicyFiles::tellOfDomainsOnce()
{
  const auto others = std::stable_partition(problems.begin(), problems.end(), [](const Diagnostic& problem) { return problem.code != "ca-unknown"; });
  std::sort(others, problems.end(), [](const Diagnostic& left, const Diagnostic& right) {
    return std::tie(left.message, left.where) < std::tie(right.message, right.where);
  });
  problems.erase(std::unique(others, problems.end(), [](const Diagnostic& left, const Diagnostic& right) { return left.message == right.message; }), problems.end());
}

bool PolicyFiles::mustBeLinkedAnew(const KnownFile& file) const
{
  return file.approvals != nullptr && file.linkedWith != d_linkedWith && !isLinkedAsBefore(*file.approvals, d_issuers);
}

PlacedApprovals PolicyFiles::link(KnownFile& file, uint32_t index, FileKind kind, const IssuerTable& table, std::vector<Diagnostic>& found)
{
  const bool isOwn = kind != FileKind::Delegated; // a delegated one has issuers of its own, and is linked anew each time
  const auto& list = file.parsed.approvals;
  const bool isLinked = file.approvals != nullptr && isOwn && !mustBeLinkedAnew(file);
  if (!isLinked) {
    file.linkProblems.clear();
    IssuerCheck check(*catalogue, d_now);
    std::vector<const LinkedIssuer*> issuers = linkIssuers(*list, 0, kind, table, *d_pool, file.linkProblems, &check, isOwn ? &d_linked : nullptr);
    file.linkProblems.insert(file.linkProblems.end(), std::make_move_iterator(check.warnings.begin()), std::make_move_iterator(check.warnings.end()));
    if (file.approvals == nullptr || file.approvals->issuers() != issuers) { // else it stays the very same
      file.approvals = std::make_shared<FileApprovals>(list, std::move(issuers), d_pool);
    }
    if (isOwn && d_known.texts() == Texts::Forget) {
      list->forgetReferences();
    }
  }
  file.linkedWith = d_linkedWith;
  std::transform(file.linkProblems.begin(), file.linkProblems.end(), std::back_inserter(found),
                 [index](const Diagnostic& problem) { return ofFile(problem, 0, index); });
  return list->size() == 0 ? PlacedApprovals() : PlacedApprovals{file.approvals, index};
}

std::map<std::string, Issuer> PolicyFiles::issuers() const
{
  std::map<std::string, Issuer> good;
  for (const std::string_view name : d_issuers.names()) {
    if (const IssuerDefinition* definition = d_issuers.find(std::string(name)); definition->good) {
      good.emplace(name, definition->issuer);
    }
  }
  return good;
}

std::shared_ptr<KnownFile> PolicyFiles::get(const fs::path& path, FileKind kind, const Location& whole)
{
  const auto pending = d_pending.find(path);
  return pending != d_pending.end() && pending->second ? d_known.take(path, *pending->second, kind, whole)
                                                       : d_known.get(path, kind, whole);
}

void PolicyFiles::takeUp(const KnownFile& file, uint32_t index)
{
  files[index] = file.source;
  for (const Diagnostic& problem : file.problems) {
    addOnce(problems, ofFile(problem, kThisFile, index));
  }
  for (const Diagnostic& problem : file.parsed.problems) {
    problems.push_back(ofFile(problem, 0, index));
  }
}

std::vector<fs::path> PolicyFiles::withPending(std::vector<fs::path> matched, const fs::path& folder, const std::string& pattern) const
{
  for (const auto& [path, text] : d_pending) {
    std::erase(matched, path);
    if (text && matchesPattern(folder, pattern, path)) {
      matched.push_back(path);
    }
  }
  std::sort(matched.begin(), matched.end(), [](const fs::path& left, const fs::path& right) { return left.native() < right.native(); });
  return matched;
}

bool PolicyFiles::addFile(const fs::path& path, const Location& named, uint32_t& index)
{
  if (files.size() >= d_known.limits().files) {
    if (!d_isFull) {
      problems.push_back(messages::tooManyFiles(named, d_known.limits().files));
    }
    d_isFull = true;
    return false;
  }
  index = static_cast<uint32_t>(files.size());
  files.push_back({path.string(), {}, {}});
  watched.files.push_back(path);
  return true;
}

void PolicyFiles::readOne(const fs::path& path, FileKind kind, const Location& named)
{
  uint32_t index = 0;
  if (!addFile(path, named, index)) {
    return;
  }
  d_parsed.push_back({kind, nullptr, std::nullopt});
  const std::string identity = identityOf(path);
  d_included.emplace(identity, named);

  const std::shared_ptr<KnownFile> file = get(path, kind, {kThisFile, 0, 0, 0});
  takeUp(*file, index);
  if (!file->problems.empty()) {
    return;
  }
  d_parsed[index].file = file;
  if (!file->parsed.tree) {
    return;
  }
  const TreeNode tree = withFile(*file->parsed.tree, index);
  d_parsed[index].tree = tree;
  const TreeNode* ownCatalogue = kind == FileKind::Root ? tree.find("catalogue") : nullptr;
  if (ownCatalogue != nullptr) { // first, as issuers may be written with ids of it
    readCatalogue(*ownCatalogue, path.parent_path());
  }
  if (kind == FileKind::Root && ownCatalogue == nullptr) {
    d_known.catalogueIs({});
  }
  const std::vector<WrittenPath> patterns = readHead(tree, kind, d_issuers, problems, &d_check);
  d_stack.emplace_back(identity, path.string());
  for (const WrittenPath& pattern : patterns) {
    include(pattern, path.parent_path());
  }
  d_stack.pop_back();
}

void PolicyFiles::readCatalogue(const TreeNode& written, const fs::path& folder)
{
  const auto name = readText(written, "`catalogue`", Reading{FileKind::Root, d_issuers, problems});
  uint32_t index = 0;
  if (!name || !addFile(folder / *name, written.where, index)) {
    return;
  }
  d_parsed.push_back({});
  d_included.emplace(identityOf(folder / *name), written.where);
  const std::shared_ptr<KnownFile> file = get(folder / *name, FileKind::Root, written.where);
  d_known.catalogueIs(file->source.sha256);
  takeUp(*file, index);
  if (!file->parsed.tree) {
    return;
  }
  // With errors as well: ids that are good in it are no errors of their users.
  auto own = std::make_shared<Catalogue>(*catalogue);
  own->overlay(withFile(*file->parsed.tree, index), problems);
  catalogue = std::move(own);
  d_check = IssuerCheck(*catalogue, d_now);
}

void PolicyFiles::include(const WrittenPath& pattern, const fs::path& folder)
{
  includes.push_back({folder, pattern.path});
  Expansion expansion = expandPattern(folder, pattern.path);
  if (!d_pending.empty()) {
    expansion.files = withPending(std::move(expansion.files), folder, pattern.path);
  }
  watched.folders.insert(watched.folders.end(), expansion.folders.begin(), expansion.folders.end());
  for (const auto& [unreadable, error] : expansion.unreadable) {
    problems.push_back(messages::cannotList(pattern.where, unreadable.string(), std::generic_category().message(error)));
  }
  if (expansion.files.empty() && expansion.unreadable.empty()) {
    problems.push_back(messages::matchesNothing(pattern.where, pattern.path));
    if (!hasWildcard(pattern.path)) {
      watched.files.push_back(folder / pattern.path);
    }
  }
  d_known.readAhead(expansion.files, FileKind::Included);
  for (const fs::path& path : expansion.files) {
    includeFile(path, pattern);
  }
}

void PolicyFiles::includeFile(const fs::path& path, const WrittenPath& pattern)
{
  const std::string identity = identityOf(path);
  const auto open = std::find_if(d_stack.begin(), d_stack.end(), [&](const auto& file) { return file.first == identity; });
  if (open != d_stack.end()) {
    std::vector<std::string> chain;
    std::transform(open, d_stack.end(), std::back_inserter(chain), [](const auto& file) { return file.second; });
    chain.push_back(path.string());
    problems.push_back(messages::includeCycle(pattern.where, chain));
    return;
  }
  if (const auto first = d_included.find(identity); first != d_included.end()) {
    problems.push_back(messages::includedTwice(pattern.where, path.string(), first->second));
    return;
  }
  readOne(path, FileKind::Included, pattern.where);
}

// A team may make its file a link to one of the policy, which must not stop the policy around it. Where the policy's
// file is a link as well, it may be that one which leads to the team's.
bool PolicyFiles::isOwnLink(const fs::path& delegatedFile)
{
  std::error_code ignored;
  if (!fs::is_symlink(delegatedFile, ignored)) {
    return false;
  }
  const std::string identity = identityOf(delegatedFile);
  const auto ofPolicy = files.begin() + static_cast<std::ptrdiff_t>(d_parsed.size());
  return std::none_of(files.begin(), ofPolicy, [&](const SourceFile& file) { return fs::is_symlink(file.path, ignored) && identityOf(file.path) == identity; });
}

void PolicyFiles::readDelegated()
{
  std::map<std::string, Location> seen;
  for (const Document& document : documents) {
    for (const WrittenSubtree& subtree : document.subtrees) {
      if (!subtree.delegate) {
        continue;
      }
      const WrittenPath& written = *subtree.delegate;
      const fs::path path = fs::path(files[written.where.file].path).parent_path() / written.path;
      if (const auto [first, isNew] = seen.emplace(fs::absolute(path).lexically_normal().string(), written.where); !isNew) {
        problems.push_back(messages::delegatedTwice(written.where, path.string(), first->second));
        continue;
      }
      const bool isIncluded = d_included.count(identityOf(path)) != 0;
      if (isIncluded && !isOwnLink(path)) {
        problems.push_back(messages::delegatedAndIncluded(written.where, path.string()));
        continue;
      }
      DelegatedFile file{subtree.subtree.name, 0, written, nullptr, {}};
      if (!addFile(path, written.where, file.index)) {
        return;
      }
      file.file = get(path, FileKind::Delegated, written.where);
      files[file.index] = file.file->source;
      std::transform(file.file->problems.begin(), file.file->problems.end(), std::back_inserter(file.problems),
                     [&file](const Diagnostic& problem) { return ofFile(problem, kThisFile, file.index); });
      if (isIncluded) {
        file.problems.push_back(messages::delegatedAndIncluded(written.where, path.string()));
      }
      delegated.push_back(std::move(file));
    }
  }
}

Document PolicyFiles::readDelegated(const DelegatedFile& delegatedFile, KnownFile& file, std::vector<Diagnostic>& found)
{
  const uint32_t index = delegatedFile.index;
  std::transform(file.parsed.problems.begin(), file.parsed.problems.end(), std::back_inserter(found), [index](const Diagnostic& problem) { return ofFile(problem, 0, index); });
  IssuerTable issuers(&d_issuers);
  IssuerCheck check(*catalogue, d_now);
  Document document;
  if (file.parsed.tree) {
    const TreeNode tree = withFile(*file.parsed.tree, index);
    readHead(tree, FileKind::Delegated, issuers, found, &check);
    document = readBody(tree, FileKind::Delegated, issuers, found, &check);
  }
  document.approvals = link(file, index, FileKind::Delegated, issuers, found);
  found.insert(found.end(), std::make_move_iterator(check.warnings.begin()), std::make_move_iterator(check.warnings.end()));
  return document;
}

} // namespace caapolicy
