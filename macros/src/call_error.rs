//! The derive macro for errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Variant};

/// The implementation of `CallError` for an enum.
pub fn expand(item: TokenStream) -> Result<TokenStream> {
    let item: DeriveInput = syn::parse2(item)?;
    let Data::Enum(data) = &item.data else {
        let what =
            "CallError can be derived for enums only: make this an enum, or implement the trait by hand";
        return Err(Error::new_spanned(&item.ident, what));
    };
    let (mut kinds, mut other) = (Vec::new(), None);
    for variant in &data.variants {
        match Kind::of(variant)? {
            Some(kind) => kinds.push(kind),
            None if other.is_some() => {
                return Err(Error::new_spanned(variant, "another variant is already `other`"));
            }
            None => other = Some(&variant.ident),
        }
    }
    let Some(other) = other else {
        let what = "a call can also fail for other reasons, e.g. a lost connection: add a variant \
                    `#[call_error(other)] Other(callgate::Error)`";
        return Err(Error::new_spanned(&item.ident, what));
    };
    Ok(implement(&item, &kinds, other))
}

fn implement(item: &DeriveInput, kinds: &[Kind<'_>], other: &Ident) -> TokenStream {
    let (ident, (generics, arguments, conditions)) = (&item.ident, item.generics.split_for_impl());
    let names = kinds.iter().map(|kind| &kind.names);
    let going = kinds.iter().map(Kind::going);
    let coming = kinds.iter().map(Kind::coming);
    quote! {
        impl #generics ::callgate::CallError for #ident #arguments #conditions {
            const NAMES: ::core::option::Option<&'static [&'static [&'static str]]> =
                ::core::option::Option::Some(&[#(&[#(#names),*]),*]);

            fn into_error(self) -> ::callgate::Error {
                match self {
                    #(#going)*
                    Self::#other(error) => error,
                }
            }

            fn from_error(error: ::callgate::Error) -> Self {
                let name = error.remote().map_or("", |remote| remote.type_name.as_str());
                match name {
                    #(#coming)*
                    _ => Self::#other(error),
                }
            }
        }
    }
}

/// A variant that stands for the remote errors with some names.
struct Kind<'a> {
    ident: &'a Ident,
    /// The first name is the one that is sent.
    names: Vec<LitStr>,
    has_message: bool,
}

impl<'a> Kind<'a> {
    /// What a variant stands for; `None` for the variant of all other errors.
    fn of(variant: &'a Variant) -> Result<Option<Kind<'a>>> {
        let Variant { ident, fields, .. } = variant;
        let own = Own::of(&variant.attrs)?;
        let count = fields.len();
        let is_tuple = matches!(fields, Fields::Unnamed(_)) && count == 1;
        if own.is_other {
            let what =
                "the variant for all other errors must have one field: Other(callgate::Error)";
            return if is_tuple { Ok(None) } else { Err(Error::new_spanned(variant, what)) };
        }
        if !is_tuple && !matches!(fields, Fields::Unit) {
            let what =
                "a variant can have no field, or a `String` for the message; to send more, implement CallError by hand";
            return Err(Error::new_spanned(variant, what));
        }
        let name = own.name.unwrap_or_else(|| LitStr::new(&ident.to_string(), ident.span()));
        let names = std::iter::once(name).chain(own.aliases).collect();
        Ok(Some(Kind { ident, names, has_message: is_tuple }))
    }

    fn going(&self) -> TokenStream {
        let (ident, name) = (self.ident, &self.names[0]);
        if self.has_message {
            return quote! {
                Self::#ident(message) => ::callgate::Error::remote_error(#name, message),
            };
        }
        quote! {
            Self::#ident => {
                let message = ::std::string::ToString::to_string(&Self::#ident);
                ::callgate::Error::remote_error(#name, message)
            }
        }
    }

    fn coming(&self) -> TokenStream {
        let (ident, names) = (self.ident, &self.names);
        if self.has_message {
            return quote! {
                #(#names)|* => Self::#ident(::std::string::String::from(error.message())),
            };
        }
        quote!(#(#names)|* => Self::#ident,)
    }
}

/// The macro's own attributes of a variant.
#[derive(Default)]
struct Own {
    is_other: bool,
    name: Option<LitStr>,
    aliases: Vec<LitStr>,
}

impl Own {
    fn of(attributes: &[Attribute]) -> Result<Own> {
        let mut own = Own::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("call_error")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("other") {
                    own.is_other = true;
                } else if meta.path.is_ident("name") {
                    own.name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("alias") {
                    own.aliases.push(meta.value()?.parse()?);
                } else {
                    return Err(meta.error("expected `name`, `alias` or `other`"));
                }
                Ok(())
            })?;
        }
        Ok(own)
    }
}
