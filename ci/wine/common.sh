# What the parts of ci/windows have in common. They read it in the root of the checkout.
home="${XDG_CACHE_HOME:-$HOME/.cache}/callgate-windows"
target=x86_64-pc-windows-gnu
root="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
output="$root/windows"
libraries="$output/$target/debug/deps"
import_library="$libraries/libcallgate.dll.a"
# What is built for Windows, always together: ci/wine/build says why.
crates=(--package callgate --package callgate-cli)
wine="$PWD/ci/wine/run"
windows_dotnet="$home/dotnet/dotnet.exe"
export WINEPREFIX="$home/prefix" WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree,mshtml="
unset DISPLAY RUSTFLAGS
passed=0
failed=0

run_cargo() {
    local verb="$1"
    shift
    RUSTC=/usr/bin/rustc \
        CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-win32 \
        CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$wine" \
        CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--sysroot=$home/sysroot" \
        CARGO_TARGET_DIR="$output" \
        cargo "$verb" --target "$target" "$@"
}

# A path as Windows programs see it.
windows_path() {
    local path="Z:$1"
    echo "${path//\//\\}"
}

# Counts a test that is a command; what the command prints is shown if it fails.
check() {
    local what="$1" said
    shift
    if said="$("$@" 2>&1)"; then
        passed=$((passed + 1))
    else
        printf '%s\nFAILED: %s\n' "$said" "$what"
        failed=$((failed + 1))
    fi
}

# Runs a Windows program, which must end with a status within two minutes.
expect() {
    local status="$1" got=0
    shift
    timeout 120 "$wine" "$@" || got=$?
    [ "$got" = "$status" ] || { echo "exit status $got, not $status"; return 1; }
}

# Ends a part that consists of checks.
report() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
