//! The steps of scenarios in Rust: README.md describes them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate::{CallOptions, CancelToken, Error, Execution, Proxy, Status};
use rmpv::Value;

use crate::client::{equal, words, Outcome, Scenario};
use crate::describe::{describe, native};

const PATIENCE: Duration = Duration::from_secs(20);

pub fn play(it: &Scenario) -> Outcome {
    match it.text("steps")? {
        "call" => call(it),
        "value" => value(it),
        "one-way-order" => one_way_order(it),
        "later" => later(it),
        "reconnect" => reconnect(it),
        "reconnect-initialised" => reconnect_initialised(it),
        "deadline" => ends_in_time(it, "Wait"),
        "notified" => ends_in_time(it, "Hold"),
        "half-result" => half_result(it),
        "cancel" => cancel(it),
        "closed" => closed(it),
        "large" => large(it),
        "meet" => meet(it),
        "gather" => gather(it),
        "threads" => threads(it),
        steps => Err(format!("'{steps}' are no steps")),
    }
}

fn call(it: &Scenario) -> Outcome {
    let mut options = CallOptions::default();
    options.signature = it.field("signature").map(Into::into);
    let proxy = it.proxy(it.text("interface")?)?;
    let Value::Array(arguments) = native(it.text("arguments")?)? else {
        return Err("arguments are an array".into());
    };
    let outcome = proxy.call_with::<Value>(it.text("method")?, &arguments, &options);
    match (outcome, it.field("result"), it.field("status")) {
        (Ok(result), Some(expected), _) => equal(expected, &describe(&result)),
        (Err(error), _, Some(status)) => fails_as(it, status, &error),
        (Ok(result), ..) => Err(format!("{} instead of an error", describe(&result))),
        (Err(error), ..) => Err(words(error)),
    }
}

fn fails_as(it: &Scenario, status: &str, error: &Error) -> Outcome {
    equal(status, error.status().name())?;
    let execution = error.execution().to_string();
    let type_name = error.remote().map(|remote| remote.type_name.as_str()).unwrap_or_default();
    let actual = [("execution", &*execution), ("type", type_name), ("message", error.message())];
    for (field, actual) in actual {
        if let Some(expected) = it.field(field) {
            equal(expected, actual)?;
        }
    }
    Ok(())
}

fn value(it: &Scenario) -> Outcome {
    let (values, held, text) = (it.proxy("IValues")?, native(it.text("value")?)?, it.text("text")?);
    equal(text, &describe(&held))?;
    let there: String = values.call("Describe", &(&held,)).map_err(words)?;
    equal(text, &there)?;
    let echo: Value = values.call("Echo", &(&held,)).map_err(words)?;
    equal(text, &describe(&echo))
}

fn one_way_order(it: &Scenario) -> Outcome {
    let (journal, count) = (it.proxy("IJournal")?, it.number("count")?);
    for number in 0..count {
        journal.one_way("Note", &(number,)).map_err(words)?;
    }
    let noted: Vec<usize> = journal.call("Read", &()).map_err(words)?;
    equal((0..count).collect(), noted)
}

fn later(it: &Scenario) -> Outcome {
    let number = it.number("number")?;
    it.proxy("IDuplex")?.call::<()>("Later", &(number,)).map_err(words)?;
    equal(number as i64, it.arrived.recv_timeout(PATIENCE).map_err(words)?)
}

/// Makes the host drop the connection.
fn drop_connection(session: &Proxy) -> Outcome {
    let outcome = session.call::<()>("Drop", &()).map_err(|error| error.status());
    equal(Err(Status::ChannelFaulted), outcome)
}

fn reconnect(it: &Scenario) -> Outcome {
    let journal = it.proxy("IJournal")?;
    journal.call::<()>("Note", &(1,)).map_err(words)?;
    drop_connection(&it.proxy("ISession")?)?;
    equal(Vec::<i64>::new(), journal.call("Read", &()).map_err(words)?)
}

fn reconnect_initialised(it: &Scenario) -> Outcome {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let session = it.client.proxy_with_initialisation("ISession", move |session| {
        counted.fetch_add(1, Ordering::SeqCst);
        session.call("LogIn", &("Ada",))
    });
    let session = session.map_err(words)?;
    equal("Ada".into(), session.call::<String>("WhoAmI", &()).map_err(words)?)?;
    drop_connection(&session)?;
    equal("Ada".into(), session.call::<String>("WhoAmI", &()).map_err(words)?)?;
    equal(2, runs.load(Ordering::SeqCst))
}

