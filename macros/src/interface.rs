//! The attribute on a trait: parses it, and assembles what is generated from it.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::{Error, Expr, Ident, ItemTrait, LitStr, Result, TraitItem, Visibility};

use crate::check;
use crate::inherited::Inherited;
use crate::method::Method;
use crate::names::interface_name;
use crate::{delegate, description, proxy};

/// A trait, in the form that code generation needs.
pub struct Interface {
    /// The interface's name in all languages.
    pub name: LitStr,
    /// The trait.
    pub ident: Ident,
    pub visibility: Visibility,
    /// The lines of its doc comment.
    pub documentation: Vec<Expr>,
    pub proxy: Ident,
    pub delegate: Ident,
    /// The interfaces that it inherits.
    pub inherited: Vec<Inherited>,
    pub methods: Vec<Method>,
}

/// The trait and the types generated from it; or the trait and the errors that prevent them.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: ItemTrait = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => {
            let hint = Error::new(error.span(), "#[callgate::interface] applies to a trait");
            return hint.into_compile_error();
        }
    };
    match read(arguments, &mut item) {
        Ok(interface) => {
            let (proxy, delegate) = (proxy::make(&interface), delegate::make(&interface));
            let description = description::make(&interface);
            quote!(#item #proxy #delegate #description)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#item #error)
        }
    }
}

/// Parses a trait, and removes the macro's own attributes from its methods. Reports all errors at once.
pub fn read(arguments: TokenStream, item: &mut ItemTrait) -> Result<Interface> {
    let mut faults = Faults::default();
    let name = faults.note(read_name(arguments, item));
    faults.note(check::check_trait(item));
    let inherited = faults.note(Inherited::all(item)).unwrap_or_default();
    let mut methods = Vec::new();
    for member in &mut item.items {
        match member {
            TraitItem::Fn(function) => methods.extend(faults.note(Method::take(function))),
            other => {
                let what = "an interface can contain only methods: move this elsewhere";
                faults.note::<()>(Err(Error::new_spanned(other, what)));
            }
        }
    }
    faults.note(check_names(&methods));
    let name = faults.end(name)?;
    Ok(Interface {
        name,
        ident: item.ident.clone(),
        visibility: item.vis.clone(),
        documentation: description::documentation(&item.attrs),
        proxy: format_ident!("{}Proxy", item.ident),
        delegate: format_ident!("{}Delegate", item.ident),
        inherited,
        methods,
    })
}

/// The name in `name = "..."`, or the default name of the trait.
fn read_name(arguments: TokenStream, item: &ItemTrait) -> Result<LitStr> {
    let mut name: Option<LitStr> = None;
    let parser = syn::meta::parser(|meta| {
        if !meta.path.is_ident("name") {
            return Err(meta.error("expected `name = \"...\"`"));
        }
        name = Some(meta.value()?.parse()?);
        Ok(())
    });
    parser.parse2(arguments)?;
    let ident = &item.ident;
    let name = name.unwrap_or_else(|| LitStr::new(&interface_name(ident), ident.span()));
    check::check_wire_name(&name)?;
    Ok(name)
}

/// Refuses two methods that other programs could not distinguish.
fn check_names(methods: &[Method]) -> Result<()> {
    let mut known: HashMap<String, Vec<&Method>> = HashMap::new();
    for method in methods.iter().filter(|method| !method.is_conditional()) {
        let alike = known.entry(method.wire.value()).or_default();
        if let Some(before) = alike.iter().find(|before| !before.is_told_apart_from(method)) {
            let what = format!(
                "`{}` and `{}` are both '{}' to other programs: rename one with #[method(name = \"...\")], or give each a signature with #[method(signature = \"...\")]",
                before.ident,
                method.ident,
                method.wire.value()
            );
            return Err(Error::new_spanned(&method.ident, what));
        }
        alike.push(method);
    }
    Ok(())
}

/// Collects errors.
#[derive(Default)]
struct Faults(Option<Error>);

impl Faults {
    fn note<T>(&mut self, outcome: Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                match &mut self.0 {
                    Some(faults) => faults.combine(error),
                    none => *none = Some(error),
                }
                None
            }
        }
    }

    /// The value, if there were no errors.
    fn end<T>(self, value: Option<T>) -> Result<T> {
        match (self.0, value) {
            (None, Some(value)) => Ok(value),
            (Some(faults), _) => Err(faults),
            (None, None) => unreachable!("a value is missing because of a fault"),
        }
    }
}
