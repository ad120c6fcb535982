//! Generates the delegate of a trait.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use crate::interface::Interface;
use crate::method::{Method, Parameter};
use crate::types::{is_byte_slice, is_byte_vec, Returned};

/// The delegate's type, and its implementations.
pub fn make(interface: &Interface) -> TokenStream {
    let Interface { name, ident, visibility, proxy, delegate, .. } = interface;
    let about = format!("Serves `{}`: passes calls on to a [`{ident}`].", name.value());
    let arms = alike(&interface.methods).into_iter().map(|alike| make_arm(interface, &alike));
    let inherited = interface.inherited.iter().map(|it| &it.delegate);
    let bounds = quote!(#ident + ::core::marker::Send + ::core::marker::Sync + 'static);
    quote! {
        #[doc = #about]
        #[allow(dead_code)]
        #visibility struct #delegate<T: ?::core::marker::Sized>(::std::sync::Arc<T>);

        #[allow(dead_code)]
        impl<T: #bounds> #delegate<T> {
            /// Serves an object.
            pub fn new(served: T) -> Self {
                Self(::std::sync::Arc::new(served))
            }
        }

        #[allow(dead_code)]
        impl<T: #bounds + ?::core::marker::Sized> #delegate<T> {
            /// Serves a shared object.
            pub fn shared(served: ::std::sync::Arc<T>) -> Self {
                Self(served)
            }
        }

        impl<T: #bounds + ?::core::marker::Sized> ::callgate::interface_support::Serve<T>
            for #delegate<T>
        {
            #[allow(deprecated)]
            fn serve(
                served: &T,
                call: ::callgate::InboundCall,
            ) -> ::core::option::Option<::callgate::InboundCall> {
                match call.method() {
                    #(#arms)*
                    _ => {
                        #(let call = <#inherited<T> as
                            ::callgate::interface_support::Serve<T>>::serve(served, call)?;)*
                        return ::core::option::Option::Some(call);
                    }
                }
                ::core::option::Option::None
            }
        }

        impl<T: #bounds + ?::core::marker::Sized> ::callgate::Delegate for #delegate<T> {
            fn invoke(&self, call: ::callgate::InboundCall) {
                ::callgate::interface_support::invoke::<Self, T>(&self.0, call);
            }
        }

        impl<T: #bounds + ?::core::marker::Sized> ::callgate::InterfaceDelegate for #delegate<T> {
            const INTERFACE: &'static str = #name;

            fn contract() -> ::callgate::Result<::callgate::Contract> {
                static KEPT: ::callgate::interface_support::Kept =
                    ::callgate::interface_support::Kept::new();
                ::callgate::interface_support::contract::<#proxy>(
                    ::callgate::interface_support::Side::Host,
                    &KEPT,
                )
            }
        }
    }
}

/// Groups methods by their names on the wire, in order.
fn alike(methods: &[Method]) -> Vec<Vec<&Method>> {
    let mut groups: Vec<Vec<&Method>> = Vec::new();
    for method in methods {
        match groups.iter_mut().find(|group| group[0].wire.value() == method.wire.value()) {
            Some(group) if method.signature.is_some() => group.push(method),
            _ => groups.push(vec![method]),
        }
    }
    groups
}

/// Serves the methods of one name: a single one, or overloads with signatures.
fn make_arm(interface: &Interface, alike: &[&Method]) -> TokenStream {
    let (first, wire) = (alike[0], &alike[0].wire);
    if first.signature.is_none() {
        let (conditions, served) = (first.conditions(), make_serving(interface, first));
        return quote!(#(#conditions)* #wire => #served,);
    }
    let known = alike.iter().map(|method| {
        let (conditions, signature) = (method.conditions(), &method.signature);
        let (least, most) = method.takes();
        quote!(#(#conditions)* (#signature, #least, #most))
    });
    let arms = alike.iter().map(|method| {
        let (conditions, signature) = (method.conditions(), &method.signature);
        let served = make_serving(interface, method);
        quote!(#(#conditions)* ::core::result::Result::Ok(#signature) => #served,)
    });
    quote! {
        #wire => match ::callgate::interface_support::overload(&call, &[#(#known),*]) {
            #(#arms)*
            none => ::callgate::interface_support::refuse_overload(call, none),
        },
    }
}

/// Serves one method.
fn make_serving(interface: &Interface, method: &Method) -> TokenStream {
    let (Method { ident, returned, .. }, of) = (method, &interface.ident);
    let (least, most) = method.takes();
    let call = Ident::new("call", Span::mixed_site());
    let arguments = Ident::new("arguments", Span::mixed_site());
    let taken = method.arguments().enumerate().map(|(at, (name, ty))| {
        let (place, name) = (local(at), described(name, ty));
        let (wire_type, unpacked) = wire_type(ty);
        let next = match at < least as usize {
            true => quote!(next),
            false => quote!(next_or_default),
        };
        let next = quote_spanned!(ty.span()=> #arguments.#next::<#wire_type>(#name)? #unpacked);
        quote!(let #place = #next;)
    });
    let mut at = 0;
    let passed = method.parameters.iter().map(|parameter| match parameter {
        Parameter::Call => quote!(#call),
        Parameter::Argument(_, ty) => {
            at += 1;
            let place = local(at - 1);
            if needs_borrowing(ty) {
                quote!(&#place)
            } else {
                quote!(#place)
            }
        }
    });
    let passed: Vec<TokenStream> = passed.collect();
    let outcome = quote!(<T as #of>::#ident(served, #(#passed),*));
    let outcome = match returned {
        Returned::Value(_) => quote!(::core::result::Result::Ok(#outcome)),
        Returned::Result(_) => {
            quote!(#outcome.map_err(::callgate::interface_support::failed))
        }
    };
    let as_bytes =
        returned.is_bytes().then(|| quote!(.map(::callgate::interface_support::ByteBuf)));
    // The span makes the compiler report a result that cannot be sent where it is written.
    let serve = quote_spanned!(returned.span()=> ::callgate::interface_support::serve);
    quote! {
        #serve(call, #least, #most, |#call, mut #arguments| {
            #(#taken)*
            #outcome #as_bytes
        })
    }
}

/// The description of an argument in messages.
fn described(name: &Ident, ty: &Type) -> String {
    let ty = quote!(#ty).to_string().replace(' ', "").replace(',', ", ");
    format!("{}: {ty}", name.unraw())
}

/// The local name of the argument at this position; it shadows no name of the program.
fn local(at: usize) -> Ident {
    format_ident!("argument_{at}", span = Span::mixed_site())
}

/// The type that an argument is decoded as, and the expression that converts it.
fn wire_type(ty: &Type) -> (TokenStream, TokenStream) {
    let borrowed = match ty {
        Type::Reference(reference) => Some(&*reference.elem),
        _ => None,
    };
    match borrowed.unwrap_or(ty) {
        elem if borrowed.is_some() && is_byte_slice(elem) => {
            (quote!(::callgate::interface_support::Bytes), quote!(.0))
        }
        elem if is_byte_vec(elem) => (quote!(::callgate::interface_support::ByteBuf), quote!(.0)),
        elem if borrowed.is_some() && is_str(elem) => (quote!(&str), TokenStream::new()),
        Type::Slice(slice) => {
            let elem = &slice.elem;
            (quote!(::std::vec::Vec<#elem>), TokenStream::new())
        }
        elem => (quote!(#elem), TokenStream::new()),
    }
}

fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

/// Whether the method takes a reference to the decoded value.
fn needs_borrowing(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => !is_byte_slice(&reference.elem) && !is_str(&reference.elem),
        _ => false,
    }
}
