//! The attribute on a trait: reads it, and puts together what is made of it.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::{Error, Ident, ItemTrait, LitStr, Result, TraitItem, Visibility};

use crate::check;
use crate::inherited::Inherited;
use crate::method::Method;
use crate::names::interface_name;
use crate::{delegate, proxy};

/// A trait, as the code that is made of it needs it.
pub struct Interface {
    /// What all languages call it.
    pub name: LitStr,
    /// The trait.
    pub ident: Ident,
    pub visibility: Visibility,
    pub proxy: Ident,
    pub delegate: Ident,
    /// The interfaces whose methods it has too.
    pub inherited: Vec<Inherited>,
    pub methods: Vec<Method>,
}

/// The trait, and the types made of it; or the trait, and what keeps them from being made.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: ItemTrait = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => {
            let hint = Error::new(error.span(), "#[callgate::interface] stands before a trait");
            return hint.into_compile_error();
        }
    };
    match read(arguments, &mut item) {
        Ok(interface) => {
            let (proxy, delegate) = (proxy::make(&interface), delegate::make(&interface));
            quote!(#item #proxy #delegate)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#item #error)
        }
    }
}

/// Reads a trait and takes the macro's own attributes off its methods. All that is wrong with it is
/// told at once.
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
                let what = "an interface consists of methods: put this elsewhere";
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
        proxy: format_ident!("{}Proxy", item.ident),
        delegate: format_ident!("{}Delegate", item.ident),
        inherited,
        methods,
    })
}

/// `name = "..."`, or the name that a trait has without it.
fn read_name(arguments: TokenStream, item: &ItemTrait) -> Result<LitStr> {
    let mut name: Option<LitStr> = None;
    let parser = syn::meta::parser(|meta| {
        if !meta.path.is_ident("name") {
            return Err(meta.error("only `name = \"...\"` is known here"));
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

/// Refuses two methods that other programs could not tell apart.
fn check_names(methods: &[Method]) -> Result<()> {
    let mut known: HashMap<String, Vec<&Method>> = HashMap::new();
    for method in methods.iter().filter(|method| !method.is_conditional()) {
        let alike = known.entry(method.wire.value()).or_default();
        if let Some(before) = alike.iter().find(|before| !before.is_told_apart_from(method)) {
            let what = format!(
                "`{}` and `{}` are both '{}' to other programs: give one another name by \
                 #[method(name = \"...\")], or each a signature by #[method(signature = \"...\")]",
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

/// What is wrong, gathered.
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

    /// The value that was noted, if all went well.
    fn end<T>(self, value: Option<T>) -> Result<T> {
        match (self.0, value) {
            (None, Some(value)) => Ok(value),
            (Some(faults), _) => Err(faults),
            (None, None) => unreachable!("a value is missing because of a fault"),
        }
    }
}
