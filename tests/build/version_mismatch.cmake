# SPDX-License-Identifier: GPL-2.0-or-later
#
# Headers of another release than the installed pdns_server must stop the configuration, naming both versions.
# -DSOURCE= our tree, -DSCRATCH= a folder to use, -DINSTALLED= the version of pdns_server.

file(REMOVE_RECURSE "${SCRATCH}")
file(WRITE "${SCRATCH}/pdns/configure.ac" "AC_PREREQ([2.61])\n\nAC_INIT([pdns], [1.2.3])\n")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${SCRATCH}/build"
    "-DPDNS_SOURCE_DIR=${SCRATCH}/pdns" -DCAAPOLICY_TESTS=OFF
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "configured with headers of another release\n${output}")
endif()
# CMake breaks the lines of its messages.
string(REGEX REPLACE "[ \n]+" " " text "${output}")
string(REPLACE "." "\\." installed "${INSTALLED}")
if(NOT text MATCHES "are of version 1\\.2\\.3, but [^ ]+ is version ${installed}: a module must be built for")
  message(FATAL_ERROR "the error doesn't name both versions\n${output}")
endif()
