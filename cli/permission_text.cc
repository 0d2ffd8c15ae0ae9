// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/permission_text.hh"

namespace caapolicy::cli {

namespace {

const char* word(Purpose purpose)
{
  switch (purpose) {
  case Purpose::Name: return "name";
  case Purpose::Wildcard: return "wildcard";
  case Purpose::Mail: return "mail";
  case Purpose::Mark: return "vmc";
  }
  return "";
}

std::string phrase(Purpose purpose)
{
  switch (purpose) {
  case Purpose::Name: return "the name";
  case Purpose::Wildcard: return "the wildcard";
  case Purpose::Mail: return "mail";
  case Purpose::Mark: return "mark certificates";
  }
  return "";
}

} // namespace

std::string whoText(const std::string& ca, const std::string& account, const std::vector<std::string>& methods)
{
  std::string text = ca.empty() ? "any CA" : ca;
  text += account.empty() ? (ca.empty() ? "" : ", any account") : ", account " + account;
  for (size_t i = 0; i < methods.size(); ++i) {
    text += (i == 0 ? ", method " : " or ") + methods[i];
  }
  return text + (methods.empty() && !ca.empty() ? ", any method" : "");
}

std::string purposesText(const std::vector<Purpose>& purposes)
{
  std::string text;
  for (size_t i = 0; i < purposes.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == purposes.size() ? " and " : ", ") + phrase(purposes[i]);
  }
  return text;
}

Json purposesJson(const std::vector<Purpose>& purposes)
{
  Json words = Json::array();
  for (const Purpose purpose : purposes) {
    words.push_back(word(purpose));
  }
  return words;
}

} // namespace caapolicy::cli
