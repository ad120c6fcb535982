//! The imports of Python modules from their own package, except those for type checkers only.

use std::collections::BTreeSet;

use crate::layers::Import;

/// The files of a package, which determine its modules.
pub struct Modules(pub BTreeSet<String>);

impl Modules {
    /// The imports of a file.
    pub fn imports(&self, file: &str, text: &str) -> Vec<Import> {
        let mut imports = Vec::new();
        let mut checking: Option<usize> = None;
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let statement = line.trim_start();
            let indent = line.len() - statement.len();
            if checking.is_some_and(|outer| indent <= outer && !statement.is_empty()) {
                checking = None;
            }
            if statement.starts_with("if TYPE_CHECKING:") {
                checking = Some(indent);
            }
            let Some(module) = module(statement).filter(|_| checking.is_none()) else { continue };
            for name in names(&lines[index..]) {
                let target = self.file(&absolute(file, module), &name);
                let path = format!("from {module} import {name}");
                imports.push(Import { line: index + 1, path, file: target });
            }
        }
        imports
    }

    /// The file of a module, or of its submodule with this name.
    fn file(&self, module: &str, name: &str) -> String {
        let candidates = [
            format!("{module}/{name}.py"),
            format!("{module}/{name}/__init__.py"),
            format!("{module}.py"),
            format!("{module}/__init__.py"),
        ];
        let found = candidates.iter().find(|file| self.0.contains(*file));
        found.unwrap_or(&candidates[2]).clone()
    }
}

/// The module of this package that a statement imports from, if any.
fn module(statement: &str) -> Option<&str> {
    let (module, _) = statement.strip_prefix("from ")?.split_once(" import ")?;
    module.starts_with('.').then_some(module)
}

/// The names that the statement at the beginning of these lines imports.
fn names(lines: &[&str]) -> Vec<String> {
    let statement = lines.join("\n");
    let (_, names) = statement.split_once(" import ").expect("an import");
    let names = match names.strip_prefix('(') {
        Some(group) => group.split(')').next(),
        None => names.lines().next(),
    };
    let names = names.unwrap_or_default().lines();
    let names = names.flat_map(|line| line.split('#').next().unwrap_or_default().split(','));
    let names = names.filter_map(|name| name.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// The path, without extension, of a module that a file names with leading dots.
fn absolute(file: &str, module: &str) -> String {
    let name = module.trim_start_matches('.');
    let ups = module.len() - name.len();
    let parts: Vec<&str> = file.split('/').collect();
    let package = parts[..parts.len().saturating_sub(ups)].join("/");
    match name {
        "" => package,
        name => format!("{package}/{}", name.replace('.', "/")),
    }
}

#[test]
fn imports_are_found_wherever_they_are_written() {
    let files = ["p/__init__.py", "p/_log.py", "p/_abi/__init__.py", "p/_abi/native.py"];
    let modules = Modules(files.map(str::to_owned).into());
    let text = "\
from typing import TYPE_CHECKING
from . import native, other
from .. import _log  # a comment, with a comma
from .native import (
    first,  # the first
    second as third,
)
if TYPE_CHECKING:
    from .. import Checked

def f():
    from .._log import late
";
    let imports = modules.imports("p/_abi/calls.py", text).into_iter();
    let imports: Vec<_> = imports.map(|it| (it.line, it.path, it.file)).collect();
    let expected = [
        (2, "from . import native", "p/_abi/native.py"),
        (2, "from . import other", "p/_abi/__init__.py"),
        (3, "from .. import _log", "p/_log.py"),
        (4, "from .native import first", "p/_abi/native.py"),
        (4, "from .native import second", "p/_abi/native.py"),
        (12, "from .._log import late", "p/_log.py"),
    ];
    let expected = expected.map(|(line, path, file)| (line, path.to_owned(), file.to_owned()));
    assert_eq!(imports, expected);
}
