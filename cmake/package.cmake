# SPDX-License-Identifier: GPL-3.0-only
# What is installed (`cmake --install`), and what of it is made here. Packages are made of it: `./dev package`.
include(GNUInstallDirs)

# Manual pages and completions, by the options of the program itself.
set(WEIR_DOCUMENTS ${PROJECT_BINARY_DIR}/documents)
set(made ${WEIR_DOCUMENTS}/weir.1 ${WEIR_DOCUMENTS}/weir.toml.5 ${WEIR_DOCUMENTS}/weir.bash ${WEIR_DOCUMENTS}/_weir
  ${WEIR_DOCUMENTS}/weir.fish ${WEIR_DOCUMENTS}/weir.toml)
set(templates ${PROJECT_SOURCE_DIR}/packaging/man)
add_custom_command(OUTPUT ${made}
  COMMAND weir_docs ${templates} ${WEIR_DOCUMENTS}
  DEPENDS weir_docs ${templates}/weir.1.in ${templates}/weir.toml.5.in
  COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(documents ALL DEPENDS ${made})

configure_file(${PROJECT_SOURCE_DIR}/packaging/linux/weir.service.in ${PROJECT_BINARY_DIR}/packaging/weir.service @ONLY)

set(WEIR_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh finds completions")
set(WEIR_FISH_DIR ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d CACHE STRING "Where fish finds completions")
set(WEIR_UNIT_DIR lib/systemd/system CACHE STRING "Where systemd finds units")
set(linux ${PROJECT_SOURCE_DIR}/packaging/linux)
install(TARGETS weir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/resources/help DESTINATION ${CMAKE_INSTALL_DOCDIR}/resources)
install(FILES ${PROJECT_SOURCE_DIR}/lua/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/lua)
install(FILES ${PROJECT_SOURCE_DIR}/resources/examples/shop.toml ${PROJECT_SOURCE_DIR}/resources/examples/grafana-weir.json
  ${PROJECT_SOURCE_DIR}/resources/examples/prometheus-rules.yml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${WEIR_DOCUMENTS}/weir.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${WEIR_DOCUMENTS}/weir.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${WEIR_DOCUMENTS}/weir.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME weir)
install(FILES ${WEIR_DOCUMENTS}/_weir DESTINATION ${WEIR_ZSH_DIR})
install(FILES ${WEIR_DOCUMENTS}/weir.fish DESTINATION ${WEIR_FISH_DIR})
install(FILES ${PROJECT_BINARY_DIR}/packaging/weir.service DESTINATION ${WEIR_UNIT_DIR})
install(FILES ${linux}/weir.sysusers DESTINATION lib/sysusers.d RENAME weir.conf)
if(WEIR_GUI)
  install(FILES ${linux}/weir.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES ${linux}/org.weir.Weir.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  set(icons ${CMAKE_INSTALL_DATADIR}/icons/hicolor)
  foreach(side 16 22 24 32 48 64 128 256 512)
    install(FILES ${PROJECT_SOURCE_DIR}/resources/icons/weir-${side}.png DESTINATION ${icons}/${side}x${side}/apps RENAME weir.png)
  endforeach()
  install(FILES ${PROJECT_SOURCE_DIR}/resources/icons/weir.svg DESTINATION ${icons}/scalable/apps)
endif()
# Never over what somebody has written there.
install(CODE "
  set(target \"\$ENV{DESTDIR}${CMAKE_INSTALL_FULL_SYSCONFDIR}/weir/weir.toml\")
  if(EXISTS \"\${target}\")
    message(STATUS \"Kept: \${target}\")
  else()
    file(INSTALL \"${WEIR_DOCUMENTS}/weir.toml\" DESTINATION \"${CMAKE_INSTALL_FULL_SYSCONFDIR}/weir\")
  endif()")
