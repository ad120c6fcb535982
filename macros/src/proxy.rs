//! The typed proxy that is made of a trait.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Type};

use crate::interface::Interface;
use crate::method::Method;
use crate::types::{is_byte_slice, is_byte_vec};

/// The proxy's type and what it can do.
pub fn make(interface: &Interface) -> TokenStream {
    let Interface { name, visibility, proxy, .. } = interface;
    let about = format!("Calls `{}` in another process. Clones are the same proxy.", name.value());
    let methods = interface.methods.iter().map(make_method);
    quote! {
        #[doc = #about]
        #[allow(dead_code)]
        #[derive(Clone, Debug)]
        #visibility struct #proxy(::callgate::interface_support::Stub);

        #[allow(dead_code)]
        impl #proxy {
            /// The interface's name.
            pub const INTERFACE: &'static str = #name;

            /// A proxy of a client's, which survives reconnects, or of a connection's, which dies with
            /// it.
            ///
            /// # Errors
            /// As the untyped one's.
            pub fn new(source: &impl ::callgate::ProxySource) -> ::callgate::Result<Self> {
                ::callgate::interface_support::Stub::new(source, Self::INTERFACE).map(Self)
            }

            /// The same proxy, whose calls have these options.
            #[must_use]
            pub fn with_options(&self, options: ::callgate::CallOptions) -> Self {
                Self(self.0.with_options(options))
            }

            #(#methods)*
        }

        impl ::core::convert::From<::callgate::Proxy> for #proxy {
            fn from(proxy: ::callgate::Proxy) -> Self {
                Self(::callgate::interface_support::Stub::from(proxy))
            }
        }

        impl ::core::convert::AsRef<::callgate::Proxy> for #proxy {
            fn as_ref(&self) -> &::callgate::Proxy {
                self.0.proxy()
            }
        }

        impl ::callgate::InterfaceProxy for #proxy {
            const INTERFACE: &'static str = #name;
        }
    }
}

fn make_method(method: &Method) -> TokenStream {
    let Method { ident, wire, attributes, returned, .. } = method;
    let about = (!method.is_documented()).then(|| {
        let about = format!("Calls `{}`.", wire.value());
        quote!(#[doc = #about])
    });
    let (names, types): (Vec<&Ident>, Vec<&Type>) = method.arguments().unzip();
    let values = method.arguments().map(|(name, ty)| wire_value(name, ty));
    let values = quote!(&(#(#values,)*));
    let head = quote!(#(#attributes)* #about #[allow(clippy::too_many_arguments)]);
    if method.is_one_way {
        return quote! {
            #head
            ///
            /// Returns once the call is queued.
            pub fn #ident(&self, #(#names: #types),*) -> ::callgate::Result<()> {
                self.0.one_way(#wire, #values)
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
    // Types that cannot travel are told of where they are written.
    let span = returned.span();
    let call = quote_spanned!(span=> self.0.call::<#wire_type, #value, #error>(#wire, #values));
    let starting =
        quote_spanned!(span=> self.0.start::<#wire_type, #value, #error>(#wire, #values));
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

/// An argument, as it is encoded.
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
