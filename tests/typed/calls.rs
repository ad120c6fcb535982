//! What calls carry, and how they are made.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::{CallOptions, CancelToken, Client, InterfaceProxy, Status};

use crate::contract::{CalculatorProxy, MathError, Point, Progress, ProgressDelegate, Refusal};
use crate::support::gate::eventually;
use crate::{with_calculator, with_host};

#[test]
fn values_of_many_types_cross() {
    with_calculator("calls::values_of_many_types_cross", |calculator| {
        assert_eq!(calculator.add(i32::MAX, 1).unwrap(), 1 << 31);
        assert_eq!(calculator.divide(7, 2).unwrap(), 3);
        let words = ["one".to_owned(), "two".to_owned()];
        assert_eq!(calculator.join(&words, None).unwrap(), "one two");
        assert_eq!(calculator.join(&words, Some("+")).unwrap(), "one+two");
        assert_eq!(calculator.reverse(&[1, 2, 255]).unwrap(), [255, 2, 1]);
        assert_eq!(calculator.reverse(&[]).unwrap(), [0_u8; 0]);
        assert_eq!(calculator.sort(vec![3, 200, 1]).unwrap(), [1, 3, 200]);
        let point = Point { x: 1, name: Some("here".into()) };
        let moved = calculator.move_by(&point, -3).unwrap();
        assert_eq!(moved, Point { x: -2, ..point });
    });
}

#[test]
fn one_way_calls_run_in_order() {
    with_calculator("calls::one_way_calls_run_in_order", |calculator| {
        for line in ["one", "two", "three"] {
            calculator.log(line).unwrap();
        }
        assert_eq!(calculator.logged().unwrap(), ["one", "two", "three"]);
    });
}

#[test]
fn options_hold_for_the_proxy_that_has_them() {
    with_calculator("calls::options_hold_for_the_proxy_that_has_them", |calculator| {
        let soon = calculator.with_options(CallOptions::timeout(Duration::from_millis(20)));
        // On a busy machine the deadline may pass before the delegate has started.
        eventually("a delegate learns of it", || {
            assert_eq!(soon.wait().unwrap_err().status(), Status::TimedOut);
            calculator.logged().unwrap().iter().any(|line| line == "nobody waits")
        });

        let cancel = CancelToken::new();
        let mut options = CallOptions::default();
        options.cancel = Some(cancel.clone());
        let cancelled = calculator.with_options(options).start_wait();
        cancel.cancel();
        assert_eq!(cancelled.wait().unwrap_err().status(), Status::Cancelled);

        let mut options = CallOptions::default();
        options.metadata = vec![("trace".into(), "7".into())];
        let traced = calculator.with_options(options);
        assert_eq!(traced.metadata("trace").unwrap().as_deref(), Some("7"));
        assert_eq!(calculator.metadata("trace").unwrap(), None);
    });
}

/// Refuses numbers beyond a limit.
struct Screen {
    most: u32,
    notes: mpsc::Sender<String>,
}

impl Progress for Screen {
    fn report(&self, n: u32) -> Result<(), Refusal> {
        if n > self.most {
            Err(Refusal::Enough(format!("{n} is too much")))
        } else {
            Ok(())
        }
    }

    fn note(&self, text: &str) {
        self.notes.send(text.into()).unwrap();
    }
}

#[test]
fn callbacks_run_within_calls_and_fail_in_their_own_way() {
    with_host("calls::callbacks_run_within_calls_and_fail_in_their_own_way", |endpoint| {
        let (notes, noted) = mpsc::channel();
        let screen = ProgressDelegate::new(Screen { most: 2, notes });
        let client = Client::builder(endpoint).callback(screen).connect().unwrap();
        let calculator = CalculatorProxy::new(&client).unwrap();
        assert_eq!(calculator.count(1).unwrap(), 1);
        assert_eq!(calculator.count(5).unwrap(), 3);
        assert_eq!(noted.iter().take(4).collect::<Vec<_>>(), ["now 1", "now 1", "now 2", "now 3"]);
        assert_eq!(calculator.logged().unwrap(), ["3 is too much"]);
        client.close().unwrap();
    });
}

#[test]
fn a_proxy_is_made_of_a_connection_or_of_an_untyped_one() {
    with_host("calls::a_proxy_is_made_of_a_connection_or_of_an_untyped_one", |endpoint| {
        let client = Client::connect(endpoint).unwrap();
        client.wait_connected(None).unwrap();
        let of_connection = CalculatorProxy::new(&client.connection().unwrap()).unwrap();
        assert_eq!(of_connection.add(1, 2).unwrap(), 3);

        let sums = Arc::new(Mutex::new(Vec::new()));
        let theirs = sums.clone();
        let untyped = client.proxy_with_initialisation(CalculatorProxy::INTERFACE, move |proxy| {
            theirs.lock().unwrap().push(CalculatorProxy::from(proxy.clone()).add(2, 2)?);
            Ok(())
        });
        let initialised = CalculatorProxy::from(untyped.unwrap());
        assert!(matches!(initialised.divide(1, 0), Err(MathError::DivideByZero)));
        assert_eq!(*sums.lock().unwrap(), [4]);
        assert_eq!(
            initialised.as_ref().interface(),
            <CalculatorProxy as InterfaceProxy>::INTERFACE
        );
        client.close().unwrap();
    });
}
