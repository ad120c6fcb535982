//! The golden vectors of values (tests/conformance/values.json), in Rust and in C.

#[path = "../conformance/rust/describe.rs"]
mod describe;

use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

use crate::support::{calculator_host, unique, watched};
use callgate::{Client, Execution, Proxy, Status};
use describe::{describe, native};
use rmpv::Value;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

const LIMIT: Duration = Duration::from_secs(60);

/// The name, the bytes in hexadecimal digits and the description of each vector.
fn vectors() -> Vec<[String; 3]> {
    let file = crate::c::root().join("tests/conformance/values.json");
    let json: Json = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let vectors = json["values"].as_array().expect("an array");
    let text = |vector: &Json, key| vector[key].as_str().expect("a text").to_owned();
    vectors.iter().map(|vector| ["name", "hex", "text"].map(|key| text(vector, key))).collect()
}

fn with_echo(test: impl FnOnce(&Proxy) + Send + 'static) {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("golden"));
        let host = calculator_host(&endpoint).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        test(&client.proxy("ICalculator").unwrap());
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn values_of_every_kind_mean_the_same_in_rust() {
    with_echo(|echo| {
        for [name, hex, text] in vectors() {
            let sent = native(&hex).unwrap();
            assert_eq!(describe(&sent), text, "{name}");
            let echoed: Value = echo.call("Echo", &(sent,)).unwrap();
            assert_eq!(describe(&echoed), text, "{name}");
        }
    });
}

/// An integer either fits this type or fails; it never becomes another number.
fn fits_or_fails<T: DeserializeOwned + FromStr + PartialEq + Debug>(
    echo: &Proxy,
    sent: &Value,
    text: &str,
) {
    match (echo.call::<T>("Echo", &(sent,)), text.parse::<T>()) {
        (Ok(came), Ok(expected)) => assert_eq!(came, expected),
        (Ok(came), Err(_)) => panic!("{text} has come as {came:?}"),
        (Err(error), Ok(_)) => panic!("{text}: {error}"),
        (Err(error), Err(_)) => {
            let outcome = (error.status(), error.execution());
            assert_eq!(outcome, (Status::ContractMismatch, Execution::Ran), "{text}: {error}");
        }
    }
}

/// Containers of other values.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
enum Held<T> {
    Named { number: T },
    Listed(Vec<Option<T>>),
    Alone(T),
}

/// The same for integers inside other values.
fn within_others_too(echo: &Proxy, sent: &Value, text: &str) {
    let held = [
        Held::Named { number: sent.clone() },
        Held::Listed(vec![None, Some(sent.clone())]),
        Held::Alone(sent.clone()),
    ];
    for held in held {
        match (echo.call::<Held<u128>>("Echo", &(&held,)), text.parse::<u128>()) {
            (Ok(Held::Named { number: came } | Held::Alone(came)), Ok(n)) => assert_eq!(came, n),
            (Ok(Held::Listed(came)), Ok(n)) => assert_eq!(came, [None, Some(n)]),
            (Ok(came), Err(_)) => panic!("{text} has come as {came:?}"),
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
            (Err(error), Err(_)) => assert_eq!(error.status(), Status::ContractMismatch, "{text}"),
        }
    }
}

#[test]
fn integers_of_128_bits_travel_as_any_or_not_at_all() {
    with_echo(|echo| {
        for n in [i128::from(i64::MIN), -1, 0, 1, i128::from(u64::MAX)] {
            let came: Value = echo.call("Echo", &(Held::Listed(vec![Some(n)]),)).unwrap();
            assert_eq!(describe(&came), format!("{{\"Listed\": [{n}]}}"));
            assert_eq!(echo.call::<i128>("Echo", &(n,)).unwrap(), n);
        }
        for n in [i128::MIN, i128::from(i64::MIN) - 1, i128::from(u64::MAX) + 1, i128::MAX] {
            let error = echo.call::<Value>("Echo", &(Held::Named { number: n },)).unwrap_err();
            let outcome = (error.status(), error.execution());
            assert_eq!(outcome, (Status::InvalidArgument, Execution::NotRun));
            assert!(error.message().ends_with(&format!("too few for {n}")), "{error}");
        }
        echo.call::<Value>("Echo", &(u128::MAX,)).unwrap_err();
    });
}

#[test]
fn integers_fit_their_type_in_rust_or_fail() {
    with_echo(|echo| {
        let mut integers = 0;
        for [_, hex, text] in vectors() {
            let sent = native(&hex).unwrap();
            if !sent.is_i64() && !sent.is_u64() {
                continue;
            }
            integers += 1;
            fits_or_fails::<i8>(echo, &sent, &text);
            fits_or_fails::<u8>(echo, &sent, &text);
            fits_or_fails::<i16>(echo, &sent, &text);
            fits_or_fails::<u16>(echo, &sent, &text);
            fits_or_fails::<i32>(echo, &sent, &text);
            fits_or_fails::<u32>(echo, &sent, &text);
            fits_or_fails::<i64>(echo, &sent, &text);
            fits_or_fails::<u64>(echo, &sent, &text);
            fits_or_fails::<i128>(echo, &sent, &text);
            fits_or_fails::<u128>(echo, &sent, &text);
            fits_or_fails::<usize>(echo, &sent, &text);
            within_others_too(echo, &sent, &text);
        }
        assert!(integers > 20, "only {integers} integers");
    });
}

#[cfg(feature = "c-abi")]
#[test]
fn values_of_every_kind_mean_the_same_in_c() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    watched(LIMIT, || {
        let folder = crate::c::folder("golden_values");
        let program = crate::c::program("tests/c/golden.c", &folder, crate::c::Link::Dynamic);
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).env_remove("LD_LIBRARY_PATH");
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let vectors = vectors();
        for [_, hex, text] in &vectors {
            writeln!(input, "{hex} {text}").unwrap();
        }
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", output.status);
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{} vectors\n", vectors.len()));
    });
}
