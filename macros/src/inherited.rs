//! The interfaces that an interface inherits: the supertraits of its trait.

use quote::format_ident;
use syn::{Error, ItemTrait, Path, PathArguments, Result, TypeParamBound};

/// Traits that describe the implementing type, and have no methods to call.
const MARKERS: [&str; 8] =
    ["Send", "Sync", "Sized", "Unpin", "Any", "Debug", "UnwindSafe", "RefUnwindSafe"];

/// An inherited interface: the paths of what was generated for its trait.
pub struct Inherited {
    pub proxy: Path,
    pub delegate: Path,
}

impl Inherited {
    /// All interfaces that a trait inherits, in order.
    pub fn all(item: &ItemTrait) -> Result<Vec<Inherited>> {
        let paths = item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) if !is_marker(&bound.path) => Some(&bound.path),
            _ => None,
        });
        paths.map(Inherited::of).collect()
    }

    fn of(path: &Path) -> Result<Inherited> {
        if path.segments.iter().any(|segment| !matches!(segment.arguments, PathArguments::None)) {
            let what =
                "an interface can inherit only interfaces, which are not generic: remove this";
            return Err(Error::new_spanned(path, what));
        }
        Ok(Inherited { proxy: beside(path, "Proxy"), delegate: beside(path, "Delegate") })
    }
}

/// The path of what the macro generates beside a trait.
fn beside(path: &Path, what: &str) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = format_ident!("{}{}", last.ident, what);
    }
    path
}

fn is_marker(path: &Path) -> bool {
    let is_of_the_language =
        path.segments.first().is_some_and(|first| first.ident == "std" || first.ident == "core");
    is_of_the_language
        || path.segments.last().is_some_and(|last| MARKERS.iter().any(|name| last.ident == name))
}
