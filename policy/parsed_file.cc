// SPDX-License-Identifier: GPL-2.0-or-later
#include "parsed_file.hh"

#include "messages.hh"
#include "reader_parts.hh"
#include "yaml_tree.hh"

#include <algorithm>
#include <iterator>

namespace caapolicy {

namespace {

// As of a file of JSON Lines: one name that is missing may be wrong in a million approvals.
constexpr size_t kMaxProblems = 1000;

void setFile(TreeNode& node, uint32_t fileIndex)
{
  node.where.file = fileIndex;
  for (TreeNode& item : node.items) {
    setFile(item, fileIndex);
  }
  for (TreeEntry& entry : node.entries) {
    entry.keyWhere.file = fileIndex;
    setFile(entry.value, fileIndex);
  }
}

// Every use of the references that are marked, in the order of places.
std::vector<ApprovalList::Use> usesOf(const ApprovalList& approvals, const std::vector<bool>& isMarked)
{
  std::vector<ApprovalList::Use> marked;
  const auto add = [&](const std::vector<ApprovalList::Use>& uses) {
    std::copy_if(uses.begin(), uses.end(), std::back_inserter(marked), [&](const ApprovalList::Use& use) { return isMarked[use.reference]; });
  };
  std::vector<ApprovalList::Use> uses;
  for (size_t index = 0; index < approvals.size(); ++index) {
    approvals.usesAt(index, uses);
    add(uses);
  }
  add(approvals.strayUses());
  std::sort(marked.begin(), marked.end(), [](const auto& left, const auto& right) { return left.where < right.where; });
  return marked;
}

} // namespace

TreeNode withFile(TreeNode tree, uint32_t fileIndex)
{
  setFile(tree, fileIndex);
  return tree;
}

ParsedFile parseYamlFile(std::string_view text, FileKind kind)
{
  ParsedFile file;
  ApprovalListBuilder builder;
  std::vector<Diagnostic> ofApprovals;
  const IssuerTable none; // which issuers there are is for linkIssuers
  const Reading reading{kind, none, ofApprovals};
  const ItemStream stream{"approvals", [&](const TreeNode& item) { readApproval(item, reading, builder); }};
  file.tree = parseYaml(text, 0, file.problems, kMaxTreeValues, &stream);
  if (!file.tree) { // then nothing of it is told but why it cannot be read
    file.approvals = std::make_shared<ApprovalList>();
    return file;
  }
  file.problems.insert(file.problems.end(), std::make_move_iterator(ofApprovals.begin()), std::make_move_iterator(ofApprovals.end()));
  file.approvals = std::make_shared<ApprovalList>(std::move(builder).build());
  return file;
}

ParsedFile parseJsonLinesFile(std::string_view text, FileKind kind)
{
  return parseJsonLinesFile(kind, [text](JsonLines& lines) { lines.read(text); });
}

ParsedFile parseJsonLinesFile(FileKind kind, const std::function<void(JsonLines&)>& feed)
{
  ParsedFile file;
  ApprovalListBuilder builder;
  const IssuerTable none;
  const Reading reading{kind, none, file.problems};
  JsonLines lines(0, file.problems, [&](const TreeNode& object) { readApproval(object, reading, builder); });
  feed(lines);
  file.approvals = std::make_shared<ApprovalList>(std::move(builder).build());
  return file;
}

std::vector<const LinkedIssuer*> linkIssuers(const ApprovalList& approvals, uint32_t fileIndex, FileKind kind, const IssuerTable& issuers, IssuerPool& pool,
                                             std::vector<Diagnostic>& problems, IssuerCheck* check, KnownIssuers* known)
{
  std::vector<Diagnostic> found;
  const Reading reading{kind, issuers, found, check};
  std::vector<const LinkedIssuer*> linked;
  linked.reserve(approvals.references().size());
  std::vector<bool> isWrongText(approvals.references().size());
  for (const auto& [words, node] : approvals.references()) {
    if (known != nullptr) {
      if (const auto same = known->find(words); same != known->end()) {
        linked.push_back(same->second);
        continue;
      }
    }
    const TreeNode reference = withFile(node, fileIndex);
    const size_t warnings = check == nullptr ? 0 : check->warnings.size();
    const size_t before = found.size();
    auto issuer = readIssuerReference(reference, "an issuer", reading);
    if (reference.isScalar() && found.size() != before) {
      isWrongText[linked.size()] = true;
      found.resize(before); // told below, with all other places
    }
    linked.push_back(issuer ? pool.intern({std::move(issuer->issuer), std::move(issuer->writtenAs)}) : nullptr);
    if (known != nullptr && linked.back() != nullptr && (check == nullptr || check->warnings.size() == warnings)) {
      known->emplace(words, linked.back());
    }
  }
  if (std::find(isWrongText.begin(), isWrongText.end(), true) != isWrongText.end()) {
    for (const ApprovalList::Use& use : usesOf(approvals, isWrongText)) {
      TreeNode reference = approvals.references()[use.reference].node;
      reference.where = use.where;
      reference.where.file = fileIndex;
      if (found.size() >= kMaxProblems) {
        found.push_back(messages::tooManyProblems({fileIndex, use.where.line, 1, 1}));
        break;
      }
      readIssuerReference(reference, "an issuer", reading);
    }
  }
  problems.insert(problems.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return linked;
}

} // namespace caapolicy
