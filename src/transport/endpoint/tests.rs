//! Endpoints as texts.

use super::check::{LONGEST_NAME, LONGEST_PATH, LONGEST_RAW_NAME};
use super::*;

fn parse(text: &str) -> Result<Endpoint> {
    text.parse()
}

#[test]
fn good_ones_survive_the_round_trip() {
    let longest_name = format!("pipe://{}", "n".repeat(LONGEST_NAME));
    let longest_path = format!("unix:///{}", "p".repeat(LONGEST_PATH - 1));
    let longest_raw = format!("pipe:////./pipe/{}", "\u{10000}".repeat(LONGEST_RAW_NAME / 2));
    for text in [
        "pipe://a",
        "pipe://MySoftware.Server 1",
        "pipe://größe%20#1&2",
        "pipe://...",
        "pipe://name?scope=system",
        "pipe://name?scope=system&access=everyone",
        "pipe://name?scope=system&access=group:domain users@x:1=2?",
        &longest_name,
        "pipe:////./pipe/MySoftware.Server#1",
        "pipe:////./pipe/a&b=c",
        "pipe:////./pipe/name?access=everyone",
        &longest_raw,
        "unix:///run/x.sock",
        "unix:///with space/x",
        "unix:///a&b=c",
        "unix:///run/x.sock?access=everyone",
        "unix:///run/x.sock?access=group:1000",
        &longest_path,
        "tcp://localhost:0",
        "tcp://127.0.0.1:65535",
        "tcp://[::1]:0",
        "tcp://[fe80::1%eth0]:80",
        "tcp://0.0.0.0:80?insecure=1",
        "tcp://[::]:80?insecure=1",
        "tls://localhost:4000",
        "tls://[::1]:0?certificate=host.pem&key=/with space/host.key&trust=anyone",
        "tls://10.0.0.1:80?trust=system&name=host.example",
        "tls://a:1?trust=authority=1?.pem",
        &format!("tls://a:1?trust=sha256:{0},sha256:{0}", "0f".repeat(32)),
    ] {
        assert_eq!(parse(text).expect(text).to_string(), text);
    }
}

#[test]
fn parts_are_found() {
    let pipe = |scope, access| Endpoint::Pipe { name: "a".to_string(), scope, access };
    assert_eq!(parse("pipe://a?scope=user").unwrap(), pipe(Scope::User, Access::Owner));
    let everyone = pipe(Scope::System, Access::Everyone);
    assert_eq!(parse("pipe://a?access=everyone&scope=system").unwrap(), everyone);
    let access = Access::Group("staff".to_string());
    let unix = Endpoint::Unix { path: "/x".into(), access };
    assert_eq!(parse("unix:///x?access=group:staff").unwrap(), unix);
    let tcp = Endpoint::Tcp { host: "::1".to_string(), port: 80, insecure: false };
    assert_eq!(parse("tcp://[::1]:80").unwrap(), tcp);
}

