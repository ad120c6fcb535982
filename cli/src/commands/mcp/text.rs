//! Text and names of a host, made fit for a model.
//!
//! A host may be hostile, and models follow what they read. So its text is short, and has no characters that a person
//! who looks at it does not see.

use std::collections::HashSet;

/// The longest name: what the interfaces of models take.
const LONGEST_NAME: usize = 64;

/// A text of several lines, cut after `most` characters.
pub fn bounded(text: &str, most: usize) -> String {
    let mut visible = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c));
    let mut cut: String = visible.by_ref().take(most).collect();
    if visible.next().is_some() {
        cut.push_str("...");
    }
    cut.trim().into()
}

/// A text on one line.
pub fn bounded_line(text: &str, most: usize) -> String {
    bounded(text, most).replace(['\n', '\t'], " ")
}

/// Control characters, and those that show nothing: of no width, for directions, variation selectors, and tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Makes names that models can write, each of them once.
#[derive(Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// The name for a text: other characters than ASCII letters, digits, `_` and `-` become `_`. If the name is taken,
    /// a number follows.
    pub fn plain(&mut self, text: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let base: String = text.chars().map(plain).take(LONGEST_NAME).collect();
        let base = if base.is_empty() { "_".to_owned() } else { base };
        let mut name = base.clone();
        let mut number = 1;
        while !self.0.insert(name.clone()) {
            number += 1;
            let suffix = format!("_{number}");
            let kept = base.len().min(LONGEST_NAME - suffix.len());
            name = format!("{}{suffix}", &base[..kept]);
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_shows_all_that_it_says() {
        assert_eq!(bounded("Adds.\nTwo numbers.\n", 100), "Adds.\nTwo numbers.");
        assert_eq!(bounded(&"é".repeat(10), 4), "éééé...");
        assert_eq!(bounded("a\u{1b}\u{202e}\u{200b}\u{e0041}\u{feff}b", 100), "ab");
        assert_eq!(bounded_line("a\nb", 100), "a b");
    }

    #[test]
    fn names_are_plain_and_differ() {
        let mut names = Names::default();
        assert_eq!(names.plain("A.B"), "A_B");
        assert_eq!(names.plain("A B"), "A_B_2");
        assert_eq!(names.plain("A_B"), "A_B_3");
        assert_eq!(names.plain(""), "_");
        let long = "x".repeat(100);
        assert_eq!(names.plain(&long).len(), LONGEST_NAME);
        let second = names.plain(&long);
        assert!(second.len() == LONGEST_NAME && second.ends_with("x_2"), "{second}");
    }
}
