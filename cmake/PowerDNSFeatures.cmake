# SPDX-License-Identifier: GPL-2.0-or-later
#
# Asks the PowerDNS headers what they have, one small compilation a feature, and writes pdns_features.hh. Features and
# not version numbers: distributions backport, and virtual functions have come in the middle of a series.

include(CheckCXXSourceCompiles)

set(CMAKE_REQUIRED_LIBRARIES PowerDNS::Headers)
set(CMAKE_REQUIRED_FLAGS "-w")
# The symbols are pdns_server's; nothing can be linked here.
set(saved_type "${CMAKE_TRY_COMPILE_TARGET_TYPE}")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# Results of another release's headers must not be kept.
if(NOT PDNS_FEATURES_OF STREQUAL "${PDNS_SOURCE} ${PDNS_VERSION}")
  foreach(feature USABLE DOMAINID_T ZONENAME REPORT_UNIQUE_PTR SETCONTENT PRIMARY_NAMES)
    unset(PDNS_HAS_${feature} CACHE)
  endforeach()
  set(PDNS_FEATURES_OF "${PDNS_SOURCE} ${PDNS_VERSION}" CACHE INTERNAL "what the features were asked of")
endif()

function(pdns_feature name code)
  check_cxx_source_compiles("#include \"config.h\"\n#include \"dnsbackend.hh\"\n#include \"dnsparser.hh\"\n${code}"
    PDNS_HAS_${name})
endfunction()

# If this fails the others would all fail too, and say nothing.
pdns_feature(USABLE "int main() { return 0; }")
if(NOT PDNS_HAS_USABLE)
  unset(PDNS_HAS_USABLE CACHE) # to be asked again when what is missing has been installed
  message(FATAL_ERROR "the PowerDNS headers in ${PDNS_SOURCE} don't compile; "
    "see ${CMAKE_BINARY_DIR}/CMakeFiles/CMakeError.log")
endif()
pdns_feature(DOMAINID_T "domainid_t id; int main() { return 0; }")
pdns_feature(ZONENAME "ZoneName name; int main() { return 0; }")
pdns_feature(REPORT_UNIQUE_PTR "void f(std::unique_ptr<BackendFactory> b) { BackendMakers().report(std::move(b)); }")
pdns_feature(SETCONTENT "void f(DNSRecord& r) { r.setContent(r.getContent()); }")
pdns_feature(PRIMARY_NAMES "auto f = &DNSBackend::getUpdatedPrimaries;")

set(CMAKE_TRY_COMPILE_TARGET_TYPE "${saved_type}")
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_FLAGS)

configure_file("${CMAKE_CURRENT_LIST_DIR}/pdns_features.hh.in"
  "${CMAKE_BINARY_DIR}/pdns/include/pdns_features.hh" @ONLY)
