// SPDX-License-Identifier: GPL-2.0-or-later

#include "policy_files.hh"

#include "include_pattern.hh"
#include "messages.hh"
#include "reader_values.hh"
#include "yaml_tree.hh"

#include <algorithm>
#include <system_error>

namespace caapolicy {

namespace {

namespace fs = std::filesystem;

// The same for all paths that lead to a file.
std::string identityOf(const fs::path& path)
{
  std::error_code code;
  const fs::path canonical = fs::weakly_canonical(path, code);
  return code ? fs::absolute(path, code).lexically_normal().string() : canonical.string();
}

bool isJsonLines(const fs::path& path)
{
  return path.extension() == ".jsonl";
}

// A folder that everybody may write to is worth one report, not one for each file in it.
void addOnce(std::vector<Diagnostic>& problems, Diagnostic problem)
{
  const bool isKnown = problem.code == "writable-by-everybody"
    && std::any_of(problems.begin(), problems.end(), [&](const Diagnostic& other) { return other.code == problem.code && other.hint == problem.hint; });
  if (!isKnown) {
    problems.push_back(std::move(problem));
  }
}

} // namespace

void PolicyFiles::read(const fs::path& rootFile)
{
  readOne(rootFile, FileKind::Root, {0, 0, 0, 0});
  // The second pass, now that all issuers are known.
  for (uint32_t index = 0; index < d_parsed.size(); ++index) {
    Parsed& parsed = d_parsed[index];
    if (parsed.tree) {
      documents.push_back(readBody(*parsed.tree, parsed.kind, d_issuers, problems, &d_check));
      parsed.tree.reset();
    }
    else if (parsed.isLines) {
      documents.push_back(readApprovalLines(files[index].text, index, parsed.kind, d_issuers, problems, &d_check));
    }
  }
  problems.insert(problems.end(), std::make_move_iterator(d_check.warnings.begin()), std::make_move_iterator(d_check.warnings.end()));
  readDelegated();
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

SourceRead PolicyFiles::read(const fs::path& path, uint32_t index, const Location& whole) const
{
  const auto pending = d_pending.find(path);
  return pending != d_pending.end() && pending->second ? takeSource(path, *pending->second, index, whole, d_limits.fileBytes)
                                                       : readSource(path, index, whole, d_limits.fileBytes);
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
  if (files.size() >= d_limits.files) {
    if (!d_isFull) {
      problems.push_back(messages::tooManyFiles(named, d_limits.files));
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
  d_parsed.push_back({kind, std::nullopt, false});
  const std::string identity = identityOf(path);
  d_included.emplace(identity, named);

  SourceRead source = read(path, index, {index, 0, 0, 0});
  for (Diagnostic& problem : source.problems) {
    addOnce(problems, std::move(problem));
  }
  const bool good = source.good();
  files[index] = std::move(source.file);
  if (!good) {
    return;
  }
  if (isJsonLines(path) && kind != FileKind::Root) {
    d_parsed[index].isLines = true;
    return;
  }
  std::optional<TreeNode> tree = parseYaml(files[index].text, index, problems);
  if (!tree) {
    return;
  }
  const TreeNode* ownCatalogue = kind == FileKind::Root ? tree->find("catalogue") : nullptr;
  if (ownCatalogue != nullptr) { // first, as issuers may be written with ids of it
    readCatalogue(*ownCatalogue, path.parent_path());
  }
  const std::vector<WrittenPath> patterns = readHead(*tree, kind, d_issuers, problems, &d_check);
  d_parsed[index].tree = std::move(tree);
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
  d_parsed.push_back({FileKind::Root, std::nullopt, false});
  d_included.emplace(identityOf(folder / *name), written.where);
  SourceRead source = read(folder / *name, index, written.where);
  for (Diagnostic& problem : source.problems) {
    addOnce(problems, std::move(problem));
  }
  const bool good = source.good();
  files[index] = std::move(source.file);
  const std::optional<TreeNode> tree = good ? parseYaml(files[index].text, index, problems) : std::nullopt;
  if (!tree) {
    return;
  }
  // With errors as well: ids that are good in it are no errors of their users.
  auto own = std::make_shared<Catalogue>(*catalogue);
  own->overlay(*tree, problems);
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
bool PolicyFiles::isOwnLink(const fs::path& delegatedFile) const
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
      DelegatedFile file{subtree.subtree.name, 0, written, {}};
      if (!addFile(path, written.where, file.index)) {
        return;
      }
      SourceRead source = read(path, file.index, written.where);
      files[file.index] = std::move(source.file);
      file.problems = std::move(source.problems);
      if (isIncluded) {
        file.problems.push_back(messages::delegatedAndIncluded(written.where, path.string()));
      }
      delegated.push_back(std::move(file));
    }
  }
}

Document PolicyFiles::parseDelegated(const DelegatedFile& file, const std::string& text, std::vector<Diagnostic>& found) const
{
  IssuerTable issuers(&d_issuers);
  IssuerCheck check(*catalogue, d_now);
  Document document;
  if (isJsonLines(files[file.index].path)) {
    document = readApprovalLines(text, file.index, FileKind::Delegated, issuers, found, &check);
  }
  else if (const std::optional<TreeNode> tree = parseYaml(text, file.index, found)) {
    readHead(*tree, FileKind::Delegated, issuers, found, &check);
    document = readBody(*tree, FileKind::Delegated, issuers, found, &check);
  }
  found.insert(found.end(), std::make_move_iterator(check.warnings.begin()), std::make_move_iterator(check.warnings.end()));
  return document;
}

} // namespace caapolicy
