//! The shipped datasets through the reader, and what the reader must refuse.

use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, ParquetWriter};
use proptest::prelude::*;

use super::*;
use crate::spec::{DatasetSpec, Normalize, Source};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("datasets/{name}.parquet"))
}

fn counts(labels: &[u32], classes: usize) -> Vec<usize> {
    (0..classes as u32).map(|class| labels.iter().filter(|&&label| label == class).count()).collect()
}

fn labels(dataset: &Dataset) -> (&[u32], usize) {
    match &dataset.y {
        Labels::Classes { labels, classes } => (labels, *classes),
        Labels::Targets { .. } => panic!("no classes"),
    }
}

fn spec(source: Source, train: usize, test: usize) -> DatasetSpec {
    DatasetSpec { normalize: Normalize::Standard, ..DatasetSpec::of(source, train, test) }
}

fn file_spec(name: &str, train: usize, test: usize) -> DatasetSpec {
    spec(Source::File { name: name.to_owned() }, train, test)
}

#[test]
fn shipped_datasets_are_what_they_should_be() {
    // name, train, test, inputs, classes (0: targets), pixel_max
    let table = [
        ("mnist", 10_000, 10_000, 784, 10, Some(255.0)),
        ("fashion_mnist", 4_000, 2_000, 784, 10, Some(255.0)),
        ("mnist1d", 4_000, 1_000, 40, 10, None),
        ("digits", 1_348, 449, 64, 10, Some(16.0)),
        ("breast_cancer", 427, 142, 30, 2, None),
        ("wine", 134, 44, 13, 3, None),
        ("wine_quality_red", 1_199, 400, 11, 0, None),
    ];
    for (name, train, test, inputs, classes, pixel_max) in table {
        let dataset = read(&shipped(name)).unwrap();
        assert_eq!(
            (dataset.train_rows, dataset.inputs, dataset.pixel_max),
            (train, inputs, pixel_max),
            "{name}"
        );
        assert_eq!(dataset.x.len(), (train + test) * inputs, "{name}");
        match &dataset.y {
            Labels::Classes { labels, classes: there } => {
                assert_eq!((labels.len(), *there), (train + test, classes), "{name}");
            }
            Labels::Targets { targets, outputs } => {
                assert_eq!((targets.len(), *outputs, classes), (train + test, 1, 0), "{name}");
            }
        }
    }
}

