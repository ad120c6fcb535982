//! Calls in both directions on one connection.

use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::{unique, watched};
use callgate::{
    Client, Connection, Delegate, Error, Execution, Host, InboundCall, Proxy, Result, Status,
};

const LIMIT: Duration = Duration::from_secs(60);

/// Replies with the result of `work` on the only argument.
fn serve(call: InboundCall, work: impl FnOnce(&InboundCall, i64) -> Result<i64>) {
    let outcome = call.args::<(i64,)>().and_then(|(number,)| work(&call, number));
    call.reply_with(outcome).ok();
}

fn pipe(name: &str) -> String {
    format!("pipe://{}", unique(name))
}

/// A host whose delegates of `IService` have a callback `ICallback`.
fn duplex_host(
    endpoint: &str,
    factory: impl Fn(&Connection, Proxy) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static,
) -> Host {
    Host::builder()
        .endpoint(endpoint)
        .duplex_delegate_factory("IService", "ICallback", factory)
        .start()
        .unwrap()
}

/// A client whose callback doubles its argument.
fn doubling_client(endpoint: &str) -> Client {
    Client::builder(endpoint)
        .callback_handler("ICallback", |call: InboundCall| serve(call, |_, number| Ok(2 * number)))
        .connect()
        .unwrap()
}

#[test]
fn a_callback_is_used_in_the_factory_in_a_call_and_kept() {
    watched(LIMIT, || {
        let kept: Arc<Mutex<Option<Proxy>>> = Arc::default();
        let keep = kept.clone();
        let host = duplex_host(&pipe("callback"), move |_, callback| {
            let in_factory: i64 = callback.call("Double", &(10,))?;
            *keep.lock().unwrap() = Some(callback.clone());
            Ok(Some(Arc::new(move |call: InboundCall| {
                serve(call, |_, number| {
                    Ok(in_factory + callback.call::<i64>("Double", &(number,))?)
                });
            })))
        });
        let client = doubling_client(&host.endpoints()[0].to_string());
        let service = client.proxy("IService").unwrap();
        assert_eq!(service.call::<i64>("Run", &(1,)).unwrap(), 22);
        let callback = kept.lock().unwrap().take().unwrap();
        let later = thread::spawn(move || {
            let doubled = callback.call::<i64>("Double", &(21,)).unwrap();
            (callback, doubled)
        });
        let (callback, doubled) = later.join().unwrap();
        assert_eq!(doubled, 42);
        client.close().unwrap();
        // It is first refused and then, like everything that the goodbye leaves without a reply, gets the
        // reason.
        let error = loop {
            let error = callback.call::<i64>("Double", &(1,)).expect_err("the client is closed");
            assert_eq!(error.status(), Status::Closed, "{error}");
            if error.message().contains("the peer ended the connection") {
                break error;
            }
        };
        assert_eq!(error.execution(), Execution::NotRun);
    });
}

#[test]
fn an_interface_has_one_duplex_factory() {
    let twice = Host::builder()
        .endpoint(&pipe("twice"))
        .duplex_delegate_factory("IService", "ICallback", |_, _| Ok(None))
        .duplex_delegate_factory("IService", "IOther", |_, _| Ok(None));
    let error = twice.start().err().expect("a refusal");
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("IService"), "{error}");
}

#[test]
fn any_connection_can_be_called_back() {
    watched(LIMIT, || {
        let host = Host::builder()
            .endpoint(&pipe("any"))
            .delegate("IService", |_: &Connection| {
                |call: InboundCall| {
                    serve(call, |call, number| {
                        call.connection().proxy("ICallback")?.call("Double", &(number,))
                    });
                }
            })
            .start()
            .unwrap();
        let client = doubling_client(&host.endpoints()[0].to_string());
        let service = client.proxy("IService").unwrap();
        assert_eq!(service.call::<i64>("Run", &(4,)).unwrap(), 8);
        client.wait_connected(None).unwrap();
        let connections = host.connections();
        let callback = connections[0].proxy("ICallback").unwrap();
        assert_eq!(callback.call::<i64>("Double", &(5,)).unwrap(), 10);
        let error =
            connections[0].proxy("INone").unwrap().call::<i64>("Double", &(5,)).unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Status::ContractMismatch, Execution::NotRun)
        );
    });
}

/// Counts down by one on the other side until nothing is left.
fn ping_pong(call: InboundCall, other: &Proxy) {
    serve(call, |_, number| match number {
        0 => Ok(0),
        _ => Ok(1 + other.call::<i64>("Run", &(number - 1,))?),
    });
}

/// A client whose proxy of `IService` nests calls with its host. It must be closed, since its own handler
/// keeps it alive.
fn nesting_client(endpoint: &str) -> (Client, Proxy) {
    let back: Arc<OnceLock<Proxy>> = Arc::default();
    let proxy = back.clone();
    let client = Client::builder(endpoint)
        .callback_handler("ICallback", move |call: InboundCall| {
            ping_pong(call, proxy.get().expect("the proxy was made before any call"));
        })
        .connect()
        .unwrap();
    let service = client.proxy("IService").unwrap();
    back.set(service.clone()).expect("set once");
    (client, service)
}

fn nesting_host(endpoint: &str) -> Host {
    duplex_host(endpoint, |_, callback| {
        Ok(Some(Arc::new(move |call: InboundCall| ping_pong(call, &callback))))
    })
}

