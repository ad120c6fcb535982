//! What a child process may do with its parent's objects, which is nothing, and how that affects the
//! parent, which is not at all.
#![cfg(unix)]

mod child;
mod scene;
#[path = "../support/mod.rs"]
mod support;

use std::thread;
use std::time::Duration;

use callgate::{
    CallOptions, Client, Connection, Error, Execution, Host, InboundCall, PendingCall, Status,
};
use child::{in_child, Leaving};
use scene::Scene;
use support::{calculator_host, sanitizer, system, unique, watched};

const LONG: Duration = Duration::from_secs(60);

fn assert_forked<T>(result: Result<T, Error>) {
    let error = result.err().expect("an error");
    assert_eq!((error.status(), error.execution()), (Status::Forked, Execution::NotRun));
}

fn started(scene: &Scene) -> PendingCall<i64> {
    let keeper = scene.client.proxy("IKeeper").unwrap();
    let pending = keeper.start("Keep", &(), &CallOptions::default()).unwrap();
    scene.arrivals.recv_timeout(LONG).unwrap();
    pending
}

/// Tries everything that calls and proxies offer.
fn try_calls(scene: &Scene, pending: PendingCall<i64>) {
    assert_forked(scene.proxy.call::<i64>("Add", &(1, 2)));
    assert_forked(scene.proxy.one_way("Add", &(1, 2)));
    assert_forked(scene.proxy.start::<i64>("Add", &(1, 2), &CallOptions::default()));
    assert!(pending.is_done() && pending.wait_for(LONG));
    assert_forked(pending.wait());
    scene.token.cancel();
}

/// Tries everything that clients, hosts and connections offer.
fn try_owners(scene: &Scene, connection: &Connection) {
    let Scene { client, host, .. } = scene;
    assert_forked(client.wait_connected(None));
    assert_forked(client.proxy("ICalculator"));
    assert_forked(client.proxy_with_initialisation("ICalculator", |_| Ok(())));
    assert_forked(client.flush(LONG));
    assert!(client.connection().is_none());
    assert_forked(client.close());
    assert_forked(client.wait_closed(None));
    assert_forked(host.wait(None));
    assert_forked(host.close());
    assert!(host.connections().is_empty());
    assert!(!connection.is_open());
    assert_forked(connection.proxy("ICalculator"));
    assert_forked(connection.flush(LONG));
    connection.close();
}

/// Tries everything that a call waiting for its reply offers, and drops others.
fn try_inbound(mut calls: Vec<InboundCall>) {
    let call = calls.pop().unwrap();
    assert!(call.is_cancelled() && call.wait_cancelled(None));
    assert_eq!(call.method(), "Keep");
    assert_forked(call.reply(&1));
    assert_forked(calls.pop().unwrap().fail(Error::new(Status::Internal, "no")));
    drop(calls);
}

/// A host and a client made in the child, used by several threads.
fn use_new_ones(name: &str) {
    let pipe = format!("pipe://{}", unique(name));
    let host = calculator_host(&pipe).start().unwrap();
    let client = Client::connect(&pipe).unwrap();
    let callers = [(); 6].map(|()| {
        let proxy = client.proxy("ICalculator").unwrap();
        thread::spawn(move || {
            for _ in 0..200 {
                assert_eq!(proxy.call::<i64>("Add", &(20, 22)).unwrap(), 42);
            }
        })
    });
    for caller in callers {
        caller.join().unwrap();
    }
    client.close().unwrap();
    host.close().unwrap();
}

#[test]
fn in_a_child_everything_of_the_parent_fails_at_once_and_the_parent_goes_on() {
    watched(LONG, || {
        let scene = Scene::new("objects");
        let connection = scene.client.connection().unwrap();
        for round in 0..10 {
            let leaving = if round % 2 == 0 { Leaving::AtOnce } else { Leaving::Exit };
            let mut pending = Some(started(&scene));
            let came_through = in_child(leaving, || {
                try_calls(&scene, pending.take().unwrap());
                try_owners(&scene, &connection);
                try_inbound(scene.kept.try_lock().unwrap().drain(..).collect());
            });
            assert!(came_through, "the child of round {round} ({leaving:?}) failed or hung");
        }
        scene.check_unharmed();
    });
}

