//! Untyped calls of a typed delegate: what fits, and the error for what does not.

use callgate::{CallOptions, Execution, Proxy, Status};
use serde::Serialize;

use crate::with_calculator;

/// The message of a call that did not run because of a mismatch.
#[track_caller]
fn mismatch(calculator: &Proxy, method: &str, arguments: &impl Serialize) -> String {
    let error = calculator.call::<i64>(method, arguments).unwrap_err();
    assert_eq!((error.status(), error.execution()), (Status::ContractMismatch, Execution::NotRun));
    error.message().into()
}

#[test]
fn methods_go_by_their_names_in_pascal_case() {
    with_calculator("arguments::methods_go_by_their_names_in_pascal_case", |calculator| {
        let calculator = calculator.as_ref();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        assert_eq!(calculator.call::<u8>("HalveSmall", &(9,)).unwrap(), 4);
        assert_eq!(calculator.call::<u32>("CountTo", &(0,)).unwrap(), 0);
        for unknown in ["add", "Count", "Subtract", ""] {
            let error = calculator.call::<i64>(unknown, &()).unwrap_err();
            assert_eq!(error.execution(), Execution::NotRun, "{unknown}: {error}");
        }
        assert_eq!(
            mismatch(calculator, "Subtract", &()),
            "interface 'MySoftware.ICalculator' has no method 'Subtract'"
        );
    });
}

#[test]
fn what_does_not_fit_is_named() {
    with_calculator("arguments::what_does_not_fit_is_named", |calculator| {
        let calculator = calculator.as_ref();
        for (told, with) in [
            (
                mismatch(calculator, "Add", &(1, "two")),
                "MySoftware.ICalculator.Add: argument 2 (b: i32) does not fit: found a string",
            ),
            (mismatch(calculator, "Join", &([""], 2)), "(between: Option<&str>) does not fit: "),
            (mismatch(calculator, "Add", &(1,)), "Add: takes 2 arguments, not 1"),
            (mismatch(calculator, "Add", &(1, 2, 3)), "Add: takes 2 arguments, not 3"),
            (mismatch(calculator, "HalveSmall", &()), "HalveSmall: takes 1 argument, not 0"),
            (mismatch(calculator, "Logged", &(1,)), "Logged: takes 0 arguments, not 1"),
            (mismatch(calculator, "Reverse", &(7,)), "argument 1 (bytes: &[u8]) does not fit"),
            (mismatch(calculator, "MoveBy", &((), 1)), "argument 1 (point: &Point) does not fit"),
        ] {
            assert!(told.contains(with), "{told}");
        }
    });
}

#[test]
fn integers_that_are_too_large_never_wrap() {
    with_calculator("arguments::integers_that_are_too_large_never_wrap", |calculator| {
        let calculator = calculator.as_ref();
        let told = mismatch(calculator, "HalveSmall", &(256,));
        assert!(told.contains("invalid value: integer `256`, expected u8"), "{told}");
        let told = mismatch(calculator, "HalveSmall", &(-1,));
        assert!(told.contains("invalid value: integer `-1`, expected u8"), "{told}");
        let told = mismatch(calculator, "Add", &(1, i64::from(i32::MIN) - 1));
        assert!(told.contains("argument 2 (b: i32) does not fit: invalid value"), "{told}");
        let told = mismatch(calculator, "Divide", &(u64::MAX, 1));
        assert!(told.contains("integer `18446744073709551615`, expected i64"), "{told}");
        // The same for results: the host's 300 is not a u8.
        let error = calculator.call::<u8>("Add", &(299, 1)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::ContractMismatch, Execution::Ran));
    });
}

#[test]
fn bytes_travel_as_bytes_and_numbers_are_taken_for_them() {
    let test = "arguments::bytes_travel_as_bytes_and_numbers_are_taken_for_them";
    with_calculator(test, |calculator| {
        let calculator = calculator.as_ref();
        let bytes = CallOptions::default();
        // An array of one binary of two bytes; and so is the result.
        let reversed = calculator.call_bytes("Reverse", &[0x91, 0xc4, 2, 1, 200], &bytes).unwrap();
        assert_eq!(reversed[..], [0xc4, 2, 200, 1]);
        let sorted = calculator.call_bytes("Sort", &[0x91, 0x92, 9, 3], &bytes).unwrap();
        assert_eq!(sorted[..], [0xc4, 2, 3, 9]);
    });
}

#[test]
fn a_one_way_method_answers_who_waits() {
    with_calculator("arguments::a_one_way_method_answers_who_waits", |calculator| {
        calculator.as_ref().call::<()>("Log", &("waited for",)).unwrap();
        calculator.as_ref().one_way("Add", &(1, 2)).unwrap();
        assert_eq!(calculator.logged().unwrap(), ["waited for"]);
    });
}
