//! The binary interface against its committed list, so that it changes on purpose only: functions, types and
//! constants as the headers declare them, structs as the compiler lays them out.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use super::parse::{code, statements};
use crate::c::{folder, program, root, succeed, Link};

const HEADERS: [&str; 3] = ["callgate.h", "callgate_binding.h", "callgate_testing.h"];
const LIST: &str = "tests/c/abi/listed.txt";

/// `CALLGATE_UPDATE_ABI=1 cargo test --test c listed` renews the list.
#[test]
#[cfg(target_pointer_width = "64")]
fn the_binary_interface_is_the_listed_one() {
    let folder = folder("listed");
    let source = folder.join("list.c");
    fs::write(&source, lister()).unwrap();
    let program = program(source.to_str().unwrap(), &folder, Link::Dynamic);
    let found = succeed(&mut Command::new(program));
    let list = root().join(LIST);
    if std::env::var_os("CALLGATE_UPDATE_ABI").is_some() {
        fs::write(&list, &found).unwrap();
    }
    let listed = fs::read_to_string(list).unwrap_or_default();
    let gone = missing(&listed, &found);
    let new = missing(&found, &listed);
    assert!(
        listed == found,
        "the binary interface is not that of {LIST}. Programs may have been compiled with what is gone.\n\
         gone:\n{gone}new:\n{new}\
         If that is intended: CALLGATE_UPDATE_ABI=1 cargo test --test c listed, and see CONTRIBUTING.md"
    );
}

/// The lines of one text that the other has not.
fn missing(text: &str, other: &str) -> String {
    let other: Vec<&str> = other.lines().collect();
    let lines = text.lines().filter(|line| !other.contains(line));
    lines.fold(String::new(), |lines, line| lines + "    " + line + "\n")
}

/// A program in C that prints the list.
fn lister() -> String {
    let mut text = String::from("#include <stdio.h>\n");
    for header in HEADERS {
        writeln!(text, "#include <{header}>").unwrap();
    }
    text.push_str("int main(void)\n{\n");
    for header in HEADERS {
        let header = fs::read_to_string(root().join("include").join(header)).unwrap();
        for constant in header.lines().filter_map(constant) {
            writeln!(text, "    puts(\"{constant}\");").unwrap();
        }
        for statement in statements(&code(&header)) {
            let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            match structure(&statement) {
                Some((name, fields)) => print_structure(&mut text, name, fields),
                None => writeln!(text, "    puts(\"{statement}\");").unwrap(),
            }
        }
    }
    text + "    return 0;\n}\n"
}

/// A constant as name and value; the version of the package is not part of the interface.
fn constant(line: &str) -> Option<String> {
    let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
    let is_listed = !name.contains('(') && !name.starts_with("CALLGATE_VERSION");
    is_listed.then(|| format!("{name} = {value}"))
}

/// The name and the fields of a struct.
fn structure(statement: &str) -> Option<(&str, &str)> {
    let (fields, name) = statement.strip_prefix("typedef struct {")?.rsplit_once('}')?;
    Some((name.trim(), fields))
}

fn print_structure(text: &mut String, name: &str, fields: &str) {
    let size = format!("printf(\"struct {name}: %zu bytes\\n\", sizeof({name}));");
    writeln!(text, "    {size}").unwrap();
    for field in fields.split(';').map(str::trim).filter(|field| !field.is_empty()) {
        let declared = field.split('[').next().expect("split gives one");
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let field_name = &declared[declared.trim_end_matches(is_name).len()..];
        writeln!(
            text,
            "    printf(\"    {name} +%zu: {field}, %zu bytes\\n\", offsetof({name}, {field_name}), \
             sizeof((({name} *)0)->{field_name}));"
        )
        .unwrap();
    }
}