#[test]
fn bad_ones_are_refused_with_what_is_allowed() {
    let long_name = format!("pipe://{}", "n".repeat(LONGEST_NAME + 1));
    let long_raw = format!("pipe:////./pipe/{}", "n".repeat(300));
    let long_path = format!("unix:///{}", "p".repeat(LONGEST_PATH));
    for (text, why) in [
        ("", "no scheme; use pipe://"),
        ("name", "no scheme"),
        ("Pipe://a", "unknown scheme; use pipe://"),
        ("http://a", "unix:///absolute/path, tcp://host:port or tls://host:port"),
        ("pipe://", "1 to 64 bytes, not 0"),
        (&long_name, "1 to 64 bytes, not 65"),
        ("pipe:////./pipe/", "1 to 247 characters, not 0"),
        (&long_raw, "1 to 247 characters, not 300"),
        ("pipe:////./pipe/a/b", "this one has '/'"),
        ("pipe:////./pipe/a\\b", "this one has '\\\\'"),
        ("pipe:////./pipe/a\tb", "this one has '\\t'"),
        ("pipe:////./pipe/a?scope=system", "known: access=everyone|group:NAME"),
        ("pipe:////./pipe/a?access=group:", "group is missing"),
        ("pipe:////server/pipe/a", "this one has '/'"),
        ("pipe://\\\\.\\pipe\\a", "this one has '\\\\'"),
        ("pipe://.", "cannot name"),
        ("pipe://..", "cannot name"),
        ("pipe://a/b", "this one has '/'"),
        ("pipe://a\\b", "this one has '\\\\'"),
        ("pipe://a\0b", "this one has '\\0'"),
        ("pipe://a\nb", "this one has '\\n'"),
        ("pipe://a?", "unknown option"),
        ("pipe://a?everyone", "known: scope=user|system and access=everyone|group:NAME"),
        ("pipe://a?scope=all", "user or system, not \"all\""),
        ("pipe://a?scope=user&scope=user", "twice"),
        ("pipe://a?scope=user&x=1", "unknown option"),
        ("pipe://a?access=everyone", "set scope=system"),
        ("pipe://a?scope=user&access=group:staff", "set scope=system"),
        ("pipe://a?scope=system&access=", "everyone or group:NAME, not \"\""),
        ("pipe://a?scope=system&access=everyone:x", "everyone or group:NAME"),
        ("pipe://a?scope=system&access=group", "everyone or group:NAME"),
        ("pipe://a?scope=system&access=group:", "group is missing"),
        ("pipe://a?scope=system&access=group:a\nb", "must not contain '\\n'"),
        ("pipe://a?scope=system&access=everyone&access=group:a", "access is given twice"),
        ("unix://relative/x", "absolute"),
        ("unix://", "absolute"),
        ("unix:///folder/", "not end in '/'"),
        ("unix:///a\0b", "must not contain '\\0'"),
        ("unix:///a\nb", "must not contain '\\n'"),
        ("tcp://[fe80::1%\u{1b}]:80", "must not contain '\\u{1b}'"),
        ("unix:///a?b", "known: access=everyone|group:NAME"),
        ("unix:///a?scope=system", "unknown option"),
        ("unix://?access=everyone", "absolute"),
        (&long_path, "at most 107 bytes, not 108"),
        ("tcp://", "colon and a port"),
        ("tcp://host", "colon and a port"),
        ("tcp://:80", "host is missing"),
        ("tcp://host:", "0 to 65535, not \"\""),
        ("tcp://host:65536", "0 to 65535, not \"65536\""),
        ("tcp://host:+1", "0 to 65535"),
        ("tcp://host:1/", "0 to 65535"),
        ("tcp://host:1?insecure=0", "can only be 1, not \"0\""),
        ("tcp://host:1?insecure=1&insecure=1", "twice"),
        ("tcp://host:1?access=everyone", "unknown option; known: insecure=1"),
        ("tcp://host?insecure=1:1", "can only be 1"),
        ("pipe://a?insecure=1", "unknown option"),
        ("tcp://::1:80", "needs brackets"),
        ("tcp://[host]:80", "needs brackets"),
        ("tcp://[::1]", "colon and a port"),
        ("tcp://[::g]:80", "not an IPv6 address"),
        ("tcp://a b:80", "must not contain ' '"),
        ("tcp://u@h:80", "must not contain '@'"),
        ("tls://host", "colon and a port"),
        ("tls://:80?trust=anyone", "host is missing"),
        ("tls://a:1?insecure=1", "known: certificate=FILE, key=FILE, trust=FILE|sha256:HEX"),
        ("tls://a:1?key=k", "certificate and key belong together"),
        ("tls://a:1?certificate=&key=k", "the file is missing: certificate=FILE"),
        ("tls://a:1?certificate=c\n&key=k", "path of certificate must not contain '\\n'"),
        ("tls://a:1?trust=anyone&trust=anyone", "trust is given twice"),
        ("tls://a:1?trust=sha256:00", "64 hexadecimal digits"),
        ("tls://a:1?name=", "host is missing"),
        ("tcp://a:1?trust=anyone", "unknown option; known: insecure=1"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.status(), Status::InvalidArgument, "{text}");
        assert!(error.message().contains(why), "{text}: {error}");
    }
}

#[test]
fn parts_that_were_never_text_are_checked_too() {
    let pipe = |name: &str, scope, access| {
        let pipe = Endpoint::Pipe { name: name.to_string(), scope, access };
        pipe.check().map_err(|error| error.status())
    };
    let unix = |path: &str, access| {
        let unix = Endpoint::Unix { path: path.into(), access };
        unix.check().map_err(|error| error.status())
    };
    let group = |name: &str| Access::Group(name.to_string());
    assert_eq!(pipe("x", Scope::System, group("x")), Ok(()));
    assert_eq!(unix("/x", group("x")), Ok(()));
    let tls = |trust| {
        let security = Security { trust: Some(trust), ..Security::default() };
        let tls = Endpoint::Tls { host: "a".to_string(), port: 1, security };
        tls.check().map_err(|error| error.status())
    };
    assert_eq!(tls(Trust::Authorities("a.pem".into())), Ok(()));
    for refused in [
        tls(Trust::Authorities("a.pem&name=b".into())),
        tls(Trust::Keys(Vec::new())),
        pipe("../x", Scope::User, Access::Owner),
        pipe("x", Scope::User, Access::Everyone),
        pipe("x", Scope::System, group("x&scope=user")),
        unix("/x?y", Access::Owner),
        unix("/x", group("")),
    ] {
        assert_eq!(refused, Err(Status::InvalidArgument));
    }
}
