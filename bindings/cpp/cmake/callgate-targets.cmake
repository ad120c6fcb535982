# The targets: callgate::callgate, the library with its header for C (component c); callgate::static, the static
# library with the same header (component static); and callgate::cpp, the headers for C++17 (component cxx), where
# msgpack-cxx is found. Without components c is needed, and the others are welcome.
#
# CALLGATE_LIBRARY, CALLGATE_STATIC_LIBRARY, CALLGATE_INCLUDE_DIR, CALLGATE_CPP_DIR and MSGPACK_INCLUDE_DIR say where
# things are. The static library is beside the other one.
include(CMakeFindDependencyMacro)
find_dependency(Threads)

set(callgate_c_FOUND FALSE)
if(CALLGATE_LIBRARY AND CALLGATE_INCLUDE_DIR)
  set(callgate_c_FOUND TRUE)
endif()

get_filename_component(callgate_folder "${CALLGATE_LIBRARY}" DIRECTORY)
find_library(CALLGATE_STATIC_LIBRARY "${CMAKE_STATIC_LIBRARY_PREFIX}callgate${CMAKE_STATIC_LIBRARY_SUFFIX}"
  HINTS "${callgate_folder}" NO_DEFAULT_PATH)
set(callgate_static_FOUND FALSE)
if(CALLGATE_STATIC_LIBRARY AND CALLGATE_INCLUDE_DIR)
  set(callgate_static_FOUND TRUE)
endif()

set(callgate_cxx_FOUND FALSE)
if(NOT callgate_FIND_COMPONENTS OR cxx IN_LIST callgate_FIND_COMPONENTS)
  find_path(MSGPACK_INCLUDE_DIR msgpack/adaptor/cpp17/optional.hpp)
  if(MSGPACK_INCLUDE_DIR)
    set(callgate_cxx_FOUND ${callgate_c_FOUND})
  else()
    set(callgate_cxx_NOT_FOUND_MESSAGE "callgate::cpp needs msgpack-cxx: install it (libmsgpack-cxx-dev) or set MSGPACK_INCLUDE_DIR")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(callgate
  REQUIRED_VARS CALLGATE_LIBRARY CALLGATE_INCLUDE_DIR
  HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "${callgate_cxx_NOT_FOUND_MESSAGE}")

function(callgate_add_library name location)
  if(NOT TARGET "${name}")
    add_library("${name}" UNKNOWN IMPORTED GLOBAL)
    set_target_properties("${name}" PROPERTIES
      IMPORTED_LOCATION "${location}"
      INTERFACE_INCLUDE_DIRECTORIES "${CALLGATE_INCLUDE_DIR}"
      # What Rust's standard library needs, where the library is the static one.
      INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
  endif()
endfunction()

if(callgate_c_FOUND)
  callgate_add_library(callgate::callgate "${CALLGATE_LIBRARY}")
endif()
if(callgate_static_FOUND)
  callgate_add_library(callgate::static "${CALLGATE_STATIC_LIBRARY}")
endif()

if(callgate_cxx_FOUND AND NOT TARGET callgate::cpp)
  add_library(callgate::cpp INTERFACE IMPORTED GLOBAL)
  set_target_properties(callgate::cpp PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${CALLGATE_CPP_DIR};${MSGPACK_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MSGPACK_INCLUDE_DIR}"
    # In every file of a program alike: msgpack-cxx differs with Boost.
    INTERFACE_COMPILE_DEFINITIONS "MSGPACK_NO_BOOST"
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_LINK_LIBRARIES callgate::callgate)
endif()
