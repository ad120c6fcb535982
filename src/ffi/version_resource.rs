//! Gives the DLL its version, as Windows shows it in the properties of the file. Part of build.rs.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The compilers of resources that come with GNU's tools, for another system and for the own one.
const COMPILERS: [&str; 2] = ["x86_64-w64-mingw32-windres", "windres"];

/// Compiles the resource into `out`, and links it with the DLL. Without a compiler the DLL has no version.
pub fn add(out: &Path) {
    let (source, object) = (out.join("version.rc"), out.join("version.o"));
    fs::write(&source, text()).expect("OUT_DIR can be written");
    let compiled = COMPILERS.iter().any(|compiler| {
        let status = Command::new(compiler).arg(&source).arg(&object).status();
        status.is_ok_and(|status| status.success())
    });
    if compiled {
        println!("cargo:rustc-cdylib-link-arg={}", object.display());
    } else {
        println!("cargo:warning=callgate.dll gets no version resource: windres was not found");
    }
}

fn text() -> String {
    let package = |part: &str| env::var(format!("CARGO_PKG_{part}")).expect("cargo sets it");
    let version = package("VERSION");
    let (major, minor, patch) =
        (package("VERSION_MAJOR"), package("VERSION_MINOR"), package("VERSION_PATCH"));
    let description = package("DESCRIPTION");
    // The language is American English, the characters are Unicode's.
    format!(
        r#"1 VERSIONINFO
FILEVERSION {major},{minor},{patch},0
PRODUCTVERSION {major},{minor},{patch},0
FILEOS 0x40004
FILETYPE 2
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904b0"
    BEGIN
      VALUE "FileDescription", "{description}"
      VALUE "FileVersion", "{version}"
      VALUE "InternalName", "callgate"
      VALUE "OriginalFilename", "callgate.dll"
      VALUE "ProductName", "Callgate"
      VALUE "ProductVersion", "{version}"
    END
  END
  BLOCK "VarFileInfo"
  BEGIN
    VALUE "Translation", 0x409, 1200
  END
END
"#
    )
}