#[test]
fn the_digits_are_the_known_digits() {
    let mnist = read(&shipped("mnist")).unwrap();
    let (all, classes) = labels(&mnist);
    let test = &all[mnist.train_rows..];
    assert_eq!(test[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    assert_eq!(counts(test, classes), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let digits = read(&shipped("digits")).unwrap();
    let (all, classes) = labels(&digits);
    assert_eq!(counts(all, classes), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    let zero = digits.x.chunks(64).position(|row| row[..8] == [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
    assert_eq!(zero.map(|row| all[row]), Some(0), "the first digit of the source file");
}

/// A Parquet file of these columns.
fn parquet(columns: Vec<Column>) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new_infer_height(columns).unwrap()).unwrap();
    bytes
}

fn split(words: &[&str]) -> Column {
    Column::new("split".into(), words)
}

fn numbers(name: &str, values: &[f64]) -> Column {
    Column::new(name.into(), values)
}

#[test]
fn what_is_no_dataset_is_refused_with_its_reason() {
    let three = || split(&["train", "train", "test"]);
    let label = || Column::new("label".into(), [0u32, 1, 1]);
    let x = || numbers("x", &[1.0, 2.0, 3.0]);
    let files: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "it is empty"),
        (b"PAR1".to_vec(), "cut short"),
        (b"index,split,label\n".to_vec(), "not a Parquet file"),
        (parquet(vec![label(), x()]), "no `split` column"),
        (parquet(vec![three(), x()]), "neither a `label` nor a `target`"),
        (parquet(vec![three(), label(), numbers("target", &[0.0; 3]), x()]), "both `label` and `target`"),
        (parquet(vec![three(), label()]), "no inputs"),
        (parquet(vec![split(&["train", "test", "train"]), label(), x()]), "after a `test` row"),
        (parquet(vec![split(&["train", "valid", "test"]), label(), x()]), "says `valid` in row 1"),
        (parquet(vec![split(&["test"; 3]), label(), x()]), "no `train` rows"),
        (parquet(vec![three(), label(), numbers("x", &[1.0, f64::NAN, 3.0])]), "no finite number in row 1"),
        (parquet(vec![three(), label(), numbers("x", &[1.0, 1e300, 3.0])]), "no finite number in row 1"),
        (
            parquet(vec![three(), label(), Column::new("x".into(), [Some(1.0), None, Some(3.0)])]),
            "no value in row 1",
        ),
        (parquet(vec![three(), label(), Column::new("x".into(), ["a", "b", "c"])]), "does not hold numbers"),
        (
            parquet(vec![three(), Column::new("label".into(), [0u32, 2, 1]), x()]),
            "none of the training rows is a 1",
        ),
        (parquet(vec![three(), Column::new("label".into(), [0u32, 1, 2]), x()]), "test label 2"),
        (parquet(vec![three(), Column::new("label".into(), [0i64, -1, 0]), x()]), "not a class number"),
        (parquet(vec![three(), Column::new("label".into(), [0u64, 1 << 40, 0]), x()]), "not a class number"),
        (
            parquet(vec![three(), label(), Column::new("pixels".into(), [&b"ab"[..], b"abc", b"ab"])]),
            "row 1 has 3 pixels where row 0 has 2",
        ),
        (
            parquet(vec![three(), label(), x(), Column::new("pixels".into(), [&b"ab"[..], b"ab", b"ab"])]),
            "beside `pixels` there is a column `x`",
        ),
    ];
    for (bytes, reason) in files {
        let refusal = file::from_bytes("datasets/mine.parquet", &bytes).unwrap_err().to_string();
        assert!(
            refusal.starts_with("datasets/mine.parquet: ") && refusal.contains(reason),
            "{refusal} / {reason}"
        );
    }
}

#[test]
fn integer_labels_of_any_width_and_an_unnoted_pixel_range_are_read() {
    let pixels = |most: u8| Column::new("pixels".into(), [vec![0, most], vec![1, 2]]);
    for (most, pixel_max) in [(16, 16.0), (17, 255.0)] {
        let label = Column::new("label".into(), [0i64, 0]);
        let bytes = parquet(vec![split(&["train", "train"]), label, pixels(most)]);
        assert_eq!(file::from_bytes("f", &bytes).unwrap().pixel_max, Some(pixel_max));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = std::fs::read(shipped("wine")).unwrap();
    for length in (0..whole.len()).step_by(97).chain(whole.len() - 20..whole.len()) {
        assert!(file::from_bytes("f", &whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_flipped_byte_anywhere_never_takes_the_process_down() {
    let whole = std::fs::read(shipped("wine")).unwrap();
    let footer = whole.len() - 3_000;
    // Every byte of the first page headers (one of them once left columns of different lengths) and of the footer.
    for place in (0..1_000).chain((1_000..footer).step_by(211)).chain(footer..whole.len()) {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] ^= flip;
            // A flip inside a page may leave other, equally readable numbers: what it must not do is panic.
            if let Ok(dataset) = file::from_bytes("f", &bytes) {
                assert!(dataset.x.iter().all(|value| value.is_finite()));
            }
        }
    }
}

#[test]
fn standard_inputs_have_mean_zero_and_deviation_one_on_the_drawn_training_examples() {
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
    };
    let dataset = read(&shipped("wine")).unwrap();
    let problem = prepare(&file_spec("wine", 60, 44), Some(&dataset), 1).unwrap();
    for column in 0..13 {
        let values: Vec<_> = problem.train.x.iter().skip(column).step_by(13).map(|&x| f64::from(x)).collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6, "{column}: {mean} {deviation}");
    }
    let dataset = read(&shipped("digits")).unwrap();
    let problem = prepare(&file_spec("digits", 500, 0), Some(&dataset), 1).unwrap();
    let (mean, deviation) = moments(&problem.train.x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6);
    assert!(problem.train.x.iter().any(|&x| x > 1.0), "one deviation for all pixels, not one per pixel");
}

#[test]
fn unit_inputs_lie_in_the_unit_interval_and_none_leaves_them_as_stored() {
    for name in ["digits", "wine"] {
        let dataset = read(&shipped(name)).unwrap();
        let unit = DatasetSpec { normalize: Normalize::Unit, ..file_spec(name, 100, 0) };
        let problem = prepare(&unit, Some(&dataset), 0).unwrap();
        let most = problem.train.x.iter().copied().fold(0.0, f32::max);
        assert!(most == 1.0 && problem.train.x.iter().all(|&x| (0.0..=1.0).contains(&x)), "{name}");
        let none = DatasetSpec { normalize: Normalize::None, ..file_spec(name, dataset.train_rows, 0) };
        let problem = prepare(&none, Some(&dataset), 0).unwrap();
        assert_eq!(problem.train.x, dataset.x[..problem.train.x.len()], "{name}");
    }
}

#[test]
fn a_constant_column_is_shifted_and_not_blown_up() {
    // Seven times 0.1 does not sum to 0.7: only the values tell that the column is constant.
    for normalize in [Normalize::Standard, Normalize::Unit] {
        let mut x = vec![0.1f32; 7];
        scale::Scaling::fit(normalize, &x, 1, None).apply(&mut x);
        assert!(x.iter().all(|value| value.abs() < 1e-7), "{normalize:?} {x:?}");
    }
}

#[test]
fn noise_touches_training_labels_only_and_targets_are_one_hot() {
    let dataset = read(&shipped("digits")).unwrap();
    let clean = prepare(&file_spec("digits", 1_000, 449), Some(&dataset), 5).unwrap();
    let noisy = DatasetSpec { label_noise: 0.2, ..file_spec("digits", 1_000, 449) };
    let noisy = prepare(&noisy, Some(&dataset), 5).unwrap();
    assert_eq!(clean.test, noisy.test);
    assert_eq!(clean.train.x, noisy.train.x);
    assert_eq!(clean.train.labels.iter().zip(&noisy.train.labels).filter(|(a, b)| a != b).count(), 200);
    for (row, &label) in noisy.train.y.chunks(10).zip(&noisy.train.labels) {
        assert!(row.iter().enumerate().all(|(class, &y)| y == f32::from(u8::from(class == label as usize))));
    }
}

#[test]
fn asking_for_too_much_says_how_much_there_is() {
    let dataset = read(&shipped("wine")).unwrap();
    let refusal = |spec: &DatasetSpec| prepare(spec, Some(&dataset), 0).unwrap_err().to_string();
    assert_eq!(refusal(&file_spec("wine", 200, 0)), "200 training examples are asked for, but there are 134");
    assert_eq!(refusal(&file_spec("wine", 100, 45)), "45 test examples are asked for, but there are 44");
    assert!(refusal(&file_spec("wine", 0, 0)).contains("at least one"));
    let points = spec(Source::Chebyshev { degree: 4 }, 20, 20);
    assert_eq!(refusal(&points), "20 test examples are asked for, but there are 19");
}

#[test]
fn a_smaller_draw_is_part_of_a_larger_one_and_a_seed_decides_it() {
    let dataset = read(&shipped("wine")).unwrap();
    let rows = |train, seed| -> Vec<Vec<u32>> {
        let spec = DatasetSpec { normalize: Normalize::None, ..file_spec("wine", train, 0) };
        let problem = prepare(&spec, Some(&dataset), seed).unwrap();
        problem.train.x.chunks(13).map(|row| row.iter().map(|value| value.to_bits()).collect()).collect()
    };
    let (small, large) = (rows(20, 0), rows(60, 0));
    assert!(small.iter().all(|row| large.contains(row)));
    assert_eq!(small, rows(20, 0));
    assert_ne!(small, rows(20, 1));
}

#[test]
fn chebyshev_points_lie_on_the_polynomial() {
    let spec = DatasetSpec { normalize: Normalize::None, ..spec(Source::Chebyshev { degree: 4 }, 20, 19) };
    let problem = prepare(&spec, None, 0).unwrap();
    assert_eq!((problem.inputs, problem.outputs, problem.train.n, problem.test.n), (1, 1, 20, 19));
    assert_eq!((problem.train.x[0], problem.train.x[19]), (-1.0, 1.0));
    for part in [&problem.train, &problem.test] {
        for (&x, &y) in part.x.iter().zip(&part.y) {
            let expected = (4.0 * f64::from(x).clamp(-1.0, 1.0).acos()).cos();
            assert!((f64::from(y) - expected).abs() < 1e-5, "{x} {y} {expected}");
        }
    }
    assert!((problem.test.x[0] - f32::midpoint(problem.train.x[0], problem.train.x[1])).abs() < 1e-7);
}

#[test]
fn no_class_of_a_teacher_is_forgotten() {
    for seed in 0..5 {
        let teacher = Source::Teacher { inputs: 20, hidden: 16, classes: 4 };
        let problem = prepare(&spec(teacher, 4_000, 100), None, seed).unwrap();
        let counts = counts(&problem.train.labels, 4);
        assert!(counts.iter().all(|&count| count > 250), "{counts:?}");
    }
}

#[test]
fn a_teacher_tests_on_the_same_examples_however_many_it_trains_on() {
    let problem = |train| {
        let teacher = Source::Teacher { inputs: 5, hidden: 8, classes: 3 };
        let spec = DatasetSpec { normalize: Normalize::None, ..spec(teacher, train, 50) };
        prepare(&spec, None, 9).unwrap()
    };
    assert_eq!(problem(10).test, problem(200).test);
    assert_eq!(problem(10).train.x, problem(200).train.x[..50]);
}

#[test]
fn a_library_finds_by_plain_names_only() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("datasets")).unwrap();
    std::fs::copy(shipped("wine"), root.path().join("datasets/wine.parquet")).unwrap();
    std::fs::write(root.path().join("datasets/README.md"), "").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("datasets/out.parquet")).unwrap();
    let library = Library::new(root.path());
    assert_eq!(library.load("wine").unwrap().1, library.hash("wine").unwrap());
    for bad in ["../wine", "/etc/passwd", "", "a/b", "wine.parquet", "w\0"] {
        assert!(matches!(library.hash(bad), Err(DataError::Name(_))), "{bad:?}");
    }
    assert!(matches!(library.hash("out"), Err(DataError::Path(_))));
    let missing = library.hash("wime").unwrap_err().to_string();
    assert_eq!(missing, "there is no dataset `wime` in datasets/ (did you mean `wine`?)");
}

