//! Pictures that entries point to: found inside the notebook, read, decoded and made small enough to be kept.
//!
//! A stranger's entry may name any path, and a stranger's file may claim to be of any size. So paths are held to the
//! notebook (no `..` beyond it, nothing absolute, no link out), files and their pixels are counted before they are
//! decoded, and whatever is wrong comes back as one line.

use std::path::{Component, Path, PathBuf};

use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::options::DecoderOptions;
use zune_png::zune_core::result::DecodingResult;

use crate::base::text::clean_line;
use crate::base::{files, paths, quiet};

/// Largest file of a picture.
const MOST_BYTES: u64 = 16_000_000;

/// Most pixels of a picture: decoded they are at most 512 MB, for as long as it takes to make them fewer.
const MOST_PIXELS: usize = 64 << 20;

/// Longest side of a picture that is kept. No terminal has as many columns.
const KEPT_SIDE: usize = 1024;

/// Largest file that is sent on to a terminal: a slow line has it in some seconds.
const MOST_SENT: usize = 512 << 10;

/// A pixel: red, green, blue, and how opaque it is.
pub type Pixel = [u8; 4];

/// A picture as pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Columns of pixels, at least one.
    width: usize,
    /// Rows of pixels, at least one.
    height: usize,
    /// Row by row from the top.
    pixels: Vec<Pixel>,
    /// The file it is from, where it is small enough to be sent on to a terminal that draws by itself.
    file: Option<Vec<u8>>,
}

impl Image {
    /// A picture of these pixels; `None` where they are not as many as its sides say, or none.
    pub fn new(width: usize, height: usize, pixels: Vec<Pixel>) -> Option<Self> {
        (!pixels.is_empty() && width.checked_mul(height) == Some(pixels.len())).then_some(Self {
            width,
            height,
            pixels,
            file: None,
        })
    }

    /// Columns of pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The same, with the file it is from.
    #[must_use]
    pub fn with_file(self, file: Vec<u8>) -> Self {
        Self { file: (file.len() <= MOST_SENT).then_some(file), ..self }
    }

    /// The file it is from, where that is small.
    pub fn file(&self) -> Option<&[u8]> {
        self.file.as_deref()
    }

    /// A row of pixels; empty below the last.
    pub fn row(&self, y: usize) -> &[Pixel] {
        self.pixels.chunks_exact(self.width).nth(y).unwrap_or_default()
    }

    /// The same in `width` × `height` pixels (at least one), each the mean of the area that it stands for.
    #[must_use]
    pub fn scaled(&self, width: usize, height: usize) -> Self {
        scaled((self.width, self.height), (width.max(1), height.max(1)), |y, take| {
            self.row(y).iter().copied().for_each(take);
        })
    }
}

/// Makes a picture of another size. `row` gives the pixels of a row, in order, to whoever takes them.
///
/// The colours are weighed by how opaque they are: what cannot be seen has none.
fn scaled(from: (usize, usize), to: (usize, usize), row: impl Fn(usize, &mut dyn FnMut(Pixel))) -> Image {
    let (columns, rows) = (shares(from.0, to.0), shares(from.1, to.1));
    let mut sums = vec![[0.0_f32; 4]; to.0 * to.1];
    for (y, shares) in rows.iter().enumerate() {
        let mut across = vec![[0.0_f32; 4]; to.0];
        let mut columns = columns.iter();
        row(y, &mut |[r, g, b, a]| {
            let opaque = f32::from(a);
            let parts = [f32::from(r) * opaque, f32::from(g) * opaque, f32::from(b) * opaque, opaque];
            for (x, share) in columns.next().into_iter().flatten() {
                add(across.get_mut(*x), &parts, *share);
            }
        });
        for (to_y, share) in shares {
            let sums = sums.chunks_exact_mut(to.0).nth(*to_y).unwrap_or_default();
            sums.iter_mut().zip(&across).for_each(|(sum, parts)| add(Some(sum), parts, *share));
        }
    }
    let area = (from.0 as f32 / to.0 as f32) * (from.1 as f32 / to.1 as f32);
    let pixel = |[r, g, b, a]: [f32; 4]| {
        let of = a.max(f32::MIN_POSITIVE);
        [r / of, g / of, b / of, a / area].map(|part| part.round().clamp(0.0, 255.0) as u8)
    };
    Image { width: to.0, height: to.1, pixels: sums.into_iter().map(pixel).collect(), file: None }
}

fn add(sum: Option<&mut [f32; 4]>, parts: &[f32; 4], share: f32) {
    for (sum, part) in sum.into_iter().flatten().zip(parts) {
        *sum += part * share;
    }
}

/// For each of `from` pixels of a line, which of `to` pixels it is part of, and how much of it.
fn shares(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = to as f64 / from.max(1) as f64;
    let share = |at: usize| {
        let (start, end) = (at as f64 * scale, (at + 1) as f64 * scale);
        let touched = start as usize..(end.ceil() as usize).min(to);
        let part = |index: usize| {
            let overlap = end.min(index as f64 + 1.0) - start.max(index as f64);
            (index, (overlap / scale).max(0.0) as f32)
        };
        touched.map(part).collect()
    };
    (0..from).map(share).collect()
}

