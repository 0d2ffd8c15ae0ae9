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
  const size_t units = unitsFor(content.name.size(), content.segments.size(), content.approvals.size());
  if (!d_isOpen || d_chunks.back()->size() + units > d_chunks.back()->capacity()) {
    const size_t room = d_room;
    seal();
    if (d_chunks.size() > UINT32_MAX >> kShift) {
      throw std::length_error("the policy needs more than 32 GiB for its names");
    }
    d_chunks.push_back(std::make_shared<Chunk>());
    d_chunks.back()->reserve(std::max(units, room));
    d_begins.push_back(d_chunks.back()->data());
    d_room = std::min<size_t>(2 * room, kMask + 1);
    d_isOpen = true;
  }
  Chunk& chunk = *d_chunks.back();
  const size_t offset = chunk.size();
  const auto handle = static_cast<uint32_t>((d_chunks.size() - 1) << kShift | offset);
  chunk.resize(offset + units); // within its room: nothing moves
  Node* node = new (chunk.data() + offset) Node;
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
  d_used += units;
  return handle;
}

void NodeStore::seal()
{
  if (d_isOpen) {
    Chunk& last = *d_chunks.back();
    if (last.size() < last.capacity() - last.capacity() / 8) {
      last.shrink_to_fit();
    }
    d_begins.back() = last.data();
    d_isOpen = false;
  }
  d_room = kFirstRoom;
}

} // namespace caapolicy
