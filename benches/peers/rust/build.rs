//! Generates the service for tonic.

fn main() {
    #[cfg(feature = "tonic")]
    tonic_prost_build::configure()
        .bytes(".")
        .compile_protos(&["../idl/bench.proto"], &["../idl"])
        .unwrap();
}
