//! Words that are not used, because another word stands for the same concept: `words.txt` lists them.

use crate::files;
use crate::findings::{require_none, Finding};

const FOLDERS: [&str; 9] =
    ["src", "cli", "gateway", "macros", "bindings", "include", "docs", "examples", "examples-c"];

const DOCUMENTS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "PROTOCOL.md"];

const EXTENSIONS: [&str; 9] = ["rs", "py", "pyi", "c", "h", "hpp", "cs", "md", "txt"];

const WORDS: &str = "tests/house/words.txt";

/// Names that others have given, which are spelt as they are.
const FOREIGN: [&str; 1] = ["NO_COLOR"];

/// A line of `words.txt`.
struct Rule {
    /// Consecutive words; one that ends in `*` matches all words with that beginning.
    words: Vec<String>,
    old: String,
    new: String,
}

impl Rule {
    fn read() -> Vec<Rule> {
        let text = files::text(WORDS);
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rules = lines.map(|line| {
            let (old, new) = line.split_once(" = ").unwrap_or_else(|| panic!("{WORDS}: {line}"));
            let words = old.split(' ').map(str::to_owned).collect();
            Rule { words, old: old.to_owned(), new: new.to_owned() }
        });
        rules.collect()
    }

    /// Whether its words begin this text.
    fn begins(&self, text: &[Word]) -> bool {
        let fits = |(rule, word): (&String, &Word)| match rule.strip_suffix('*') {
            Some(beginning) => word.text.starts_with(beginning),
            None => word.text == *rule,
        };
        text.len() >= self.words.len() && self.words.iter().zip(text).all(fits)
    }
}

struct Word {
    line: usize,
    text: String,
}

/// The words of a text in lower case. Names in code are split (`is_withdrawn`, `CancelToken`); the end of a
/// clause is a word of its own, so that no phrase extends beyond it.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut before = ' ';
        for c in line.chars() {
            let begins = !before.is_alphabetic() || (before.is_lowercase() && c.is_uppercase());
            match c {
                '\'' if before.is_alphabetic() => words.last_mut().expect("one").text.push(c),
                c if c.is_alphabetic() && begins && before != '\'' => {
                    words.push(Word { line: index + 1, text: c.to_lowercase().collect() });
                }
                c if c.is_alphabetic() => {
                    words.last_mut().expect("one").text.extend(c.to_lowercase());
                }
                '.' | ',' | ';' | ':' | '(' | ')' | '"' | '`' => {
                    words.push(Word { line: index + 1, text: c.to_string() });
                }
                _ => {}
            }
            before = c;
        }
    }
    words
}

fn check(file: &str, text: &str, rules: &[Rule]) -> Vec<Finding> {
    let text = FOREIGN.iter().fold(text.to_owned(), |text, name| text.replace(name, "_"));
    let words = words(&text);
    let mut findings = Vec::new();
    for at in 0..words.len() {
        for rule in rules.iter().filter(|rule| rule.begins(&words[at..])) {
            findings.push(Finding {
                file: file.to_owned(),
                line: words[at].line,
                what: format!("\"{}\" is not used here", rule.old),
                advice: format!("Write: {}. ({WORDS} has the rule.)", rule.new),
            });
        }
    }
    findings
}

#[test]
fn each_concept_has_one_word() {
    let rules = Rule::read();
    let folders = FOLDERS.iter().flat_map(|folder| files::in_folder(folder, &EXTENSIONS));
    let all = folders.chain(DOCUMENTS.map(str::to_owned));
    let findings = all.flat_map(|file| check(&file, &files::text(&file), &rules));
    require_none(&findings.collect::<Vec<_>>());
}

#[test]
fn words_are_found_in_names_and_across_lines() {
    let rule = |old: &str| Rule {
        words: old.split(' ').map(str::to_owned).collect(),
        old: old.to_owned(),
        new: String::new(),
    };
    let rules = [rule("withdraw*"), rule("so many"), rule("of the program's")];
    let text = "\
/// As so
/// many, of the program's; and so. Many
fn is_withdrawn(token: WithdrawalToken) {}
";
    let found = check("a.rs", text, &rules).into_iter().map(|it| it.line).collect::<Vec<_>>();
    assert_eq!(found, [1, 2, 3, 3]);
}
