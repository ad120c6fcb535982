# Lays out and builds the Debian packages.

multiarch() {
    "${CC:-cc}" -print-multiarch
}

# Puts the files of each package into a folder with its name.
lay_out() {
    local tool="$1/callgate" library="$1/libcallgate$abi" dev="$1/libcallgate-dev" lib="$2" shell
    cmake -S bindings/cpp -B "$1/cmake" -DCALLGATE_EXAMPLES=OFF -DCMAKE_INSTALL_PREFIX=/usr \
        -DCMAKE_INSTALL_LIBDIR="${lib#usr/}" -DCALLGATE_LIBRARY="$target/release/libcallgate.so" --log-level=WARNING || return
    DESTDIR="$dev" cmake --install "$1/cmake" || return
    rm -r "$1/cmake" "$dev/$lib/.debug" "$dev/$lib/libcallgate.so.$abi"
    install -D -m 644 "$dev/$lib/libcallgate.so" "$library/$lib/libcallgate.so.$abi" || return
    ln -sf "libcallgate.so.$abi" "$dev/$lib/libcallgate.so"

    install -D "$target/release/callgate" "$tool/usr/bin/callgate" && strip "$tool/usr/bin/callgate" || return
    "$tool/usr/bin/callgate" man "$tool/usr/share/man/man1" && gzip -9n "$tool"/usr/share/man/man1/* || return
    while read -r shell place; do
        mkdir -p "$(dirname "$tool/usr/share/$place")"
        "$tool/usr/bin/callgate" completions "$shell" >"$tool/usr/share/$place" || return
    done <<END
bash bash-completion/completions/callgate
zsh zsh/vendor-completions/_callgate
fish fish/vendor_completions.d/callgate.fish
END
}

build_packages() {
    local lib="$2" needs
    needs="$(needed_libraries "$1/callgate/usr/bin/callgate")"
    describe "$1/callgate" utils "Depends: $needs" "tool that lists and calls what programs serve
 Callgate lets a program call objects that live in another process. This tool
 asks a running host what it serves, and calls it, from a shell." || return
    needs="$(needed_libraries "$1/libcallgate$abi/$lib/libcallgate.so.$abi")"
    describe "$1/libcallgate$abi" libs "Depends: $needs" "calls of objects that live in another process
 Callgate lets a program call objects that live in another process, in any
 language, in both directions, as if they were its own." || return
    echo "activate-noawait ldconfig" >"$1/libcallgate$abi/DEBIAN/triggers"
    echo "libcallgate $abi libcallgate$abi (>= $version)" >"$1/libcallgate$abi/DEBIAN/shlibs"
    describe "$1/libcallgate-dev" libdevel "Depends: libcallgate$abi (= $version)
Suggests: libmsgpack-cxx-dev" "calls of objects that live in another process (development)
 Callgate lets a program call objects that live in another process. These are
 the headers for C and C++, the static library, and what CMake and pkg-config
 read." || return
    local package
    for package in callgate "libcallgate$abi" libcallgate-dev; do
        (cd "$1/$package" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums) || return
        chmod -R u=rwX,go=rX "$1/$package"
        dpkg-deb --root-owner-group --build "$1/$package" "$1" || return
    done
}

# The oldest libc with the functions that a program or library uses, and what unwinds its stack.
needed_libraries() {
    local newest
    newest="$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)"
    echo "libc6 (>= ${newest#GLIBC_}), libgcc-s1"
}

# Writes a package's control file, changelog and copyright.
describe() {
    local name maintainer="${CALLGATE_MAINTAINER:-The Callgate maintainers <callgate@example.org>}" documents released
    name="$(basename "$1")"
    documents="$1/usr/share/doc/$name"
    released="$(date --utc --rfc-email --date "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}")"
    mkdir -p "$1/DEBIAN" "$documents"
    cat >"$1/DEBIAN/control" <<END
Package: $name
Source: callgate
Version: $version
Section: $2
Priority: optional
Architecture: $(dpkg --print-architecture)
Multi-Arch: $([ "$name" = callgate ] && echo foreign || echo same)
Maintainer: $maintainer
Installed-Size: $(du -sk "$1/usr" | cut -f 1)
$3
Description: $4
END
    printf 'callgate (%s) unstable; urgency=medium\n\n  * %s\n\n -- %s  %s\n' \
        "$version" "Version $version." "$maintainer" "$released" | gzip -9n >"$documents/changelog.gz"
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n'
        printf 'Files: *\nCopyright: %s\nLicense: MIT or Apache-2.0\n\n' "$(sed -n 's/^Copyright (c) //p' LICENSE-MIT)"
        printf 'License: MIT\n'
        sed -e '1,/^Copyright/d' -e 's/^$/./; s/^/ /' LICENSE-MIT | sed '1{/^ [.]$/d}'
        printf '\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n'
    } >"$documents/copyright"
}
