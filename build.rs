//! Prepares the C ABI. Without the feature `c-abi` there is nothing to prepare.

#[cfg(feature = "c-abi")]
#[path = "src/ffi/build.rs"]
mod c_abi;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "c-abi")]
    c_abi::build();
}
