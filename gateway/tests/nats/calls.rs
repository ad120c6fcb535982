//! What calls between hosts and clients see of gateways: nothing.

use std::thread;
use std::time::{Duration, Instant};

use callgate::{CallOptions, CancelToken, Client, Execution, Host, Status};

use crate::support::gateway::{connect, offer, Gateway};
use crate::support::host::{client, host, name};
use crate::support::server::Server;
use crate::support::watched;

/// A client and a host, with all that lies between.
struct Scene {
    client: Client,
    _gateways: [Gateway; 2],
    _host: Host,
    _server: Server,
}

fn scene() -> Option<Scene> {
    let server = Server::start()?;
    let (host, endpoint) = host("one");
    let service = server.service("test");
    let gateways = [offer(&service, &endpoint), connect(&service)];
    let client = client(&gateways[1].endpoint);
    Some(Scene { client, _gateways: gateways, _host: host, _server: server })
}

#[test]
fn calls_have_their_results() {
    watched(|| {
        let Some(scene) = scene() else { return };
        assert_eq!(name(&scene.client).unwrap(), "one");
        let proxy = scene.client.proxy("ITest").unwrap();
        for number in 0..200 {
            assert_eq!(proxy.call::<u32>("Echo", &(number,)).unwrap(), number);
        }
        let error = proxy.call::<()>("Missing", &()).unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Status::ContractMismatch, Execution::NotRun)
        );
    });
}

#[test]
fn calls_go_both_ways_within_one_another() {
    watched(|| {
        let Some(scene) = scene() else { return };
        let proxy = scene.client.proxy("ITest").unwrap();
        assert_eq!(proxy.call::<u32>("Nest", &(20,)).unwrap(), 20);
    });
}

#[test]
fn large_arguments_and_results_travel_in_pieces() {
    watched(|| {
        let Some(scene) = scene() else { return };
        let large: String = ('a'..='z').cycle().take(32_000_000).collect();
        let proxy = scene.client.proxy("ITest").unwrap();
        let echo: String = proxy.call("Echo", &(&large,)).unwrap();
        assert!(echo == large);
    });
}

#[test]
fn threads_share_a_connection() {
    watched(|| {
        let Some(scene) = scene() else { return };
        thread::scope(|scope| {
            for thread in 0..8u32 {
                let client = &scene.client;
                scope.spawn(move || {
                    let proxy = client.proxy("ITest").unwrap();
                    for number in 0..100 {
                        let text = format!("{thread} {number}").repeat(thread as usize * 100 + 1);
                        assert_eq!(proxy.call::<String>("Echo", &(&text,)).unwrap(), text);
                    }
                });
            }
        });
    });
}

#[test]
fn a_cancel_reaches_the_delegate() {
    watched(|| {
        let Some(scene) = scene() else { return };
        let proxy = scene.client.proxy("ITest").unwrap();
        let cancel = CancelToken::new();
        let mut options = CallOptions::default();
        options.cancel = Some(cancel.clone());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| proxy.call_with::<()>("Wait", &(), &options));
            assert_eq!(name(&scene.client).unwrap(), "one");
            cancel.cancel();
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
        });
        // The delegate of the call has ended: it was one of sixteen that may run at once.
        assert_eq!(name(&scene.client).unwrap(), "one");
    });
}

#[test]
fn a_deadline_holds() {
    watched(|| {
        let Some(scene) = scene() else { return };
        let proxy = scene.client.proxy("ITest").unwrap();
        assert_eq!(name(&scene.client).unwrap(), "one");
        let begin = Instant::now();
        let options = CallOptions::timeout(Duration::from_millis(300));
        let error = proxy.call_with::<()>("Wait", &(), &options).unwrap_err();
        assert_eq!(error.status(), Status::TimedOut);
        assert!(begin.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn closing_is_in_order() {
    watched(|| {
        let Some(scene) = scene() else { return };
        assert_eq!(name(&scene.client).unwrap(), "one");
        let client = scene.client.clone();
        client.close().unwrap();
        let error = name(&scene.client).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::NotRun));
    });
}
