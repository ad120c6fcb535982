//! Which layer imports from which.
//!
//! The layers are the rows of a table in a document, the lowest first. A file may import from its own row
//! and from those above it.

use std::collections::BTreeSet;

use crate::files;
use crate::findings::{require_none, Finding};
use crate::{python, rust};

/// The use of an item of another file.
pub struct Import {
    pub line: usize,
    /// The path as written, with groups expanded: `crate::wire::Frame`.
    pub path: String,
    /// The file that defines it.
    pub file: String,
}

/// The table in which a document lists the layers.
struct Table {
    document: &'static str,
    /// The line above the table.
    heading: &'static str,
    /// The column that names the layer.
    name: usize,
    /// The column that lists its files and folders.
    places: usize,
    /// The path of a listed file or folder; folders end in a slash.
    path: fn(&str) -> String,
}

const RUST: Table = Table {
    document: "ARCHITECTURE.md",
    heading: "## Layers",
    name: 1,
    places: 2,
    path: str::to_owned,
};

const PYTHON: Table = Table {
    document: "bindings/python/README.md",
    heading: "## Where things are",
    name: 1,
    places: 1,
    path: |place| match place.ends_with('/') {
        true => format!("bindings/python/callgate/{place}"),
        false => format!("bindings/python/callgate/{place}.py"),
    },
};

struct Layer {
    name: String,
    places: Vec<String>,
}

struct Layers {
    document: &'static str,
    rows: Vec<Layer>,
}

impl Layers {
    /// The first table under the heading.
    fn read(table: &Table) -> Layers {
        let document = table.document;
        let text = files::text(document);
        let lines = text.lines().skip_while(|line| *line != table.heading);
        let lines = lines.skip_while(|line| !line.starts_with('|'));
        let rows = lines.take_while(|line| line.starts_with('|')).skip(2).map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let places = cells[table.places].split('`').skip(1).step_by(2);
            let places = places.map(table.path).collect();
            Layer { name: cells[table.name].to_owned(), places }
        });
        let rows: Vec<Layer> = rows.collect();
        assert!(!rows.is_empty(), "{document}: no table of layers below \"{}\"", table.heading);
        for place in rows.iter().flat_map(|layer| &layer.places) {
            assert!(
                files::exists(place),
                "{document}: the table of layers names {place}, which does not exist"
            );
        }
        Layers { document, rows }
    }

    /// The row of a file: the one with the longest matching prefix.
    fn row(&self, file: &str) -> Option<usize> {
        let places = self.rows.iter().enumerate().flat_map(|(row, layer)| {
            let here = layer.places.iter();
            here.filter(|place| is_in(file, place)).map(move |place| (place.len(), row))
        });
        places.max().map(|(_, row)| row)
    }

    /// A finding if the file is in no layer.
    fn check_file(&self, file: &str) -> Option<Finding> {
        if self.row(file).is_some() {
            return None;
        }
        Some(Finding {
            file: file.to_owned(),
            line: 1,
            what: "the file is in no layer".to_owned(),
            advice: format!("Add it to the table of layers in {}.", self.document),
        })
    }

    /// A finding if an import goes upwards.
    fn check_import(&self, file: &str, import: &Import) -> Option<Finding> {
        let (own, other) = (self.row(file)?, self.row(&import.file)?);
        if other <= own {
            return None;
        }
        let (name, above) = (&self.rows[own].name, &self.rows[other].name);
        let advice = format!(
            "Import it from the module that defines it, have the caller pass it, or move the code to where {} \
             allows it.",
            self.document
        );
        let what = format!("`{}` climbs from the layer \"{name}\" to \"{above}\"", import.path);
        Some(Finding { file: file.to_owned(), line: import.line, what, advice })
    }

    fn check(&self, files: &BTreeSet<String>, imports: impl Fn(&str, &str) -> Vec<Import>) {
        let mut findings = Vec::new();
        for file in files {
            findings.extend(self.check_file(file));
            let imports = imports(file, &files::text(file));
            findings.extend(imports.iter().filter_map(|import| self.check_import(file, import)));
        }
        require_none(&findings);
    }
}

fn is_in(file: &str, place: &str) -> bool {
    file == place || (place.ends_with('/') && file.starts_with(place))
}

#[test]
fn rust_files_import_only_from_their_layer_and_below() {
    let modules = rust::Modules(files::in_folder("src", &["rs"]).into_iter().collect());
    Layers::read(&RUST).check(&modules.0, |file, text| modules.imports(file, text));
}

#[test]
fn python_modules_import_only_from_their_layer_and_below() {
    let files = files::in_folder("bindings/python/callgate", &["py"]);
    let modules = python::Modules(files.into_iter().collect());
    Layers::read(&PYTHON).check(&modules.0, |file, text| modules.imports(file, text));
}
