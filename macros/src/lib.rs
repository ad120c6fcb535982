//! The macros of `callgate`, which re-exports them. The generated code calls that crate.

mod call_error;
mod check;
mod delegate;
mod description;
mod inherited;
mod interface;
mod method;
mod names;
mod proxy;
#[cfg(test)]
mod refusals;
mod types;

use proc_macro::TokenStream;

// Documented where callgate re-exports it.
#[proc_macro_attribute]
pub fn interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    interface::expand(arguments.into(), item.into()).into()
}

// Documented where callgate re-exports it.
#[proc_macro_derive(CallError, attributes(call_error))]
pub fn derive_call_error(item: TokenStream) -> TokenStream {
    call_error::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
