# The crates, as a registry gets them.
install_crates() {
    if ! command -v cargo >/dev/null; then skip "the crates: cargo is not installed"; return; fi
    local folder="$packages/crates"
    # Without --allow-dirty a developer could test only what is committed.
    check "cargo publishes the crates, which compile from what is in them" \
        cargo publish --quiet --workspace --dry-run --locked --allow-dirty --target-dir "$folder" || return
    check "each crate has its licences and an introduction" crates_are_complete "$folder/package"
    check "the library's crate has the headers, and neither tests nor bindings" crate_has_the_headers "$folder/package"
}

crates_are_complete() {
    local name file
    for name in callgate callgate-macros callgate-cli callgate-gateway; do
        for file in LICENSE-APACHE LICENSE-MIT README.md src; do
            [ -e "$1/$name-$version/$file" ] || { echo "$name lacks $file"; return 1; }
        done
    done
}

crate_has_the_headers() {
    local crate="$1/callgate-$version"
    [ -f "$crate/include/callgate.h" ] && [ ! -e "$crate/tests" ] && [ ! -e "$crate/bindings" ]
}
