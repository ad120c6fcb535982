//! Processes that are killed, or crash, at the worst moments.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::gate::eventually;
use crate::support::process::{self, Process};
use crate::support::{calculator, calculator_host, unique, watched};
use callgate::{
    CallOptions, Client, Connection, Execution, Host, InboundCall, Limits, Result, Status,
};

const LIMIT: Duration = Duration::from_secs(120);

/// Never returns: the process is killed here.
fn await_death(place: &str) -> ! {
    process::tell(place);
    loop {
        std::thread::park();
    }
}

fn client_of(endpoint: &str) -> Client {
    let mut limits = Limits::default();
    limits.connection_timeout = LIMIT;
    limits.call_timeout = Some(LIMIT);
    Client::builder(endpoint)
        .callback_handler("ICalculator", calculator)
        .limits(limits)
        .connect()
        .unwrap()
}

/// A host with one place to die, or none.
fn host(endpoint: &str, dies: &'static str) -> Host {
    calculator_host(endpoint)
        .delegate("IMortal", move |connection: &Connection| {
            if dies == "factory" {
                await_death("factory");
            }
            let back = connection.proxy("ICalculator").unwrap();
            move |call: InboundCall| {
                let sum: i64 = back.call("Add", &(1, 2)).unwrap();
                if call.method() == dies {
                    await_death("delegate");
                }
                call.reply(&sum).ok();
            }
        })
        .start()
        .unwrap()
}

#[test]
fn a_host_killed_inside_a_factory_or_a_delegate_costs_one_call() {
    const TEST: &str = "deaths::a_host_killed_inside_a_factory_or_a_delegate_costs_one_call";
    if let Some(role) = process::role() {
        let (dies, endpoint) = role.split_once(' ').unwrap();
        let _host = host(endpoint, if dies == "factory" { "factory" } else { "Die" });
        process::tell("listening");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        for dies in ["factory", "delegate"] {
            let endpoint = format!("pipe://{}", unique("deaths"));
            let mut child = Process::start(TEST, &format!("{dies} {endpoint}"));
            assert_eq!(child.hear(), "listening");
            let client = client_of(&endpoint);
            let mortal = client.proxy("IMortal").unwrap();
            std::thread::scope(|scope| {
                let call = scope.spawn(|| mortal.call::<i64>("Die", &()));
                assert_eq!(child.hear(), dies);
                child.kill();
                let error = call.join().unwrap().unwrap_err();
                assert_eq!(error.status(), Status::ChannelFaulted, "{error:?}");
                assert_eq!(error.execution(), Execution::Unknown, "{error:?}");
            });
            let successor = host(&endpoint, "");
            assert_eq!(mortal.call::<i64>("Die", &()).unwrap(), 3);
            client.close().unwrap();
            successor.close().unwrap();
        }
    });
}

/// The host is killed while the client's routine waits for its reply. The call that waits for the routine
/// is made with the next host, or has an error that says that it did not run.
#[test]
fn a_host_killed_inside_an_initialisation_routine_is_succeeded() {
    const TEST: &str = "deaths::a_host_killed_inside_an_initialisation_routine_is_succeeded";
    if let Some(endpoint) = process::role() {
        let _host = host(&endpoint, "LogIn");
        process::tell("listening");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("deaths"));
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let client = client_of(&endpoint);
        let log_in = |proxy: &callgate::Proxy| proxy.call::<i64>("LogIn", &()).map(drop);
        let mortal = client.proxy_with_initialisation("IMortal", log_in).unwrap();
        let mortal = &mortal;
        std::thread::scope(|scope| {
            // So that a call which waits for the dead routine fails before the watchdog does.
            let soon = CallOptions::timeout(LIMIT / 6);
            let call = scope.spawn(move || mortal.call_with::<i64>("Work", &(), &soon));
            assert_eq!(child.hear(), "delegate");
            child.kill();
            let successor = host(&endpoint, "");
            match call.join().unwrap() {
                Ok(sum) => assert_eq!(sum, 3),
                Err(error) => {
                    assert_ne!(error.status(), Status::TimedOut, "{error:?}");
                    assert_eq!(error.execution(), Execution::NotRun, "{error:?}");
                }
            }
            assert_eq!(mortal.call::<i64>("Work", &()).unwrap(), 3);
            client.close().unwrap();
            successor.close().unwrap();
        });
    });
}

#[test]
fn a_client_killed_inside_a_callback_or_a_routine_leaves_nothing_at_its_host() {
    const TEST: &str =
        "deaths::a_client_killed_inside_a_callback_or_a_routine_leaves_nothing_at_its_host";
    if let Some(role) = process::role() {
        let (dies, endpoint) = role.split_once(' ').unwrap();
        return die_as_a_client(dies, endpoint);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("deaths"));
        let host = host(&endpoint, "");
        for dies in ["callback", "routine"] {
            let mut child = Process::start(TEST, &format!("{dies} {endpoint}"));
            assert_eq!(child.hear(), dies);
            child.kill();
            eventually("the host has no connection", || host.connections().is_empty());
            let client = client_of(&endpoint);
            assert_eq!(client.proxy("IMortal").unwrap().call::<i64>("Work", &()).unwrap(), 3);
            client.close().unwrap();
        }
        host.close().unwrap();
    });
}

fn die_as_a_client(dies: &str, endpoint: &str) {
    let in_callback = dies == "callback";
    let client = Client::builder(endpoint)
        .callback_handler("ICalculator", move |call: InboundCall| match in_callback {
            true => await_death("callback"),
            false => calculator(call),
        })
        .connect()
        .unwrap();
    let routine = move |proxy: &callgate::Proxy| -> Result<()> {
        proxy.call::<i64>("LogIn", &())?;
        await_death("routine")
    };
    let mortal = client.proxy_with_initialisation("IMortal", routine).unwrap();
    mortal.call::<i64>("Work", &()).unwrap();
}

/// A host that crashes at the first call of each connection is connected to ever more seldom, however often
/// the program calls.
#[test]
fn a_host_that_crashes_at_each_first_call_is_left_in_peace() {
    watched(LIMIT, || {
        let (come, times) = mpsc::channel();
        let come = std::sync::Mutex::new(come);
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("crashing")))
            .client_connected(move |_| {
                come.lock().unwrap().send(Instant::now()).ok();
            })
            .delegate("ICrash", |_: &Connection| |call: InboundCall| call.connection().close())
            .start()
            .unwrap();
        let mut limits = Limits::default();
        limits.reconnect_backoff = Some((Duration::from_millis(2), LIMIT * 1000));
        limits.connection_timeout = LIMIT;
        let endpoint = host.endpoints()[0].to_string();
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let crash = client.proxy("ICrash").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| while !crash.call::<()>("Now", &()).is_err_and(is_closed) {});
            let times: Vec<Instant> = times.iter().take(11).collect();
            // The tenth pause is 1.6^9 times the first, plus or minus a fifth.
            let last = times[10] - times[9];
            assert!(last >= Duration::from_millis(109), "{last:?}");
            client.close().unwrap();
        });
    });
}

fn is_closed(error: callgate::Error) -> bool {
    error.status() == Status::Closed
}
