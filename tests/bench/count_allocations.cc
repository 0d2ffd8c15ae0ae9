// SPDX-License-Identifier: GPL-2.0-or-later
//
// To be preloaded (LD_PRELOAD): counts the heap allocations of each thread of a process, in a file that is shared with whoever
// wants to know. operator new is counted as well, since it asks malloc.
//
// The file named by CAAPOLICY_ALLOCATIONS is there already and is full of zeros. It becomes an array of 64-bit counts, one for
// each thread in the order in which they first allocated; threads beyond its size share the last one.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
// glibc's own names for what is replaced here.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

using Count = std::atomic<uint64_t>;
Count* g_counts{nullptr}; // null: nobody wants to know
size_t g_slots{0};
std::atomic<size_t> g_threads{0};
// Initial-exec: the general model may allocate at the first use in a thread.
__attribute__((tls_model("initial-exec"))) thread_local size_t t_slot{0}; // plus one; 0: none yet

__attribute__((constructor)) void open()
{
  const char* path = getenv("CAAPOLICY_ALLOCATIONS");
  const int file = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0) {
    return;
  }
  void* memory = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) {
    g_slots = static_cast<size_t>(status.st_size) / sizeof(Count);
    g_counts = static_cast<Count*>(memory);
  }
}

void count() noexcept
{
  if (g_counts == nullptr) {
    return;
  }
  if (t_slot == 0) {
    const size_t slot = g_threads.fetch_add(1, std::memory_order_relaxed);
    t_slot = 1 + (slot < g_slots ? slot : g_slots - 1);
  }
  g_counts[t_slot - 1].fetch_add(1, std::memory_order_relaxed);
}

} // namespace

extern "C" {

void* malloc(size_t size)
{
  count();
  return __libc_malloc(size);
}

void* calloc(size_t count_, size_t size)
{
  count();
  return __libc_calloc(count_, size);
}

void* realloc(void* old, size_t size)
{
  count();
  return __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size)
{
  count();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** result, size_t alignment, size_t size)
{
  void* memory = memalign(alignment, size);
  if (memory == nullptr) {
    return ENOMEM;
  }
  *result = memory;
  return 0;
}

} // extern "C"
