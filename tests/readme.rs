//! The README shows what the examples contain, and the examples work together.

#[path = "support/c.rs"]
mod c;
mod support;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use c::{folder, libraries, preload_sanitizer, program, root, Link};
use support::{unique, watched};

/// The code blocks of the README in that language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn its_code_is_that_of_the_examples() {
    let examples =
        [("c", "examples-c/hello_host.c"), ("python", "bindings/python/examples/hello_client.py")];
    for (language, example) in examples {
        let example = std::fs::read_to_string(root().join(example)).unwrap();
        let blocks = blocks(language);
        assert!(!blocks.is_empty(), "{language}");
        for block in blocks {
            assert!(example.contains(&block), "no example has this:\n{block}");
        }
    }
}

/// A copy of an example at a pipe of that name, so that two runs of this test do not meet.
fn copy(example: &str, folder: &Path, pipe: &str) -> PathBuf {
    let example = root().join(example);
    let code = std::fs::read_to_string(&example).unwrap();
    assert_eq!(code.matches("pipe://greeter").count(), 1, "{}", example.display());
    let copy = folder.join(example.file_name().unwrap());
    std::fs::write(&copy, code.replace("pipe://greeter", &format!("pipe://{pipe}"))).unwrap();
    copy
}

#[test]
fn the_greeting_crosses_the_languages() {
    watched(Duration::from_secs(60), || {
        let python = Command::new(root().join("ci/python")).output().unwrap();
        let python = String::from_utf8(python.stdout).unwrap();
        let (folder, pipe) = (folder("hello"), unique("greeter"));
        let host = copy("examples-c/hello_host.c", &folder, &pipe);
        let host = program(host.to_str().unwrap(), &folder, Link::Dynamic);
        let mut host = Command::new(host)
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut client = Command::new(python.trim());
        preload_sanitizer(&mut client, &folder);
        let client = client
            .arg(copy("bindings/python/examples/hello_client.py", &folder, &pipe))
            .env("PYTHONPATH", root().join("bindings/python"))
            .env("CALLGATE_LIBRARY", libraries().join("libcallgate.so"))
            .output()
            .unwrap();
        drop(host.stdin.take());
        let mut said = String::new();
        host.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(host.wait().unwrap().success(), "{said}");
        assert_eq!(String::from_utf8_lossy(&client.stdout), "Hello, world!\n", "{client:?}");
    });
}
