//! The tool `callgate`, which reaches services through a gateway of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::gateway::offer;
use crate::support::host::host;
use crate::support::server::Server;
use crate::support::watched;

/// Runs the tool beside the gateway. `None`, with a clear notice, if it was not built and need not be.
fn callgate(arguments: &[&str]) -> Option<Output> {
    let path = Path::new(env!("CARGO_BIN_EXE_callgate-gateway")).with_file_name("callgate");
    if !path.exists() {
        assert!(std::env::var_os("CALLGATE_REQUIRE_NATS").is_none(), "the tool was not built");
        writeln!(std::io::stderr(), "SKIPPED: the tool callgate was not built").ok();
        return None;
    }
    Some(Command::new(path).args(arguments).output().expect("the tool runs"))
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn commands_take_a_service_for_an_endpoint() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("test");
        let one = host("one");
        let _offer = offer(&service, &one.1);
        let Some(called) = callgate(&["call", &service, "ITest.Name"]) else { return };
        assert_eq!(text(&called.stdout), "\"one\"\n", "{}", text(&called.stderr));
        let pinged = callgate(&["ping", &service, "--count=2", "--interval=0"]).unwrap();
        assert_eq!(text(&pinged.stdout).matches("reply ").count(), 2, "{pinged:?}");
    });
}

#[test]
fn a_service_without_instances_cannot_be_called() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("nobody");
        let arguments = ["call", &service, "ITest.Name", "--connect-timeout=500ms"];
        let Some(failed) = callgate(&arguments) else { return };
        let error = text(&failed.stderr);
        assert_eq!(failed.status.code(), Some(13), "{error}");
        assert!(error.contains("not run") && error.contains("no instance of it"), "{error}");
    });
}

#[test]
fn a_server_that_is_not_there_is_named() {
    watched(|| {
        let service = "nats://127.0.0.1:1/test";
        let Some(failed) = callgate(&["call", service, "ITest.Name"]) else { return };
        let error = text(&failed.stderr);
        assert_eq!(failed.status.code(), Some(13), "{error}");
        assert!(error.contains("nats://127.0.0.1:1 cannot be reached"), "{error}");
    });
}

#[test]
fn the_tool_runs_the_gateway() {
    let Some(said) = callgate(&["gateway", "connect", "--help"]) else { return };
    assert!(text(&said.stdout).contains("--until-input-ends"), "{said:?}");
    let Some(failed) = callgate(&["gateway", "offer", "http://a/b", "pipe://c"]) else { return };
    assert_eq!(failed.status.code(), Some(2));
}
