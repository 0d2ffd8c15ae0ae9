// SPDX-License-Identifier: GPL-2.0-or-later
#include "stored.hh"

namespace caapolicy::test {

StoredZone stored(const ZoneRecords& records)
{
  StoredZone zone{records.apex, {}};
  for (const auto& [name, node] : records.nodes) {
    StoredNode& into = zone.nodes[name];
    into.caa = node.caa;
    into.caaTtl = 3600;
    into.cname = node.has("CNAME");
    into.dname = node.has("DNAME");
    into.ns = node.has("NS");
  }
  return zone;
}

} // namespace caapolicy::test
