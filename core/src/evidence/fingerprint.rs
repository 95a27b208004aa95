//! Tells bodies apart that say different things, and not those that differ in their numbers.

/// So much of a body is looked at.
pub const PREFIX: usize = 2048;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const MULTIPLIER: u64 = 0xa076_1d64_78bd_642f;

/// 64 bits of the body's beginning, where each run of ASCII digits counts as one digit. The same on
/// every machine and in every version: runs are compared by it.
pub fn fingerprint(body: &[u8]) -> u64 {
    let (mut hash, mut word, mut filled, mut digits) = (SEED, 0u64, 0u32, false);
    for byte in &body[..body.len().min(PREFIX)] {
        let digit = byte.is_ascii_digit();
        if digit && digits {
            continue;
        }
        digits = digit;
        word = word << 8 | u64::from(if digit { b'0' } else { *byte });
        filled += 1;
        if filled == 8 {
            hash = mix(hash ^ word);
            (word, filled) = (0, 0);
        }
    }
    mix(mix(hash ^ word) ^ u64::from(filled))
}

/// Both halves of a product, folded (as in wyhash).
fn mix(value: u64) -> u64 {
    let product = u128::from(value ^ SEED) * u128::from(MULTIPLIER);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_make_no_difference_and_words_do() {
        let same = [&br#"{"id":1,"at":"2026-11-25T09:00:01Z"}"#[..], br#"{"id":987654,"at":"2025-1-02T10:33:59Z"}"#];
        assert_eq!(fingerprint(same[0]), fingerprint(same[1]));
        let different = [&b"{}"[..], b"[]", b"", b"\0", b"\0\0", b"error", b"Error", b"1", b"a1", b"1a"];
        let prints: std::collections::HashSet<u64> = different.map(fingerprint).into();
        assert_eq!(prints.len(), different.len());
    }

    #[test]
    fn it_is_the_same_in_every_version() {
        assert_eq!(format!("{:016x}", fingerprint(b"")), "670527f286862c69");
        assert_eq!(format!("{:016x}", fingerprint(br#"{"error":"no seat 17"}"#)), "ef887165d351027c");
    }

    proptest! {
        #[test]
        fn what_stands_behind_the_beginning_is_not_looked_at(tail: Vec<u8>) {
            let beginning = vec![b'x'; PREFIX];
            prop_assert_eq!(fingerprint(&[beginning.as_slice(), &tail].concat()), fingerprint(&beginning));
        }

        #[test]
        fn any_other_byte_changes_it(body in prop::collection::vec(b' '..b'0', 1..300), at: prop::sample::Index) {
            let mut other = body.clone();
            let at = at.index(body.len());
            other[at] = b'x';
            prop_assert_ne!(fingerprint(&other), fingerprint(&body));
        }
    }
}
