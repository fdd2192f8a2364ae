# SPDX-License-Identifier: GPL-3.0-only
# WEIR_COMMIT: what this build is made of, for `weir --version`; empty without a repository (a release archive).
set(WEIR_COMMIT "" CACHE STRING "The commit that weir --version names; found out where it is not given")
if(NOT WEIR_COMMIT AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  find_package(Git QUIET)
  if(Git_FOUND)
    # With "-dirty" when something has changed since.
    execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12 --exclude=*
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE WEIR_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    # A new commit is noted at the next build.
    foreach(file HEAD logs/HEAD)
      if(EXISTS ${PROJECT_SOURCE_DIR}/.git/${file})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/${file})
      endif()
    endforeach()
  endif()
endif()