#[test]
fn calls_nest_to_depth_32_from_8_threads_on_one_connection() {
    if let Some(endpoint) = process::role() {
        let host = nesting_host(&endpoint);
        process::tell(&host.endpoints()[0]);
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        for endpoint in [pipe("nested"), "tcp://127.0.0.1:0".into()] {
            let test = "duplex::calls_nest_to_depth_32_from_8_threads_on_one_connection";
            let mut host = Process::start(test, &endpoint);
            let (client, service) = nesting_client(&host.hear());
            let together = Barrier::new(8);
            thread::scope(|scope| {
                for _ in 0..8 {
                    let (service, together) = (service.clone(), &together);
                    scope.spawn(move || {
                        for _ in 0..20 {
                            together.wait();
                            assert_eq!(service.call::<i64>("Run", &(32,)).unwrap(), 32);
                        }
                    });
                }
            });
            assert_eq!(client.connection().unwrap().generation(), 1);
            client.close().unwrap();
        }
    });
}

#[test]
fn too_deep_a_nesting_is_refused_and_harms_nothing() {
    watched(LIMIT, || {
        let host = nesting_host(&pipe("deep"));
        let (client, service) = nesting_client(&host.endpoints()[0].to_string());
        let error = service.call::<i64>("Run", &(80,)).unwrap_err();
        assert_eq!(error.status(), Status::LimitExceeded, "{error}");
        assert_eq!(service.call::<i64>("Run", &(32,)).unwrap(), 32);
        client.close().unwrap();
    });
}

#[test]
fn a_factory_that_waits_for_itself_is_told() {
    watched(LIMIT, || {
        let host = duplex_host(&pipe("itself"), |_, callback| {
            let seen: String = callback.call("CallBack", &())?;
            Ok(Some(Arc::new(move |call: InboundCall| drop(call.reply(&seen)))))
        });
        let back: Arc<OnceLock<Proxy>> = Arc::default();
        let proxy = back.clone();
        let client = Client::builder(&host.endpoints()[0].to_string())
            .callback_handler("ICallback", move |call: InboundCall| {
                let service = proxy.get().expect("the proxy was made before any call");
                let error = service.call::<String>("Run", &()).expect_err("a deadlock");
                call.reply(error.status().name()).ok();
            })
            .connect()
            .unwrap();
        let service = client.proxy("IService").unwrap();
        back.set(service.clone()).expect("set once");
        assert_eq!(service.call::<String>("Run", &()).unwrap(), "would deadlock");
        client.close().unwrap();
    });
}

#[test]
fn aliases_lead_to_the_interface_meant_on_both_sides() {
    watched(LIMIT, || {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = asked.clone();
        let host = Host::builder()
            .endpoint(&pipe("alias"))
            .interface_alias("Old.", "New.IOther")
            .interface_alias("Old.IService", "New.IService")
            .delegate_factory(move |interface, connection| {
                seen.lock().unwrap().push(interface.into());
                let callback = connection.proxy("Old.ICallback")?;
                Ok(Some(Arc::new(move |call: InboundCall| {
                    serve(call, |_, number| callback.call("Double", &(number,)));
                })))
            })
            .start()
            .unwrap();
        let client = Client::builder(&host.endpoints()[0].to_string())
            .interface_alias("Old.ICall", "ICallback")
            .callback_handler("ICallback", |call: InboundCall| serve(call, |_, n| Ok(2 * n)))
            .connect()
            .unwrap();
        for name in ["Old.IServiceV1", "Old.IService", "New.IService", "Old.IServiceV1"] {
            assert_eq!(client.proxy(name).unwrap().call::<i64>("Run", &(3,)).unwrap(), 6);
        }
        assert_eq!(*asked.lock().unwrap(), ["New.IService"], "one delegate serves all its names");
    });
}

#[test]
fn a_factory_can_refuse() {
    watched(LIMIT, || {
        let host = duplex_host(&pipe("refuse"), |connection, _| {
            let peer = connection.peer();
            let user_is_known = peer.user.is_some();
            assert!(user_is_known && peer.pid.is_some(), "the peer is known");
            Err(Error::new(Status::AccessDenied, "not for you"))
        });
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let service = client.proxy("IService").unwrap();
        let error = service.call::<i64>("Run", &(1,)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::AccessDenied, Execution::NotRun));
    });
}

#[test]
fn a_clients_factory_serves_what_no_handler_does_once_for_each_connection() {
    watched(LIMIT, || {
        let host = duplex_host(&pipe("client-factory"), |connection, handled| {
            let made = connection.proxy("IMade")?;
            let unknown = connection.proxy("IUnknown")?;
            Ok(Some(Arc::new(move |call: InboundCall| {
                serve(call, |_, number| {
                    let refused = unknown.call::<i64>("Double", &(number,)).unwrap_err();
                    assert_eq!(refused.status(), Status::ContractMismatch);
                    let made: i64 = made.call("Triple", &(number,))?;
                    Ok(made + handled.call::<i64>("Double", &(number,))?)
                });
            })))
        });
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let note = asked.clone();
        let client = Client::builder(&host.endpoints()[0].to_string())
            .callback_handler("ICallback", |call: InboundCall| {
                serve(call, |_, number| Ok(2 * number));
            })
            .delegate_factory(move |interface, _| {
                note.lock().unwrap().push(interface.to_owned());
                Ok((interface == "IMade").then(|| {
                    Arc::new(|call: InboundCall| serve(call, |_, number| Ok(3 * number)))
                        as Arc<dyn Delegate>
                }))
            })
            .connect()
            .unwrap();
        let service = client.proxy("IService").unwrap();
        for _ in 0..2 {
            assert_eq!(service.call::<i64>("Sum", &(7,)).unwrap(), 35);
        }
        assert_eq!(*asked.lock().unwrap(), ["IUnknown", "IMade"]);
    });
}
