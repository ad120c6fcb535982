//! Generates the description of a trait.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Ident, Meta, Type};

use crate::interface::Interface;
use crate::method::Method;
use crate::types::{is_byte_slice, is_byte_vec, is_optional, Returned};

/// The proxy's implementation of `Describe`.
pub fn make(interface: &Interface) -> TokenStream {
    let Interface { name, proxy, documentation, .. } = interface;
    let methods = interface.methods.iter().map(make_method);
    let inherited = interface.inherited.iter().map(|it| &it.proxy);
    quote! {
        #[doc(hidden)]
        impl ::callgate::interface_support::Describe for #proxy {
            const INTERFACE: &'static str = #name;
            const VERSION: &'static str = match ::core::option_env!("CARGO_PKG_VERSION") {
                ::core::option::Option::Some(version) => version,
                ::core::option::Option::None => "0",
            };
            const DOCUMENTATION: &'static [&'static str] = &[#(#documentation),*];

            #[allow(deprecated, unused_imports)]
            fn methods(document: &mut ::callgate::interface_support::Document) {
                use ::callgate::interface_support::{WithSchema as _, WithoutSchema as _};
                #(#methods)*
                #(document.inherit::<#inherited>();)*
            }
        }
    }
}

/// The lines of the doc comments among these attributes.
pub fn documentation(attributes: &[Attribute]) -> Vec<Expr> {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc"));
    let lines = lines.filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) => Some(pair.value.clone()),
        _ => None,
    });
    lines.collect()
}

fn make_method(method: &Method) -> TokenStream {
    let Method { wire, returned, attributes, .. } = method;
    let (conditions, documentation) = (method.conditions(), documentation(attributes));
    let signature = method.signature.iter();
    let deprecated = attributes.iter().any(|it| it.path().is_ident("deprecated"));
    let deprecated = deprecated.then(|| quote!(method.deprecated();));
    let parameters = method.arguments().map(|(name, ty)| make_parameter(name, ty));
    let result = (!method.is_one_way).then(|| make_result(returned));
    quote! {
        #(#conditions)*
        document.method(#wire, &[#(#documentation),*], |method| {
            #(method.signature(#signature);)*
            #deprecated
            #(#parameters)*
            #result
        });
    }
}

fn make_parameter(name: &Ident, ty: &Type) -> TokenStream {
    let (name, is_optional) = (name.unraw().to_string(), is_optional(ty));
    let is_bytes = match ty {
        Type::Reference(reference) => {
            is_byte_slice(&reference.elem) || is_byte_vec(&reference.elem)
        }
        ty => is_byte_vec(ty),
    };
    let schema = make_schema(&quote!(#ty), is_bytes);
    quote!(method.parameter(#name, #is_optional, #schema);)
}

fn make_result(returned: &Returned) -> TokenStream {
    let schema = make_schema(&returned.value(), returned.is_bytes());
    let errors = match returned {
        Returned::Value(_) => None,
        Returned::Result(_) => {
            let error = returned.error();
            Some(quote!(method.errors::<#error>();))
        }
    };
    quote!(method.result(#schema); #errors)
}

/// A function that makes the schema of a type.
fn make_schema(ty: &TokenStream, is_bytes: bool) -> TokenStream {
    if is_bytes {
        return quote!(::callgate::interface_support::Schemas::bytes);
    }
    quote! {
        |schemas| (&::callgate::interface_support::Type::<#ty>::NEW).schema(schemas)
    }
}
