//! Calls by name, over each transport, through the public API.

use std::time::Duration;

use crate::support::{calculator_host, unique, watched};
use callgate::{Client, Execution, Host, Status};

const LIMIT: Duration = Duration::from_secs(60);

fn with_client(test: impl Fn(&Host, &Client) + Send + Sync + 'static) {
    watched(LIMIT, move || {
        for endpoint in [format!("pipe://{}", unique("calls")), "tcp://127.0.0.1:0".into()] {
            let host = calculator_host(&endpoint).start().unwrap();
            let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
            test(&host, &client);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

#[test]
fn a_call_returns_its_result() {
    with_client(|_, client| {
        let calculator = client.proxy("ICalculator").unwrap();
        for n in 0..1000 {
            assert_eq!(calculator.call::<i64>("Add", &(n, 1)).unwrap(), n + 1);
        }
    });
}

#[test]
fn a_failing_delegate_is_a_remote_error() {
    with_client(|_, client| {
        let calculator = client.proxy("ICalculator").unwrap();
        let error = calculator.call::<i64>("Divide", &(1, 0)).unwrap_err();
        assert_eq!(error.status(), Status::RemoteError);
        assert_eq!(error.execution(), Execution::Ran);
        assert_eq!(error.remote().unwrap().type_name, "DivideByZero");
        assert_eq!(error.message(), "cannot divide by 0");
    });
}

#[test]
fn what_does_not_fit_is_a_contract_mismatch_that_says_what() {
    with_client(|_, client| {
        let nothing = client.proxy("INothing").unwrap();
        let error = nothing.call::<i64>("Add", &(1, 2)).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch);
        assert_eq!(error.execution(), Execution::NotRun);
        assert!(error.message().contains("INothing"), "{error}");

        let calculator = client.proxy("ICalculator").unwrap();
        let error = calculator.call::<i64>("Subtract", &(1, 2)).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch);
        assert!(error.message().contains("Subtract"), "{error}");

        let error = calculator.call::<i64>("Add", &("one", 2)).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch);
        assert!(error.message().contains("ICalculator.Add"), "{error}");
    });
}
