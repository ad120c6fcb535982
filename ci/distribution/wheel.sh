# The Python wheel and the source distribution.
install_wheel() {
    local folder="$packages/wheel" fresh="$outside/wheel" python
    python="$(ci/python)" || { skip "the wheel: ci/python has no Python"; return; }
    empty wheel
    check "cargo builds the libraries" build_libraries || return
    "$python" -m venv "$fresh-build"
    check "PyPI has the tools" "$fresh-build/bin/pip" install --quiet hatchling auditwheel || return
    check "the wheel builds" build_distribution wheel || return
    check "the wheel's tag is true" wheel_tag_is_true "$folder"/*.whl
    "$python" -m venv "$fresh"
    # As on a machine without Rust, and without Callgate's library.
    check "pip installs the wheel where there is no Rust" \
        env -i PATH="$fresh/bin:/usr/bin:/bin" HOME="$outside" PIP_CONFIG_FILE="${PIP_CONFIG_FILE:-}" \
        "$fresh/bin/pip" install --quiet "$folder"/*.whl || return
    check "a program in Python runs with it" run_python "$fresh"
    check "the source distribution builds" build_distribution sdist || return
    "$python" -m venv "$fresh-source"
    check "pip builds and installs the source distribution" \
        env CARGO_TARGET_DIR="$packages/wheel-build" "$fresh-source/bin/pip" install --quiet "$folder"/*.tar.gz || return
    check "a program in Python runs with that" run_python "$fresh-source"
}

build_distribution() {
    (cd bindings/python && CALLGATE_LIBRARY="$target/release/libcallgate.so" \
        "$outside/wheel-build/bin/python" -m hatchling build -t "$1" -d "$packages/wheel")
}

# The platform that the name claims is one that auditwheel finds the library to run on.
wheel_tag_is_true() {
    local tag="${1##*-none-}" found
    found="$("$outside/wheel-build/bin/auditwheel" show "$1" | tr -s '\n ' ' ')"
    case "$found" in
        *"consistent with the following platform tag: \"${tag%.whl}\""*) ;;
        *) echo "$1: $found"; return 1 ;;
    esac
}

run_python() {
    cp ci/distribution/programs/session.py "$outside/" && cd "$outside" || return
    [ "$(timeout 60 "$1/bin/python" session.py "pipe://install-$BASHPID-$RANDOM")" = "Sum: 5050" ]
}
