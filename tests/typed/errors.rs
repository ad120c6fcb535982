//! How calls fail, and how much of it the caller gets.

use std::time::Duration;

use callgate::{CallError, CallOptions, Client, Error, Execution, Limits, Status};

use crate::contract::{CalculatorProxy, MathError};
use crate::support::{unique, watched};
use crate::{with_calculator, LIMIT};

#[test]
fn errors_of_an_interface_come_back_as_themselves() {
    with_calculator("errors::errors_of_an_interface_come_back_as_themselves", |calculator| {
        assert!(matches!(calculator.divide(1, 0), Err(MathError::DivideByZero)));
        let MathError::Overflow(message) = calculator.divide(i64::MIN, -1).unwrap_err() else {
            panic!("another error")
        };
        assert_eq!(message, "-9223372036854775808 / -1 is too large");
    });
}

#[test]
fn unknown_errors_stay_what_they_are() {
    with_calculator("errors::unknown_errors_stay_what_they_are", |calculator| {
        let error = calculator.fail("Strange").unwrap_err();
        assert_eq!(error.remote().unwrap().type_name, "Strange");
        assert_eq!((error.status(), error.execution()), (Status::RemoteError, Execution::Ran));
        let MathError::Other(error) = MathError::from_error(error) else { panic!("not other") };
        assert_eq!(error.to_string(), "remote error: Strange: as planned");

        let panicked = calculator.fail("panic").unwrap_err();
        assert_eq!((panicked.status(), panicked.execution()), (Status::Internal, Execution::Ran));
    });
}

#[test]
fn a_method_that_failed_ran_whatever_its_error_says() {
    with_calculator("errors::a_method_that_failed_ran_whatever_its_error_says", |calculator| {
        let error = calculator.fail("not run").unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::LimitExceeded, Execution::Ran));
        // The client serves no callbacks: that call did not run, but the one that made it did.
        let error = calculator.count(1).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::ContractMismatch, Execution::Ran));
        assert!(error.message().contains("MySoftware.IProgress"), "{error}");
    });
}

#[test]
fn what_befalls_the_channel_is_an_error_of_the_interface_too() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_millis(20);
        let endpoint = format!("pipe://{}", unique("nobody"));
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let calculator = CalculatorProxy::new(&client).unwrap();
        let MathError::Other(error) = calculator.divide(1, 2).unwrap_err() else {
            panic!("another error")
        };
        assert_eq!(error.execution(), Execution::NotRun);
        let options = CallOptions::timeout(Duration::from_millis(20));
        let started = calculator.with_options(options).start_divide(1, 2).wait();
        assert!(
            matches!(started, Err(MathError::Other(error)) if error.status() == Status::TimedOut)
        );
        client.close().unwrap();
        let closed: Error = calculator.add(1, 2).unwrap_err();
        assert_eq!(closed.status(), Status::Closed);
    });
}
