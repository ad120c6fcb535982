//! Overloads with signatures, typed on both sides and untyped.

use std::time::Duration;

use callgate::{CallOptions, Client, Execution, Host, Proxy, Status};
use serde::Serialize;

use crate::support::{unique, watched};

/// Its default name is `IAdder`.
#[callgate::interface]
pub trait Adder {
    #[method(name = "Add", signature = "Add_Int32_Int64")]
    fn add(&self, a: i32, b: i64) -> i64;
    #[method(name = "Add", signature = "Add_String_String")]
    fn join(&self, a: &str, b: &str) -> String;
    #[method(name = "Add", signature = "Add_Int32_Int32_Int32")]
    fn add_three(&self, a: i32, b: i32, c: i32) -> i64;
    #[method(signature = "Negate_Int64")]
    fn negate(&self, n: i64) -> i64;
    #[cfg(any())]
    #[method(name = "Add", signature = "Add_Ghost")]
    fn add_ghost(&self, ghost: Ghost);
}

struct Desk;

impl Adder for Desk {
    fn add(&self, a: i32, b: i64) -> i64 {
        i64::from(a) + b
    }

    fn join(&self, a: &str, b: &str) -> String {
        format!("{a}{b}")
    }

    fn add_three(&self, a: i32, b: i32, c: i32) -> i64 {
        [a, b, c].into_iter().map(i64::from).sum()
    }

    fn negate(&self, n: i64) -> i64 {
        -n
    }
}

fn adder(play: impl FnOnce(AdderProxy) + Send + 'static) {
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("adder"));
        let host = Host::builder()
            .endpoint(&endpoint)
            .serve(|_| AdderDelegate::new(Desk))
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        play(AdderProxy::new(&client).unwrap());
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn each_is_called_by_its_own_name_here() {
    adder(|adder| {
        assert_eq!(adder.as_ref().interface(), "IAdder");
        assert_eq!(adder.add(1, 1 << 40).unwrap(), (1 << 40) + 1);
        assert_eq!(adder.join("a", "b").unwrap(), "ab");
        assert_eq!(adder.start_join("c", "d").wait().unwrap(), "cd");
        assert_eq!(adder.add_three(1, 2, 3).unwrap(), 6);
        assert_eq!(adder.negate(7).unwrap(), -7);
        let hasty = adder.with_options(CallOptions::timeout(Duration::from_secs(30)));
        assert_eq!(hasty.add(1, 2).unwrap(), 3);
    });
}

#[test]
fn who_gives_no_signature_is_understood_by_the_number_of_arguments() {
    adder(|adder| {
        let adder = adder.as_ref();
        assert_eq!(adder.call::<i64>("Add", &(1, 2, 3)).unwrap(), 6);
        assert_eq!(adder.call::<i64>("Negate", &(5,)).unwrap(), -5);
        assert_eq!(
            refused(adder, None, "Add", &(1, 2)),
            "IAdder.Add: the caller must name one of the signatures Add_Int32_Int64, \
             Add_String_String, Add_Int32_Int32_Int32"
        );
        assert_eq!(
            refused(adder, None, "Negate", &()),
            "IAdder.Negate: none of Negate_Int64 takes 0 arguments"
        );
    });
}

#[test]
fn a_signature_that_no_method_has_is_refused() {
    adder(|adder| {
        let told = refused(adder.as_ref(), Some("Add_Ghost"), "Add", &(1,));
        assert!(told.starts_with("IAdder.Add: there is no signature Add_Ghost among "), "{told}");
        let told = refused(adder.as_ref(), Some("Add_Int32_Int64"), "Add", &(1, "two"));
        assert!(told.contains("argument 2 (b: i64) does not fit"), "{told}");
    });
}

#[track_caller]
fn refused(
    adder: &Proxy,
    signature: Option<&str>,
    method: &str,
    arguments: &impl Serialize,
) -> String {
    let mut options = CallOptions::default();
    options.signature = signature.map(String::from);
    let error = adder.call_with::<i64>(method, arguments, &options).unwrap_err();
    assert_eq!((error.status(), error.execution()), (Status::ContractMismatch, Execution::NotRun));
    error.message().into()
}
