//! Generates the C headers into OUT_DIR, and names the shared library. Part of build.rs, not of the
//! library.
//!
//! include/ has the committed copies; tests/c/header.rs fails if they differ. To update them:
//! `CALLGATE_UPDATE_HEADER=1 cargo test --test c header`.

mod version_resource;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A header: its introduction, and the files of src/ffi whose exports it declares. Types come before their
/// use.
struct Header {
    name: &'static str,
    guard: &'static str,
    introduction: &'static str,
    includes: &'static [&'static str],
    sections: &'static [&'static str],
}

const HEADERS: [Header; 3] = [
    Header {
        name: "callgate.h",
        guard: "CALLGATE_H",
        introduction: "src/ffi/header.txt",
        includes: &["<stdbool.h>", "<stddef.h>", "<stdint.h>"],
        sections: &[
            "version",
            "errors/status",
            "errors/error",
            "errors/parts",
            "timeout",
            "callback",
            "owners/log",
            "owners/limits",
            "owners/trace",
            "values/buffer",
            "owners/connection",
            "serve/call",
            "serve/reply",
            "serve/on_cancelled",
            "serve/delegate",
            "owners/host_events",
            "owners/host",
            "owners/client",
            "owners/client_events",
            "call/cancel",
            "call/proxy",
            "call/start",
            "call/initialisation",
            "serve/duplex",
            "descriptions",
            "counters",
            "values/writer",
            "values/reader",
            "values/reader_content",
        ],
    },
    Header {
        name: "callgate_binding.h",
        guard: "CALLGATE_BINDING_H",
        introduction: "src/ffi/binding_header.txt",
        includes: &["\"callgate.h\""],
        sections: &["call/call_into", "call/fast_calls"],
    },
    Header {
        name: "callgate_testing.h",
        guard: "CALLGATE_TESTING_H",
        introduction: "src/ffi/testing_header.txt",
        includes: &["\"callgate.h\""],
        sections: &["testing/relay"],
    },
];

/// Prepares the C ABI before the library is compiled.
pub fn build() {
    println!("cargo:rerun-if-changed=src/ffi");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for header in HEADERS {
        fs::write(out.join(header.name), text(&header)).expect("OUT_DIR can be written");
    }
    let is = |what: &str, value: &str| env::var(what).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") {
        name_shared_library(&out);
    }
    if is("CARGO_CFG_TARGET_OS", "windows") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        version_resource::add(&out);
    }
}

fn text(header: &Header) -> String {
    let config = cbindgen::Config::from_file("cbindgen.toml").expect("cbindgen.toml can be read");
    let introduction = fs::read_to_string(header.introduction).expect("the text can be read");
    let guard = header.guard;
    let mut text = format!("{}\n#ifndef {guard}\n#define {guard}\n\n", comment(&introduction));
    for include in header.includes {
        text.push_str(&format!("#include {include}\n"));
    }
    text.push_str("\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    for section in header.sections {
        let path = format!("src/ffi/{section}.rs");
        let source = fs::read_to_string(&path).expect("the section's file can be read");
        let mut config = config.clone();
        config.export.include = types(&source);
        let declarations = declarations(&path, config);
        let version = if *section == "version" { version() } else { String::new() };
        write!(text, "\n\n{}\n{version}{}\n", heading(&source), declarations.trim())
            .expect("a String takes everything");
    }
    text.push_str("\n#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n");
    text.push_str(&format!("\n#endif /* {guard} */\n"));
    text
}

/// The package's version as macros, which cbindgen cannot generate.
fn version() -> String {
    let package = |part: &str| env::var(format!("CARGO_PKG_VERSION{part}")).expect("cargo sets it");
    format!(
        "/** The version that this header belongs to, as text and as its three numbers. */\n\
         #define CALLGATE_VERSION \"{}\"\n\
         #define CALLGATE_VERSION_MAJOR {}\n\
         #define CALLGATE_VERSION_MINOR {}\n\
         #define CALLGATE_VERSION_PATCH {}\n\n\
         /** Whether this header's version is that one or later, for #if. */\n\
         #define CALLGATE_VERSION_AT_LEAST(major, minor, patch) \\\n    \
         (CALLGATE_VERSION_MAJOR * 1000000 + CALLGATE_VERSION_MINOR * 1000 + CALLGATE_VERSION_PATCH \\\n     \
         >= (major) * 1000000 + (minor) * 1000 + (patch))\n\n",
        package(""),
        package("_MAJOR"),
        package("_MINOR"),
        package("_PATCH"),
    )
}

