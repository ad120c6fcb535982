//! The imports of Rust files from their own crate: `use` declarations and paths with `crate::` and
//! `super::`.

use std::collections::BTreeSet;

use crate::layers::Import;

/// The files of a crate, which determine its modules.
pub struct Modules(pub BTreeSet<String>);

impl Modules {
    /// The file of the innermost module on a path.
    fn file(&self, path: &[String]) -> String {
        let files = (1..=path.len()).rev().flat_map(|length| {
            let module = path[..length].join("/");
            [format!("src/{module}.rs"), format!("src/{module}/mod.rs")]
        });
        files.into_iter().find(|file| self.0.contains(file)).unwrap_or("src/lib.rs".to_owned())
    }

    /// The imports of a file.
    pub fn imports(&self, file: &str, text: &str) -> Vec<Import> {
        let mut module = module_of(file);
        let mut imports = Vec::new();
        let code = without_comments_and_texts(text);
        let mut start = 0;
        for (index, line) in code.split_inclusive('\n').enumerate() {
            if let Some(name) = opened_module(line) {
                module.push(name);
            } else if line.trim_end() == "}" && module.len() > module_of(file).len() {
                module.pop();
            }
            for at in path_starts(line) {
                let mut paths = Vec::new();
                read_tree(&code[start + at..], &mut Vec::new(), &mut paths);
                imports.extend(paths.into_iter().map(|path| Import {
                    line: index + 1,
                    file: self.file(&absolute(&module, &path)),
                    path: path.join("::"),
                }));
            }
            start += line.len();
        }
        imports
    }
}

/// The module of a file.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let names = path.split('/').filter(|name| !["mod", "lib"].contains(name));
    names.map(str::to_owned).collect()
}

/// The name of the inline module that a line opens, in rustfmt's format, at the top level of the file.
fn opened_module(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let name = line.strip_prefix("mod ")?.trim_end().strip_suffix(" {")?;
    Some(name.to_owned())
}

/// Where paths of this crate begin in a line; `pub(in crate::…)` and a macro's `$crate` are no imports.
fn path_starts(line: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    for keyword in ["crate::", "super::"] {
        for (at, _) in line.match_indices(keyword) {
            let before = &line[..at];
            let continues = |c: char| c.is_alphanumeric() || "_:$".contains(c);
            if !before.ends_with(continues) && !before.ends_with("(in ") {
                starts.push(at);
            }
        }
    }
    starts
}

/// Reads a path, and those of the groups in it, from the beginning of `code`; returns what follows them.
fn read_tree<'a>(code: &'a str, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') && !rest.is_empty() {
            rest = read_tree(rest, before, paths);
            let end = rest.find([',', '}']).unwrap_or(rest.len());
            rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
        }
        return rest.trim_start().strip_prefix('}').unwrap_or("");
    }
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    if name.is_empty() {
        paths.push(before.clone());
        return rest.strip_prefix('*').unwrap_or(rest);
    }
    before.push(name.to_owned());
    let rest = match rest.strip_prefix("::") {
        Some(inner) => read_tree(inner, before, paths),
        None => {
            paths.push(before.clone());
            rest
        }
    };
    before.pop();
    rest
}

/// The absolute form of a path used in `module`.
fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|name| *name == "super").count();
    let base = if supers == 0 { 0 } else { module.len().saturating_sub(supers) };
    let rest = path.iter().filter(|name| !["crate", "super", "self"].contains(&name.as_str()));
    module[..base].iter().chain(rest).cloned().collect()
}

/// Replaces comments, strings and characters by spaces, so that lines and columns are unchanged.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = match next {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => end_of_text(rest),
            'r' if !code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => end_of_raw(rest),
            '\'' => end_of_character(rest),
            _ => 0,
        };
        let shown = if skipped == 0 { next.len_utf8() } else { 0 };
        code.push_str(&rest[..shown]);
        let blank = rest[shown..skipped.max(shown)].chars();
        code.extend(blank.map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[skipped.max(shown)..];
    }
    code
}

fn end_of_text(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

fn end_of_raw(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let begin = 2 + hashes;
    let end = format!("\"{}", "#".repeat(hashes));
    rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len())
}

/// The end of a character literal; 0 for a lifetime.
fn end_of_character(rest: &str) -> usize {
    let mut inner = rest[1..].chars();
    match (inner.next(), inner.next()) {
        (Some('\\'), Some(escaped)) => {
            let begin = 2 + escaped.len_utf8();
            rest[begin..].find('\'').map_or(0, |at| begin + at + 1)
        }
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

#[test]
fn imports_are_found_wherever_they_are_written() {
    let files = ["src/lib.rs", "src/error.rs", "src/wire/mod.rs", "src/wire/frame.rs"];
    let modules = Modules(files.map(str::to_owned).into());
    let text = "\
// use crate::error::Comment;
use crate::{
    wire::{self, frame::{Frame, Kind as K}},
    error::*,
};
const TEXT: &str = \"crate::error\";
pub(in crate::wire) fn f<'a>(x: &'a str) -> super::error::Result { '\"'; crate::Root }
mod tests {
    use super::*;
    use super::super::error::Error;
}
";
    let imports = modules.imports("src/wire/mod.rs", text).into_iter();
    let imports: Vec<_> = imports.map(|it| (it.line, it.path, it.file)).collect();
    let expected = [
        (2, "crate::wire::self", "src/wire/mod.rs"),
        (2, "crate::wire::frame::Frame", "src/wire/frame.rs"),
        (2, "crate::wire::frame::Kind", "src/wire/frame.rs"),
        (2, "crate::error", "src/error.rs"),
        (7, "crate::Root", "src/lib.rs"),
        (7, "super::error::Result", "src/error.rs"),
        (9, "super", "src/wire/mod.rs"),
        (10, "super::super::error::Error", "src/error.rs"),
    ];
    let expected = expected.map(|(line, path, file)| (line, path.to_owned(), file.to_owned()));
    assert_eq!(imports, expected);
}
