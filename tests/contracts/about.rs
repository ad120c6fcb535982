//! What a host tells about itself.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use callgate::{Client, Connection, Execution, Host, HostBuilder, InboundCall, Result, Status};

use crate::support::{unique, watched};
use crate::{adding, described};

const LIMIT: Duration = Duration::from_secs(60);

fn unused(call: InboundCall) {
    call.fail_no_method().ok();
}

fn client_of(host: &Host) -> Result<Client> {
    Client::connect(&host.endpoints()[0].to_string())
}

fn host() -> HostBuilder {
    Host::builder().endpoint(&format!("pipe://{}", unique("about")))
}

#[test]
fn a_host_tells_what_it_serves() {
    watched(LIMIT, || {
        let calculator = adding("int32", "int32");
        let host = host()
            .delegate("ICalculator", |_: &Connection| unused)
            .delegate("IUndescribed", |_: &Connection| unused)
            .declare("IFromAFactory")
            .describe(&adding("int8", "int8"))
            .describe(&calculator)
            .start()
            .unwrap();
        let client = client_of(&host).unwrap();
        let about = client.proxy("callgate.Host").unwrap();
        let interfaces: Vec<String> = about.call("Interfaces", &()).unwrap();
        assert_eq!(interfaces, ["ICalculator", "IFromAFactory", "IUndescribed"]);
        let describe =
            |interface: &str| about.call::<Option<String>>("Describe", &(interface,)).unwrap();
        assert_eq!(describe("ICalculator").as_deref(), Some(calculator.document()));
        assert_eq!(describe("IUndescribed"), None);
        assert_eq!(describe("IUnknown"), None);
        let status: HashMap<String, serde_json::Value> = about.call("Status", &()).unwrap();
        assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
        assert!(status["uptime_ms"].is_u64(), "{status:?}");

        let error = about.call::<()>("Describe", &()).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        let error = about.call::<()>("Shutdown", &()).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_host_that_is_not_described_tells_nothing() {
    watched(LIMIT, || {
        let host = host().describe(&adding("int32", "int32")).described(false).start().unwrap();
        let client = client_of(&host).unwrap();
        let about = client.proxy("callgate.Host").unwrap();
        let error = about.call::<Vec<String>>("Interfaces", &()).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        assert_eq!(error.execution(), Execution::NotRun);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn no_alias_and_no_factory_takes_the_place_of_what_a_host_tells() {
    watched(LIMIT, || {
        let host = host()
            .interface_alias("", "IEverything")
            .ordered("IEverything")
            .delegate_factory(|_, _| {
                let delegate = |call: InboundCall| drop(call.reply(&"of the program"));
                Ok(Some(std::sync::Arc::new(delegate)))
            })
            .start()
            .unwrap();
        let client = client_of(&host).unwrap();
        let said: String = client.proxy("IAnything").unwrap().call("Say", &()).unwrap();
        assert_eq!(said, "of the program");
        let about = client.proxy("callgate.Host").unwrap();
        assert_eq!(about.call::<Vec<String>>("Interfaces", &()).unwrap(), [""; 0]);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn reserved_names_cannot_be_described() {
    let reserved = described("callgate.Host", json!([]));
    let error = host().describe(&reserved).start().map(drop).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument, "{error}");
}
