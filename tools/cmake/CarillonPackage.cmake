# `cpack -G DEB` in the build folder makes carillon_VERSION_ARCH.deb: the server, its unit, pages of
# the manual, completion, and settings in /etc/carillon.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # what is built is packed
set(files ${PROJECT_SOURCE_DIR}/tools/package)

# The program knows its commands: pages and completion are its own words.
set(made ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${made})
add_custom_command(TARGET carillon POST_BUILD
  COMMAND carillon manual 1 > ${made}/carillon.1
  COMMAND carillon manual 5 > ${made}/carillon.toml.5
  COMMAND carillon completion bash > ${made}/bash
  COMMAND carillon completion zsh > ${made}/zsh
  COMMAND carillon completion fish > ${made}/fish
  BYPRODUCTS ${made}/carillon.1 ${made}/carillon.toml.5 ${made}/bash ${made}/zsh ${made}/fish
  VERBATIM)

install(TARGETS carillon RUNTIME DESTINATION bin)
install(FILES ${files}/carillon.service DESTINATION lib/systemd/system)
install(FILES ${files}/carillon.sysusers DESTINATION lib/sysusers.d RENAME carillon.conf)
install(FILES ${PROJECT_SOURCE_DIR}/config/sample.toml DESTINATION /etc/carillon RENAME carillon.toml)
install(FILES ${files}/carillon.8 DESTINATION share/man/man8)
install(FILES ${made}/carillon.1 DESTINATION share/man/man1)
install(FILES ${made}/carillon.toml.5 DESTINATION share/man/man5)
install(FILES ${made}/bash DESTINATION share/bash-completion/completions RENAME carillon)
install(FILES ${made}/zsh DESTINATION share/zsh/vendor-completions RENAME _carillon)
install(FILES ${made}/fish DESTINATION share/fish/vendor_completions.d RENAME carillon.fish)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION share/doc/carillon PATTERN decisions EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  DESTINATION share/doc/carillon)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME carillon)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The developers of Carillon <dev@carillon.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "durable task scheduler with a REST API")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${files}/conffiles ${files}/postinst ${files}/prerm ${files}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
