//! The files that programs record to.

use std::fs;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::process::Command;
use std::sync::mpsc;

use callgate::{Client, Host, Status, Trace};

use crate::support::{builder, callgate, callgate_with, host, tool, unique, File, LIMIT};
use crate::traces::{events, of_kind, recording_host, Folder};

const SECRET: &str = "a secret of the program";

#[test]
fn without_payloads_neither_arguments_nor_results_are_in_the_file() {
    let folder = Folder::new("secret");
    let file = folder.file("trace");
    let (host, endpoint) = recording_host("secret", Trace::to_file(&file));
    callgate(&["call", &endpoint, "ITypes.EchoText", &format!("\"{SECRET}\"")]).succeeded();
    // Large enough to be sent in parts.
    let large = File::new("large", SECRET.repeat(40_000));
    let argument = format!("\"{}\"", SECRET.repeat(2000));
    callgate(&["call", &endpoint, "ITypes.EchoText", &argument]).succeeded();
    let client = Client::connect(&endpoint).unwrap();
    let content = fs::read_to_string(&large.0).unwrap();
    let echoed: String = client.proxy("ITypes").unwrap().call("EchoText", &(&content,)).unwrap();
    assert_eq!(echoed.len(), content.len());
    client.close().unwrap();
    host.close().unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|it| it == SECRET.as_bytes()));
    let events = events(&file);
    let largest = of_kind(&events, "call").into_iter().map(|it| it["bytes"].as_u64().unwrap());
    assert!(largest.max().unwrap() > content.len() as u64);
    assert_eq!(of_kind(&events, "reply").len(), of_kind(&events, "call").len());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_exists_is_never_written_to() {
    let folder = Folder::new("taken");
    let (taken, link, loose) =
        (folder.file("taken"), folder.file("link"), folder.file("loose-link"));
    fs::write(&taken, "mine").unwrap();
    symlink(&taken, &link).unwrap();
    symlink(folder.file("absent"), &loose).unwrap();
    for name in [&taken, &link, &loose] {
        let endpoint = format!("pipe://{}", unique("taken"));
        let error = builder(&endpoint).trace(Trace::to_file(name)).start().err().expect("refused");
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().contains(name.as_str()), "{error}");
        let client = Client::builder(&endpoint).trace(Trace::to_file(name)).connect();
        assert_eq!(client.err().expect("refused").status(), Status::InvalidArgument);
    }
    // By the environment the program goes on without.
    let (_host, endpoint) = host("taken");
    for name in [&taken, &link, &loose] {
        callgate_with(("CALLGATE_TRACE", name), &["ping", &endpoint, "-c1"]).succeeded();
    }
    assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
    assert_eq!(folder.names(), ["link", "loose-link", "taken"]);
}

#[test]
fn processes_and_clients_with_one_setting_have_files_of_their_own() {
    let folder = Folder::new("own");
    let (_host, endpoint) = host("own");
    let name = folder.path().to_str().unwrap();
    for _ in 0..2 {
        callgate_with(("CALLGATE_TRACE", name), &["ping", &endpoint, "-c1"]).succeeded();
    }
    let clients = [(); 2].map(|()| {
        let trace = Trace::to_file(folder.file("mine-%n"));
        Client::builder(&endpoint).trace(trace).connect().unwrap()
    });
    for client in clients {
        client.close().unwrap();
    }
    let names = folder.names();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(names.iter().filter(|it| it.ends_with("-1.pcapng")).count(), 2, "{names:?}");
}

#[test]
fn recording_stops_at_the_limit_and_the_host_goes_on() {
    let folder = Folder::new("limit");
    let file = folder.file("trace");
    let endpoint = format!("pipe://{}", unique("limit"));
    let (log, lines) = mpsc::channel();
    let host: Host = builder(&endpoint)
        .trace(Trace::to_file(&file).payloads(true).limit(4000))
        .log(move |event| drop(log.send(event.message.to_string())))
        .start()
        .unwrap();
    let client = Client::connect(&endpoint).unwrap();
    let proxy = client.proxy("ITypes").unwrap();
    for number in 0..100 {
        assert_eq!(proxy.call::<i32>("EchoInt", &(number,)).unwrap(), number);
    }
    client.close().unwrap();
    host.close().unwrap();
    assert!(fs::metadata(&file).unwrap().len() <= 4000);
    let events = events(&file);
    assert_eq!(events.last().unwrap()["event"], "stop");
    assert!(of_kind(&events, "reply").len() > 2);
    let mut told = std::iter::from_fn(|| lines.recv_timeout(LIMIT).ok());
    let told = told.find(|line| line.contains("recording")).expect("the log says it");
    assert!(told.contains("has stopped: its limit is 4000 bytes"), "{told}");
}

#[test]
fn a_program_outlives_a_file_that_cannot_grow() {
    let folder = Folder::new("full");
    let (_host, endpoint) = host("full");
    // The signal of this limit ends processes that do not expect it.
    let script = "ulimit -f 1; exec \"$0\" \"$@\"";
    let tool = tool(&["call", &endpoint, "ITypes.EchoText", &"x".repeat(20_000)]);
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(tool.get_program())
        .args(tool.get_args())
        .env("CALLGATE_TRACE", folder.file("trace"))
        .env("CALLGATE_TRACE_PAYLOADS", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout.len(), 20_003);
    assert!(fs::metadata(folder.file("trace")).unwrap().len() <= 1024);
}

#[test]
fn programs_with_more_rights_than_their_user_do_not_heed_the_environment() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return eprintln!("not root: not tested");
    }
    let folder = Folder::new("setuid");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.file("callgate");
    fs::copy(env!("CARGO_BIN_EXE_callgate"), &program).unwrap();
    let run = |name: &str| {
        let mut command = Command::new(&program);
        command.env("CALLGATE_TRACE", folder.file(name));
        let endpoint = format!("unix://{}", folder.file("nobody-listens"));
        command.args(["ping", &endpoint, "--connect-timeout=10ms"]);
        assert_eq!(command.output().unwrap().status.code(), Some(13));
    };
    run("plain");
    const NOBODY: u32 = 65_534;
    std::os::unix::fs::chown(&program, Some(NOBODY), None).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    run("setuid");
    assert_eq!(folder.names(), ["callgate", "plain"]);
}