/// Calls repeatedly until the method returns 1.
fn eventually_one(proxy: &Proxy, method: &str) -> Outcome {
    let end = Instant::now() + PATIENCE;
    while proxy.call::<u32>(method, &()).map_err(words)? != 1 {
        if Instant::now() > end {
            return Err(format!("{method} does not become 1"));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Waits for less time than the call takes.
fn call_in_vain(it: &Scenario, slow: &Proxy, method: &str) -> Outcome {
    let timeout = Duration::from_millis(it.number("timeout_ms")? as u64);
    let outcome = slow.call_with::<()>(method, &(), &CallOptions::timeout(timeout));
    equal(Err(Status::TimedOut), outcome.map_err(|error| error.status()))
}

fn ends_in_time(it: &Scenario, method: &str) -> Outcome {
    let slow = it.proxy("ISlow")?;
    // Connects, so that the deadline ends the call where it runs.
    slow.call::<u32>("Cancelled", &()).map_err(words)?;
    call_in_vain(it, &slow, method)?;
    eventually_one(&slow, "Cancelled")
}

fn half_result(it: &Scenario) -> Outcome {
    let slow = it.proxy("ISlow")?;
    (0..it.number("times")?).try_for_each(|_| call_in_vain(it, &slow, "Wait"))
}

fn cancel(it: &Scenario) -> Outcome {
    let slow = it.proxy("ISlow")?;
    let token = CancelToken::new();
    let mut options = CallOptions::default();
    options.cancel = Some(token.clone());
    let (begun, outcome) = thread::scope(|scope| {
        let waits = scope.spawn(|| slow.call_with::<()>("Wait", &(), &options));
        let begun = eventually_one(&slow, "Waiting");
        token.cancel();
        (begun, waits.join().expect("no panic"))
    });
    begun?;
    equal(Err(Status::Cancelled), outcome.map_err(|error| error.status()))?;
    eventually_one(&slow, "Cancelled")
}

fn closed(it: &Scenario) -> Outcome {
    let calculator = it.proxy("ICalculator")?;
    it.client.close().map_err(words)?;
    let outcome = calculator.call::<i64>("Add", &(1, 2));
    let why = outcome.map_err(|error| (error.status(), error.execution()));
    equal(Err((Status::Closed, Execution::NotRun)), why)
}

fn large(it: &Scenario) -> Outcome {
    let bytes = (0..it.number("bytes")?).map(|i| ((31 * i + i / 65536) % 256) as u8).collect();
    let sent = Value::Binary(bytes);
    let echo: Value = it.proxy("IValues")?.call("Echo", &(&sent,)).map_err(words)?;
    if echo != sent {
        return Err("other bytes came back".into());
    }
    Ok(())
}

/// Does the same on several threads, each of which knows its number.
fn in_threads(count: usize, work: impl Fn(usize) -> Outcome + Sync) -> Outcome {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|t| scope.spawn(move || work(t))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })
}

fn meet(it: &Scenario) -> Outcome {
    let (slow, count) = (it.proxy("ISlow")?, it.number("threads")?);
    in_threads(count, |_| slow.call("Meet", &(count,)).map_err(words))
}

fn gather(it: &Scenario) -> Outcome {
    let (gathering, count) = (it.proxy("IGathering")?, it.number("calls")?);
    let options = CallOptions::default();
    let start = |i| gathering.start::<usize>("Gather", &(count, i), &options);
    let started: Result<Vec<_>, _> = (0..count).map(start).collect();
    for (i, call) in started.map_err(words)?.into_iter().enumerate() {
        equal(i, call.wait().map_err(words)?)?;
    }
    Ok(())
}

fn threads(it: &Scenario) -> Outcome {
    let (calculator, duplex) = (it.proxy("ICalculator")?, it.proxy("IDuplex")?);
    let calls = it.number("calls")?;
    in_threads(it.number("threads")?, |thread| {
        for i in 0..calls {
            equal(thread + i, calculator.call("Add", &(thread, i)).map_err(words)?)?;
            equal(2 * i, duplex.call("Double", &(i,)).map_err(words)?)?;
        }
        Ok(())
    })
}