/// The exports of one file, as C declarations.
fn declarations(path: &str, config: cbindgen::Config) -> String {
    let mut text = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_src(path)
        .generate()
        .expect("the exports can be put in C")
        .write(&mut text);
    compact(&String::from_utf8(text).expect("cbindgen writes UTF-8"))
}

/// The types that a file declares; cbindgen would leave out those that its functions do not use.
fn types(source: &str) -> Vec<String> {
    let starts = ["pub struct ", "pub type "];
    let names = source.lines().filter_map(|line| {
        let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
        rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
    });
    names.map(str::to_owned).collect()
}

/// Shortens one-line comments to one line, and removes the empty lines between constants.
fn compact(declarations: &str) -> String {
    let lines: Vec<&str> = declarations.lines().collect();
    let mut compact = String::new();
    let mut at = 0;
    while at < lines.len() {
        let (line, indent) = (lines[at], lines[at].len() - lines[at].trim_start().len());
        if line.trim() == "/**" && lines.get(at + 2).is_some_and(|end| end.trim() == "*/") {
            let text = lines[at + 1].trim().trim_start_matches("* ");
            compact.push_str(&format!("{}/** {text} */", &line[..indent]));
            at += 2;
        } else {
            compact.push_str(&parenthesised(line));
        }
        compact.push('\n');
        let after_constant = line.starts_with("#define");
        let before_constant = lines.get(at + 5).is_some_and(|line| line.starts_with("#define"));
        at += if after_constant && before_constant { 2 } else { 1 };
    }
    compact
}

/// Puts a negative constant in parentheses, so that it is a single term in every expression.
fn parenthesised(line: &str) -> String {
    match line.rsplit_once(" -") {
        Some((name, value)) if line.starts_with("#define") => format!("{name} (-{value})"),
        _ => line.to_owned(),
    }
}

/// A file's `//!` documentation as a heading of the header, with its code indented instead of fenced.
fn heading(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let title = lines.next().unwrap_or_default();
    let mut text = format!("{title}\n{}\n", "=".repeat(title.len()));
    let mut is_code = false;
    for line in lines {
        if line.starts_with("```") {
            is_code = !is_code;
            continue;
        }
        let indent = if is_code { "    " } else { "" };
        text.push_str(&format!("{indent}{line}\n"));
    }
    comment(&text)
}

fn comment(text: &str) -> String {
    let mut comment = String::from("/*\n");
    for line in text.trim_end().lines() {
        comment.push_str(format!(" * {line}").trim_end());
        comment.push('\n');
    }
    comment + " */\n"
}

/// Sets the SONAME, which ends in the version of the binary interface, and keeps the library from being
/// unloaded while its threads run.
fn name_shared_library(out: &Path) {
    let version = fs::read_to_string("src/ffi/version.rs").expect("version.rs can be read");
    let number = version
        .split_once("CALLGATE_ABI_VERSION: u32 = ")
        .and_then(|(_, rest)| rest.split_once(';'))
        .expect("version.rs has the number")
        .0;
    let name = format!("libcallgate.so.{number}");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{name}");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // Programs find it under that name beside the file that cargo makes, in target/release.
    #[cfg(unix)]
    if let Some(profile) = out.ancestors().nth(3) {
        for folder in [profile.to_path_buf(), profile.join("deps")] {
            let link = folder.join(&name);
            // An existing link is right; a missing folder is not needed.
            let _ = std::os::unix::fs::symlink("libcallgate.so", link);
        }
    }
}
