# SPDX-License-Identifier: GPL-2.0-or-later
#
# ldns has no CMake package of its own. Defines LDNS::LDNS.

find_path(LDNS_INCLUDE_DIR ldns/ldns.h)
find_library(LDNS_LIBRARY ldns)
mark_as_advanced(LDNS_INCLUDE_DIR LDNS_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LDNS REQUIRED_VARS LDNS_LIBRARY LDNS_INCLUDE_DIR)

if(LDNS_FOUND AND NOT TARGET LDNS::LDNS)
  add_library(LDNS::LDNS UNKNOWN IMPORTED)
  set_target_properties(LDNS::LDNS PROPERTIES
    IMPORTED_LOCATION "${LDNS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LDNS_INCLUDE_DIR}")
endif()
