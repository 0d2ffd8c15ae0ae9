// SPDX-License-Identifier: GPL-2.0-or-later
//
// Memory for large tables that are read at random: on huge pages where the kernel has them, so that a lookup costs no walk through
// page tables besides. Smaller blocks come from the heap as ever.
#pragma once

#include <cstddef>
#include <cstdint>
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
    // Straight from the kernel, and back to it: what a reload needs for a moment isn't kept by the heap.
    const size_t whole = wholePages(bytes);
    void* const memory = mmap(nullptr, whole + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::bad_alloc();
    }
    char* const begin = static_cast<char*>(memory);
    const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
    if (before > 0) {
      munmap(begin, before);
    }
    munmap(begin + before + whole, kHugePage - before);
    madvise(begin + before, whole, MADV_HUGEPAGE); // a wish: it works without, too
    return reinterpret_cast<T*>(begin + before);
  }

  void deallocate(T* memory, size_t count) noexcept
  {
    const size_t bytes = count * sizeof(T);
    if (bytes < kHugePage) {
      ::operator delete(memory);
    }
    else {
      munmap(memory, wholePages(bytes));
    }
  }

  bool operator==(const HugePageAllocator&) const = default;

private:
  static size_t wholePages(size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }
};

} // namespace caapolicy
