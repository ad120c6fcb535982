//! Hashing for small, bounded tables: making their keys collide gains an attacker nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table keyed by call ids, or by names of which a peer can make us keep only a few hundred.
pub(in crate::connection) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// One multiplication per number or byte: call ids are sequential, names short.
#[derive(Default)]
pub(in crate::connection) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_told_apart() {
        let mut names: QuickMap<Box<[u8]>, usize> = QuickMap::default();
        let mut ids: QuickMap<u64, usize> = QuickMap::default();
        for number in 0..1000 {
            names.insert(format!("Interface{number}").into_bytes().into(), number);
            ids.insert(number as u64, number);
        }
        for number in 0..1000 {
            assert_eq!(names.get(format!("Interface{number}").as_bytes()), Some(&number));
            assert_eq!(ids.get(&(number as u64)), Some(&number));
        }
    }
}
