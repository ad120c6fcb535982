//! Text that people paste into a shell.

/// A word as a shell takes it: in quotes if a character in it means something there.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    match cfg!(windows) {
        // A name of a file cannot contain a quote there.
        true => format!("\"{text}\""),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_takes_a_word_as_it_is() {
        assert_eq!(word("pipe://callgate-demo"), "pipe://callgate-demo");
        let tls = "tls://[::1]:4000?certificate=a b.pem&key=it's.key&trust=$HOME/*~`\"\\";
        for text in [tls, "", "'", "#", "tcp://localhost:4000?insecure=1"] {
            let script = format!("printf %s {}", word(text));
            let output = Command::new("sh").args(["-c", &script]).output().expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout), text);
        }
    }
}
