// SPDX-License-Identifier: GPL-2.0-or-later
//
// Memory for large tables that are read at random: on huge pages where the kernel has them, so that a lookup costs no walk through
// page tables besides. Smaller blocks come from the heap as ever.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace caapolicy {

inline constexpr size_t kHugePage = size_t{2} << 20;

template <typename T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <typename Other>
  HugePageAllocator(const HugePageAllocator<Other>&) noexcept {}

  T* allocate(size_t count)
  {
    const size_t bytes = count * sizeof(T);
    if (bytes < kHugePage) {
      return static_cast<T*>(::operator new(bytes));
    }
    const size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* const memory = std::aligned_alloc(kHugePage, whole);
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    madvise(memory, whole, MADV_HUGEPAGE); // a wish: it works without, too
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, size_t count) noexcept
  {
    if (count * sizeof(T) < kHugePage) {
      ::operator delete(memory);
    }
    else {
      std::free(memory);
    }
  }

  bool operator==(const HugePageAllocator&) const = default;
};

} // namespace caapolicy
