//! Endpoints of hosts that can stand in for one another.

use serde_json::Value;

use crate::support::{callgate, host, lines, tool, unique, Hosting, LIMIT};

fn pipe(name: &str) -> String {
    format!("pipe://{}", unique(name))
}

#[test]
fn commands_use_the_first_host_that_they_reach() {
    let (_host, second) = host("second");
    let both = format!("{}, {second}", pipe("first"));
    let run = |arguments: &[&str]| callgate(arguments).succeeded();
    assert_eq!(run(&["list", &both]), "ITypes\n");
    assert_eq!(run(&["describe", &both]), run(&["describe", &second]));
    assert_eq!(run(&["call", &both, "ITypes.EchoByte", "1"]), "1\n");
    assert_eq!(run(&["diff", &both, &second]), "no differences in 1 interface\n");
    assert_eq!(run(&["diff", &second, &both]), "no differences in 1 interface\n");
    let ping = run(&["ping", &both, "-c1"]);
    assert!(ping.starts_with(&format!("reply 1 from {second}: ")), "{ping}");
    let watch = run(&["watch", &both, "--once", "--interval=50ms"]);
    assert!(watch.starts_with(&format!("{second}: 1 connection, ")), "{watch}");
    let bench = run(&["bench", &both, "ITypes.EchoByte", "1", "--time=50ms"]);
    assert!(bench.contains(" calls/s: "), "{bench}");
    let error = callgate(&["mcp", &both]).failed(2);
    assert!(error.contains("the host describes ITypes"), "{error}");
}

#[test]
fn a_watch_goes_on_at_the_next_host() {
    let endpoints = [pipe("first"), pipe("second")];
    let [mut first, _second] = endpoints.each_ref().map(|it| Hosting::start(&["listen", it]));
    let both = endpoints.join(",");
    let mut child = tool(&["--json", "watch", &both, "--interval=50ms"]).spawn().unwrap();
    let printed = lines(child.stdout.take().unwrap());
    let wait_for = |endpoint: &str| loop {
        let line = printed.recv_timeout(LIMIT).expect("it prints a line");
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["endpoint"] == endpoint && line["error"].is_null() {
            break;
        }
    };
    wait_for(&endpoints[0]);
    first.kill();
    wait_for(&endpoints[1]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn without_a_host_all_are_named() {
    let both = format!("{},{}", pipe("nobody"), pipe("neither"));
    let error = callgate(&["list", &both, "--connect-timeout=20ms"]).failed(13);
    let both = both.replace(',', ", ");
    assert!(error.contains(&format!("no connection to {both} within 20.0 ms")), "{error}");
}

#[test]
fn each_of_them_must_be_an_endpoint() {
    const BAD: &str = "pipe://a, http://b";
    for arguments in [&["list", BAD][..], &["diff", BAD, "pipe://c"]] {
        let error = callgate(arguments).failed(2);
        assert!(error.contains("\"http\" is an unknown scheme"), "{error}");
    }
}

#[test]
fn a_host_has_each_endpoint_by_itself() {
    let both = "tcp://127.0.0.1:0,tcp://127.0.0.1:0";
    callgate(&["listen", both]).failed(2);
    callgate(&["proxy", &pipe("proxy"), both]).failed(2);
}
