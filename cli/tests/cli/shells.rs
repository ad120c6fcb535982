//! What packages need: completions, manual pages, and the help.

use std::fs;

use crate::support::{callgate, unique};

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = callgate(&["--help"]).succeeded();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    // The lines of long descriptions are indented more.
    let first = listed.filter(|line| line.chars().nth(2) != Some(' '));
    let names = first.map(|line| line.split_whitespace().next().unwrap().to_owned());
    let names: Vec<String> = names.filter(|name| name != "help").collect();
    for expected in ["list", "watch", "mcp", "trace", "diff"] {
        assert!(names.iter().any(|name| name == expected), "{names:?}");
    }
    names
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = callgate(&["completions", shell]).succeeded();
        for command in commands() {
            assert!(text.contains(&command), "{shell} {command}");
        }
        assert!(text.contains("interval") && text.contains("once"), "{shell}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = std::env::temp_dir().join(unique("man"));
    callgate(&["man", folder.to_str().unwrap()]).succeeded();
    let page = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    assert!(page("callgate.1").contains("callgate\\-call(1)"));
    for command in commands() {
        assert!(page(&format!("callgate-{command}.1")).contains(".SH NAME"), "{command}");
    }
    assert!(page("callgate-call.1").contains("\\-\\-answers"));
    assert!(page("callgate-watch.1").contains("\\-\\-once"));
    assert!(page("callgate-mcp.1").contains("\\-\\-interface"));
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
