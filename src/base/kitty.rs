//! The graphics protocol of kitty, with Unicode placeholders: a picture is sent once, and stands wherever its
//! placeholders are printed. To everything else (what has changed, what is scrolled, what is cut off) they are text.
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>

use super::osc52::base64;

/// What is printed in place of a cell of a picture, before the marks of its row and its column.
const PLACEHOLDER: char = '\u{10eeee}';

/// Most characters in one piece of a picture that is sent.
const PIECE: usize = 4096;

/// Sends a PNG file, to be known by a number. The terminal is told to be quiet: its answers would come among the keys.
pub fn send(id: u8, png: &[u8]) -> String {
    let text = base64(png);
    let pieces = text.as_bytes().chunks(PIECE).count();
    let mut out = String::with_capacity(text.len() + 32 * pieces);
    for (index, piece) in text.as_bytes().chunks(PIECE).enumerate() {
        let head = if index == 0 { format!("a=t,f=100,i={id},q=2,") } else { String::new() };
        let more = if index + 1 < pieces { "1" } else { "0" };
        let piece = String::from_utf8_lossy(piece);
        out.extend(["\u{1b}_G", &head, "m=", more, ";", &piece, "\u{1b}\\"]);
    }
    out
}

/// Makes a picture as large as so many cells, wherever its placeholders stand.
pub fn place(id: u8, columns: usize, rows: usize) -> String {
    format!("\u{1b}_Ga=p,U=1,i={id},p=1,c={columns},r={rows},q=2\u{1b}\\")
}

/// Forgets a picture.
pub fn forget(id: u8) -> String {
    format!("\u{1b}_Ga=d,d=I,i={id},q=2\u{1b}\\")
}

/// A cell of a picture; its number is told by the colour of the text. `None` beyond what can be counted.
pub fn placeholder(row: usize, column: usize) -> Option<String> {
    Some([PLACEHOLDER, mark(row)?, mark(column)?].iter().collect())
}

/// The row and the column that a cell of a picture tells; `None` for any other cell.
pub fn position(symbol: &str) -> Option<(usize, usize)> {
    let mut marks = symbol.strip_prefix(PLACEHOLDER)?.chars().map(number);
    Some((marks.next()??, marks.next()??))
}

/// The number that a combining character stands for.
fn number(mark: char) -> Option<usize> {
    let (mark, mut before) = (u32::from(mark), 0);
    for (first, last) in MARKS {
        if (*first..=*last).contains(&mark) {
            return Some((before + mark - first) as usize);
        }
        before += last - first + 1;
    }
    None
}

/// Most rows and columns that can be counted.
pub fn most() -> usize {
    MARKS.iter().map(|(first, last)| (last - first + 1) as usize).sum()
}

/// The combining character that stands for a number.
fn mark(number: usize) -> Option<char> {
    let mut rest = number as u32;
    for (first, last) in MARKS {
        let count = last - first + 1;
        if rest < count {
            return char::from_u32(first + rest);
        }
        rest -= count;
    }
    None
}

/// The combining characters that count, from 0: those of class 230 in Unicode 6.0 that nothing is composed with (the
/// first of them, from kitty's `rowcolumn-diacritics.txt`).
#[rustfmt::skip]
const MARKS: &[(u32, u32)] = &[
    (0x0305, 0x0305), (0x030d, 0x030e), (0x0310, 0x0310), (0x0312, 0x0312), (0x033d, 0x033f), (0x0346, 0x0346),
    (0x034a, 0x034c), (0x0350, 0x0352), (0x0357, 0x0357), (0x035b, 0x035b), (0x0363, 0x036f), (0x0483, 0x0487),
    (0x0592, 0x0595), (0x0597, 0x0599), (0x059c, 0x05a1), (0x05a8, 0x05a9), (0x05ab, 0x05ac), (0x05af, 0x05af),
    (0x05c4, 0x05c4), (0x0610, 0x0617), (0x0657, 0x065b), (0x065d, 0x065e), (0x06d6, 0x06dc), (0x06df, 0x06e2),
    (0x06e4, 0x06e4), (0x06e7, 0x06e8), (0x06eb, 0x06ec), (0x0730, 0x0730), (0x0732, 0x0733), (0x0735, 0x0736),
    (0x073a, 0x073a), (0x073d, 0x073d), (0x073f, 0x0741), (0x0743, 0x0743), (0x0745, 0x0745), (0x0747, 0x0747),
    (0x0749, 0x074a), (0x07eb, 0x07f1), (0x07f3, 0x07f3), (0x0816, 0x0819), (0x081b, 0x0823), (0x0825, 0x0827),
    (0x0829, 0x082d), (0x0951, 0x0951), (0x0953, 0x0954), (0x0f82, 0x0f83), (0x0f86, 0x0f87), (0x135d, 0x135f),
    (0x17dd, 0x17dd), (0x193a, 0x193a), (0x1a17, 0x1a17), (0x1a75, 0x1a7c), (0x1b6b, 0x1b6b), (0x1b6d, 0x1b73),
    (0x1cd0, 0x1cd2), (0x1cda, 0x1cdb), (0x1ce0, 0x1ce0), (0x1dc0, 0x1dc1), (0x1dc3, 0x1dc9), (0x1dcb, 0x1dcc),
    (0x1dd1, 0x1de6), (0x1dfe, 0x1dfe), (0x20d0, 0x20d1), (0x20d4, 0x20d7), (0x20db, 0x20dc), (0x20e1, 0x20e1),
    (0x20e7, 0x20e7), (0x20e9, 0x20e9), (0x20f0, 0x20f0), (0x2cef, 0x2cf1), (0x2de0, 0x2dff),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_kitty_counts_them() {
        for (number, expected) in [
            (0, 0x305),
            (1, 0x30d),
            (2, 0x30e),
            (5, 0x33d),
            (17, 0x363),
            (30, 0x483),
            (53, 0x5c4),
            (54, 0x610),
        ] {
            assert_eq!(mark(number).map(u32::from), Some(expected), "{number}");
        }
        assert_eq!((most(), mark(most())), (245, None));
        assert!(mark(most() - 1).is_some());
        for (row, column) in [(0, 0), (3, 17), (244, 54)] {
            assert_eq!(position(&placeholder(row, column).unwrap()), Some((row, column)));
        }
        assert_eq!((position("a"), position(""), position("\u{10eeee}")), (None, None, None));
    }

    #[test]
    fn a_picture_is_sent_in_pieces() {
        assert_eq!(send(7, b"foo"), "\u{1b}_Ga=t,f=100,i=7,q=2,m=0;Zm9v\u{1b}\\");
        let long = send(7, &[0; 4000]);
        let pieces: Vec<&str> = long.split("\u{1b}\\").filter(|piece| !piece.is_empty()).collect();
        assert_eq!(pieces.len(), 2);
        assert!(pieces[0].contains("m=1;") && pieces[1].starts_with("\u{1b}_Gm=0;"));
    }
}
