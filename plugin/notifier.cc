// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/notifier.hh"

#include "plugin/pdns.hh"

// The header leads to one that wants Lua's own headers, which nothing here needs.
#define INCLUDE_LUACONTEXT_HPP
class LuaContext {};
#include "communicator.hh"

#include <semaphore.h>

// pdns_server has it, pdnsutil doesn't.
[[gnu::weak]] extern CommunicatorClass Communicator;

namespace caapolicy {

namespace {

// The loop of the communicator waits for a private semaphore; the public functions that post it queue something as well, and
// the queue of notifications has no lock. An explicit instantiation may name private members, as in wrapped.cc.
void post(CommunicatorClass& communicator);

template <auto AnySemaphore, auto Posix>
struct ReachSemaphore {
  friend void post(CommunicatorClass& communicator) { sem_post((communicator.*AnySemaphore.*Posix).get()); }
};

template struct ReachSemaphore<&CommunicatorClass::d_any_sem, &Semaphore::m_pSemaphore>;

} // namespace

void wakeCommunicator()
{
  CommunicatorClass* const communicator = &Communicator;
  if (communicator != nullptr) {
    post(*communicator);
  }
}

} // namespace caapolicy
