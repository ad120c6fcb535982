//! Types that cannot be sent.

use quote::quote;

use super::{assert_refused, of_method};

#[test]
fn what_cannot_travel_is_refused() {
    for (method, with) in [
        (
            quote!(
                fn a(&self, (b, c): (i32, i32));
            ),
            "an argument must have a name",
        ),
        (
            quote!(
                fn a(&self, _: i32);
            ),
            "an argument must have a name",
        ),
        (
            quote!(
                fn a(&self, b: &mut i32);
            ),
            "arguments are sent in one direction only",
        ),
        (
            quote!(
                fn a(&self, b: impl Fn());
            ),
            "name the type: `impl Trait`",
        ),
        (
            quote!(
                fn a(&self, b: Box<dyn Fn()>);
            ),
            "a trait object cannot be sent",
        ),
        (
            quote!(
                fn a(&self, b: *const u8);
            ),
            "a pointer means nothing",
        ),
        (
            quote!(
                fn a(&self, b: fn(i32));
            ),
            "a pointer means nothing",
        ),
        (
            quote!(
                fn a(&self, b: &'static str);
            ),
            "omit the lifetime",
        ),
        (
            quote!(
                fn a(&self, b: Self);
            ),
            "name the type: `Self`",
        ),
        (
            quote!(
                fn a(&self, b: Self::Item);
            ),
            "name the type: `Self`",
        ),
        (
            quote!(
                fn a(&self, b: Vec<u128>);
            ),
            "integers can have at most 64 bits",
        ),
        (
            quote!(
                fn a(&self) -> i128;
            ),
            "integers can have at most 64 bits",
        ),
        (
            quote!(
                fn a(&self) -> &str;
            ),
            "a result must be owned",
        ),
        (
            quote!(
                fn a(&self) -> Result<Option<&str>, E>;
            ),
            "a result must be owned",
        ),
        (
            quote!(
                fn a(&self) -> impl Iterator<Item = i32>;
            ),
            "name the type",
        ),
        (
            quote!(
                fn a(&self, b: &InboundCall, c: &InboundCall);
            ),
            "only one `&InboundCall`",
        ),
    ] {
        assert_refused(&of_method(method), with);
    }
}
