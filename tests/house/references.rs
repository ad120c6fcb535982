//! What documents refer to exists: the targets of links, and the files and folders named in backticks.

use crate::files;
use crate::findings::{require_none, Finding};

const FOLDERS: [&str; 4] = ["docs", "benches", "bindings", "tests"];

const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "PROTOCOL.md", "CHANGELOG.md"];

/// A name in backticks that begins with one of these is a path from the root of the repository.
const TOP: [&str; 9] = [
    "src/",
    "macros/",
    "include/",
    "bindings/",
    "examples/",
    "examples-c/",
    "tests/",
    "benches/",
    "ci/",
];

/// A name that contains one of these stands for several files, or for one that the reader chooses.
const PATTERNS: [&str; 4] = ["*", "…", "NAME", "{"];

fn documents() -> impl Iterator<Item = String> {
    let top = DOCUMENTS.iter().map(|document| (*document).to_owned());
    top.chain(FOLDERS.iter().flat_map(|folder| files::in_folder(folder, &["md"])))
}

/// The lines of prose of a document, with their numbers, without blocks of code.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut in_code = false;
    let lines = text.lines().zip(1..).filter(|(line, _)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    lines.map(|(line, number)| (number, line)).collect()
}

/// The anchors of a document: those that GitHub derives from headings, and those that it sets itself.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).into_iter().filter_map(|(_, line)| {
        let heading = line.trim_start_matches('#');
        (heading.len() < line.len() && heading.starts_with(' ')).then(|| slug(heading.trim()))
    });
    let own = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    headings.chain(own.map(str::to_owned)).collect()
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// What is wrong with the target of a link, if anything.
fn check_link(document: &str, target: &str) -> Option<String> {
    // A C++ lambda looks like a link.
    if target.contains("://") || target.contains(' ') {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let place = if path.is_empty() { document.to_owned() } else { join(folder, path) };
    if !files::exists(&place) {
        return Some(format!("there is no {place}"));
    }
    let missing = !anchor.is_empty() && !anchors(&files::text(&place)).iter().any(|a| a == anchor);
    missing.then(|| format!("{place} has no heading or anchor #{anchor}"))
}

/// The path from the root, for a path relative to a folder.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// What is wrong with a name in backticks, if anything.
fn check_name(name: &str) -> Option<String> {
    let path = name.split(' ').next().unwrap_or_default();
    let is_path = TOP.iter().any(|top| path.starts_with(top));
    let is_pattern = PATTERNS.iter().any(|pattern| path.contains(pattern));
    (is_path && !is_pattern && !files::exists(path)).then(|| format!("there is no {path}"))
}

#[test]
fn documents_refer_to_what_exists() {
    let mut findings = Vec::new();
    for document in documents() {
        let text = files::text(&document);
        for (line, prose) in prose(&text) {
            let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let names = prose.split('`').skip(1).step_by(2);
            let links = links.filter_map(|target| check_link(&document, target));
            let wrong = links.chain(names.filter_map(check_name));
            findings.extend(wrong.map(|what| Finding {
                file: document.clone(),
                line,
                what,
                advice: "Name the file or heading as it is called now.".to_owned(),
            }));
        }
    }
    require_none(&findings);
}
