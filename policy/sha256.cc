// SPDX-License-Identifier: GPL-2.0-or-later
#include "sha256.hh"

#include <array>

#include <openssl/evp.h>

namespace caapolicy {

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : d_context(EVP_MD_CTX_new()), d_isGood(d_context != nullptr && EVP_DigestInit_ex(d_context.get(), EVP_sha256(), nullptr) == 1) {}

void Sha256::add(std::string_view piece)
{
  d_isGood = d_isGood && EVP_DigestUpdate(d_context.get(), piece.data(), piece.size()) == 1;
}

std::string Sha256::hex() &&
{
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (!d_isGood || EVP_DigestFinal_ex(d_context.get(), digest.data(), &length) != 1) {
    return {};
  }
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int index = 0; index < length; ++index) {
    text += digits[digest[index] >> 4U];
    text += digits[digest[index] & 0xFU];
  }
  return text;
}

std::string sha256Hex(std::string_view content)
{
  Sha256 hash;
  hash.add(content);
  return std::move(hash).hex();
}

} // namespace caapolicy
