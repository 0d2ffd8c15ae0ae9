// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/policy_change.hh"

#include "cli/atomic_file.hh"
#include "cli/policy_input.hh"
#include "cli/progress.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <set>
#include <system_error>
#include <tuple>
#include <unordered_map>

namespace caapolicy::cli {

namespace {

namespace fs = std::filesystem;

// Its line may be another one after a change.
using Fault = std::tuple<std::string, std::string, std::string>;

Fault faultOf(const Diagnostic& diagnostic, const std::vector<SourceFile>& files)
{
  return {diagnostic.code, diagnostic.where.file < files.size() ? files[diagnostic.where.file].path : "", diagnostic.message};
}

// Nothing but the approval that `approve` wrote: no line of a person would be lost with it.
bool isOwn(const SourceFile& file)
{
  if (!file.text.starts_with(kWrittenByApprove) || !holdsOneApproval(file) || fs::is_symlink(file.path)) {
    return false;
  }
  for (size_t at = file.text.find('\n'); at != std::string::npos; at = file.text.find('\n', at + 1)) {
    const size_t first = file.text.find_first_not_of(" \t", at + 1);
    if (first != std::string::npos && file.text[first] == '#') {
      return false;
    }
  }
  return true;
}

} // namespace

PolicyLock::PolicyLock(const fs::path& policy) :
  d_fd(open(policy.has_parent_path() ? policy.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
  int error = d_fd < 0 ? errno : 0;
  if (error == ENOENT || error == ENOTDIR) {
    return;
  }
  const Progress progress("waiting for another caapolicy that changes the policy");
  while (error == 0 && flock(d_fd, LOCK_EX) != 0) {
    error = errno == EINTR ? 0 : errno;
  }
  if (error != 0) {
    if (d_fd >= 0) {
      close(d_fd);
    }
    throw Failure(kFailed, "can't lock the folder of `" + policy.string() + "`: " + std::generic_category().message(error));
  }
}

PolicyLock::~PolicyLock()
{
  if (d_fd >= 0) {
    close(d_fd);
  }
}

PolicyChange::PolicyChange(const Common& common) : d_common(common), d_lock(common.policy), d_loader(common.policy)
{
  const Progress progress("reading " + common.policy.string());
  d_before = d_loader.load(common.at);
  tellErrors(d_before, common.policy, std::string("; nothing was written") + kServerGoesOn);
}

LoadResult PolicyChange::check(const PendingFiles& pending)
{
  const Progress progress("checking the change");
  LoadResult after = d_loader.load(d_common.at, pending);
  std::multiset<Fault> known;
  for (const auto& diagnostic : d_before.diagnostics) {
    known.insert(faultOf(diagnostic, d_before.files));
  }
  bool isWorse = after.snapshot == nullptr;
  for (const auto& diagnostic : after.diagnostics) {
    if (const auto found = known.find(faultOf(diagnostic, after.files)); found != known.end()) {
      known.erase(found);
      continue;
    }
    if (diagnostic.severity == Severity::Error) {
      std::cerr << renderForTerminal(diagnostic, after.files, Stream::Err);
      isWorse = true;
    }
  }
  if (isWorse) {
    throw Failure(kPolicyErrors, "the policy would have errors; nothing was written");
  }
  return after;
}

void PolicyChange::write(const PendingFiles& pending) const
{
  std::set<fs::path> folders;
  for (const auto& [path, text] : pending) {
    folders.insert(path.parent_path());
  }
  std::for_each(folders.begin(), folders.end(), cli::removeLeftovers);
  std::unordered_map<std::string_view, const std::string*> texts;
  for (const SourceFile& file : policy().files) {
    texts.emplace(file.path, &file.text);
  }
  size_t done = 0;
  for (const auto& [path, text] : pending) {
    try {
      const auto before = texts.find(path.native());
      before == texts.end() ? writeNewFile(path, *text) : text ? replaceFile(path, *before->second, *text) : removeFile(path, *before->second);
    }
    catch (const Failure& failure) {
      throw Failure(failure.code(), failure.what() + (done == 0 ? std::string("; nothing was written") : "; of " + std::to_string(pending.size()) + " files, " + std::to_string(done) + " had been changed before"));
    }
    ++done;
  }
}

void PolicyChange::removeLeftovers() const
{
  for (const auto& folder : d_before.watched.folders) {
    cli::removeLeftovers(folder);
  }
}

WithdrawalPlan planWithdrawals(const Policy& policy, const WithdrawalsByFile& withdrawals)
{
  WithdrawalPlan plan;
  for (const auto& [index, ofFile] : withdrawals) {
    const SourceFile& file = policy.files[index];
    if (ofFile.size() == 1 && ofFile[0].issuers.empty() && isOwn(file)) {
      plan.pending.emplace(file.path, std::nullopt);
    }
    else if (auto text = withoutApprovals(file, ofFile)) {
      plan.pending.emplace(file.path, std::move(*text));
    }
    else {
      plan.byHand.push_back(index);
    }
  }
  return plan;
}

} // namespace caapolicy::cli
