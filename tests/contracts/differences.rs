//! Deliberate differences between two traits of one interface: each is found before anything runs, and the
//! message names the place.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use callgate::{
    CallError, Client, Error, Execution, Host, InterfaceDelegate, InterfaceProxy, Result, Status,
};

use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// Serves the host's trait, and calls it through the client's.
fn refusal<D: InterfaceDelegate, P: InterfaceProxy>(
    make: fn() -> D,
    call: impl Fn(&P) -> Result<()>,
) -> Error {
    let endpoint = format!("pipe://{}", unique("differences"));
    let host = Host::builder().endpoint(&endpoint).serve(move |_| make()).start().unwrap();
    let client = Client::connect(&endpoint).unwrap();
    let proxy = P::from(client.proxy(P::INTERFACE).unwrap());
    let error = call(&proxy).unwrap_err();
    if P::INTERFACE == D::INTERFACE {
        assert_eq!(proxy.verify().unwrap_err().message(), error.message());
    }
    client.close().unwrap();
    host.close().unwrap();
    error
}

fn assert_refused(error: &Error, place: &str) {
    assert_eq!(error.status(), Status::ContractMismatch, "{error}");
    assert_eq!(error.execution(), Execution::NotRun, "{error}");
    assert!(error.message().contains(place), "{error}");
}

/// A test of two traits: the client's, and the host's, whose methods count that they run.
macro_rules! differs {
    (
        $test:ident: $place:literal,
        here { $($here:tt)* }
        there { $($there:tt)* }
        $call:expr
    ) => {
        mod $test {
            use super::*;

            static RAN: AtomicU32 = AtomicU32::new(0);

            #[allow(dead_code)]
            fn ran<T: Default>() -> T {
                RAN.fetch_add(1, Ordering::SeqCst);
                T::default()
            }

            #[allow(unused_imports)]
            mod here {
                use super::*;

                #[callgate::interface(name = "IDesk")]
                pub trait Desk { $($here)* }
            }

            #[allow(unused_imports)]
            mod there {
                use super::*;

                #[callgate::interface(name = "IDesk")]
                pub trait Desk { $($there)* }

                pub struct Served;

                impl Desk for Served {}
            }

            #[test]
            fn is_found_before_anything_runs() {
                watched(LIMIT, || {
                    let error = refusal(|| there::DeskDelegate::new(there::Served), $call);
                    assert_refused(&error, $place);
                    assert_eq!(RAN.load(Ordering::SeqCst), 0);
                });
            }
        }
    };
}

differs! {
    missing_method: "IDesk.Subtract: Subtract(int32, int32) here, no such method at the host",
    here { fn subtract(&self, a: i32, b: i32) -> i32; }
    there { fn add(&self, _a: i32, _b: i32) -> i32 { ran() } }
    |desk: &here::DeskProxy| desk.subtract(2, 1).map(drop)
}

differs! {
    arity: "IDesk.Add: 2 parameters here, 3 parameters at the host",
    here { fn add(&self, a: i32, b: i32) -> i32; }
    there { fn add(&self, _a: i32, _b: i32, _c: i32) -> i32 { ran() } }
    |desk: &here::DeskProxy| desk.add(1, 2).map(drop)
}

differs! {
    type_of_a_parameter: "IDesk.Add, parameter 2 (b): int64 here, string at the host",
    here { fn add(&self, a: i64, b: i64) -> i64; }
    there { fn add(&self, _a: i64, _b: &str) -> i64 { ran() } }
    |desk: &here::DeskProxy| desk.add(1, 2).map(drop)
}

differs! {
    width: "IDesk.Add, parameter 1 (a): int64 here, int32 at the host",
    here { fn add(&self, a: i64) -> i64; }
    there { fn add(&self, _a: i32) -> i64 { ran() } }
    |desk: &here::DeskProxy| desk.add(1).map(drop)
}

differs! {
    width_of_a_result: "IDesk.Add, result: uint32 here, uint64 at the host",
    here { fn add(&self, a: u32) -> u32; }
    there { fn add(&self, _a: u32) -> u64 { ran() } }
    |desk: &here::DeskProxy| desk.add(1).map(drop)
}

