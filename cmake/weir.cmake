# SPDX-License-Identifier: GPL-3.0-only
# The rules every target of the tree obeys, and how a layer is declared.

# Language level, warnings and strict Qt defines in one place.
add_library(weir_rules INTERFACE)
target_compile_features(weir_rules INTERFACE cxx_std_20)
target_compile_options(weir_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast
  $<$<BOOL:${WEIR_WERROR}>:-Werror>)
target_compile_definitions(weir_rules INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_FOREACH
  QT_NO_URL_CAST_FROM_STRING QT_NO_NARROWING_CONVERSIONS_IN_CONNECT)
if(WEIR_SANITIZE)
  target_compile_options(weir_rules INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(weir_rules INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

# weir_layer(NAME SOURCES file... PUBLIC target... PRIVATE target... [QT] [PCH header...])
# A layer sees the repository root as include path ("core/limit/take.h") and
# exactly the targets named here. QT switches moc on; layers without it are std only.
function(weir_layer name)
  cmake_parse_arguments(arg "QT" "" "SOURCES;PUBLIC;PRIVATE;PCH" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC weir_rules ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  set_target_properties(${name} PROPERTIES AUTOMOC ${arg_QT})
  if(arg_PCH)
    target_precompile_headers(${name} PRIVATE ${arg_PCH})
  endif()
endfunction()

# weir_embed(OUT_VAR FILE NAME): a text file as a C++ string constant `weir::embedded::NAME`.
function(weir_embed out file name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} WEIR_EMBED_TEXT)
  set(WEIR_EMBED_NAME ${name})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embed.h.in ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.h @ONLY)
  set(${out} ${CMAKE_CURRENT_BINARY_DIR}/embedded PARENT_SCOPE)
endfunction()
