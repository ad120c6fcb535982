//! How types are sent.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned, ToTokens};
use syn::spanned::Spanned;
use syn::{GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Type};

/// The last segment of a type's path, e.g. `Result<i32>` of `std::io::Result<i32>`.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The type arguments of a path segment.
fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

fn is_u8(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("u8"))
}

/// Whether it is written `Option<...>`.
pub fn is_optional(ty: &Type) -> bool {
    last_segment(ty)
        .is_some_and(|segment| segment.ident == "Option" && type_arguments(segment).len() == 1)
}

/// Whether it is written `Vec<u8>`.
pub fn is_byte_vec(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| {
        segment.ident == "Vec" && matches!(type_arguments(segment)[..], [ty] if is_u8(ty))
    })
}

/// Whether it is written `[u8]`.
pub fn is_byte_slice(ty: &Type) -> bool {
    matches!(ty, Type::Slice(slice) if is_u8(&slice.elem))
}

/// Whether it is `&InboundCall`: the call itself rather than an argument.
pub fn is_call(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference)
        if last_segment(&reference.elem).is_some_and(|segment| segment.ident == "InboundCall"))
}

/// The return type of a method.
pub enum Returned {
    /// A value, or `()`.
    Value(Box<Type>),
    /// A `Result`, with the types that are written out.
    Result(Box<Fallible>),
}

/// A `Result` type, and those of its type arguments that are written out.
pub struct Fallible {
    whole: Type,
    value: Option<Type>,
    error: Option<Type>,
}

impl Returned {
    pub fn of(output: &ReturnType) -> Returned {
        let ReturnType::Type(_, ty) = output else {
            return Returned::Value(Box::new(syn::parse_quote!(())));
        };
        match last_segment(ty).filter(|segment| segment.ident == "Result") {
            None => Returned::Value(ty.clone()),
            Some(segment) => {
                let mut named = type_arguments(segment).into_iter().cloned();
                let (value, error) = (named.next(), named.next());
                Returned::Result(Box::new(Fallible { whole: (**ty).clone(), value, error }))
            }
        }
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Returned::Value(ty) => ty.span(),
            Returned::Result(result) => result.whole.span(),
        }
    }

    pub fn is_unit(&self) -> bool {
        matches!(self, Returned::Value(ty)
            if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()))
    }

    /// Whether its value travels as bytes.
    pub fn is_bytes(&self) -> bool {
        match self {
            Returned::Value(ty) => is_byte_vec(ty),
            Returned::Result(result) => result.value.as_ref().is_some_and(is_byte_vec),
        }
    }

    /// The return type of the proxy's method.
    pub fn of_proxy(&self) -> TokenStream {
        match self {
            Returned::Value(ty) => quote!(::callgate::Result<#ty>),
            Returned::Result(result) => result.whole.to_token_stream(),
        }
    }

    /// The type of the value.
    pub fn value(&self) -> TokenStream {
        match self {
            Returned::Value(ty) => quote!(#ty),
            Returned::Result(result) => result.part(&result.value, "Value"),
        }
    }

    /// The type of the error that the proxy's method may return.
    pub fn error(&self) -> TokenStream {
        match self {
            Returned::Value(_) => quote!(::callgate::Error),
            Returned::Result(result) => result.part(&result.error, "Error"),
        }
    }
}

impl Fallible {
    /// One of its types, which the compiler infers if it is not written out.
    fn part(&self, written: &Option<Type>, name: &str) -> TokenStream {
        let whole = &self.whole;
        let name = Ident::new(name, whole.span());
        match written {
            Some(ty) => quote!(#ty),
            None => quote_spanned! {whole.span()=>
                <#whole as ::callgate::interface_support::Fallible>::#name
            },
        }
    }
}
