// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_builder.hh"

#include "policy/compile.hh"

#include <memory>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

std::shared_ptr<const Policy> policyOf(const std::string& subtree, const std::string& approved)
{
  auto policy = std::make_shared<Policy>();
  policy->files.push_back({"policy.yaml", "", ""});
  policy->subtrees.resize(1);
  policy->subtrees[0].name = name(subtree);
  Approval approval;
  approval.name = name(approved);
  approval.grants = {grant("a.example")};
  approval.where = {0, 1, 1, 1};
  policy->approvals = packed({approval});
  return policy;
}

} // namespace

TEST_CASE("a compiler lets go of what no policy has any more", "[compile]")
{
  Compiler compiler;
  auto policy = policyOf("example.com", "a.example.com");
  const std::weak_ptr<const IssuerPool> pool = policy->approvals[0].approvals->pool();
  compiler.adopt(compiler.compile(std::move(policy)));
  CHECK_FALSE(pool.expired());
  compiler.adopt(compiler.compile(policyOf("example.net", "a.example.net")));
  CHECK(pool.expired());
}

TEST_CASE("what is not adopted is no base", "[compile]")
{
  Compiler compiler;
  CHECK(compiler.compile(policyOf("example.com", "a.example.com")).whole);
  CHECK(compiler.base() == nullptr);
  CHECK(compiler.compile(policyOf("example.com", "b.example.com")).whole);
  compiler.adopt(compiler.compile(policyOf("example.com", "c.example.com")));
  const auto step = compiler.compile(policyOf("example.com", "d.example.com"));
  CHECK_FALSE(step.whole);
  CHECK(step.touched == std::vector<Name>{Name(), name("com"), name("example.com"), name("c.example.com"), name("d.example.com")});
  CHECK(compiler.base()->findNode(name("c.example.com").wire()) != nullptr);
  CHECK(step.snapshot->findNode(name("c.example.com").wire()) == nullptr);
}
