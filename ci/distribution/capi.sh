# The newest cargo-c that Rust 1.95 compiles.
cargo_c=0.10.24

# The libraries for C, as cargo-c installs them. It comes into target/tools if it is missing, which takes some minutes.
install_capi() {
    if ! command -v cargo-cinstall >/dev/null; then
        check "cargo installs cargo-c" cargo install --quiet --locked cargo-c --version "$cargo_c" --root "$target/tools" || return
        local PATH="$PATH:$target/tools/bin"
    fi
    if ! command -v pkg-config >/dev/null; then skip "cargo-c: pkg-config is not installed"; return; fi
    local prefix="$packages/capi"
    empty capi
    check "cargo-c installs the libraries into an empty folder" \
        cargo cinstall --locked --release --package callgate --prefix "$prefix" --libdir "$prefix/lib" \
        --target-dir "$packages/capi-build" || return
    check "it installs the headers" ls "$prefix"/include/callgate.h "$prefix"/include/callgate_{binding,testing}.h
    check "the library is named by its binary interface" has_soname "$prefix/lib/libcallgate.so"
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    check "pkg-config names this version" pkg-config --exact-version="$version" callgate
    check "a program in C runs with the shared library" \
        compile_and_play capi-shared $(pkg-config --cflags --libs callgate) -Wl,-rpath,"$prefix/lib"
    check "a program in C runs with the static library" \
        compile_and_play capi-static $(pkg-config --cflags callgate) "$prefix/lib/libcallgate.a" \
        $(pkg-config --static --libs-only-l callgate | sed 's/-lcallgate//')
    check "that program needs no shared library of Callgate" is_static "$outside/capi-static/client"
    unset PKG_CONFIG_PATH
}

has_soname() {
    readelf -d "$1" | grep -F "Library soname: [libcallgate.so.$abi]"
}
