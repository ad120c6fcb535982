//! Refuses what cannot be an interface, and says what to do instead.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Error, FnArg, ItemTrait, LitStr, Result, ReturnType, Signature, Type};

use crate::method::Parameter;

/// The most arguments: they are sent as a tuple, and this is the longest that serde supports.
const ARGUMENTS: usize = 16;

/// The length of a name that the protocol allows, in bytes.
const NAME: std::ops::RangeInclusive<usize> = 1..=1024;

/// Names that proxies use themselves.
const RESERVED: [&str; 2] = ["new", "with_options"];

fn refuse<T>(place: impl ToTokens, what: &str) -> Result<T> {
    Err(Error::new_spanned(place, what))
}

/// Refuses a trait that cannot be an interface, regardless of its methods.
pub fn check_trait(item: &ItemTrait) -> Result<()> {
    if !item.generics.params.is_empty() {
        let what =
            "an interface cannot be generic, since other programs could not say which one they mean: write one trait for each";
        return refuse(&item.generics, what);
    }
    if let Some(clause) = &item.generics.where_clause {
        return refuse(clause, "an interface cannot have a `where` clause: remove it");
    }
    if let Some(keyword) = &item.unsafety {
        return refuse(keyword, "an interface cannot be unsafe: its callers are other processes");
    }
    Ok(())
}

/// Refuses a method that no other process could call.
pub fn check_signature(signature: &Signature) -> Result<()> {
    if let Some(keyword) = &signature.asyncness {
        let what = format!(
            "a method cannot be async: it may block, as it has a thread of its own. Callers that do not \
             want to wait use the proxy's `start_{}`, which can be awaited",
            signature.ident
        );
        return refuse(keyword, &what);
    }
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        let what = "a method cannot be generic: name the types, and omit lifetimes";
        return match &signature.generics.where_clause {
            Some(clause) if signature.generics.params.is_empty() => refuse(clause, what),
            _ => refuse(&signature.generics, what),
        };
    }
    if let Some(keyword) = &signature.unsafety {
        return refuse(keyword, "a method cannot be unsafe: its callers are other processes");
    }
    if let Some(keyword) = &signature.constness {
        return refuse(keyword, "a method cannot be const: it is called by other processes");
    }
    if let Some(abi) = &signature.abi {
        return refuse(abi, "a method cannot have a calling convention: remove `extern`");
    }
    if RESERVED.iter().any(|name| signature.ident == name) {
        let what = "every proxy has a method with this name: rename this one, and set its name for callers with #[method(name = \"...\")]";
        return refuse(&signature.ident, what);
    }
    check_receiver(signature)?;
    check_types(signature)
}

fn check_receiver(signature: &Signature) -> Result<()> {
    let what =
        "a method must take `&self`, since several threads call it at once: keep mutable state in a Mutex";
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            let is_plain = receiver.reference.is_some()
                && receiver.mutability.is_none()
                && receiver.colon_token.is_none();
            if is_plain && receiver.lifetime().is_none() {
                Ok(())
            } else {
                refuse(receiver, what)
            }
        }
        _ => refuse(&signature.ident, what),
    }
}

fn check_types(signature: &Signature) -> Result<()> {
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input {
            find(&input.ty, false)?;
        }
    }
    match &signature.output {
        ReturnType::Type(_, ty) => find(ty, true),
        ReturnType::Default => Ok(()),
    }
}

/// Refuses too many arguments, or more than one parameter for the call itself.
pub fn check_parameters(signature: &Signature, parameters: &[Parameter]) -> Result<()> {
    let calls = parameters.iter().filter(|it| matches!(it, Parameter::Call)).count();
    if calls > 1 {
        return refuse(
            &signature.inputs,
            "a method can have only one `&InboundCall`: remove the others",
        );
    }
    if parameters.len() - calls > ARGUMENTS {
        let what = format!("a method can have at most {ARGUMENTS} arguments: use a struct");
        return refuse(&signature.inputs, &what);
    }
    Ok(())
}

/// Refuses a name that cannot be sent.
pub fn check_wire_name(name: &LitStr) -> Result<()> {
    if NAME.contains(&name.value().len()) {
        return Ok(());
    }
    refuse(name, &format!("a name must have {} to {} bytes", NAME.start(), NAME.end()))
}

/// Searches a type for parts that cannot be sent.
fn find(ty: &Type, is_result: bool) -> Result<()> {
    let mut search = Search { is_result, found: None };
    search.visit_type(ty);
    search.found.map_or(Ok(()), Err)
}

struct Search {
    is_result: bool,
    found: Option<Error>,
}

impl Search {
    fn note(&mut self, place: impl ToTokens, what: &str) {
        self.found.get_or_insert_with(|| Error::new_spanned(place, what));
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_type(&mut self, ty: &'ast Type) {
        match ty {
            Type::ImplTrait(_) => {
                self.note(
                    ty,
                    "name the type: `impl Trait` stands for any type, but other programs need one",
                );
            }
            Type::TraitObject(_) => {
                self.note(ty, "a trait object cannot be sent: serve it as an interface of its own");
            }
            Type::Ptr(_) | Type::BareFn(_) => {
                self.note(ty, "a pointer means nothing in another process: send the value");
            }
            Type::Reference(reference) if self.is_result => {
                self.note(reference, "a result must be owned, since it comes from another process");
            }
            Type::Reference(reference) if reference.mutability.is_some() => {
                self.note(
                    reference,
                    "arguments are sent in one direction only: take the value, and return the changed one",
                );
            }
            _ => visit::visit_type(self, ty),
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
        if lifetime.ident != "_" {
            self.note(lifetime, "omit the lifetime: arguments live as long as the call");
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.first().is_some_and(|segment| segment.ident == "Self") {
            self.note(path, "name the type: `Self` is a different type on the other side");
        }
        if path.is_ident("i128") || path.is_ident("u128") {
            self.note(path, "integers can have at most 64 bits: use i64 or u64");
        }
        visit::visit_path(self, path);
    }
}
