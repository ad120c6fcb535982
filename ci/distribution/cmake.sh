# The libraries and headers for C and C++, as CMake installs them.
install_cmake() {
    local tool
    for tool in cmake pkg-config; do
        if ! command -v "$tool" >/dev/null; then skip "CMake's package: $tool is not installed"; return; fi
    done
    local build="$packages/cmake-build" prefix="$packages/cmake" programs="$outside/cmake"
    empty cmake
    rm -rf "$build"
    check "cargo builds the libraries" build_libraries || return
    check "CMake configures" cmake -S bindings/cpp -B "$build" -DCALLGATE_EXAMPLES=OFF -DCMAKE_INSTALL_LIBDIR=lib \
        -DCALLGATE_LIBRARY="$target/release/libcallgate.so" --log-level=WARNING || return
    check "CMake installs into an empty folder" cmake --install "$build" --prefix "$prefix" || return
    check "the library is named by its binary interface, and stripped" is_stripped_and_named "$prefix/lib/libcallgate.so"
    check "the library has less than 3.6 MB" is_smaller_than 3600000 "$prefix/lib/libcallgate.so"
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    check "a program in C runs with the shared library that pkg-config names" \
        compile_and_play cmake-shared $(pkg-config --cflags --libs callgate) -Wl,-rpath,"$prefix/lib"
    unset PKG_CONFIG_PATH
    mkdir -p "$programs"
    cp ci/distribution/programs/CMakeLists.txt examples-c/duplex_*.c bindings/cpp/examples/duplex_client.cpp "$programs/"
    check "CMake finds what is installed" build_outside "$programs" "$prefix" || return
    check "a program in C runs with the shared library that CMake finds" \
        play "Sum: 5050" "$programs/build/host" "$programs/build/client"
    check "a program in C runs with the static library that CMake finds" \
        play "Sum: 5050" "$programs/build/host_static" "$programs/build/client_static"
    check "that program needs no shared library of Callgate" is_static "$programs/build/client_static"
    if [ -x "$programs/build/client_cpp" ]; then
        check "a program in C++ runs with what CMake finds" \
            play "Sum: 5050" "$programs/build/host" "$programs/build/client_cpp"
    else
        skip "a program in C++ with what CMake finds: msgpack-cxx or a compiler is not installed"
    fi
}

build_outside() {
    cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$2" --log-level=WARNING && cmake --build "$1/build"
}

is_smaller_than() {
    local size
    size="$(stat -c %s "$2")"
    echo "$2 has $size bytes"
    [ "$size" -lt "$1" ]
}
