# SPDX-License-Identifier: GPL-2.0-or-later
#
# caapolicy_warnings(target): the warnings that our own code is held to. Headers of others are SYSTEM and exempt.

option(CAAPOLICY_WERROR "warnings are errors" OFF)

function(caapolicy_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wnull-dereference -Wextra-semi
    $<$<BOOL:${CAAPOLICY_WERROR}>:-Werror>)
endfunction()
