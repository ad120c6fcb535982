//! Descriptions of interfaces that one side knows by another name.

use std::time::Duration;

use serde_json::json;

use callgate::{
    CallOptions, Client, Connection, Contract, Execution, Host, HostBuilder, InboundCall, Proxy,
    Status,
};

use crate::support::{unique, watched};
use crate::{adding, described};

const LIMIT: Duration = Duration::from_secs(60);

/// A host of ICalculator, which is also served under names that begin with "Old.".
fn host() -> HostBuilder {
    Host::builder()
        .endpoint(&format!("pipe://{}", unique("aliases")))
        .interface_alias("Old.", "ICalculator")
        .delegate("ICalculator", |_: &Connection| |call: InboundCall| drop(call.reply(&3)))
}

/// A proxy of an aliased name, with a description of `Add` under that name.
fn old_proxy(client: &Client, takes: &str) -> Proxy {
    let renamed = adding(takes, "int32").document().replace("\"ICalculator\"", "\"Old.ICalc\"");
    let proxy = client.proxy("Old.ICalc").unwrap();
    proxy.describe(&Contract::parse(&renamed).unwrap()).unwrap();
    proxy
}

#[test]
fn a_description_under_an_aliased_name_is_compared() {
    watched(LIMIT, || {
        let host = host().describe(&adding("int32", "int32")).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let fits = old_proxy(&client, "int32");
        fits.verify(&CallOptions::default()).unwrap();
        assert_eq!(fits.call::<i32>("Add", &(1, 2)).unwrap(), 3);

        let error = old_proxy(&client, "int64").call::<i32>("Add", &(1, 2)).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        assert_eq!(error.execution(), Execution::NotRun, "{error}");
        let place = "Old.ICalc.Add, parameter 1 (a): int64 here, int32 at the host";
        assert!(error.message().contains(place), "{error}");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_callback_interface_that_the_client_has_an_alias_for_is_compared() {
    watched(LIMIT, || {
        let report = json!([{ "name": "Report", "params": [] }]);
        let calls = described("Old.IProgress", report.clone());
        let with = |callback: &Contract| adding("int32", "int32").with_callback(callback).unwrap();
        let host = host().describe(&with(&calls)).start().unwrap();
        let client = Client::builder(&host.endpoints()[0].to_string());
        let client = client.interface_alias("Old.", "IProgress").connect().unwrap();
        let verify = |callback: Contract| {
            let proxy = client.proxy("ICalculator").unwrap();
            proxy.describe(&with(&callback)).unwrap();
            proxy.verify(&CallOptions::default())
        };
        verify(described("IProgress", report)).unwrap();
        let error = verify(described("IProgress", json!([]))).unwrap_err();
        assert!(error.message().contains("IProgress.Report: no such method here"), "{error}");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_host_describes_the_interface_that_an_alias_stands_for() {
    watched(LIMIT, || {
        let calculator = adding("int32", "int32");
        let host = host().describe(&calculator).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let about = client.proxy("callgate.Host").unwrap();
        let found: Option<String> = about.call("Describe", &("Old.ICalc",)).unwrap();
        assert_eq!(found.as_deref(), Some(calculator.document()));
        client.close().unwrap();
        host.close().unwrap();
    });
}
