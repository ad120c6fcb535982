//! Which layer imports from which.
//!
//! The layers are the rows of a table in a document, the lowest first; the second column lists the files
//! and folders of each. A file may import from its own row and from those above it.

use crate::files;
use crate::findings::{require_none, Finding};
use crate::rust::Modules;

struct Layer {
    name: String,
    /// Files, and folders with a slash at the end.
    places: Vec<String>,
}

struct Layers {
    document: &'static str,
    rows: Vec<Layer>,
}

impl Layers {
    /// The first table under a heading of a document.
    fn read(document: &'static str, heading: &str) -> Layers {
        let text = files::text(document);
        let lines = text.lines().skip_while(|line| *line != heading);
        let table = lines.skip_while(|line| !line.starts_with('|'));
        let rows = table.take_while(|line| line.starts_with('|')).skip(2).map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let places = cells[2].split('`').skip(1).step_by(2);
            Layer { name: cells[1].to_owned(), places: places.map(str::to_owned).collect() }
        });
        let rows: Vec<Layer> = rows.collect();
        assert!(!rows.is_empty(), "{document}: no table of layers below \"{heading}\"");
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
    fn check_import(&self, file: &str, line: usize, path: &str, target: &str) -> Option<Finding> {
        let (own, other) = (self.row(file)?, self.row(target)?);
        if other <= own {
            return None;
        }
        let (name, above) = (&self.rows[own].name, &self.rows[other].name);
        let advice = format!(
            "Import it from the module that defines it, have the caller pass it, or move the code to where {} \
             allows it.",
            self.document
        );
        let what = format!("`{path}` climbs from the layer \"{name}\" to \"{above}\"");
        Some(Finding { file: file.to_owned(), line, what, advice })
    }
}

fn is_in(file: &str, place: &str) -> bool {
    file == place || (place.ends_with('/') && file.starts_with(place))
}

#[test]
fn rust_files_import_only_from_their_layer_and_below() {
    let layers = Layers::read("ARCHITECTURE.md", "## Layers");
    let modules = Modules(files::in_folder("src", &["rs"]).into_iter().collect());
    let mut findings = Vec::new();
    for file in &modules.0 {
        findings.extend(layers.check_file(file));
        let imports = modules.imports(file, &files::text(file)).into_iter();
        findings.extend(
            imports.filter_map(|it| layers.check_import(file, it.line, &it.path, &it.file)),
        );
    }
    require_none(&findings);
}

#[test]
fn every_row_of_the_table_of_layers_names_what_exists() {
    let layers = Layers::read("ARCHITECTURE.md", "## Layers");
    let missing = layers.rows.iter().flat_map(|layer| &layer.places);
    let missing: Vec<_> = missing.filter(|place| !files::exists(place)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md, table of layers: there is no {missing:?}");
}