/// Reads the picture at `address`, as the entry in `file` (its path in the notebook at `root`) has it. What is wrong
/// comes back as one line, fit for a terminal.
pub fn read(root: &Path, file: &str, address: &str) -> Result<Image, String> {
    let path = locate(root, file, address)?;
    let bytes = files::read_at_most(&path, MOST_BYTES).map_err(|error| clean_line(&error.to_string()))?;
    // The decoder is somebody else's, and so are the bytes.
    let decoded = quiet::catch(|| decode(&bytes)).unwrap_or_else(|_| Err("it cannot be decoded".to_owned()));
    decoded.map(|image| image.with_file(bytes))
}

/// Where a picture is: beside the entry, or where nothing is there, from the root of the notebook on.
fn locate(root: &Path, file: &str, address: &str) -> Result<PathBuf, String> {
    if address.contains("://") || address.starts_with("data:") {
        return Err("it is not in the notebook, and nothing is fetched".to_owned());
    }
    let address = unescaped(address);
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let found = |folder: &Path| {
        let path = joined(folder, Path::new(&address))
            .ok_or_else(|| format!("`{}` is not a path inside the notebook", clean_line(&address)))?;
        paths::inside(root, &path).map_err(|error| clean_line(&error.to_string()))
    };
    match found(folder) {
        Ok(path) if path.exists() => Ok(path),
        beside => match found(Path::new("")) {
            Ok(path) if path.exists() => Ok(path),
            _ => beside.and(Err("there is no such file".to_owned())),
        },
    }
}

/// `address` from `folder` on, without `.` and `..`; `None` where it climbs out of the notebook or is absolute.
fn joined(folder: &Path, address: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in folder.components().chain(address.components()) {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// An address without its `%20`s; as it stands where that is no text.
fn unescaped(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let byte =
            digits.and_then(|digits| std::str::from_utf8(digits).ok()).filter(|digits| !digits.contains('+'));
        let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| address.to_owned())
}

/// The pixels of a PNG file, not more of them than are kept.
fn decode(bytes: &[u8]) -> Result<Image, String> {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err("it is not a PNG file".to_owned());
    }
    let options = DecoderOptions::new_safe()
        .set_max_width(MOST_PIXELS)
        .set_max_height(MOST_PIXELS)
        .png_set_strip_to_8bit(true)
        .png_set_decode_animated(false);
    let mut decoder = PngDecoder::new_with_options(ZCursor::new(bytes), options);
    let damaged = "it is damaged";
    decoder.decode_headers().map_err(|_| damaged)?;
    let (width, height) = decoder.dimensions().ok_or(damaged)?;
    if width.saturating_mul(height) > MOST_PIXELS {
        return Err(format!(
            "it has {width} × {height} pixels, more than {} million",
            MOST_PIXELS / 1_000_000
        ));
    }
    let parts = decoder.colorspace().ok_or(damaged)?.num_components();
    let DecodingResult::U8(samples) = decoder.decode().map_err(|_| damaged)? else {
        return Err(damaged.to_owned());
    };
    if width * height == 0 || samples.len() < width * height * parts {
        return Err(damaged.to_owned());
    }
    let row = |y: usize, take: &mut dyn FnMut(Pixel)| {
        let row = samples.get(y * width * parts..(y + 1) * width * parts).unwrap_or_default();
        row.chunks_exact(parts).map(pixel).for_each(take);
    };
    let over = (width.max(height) as f64 / KEPT_SIDE as f64).max(1.0);
    let kept = |side: usize| ((side as f64 / over).round() as usize).max(1);
    Ok(scaled((width, height), (kept(width), kept(height)), row))
}

/// A pixel of its samples: grey or coloured, opaque or not.
fn pixel(samples: &[u8]) -> Pixel {
    match *samples {
        [grey] => [grey, grey, grey, u8::MAX],
        [grey, opaque] => [grey, grey, grey, opaque],
        [r, g, b] => [r, g, b, u8::MAX],
        [r, g, b, opaque] => [r, g, b, opaque],
        _ => [0; 4],
    }
}

/// Makes PNG files for tests: nothing in them is compressed.
#[cfg(test)]
pub mod png {
    use super::Pixel;

    /// A file of these pixels (of as many as fit into one block of 64 KiB).
    pub fn file(width: u32, height: u32, pixels: &[Pixel]) -> Vec<u8> {
        let mut raw = Vec::new();
        for row in pixels.chunks(width.max(1) as usize) {
            raw.push(0);
            raw.extend(row.iter().flatten());
        }
        headed(width, height, &raw)
    }

