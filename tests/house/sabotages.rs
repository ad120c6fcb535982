//! Every patch of `tests/sabotage/` still applies, names tests that exist, and stands with each of them in the
//! table of hazards.

use crate::files;
use crate::findings::{require_none, Finding};

const PATCHES: &str = "tests/sabotage";
const TABLE: &str = "docs/internals/hazards.md";

/// One place that a patch changes: the lines that it expects there, and how many lines they become.
struct Hunk {
    file: String,
    line: usize,
    before: Vec<String>,
}

fn hunks(patch: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut file, mut left) = (String::new(), 0);
    for line in patch.lines() {
        if left == 0 {
            if let Some(path) = line.strip_prefix("--- a/") {
                file = path.to_owned();
            } else if let Some(place) = line.strip_prefix("@@ -") {
                let old = place.split(' ').next().expect("split gives one");
                let (line, count) = old.split_once(',').unwrap_or((old, "1"));
                left = count.parse().expect("a number of lines");
                let line = line.parse().expect("a line's number");
                hunks.push(Hunk { file: file.clone(), line, before: Vec::new() });
            }
        } else if !line.starts_with('+') {
            let before = line.get(1..).unwrap_or_default().to_owned();
            hunks.last_mut().expect("a hunk has begun").before.push(before);
            left -= 1;
        }
    }
    hunks
}

/// Whether the lines that a hunk expects are somewhere in its file.
fn applies(hunk: &Hunk) -> bool {
    if !files::exists(&hunk.file) {
        return false;
    }
    let text = files::text(&hunk.file);
    let lines: Vec<&str> = text.lines().collect();
    lines.windows(hunk.before.len()).any(|window| window == hunk.before)
}

/// The names of the tests that a patch names, without their modules.
fn tests_of(patch: &str) -> Vec<&str> {
    let runs = |line: &&str| line.starts_with("test: ") || line.starts_with("pytest: ");
    let lines = patch.lines().take_while(|line| !line.starts_with("--- ")).filter(runs);
    lines.filter_map(|line| line.rsplit([':', ' ']).next()).collect()
}

/// Whether some test has this name.
fn is_test(name: &str) -> bool {
    let declares = |file: &String| {
        let text = files::text(file);
        text.contains(&format!("fn {name}(")) || text.contains(&format!("def {name}("))
    };
    let folders = ["tests", "src", "cli/tests", "bindings/python/tests"];
    folders.iter().flat_map(|folder| files::in_folder(folder, &["rs", "py"])).any(|f| declares(&f))
}

/// What is wrong with a patch, if anything.
fn check(file: &str, table: &str) -> Vec<Finding> {
    let patch = files::text(file);
    let finding = |line: usize, what: String, advice: &str| Finding {
        file: file.to_owned(),
        line,
        what,
        advice: advice.to_owned(),
    };
    let stale = hunks(&patch).into_iter().filter(|hunk| !applies(hunk)).map(|hunk| {
        let what = format!("does not apply to {} at line {}", hunk.file, hunk.line);
        finding(1, what, "Renew the patch for the code as it is now.")
    });
    let mut findings: Vec<Finding> = stale.collect();
    let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".patch")).unwrap_or(file);
    let tests = tests_of(&patch);
    if tests.is_empty() {
        let what = "no line `test: …` or `pytest: …`".to_owned();
        findings.push(finding(
            1,
            what,
            "Name a test that fails with this patch; ci/sabotage says how.",
        ));
    }
    for test in tests {
        let is_listed =
            |row: &str| row.contains(&format!("`{name}`")) && row.contains(&format!("{test}`"));
        if !is_test(test) {
            let what = format!("there is no test {test}");
            findings.push(finding(1, what, "Name a test that fails with this patch."));
        } else if !table.lines().any(is_listed) {
            let what = format!("no row of {TABLE} has `{name}` and `{test}`");
            findings.push(finding(1, what, "Add it to the row of its hazard."));
        }
    }
    findings
}

#[test]
fn each_sabotage_applies_and_stands_in_the_table_with_its_test() {
    let table = files::text(TABLE);
    let patches = files::in_folder(PATCHES, &["patch"]);
    let findings: Vec<_> = patches.iter().flat_map(|file| check(file, &table)).collect();
    require_none(&findings);
}

#[test]
fn hunks_are_read_with_what_they_expect() {
    let patch = "\
What it does.

test: --test a b::c
pytest: test_d.py::test_e

--- a/src/x.rs
+++ b/src/x.rs
@@ -7,3 +7,3 @@ fn f() {
 one
--- two
+two
 three
";
    let found = hunks(patch);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].file.as_str(), found[0].line), ("src/x.rs", 7));
    assert_eq!(found[0].before, ["one", "-- two", "three"]);
    assert_eq!(tests_of(patch), ["c", "test_e"]);
}
