// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/hashed_orders.hh"

#include "plugin/zone_facts.hh"

namespace caapolicy {

bool hashAlike(const NSEC3PARAMRecordContent& one, const NSEC3PARAMRecordContent& other)
{
  return one.d_algorithm == other.d_algorithm && one.d_iterations == other.d_iterations && one.d_salt == other.d_salt;
}

NameHash hashWith(const NSEC3PARAMRecordContent& parameters, const DNSName& name)
{
  const std::string bytes = hashQNameWithSalt(parameters, name);
  NameHash hash{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

HashedOrders::HashedOrders(std::shared_ptr<const Snapshot> snapshot, const HashedOrders* before) : d_snapshot(std::move(snapshot))
{
  if (before == nullptr) {
    return;
  }
  for (auto& [apex, made] : before->all()) {
    auto order = before->d_snapshot == d_snapshot ? made.order : std::make_shared<const HashedListed>(*made.order, d_snapshot);
    d_made.emplace(apex, Made{made.parameters, std::move(order)});
  }
}

std::map<DNSName, HashedOrders::Made> HashedOrders::all() const
{
  const std::lock_guard lock(d_mutex);
  return d_made;
}

std::shared_ptr<const HashedListed> HashedOrders::of(const DNSName& apex, const NSEC3PARAMRecordContent& parameters) const
{
  const std::lock_guard lock(d_mutex); // others wait: they would make the same
  Made& made = d_made[apex];
  if (!made.order || !hashAlike(made.parameters, parameters)) {
    const auto hash = [parameters](WireName name) { return hashWith(parameters, toDnsName(name)); };
    made = {parameters, std::make_shared<const HashedListed>(d_snapshot, std::string(WireBuffer(apex).name()), hash)};
  }
  return made.order;
}

} // namespace caapolicy