    /// A file that says it has these sides, whatever is in it.
    pub fn headed(width: u32, height: u32, raw: &[u8]) -> Vec<u8> {
        let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
        head.extend([8, 6, 0, 0, 0]);
        let length = raw.len() as u16;
        let mut data = vec![0x78, 0x01, 0x01];
        data.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        data.extend(raw);
        let (a, b) = raw.iter().fold((1_u32, 0_u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65521;
            (a, (b + a) % 65521)
        });
        data.extend((b << 16 | a).to_be_bytes());
        let chunks = [chunk(*b"IHDR", &head), chunk(*b"IDAT", &data), chunk(*b"IEND", &[])].concat();
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunks].concat()
    }

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let body = [&kind[..], data].concat();
        let mut crc = u32::MAX;
        for byte in &body {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            }
        }
        [&(data.len() as u32).to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const RED: Pixel = [255, 0, 0, 255];
    const BLUE: Pixel = [0, 0, 255, 255];
    const NOTHING: Pixel = [9, 9, 9, 0];

    #[test]
    fn a_picture_is_found_beside_the_entry_and_from_the_root_on() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let put = |path: &str, bytes: &[u8]| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let good = png::file(2, 1, &[RED, BLUE]);
        for path in ["entries/beside.png", "entries/a b.png", "datasets/plot.png"] {
            put(path, &good);
        }
        put("entries/text.png", b"no picture");
        put("entries/cut.png", &good[..good.len() / 2]);
        put("entries/vast.png", &png::headed(1 << 20, 1 << 20, &[0]));
        put("entries/none.png", &png::headed(0, 0, &[]));
        put("entries/long.png", &[good.clone(), vec![0; 17 << 20]].concat());
        fs::write(elsewhere.path().join("secret.png"), &good).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("secret.png"), root.path().join("entries/link.png"))
            .unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("entries/folder")).unwrap();
        std::os::unix::fs::symlink("beside.png", root.path().join("entries/within.png")).unwrap();
        files::make_pipe(&root.path().join("entries/pipe.png"));
        let secret = elsewhere.path().join("secret.png").to_string_lossy().into_owned();
        for (address, expected) in [
            ("beside.png", ""),
            ("./beside.png", ""),
            ("within.png", ""),
            ("a%20b.png", ""),
            ("../datasets/plot.png", ""),
            ("datasets/plot.png", ""),
            ("gone.png", "there is no such file"),
            ("", "not a file"),
            ("../../x.png", "not a path inside"),
            ("../..%2Fx.png", "not a path inside"),
            ("/etc/passwd", "not a path inside"),
            (&secret, "not a path inside"),
            ("a\0b.png", "not a path inside"),
            ("link.png", "through a symbolic link"),
            ("folder/secret.png", "through a symbolic link"),
            ("pipe.png", "not a file"),
            ("https://example.org/x.png", "nothing is fetched"),
            ("data:image/png;base64,xx", "nothing is fetched"),
            ("text.png", "not a PNG file"),
            ("cut.png", "damaged"),
            ("vast.png", "1048576 × 1048576 pixels"),
            ("none.png", "damaged"),
            ("long.png", "larger than 16"),
        ] {
            match read(root.path(), "entries/e.md", address) {
                Ok(image) => assert_eq!((expected, image.row(0)), ("", &[RED, BLUE][..]), "{address}"),
                Err(why) => assert!(!expected.is_empty() && why.contains(expected), "{address}: {why}"),
            }
        }
    }

    #[test]
    fn damaged_files_are_refused_and_nothing_panics() {
        let pixels: Vec<Pixel> = (0..64).map(|at| [at * 3, 255 - at, at, 255]).collect();
        let good = png::file(8, 8, &pixels);
        assert_eq!(decode(&good).unwrap().pixels, pixels);
        for at in 8..good.len() {
            for flip in [1, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                let _ = quiet::catch(|| decode(&bad));
            }
            assert!(
                quiet::catch(|| decode(&good[..at])).is_ok_and(|image| image.is_err()) || at > 40,
                "{at}"
            );
        }
    }

    #[test]
    fn scaling_takes_the_mean_of_areas() {
        type Row<'a> = (usize, &'a [Pixel], (usize, usize), &'a [Pixel]);
        let image =
            |width, pixels: &[Pixel]| Image::new(width, pixels.len() / width, pixels.to_vec()).unwrap();
        let table: &[Row<'_>] = &[
            (2, &[RED, BLUE], (1, 1), &[[128, 0, 128, 255]]),
            (2, &[RED, BLUE], (2, 1), &[RED, BLUE]),
            (3, &[RED, BLUE, BLUE], (2, 1), &[[170, 0, 85, 255], BLUE]),
            // What cannot be seen gives no colour.
            (2, &[RED, NOTHING], (1, 1), &[[255, 0, 0, 128]]),
            (1, &[RED, NOTHING, NOTHING, BLUE], (1, 2), &[[255, 0, 0, 128], [0, 0, 255, 128]]),
            (1, &[RED], (2, 2), &[RED; 4]),
        ];
        for (width, pixels, to, expected) in table {
            assert_eq!(image(*width, pixels).scaled(to.0, to.1).pixels, *expected, "{pixels:?} to {to:?}");
        }
        assert_eq!(Image::new(2, 2, vec![RED]), None);
        assert_eq!(Image::new(0, 0, Vec::new()), None);
    }
}
