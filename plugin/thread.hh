// SPDX-License-Identifier: GPL-2.0-or-later
//
// Threads of the module: for the life of the process, and without signals, which PowerDNS's own threads take.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

#include <pthread.h>

namespace caapolicy {

inline void startThread(std::function<void()> run)
{
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([run = std::move(run)] {
    pthread_setname_np(pthread_self(), "pdns/caapolicy");
    run();
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace caapolicy
