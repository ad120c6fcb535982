# What `cmake --install` puts where, by GNUInstallDirs: the headers, the shared library without its debug information,
# which lies apart, the static one without any, and what CMake and pkg-config find them by.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(DIRECTORY callgate DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES "${CALLGATE_INCLUDE_DIR}/callgate.h" "${CALLGATE_INCLUDE_DIR}/callgate_binding.h"
  "${CALLGATE_INCLUDE_DIR}/callgate_testing.h"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# The library, and beside it the name by which the loader looks for it.
file(GLOB callgate_libraries "${CALLGATE_LIBRARY}" "${CALLGATE_LIBRARY}.[0-9]*")
install(FILES ${callgate_libraries} DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(CMAKE_OBJCOPY AND CALLGATE_LIBRARY MATCHES "/([^/]*[.]so)$")
  # Debuggers look for it in .debug.
  install(CODE "
    set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\")
    set(library \"\${folder}/${CMAKE_MATCH_1}\")
    set(debug \"\${folder}/.debug/${CMAKE_MATCH_1}.debug\")
    file(MAKE_DIRECTORY \"\${folder}/.debug\")
    execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --only-keep-debug \"\${library}\" \"\${debug}\")
    execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --strip-unneeded \"--add-gnu-debuglink=\${debug}\" \"\${library}\")")
endif()

if(CALLGATE_STATIC_LIBRARY)
  install(FILES "${CALLGATE_STATIC_LIBRARY}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  if(CMAKE_OBJCOPY)
    get_filename_component(static_name "${CALLGATE_STATIC_LIBRARY}" NAME)
    install(CODE "execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --strip-debug
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/${static_name}\")")
  endif()
endif()

set(cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/callgate")
configure_package_config_file(cmake/callgate-config.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/callgate-config.cmake"
  INSTALL_DESTINATION "${cmake_folder}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
# Until version 1 each minor version may change what programs use.
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/callgate-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES cmake/callgate-targets.cmake "${CMAKE_CURRENT_BINARY_DIR}/callgate-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/callgate-config-version.cmake" DESTINATION "${cmake_folder}")

# From where they are to the prefix, so that what is installed can be moved.
file(RELATIVE_PATH CALLGATE_TO_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
foreach(package callgate callgate-cpp)
  configure_file(cmake/${package}.pc.in "${CMAKE_CURRENT_BINARY_DIR}/${package}.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${package}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
