//! Generates the typed proxy of a trait.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Path, Type};

use crate::interface::Interface;
use crate::method::Method;
use crate::types::{is_byte_slice, is_byte_vec};

/// The proxy's type, and its implementations.
pub fn make(interface: &Interface) -> TokenStream {
    let Interface { name, visibility, proxy, .. } = interface;
    let about = format!("Calls `{}` in another process. Clones are the same proxy.", name.value());
    let methods = interface.methods.iter().map(make_method);
    let inherited = make_inherited(interface);
    // The first inherited proxy is stored, so that it can be borrowed.
    let first: Vec<&Path> = interface.inherited.iter().take(1).map(|it| &it.proxy).collect();
    let kept = (!first.is_empty()).then(|| quote!(, first));
    quote! {
        #[doc = #about]
        #[allow(dead_code)]
        #[derive(Clone, Debug)]
        #visibility struct #proxy(::callgate::interface_support::Stub #(, #first)*);

        #[allow(dead_code)]
        impl #proxy {
            /// The interface's name.
            pub const INTERFACE: &'static str = #name;

            /// Creates a proxy from a client, in which case it survives reconnects, or from a connection,
            /// with which it ends.
            ///
            /// # Errors
            /// As for an untyped proxy.
            pub fn new(source: &impl ::callgate::ProxySource) -> ::callgate::Result<Self> {
                ::callgate::interface_support::Stub::new::<Self>(source).map(Self::from)
            }

            /// The same proxy with other options for its calls.
            #[must_use]
            pub fn with_options(&self, options: ::callgate::CallOptions) -> Self {
                Self::from(self.0.with_options(options))
            }

            #(#methods)*
        }

        impl ::core::convert::From<::callgate::Proxy> for #proxy {
            fn from(proxy: ::callgate::Proxy) -> Self {
                Self::from(::callgate::interface_support::Stub::of::<Self>(proxy))
            }
        }

        #[doc(hidden)]
        impl ::core::convert::From<::callgate::interface_support::Stub> for #proxy {
            fn from(stub: ::callgate::interface_support::Stub) -> Self {
                #(let first = #first::from(::core::clone::Clone::clone(&stub));)*
                Self(stub #kept)
            }
        }

        #inherited

        impl ::core::convert::AsRef<::callgate::Proxy> for #proxy {
            fn as_ref(&self) -> &::callgate::Proxy {
                self.0.proxy()
            }
        }

        impl ::callgate::InterfaceProxy for #proxy {
            const INTERFACE: &'static str = #name;

            fn contract() -> ::callgate::Result<::callgate::Contract> {
                static KEPT: ::callgate::interface_support::Kept =
                    ::callgate::interface_support::Kept::new();
                ::callgate::interface_support::contract::<Self>(
                    ::callgate::interface_support::Side::Caller,
                    &KEPT,
                )
            }
        }
    }
}

/// Conversions to the proxies of inherited interfaces. The first inherited proxy is also available by
/// dereferencing.
fn make_inherited(interface: &Interface) -> TokenStream {
    let proxy = &interface.proxy;
    let conversions = interface.inherited.iter().map(|inherited| {
        let of = &inherited.proxy;
        quote! {
            impl ::core::convert::From<&#proxy> for #of {
                fn from(proxy: &#proxy) -> Self {
                    Self::from(::core::clone::Clone::clone(&proxy.0))
                }
            }
        }
    });
    let lent = interface.inherited.first().map(|first| {
        let of = &first.proxy;
        quote! {
            impl ::core::ops::Deref for #proxy {
                type Target = #of;

                fn deref(&self) -> &#of {
                    &self.1
                }
            }
        }
    });
    quote!(#(#conversions)* #lent)
}

fn make_method(method: &Method) -> TokenStream {
    let Method { ident, wire, signature, attributes, returned, .. } = method;
    let about = (!method.is_documented()).then(|| {
        let about = format!("Calls `{}`.", wire.value());
        quote!(#[doc = #about])
    });
    let (names, types): (Vec<&Ident>, Vec<&Type>) = method.arguments().unzip();
    let values = method.arguments().map(|(name, ty)| wire_value(name, ty));
    let values = quote!(&(#(#values,)*));
    let stub = match signature {
        Some(signature) => quote!(self.0.with_signature(#signature)),
        None => quote!(self.0),
    };
    let head = quote!(#(#attributes)* #about #[allow(clippy::too_many_arguments)]);
    if method.is_one_way {
        return quote! {
            #head
            ///
            /// Returns once the call is queued.
            pub fn #ident(&self, #(#names: #types),*) -> ::callgate::Result<()> {
                #stub.one_way(#wire, #values)
            }
        };
    }
    let wire_type = if returned.is_bytes() {
        quote!(::callgate::interface_support::ByteBuf)
    } else {
        returned.value()
    };
    let (whole, value, error) = (returned.of_proxy(), returned.value(), returned.error());
    let start = format_ident!("start_{}", ident.unraw());
    let about_start = format!("Starts a call of [`{}`](Self::{0}) and returns at once.", ident);
    let conditions = method.conditions();
    // The span makes the compiler report types that cannot be sent where they are written.
    let span = returned.span();
    let call = quote_spanned!(span=> #stub.call::<#wire_type, #value, #error>(#wire, #values));
    let starting = quote_spanned!(span=> #stub.start::<#wire_type, #value, #error>(#wire, #values));
    quote! {
        #head
        pub fn #ident(&self, #(#names: #types),*) -> #whole {
            #call
        }

        #(#conditions)*
        #[doc = #about_start]
        #[allow(clippy::too_many_arguments)]
        pub fn #start(&self, #(#names: #types),*) -> ::callgate::PendingCall<#value, #error> {
            #starting
        }
    }
}

/// An argument in the form in which it is encoded.
fn wire_value(name: &Ident, ty: &Type) -> TokenStream {
    match ty {
        Type::Reference(reference)
            if is_byte_slice(&reference.elem) || is_byte_vec(&reference.elem) =>
        {
            quote!(::callgate::interface_support::Bytes(#name))
        }
        ty if is_byte_vec(ty) => quote!(::callgate::interface_support::Bytes(&#name)),
        _ => quote!(&#name),
    }
}
