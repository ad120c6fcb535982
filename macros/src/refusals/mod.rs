//! Whatever cannot be an interface or an error is refused with a message that says what to do.

mod types;

use proc_macro2::TokenStream;
use quote::quote;

/// The compiler's messages for a trait.
fn told(arguments: TokenStream, item: TokenStream) -> String {
    match syn::parse2(item) {
        Ok(mut item) => match crate::interface::read(arguments, &mut item) {
            Ok(_) => String::new(),
            Err(faults) => {
                let faults: Vec<String> = faults.into_iter().map(|it| it.to_string()).collect();
                faults.join("; ")
            }
        },
        Err(error) => panic!("not a trait: {error}"),
    }
}

/// The compiler's messages for a trait with this single method.
fn of_method(method: TokenStream) -> String {
    told(quote!(name = "ITest"), quote!(trait Test { #method }))
}

#[track_caller]
fn assert_refused(told: &str, with: &str) {
    assert!(told.contains(with), "told: {told:?}");
}

#[test]
fn ordinary_methods_are_not_refused() {
    for method in [
        quote!(
            fn a(&self);
        ),
        quote!(
            fn a(&self, b: &str, mut_: &[u8], c: Option<&str>) -> Result<Vec<u8>, E>;
        ),
        quote!(
            fn a(&self, call: &callgate::InboundCall, all: &[String]) -> std::io::Result<i64> {
                Ok(1)
            }
        ),
        quote!(
            #[one_way]
            fn a(&self, text: String);
        ),
        quote!(
            #[method(name = "Other")]
            fn new_(&self, text: Cow<'_, str>) -> ();
        ),
        quote!(
            #[method(name = "Add", signature = "Add_Int32")]
            fn add(&self, a: i32) -> i64;
            #[method(name = "Add", signature = "Add_String")]
            fn add_text(&self, a: &str) -> String;
        ),
    ] {
        assert_eq!(of_method(method.clone()), "", "{method}");
    }
}

#[test]
fn what_no_other_process_could_call_is_refused() {
    for (method, with) in [
        (
            quote!(
                async fn add(&self);
            ),
            "use the proxy's `start_add`, which can be awaited",
        ),
        (
            quote!(
                fn a<T>(&self, value: T);
            ),
            "a method cannot be generic: name the types",
        ),
        (
            quote!(
                fn a<'a>(&'a self, value: &'a str);
            ),
            "omit lifetimes",
        ),
        (
            quote!(
                fn a(&self)
                where
                    Self: Sized;
            ),
            "a method cannot be generic",
        ),
        (
            quote!(
                unsafe fn a(&self);
            ),
            "a method cannot be unsafe",
        ),
        (
            quote!(
                extern "C" fn a(&self);
            ),
            "remove `extern`",
        ),
        (
            quote!(
                fn a(self);
            ),
            "a method must take `&self`",
        ),
        (
            quote!(
                fn a(&mut self);
            ),
            "keep mutable state in a Mutex",
        ),
        (
            quote!(
                fn a(self: Arc<Self>);
            ),
            "a method must take `&self`",
        ),
        (
            quote!(
                fn a();
            ),
            "a method must take `&self`",
        ),
        (
            quote!(
                fn new(&self);
            ),
            "every proxy has a method with this name",
        ),
        (
            quote!(
                #[one_way]
                fn a(&self) -> i32;
            ),
            "a one-way method cannot have a result",
        ),
        (
            quote!(
                #[method(nam = "A")]
                fn a(&self);
            ),
            "expected #[method(name = \"...\", signature = \"...\")]",
        ),
        (
            quote!(
                #[method(name = "")]
                fn a(&self);
            ),
            "a name must have 1 to 1024 bytes",
        ),
        (
            quote!(
                #[one_way(now)]
                fn a(&self);
            ),
            "unexpected token",
        ),
    ] {
        assert_refused(&of_method(method), with);
    }
}

#[test]
fn arguments_have_an_upper_bound() {
    let arguments = |count: usize| {
        let names = (0..count).map(|at| quote::format_ident!("a{at}"));
        quote!(fn a(&self, call: &InboundCall, #(#names: i32),*);)
    };
    assert_eq!(of_method(arguments(16)), "");
    assert_refused(&of_method(arguments(17)), "at most 16 arguments: use a struct");
}

#[test]
fn what_is_no_interface_is_refused() {
    let name = || quote!(name = "ITest");
    for (arguments, item, with) in [
        (
            quote!(names = "A"),
            quote!(
                trait Test {}
            ),
            "expected `name = \"...\"`",
        ),
        (
            quote!(name = ""),
            quote!(
                trait Test {}
            ),
            "a name must have 1 to 1024 bytes",
        ),
        (
            name(),
            quote!(
                trait Test<T> {}
            ),
            "an interface cannot be generic",
        ),
        (
            name(),
            quote!(
                trait Test
                where
                    Self: Sized,
                {
                }
            ),
            "cannot have a `where` clause",
        ),
        (
            name(),
            quote!(
                unsafe trait Test {}
            ),
            "an interface cannot be unsafe",
        ),
        (
            name(),
            quote!(
                trait Test {
                    type Item;
                }
            ),
            "an interface can contain only methods",
        ),
        (
            name(),
            quote!(
                trait Test {
                    const ITEM: i32;
                }
            ),
            "an interface can contain only methods",
        ),
        (
            name(),
            quote!(
                trait Test {
                    fn add(&self);
                    #[method(name = "Add")]
                    fn plus(&self);
                }
            ),
            "`add` and `plus` are both 'Add' to other programs",
        ),
        (
            name(),
            quote!(
                trait Test {
                    #[method(name = "Add", signature = "Add_Int32")]
                    fn add(&self, a: i32);
                    #[method(name = "Add", signature = "Add_Int32")]
                    fn add_again(&self, a: i32);
                }
            ),
            "or give each a signature with #[method(signature",
        ),
        (
            name(),
            quote!(
                trait Test: Into<String> {}
            ),
            "an interface can inherit only interfaces, which are not generic",
        ),
    ] {
        assert_refused(&told(arguments, item), with);
    }
    let told = crate::interface::expand(
        name(),
        quote!(
            struct Test;
        ),
    )
    .to_string();
    assert_refused(&told, "#[callgate::interface] applies to a trait");
}

#[test]
fn methods_of_one_name_under_different_conditions_are_not_refused() {
    let item = quote! {
        trait Test {
            #[cfg(unix)]
            fn add(&self);
            #[cfg(not(unix))]
            fn add(&self, a: i32);
        }
    };
    assert_eq!(told(quote!(name = "ITest"), item), "");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let told = told(
        quote!(names = "A"),
        quote!(
            trait Test<T> {
                fn a(self);
                async fn b(&self);
            }
        ),
    );
    for with in ["expected `name = ", "cannot be generic", "take `&self`", "cannot be async"] {
        assert_refused(&told, with);
    }
}

#[test]
fn errors_that_could_not_travel_are_refused() {
    for (item, with) in [
        (
            quote!(
                struct A;
            ),
            "make this an enum, or implement the trait by hand",
        ),
        (
            quote!(
                enum A {
                    B,
                }
            ),
            "#[call_error(other)] Other(callgate::Error)",
        ),
        (
            quote!(
                enum A {
                    #[call_error(other)]
                    B,
                }
            ),
            "must have one field",
        ),
        (
            quote!(
                enum A {
                    B {
                        c: i32,
                    },
                    #[call_error(other)]
                    D(Error),
                }
            ),
            "implement CallError by hand",
        ),
        (
            quote!(
                enum A {
                    #[call_error(other)]
                    B(Error),
                    #[call_error(other)]
                    C(Error),
                }
            ),
            "already",
        ),
        (
            quote!(
                enum A {
                    #[call_error(nam = "B")]
                    B,
                }
            ),
            "expected `name`, `alias` or `other`",
        ),
    ] {
        let told = crate::call_error::expand(item).map(|_| ()).unwrap_err().to_string();
        assert_refused(&told, with);
    }
}
