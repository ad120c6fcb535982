# What the packages have in common. ci/install reads it, in the root of the checkout.
root="$PWD"
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
packages="$target/packages"
version="$(sed -n 's/^#define CALLGATE_VERSION "\(.*\)"/\1/p' include/callgate.h)"
abi="$(sed -n 's/^#define CALLGATE_ABI_VERSION //p' include/callgate.h)"
# The programs are built here: what they find of Callgate is what is installed.
outside="$(mktemp -d)"
trap 'rm -rf "$outside"' EXIT
unset LD_LIBRARY_PATH PYTHONPATH CALLGATE_LIBRARY PKG_CONFIG_PATH
passed=0
failed=0
mkdir -p "$packages"

# Runs a command that must succeed; what it prints is shown if it fails.
check() {
    local what="$1" said
    shift
    if said="$("$@" 2>&1)"; then
        echo "ok: $what"
        passed=$((passed + 1))
    else
        printf '%s\nFAILED: %s\n' "$said" "$what"
        failed=$((failed + 1))
        return 1
    fi
}

# Says what is left out; with --require-all, that fails.
skip() {
    echo "SKIPPED: $1"
    [ -z "$required" ] || failed=$((failed + 1))
}

# An empty folder of this name in target/packages.
empty() {
    rm -rf "${packages:?}/$1"
    mkdir -p "$packages/$1"
}

# The libraries as users build them.
build_libraries() {
    cargo build --quiet --release --locked --lib
}

# Runs a host, which serves until its standard input ends, and a client of it, which must print the text.
play() {
    local text="$1" host="$2" client="$3" endpoint="pipe://install-$BASHPID-$RANDOM" said
    coproc HOST { exec timeout 120 "$host" "$endpoint"; }
    said="$(timeout 60 "$client" "$endpoint" 2>&1)"
    kill "$HOST_PID"
    [ "${said##*$'\n'}" = "$text" ] || { echo "$client says: $said"; return 1; }
}

# Builds the duplex example of C outside, with the options of a compiler, and plays it with `env VARIABLES…`.
compile_and_play() {
    local folder="$outside/$1" side
    shift
    mkdir -p "$folder" && cp "$root"/examples-c/duplex_*.c "$folder/" && cd "$folder" || return
    for side in host client; do
        "${CC:-cc}" "duplex_$side.c" -o "$side" "$@" || return
    done
    play "Sum: 5050" ./host ./client
}

# Runs the tool's demonstration, and calls it.
call_with_tool() {
    local tool="$1" endpoint="pipe://install-$BASHPID-$RANDOM" said demo
    cd "$outside" || return
    timeout 120 "$tool" demo "$endpoint" >demo.log 2>&1 &
    demo=$!
    said="$(timeout 60 "$tool" call "$endpoint" ICalculator.Add 1 2)"
    kill "$demo"
    [ "$said" = 3 ] || { echo "$tool says: $said"; cat demo.log; return 1; }
}

# Whether a shared library has the right name, and no debug information.
is_stripped_and_named() {
    readelf -d "$1" | grep -F "Library soname: [libcallgate.so.$abi]" && ! readelf -S "$1" | grep -E "[.]debug_|[.]symtab"
}

is_static() {
    ! readelf -d "$1" | grep -F libcallgate
}
