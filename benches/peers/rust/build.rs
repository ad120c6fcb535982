//! Generates tonic's part of the service.

fn main() {
    #[cfg(feature = "tonic")]
    tonic_prost_build::configure()
        .bytes(".")
        .compile_protos(&["../idl/bench.proto"], &["../idl"])
        .unwrap();
}
