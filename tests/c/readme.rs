//! The README shows the code of the examples, and the examples work together.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::c::{folder, libraries, preload_sanitizer, program, root, succeed, Link};
use crate::support::{unique, watched};

/// The README's code blocks in this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Code without the indentation that its place in a file gives it.
fn outdented(code: &str) -> String {
    code.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn its_code_is_that_of_the_examples() {
    let examples = [
        ("c", "examples-c/duplex_client.c"),
        ("cpp", "bindings/cpp/examples/duplex_client.cpp"),
        ("cs", "bindings/dotnet/examples/duplex/Program.cs"),
        ("python", "bindings/python/examples/hello_client.py"),
        ("rust", "examples/duplex_client.rs"),
    ];
    for (language, example) in examples {
        let example = outdented(&std::fs::read_to_string(root().join(example)).unwrap());
        let blocks = blocks(language);
        assert!(!blocks.is_empty(), "{language}");
        for block in blocks {
            assert!(example.contains(&outdented(&block)), "no example has this:\n{block}");
        }
    }
}

/// A copy of the README's client that calls another endpoint, so that two runs do not interfere.
fn client_of(endpoint: &str, folder: &Path) -> PathBuf {
    let example = root().join("bindings/python/examples/hello_client.py");
    let code = std::fs::read_to_string(example).unwrap();
    assert_eq!(code.matches("pipe://calculator").count(), 1);
    let copy = folder.join("hello_client.py");
    std::fs::write(&copy, code.replace("pipe://calculator", endpoint)).unwrap();
    copy
}

#[test]
fn the_call_and_its_callbacks_cross_the_languages() {
    // The first time, this installs packages, which may take long.
    let python = succeed(&mut Command::new(root().join("ci/python")));
    watched(Duration::from_secs(60), move || {
        let (folder, endpoint) = (folder("hello"), format!("pipe://{}", unique("calculator")));
        let host = program("examples-c/duplex_host.c", &folder, Link::Dynamic);
        let mut host = Command::new(host)
            .arg(&endpoint)
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut client = Command::new(python.trim());
        preload_sanitizer(&mut client, &folder);
        let client = client
            .arg(client_of(&endpoint, &folder))
            .env("PYTHONPATH", root().join("bindings/python"))
            .env("CALLGATE_LIBRARY", libraries().join("libcallgate.so"))
            .output()
            .unwrap();
        drop(host.stdin.take());
        let mut said = String::new();
        host.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(host.wait().unwrap().success(), "{said}");
        let printed = String::from_utf8_lossy(&client.stdout);
        let progress = "progress: 25%\nprogress: 50%\nprogress: 75%\nprogress: 100%\n";
        assert_eq!(printed, format!("{progress}Sum: 5050\n"), "{client:?}");
    });
}
