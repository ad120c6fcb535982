# The targets callgate::callgate, the library with its header for C, and callgate::cpp, its headers for C++17.
#
# CALLGATE_LIBRARY, CALLGATE_INCLUDE_DIR and MSGPACK_INCLUDE_DIR say where things are, where they are not found.
include(CMakeFindDependencyMacro)
find_dependency(Threads)

get_filename_component(_callgate_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT CALLGATE_CPP_DIR)
  set(CALLGATE_CPP_DIR "${_callgate_prefix}/include")
endif()
find_path(CALLGATE_INCLUDE_DIR callgate.h HINTS "${_callgate_prefix}/include")
find_library(CALLGATE_LIBRARY callgate
  HINTS "${_callgate_prefix}/lib" "${_callgate_prefix}/target/release" "${_callgate_prefix}/target/debug")
find_path(MSGPACK_INCLUDE_DIR msgpack/adaptor/cpp17/optional.hpp)

include(FindPackageHandleStandardArgs)
set(callgate_FIND_REQUIRED TRUE)
find_package_handle_standard_args(callgate REQUIRED_VARS CALLGATE_LIBRARY CALLGATE_INCLUDE_DIR MSGPACK_INCLUDE_DIR)

if(NOT TARGET callgate::callgate)
  add_library(callgate::callgate UNKNOWN IMPORTED GLOBAL)
  set_target_properties(callgate::callgate PROPERTIES
    IMPORTED_LOCATION "${CALLGATE_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CALLGATE_INCLUDE_DIR}"
    # What Rust's standard library needs, where the library is the static one.
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS}")

  add_library(callgate::cpp INTERFACE IMPORTED GLOBAL)
  set_target_properties(callgate::cpp PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${CALLGATE_CPP_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MSGPACK_INCLUDE_DIR}"
    # In every file of a program alike: msgpack-cxx differs with Boost.
    INTERFACE_COMPILE_DEFINITIONS "MSGPACK_NO_BOOST"
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_LINK_LIBRARIES callgate::callgate)
endif()
