# SPDX-License-Identifier: GPL-2.0-or-later
#
# CAAPOLICY_SANITIZE=address,undefined or thread: compiles and links everything with it. A finding ends the program.

if(CAAPOLICY_SANITIZE)
  add_compile_options(-fsanitize=${CAAPOLICY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CAAPOLICY_SANITIZE})
endif()