#[test]
fn dropping_the_parents_objects_tells_nobody() {
    watched(LONG, || {
        let scene = Scene::new("drop");
        let connection = scene.client.connection().unwrap();
        let mut whole = Some((scene, connection));
        for leaving in [Leaving::AtOnce, Leaving::Exit] {
            assert!(in_child(leaving, || {
                let (scene, connection) = whole.take().unwrap();
                scene.drop_in_child();
                drop(connection);
            }));
        }
        let (scene, connection) = whole.unwrap();
        assert!(connection.is_open());
        scene.check_unharmed();
    });
}

#[test]
fn dropping_the_last_handle_in_a_child_does_nothing_there() {
    watched(LONG, || {
        let pipe = format!("pipe://{}", unique("last"));
        let mut host = Some(calculator_host(&pipe).start().unwrap());
        let mut client = Some(Client::connect(&pipe).unwrap());
        let proxy = client.as_ref().unwrap().proxy("ICalculator").unwrap();
        assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        let mut proxy = Some(proxy);
        assert!(in_child(Leaving::AtOnce, || {
            drop((client.take(), proxy.take()));
            drop(host.take());
            // If handles were used up, closing would start threads.
            assert_eq!(system::own_library_threads(), Vec::<String>::new());
        }));
        assert_eq!(proxy.unwrap().call::<i64>("Add", &(1, 2)).unwrap(), 3);
        client.unwrap().close().unwrap();
        host.unwrap().close().unwrap();
    });
}

#[test]
fn new_objects_work_in_a_child_and_in_its_child() {
    if sanitizer::leaves_out_threads_after_fork() {
        return;
    }
    watched(LONG, || {
        let scene = Scene::new("new");
        for _ in 0..10 {
            let came_through = in_child(Leaving::Exit, || {
                use_new_ones("child");
                let pipe = format!("pipe://{}", unique("grandchild"));
                let host = calculator_host(&pipe).start().unwrap();
                assert!(in_child(Leaving::Exit, || {
                    assert_forked(host.close());
                    assert_forked(scene.client.close());
                    use_new_ones("grandchild");
                }));
                host.close().unwrap();
            });
            assert!(came_through);
        }
        scene.check_unharmed();
    });
}

#[test]
fn a_child_keeps_no_copy_of_the_parents_descriptors() {
    watched(LONG, || {
        let scene = Scene::new("descriptors");
        let name = scene.pipe.strip_prefix("pipe://").unwrap();
        let socket = system::pipe_socket(name).unwrap();
        let lock = format!("{}.lock", socket.display());
        assert!(system::own_descriptors().contains(&lock));
        assert!(in_child(Leaving::AtOnce, || {
            let left = system::own_descriptors();
            let ours = |target: &&String| {
                target.starts_with("socket:") || target.contains("eventfd") || **target == lock
            };
            assert_eq!(left.iter().filter(ours).count(), 0, "{left:?}");
        }));
        scene.check_unharmed();
    });
}

#[test]
fn a_delegate_may_fork() {
    watched(LONG, || {
        let pipe = format!("pipe://{}", unique("delegate"));
        let has_threads = !sanitizer::leaves_out_threads_after_fork();
        let forking = move |_: &Connection| {
            move |call: InboundCall| {
                let mut call = Some(call);
                let came_through = in_child(Leaving::AtOnce, || {
                    let call = call.take().unwrap();
                    assert_forked(call.connection().proxy("ICalculator"));
                    assert_forked(call.reply(&false));
                    if has_threads {
                        use_new_ones("inside");
                    }
                });
                call.unwrap().reply(&came_through).unwrap();
            }
        };
        let host = Host::builder().endpoint(&pipe).delegate("IForking", forking).start().unwrap();
        let client = Client::connect(&pipe).unwrap();
        let proxy = client.proxy("IForking").unwrap();
        assert!(proxy.call::<bool>("Fork", &()).unwrap());
        client.close().unwrap();
        host.close().unwrap();
    });
}
