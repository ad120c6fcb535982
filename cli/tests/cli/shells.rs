//! What packages need: completions, manual pages, and the help.

use std::fs;

use crate::support::{callgate, unique};

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = callgate(&["completions", shell]).succeeded();
        assert!(text.contains("describe") && text.contains("endpoints"), "{shell}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = std::env::temp_dir().join(unique("man"));
    callgate(&["man", folder.to_str().unwrap()]).succeeded();
    let page = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    assert!(page("callgate.1").contains("callgate\\-call(1)"));
    assert!(page("callgate-call.1").contains("\\-\\-answers"));
    assert!(page("callgate-exit-codes.1").contains("contract mismatch"));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_exit_codes_are_a_page_of_the_help() {
    let page = callgate(&["help", "exit-codes"]).succeeded();
    assert!(page.contains("13  channel faulted"), "{page}");
    assert!(callgate(&["exit-codes"]).succeeded().contains("13  channel faulted"));
    let help = callgate(&["--help"]).succeeded();
    assert!(help.contains("callgate help exit-codes"), "{help}");
    assert!(!help.contains("  man "), "{help}");
}
