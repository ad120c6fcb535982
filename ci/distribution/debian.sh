# The Debian packages: callgate, the tool; libcallgate0, the shared library; libcallgate-dev, for programs in C and C++.
. ci/distribution/debian_parts.sh

install_debian() {
    local needed debs="$packages/debian" installed="$packages/debian-root" lib
    for needed in dpkg-deb cmake strip objdump; do
        if ! command -v "$needed" >/dev/null; then skip "the Debian packages: $needed is not installed"; return; fi
    done
    lib="usr/lib/$(multiarch)"
    empty debian
    empty debian-root
    check "cargo builds the tool and the libraries" \
        cargo build --quiet --release --locked --package callgate --package callgate-cli --lib --bins || return
    check "the files are laid out" lay_out "$debs" "$lib" || return
    check "dpkg-deb builds the packages" build_packages "$debs" "$lib" || return
    if command -v lintian >/dev/null; then
        check "lintian finds no error" lintian --allow-root --fail-on error "$debs"/*.deb
    else
        skip "checks of the Debian packages: lintian is not installed"
    fi
    check "dpkg installs them into an empty folder" install_packages "$debs" "$installed" || return
    check "the tool serves, and calls" call_with_tool "$installed/usr/bin/callgate"
    check "bash completes the tool's commands" \
        bash -c '. "$1" && complete -p callgate' - "$installed/usr/share/bash-completion/completions/callgate"
    check "each command has its manual page" has_manual_pages "$installed"
    check "the library is named by its binary interface, and stripped" is_stripped_and_named "$installed/$lib/libcallgate.so.$abi"
    if command -v pkg-config >/dev/null; then
        export PKG_CONFIG_PATH="$installed/$lib/pkgconfig"
        check "a program in C runs with the packages" \
            compile_and_play debian $(pkg-config --cflags --libs callgate) -Wl,-rpath,"$installed/$lib"
        unset PKG_CONFIG_PATH
    else
        skip "a program in C with the Debian packages: pkg-config is not installed"
    fi
}

install_packages() {
    local state="$2/var/lib/dpkg"
    mkdir -p "$state/updates" "$state/info" "$state/triggers"
    touch "$state/status" "$state/available"
    # The folder is no whole system: it has neither libc6 nor what updates the loader's cache.
    dpkg --root="$2" --log=/dev/null --force-not-root --force-depends --force-bad-path --install "$1"/*.deb
}

has_manual_pages() {
    local command
    [ -e "$1/usr/share/man/man1/callgate.1.gz" ] || return
    for command in $("$1/usr/bin/callgate" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help); do
        [ -e "$1/usr/share/man/man1/callgate-$command.1.gz" ] || { echo "$command has none"; return 1; }
    done
}
