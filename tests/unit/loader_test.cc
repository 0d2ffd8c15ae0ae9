// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include "policy/file_approvals.hh"

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <optional>
#include <set>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

// Files that a test has just written may be remembered as well.
const LoadLimits kNoSettling{.settling = std::chrono::nanoseconds(0)};

// Files that are written, or with no text removed, and what loading gives then.
struct Step {
  std::vector<std::pair<std::string, std::optional<std::string>>> files;
  std::string outcome;
};

struct Story {
  const char* name;
  std::vector<Step> steps; // with one Loader
};

const std::vector<Story> kStories{
  {"a missing root file", {
    {{},
R"~(policy.yaml: error: cannot read `policy.yaml`: No such file or directory [cannot-read]
  hint: create the file, or mend the path that names it
refused
)~"},
  }},
  {"included files share their issuers", {
    {{{"policy.yaml", R"~(version: 1
subtrees: {example.com: {}}
include: [conf.d/*.yaml, conf.d/*.jsonl]
)~"},
      {"conf.d/a.yaml", "approvals: [{name: a.example.com, issuer: other}]\n"},
      {"conf.d/b.yaml", "issuers: {other: {ca: ca.example.net}}\n"},
      {"conf.d/.hidden.yaml", "nonsense: 1\n"},
      {"conf.d/x.jsonl", "{\"name\": \"x.example.com\", \"issuer\": \"other\"}\n"}},
"in force\n"},
  }},
  {"a catalogue of the policy's own", {
    {{{"policy.yaml", R"~(version: 1
issuers: {corp: {ca: corp-ca, accounts: ["https://pki.corp.net/1"]}}
subtrees: {example.com: {allow: [corp, pki.corp.net, ca.elsewhere.net]}}
catalogue: conf.d/cas.json
)~"}},
R"~(policy.yaml:2:22: error: `corp-ca` is not an issuer domain: it has just one label [bad-issuer-domain]
    issuers: {corp: {ca: corp-ca, accounts: ["https://pki.corp.net/1"]}}
                         ^~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:3:40: warning: no CA is known that has the issuer domain `pki.corp.net` [ca-unknown]
    subtrees: {example.com: {allow: [corp, pki.corp.net, ca.elsewhere.net]}}
                                           ^~~~~~~~~~~~
  hint: if it is a CA of your own, put it into the file that the key `catalogue` names; `caapolicy ca list` shows those that are known
policy.yaml:3:54: warning: no CA is known that has the issuer domain `ca.elsewhere.net` [ca-unknown]
    subtrees: {example.com: {allow: [corp, pki.corp.net, ca.elsewhere.net]}}
                                                         ^~~~~~~~~~~~~~~~
  hint: if it is a CA of your own, put it into the file that the key `catalogue` names; `caapolicy ca list` shows those that are known
policy.yaml:4:12: error: cannot read `conf.d/cas.json`: No such file or directory [cannot-read]
    catalogue: conf.d/cas.json
               ^~~~~~~~~~~~~~~
  hint: create the file, or mend the path that names it
refused
)~"},
    {{{"conf.d/cas.json", R"~({"cas": {
  "corp-ca": {"domains": ["pki.corp.net"], "acounturi": "yes"}
}})~"}},
R"~(policy.yaml:2:42: warning: corp-ca is not known to honour `accounturi`: what is granted to `pki.corp.net` may be granted to EVERY account there, anybody's [account-ignored]
    issuers: {corp: {ca: corp-ca, accounts: ["https://pki.corp.net/1"]}}
                                             ^~~~~~~~~~~~~~~~~~~~~~~~
  hint: take a CA that does (`caapolicy ca list`), or, if you know better, say so in the file that the key `catalogue` names; all public CAs must from 2027-03-15 on
policy.yaml:3:54: warning: no CA is known that has the issuer domain `ca.elsewhere.net` [ca-unknown]
    subtrees: {example.com: {allow: [corp, pki.corp.net, ca.elsewhere.net]}}
                                                         ^~~~~~~~~~~~~~~~
  hint: if it is a CA of your own, put it into the file that the key `catalogue` names; `caapolicy ca list` shows those that are known
conf.d/cas.json:2:44: error: unknown key `acounturi` in a CA [unknown-key]
    "corp-ca": {"domains": ["pki.corp.net"], "acounturi": "yes"}
                                             ^~~~~~~~~~~
  hint: did you mean `accounturi`?
refused
)~"},
    {{{"conf.d/cas.json", R"~({"cas": {"corp-ca": {"domains": ["pki.corp.net"], "accounturi": "yes"}, "else": {"domains": ["ca.elsewhere.net"]}}})~"}},
"in force\n"},
  }},
  {"a catalogue is of the root file alone, and a delegated file sees it", {
    {{{"policy.yaml", R"~(version: 1
subtrees: {example.com: {}, team.example.com: {delegate: team.yaml}}
catalogue: cas.json
)~"},
      {"cas.json", R"~({"cas": {"corp-ca": {"domains": ["pki.corp.net"]}}})~"},
      {"team.yaml", R"~(catalogue: cas.json
approvals:
  - {name: a.team.example.com, issuer: {ca: corp-ca}}
  - {name: b.team.example.com, issuer: letsencrypt.com}
)~"}},
R"~(policy.yaml:2:58: warning: `team.yaml` has errors and no good version: nobody may issue at or below `team.example.com` until it is mended [subtree-denied]
    subtrees: {example.com: {}, team.example.com: {delegate: team.yaml}}
                                                             ^~~~~~~~~
team.yaml:1:1: error: `catalogue` is not allowed in a delegated file [key-not-here]
    catalogue: cas.json
    ^~~~~~~~~
  hint: it goes into the root file
team.yaml:4:40: warning: no CA is known that has the issuer domain `letsencrypt.com` [ca-unknown]
    - {name: b.team.example.com, issuer: letsencrypt.com}
                                         ^~~~~~~~~~~~~~~
  hint: did you mean `letsencrypt.org`?
in force
not in force: team.yaml
)~"},
    {{{"team.yaml", "approvals: [{name: a.team.example.com, issuer: {ca: corp-ca}}]\n"}},
"in force\n"},
  }},
  {"patterns that match nothing", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
include: [conf.d/*.yaml, more.yaml]
)~"}},
R"~(policy.yaml:4:11: warning: no file matches `conf.d/*.yaml` [include-matches-nothing]
    include: [conf.d/*.yaml, more.yaml]
              ^~~~~~~~~~~~~
policy.yaml:4:26: warning: no file matches `more.yaml` [include-matches-nothing]
    include: [conf.d/*.yaml, more.yaml]
                             ^~~~~~~~~
in force
)~"},
  }},
  {"an included file that is a folder", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
include: ["*.d/*.yaml"]
)~"},
      {"conf.d/a.yaml/x", ""}},
R"~(conf.d/a.yaml: error: `conf.d/a.yaml` is a folder, not a file [not-a-file]
  hint: to read the files in it, write `conf.d/a.yaml/*.yaml` under `include`
refused
)~"},
  }},
  {"problems in several files, in their order", {
    {{{"policy.yaml", R"~(version: 1
subtrees: {example.com: {ttl: 0}}
include: [b.yaml, c.jsonl, a.yaml]
)~"},
      {"a.yaml", "zones: {}\n"},
      {"b.yaml", "approvals: [{name: b.example.com}]\n"},
      {"c.jsonl", "nope\n"}},
R"~(policy.yaml:2:31: error: `ttl` must be a whole number of seconds from 1 to 604800, not `0` [bad-ttl]
    subtrees: {example.com: {ttl: 0}}
                                  ^
  hint: for example `ttl: 300`
b.yaml:1:13: error: an approval needs the key `issuer` or `issuers` [missing-key]
    approvals: [{name: b.example.com}]
                ^~~~~~~~~~~~~~~~~~~~~
  hint: for example `issuer: letsencrypt.org`
c.jsonl:1:1: error: a line of a JSON Lines file must be an object [not-an-object]
    nope
    ^~~~
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
a.yaml:1:1: error: `zones` is not allowed in an included file [key-not-here]
    zones: {}
    ^~~~~
  hint: it goes into the root file
refused
)~"},
  }},
  {"what is wrong with the whole is told together with what cannot be read", {
    {{{"policy.yaml", R"~(version: 1
issuers: {broken: {ca: nonsense}}
subtrees:
  example.com: {limits: {require: [method]}}
  a.example.com: {limits: {issuers: [broken]}}
  bad_name.example.org: {}
approvals:
  - {name: x.a.example.com, issuer: ca.example.net}
  - {name: x.example.org, issuer: ca.example.net}
)~"}},
R"~(policy.yaml:2:24: error: `nonsense` is not an issuer domain: it has just one label [bad-issuer-domain]
    issuers: {broken: {ca: nonsense}}
                           ^~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:6:3: error: the label `bad_name` has a `_`: no certificate can name it [bad-name]
    bad_name.example.org: {}
    ^~~~~~~~
  hint: write the name of the host
policy.yaml:8:37: error: `ca.example.net` is outside the limits of `example.com`: `require` demands a method [limit-require]
    - {name: x.a.example.com, issuer: ca.example.net}
                                      ^~~~~~~~~~~~~~
  hint: give the issuer `methods`
policy.yaml:4:26: note: limited here
    example.com: {limits: {require: [method]}}
                           ^~~~~~~
refused
)~"},
  }},
  {"files that include each other", {
    {{{"policy.yaml", R"~(version: 1
include: [a.yaml]
)~"},
      {"a.yaml", "include: [sub/b.yaml]\n"},
      {"sub/b.yaml", "include: [../a.yaml, b.yaml]\n"}},
R"~(sub/b.yaml:1:11: error: a file includes itself: `a.yaml` → `sub/b.yaml` → `sub/../a.yaml` [include-cycle]
    include: [../a.yaml, b.yaml]
              ^~~~~~~~~
  hint: remove the `include` that leads back
sub/b.yaml:1:22: error: a file includes itself: `sub/b.yaml` → `sub/b.yaml` [include-cycle]
    include: [../a.yaml, b.yaml]
                         ^~~~~~
  hint: remove the `include` that leads back
refused
)~"},
  }},
  {"a pattern that matches its own file", {
    {{{"policy.yaml", R"~(version: 1
include: ["*.yaml"]
)~"}},
R"~(policy.yaml:2:11: error: a file includes itself: `policy.yaml` → `policy.yaml` [include-cycle]
    include: ["*.yaml"]
              ^~~~~~~~
  hint: remove the `include` that leads back
refused
)~"},
  }},
  {"a file that is included twice", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
include: [a.yaml, "*a.yaml"]
)~"},
      {"a.yaml", "approvals: [{name: a.example.com, issuer: ca.example.net}]\n"}},
R"~(policy.yaml:4:19: warning: `a.yaml` is included twice; it is read once [included-twice]
    include: [a.yaml, "*a.yaml"]
                      ^~~~~~~~~
policy.yaml:4:11: note: first included here
    include: [a.yaml, "*a.yaml"]
              ^~~~~~
in force
)~"},
  }},
  {"the same in two files", {
    {{{"policy.yaml", R"~(version: 1
issuers: {a: {ca: ca.example.net}}
subtrees: {example.com: {}, EXAMPLE.com.: {}, bücher.example.com: {}}
include: [a.yaml]
)~"},
      {"a.yaml", R"~(issuers: {a: {ca: ca.example.net}}
subtrees: {xn--bcher-kva.example.com: {}}
)~"}},
R"~(policy.yaml:3:29: error: the subtree `example.com` is already in the policy [duplicate-subtree]
    subtrees: {example.com: {}, EXAMPLE.com.: {}, bücher.example.com: {}}
                                ^~~~~~~~~~~~
  hint: put all its keys in one place
policy.yaml:3:12: note: first written here
    subtrees: {example.com: {}, EXAMPLE.com.: {}, bücher.example.com: {}}
               ^~~~~~~~~~~
a.yaml:1:11: error: the issuer `a` is already defined [duplicate-issuer]
    issuers: {a: {ca: ca.example.net}}
              ^
  hint: give one of the two another name
policy.yaml:2:11: note: first defined here
    issuers: {a: {ca: ca.example.net}}
              ^
a.yaml:2:12: error: the subtree `xn--bcher-kva.example.com` is already in the policy [duplicate-subtree]
    subtrees: {xn--bcher-kva.example.com: {}}
               ^~~~~~~~~~~~~~~~~~~~~~~~~
  hint: put all its keys in one place
policy.yaml:3:47: note: first written here
    subtrees: {example.com: {}, EXAMPLE.com.: {}, bücher.example.com: {}}
                                                  ^~~~~~~~~~~~~~~~~~
refused
)~"},
  }},
  {"delegated files that are something else as well", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: a.yaml}
  b.example.com: {delegate: b.yaml}
  c.example.com: {delegate: ./b.yaml}
  d.example.com: {delegate: policy.yaml}
include: [a.yaml]
)~"},
      {"a.yaml", ""},
      {"b.yaml", ""}},
R"~(policy.yaml:4:29: error: `a.yaml` is both delegated to and part of the policy itself [delegated-and-included]
    a.example.com: {delegate: a.yaml}
                              ^~~~~~
  hint: an included file may grant anything: keep delegated files out of the patterns under `include`
policy.yaml:6:29: error: another subtree is delegated to `./b.yaml` already [delegated-twice]
    c.example.com: {delegate: ./b.yaml}
                              ^~~~~~~~
  hint: give each subtree a file of its own
policy.yaml:5:29: note: first delegated here
    b.example.com: {delegate: b.yaml}
                              ^~~~~~
policy.yaml:7:29: error: `policy.yaml` is both delegated to and part of the policy itself [delegated-and-included]
    d.example.com: {delegate: policy.yaml}
                              ^~~~~~~~~~~
  hint: an included file may grant anything: keep delegated files out of the patterns under `include`
refused
)~"},
  }},
  {"a delegated file with an error at a cold start, then mended, then broken", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
  b.example.com: {delegate: teams/b.yaml}
)~"},
      {"teams/a.yaml", R"~(approvals:
  - {name: x.a.example.com, isuer: ca.example.net}
)~"},
      {"teams/b.yaml", "approvals: [{name: x.b.example.com, issuer: ca.example.net}]\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors and no good version: nobody may issue at or below `a.example.com` until it is mended [subtree-denied]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
teams/a.yaml:2:5: error: an approval needs the key `issuer` or `issuers` [missing-key]
    - {name: x.a.example.com, isuer: ca.example.net}
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: for example `issuer: letsencrypt.org`
teams/a.yaml:2:29: error: unknown key `isuer` in an approval [unknown-key]
    - {name: x.a.example.com, isuer: ca.example.net}
                              ^~~~~
  hint: did you mean `issuer`?
in force
not in force: teams/a.yaml
)~"},
    {{{"teams/a.yaml", R"~(subtrees: {a.example.com: {ttl: 60}}
approvals: [{name: x.a.example.com, issuer: ca.example.net}]
)~"}},
"in force\n"},
    {{{"teams/a.yaml", "subtrees: {a.example.com: {limits: {}}}\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors: its last good version stays in force for `a.example.com` [last-good-in-force]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
teams/a.yaml:1:28: error: `limits` of `a.example.com` is set where the subtree is delegated, and cannot be set here [key-set-by-owner]
    subtrees: {a.example.com: {limits: {}}}
                               ^~~~~~
  hint: remove `limits` from this file
policy.yaml:4:43: note: set here
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                                            ^~~~~~
in force
not in force: teams/a.yaml
)~"},
    {{{"teams/a.yaml", "approvals: [{name: x.a.example.com, issuer: ca.example.org}]\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors: its last good version stays in force for `a.example.com` [last-good-in-force]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
teams/a.yaml:1:45: error: `ca.example.org` is outside the limits of `a.example.com`: `issuers` has no `ca.example.org` [limit-issuers]
    approvals: [{name: x.a.example.com, issuer: ca.example.org}]
                                                ^~~~~~~~~~~~~~
  hint: it allows `ca.example.net`
policy.yaml:4:52: note: limited here
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                                                     ^~~~~~~
in force
not in force: teams/a.yaml
)~"},
    {{{"teams/a.yaml", "a: b: c\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors: its last good version stays in force for `a.example.com` [last-good-in-force]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
teams/a.yaml:1:5: error: not YAML: illegal map value [not-yaml]
    a: b: c
        ^
  hint: look for a `: ` too much, a `:` that is missing in the line before, or lines that are not indented alike
in force
not in force: teams/a.yaml
)~"},
    {{{"teams/a.yaml", std::nullopt}},
R"~(policy.yaml:4:29: error: cannot read `teams/a.yaml`: No such file or directory [cannot-read]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
  hint: create the file, or mend the path that names it
policy.yaml:4:29: warning: `teams/a.yaml` has errors: its last good version stays in force for `a.example.com` [last-good-in-force]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
in force
not in force: teams/a.yaml
)~"},
  }},
  {"an error in the policy leaves what is known of delegated files", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
  b.example.com: {delegate: teams/b.yaml}
)~"},
      {"teams/a.yaml", "approvals: [{name: x.a.example.com, issuer: ca.example.net}]\n"},
      {"teams/b.yaml", "approvals: [{name: x.b.example.com, issuer: ca.example.net}]\n"}},
"in force\n"},
    {{{"policy.yaml", "version: 2\n"},
      {"teams/a.yaml", "x: y\n"}},
R"~(policy.yaml:1:10: error: version `2` of the policy language is not known [wrong-version]
    version: 2
             ^
  hint: write `version: 1`
refused
)~"},
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
  b.example.com: {delegate: teams/b.yaml}
  z: {q: 1}
)~"}},
R"~(policy.yaml:6:7: error: unknown key `q` in a subtree [unknown-key]
    z: {q: 1}
        ^
  hint: the keys here are `allow`, `inherit`, `ttl`, `iodef`, `contactemail`, `contactphone`, `mail`, `vmc`, `limits`, `delegate` and `cname`
teams/a.yaml:1:1: error: unknown key `x` in the policy [unknown-key]
    x: y
    ^
  hint: the keys here are `version`, `issuers`, `subtrees` and `approvals`
refused
not in force: teams/a.yaml
)~"},
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
  b.example.com: {delegate: teams/b.yaml}
)~"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors: its last good version stays in force for `a.example.com` [last-good-in-force]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
                              ^~~~~~~~~~~~
teams/a.yaml:1:1: error: unknown key `x` in the policy [unknown-key]
    x: y
    ^
  hint: the keys here are `version`, `issuers`, `subtrees` and `approvals`
in force
not in force: teams/a.yaml
)~"},
  }},
  {"new limits that the last good version breaks", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.net]}}
  b.example.com: {delegate: teams/b.yaml}
)~"},
      {"teams/a.yaml", "approvals: [{name: x.a.example.com, issuer: ca.example.net}]\n"},
      {"teams/b.yaml", "approvals: [{name: x.b.example.com, issuer: ca.example.net}]\n"}},
"in force\n"},
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.org]}}
  b.example.com: {delegate: teams/b.yaml}
)~"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors and no good version: nobody may issue at or below `a.example.com` until it is mended [subtree-denied]
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.org]}}
                              ^~~~~~~~~~~~
teams/a.yaml:1:45: error: `ca.example.net` is outside the limits of `a.example.com`: `issuers` has no `ca.example.net` [limit-issuers]
    approvals: [{name: x.a.example.com, issuer: ca.example.net}]
                                                ^~~~~~~~~~~~~~
  hint: it allows `ca.example.org`
policy.yaml:4:52: note: limited here
    a.example.com: {delegate: teams/a.yaml, limits: {issuers: [ca.example.org]}}
                                                     ^~~~~~~
in force
not in force: teams/a.yaml
)~"},
  }},
  {"what a delegated file may not say", {
    {{{"policy.yaml", R"~(version: 1
issuers: {le-web: {ca: letsencrypt.org}}
subtrees:
  example.com: {}
  a.example.com: {delegate: a.yaml}
  b.example.com: {delegate: b.yaml}
  c.example.com: {delegate: c.yaml}
  d.example.com: {delegate: d.jsonl}
)~"},
      {"a.yaml", "issuers: {le-web: {ca: ca.example.net}}\n"},
      {"b.yaml", "approvals: [{name: x.example.com, issuer: le-web}]\n"},
      {"c.yaml", R"~(include: [a.yaml]
subtrees: {x.c.example.com: {delegate: x.yaml}}
)~"},
      {"d.jsonl", "{\"name\": \"x.d.example.com\", \"issuer\": \"own\"}\n"}},
R"~(policy.yaml:5:29: warning: `a.yaml` has errors and no good version: nobody may issue at or below `a.example.com` until it is mended [subtree-denied]
    a.example.com: {delegate: a.yaml}
                              ^~~~~~
policy.yaml:6:29: warning: `b.yaml` has errors and no good version: nobody may issue at or below `b.example.com` until it is mended [subtree-denied]
    b.example.com: {delegate: b.yaml}
                              ^~~~~~
policy.yaml:7:29: warning: `c.yaml` has errors and no good version: nobody may issue at or below `c.example.com` until it is mended [subtree-denied]
    c.example.com: {delegate: c.yaml}
                              ^~~~~~
policy.yaml:8:29: warning: `d.jsonl` has errors and no good version: nobody may issue at or below `d.example.com` until it is mended [subtree-denied]
    d.example.com: {delegate: d.jsonl}
                              ^~~~~~~
a.yaml:1:11: error: the issuer `le-web` is already defined [duplicate-issuer]
    issuers: {le-web: {ca: ca.example.net}}
              ^~~~~~
  hint: give one of the two another name
policy.yaml:2:11: note: first defined here
    issuers: {le-web: {ca: letsencrypt.org}}
              ^~~~~~
b.yaml:1:20: error: `x.example.com` is outside what this file is delegated [outside-delegation]
    approvals: [{name: x.example.com, issuer: le-web}]
                       ^~~~~~~~~~~~~
  hint: this file may speak of `b.example.com` and names below it
policy.yaml:6:3: note: delegated here
    b.example.com: {delegate: b.yaml}
    ^~~~~~~~~~~~~
c.yaml:1:1: error: `include` is not allowed in a delegated file [key-not-here]
    include: [a.yaml]
    ^~~~~~~
  hint: it goes into the root file, or one that it includes
c.yaml:2:30: error: `delegate` is not allowed in a delegated file [key-not-here]
    subtrees: {x.c.example.com: {delegate: x.yaml}}
                                 ^~~~~~~~
  hint: it goes into the root file, or one that it includes
d.jsonl:1:39: error: unknown issuer `own` [unknown-issuer]
    {"name": "x.d.example.com", "issuer": "own"}
                                          ^~~~~
  hint: define it under `issuers`, or write the issuer domain of a CA: `letsencrypt.org`
in force
not in force: a.yaml
not in force: b.yaml
not in force: c.yaml
not in force: d.jsonl
)~"},
  }},
  {"of two delegated files that clash, the upper one's is at fault", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml}
  b.a.example.com: {delegate: teams/b.yaml}
)~"},
      {"teams/a.yaml", "subtrees: {c.b.a.example.com: {}}\n"},
      {"teams/b.yaml", "subtrees: {c.b.a.example.com: {}}\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors and no good version: nobody may issue at or below `a.example.com` until it is mended [subtree-denied]
    a.example.com: {delegate: teams/a.yaml}
                              ^~~~~~~~~~~~
teams/a.yaml:1:12: error: the subtree `c.b.a.example.com` is already in the policy [duplicate-subtree]
    subtrees: {c.b.a.example.com: {}}
               ^~~~~~~~~~~~~~~~~
  hint: put all its keys in one place
teams/b.yaml:1:12: note: first written here
    subtrees: {c.b.a.example.com: {}}
               ^~~~~~~~~~~~~~~~~
in force
not in force: teams/a.yaml
)~"},
  }},
  {"limits of a delegated file that the policy breaks are that file's error, and no other's", {
    {{{"policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml}
  b.a.example.com: {delegate: teams/b.yaml}
approvals: [{name: z.a.example.com, issuer: ca.example.org}]
)~"},
      {"teams/a.yaml", "subtrees: {a.example.com: {limits: {issuers: [ca.example.net]}}}\n"},
      {"teams/b.yaml", "approvals: [{name: z.b.a.example.com, issuer: ca.example.org}]\n"}},
R"~(policy.yaml:4:29: warning: `teams/a.yaml` has errors and no good version: nobody may issue at or below `a.example.com` until it is mended [subtree-denied]
    a.example.com: {delegate: teams/a.yaml}
                              ^~~~~~~~~~~~
teams/a.yaml:1:37: error: `ca.example.org` is outside the limits of `a.example.com`: `issuers` has no `ca.example.org` [limit-issuers]
    subtrees: {a.example.com: {limits: {issuers: [ca.example.net]}}}
                                        ^~~~~~~
  hint: loosen the limit, or ask for the grant to be removed
policy.yaml:6:45: note: granted here, by a file above this one
    approvals: [{name: z.a.example.com, issuer: ca.example.org}]
                                                ^~~~~~~~~~~~~~
in force
not in force: teams/a.yaml
)~"},
  }},
};

} // namespace

TEST_CASE("loading a policy of several files")
{
  const auto texts = GENERATE(Texts::Keep, Texts::Forget);
  for (const Story& story : kStories) {
    const TempFolder folder;
    Loader loader(folder.path() / "policy.yaml", {}, kNoSettling, texts);
    for (size_t index = 0; index < story.steps.size(); ++index) {
      for (const auto& [path, text] : story.steps[index].files) {
        if (text) {
          folder.write(path, *text);
        }
        else {
          std::filesystem::remove(folder.path() / path);
        }
      }
      INFO(story.name << ", step " << index + 1);
      CHECK(outcome(loader, folder) == story.steps[index].outcome);
    }
  }
}

namespace {

bool grants(const LoadResult& result, const std::string& name)
{
  const Name parsed = Name::parseHostName(name).name;
  const auto view = result.snapshot->find(parsed.wire());
  REQUIRE(view.governed());
  return result.snapshot->own(view, kNow).set->grants;
}

const std::string kPolicy = R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: a.yaml}
  b.example.com: {delegate: b.yaml}
)~";

std::string approvalOf(const std::string& name)
{
  return "approvals: [{name: " + name + ", issuer: ca.example.net}]\n";
}

} // namespace

TEST_CASE("a delegated file with an error leaves its last good version in force")
{
  const TempFolder folder;
  folder.write("policy.yaml", kPolicy);
  folder.write("a.yaml", approvalOf("old.a.example.com"));
  folder.write("b.yaml", approvalOf("old.b.example.com"));
  Loader loader(folder.path() / "policy.yaml");
  LoadResult result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK(grants(result, "old.a.example.com"));
  CHECK_FALSE(result.hasErrors());
  CHECK(result.notInForce.empty());

  folder.write("a.yaml", approvalOf("new.a.example.com") + "x: y\n");
  folder.write("b.yaml", approvalOf("new.b.example.com"));
  result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK(result.hasErrors());
  CHECK(result.notInForce == std::vector<std::filesystem::path>{folder.path() / "a.yaml"});
  CHECK(grants(result, "old.a.example.com"));
  CHECK_FALSE(grants(result, "new.a.example.com"));
  CHECK(grants(result, "new.b.example.com"));
  CHECK_FALSE(grants(result, "old.b.example.com"));
  // Diagnostics point into the new text, the policy into the one in force.
  REQUIRE(result.files.size() == 3);
  REQUIRE(result.snapshot->policy().files.size() == 3);
  CHECK(result.files[1].text == approvalOf("new.a.example.com") + "x: y\n");
  CHECK(result.snapshot->policy().files[1].text == approvalOf("old.a.example.com"));
  CHECK(result.snapshot->policy().files[1].sha256 != result.files[1].sha256);

  folder.write("a.yaml", approvalOf("new.a.example.com"));
  result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK(grants(result, "new.a.example.com"));
  CHECK_FALSE(grants(result, "old.a.example.com"));
}

TEST_CASE("a delegated file that was never good denies its subtree, and nothing else")
{
  const TempFolder folder;
  folder.write("policy.yaml", kPolicy + "approvals:\n  - {name: c.a.example.com, issuer: ca.example.net}\n  - {name: c.example.com, issuer: ca.example.net}\n");
  folder.write("b.yaml", approvalOf("old.b.example.com"));
  Loader loader(folder.path() / "policy.yaml");
  const LoadResult result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK_FALSE(grants(result, "c.a.example.com"));
  CHECK_FALSE(grants(result, "a.example.com"));
  CHECK(grants(result, "c.example.com"));
  CHECK(grants(result, "old.b.example.com"));
}

TEST_CASE("the text of a delegated file is good only when the whole policy is")
{
  const TempFolder folder;
  folder.write("policy.yaml", kPolicy + "x: y\n");
  folder.write("a.yaml", approvalOf("x.a.example.com"));
  folder.write("b.yaml", "");
  Loader loader(folder.path() / "policy.yaml");
  CHECK(loader.load(kNow).snapshot == nullptr);
  folder.write("policy.yaml", kPolicy);
  folder.write("a.yaml", "x: y\n");
  const LoadResult result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK_FALSE(grants(result, "x.a.example.com"));
}

TEST_CASE("a file that is no longer delegated is forgotten")
{
  const TempFolder folder;
  folder.write("policy.yaml", kPolicy);
  folder.write("a.yaml", approvalOf("x.a.example.com"));
  folder.write("b.yaml", "");
  Loader loader(folder.path() / "policy.yaml");
  REQUIRE(loader.load(kNow).snapshot);
  folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\n");
  REQUIRE(loader.load(kNow).snapshot);
  folder.write("policy.yaml", kPolicy);
  folder.write("a.yaml", "x: y\n");
  const LoadResult result = loader.load(kNow);
  REQUIRE(result.snapshot);
  CHECK_FALSE(grants(result, "x.a.example.com"));
}

TEST_CASE("a delegated file adds to its own node what is not set there")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\nsubtrees:\n  example.com: {}\n  a.example.com: {delegate: a.yaml, ttl: 60, mail: deny}\n");
  folder.write("a.yaml", R"~(issuers: {own: {ca: ca.example.net}}
subtrees:
  A.example.com.:
    allow: [own]
    inherit: true
    iodef: mailto:a@example.com
    contactemail: a@example.com
    contactphone: "+442079460000"
    vmc: deny
    limits: {wildcard: false}
    cname: flatten
)~");
  Loader loader(folder.path() / "policy.yaml");
  const LoadResult result = loader.load(kNow);
  REQUIRE(result.diagnostics.empty());
  const Policy& policy = result.snapshot->policy();
  REQUIRE(policy.subtrees.size() == 2);
  const Subtree& node = policy.subtrees[1];
  CHECK(node.name.toText() == "a.example.com");
  CHECK(node.where == Location{0, 4, 3, 13});
  REQUIRE(node.allow.size() == 1);
  CHECK(node.allow[0].where.file == 1);
  CHECK(node.inherit);
  CHECK(node.settings.ttl == 60U);
  CHECK(node.settings.iodef == std::vector<std::string>{"mailto:a@example.com"});
  CHECK(node.settings.contactemail == std::vector<std::string>{"a@example.com"});
  CHECK(node.settings.contactphone == std::vector<std::string>{"+442079460000"});
  CHECK(node.settings.mail == OtherIssuers{});
  CHECK(node.settings.vmc == OtherIssuers{});
  REQUIRE(node.limits);
  CHECK_FALSE(node.limits->wildcard);
  CHECK(node.cname == CnameMode::Flatten);
}

TEST_CASE("a team cannot stop the policy around its own by making a record set too large")
{
  const auto approval = [](size_t accounts, const std::string& from) {
    std::string text = "  - {name: x.a.example.com, issuer: {ca: ca.example.net, accounts: [";
    for (size_t number = 0; number < accounts; ++number) {
      text += "https://ca.example.net/" + from + std::to_string(number) + ", ";
    }
    return text + "]}}\n";
  };
  const std::string policy = "version: 1\nsubtrees:\n  example.com: {}\n  a.example.com: {delegate: a.yaml}\napprovals:\n" + approval(700, "policy");
  const TempFolder folder;
  folder.write("policy.yaml", policy);
  folder.write("a.yaml", "approvals:\n" + approval(600, "team"));
  Loader loader(folder.path() / "policy.yaml");
  LoadResult result = loader.load(kNow);
  // The set is too large where the policy's own, larger part of it stands; and still the team's file is left out.
  CHECK(result.snapshot != nullptr);
  CHECK(result.hasErrors());
  CHECK(result.notInForce == std::vector<std::filesystem::path>{folder.path() / "a.yaml"});

  folder.write("policy.yaml", policy + approval(600, "more"));
  folder.write("a.yaml", "");
  result = loader.load(kNow);
  CHECK(result.snapshot == nullptr);
  CHECK(result.notInForce.empty());
}

TEST_CASE("of several teams, only those at fault are left out")
{
  const auto grants = [](const std::string& name, size_t accounts) {
    std::string text = "{ca: ca.example.net, accounts: [";
    for (size_t number = 0; number < accounts; ++number) {
      text += "https://ca.example.net/" + name + std::to_string(number) + ", ";
    }
    return text + "]}";
  };
  std::string policy = "version: 1\nsubtrees:\n  example.com: {allow: [" + grants("policy", 700) + "]}\n";
  const TempFolder folder;
  for (const std::string team : {"a", "b", "c", "d", "e"}) {
    policy += "  " + team + ".example.com: {inherit: true, delegate: " + team + ".yaml}\n";
    const bool isTooMuch = team == "b" || team == "d";
    folder.write(team + ".yaml", "approvals: [{name: x." + team + ".example.com, issuer: " + grants(team, isTooMuch ? 600 : 1) + "}]\n");
  }
  folder.write("policy.yaml", policy);
  Loader loader(folder.path() / "policy.yaml");
  const LoadResult result = loader.load(kNow);
  CHECK(result.snapshot != nullptr);
  CHECK(result.notInForce == std::vector<std::filesystem::path>{folder.path() / "b.yaml", folder.path() / "d.yaml"});
}

TEST_CASE("a team cannot stop the policy around its own with a link")
{
  const TempFolder folder;
  folder.write("policy.yaml", R"~(version: 1
subtrees:
  example.com: {}
  a.example.com: {delegate: teams/a.yaml}
  b.example.com: {delegate: teams/b.yaml}
include: ["more.d/*.yaml"]
)~");
  folder.write("more.d/more.yaml", "approvals: [{name: more.example.com, issuer: ca.example.net}]\n");
  folder.write("teams/b.yaml", "approvals: [{name: x.b.example.com, issuer: ca.example.net}]\n");
  Loader loader(folder.path() / "policy.yaml");
  const auto isLeftOut = [&](const std::string& target) {
    std::filesystem::remove(folder.path() / "teams/a.yaml");
    std::filesystem::create_symlink(target, folder.path() / "teams/a.yaml");
    const LoadResult result = loader.load(kNow);
    return result.snapshot != nullptr && result.notInForce == std::vector<std::filesystem::path>{folder.path() / "teams/a.yaml"};
  };
  CHECK(isLeftOut("b.yaml")); // whose names are not its own
  CHECK(isLeftOut("../policy.yaml"));
  CHECK(isLeftOut("../more.d/more.yaml"));
  CHECK(isLeftOut("a.yaml"));

  // But a team's file must not get the rights of an included one.
  std::filesystem::remove(folder.path() / "teams/a.yaml");
  folder.write("teams/a.yaml", "approvals: [{name: y.b.example.com, issuer: ca.example.net}]\n");
  std::filesystem::create_symlink("../teams/a.yaml", folder.path() / "more.d/a.yaml");
  CHECK(loader.load(kNow).snapshot == nullptr);
  folder.write("teams/real.yaml", "approvals: [{name: y.b.example.com, issuer: ca.example.net}]\n");
  std::filesystem::remove(folder.path() / "teams/a.yaml");
  std::filesystem::create_symlink("real.yaml", folder.path() / "teams/a.yaml");
  CHECK(loader.load(kNow).snapshot == nullptr);
}

TEST_CASE("the loader tells what it looked at")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {delegate: team.yaml}}\ninclude: [\"conf.d/*/[ab].yaml\", none.yaml, gone.d/*.jsonl, " + (folder.path() / "abs.yaml").string() + "]\n");
  folder.write("abs.yaml", "");
  folder.write("conf.d/x/b.yaml", "");
  folder.write("conf.d/y/a.yaml", "");
  folder.write("conf.d/y/c.yaml", "x: y\n");
  folder.write("conf.d/.z/a.yaml", "x: y\n");
  folder.write("conf.d/file", "");
  Loader loader(folder.path() / "policy.yaml");
  const LoadResult result = loader.load(kNow);
  const auto full = [&](std::vector<std::filesystem::path> paths) {
    for (auto& path : paths) {
      path = folder.path() / path;
    }
    return paths;
  };
  CHECK(result.watched.files == full({"abs.yaml", "conf.d/x/b.yaml", "conf.d/y/a.yaml", "none.yaml", "policy.yaml", "team.yaml"}));
  CHECK(result.watched.folders == full({"conf.d", "conf.d/file", "conf.d/x", "conf.d/y", "gone.d"}));
}

TEST_CASE("paths are shown as they were given")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\ninclude: [\"*.d/../a.yaml\"]\n");
  folder.write("a.yaml", "");
  std::filesystem::create_directory(folder.path() / "x.d");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  Loader loader("policy.yaml");
  const LoadResult result = loader.load(kNow);
  std::filesystem::current_path(before);
  REQUIRE(result.files.size() == 2);
  CHECK(result.files[0].path == "policy.yaml");
  CHECK(result.files[1].path == "x.d/../a.yaml");
}

TEST_CASE("there is a limit to the number of files")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\ninclude: [\"*.d/*.yaml\"]\n");
  for (const char* name : {"a", "b", "c", "d"}) {
    folder.write(std::string("x.d/") + name + ".yaml", "");
  }
  LoadLimits limits;
  limits.files = 3;
  Loader loader(folder.path() / "policy.yaml", {}, limits);
  CHECK(outcome(loader, folder) == R"~(policy.yaml:2:11: error: the policy has more than 3 files [too-many-files]
    include: ["*.d/*.yaml"]
              ^~~~~~~~~~~~
  hint: put more into each file
refused
)~");
}

TEST_CASE("a folder that everybody may write to is reported once")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\ninclude: [\"x.d/*.yaml\"]\n");
  folder.write("x.d/a.yaml", "");
  folder.write("x.d/b.yaml", "");
  chmod((folder.path() / "x.d").c_str(), 0777);
  Loader loader(folder.path() / "policy.yaml");
  CHECK(outcome(loader, folder) == R"~(x.d/a.yaml: error: the folder `x.d` is writable by everybody, so that anyone could put another file in the place of `x.d/a.yaml` [writable-by-everybody]
  hint: `chmod o-w x.d`
refused
)~");
}

namespace {

// Until a file that is written now gets a later time than those that were written before: the kernel's clock has ticked.
void waitForTick()
{
  const auto timeOf = [](clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::make_pair(now.tv_sec, now.tv_nsec);
  };
  for (const auto begin = timeOf(CLOCK_REALTIME); timeOf(CLOCK_REALTIME_COARSE) <= begin;) {
  }
}

// The names of the files that were opened in a folder since it was made.
class Opened {
public:
  explicit Opened(const std::filesystem::path& folder) : d_inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
  {
    REQUIRE(inotify_add_watch(d_inotify, folder.c_str(), IN_OPEN) >= 0);
  }
  ~Opened() { close(d_inotify); }

  std::set<std::string> files() const
  {
    std::set<std::string> names;
    alignas(inotify_event) char buffer[65536];
    for (ssize_t size = 0; (size = read(d_inotify, buffer, sizeof(buffer))) > 0;) {
      for (const char* at = buffer; at < buffer + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if ((event->mask & IN_ISDIR) == 0) {
          names.insert(event->name);
        }
        at += sizeof(inotify_event) + event->len;
      }
    }
    return names;
  }

private:
  int d_inotify;
};

} // namespace

TEST_CASE("files that have not changed are not opened")
{
  const TempFolder folder;
  const auto root = folder.write("policy.yaml", "version: 1\nissuers: {le-web: {ca: letsencrypt.org}, le-mail: {ca: letsencrypt.org}}\n"
                                                "subtrees: {example.com: {}, team.example.com: {delegate: team.yaml}}\ninclude: ['a.*.yaml', 'a.*.jsonl']\n");
  folder.write("team.yaml", "approvals: [{name: x.team.example.com, issuer: le-web}]\n");
  for (const char* letter : {"b", "c", "d"}) {
    folder.write(std::string("a.") + letter + ".yaml", std::string("approvals: [{name: ") + letter + ".example.com, issuer: le-web}]\n");
    folder.write(std::string("a.") + letter + ".jsonl", std::string("{\"name\": \"") + letter + letter + ".example.com\", \"issuer\": \"le-mail\"}\n");
  }
  Loader loader(root, {}, kNoSettling, Texts::Forget);
  const auto loaded = [&] {
    const LoadResult result = loader.load(kNow);
    INFO(renderAll(result.diagnostics, result.files));
    REQUIRE(result.snapshot != nullptr);
    Loader fresh(root);
    const LoadResult anew = fresh.load(kNow);
    CHECK(result.snapshot->dump() == anew.snapshot->dump());
    CHECK(renderAll(result.diagnostics, anew.files) == renderAll(anew.diagnostics, anew.files));
    return result.snapshot->policy().files;
  };
  using Names = std::set<std::string>;
  const auto openedBy = [&](const auto& change) {
    waitForTick();
    change();
    waitForTick();
    const Opened opened(folder.path());
    const LoadResult result = loader.load(kNow);
    const Names names = opened.files();
    REQUIRE(result.snapshot != nullptr);
    loaded();
    return names;
  };
  waitForTick();
  CHECK(loaded().front().text.empty());

  CHECK(openedBy([] {}) == Names{});
  CHECK(openedBy([&] { folder.write("a.c.yaml", "approvals: [{name: c.example.com, issuer: le-mail}]\n"); }) == Names{"a.c.yaml"});
  CHECK(openedBy([&] { folder.write("a.d.jsonl", "{\"name\": \"d2.example.com\", \"issuer\": \"le-web\"}\n"); }) == Names{"a.d.jsonl"});
  CHECK(openedBy([&] { folder.write("a.e.yaml", "approvals: [{name: e.example.com, issuer: le-mail}]\n"); }) == Names{"a.e.yaml"});
  CHECK(openedBy([&] { std::filesystem::remove(folder.path() / "a.b.yaml"); }).empty());
  CHECK(openedBy([&] { folder.write("team.yaml", "approvals: [{name: y.team.example.com, issuer: le-web}]\n"); }) == Names{"team.yaml"});
  // What an issuer's name means is told by another file: those that use it are linked anew, and only those.
  CHECK(openedBy([&] {
          folder.write("policy.yaml", "version: 1\nissuers: {le-web: {ca: letsencrypt.org, methods: [dns-01]}, le-mail: {ca: letsencrypt.org}}\n"
                                      "subtrees: {example.com: {}, team.example.com: {delegate: team.yaml}}\ninclude: ['a.*.yaml', 'a.*.jsonl']\n");
        })
        == Names{"policy.yaml", "a.d.yaml", "a.d.jsonl"});
}

TEST_CASE("approvals that end in files that have not changed are told of")
{
  constexpr Instant kDay = 86400;
  const TempFolder folder;
  const auto root = folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\ninclude: [a.yaml, b.jsonl, other.yaml]\n");
  const auto until = [](int days) { return instantToText(kNow + days * kDay); };
  folder.write("a.yaml", "approvals: [{name: a3.example.com, issuer: letsencrypt.org, until: " + until(3) + "},\n"
                         "  {name: a1.example.com, issuer: letsencrypt.org, until: " + until(1) + "}]\n");
  std::string lines = R"({"name": "b2.example.com", "issuer": "letsencrypt.org", "until": ")" + until(2) + "\"}\n";
  for (int number = 0; number < 500; ++number) { // so many that a change is not worth compiling all anew
    lines += R"({"name": "b-)" + std::to_string(number) + R"(.example.com", "issuer": "letsencrypt.org"})" "\n";
  }
  folder.write("b.jsonl", lines);
  Loader loader(root, {}, kNoSettling, Texts::Forget);
  const auto endedAt = [&](Instant now) {
    folder.write("other.yaml", "approvals: [{name: x" + std::to_string(now) + ".example.com, issuer: letsencrypt.org}]\n");
    waitForTick();
    const LoadResult result = loader.load(now);
    REQUIRE(result.snapshot != nullptr);
    std::set<std::string> names;
    for (const Diagnostic& diagnostic : result.diagnostics) {
      CHECK(diagnostic.code == "approval-expired");
      names.insert(diagnostic.message.substr(14, 2));
    }
    return names;
  };
  using Names = std::set<std::string>;
  CHECK(endedAt(kNow) == Names{});
  CHECK(endedAt(kNow + kDay - 1) == Names{});
  CHECK(endedAt(kNow + kDay) == Names{"a1"});
  CHECK(endedAt(kNow + kDay + 1) == Names{"a1"});
  CHECK(endedAt(kNow + 2 * kDay) == Names{"a1", "b2"});
  CHECK(endedAt(kNow + 5 * kDay) == Names{"a1", "b2", "a3"});
  // The clock may be set back.
  CHECK(endedAt(kNow + 2 * kDay - 1) == Names{"a1"});
  CHECK(endedAt(kNow) == Names{});
  CHECK(endedAt(kNow + 3 * kDay) == Names{"a1", "b2", "a3"});
}

TEST_CASE("problems come in the order of files and places")
{
  const TempFolder folder;
  folder.write("a.yaml", "approvals: [{name: c.example.net, issuer: letsencrypt.org}]\n");
  Loader loader(folder.write("policy.yaml", R"~(version: 1
include: [a.yaml]
subtrees: {example.com: {}}
approvals:
  [{name: d.example.net, issuer: letsencrypt.org},
   {name: b.example.net, issuer: letsencrypt.org}, {name: a.example.net, issuer: letsencrypt.org}]
)~"));
  const LoadResult result = loader.load(kNow);
  std::string names;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    names += diagnostic.message.substr(14, 1);
  }
  CHECK(names == "dbac");
}

TEST_CASE("a file that has changed lately is read again")
{
  const TempFolder folder;
  const auto root = folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\n");
  waitForTick();
  Loader loader(root, {}, {.settling = std::chrono::hours(1)}, Texts::Forget);
  loader.load(kNow);
  const Opened opened(folder.path());
  loader.load(kNow);
  CHECK(opened.files() == std::set<std::string>{"policy.yaml"});
}

TEST_CASE("a domain that no CA has is told of once, at its first place in all files")
{
  const auto texts = GENERATE(Texts::Keep, Texts::Forget);
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\ninclude: [a.yaml, b.jsonl, c.yaml]\n");
  folder.write("a.yaml", "approvals: [{name: a.example.com, issuer: pki.corp.net}]\n");
  folder.write("b.jsonl", "{\"name\": \"b.example.com\", \"issuer\": \"pki.corp.net\"}\n{\"name\": \"c.example.com\", \"issuer\": {\"ca\": \"ca.corp.net\"}}\n");
  folder.write("c.yaml", "subtrees: {other.example.com: {allow: [pki.corp.net, ca.corp.net]}}\n");
  Loader loader(folder.path() / "policy.yaml", {}, kNoSettling, texts);
  for (int load = 0; load < 3; ++load) {
    waitForTick();
    const LoadResult result = loader.load(kNow);
    std::string told;
    for (const Diagnostic& diagnostic : result.diagnostics) {
      told += folder.shorten(result.files[diagnostic.where.file].path) + ":" + std::to_string(diagnostic.where.line) + ": " + diagnostic.message + "\n";
    }
    CHECK(told == "a.yaml:1: no CA is known that has the issuer domain `pki.corp.net`\n"
                  "b.jsonl:2: no CA is known that has the issuer domain `ca.corp.net`\n");
  }
}

TEST_CASE("a policy is checked with files that are not there yet")
{
  const TempFolder folder;
  const auto root = folder.write("policy.yaml", "version: 1\nissuers: {le-web: {ca: letsencrypt.org}}\nsubtrees: {example.com: {}, team.example.com: {delegate: team.yaml}}\n"
                                                "include: [a.d/*.yaml, 'b[.]d/?.yml', more.yaml]\n");
  const std::string approval = "approvals: [{name: x.example.com, issuer: le-web}]\n";
  folder.write("a.d/one.yaml", "approvals: [{name: one.example.com, issuer: le-web}]\n");
  folder.write("team.yaml", "approvals: [{name: one.team.example.com, issuer: le-web}]\n");
  Loader loader(root);
  const auto approved = [&](const PendingFiles& pending) {
    const LoadResult result = loader.load(kNow, pending);
    INFO(renderAll(result.diagnostics, result.files));
    REQUIRE(result.snapshot != nullptr);
    std::string names;
    for (const Approval& found : allApprovals(result.snapshot->policy())) {
      names += found.name.toText() + "\n";
    }
    return names;
  };
  const std::string before = "one.example.com\none.team.example.com\n";
  CHECK(approved({}) == before);
  for (const char* path : {"a.d/x.yaml", "b.d/x.yml", "more.yaml"}) {
    CHECK(approved({{folder.path() / path, approval}}) == before + "x.example.com\n");
  }
  for (const char* path : {"a.d/.x.yaml", "a.d/x.yml", "a.d/b/x.yaml", "b.d/xy.yml", "c.d/x.yaml", "a.d", "other.yaml"}) {
    CHECK(approved({{folder.path() / path, approval}}) == before);
  }
  CHECK(approved({{folder.path() / "a.d/one.yaml", approval}}) == "one.team.example.com\nx.example.com\n");
  CHECK(approved({{folder.path() / "a.d/one.yaml", std::nullopt}}) == "one.team.example.com\n");
  CHECK(approved({{folder.path() / "team.yaml", "approvals: []\n"}}) == "one.example.com\n");
  CHECK(approved({}) == before);

  const LoadResult broken = loader.load(kNow, {{folder.path() / "a.d/x.yaml", "approvals: [{name: x.example.com, issuer: le}]\n"}});
  CHECK(broken.snapshot == nullptr);
  CHECK(folder.shorten(renderAll(broken.diagnostics, broken.files)).find("a.d/x.yaml:1:43: error: ") != std::string::npos);
  CHECK(loader.load(kNow, {{folder.path() / "a.d/x.yaml", std::string("a\0b", 3)}}).snapshot == nullptr);
  CHECK(loader.load(kNow, {{folder.path() / "policy.yaml", "version: 2\n"}}).snapshot == nullptr);
  std::filesystem::permissions(folder.path() / "a.d", std::filesystem::perms::all);
  CHECK(loader.load(kNow, {{folder.path() / "a.d/one.yaml", std::nullopt}, {folder.path() / "a.d/x.yaml", approval}}).snapshot == nullptr);

  const LoadResult result = loader.load(kNow);
  REQUIRE(result.includes.size() == 3);
  CHECK(result.includes[1].folder == folder.path());
  CHECK(result.includes[1].pattern == "b[.]d/?.yml");
  CHECK(result.issuers.at("le-web").ca == "letsencrypt.org");
}
