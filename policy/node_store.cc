// SPDX-License-Identifier: GPL-2.0-or-later
#include "node_store.hh"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace caapolicy {

static_assert(sizeof(Node) == 16 && sizeof(Segment) == 16 && sizeof(ApprovalRef) == 8);

namespace {

size_t unitsFor(size_t nameLength, size_t segments, size_t approvals)
{
  return sizeof(Node) / 8 + (nameLength + 7) / 8 + segments * sizeof(Segment) / 8 + approvals;
}

} // namespace

size_t NodeStore::sizeOf(const Node& node)
{
  return unitsFor(node.d_nameLength, node.d_segmentCount, node.d_approvalCount);
}

uint32_t NodeStore::add(const Content& content)
{
  constexpr size_t kChunk = kMask + 1;
  const size_t units = unitsFor(content.name.size(), content.segments.size(), content.approvals.size());
  if (d_open > kChunk || d_open + units > kChunk) {
    seal();
    if (d_chunks.size() > UINT32_MAX >> kShift) {
      throw std::length_error("the policy needs more than 32 GiB for its names");
    }
    d_chunks.push_back(std::make_shared_for_overwrite<uint64_t[]>(std::max(units, kChunk)));
    d_open = 0;
  }
  const auto handle = static_cast<uint32_t>((d_chunks.size() - 1) << kShift | d_open);
  Node* node = new (d_chunks.back().get() + d_open) Node;
  node->d_subtree = content.subtree;
  node->d_segmentCount = static_cast<uint32_t>(content.segments.size());
  node->d_approvalCount = static_cast<uint32_t>(content.approvals.size());
  node->d_nameLength = static_cast<uint8_t>(content.name.size());
  node->d_isDeclared = content.isDeclared;
  node->d_isDenied = content.isDenied;
  node->d_reachesBelow = content.reachesBelow;
  node->d_unused = 0;
  char* at = reinterpret_cast<char*>(node) + sizeof(Node);
  std::memcpy(at, content.name.data(), content.name.size());
  at += (content.name.size() + 7) / 8 * 8;
  std::uninitialized_copy(content.segments.begin(), content.segments.end(), reinterpret_cast<Segment*>(at));
  at += content.segments.size_bytes();
  std::uninitialized_copy(content.approvals.begin(), content.approvals.end(), reinterpret_cast<ApprovalRef*>(at));
  d_open += units;
  d_used += units;
  return handle;
}

void NodeStore::seal()
{
  constexpr size_t kChunk = kMask + 1;
  if (d_open < kChunk - kChunk / 8) { // what an incremental step adds is little
    auto fitting = std::make_shared_for_overwrite<uint64_t[]>(d_open);
    std::copy_n(d_chunks.back().get(), d_open, fitting.get());
    d_chunks.back() = std::move(fitting);
  }
  d_open = SIZE_MAX;
}

} // namespace caapolicy
