//! Types that cannot travel.

use quote::quote;

use super::{assert_refused, of_method};

#[test]
fn what_cannot_travel_is_refused() {
    for (method, with) in [
        (
            quote!(
                fn a(&self, (b, c): (i32, i32));
            ),
            "an argument has a name",
        ),
        (
            quote!(
                fn a(&self, _: i32);
            ),
            "an argument has a name",
        ),
        (
            quote!(
                fn a(&self, b: &mut i32);
            ),
            "arguments go one way",
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
            "objects do not travel",
        ),
        (
            quote!(
                fn a(&self, b: *const u8);
            ),
            "pointers mean nothing",
        ),
        (
            quote!(
                fn a(&self, b: fn(i32));
            ),
            "pointers mean nothing",
        ),
        (
            quote!(
                fn a(&self, b: &'static str);
            ),
            "leave the lifetime out",
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
            "integers have 64 bits at most",
        ),
        (
            quote!(
                fn a(&self) -> i128;
            ),
            "integers have 64 bits at most",
        ),
        (
            quote!(
                fn a(&self) -> &str;
            ),
            "a result is owned",
        ),
        (
            quote!(
                fn a(&self) -> Result<Option<&str>, E>;
            ),
            "a result is owned",
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
            "there is one call",
        ),
    ] {
        assert_refused(&of_method(method), with);
    }
}
