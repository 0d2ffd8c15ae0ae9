// SPDX-License-Identifier: GPL-2.0-or-later
//
// SHA-256 (FIPS 180-4) of a content that comes in pieces. One thread uses an object at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace caapolicy {

class Sha256 {
public:
  Sha256();
  void add(std::string_view piece);
  // Of all pieces, in lower case hex; empty where the library doesn't have it. Ends the object's use.
  std::string hex() &&;

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> d_context;
  bool d_isGood;
};

std::string sha256Hex(std::string_view content);

} // namespace caapolicy
