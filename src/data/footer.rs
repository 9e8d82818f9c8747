//! The footer of a Parquet file, walked without trusting it: Thrift's compact protocol says of every list how many
//! items it has, and a decoder that makes room for as many as a damaged footer claims asks for more memory than there
//! is. That aborts the process, and no `catch` helps there.
//!
//! Format: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Deepest nesting: a schema nests no struct in it deeper than this.
const DEEPEST: u32 = 32;

/// Whether a footer is one whole struct in which no text, list or map claims more than could stand in the bytes left.
pub fn is_sound(footer: &[u8]) -> bool {
    Walk(footer).fields(0).is_some()
}

/// What is left to be walked.
struct Walk<'a>(&'a [u8]);

impl Walk<'_> {
    /// The fields of a struct, up to its stop.
    fn fields(&mut self, depth: u32) -> Option<()> {
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            // A step of 0 to the last field's number means that the number stands in full.
            if head >> 4 == 0 {
                self.number()?;
            }
            match head & 0x0f {
                // Of a flag the type is the value.
                1 | 2 => {}
                kind => self.value(kind, depth)?,
            }
        }
    }

    /// A value of that type, as it stands in a list, too.
    fn value(&mut self, kind: u8, depth: u32) -> Option<()> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => self.number().and_then(|length| self.skip(length)),
            _ if depth >= DEEPEST => None,
            9 | 10 => self.list(depth + 1),
            11 => self.map(depth + 1),
            12 => self.fields(depth + 1),
            _ => None,
        }
    }

    fn list(&mut self, depth: u32) -> Option<()> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.number()?,
            few => u64::from(few),
        };
        self.is_there(count)?;
        (0..count).try_for_each(|_| self.value(head & 0x0f, depth))
    }

    fn map(&mut self, depth: u32) -> Option<()> {
        let count = self.number()?;
        self.is_there(count)?;
        let kinds = if count > 0 { self.byte()? } else { 0 };
        (0..count).try_for_each(|_| {
            self.value(kinds >> 4, depth)?;
            self.value(kinds & 0x0f, depth)
        })
    }

    /// Every item takes a byte at least.
    fn is_there(&self, count: u64) -> Option<()> {
        (count <= self.0.len() as u64).then_some(())
    }

    /// A number in sevens of bits, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_claims_more_than_is_there_is_refused() {
        // (footer, whether it is sound)
        let table: [(&[u8], bool); 12] = [
            (&[], false),
            (&[0], true),
            (&[0x15, 0x02, 0], true),                          // a number
            (&[0x15, 0x02], false),                            // … and no stop
            (&[0x05, 0x20, 0x02, 0], true),                    // a number of a field with its number in full
            (&[0x18, 2, b'a', b'b', 0], true),                 // text
            (&[0x18, 3, b'a', b'b', 0], false),                // … longer than what is left
            (&[0x19, 0x25, 1, 2, 0], true),                    // a list of two numbers
            (&[0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f, 0], false), // … of 268 million structs
            (&[0x1b, 1, 0x55, 1, 2, 0], true),                 // a map
            (&[0x1c, 0, 0], true),                             // a struct
            (&[0x1c; 200], false),                             // … in a struct, in a struct
        ];
        for (footer, sound) in table {
            assert_eq!(is_sound(footer), sound, "{footer:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            is_sound(&bytes);
        }
    }
}
