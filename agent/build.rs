//! How the program for devices is linked.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|value| value == wanted);
    // Addresses that are put right at every start, packed: 5 KB in the place of 190. Linkers
    // that cannot say so and go on; glibc 2.36 (Debian 12) is the first that can read them.
    if is("OPT_LEVEL", "z") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
