//! Every patch of `tests/sabotage/` still applies, names tests that exist, and stands with each of them in the
//! table of hazards. Those of `tests/faults/`, for the models, still apply too.

use crate::files;
use crate::findings::{require_none, Finding};

const PATCHES: &str = "tests/sabotage";
const FAULTS: &str = "tests/faults";
const TABLE: &str = "docs/internals/hazards.md";
/// The folders that have tests.
const TESTS: [&str; 7] = [
    "tests",
    "src",
    "cli/tests",
    "gateway",
    "bindings/python/tests",
    "bindings/cpp/tests",
    "bindings/dotnet/tests",
];

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

/// A test that a patch names.
struct Named<'a> {
    /// As its row in the table ends.
    name: &'a str,
    /// What its declaration contains.
    declared: String,
}

/// The test that a line before a patch names, if it names one.
fn named(line: &str) -> Option<Named<'_>> {
    let (language, words) = line.split_once(": ")?;
    let last = words.rsplit([':', ' ', '.']).next()?;
    let text = words.rsplit("::").next()?;
    Some(match language {
        "test" => Named { name: last, declared: format!("fn {last}(") },
        "pytest" => Named { name: last, declared: format!("def {last}(") },
        "cpp" => Named { name: words, declared: format!("TEST_CASE(\"{text}\")") },
        "dotnet" => Named { name: words, declared: format!("static void {last}(") },
        _ => return None,
    })
}

fn tests_of(patch: &str) -> Vec<Named<'_>> {
    patch.lines().take_while(|line| !line.starts_with("--- ")).filter_map(named).collect()
}

/// Whether some test has this name.
fn is_test(test: &Named) -> bool {
    let mut files =
        TESTS.iter().flat_map(|folder| files::in_folder(folder, &["rs", "py", "cpp", "cs"]));
    files.any(|file| files::text(&file).contains(&test.declared))
}

fn finding(file: &str, what: String, advice: &str) -> Finding {
    Finding { file: file.to_owned(), line: 1, what, advice: advice.to_owned() }
}

/// The places where a patch does not apply.
fn stale(file: &str) -> Vec<Finding> {
    let hunks = hunks(&files::text(file)).into_iter().filter(|hunk| !applies(hunk));
    let found = hunks.map(|hunk| {
        let what = format!("does not apply to {} at line {}", hunk.file, hunk.line);
        finding(file, what, "Renew the patch for the code as it is now.")
    });
    found.collect()
}

/// What is wrong with a sabotage, if anything.
fn check(file: &str, table: &str) -> Vec<Finding> {
    let patch = files::text(file);
    let mut findings = stale(file);
    let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".patch")).unwrap_or(file);
    let tests = tests_of(&patch);
    if tests.is_empty() {
        let what = "no line that names a test, such as `test: …`".to_owned();
        let advice = "Name a test that fails with this patch; ci/sabotage says how.";
        findings.push(finding(file, what, advice));
    }
    for test in tests {
        let is_listed = |row: &str| {
            row.contains(&format!("`{name}`")) && row.contains(&format!("{}`", test.name))
        };
        if !is_test(&test) {
            let what = format!("there is no test {}", test.name);
            findings.push(finding(file, what, "Name a test that fails with this patch."));
        } else if !table.lines().any(is_listed) {
            let what = format!("no row of {TABLE} has `{name}` and `{}`", test.name);
            findings.push(finding(file, what, "Add it to the row of its hazard."));
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
fn each_fault_applies() {
    let patches = files::in_folder(FAULTS, &["patch"]);
    let findings: Vec<_> = patches.iter().flat_map(|file| stale(file)).collect();
    require_none(&findings);
}

#[test]
fn hunks_are_read_with_what_they_expect() {
    let patch = "\
What it does.

test: --test a b::c
pytest: test_d.py::test_e
cpp: test_e.cpp::the text: cut
dotnet: FTests.G

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
    let names: Vec<&str> = tests_of(patch).iter().map(|test| test.name).collect();
    assert_eq!(names, ["c", "test_e", "test_e.cpp::the text: cut", "FTests.G"]);
}
