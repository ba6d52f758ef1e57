# The .deb for Debian 12: the target reticle-deb writes package/reticle_VERSION_ARCHITECTURE.deb below the build folder.
# packaging/deb does the whole way.
set(RETICLE_MAINTAINER "Reticle maintainers" CACHE STRING "Whom the package names as its maintainer")
set(package_folder ${PROJECT_BINARY_DIR}/package)
set(package_files ${package_folder}/files)

# The window looks for the worker in its own folder.
install(TARGETS reticle reticle-worker RUNTIME DESTINATION bin)
install(FILES packaging/linux/reticle.desktop DESTINATION share/applications)
install(FILES packaging/linux/reticle.metainfo.xml DESTINATION share/metainfo)
install(FILES packaging/linux/reticle.mime.xml DESTINATION share/mime/packages RENAME reticle.xml)
install(FILES resources/app/reticle.svg DESTINATION share/icons/hicolor/scalable/apps)
install(DIRECTORY ${package_files}/icons/ DESTINATION share/icons/hicolor)
install(FILES ${package_files}/copyright DESTINATION share/doc/reticle)
install(FILES CHANGELOG.md docs/model-files.md docs/promises.md DESTINATION share/doc/reticle)
install(DIRECTORY docs/guide docs/reference DESTINATION share/doc/reticle FILES_MATCHING PATTERN "*.md")
install(DIRECTORY resources/recipes DESTINATION share/reticle FILES_MATCHING PATTERN "*.json")

set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME reticle)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${RETICLE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "segmentation of microscope images without writing code")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Reticle is a desktop workbench for people who work with images and do not
want to write code. Drop a microscope stack on the window, train a
segmentation network by pointing and clicking, see what it predicts and how
far to trust it, and export figures for print. Everything that the window
does, the command line (reticle-worker) does too.")
set(CPACK_STRIP_FILES ON)
# Whatever mask the builder's shell has, everybody can read what is installed.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Beyond the libraries that the programs are linked to: what they load or use while they run.
file(STRINGS packaging/packages run_packages REGEX "^run ")
list(TRANSFORM run_packages REPLACE "^run +" "")
list(JOIN run_packages ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", hicolor-icon-theme")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qt6-wayland, shared-mime-info, xdg-utils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssh-client")
include(CPack)

# CPack's own target builds the tests too; this one builds the two programs.
add_custom_target(reticle-deb
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUT=${package_files} -DVERSION=${PROJECT_VERSION}
          -P ${PROJECT_SOURCE_DIR}/cmake/PackageFiles.cmake
  COMMAND ${CMAKE_CPACK_COMMAND} -G DEB --config ${PROJECT_BINARY_DIR}/CPackConfig.cmake -B ${package_folder}
  COMMENT "Making the .deb in ${package_folder}"
  VERBATIM)
add_dependencies(reticle-deb reticle reticle-worker)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS packaging/packages)
