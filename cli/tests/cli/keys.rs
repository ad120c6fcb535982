//! `keys`, and the other commands over `tls://` with what it makes.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{callgate, tool, unique, Hosting};

/// A new folder, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        Folder(std::env::temp_dir().join(unique("it's keys")))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Runs `callgate keys`, with this folder after the first argument.
    fn keys(&self, arguments: &[&str]) -> String {
        self.keys_run(arguments).succeeded()
    }

    fn keys_run(&self, arguments: &[&str]) -> crate::support::Run {
        let (command, rest) = arguments.split_first().unwrap();
        callgate(&[&["keys", command, self.path()], rest].concat())
    }

    fn fingerprint(&self, name: &str) -> String {
        callgate(&["keys", "fingerprint", &self.file(name)]).succeeded().trim_end().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A folder with an authority, a host `localhost` and a client `client`.
fn scene() -> Folder {
    let folder = Folder::new();
    folder.keys(&["authority"]);
    folder.keys(&["host", "localhost", "127.0.0.1"]);
    folder.keys(&["client", "client"]);
    folder
}

/// The last line that a command printed, as a shell reads it.
fn unquoted(printed: &str) -> String {
    shell(&format!("printf %s {}", printed.lines().last().unwrap().trim_start()))
}

/// Runs a line in a shell that finds the tool.
fn shell(line: &str) -> String {
    let program = tool(&[]).get_program().to_owned();
    let folder = PathBuf::from(program).parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    let output = command.args(["-c", line]).env("PATH", path).stdin(Stdio::null()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A demonstration on a port that the system chooses, and the commands that it prints.
fn demo(endpoint: &str) -> (Hosting, Vec<String>) {
    let demo = Hosting::start(&["demo", &endpoint.replace("0.0.0.0:4000", "127.0.0.1:0")]);
    assert_eq!(demo.line(), "Try in another terminal:");
    let commands = (0..9).map(|_| demo.line().trim_start().to_owned()).collect();
    (demo, commands)
}

/// The port in an endpoint of 127.0.0.1.
fn port(command: &str) -> &str {
    let rest = command.split_once("127.0.0.1:").unwrap().1;
    rest.split_once('?').unwrap().0
}

#[test]
fn an_authority_a_host_and_a_client_work_together() {
    let folder = Folder::new();
    let authority = folder.keys(&["authority"]);
    assert!(authority.contains("valid for 3650 days"), "{authority}");
    let host = folder.keys(&["host", "localhost", "127.0.0.1"]);
    assert!(host.contains("valid for 365 days"), "{host}");
    let client = folder.keys(&["client", "client"]);
    let host = unquoted(&host);
    assert!(host.starts_with("tls://0.0.0.0:4000?certificate=/"), "{host}");
    let (demo, commands) = demo(&host);

    // With the endpoints that the demonstration and `keys client` print.
    assert!(demo.line().contains("`callgate keys client` makes them"));
    assert_eq!(demo.line(), "Ctrl-C ends it.");
    let adding = commands.iter().find(|command| command.contains("Add 1 2")).unwrap();
    assert_eq!(shell(adding), "3\n");
    let at = |endpoint: &str| endpoint.replace("HOST:4000", &format!("localhost:{}", port(adding)));
    let client = unquoted(&client);
    let call = |endpoint: &str| callgate(&["call", &at(endpoint), "ICalculator.Add", "1", "2"]);
    assert_eq!(call(&client).succeeded(), "3\n");

    // A client of another authority, one without a certificate, and the host's certificate as a client's.
    let others = scene();
    let theirs = unquoted(&others.keys(&["client", "theirs"]));
    let trust = format!("trust={}", folder.file("authority.pem"));
    let (theirs, _) = theirs.split_once("&trust=").unwrap();
    let error = call(&format!("{theirs}&{trust}")).failed(19);
    assert!(error.contains("the peer refused this side's certificate"), "{error}");
    let error = call(&format!("tls://HOST:4000?{trust}")).failed(19);
    assert!(error.contains("set certificate= and key="), "{error}");
    call(&host.replace("0.0.0.0", "HOST")).failed(19);
    demo.interrupt();
}

#[test]
fn a_served_description_is_called_by_pinned_keys() {
    let folder = scene();
    let description = crate::support::File::new("description", crate::support::ALL_TYPES);
    let pair = |name: &str| {
        let (pem, key) = (folder.file(&format!("{name}.pem")), folder.file(&format!("{name}.key")));
        format!("certificate={pem}&key={key}")
    };
    let (host, client) = (pair("localhost"), pair("client"));
    let listen = format!("tls://127.0.0.1:0?{host}&trust={}", folder.fingerprint("client.pem"));
    let serving = Hosting::start(&["serve", description.path(), &listen]);
    let endpoint = format!(
        "tls://127.0.0.1:{}?{client}&trust={}",
        port(&serving.endpoint),
        folder.fingerprint("localhost.pem")
    );
    let called = callgate(&["call", &endpoint, "ITypes.EchoByte", "1"]);
    assert_eq!(called.succeeded(), "0\n");
    serving.interrupt();
}

#[test]
fn a_proxy_passes_on_what_is_encrypted() {
    let folder = scene();
    let (pem, key) = (folder.file("localhost.pem"), folder.file("localhost.key"));
    let trust = folder.fingerprint("localhost.pem");
    let host = format!("tls://127.0.0.1:0?certificate={pem}&key={key}&trust=anyone");
    let listening = Hosting::start(&["listen", &host]);
    let to = format!("tcp://127.0.0.1:{}", port(&listening.endpoint));
    let proxy = Hosting::start(&["proxy", "tcp://127.0.0.1:0", &to]);
    let endpoint = format!("{}?trust={trust}", proxy.endpoint.replace("tcp", "tls"));
    assert_eq!(callgate(&["call", &endpoint, "I.M"]).succeeded(), "null\n");
    proxy.interrupt();
    let error = callgate(&["proxy", "tcp://127.0.0.1:0", &listening.endpoint]).failed(21);
    assert!(error.contains("a relay has no certificates"), "{error}");
}

#[test]
fn the_demonstration_prints_what_a_shell_takes() {
    let folder = scene();
    let (pem, key) = (folder.file("localhost.pem"), folder.file("localhost.key"));
    let (demo, commands) =
        demo(&format!("tls://0.0.0.0:4000?certificate={pem}&key={key}&trust=anyone"));
    assert_eq!(demo.line(), "Ctrl-C ends it.");
    let listing = commands.iter().find(|command| command.starts_with("callgate list")).unwrap();
    assert_eq!(shell(listing), "ICalculator\n");
    demo.interrupt();
}

#[test]
fn files_are_kept_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scene();
    let names = ["authority", "localhost", "client"];
    let before: Vec<String> =
        names.iter().map(|name| folder.read(&format!("{name}.key"))).collect();
    for name in names {
        let mode = fs::metadata(folder.file(&format!("{name}.key"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for again in [&["authority"][..], &["host", "localhost"], &["client", "client"]] {
        let error = folder.keys_run(again).failed(2);
        assert!(error.contains("exists, and is not overwritten"), "{error}");
    }
    // The key alone is kept too, and nothing is left beside it.
    fs::remove_file(folder.file("client.pem")).unwrap();
    let error = folder.keys_run(&["client", "client"]).failed(2);
    assert!(error.contains("client.key exists, and is not overwritten"), "{error}");
    assert!(!fs::exists(folder.file("client.pem")).unwrap());
    let after: Vec<String> = names.iter().map(|name| folder.read(&format!("{name}.key"))).collect();
    assert_eq!(after, before);
}

#[test]
fn a_renewed_certificate_keeps_its_key() {
    let folder = scene();
    let (certificate, key) = (folder.read("localhost.pem"), folder.read("localhost.key"));
    let fingerprint = folder.fingerprint("localhost.pem");
    let renewed = folder.keys(&["host", "localhost", "--renew", "--days", "30"]);
    assert!(renewed.contains("localhost.pem, valid for 30 days"), "{renewed}");
    assert_ne!(folder.read("localhost.pem"), certificate);
    assert_eq!(folder.read("localhost.key"), key);
    assert_eq!(folder.fingerprint("localhost.pem"), fingerprint);
    let error = folder.keys_run(&["client", "new", "--renew"]).failed(2);
    assert!(error.contains("without --renew there will be one"), "{error}");
}

#[test]
fn keys_are_described_as_json() {
    let folder = Folder::new();
    folder.keys(&["authority", "--json"]);
    let host: Value = serde_json::from_str(&folder.keys(&["host", "a.example", "--json"])).unwrap();
    assert_eq!(host["certificate"], folder.file("a.example.pem"));
    assert_eq!(host["fingerprint"], folder.fingerprint("a.example.pem"));
    let of_authority = folder.fingerprint("authority.pem");
    assert!(of_authority.starts_with("sha256:") && host["fingerprint"] != of_authority);
    // Names that no file can have on some system.
    let client: Value =
        serde_json::from_str(&folder.keys(&["client", "a/b c:*", "--json"])).unwrap();
    assert_eq!(client["key"], folder.file("a_b_c__.key"));
}

#[test]
fn errors_say_what_to_do() {
    let folder = Folder::new();
    let error = folder.keys_run(&["host", "localhost"]).failed(2);
    assert!(error.contains("`callgate keys authority '"), "{error}");
    folder.keys(&["authority"]);
    let error = folder.keys_run(&["host", "no name"]).failed(2);
    assert!(error.contains("neither a DNS name nor an IP address"), "{error}");
    folder.keys_run(&["client", "a\nb"]).failed(2);
    folder.keys_run(&["client", "client", "--days", "0"]).failed(2);
    let error = callgate(&["keys", "fingerprint", &folder.file("authority.key")]).failed(2);
    assert!(error.contains("contains no certificate in PEM"), "{error}");
    let others = scene();
    fs::copy(others.file("authority.pem"), folder.file("authority.pem")).unwrap();
    let error = folder.keys_run(&["client", "client"]).failed(2);
    assert!(error.contains("is not the key of"), "{error}");
    // An endpoint could not name it, so nothing is written.
    let folder = others.file("a&b");
    callgate(&["keys", "authority", &folder]).succeeded();
    callgate(&["keys", "client", &folder, "client"]).failed(22);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}
