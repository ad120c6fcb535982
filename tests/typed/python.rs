//! Typed interfaces with Python peers, on either side.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use callgate::{Client, Status};

use crate::c::{folder, libraries, preload_sanitizer, root, succeed};
use crate::contract::{CalculatorProxy, MathError};
use crate::support::{unique, watched};
use crate::{with_host, LIMIT};

/// The Python peer, in one of its roles; `name` is unique to the test.
fn peer(name: &str, role: &str, endpoint: &str) -> Command {
    let python = succeed(&mut Command::new(root().join("ci/python")));
    let mut peer = Command::new(python.trim());
    preload_sanitizer(&mut peer, &folder(name));
    peer.arg(root().join("tests/typed/peer.py"))
        .args([role, endpoint])
        .env("PYTHONPATH", root().join("bindings/python"))
        .env("CALLGATE_LIBRARY", libraries().join("libcallgate.so"));
    peer
}

#[test]
fn python_calls_a_typed_host_and_is_called_back() {
    with_host("python::python_calls_a_typed_host_and_is_called_back", |endpoint| {
        assert_eq!(
            succeed(&mut peer("typed-calls", "call", endpoint)),
            "3 b'\\xff\\x01' 3\n\
             ['3 is too much', 'from Python'] {'x': 3, 'name': None}\n\
             DivideByZero: cannot divide by zero\n\
             MySoftware.Overflow: -9223372036854775808 / -1 is too large\n\
             MySoftware.ICalculator.Add: argument 1 (a: i32) does not fit: invalid value: integer \
             `2147483648`, expected i32\n"
        );
    });
}

#[test]
fn python_serves_typed_clients() {
    watched(LIMIT, || {
        for endpoint in [format!("pipe://{}", unique("typed-python")), "tcp://127.0.0.1:0".into()] {
            let mut host = peer("typed-serves", "serve", &endpoint)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut endpoint = String::new();
            BufReader::new(host.stdout.take().unwrap()).read_line(&mut endpoint).unwrap();
            let client = Client::connect(endpoint.trim()).unwrap();
            call(&CalculatorProxy::new(&client).unwrap());
            client.close().unwrap();
            drop(host.stdin.take());
            assert!(host.wait().unwrap().success());
        }
    });
}

fn call(calculator: &CalculatorProxy) {
    assert_eq!(calculator.add(1, 2).unwrap(), 3);
    assert_eq!(calculator.reverse(&[1, 255]).unwrap(), [255, 1]);
    let words = ["one".to_owned(), "two".to_owned()];
    assert_eq!(calculator.join(&words, None).unwrap(), "one two");
    assert!(matches!(calculator.divide(1, 0), Err(MathError::DivideByZero)));
    let overflow = calculator.divide(1, -1);
    assert!(matches!(overflow, Err(MathError::Overflow(message)) if message == "too large"));
    let unknown = calculator.fail("this").unwrap_err();
    assert_eq!(unknown.remote().unwrap().type_name, "KeyError");
    let no_number = calculator.add(1, 0).unwrap_err();
    assert_eq!(no_number.status(), Status::ContractMismatch);
    assert!(no_number.message().contains("found a string"), "{no_number}");
}
