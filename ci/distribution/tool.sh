# The tool, as cargo installs it.
install_tool() {
    empty tool
    check "cargo installs the tool into an empty folder" \
        cargo install --quiet --locked --path cli --root "$packages/tool" --no-track || return
    check "the tool serves, and calls" call_with_tool "$packages/tool/bin/callgate"
}
