//! Started calls.

use callgate::{Client, Error, Host, Status};
use serde::{Serialize, Serializer};

use crate::block_on::block_on;
use crate::contract::MathError;
use crate::support::{unique, watched};
use crate::{with_calculator, LIMIT};

#[test]
fn started_calls_are_waited_for_or_awaited() {
    with_calculator("start::started_calls_are_waited_for_or_awaited", |calculator| {
        let sums: Vec<_> = (0..100).map(|n| calculator.start_add(n, n)).collect();
        for (n, sum) in sums.into_iter().enumerate() {
            assert_eq!(sum.wait().unwrap(), 2 * n as i64);
        }
        assert_eq!(block_on(calculator.start_divide(6, 2)).unwrap(), 3);
        assert_eq!(block_on(calculator.start_reverse(&[1, 2])).unwrap(), [2, 1]);
        let divided = block_on(calculator.start_divide(1, 0));
        assert!(matches!(divided, Err(MathError::DivideByZero)));
        let failed = calculator.start_fail("Strange").wait().unwrap_err();
        assert_eq!(failed.remote().unwrap().type_name, "Strange");
    });
}

/// A value that cannot be encoded.
#[derive(serde::Deserialize)]
pub struct Stubborn;

impl Serialize for Stubborn {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("I stay here"))
    }
}

#[callgate::interface(name = "ITaker")]
trait Taker {
    fn take(&self, value: Stubborn) -> Result<(), MathError>;
}

#[test]
fn what_keeps_a_call_from_being_started_is_its_outcome() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stubborn"));
        let host = Host::builder().endpoint(&endpoint).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let taker = TakerProxy::new(&client).unwrap();
        let started = taker.start_take(Stubborn);
        assert!(started.is_done());
        for outcome in [started.wait(), taker.take(Stubborn)] {
            let MathError::Other(error) = outcome.unwrap_err() else { panic!("another error") };
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().contains("I stay here"), "{error}");
        }
        let known: Error = taker.as_ref().call::<()>("Take", &(1,)).unwrap_err();
        assert_eq!(known.status(), Status::ContractMismatch);
        client.close().unwrap();
        host.close().unwrap();
    });
}
