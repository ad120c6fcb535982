//! What types are to the wire.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Type};

/// The last part of a type's path, e.g. `Result<i32>` of `std::io::Result<i32>`.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The types in the angle brackets of a path.
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

/// Whether it is `&InboundCall`: the call itself and no argument.
pub fn is_call(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference)
        if last_segment(&reference.elem).is_some_and(|segment| segment.ident == "InboundCall"))
}

/// What a method returns.
pub enum Returned {
    /// A value, or `()`.
    Value(Type),
    /// A value or an error, which are named where they are written out.
    Result { whole: Type, value: Option<Type>, error: Option<Type> },
}

impl Returned {
    pub fn of(output: &ReturnType) -> Returned {
        let ReturnType::Type(_, ty) = output else {
            return Returned::Value(syn::parse_quote!(()));
        };
        match last_segment(ty).filter(|segment| segment.ident == "Result") {
            None => Returned::Value((**ty).clone()),
            Some(segment) => {
                let mut named = type_arguments(segment).into_iter().cloned();
                let (value, error) = (named.next(), named.next());
                Returned::Result { whole: (**ty).clone(), value, error }
            }
        }
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Returned::Value(ty) | Returned::Result { whole: ty, .. } => ty.span(),
        }
    }

    pub fn is_unit(&self) -> bool {
        matches!(self, Returned::Value(Type::Tuple(tuple)) if tuple.elems.is_empty())
    }

    /// Whether its value travels as bytes.
    pub fn is_bytes(&self) -> bool {
        match self {
            Returned::Value(ty) | Returned::Result { value: Some(ty), .. } => is_byte_vec(ty),
            Returned::Result { value: None, .. } => false,
        }
    }

    /// What the proxy's method returns.
    pub fn of_proxy(&self) -> TokenStream {
        match self {
            Returned::Value(ty) => quote!(::callgate::Result<#ty>),
            Returned::Result { whole, .. } => quote!(#whole),
        }
    }

    /// The type of the value.
    pub fn value(&self) -> TokenStream {
        match self {
            Returned::Value(ty) | Returned::Result { value: Some(ty), .. } => quote!(#ty),
            Returned::Result { whole, value: None, .. } => fallible(whole, "Value"),
        }
    }

    /// The type of the error that the proxy's method may return.
    pub fn error(&self) -> TokenStream {
        match self {
            Returned::Value(_) => quote!(::callgate::Error),
            Returned::Result { error: Some(ty), .. } => quote!(#ty),
            Returned::Result { whole, error: None, .. } => fallible(whole, "Error"),
        }
    }
}

/// A type that a result has, whose parts are not written out.
fn fallible(whole: &Type, part: &str) -> TokenStream {
    let part = Ident::new(part, whole.span());
    quote_spanned!(whole.span()=> <#whole as ::callgate::interface_support::Fallible>::#part)
}