differs! {
    one_way_here: "IDesk.Log: one-way here, with a reply at the host",
    here { #[one_way] fn log(&self, line: &str); }
    there { fn log(&self, _line: &str) { ran() } }
    |desk: &here::DeskProxy| desk.log("hello")
}

differs! {
    one_way_there: "IDesk.Log: with a reply here, one-way at the host",
    here { fn log(&self, line: &str); }
    there { #[one_way] fn log(&self, _line: &str) { ran() } }
    |desk: &here::DeskProxy| desk.log("hello")
}

differs! {
    optional_parameter: "IDesk.Add, parameter 1 (a): null here, int32 at the host",
    here { fn add(&self, a: Option<i32>) -> i32; }
    there { fn add(&self, _a: i32) -> i32 { ran() } }
    |desk: &here::DeskProxy| desk.add(Some(1)).map(drop)
}

differs! {
    optional_result: "IDesk.Find, result: string here, null at the host",
    here { fn find(&self, key: &str) -> String; }
    there { fn find(&self, _key: &str) -> Option<String> { ran() } }
    |desk: &here::DeskProxy| desk.find("key").map(drop)
}

differs! {
    overload: "IDesk.Add: Add(Add_Double_Double) here, \
               only Add(Add_Int32_Int32) and Add(Add_String_String) at the host",
    here {
        #[method(name = "Add", signature = "Add_Double_Double")]
        fn add(&self, a: f64, b: f64) -> f64;
    }
    there {
        #[method(name = "Add", signature = "Add_Int32_Int32")]
        fn add(&self, _a: i32, _b: i32) -> i32 { ran() }
        #[method(name = "Add", signature = "Add_String_String")]
        fn join(&self, _a: &str, _b: &str) -> String { ran() }
    }
    |desk: &here::DeskProxy| desk.add(1.0, 2.0).map(drop)
}

differs! {
    bytes: "IDesk.Store, parameter 1 (data): binary here, string at the host",
    here { fn store(&self, data: &[u8]); }
    there { fn store(&self, _data: &str) { ran() } }
    |desk: &here::DeskProxy| desk.store(b"abc")
}

/// An error type with one error beside all others.
macro_rules! failing {
    ($name:ident) => {
        #[derive(Debug, CallError)]
        pub enum Failure {
            $name(String),
            #[call_error(other)]
            Other(Error),
        }
    };
}

mod full {
    use super::*;
    failing!(Full);
}

mod crowded {
    use super::*;
    failing!(Crowded);
}

differs! {
    error: "IDesk.Enter, errors: Full here, Crowded at the host",
    here { fn enter(&self) -> std::result::Result<u32, full::Failure>; }
    there { fn enter(&self) -> std::result::Result<u32, crowded::Failure> { Ok(ran()) } }
    |desk: &here::DeskProxy| match desk.enter() {
        Err(full::Failure::Other(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

mod renamed {
    //! The host has another name for the interface, and says which it has.

    use super::*;

    #[callgate::interface(name = "MySoftware.ICounter")]
    pub trait Counter {
        fn count(&self) -> u32;
    }

    #[callgate::interface(name = "YourSoftware.ICounter")]
    pub trait YourCounter {
        fn count(&self) -> u32;
    }

    struct Served;

    impl YourCounter for Served {
        fn count(&self) -> u32 {
            unreachable!("nothing runs")
        }
    }

    #[test]
    fn the_message_names_what_is_served() {
        watched(LIMIT, || {
            let error = refusal(
                || YourCounterDelegate::new(Served),
                |counter: &CounterProxy| counter.count().map(drop),
            );
            assert_refused(
                &error,
                "interface 'MySoftware.ICounter' is not served here; what is served: 'YourSoftware.ICounter'",
            );
        });
    }
}

mod callback {
    //! What the host calls back is not what the client serves.

    use std::sync::Arc;

    use super::*;

    #[callgate::interface(name = "IWorker")]
    pub trait Worker {
        fn work(&self);
    }

    #[callgate::interface(name = "IProgress")]
    pub trait Progress {
        fn report(&self, fraction: f64);
    }

    /// The same interface as the client knows it.
    #[callgate::interface(name = "IProgress")]
    pub trait Percentage {
        fn report(&self, percent: u8);
    }

    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicU32>);

    impl Worker for Counted {
        fn work(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Percentage for Counted {
        fn report(&self, _: u8) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn is_compared_with_the_clients() {
        watched(LIMIT, || {
            let (endpoint, ran) = (format!("pipe://{}", unique("callback")), Counted::default());
            let served = ran.clone();
            let host = Host::builder()
                .endpoint(&endpoint)
                .serve_duplex(move |_, _: ProgressProxy| WorkerDelegate::new(served.clone()))
                .start()
                .unwrap();
            let serving = PercentageDelegate::new(ran.clone());
            let client = Client::builder(&endpoint).callback(serving).connect().unwrap();
            let error = WorkerProxy::new(&client).unwrap().work().unwrap_err();
            let place = "IProgress.Report, parameter 1 (fraction): uint8 here, float64 at the host";
            assert_refused(&error, place);
            assert_eq!(ran.0.load(Ordering::SeqCst), 0);
            client.close().unwrap();

            // A client that does not serve it can call what does not call back.
            let client = Client::connect(&endpoint).unwrap();
            WorkerProxy::new(&client).unwrap().work().unwrap();
            client.close().unwrap();
            host.close().unwrap();
        });
    }
}