#[test]
fn a_pipe_is_no_dataset_and_names_come_without_what_a_terminal_obeys() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("datasets")).unwrap();
    let pipe = root.path().join("datasets/pipe.parquet");
    crate::base::files::make_pipe(&pipe);
    assert!(Library::new(root.path()).load("pipe").is_err());
    assert!(matches!(read(&pipe), Err(DataError::Io { .. })));
    let refusal = Library::new(root.path()).hash("a\u{1b}[2J").unwrap_err().to_string();
    assert!(!refusal.contains('\u{1b}'), "{refusal:?}");
    let word =
        parquet(vec![split(&["tr\u{1b}[2Jain"]), Column::new("label".into(), [0u32]), numbers("x", &[1.0])]);
    let refusal = file::from_bytes("f\n\u{9b}", &word).unwrap_err().to_string();
    assert!(!refusal.contains(char::is_control), "{refusal:?}");
}

#[test]
fn a_library_sees_that_a_file_has_changed() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("datasets")).unwrap();
    let path = root.path().join("datasets/mine.parquet");
    std::fs::write(&path, "one").unwrap();
    let library = Library::new(root.path());
    let before = library.hash("mine").unwrap();
    std::fs::write(&path, "three").unwrap();
    assert_ne!(library.hash("mine").unwrap(), before);
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let framed = [b"PAR1", &bytes[..], &(bytes.len() as u32).to_le_bytes(), b"PAR1"].concat();
        prop_assert!(file::from_bytes("f", &bytes).is_err());
        prop_assert!(file::from_bytes("f", &framed).is_err());
    }
}
