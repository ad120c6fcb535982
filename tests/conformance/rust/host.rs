//! The Rust host of the conformance matrix.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::thread;

use callgate::{Connection, Delegate, Error, Host, InboundCall, Proxy, Result};
use rmpv::Value;

use crate::describe::describe;
use crate::serve::reply;
use crate::slow::Slow;

/// A delegate from a function that serves a call. If its reply cannot be sent, so can no error.
pub fn delegate(
    serve: impl Fn(InboundCall) -> Result<()> + Send + Sync + 'static,
) -> impl Delegate {
    move |call: InboundCall| {
        serve(call).ok();
    }
}

fn calculator(call: InboundCall) -> Result<()> {
    match call.method() {
        "Add" => reply(call, |(a, b): (i64, i64)| Ok(a + b)),
        _ => call.fail_no_method(),
    }
}

#[callgate::interface]
trait Overloads {
    #[method(name = "Add", signature = "Add_Int64_Int64")]
    fn add(&self, a: i64, b: i64) -> i64;
    #[method(name = "Add", signature = "Add_String_String")]
    fn join(&self, a: String, b: &str) -> String;
}

struct Adder;

impl Overloads for Adder {
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    fn join(&self, a: String, b: &str) -> String {
        a + b
    }
}

fn values(call: InboundCall) -> Result<()> {
    match call.method() {
        "Echo" => reply(call, |(value,): (Value,)| Ok(value)),
        "Describe" => reply(call, |(value,): (Value,)| Ok(describe(&value))),
        "Int32" => reply(call, |(n,): (i32,)| Ok(n)),
        "Int64" => reply(call, |(n,): (i64,)| Ok(n)),
        "UInt64" => reply(call, |(n,): (u64,)| Ok(n)),
        _ => call.fail_no_method(),
    }
}

/// Fails in the way that its arguments describe; used by the host's `IFaults` and the client's `ICallback`.
pub fn fail((type_name, message): (String, String)) -> Result<()> {
    Err(Error::remote_error(type_name, message))
}

fn faults(call: InboundCall) -> Result<()> {
    match call.method() {
        "Fail" => reply(call, fail),
        _ => call.fail_no_method(),
    }
}

fn journal() -> impl Delegate {
    let numbers = Mutex::new(Vec::<i64>::new());
    delegate(move |call| match call.method() {
        "Note" => reply(call, |(n,): (i64,)| {
            numbers.lock().unwrap().push(n);
            Ok(())
        }),
        "Read" => call.reply(&*numbers.lock().unwrap()),
        _ => call.fail_no_method(),
    })
}

fn gathering() -> impl Delegate {
    let gathered = Mutex::new(Vec::new());
    delegate(move |call| {
        if call.method() != "Gather" {
            return call.fail_no_method();
        }
        match call.args::<(usize, i64)>() {
            Ok((count, n)) => gather(&mut gathered.lock().unwrap(), call, count, n),
            Err(error) => call.fail(error),
        }
    })
}

/// Keeps a call, and replies to all once they are complete.
fn gather(
    gathered: &mut Vec<(InboundCall, i64)>,
    call: InboundCall,
    count: usize,
    n: i64,
) -> Result<()> {
    gathered.push((call, n));
    if gathered.len() < count {
        return Ok(());
    }
    gathered.drain(..).try_for_each(|(call, n)| call.reply(&n))
}

fn session() -> impl Delegate {
    let name = Mutex::new(String::new());
    delegate(move |call| match call.method() {
        "LogIn" => reply(call, |(who,): (String,)| {
            *name.lock().unwrap() = who;
            Ok(())
        }),
        "WhoAmI" => call.reply(&*name.lock().unwrap()),
        "Drop" => {
            call.connection().close();
            call.reply(&())
        }
        _ => call.fail_no_method(),
    })
}

/// A delegate of `IDuplex`, which has called back before its first call.
fn duplex(_: &Connection, callback: Proxy) -> Result<Option<Arc<dyn Delegate>>> {
    let first: i64 = callback.call("Double", &(100,))?;
    Ok(Some(Arc::new(delegate(move |call| match call.method() {
        "First" => call.reply(&first),
        "Double" => reply(call, |(n,): (i64,)| callback.call::<i64>("Double", &(n,))),
        "Nest" => reply(call, |(depth,): (i64,)| nest(&callback, depth)),
        "Provoke" => reply(call, |arguments: (String, String)| provoke(&callback, &arguments)),
        "Later" => reply(call, |(n,): (i64,)| {
            let callback = callback.clone();
            thread::spawn(move || callback.call::<()>("Arrived", &(n,)));
            Ok(())
        }),
        _ => call.fail_no_method(),
    }))))
}

/// Nested calls: returns how deep they went.
pub fn nest(other: &Proxy, depth: i64) -> Result<i64> {
    match depth {
        0 => Ok(0),
        _ => Ok(1 + other.call::<i64>("Nest", &(depth - 1,))?),
    }
}

fn provoke(callback: &Proxy, arguments: &(String, String)) -> Result<(String, String)> {
    match callback.call::<()>("Fail", arguments) {
        Ok(()) => Err(Error::remote_error("Unexpected", "the callback has not failed")),
        Err(error) => match error.remote() {
            Some(remote) => Ok((remote.type_name.clone(), error.message().into())),
            None => Err(error),
        },
    }
}

/// Serves until standard input ends.
pub fn serve(endpoints: &[&str]) {
    let mut host = Host::builder();
    for endpoint in endpoints {
        host = host.endpoint(endpoint);
    }
    let host = host
        .delegate("ICalculator", |_| delegate(calculator))
        .serve(|_| OverloadsDelegate::new(Adder))
        .delegate("IValues", |_| delegate(values))
        .delegate("IFaults", |_| delegate(faults))
        .delegate("IJournal", |_| journal())
        .delegate("IGathering", |_| gathering())
        .delegate("ISession", |_| session())
        .delegate("ISlow", |_| {
            let slow = Slow::default();
            delegate(move |call| slow.serve(call))
        })
        .duplex_delegate_factory("IDuplex", "ICallback", duplex)
        .duplex_delegate_factory("IOldDuplex", "Old.ICallback", duplex)
        .interface_alias("Old.", "ICalculator")
        .start()
        .expect("a host");
    let endpoints: Vec<_> = host.endpoints().iter().map(ToString::to_string).collect();
    println!("ready {}", endpoints.join(" "));
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
    host.close().expect("nothing runs any more");
}
