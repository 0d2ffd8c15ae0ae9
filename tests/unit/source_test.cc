// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/sha256.hh"
#include "policy/source_reader.hh"
#include "policy/utf8.hh"
#include "reading_support.hh"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

std::string problemsOfFile(const TempFolder& folder, const std::filesystem::path& path, size_t maxBytes = 1000)
{
  const SourceRead read = readSource(path, 0, {0, 0, 0, 0}, maxBytes);
  return folder.shorten(renderAll(read.problems, {read.file}));
}

} // namespace

TEST_CASE("lines of a source")
{
  const SourceFile file{"f", "one\ntwo\r\n\nfour", {}};
  CHECK(file.line(0) == "");
  CHECK(file.line(1) == "one");
  CHECK(file.line(2) == "two");
  CHECK(file.line(3) == "");
  CHECK(file.line(4) == "four");
  CHECK(file.line(5) == "");
  CHECK(SourceFile{"f", "", {}}.line(1) == "");
}

TEST_CASE("a good file is read whole")
{
  const TempFolder folder;
  const auto path = folder.write("policy.yaml", "version: 1\n");
  const SourceRead read = readSource(path, 5, {}, 11);
  CHECK(read.good());
  CHECK(read.file.path == path.string());
  CHECK(read.file.text == "version: 1\n");
  CHECK(read.file.sha256 == "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
  CHECK(sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(readSource(folder.write("empty.yaml", ""), 0, {}, 0).good());
}

TEST_CASE("a file that cannot be read is reported")
{
  const TempFolder folder;
  CHECK(problemsOfFile(folder, folder.path() / "none.yaml") == R"(none.yaml: error: cannot read `none.yaml`: No such file or directory [cannot-read]
  hint: create the file, or mend the path that names it
)");

  std::filesystem::create_directory(folder.path() / "folder.yaml");
  CHECK(problemsOfFile(folder, folder.path() / "folder.yaml") == R"(folder.yaml: error: `folder.yaml` is a folder, not a file [not-a-file]
  hint: to read the files in it, write `folder.yaml/*.yaml` under `include`
)");

  REQUIRE(mkfifo((folder.path() / "fifo.yaml").c_str(), 0600) == 0);
  CHECK(problemsOfFile(folder, folder.path() / "fifo.yaml") == "fifo.yaml: error: `fifo.yaml` is not a regular file [not-a-file]\n");

  CHECK(problemsOfFile(folder, folder.write("big.yaml", "version: 1\n"), 10) == R"(big.yaml: error: `big.yaml` is over 10 bytes long [file-too-big]
  hint: split it into several included files
)");
}

TEST_CASE("a file that is closed to this user is reported with what to do")
{
  if (geteuid() != 0) {
    return; // takes two users
  }
  const TempFolder folder;
  const auto closed = folder.write("closed.yaml", "version: 1\n");
  const auto inside = folder.write("inside/policy.yaml", "version: 1\n");
  chmod(folder.path().c_str(), 0755);
  chmod(closed.c_str(), 0600);
  chmod((folder.path() / "inside").c_str(), 0700);
  REQUIRE(setegid(65534) == 0);
  REQUIRE(seteuid(65534) == 0);
  const std::string file = problemsOfFile(folder, closed);
  const std::string way = problemsOfFile(folder, inside);
  REQUIRE(seteuid(0) == 0);
  REQUIRE(setegid(0) == 0);
  CHECK(file == R"(closed.yaml: error: user `nobody` may not read `closed.yaml` [permission-denied]
  hint: make it readable for user `nobody`: `chgrp nogroup closed.yaml` and `chmod g+r closed.yaml`
)");
  CHECK(way == R"(inside/policy.yaml: error: user `nobody` may not read `inside/policy.yaml`: the folder `inside` is closed to it [permission-denied]
  hint: open the folder for user `nobody`: `chgrp nogroup inside` and `chmod g+x inside`
)");
}

TEST_CASE("what everybody may write to is refused")
{
  const TempFolder folder;
  const auto file = folder.write("policy.yaml", "version: 1\n");
  chmod(file.c_str(), 0666);
  CHECK(problemsOfFile(folder, file) == R"(policy.yaml: error: `policy.yaml` is writable by everybody [writable-by-everybody]
  hint: `chmod o-w policy.yaml`
)");

  const auto held = folder.write("open/policy.yaml", "version: 1\n");
  chmod((folder.path() / "open").c_str(), 01777); // the sticky bit doesn't help
  const std::string inOpenFolder = R"(policy.yaml: error: the folder `open` is writable by everybody, so that anyone could put another file in the place of `)";
  CHECK(problemsOfFile(folder, held) == "open/" + inOpenFolder + "open/policy.yaml` [writable-by-everybody]\n  hint: `chmod o-w open`\n");

  // A link from a safe folder into one that isn't.
  std::filesystem::create_symlink(held, folder.path() / "link.yaml");
  CHECK(problemsOfFile(folder, folder.path() / "link.yaml")
        == "link.yaml: error: the folder `open` is writable by everybody, so that anyone could put another file in the place of `link.yaml` [writable-by-everybody]\n  hint: `chmod o-w open`\n");
}

TEST_CASE("what is no text is reported where it stands")
{
  const TempFolder folder;
  struct Case {
    const char* name;
    std::string text;
    std::string problems;
  };
  const std::vector<Case> cases{
    {"a NUL byte", std::string("version: 1\na: \0b\n", 16), R"(f.yaml:2:4: error: a NUL byte in a text [nul-byte]
    a: )" "\xEF\xBF\xBD" R"(b
       ^
  hint: save the file as UTF-8
)"},
    {"Latin-1", "version: 1\na: b\xFC" "cher\n", "f.yaml:2:5: error: the byte 0xfc is not UTF-8 here [not-utf8]\n    a: b\xEF\xBF\xBD" R"(cher
        ^
  hint: save the file as UTF-8
)"},
    {"a character that is cut", "ü\xC3", "f.yaml:1:3: error: the byte 0xc3 is not UTF-8 here [not-utf8]\n    ü\xEF\xBF\xBD\n     ^\n  hint: save the file as UTF-8\n"},
    {"a byte order mark", "\xEF\xBB\xBFversion: 1\n", "f.yaml:1:1: error: the file begins with a byte order mark [byte-order-mark]\n    \xEF\xBB\xBFversion: 1\n    ^\n  hint: save it as UTF-8 without one\n"},
  };
  for (const Case& test : cases) {
    INFO(test.name);
    CHECK(problemsOfFile(folder, folder.write("f.yaml", test.text)) == test.problems);
  }
}

TEST_CASE("UTF-8 is told from what is not")
{
  CHECK_FALSE(firstInvalidUtf8("aü日😀"));
  for (const std::string bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    CHECK(firstInvalidUtf8("a" + bad) == 1U);
  }
}

TEST_CASE("a large file comes in pieces of whole lines")
{
  const TempFolder folder;
  std::string text;
  for (int line = 0; line < 100'000; ++line) {
    text += "line " + std::to_string(line) + " of many, some 40 bytes each\n";
  }
  text += std::string(3 << 20, 'x') + "\nno line break at the end";
  const auto path = folder.write("large.jsonl", text);
  std::string given;
  size_t pieces = 0;
  const SourceRead read = readLines(path, 0, {}, text.size(), [&](std::string_view lines) {
    given += lines;
    ++pieces;
    CHECK((lines.empty() || lines.back() == '\n' || given.size() == text.size()));
  });
  CHECK(read.good());
  CHECK(given == text);
  CHECK(pieces > 3);
  CHECK(read.file.text.empty());
  CHECK(read.file.sha256 == sha256Hex(text));
  CHECK(read.file.sha256 == readSource(path, 0, {}, text.size()).file.sha256);

  const SourceRead tooBig = readLines(path, 0, {0, 0, 0, 0}, text.size() - 1, [](std::string_view) {});
  CHECK(shortForm(tooBig.problems) == "0:0:0+0 file-too-big\n");
}

TEST_CASE("what is wrong far on in a large file has its place, and nothing after it is given")
{
  const TempFolder folder;
  std::string text;
  for (int line = 0; line < 100'000; ++line) {
    text += "line " + std::to_string(line) + " of many, some 40 bytes each\n";
  }
  const auto whole = text;
  text += "good\nsome\xFF\n\xFE\nx" + std::string(1, '\0') + "\n" + whole;
  const auto path = folder.write("large.jsonl", text);
  std::string given;
  const SourceRead read = readLines(path, 7, {}, text.size(), [&](std::string_view lines) { given += lines; });
  CHECK(shortForm(read.problems) == "7:100004:2+1 nul-byte\n7:100002:5+1 not-utf8\n");
  CHECK(shortForm(read.problems) == shortForm(readSource(path, 7, {}, text.size()).problems));
  CHECK(whole.rfind(given, 0) == 0);
  CHECK(given.size() > whole.size() / 2);
  CHECK(read.file.sha256 == sha256Hex(text));
}
