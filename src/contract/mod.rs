//! Descriptions of interfaces, and how two of them differ.
//!
//! A description is an OpenRPC document. Each side describes an interface as its own program knows it; the
//! two fit if every call that the caller's description allows is one that the host's can serve, and every
//! result is one that the caller can take. docs/internals/contracts.md has the format and the rules.

mod compare;
mod document;
mod fit;
mod method;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::text;

pub use method::{Method, Parameter};
pub use schema::{Member, NamedType, Schema};

/// An interface as one side knows it, read from an OpenRPC document. Clones share it.
///
/// ```
/// # fn main() -> callgate::Result<()> {
/// let described = |width: &str| {
///     callgate::Contract::parse(&format!(
///         r#"{{
///             "openrpc": "1.3.2",
///             "info": {{ "title": "ICounter", "version": "1" }},
///             "methods": [{{
///                 "name": "CountTo",
///                 "params": [{{
///                     "name": "n",
///                     "required": true,
///                     "schema": {{ "type": "integer", "format": "{width}" }}
///                 }}],
///                 "result": {{ "name": "result", "schema": {{ "type": "null" }} }}
///             }}]
///         }}"#
///     ))
/// };
/// let (narrow, wide) = (described("int32")?, described("int64")?);
/// assert!(narrow.differences(&wide).is_empty(), "a host that takes wider numbers");
/// let found = wide.differences(&narrow);
/// let place = "ICounter.CountTo, parameter 1 (n): int64 here, int32 at the host";
/// assert_eq!(found[0].to_string(), place);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Contract(Arc<Description>);

struct Description {
    interface: String,
    comment: Option<String>,
    document: Box<str>,
    methods: Vec<Method>,
    callback: Option<Contract>,
    /// The types that schemas refer to, by name.
    types: BTreeMap<String, NamedType>,
}

impl Contract {
    /// Reads an OpenRPC document that describes one interface. Its title is the interface's name.
    ///
    /// # Errors
    /// Invalid argument if it is no such document; the message says where.
    pub fn parse(document: &str) -> Result<Contract> {
        document::parse(document)
    }

    /// The interface's name.
    pub fn interface(&self) -> &str {
        &self.0.interface
    }

    /// The document that it was read from.
    pub fn document(&self) -> &str {
        &self.0.document
    }

    /// The callback interface that the host calls, if the description has one.
    pub fn callback(&self) -> Option<&Contract> {
        self.0.callback.as_ref()
    }

    /// What the description says about the interface as a whole.
    pub fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// The methods, in the order of the document. Overloads have one name and differ in their signatures.
    pub fn methods(&self) -> &[Method] {
        &self.0.methods
    }

    /// The types that have names, sorted by them.
    pub fn types(&self) -> impl Iterator<Item = &NamedType> {
        self.0.types.values()
    }

    /// The type that a [name](Schema::Named) stands for; other types as they are. A name that the document
    /// does not define stands for any value.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        schema::resolve(&self.0.types, schema)
    }

    /// The same description with a callback interface, in place of the one that it has.
    ///
    /// # Errors
    /// Invalid argument if the description would be longer than 1 MiB.
    pub fn with_callback(&self, callback: &Contract) -> Result<Contract> {
        document::with_callback(self, callback)
    }

    /// The same description with `interface` as the interface's name: the name under which a caller knows it, if the
    /// host has an alias for that.
    ///
    /// # Errors
    /// Invalid argument if the description would be longer than 1 MiB.
    pub fn under_name(&self, interface: &str) -> Result<Contract> {
        match self.interface() == interface {
            true => Ok(self.clone()),
            false => document::under_name(self, interface),
        }
    }

    /// Whether both were read from one text. Bindings give each proxy the text of its interface.
    pub(crate) fn is_same(&self, other: &Contract) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.document == other.0.document
    }

    /// Where a caller with this description and a host with that one would misunderstand each other; none if
    /// the two fit. Methods, optional last parameters and record members that only the host knows are no
    /// difference, and neither are types of the taking side that hold all values of the giving side's.
    pub fn differences(&self, host: &Contract) -> Vec<Difference> {
        compare::differences(self, host)
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contract").field(&self.0.interface).finish()
    }
}

/// One place where two descriptions of an interface do not fit. It is displayed on one line, with control characters
/// escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: e.g. `ICalculator.Add, parameter 2 (b)`.
    pub place: String,
    /// What the caller's description has there.
    pub caller: String,
    /// What the host's description has there.
    pub host: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { place, caller, host } = self;
        let all = format!("{place}: {caller} here, {host} at the host");
        // Names of types and parameters may come from a peer.
        write!(f, "{}", text::line(&all))
    }
}
