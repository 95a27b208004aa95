//! Numbers and text as bytes: LEB128 integers, little-endian floats, text with its length before it.
//!
//! For frames and histograms only; it knows nothing of versions or of what the bytes mean.

pub fn put_uint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn put_float(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_le_bytes());
}

pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_uint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what the others wrote; `None` for bytes that nobody wrote. It never reserves memory on
/// the word of a length it has read.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn uint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return None;
            }
            value |= part << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn float(&mut self) -> Option<f64> {
        let (bytes, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(f64::from_le_bytes(*bytes))
    }

    /// A float that is a number.
    pub fn finite(&mut self) -> Option<f64> {
        self.float().filter(|value| value.is_finite())
    }

    /// Pass over a text, whatever it says.
    pub fn skip_text(&mut self) -> Option<()> {
        let length = usize::try_from(self.uint()?).ok()?;
        self.0 = self.0.get(length..)?;
        Some(())
    }

    pub fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.uint()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(bytes.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_that_needs_more_than_64_bits_is_refused() {
        let mut most = Vec::new();
        put_uint(&mut most, u64::MAX);
        assert_eq!(Bytes(&most).uint(), Some(u64::MAX));
        *most.last_mut().unwrap() = 2;
        assert_eq!(Bytes(&most).uint(), None);
        assert_eq!(Bytes(&[0x80; 20]).uint(), None);
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        let mut bytes = Vec::new();
        put_uint(&mut bytes, u64::MAX);
        bytes.push(b'a');
        assert_eq!(Bytes(&bytes).text(), None);
    }

    proptest! {
        #[test]
        fn what_was_put_is_read(number: u64, float in -1e300..1e300f64, text: String) {
            let mut out = Vec::new();
            put_uint(&mut out, number);
            put_float(&mut out, float);
            put_text(&mut out, &text);
            let mut bytes = Bytes(&out);
            prop_assert_eq!(bytes.uint(), Some(number));
            prop_assert_eq!(bytes.finite(), Some(float));
            prop_assert_eq!(bytes.text(), Some(text));
            prop_assert!(bytes.0.is_empty());
        }
    }
}
