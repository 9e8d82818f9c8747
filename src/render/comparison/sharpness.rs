//! All measures of sharpness in a table: a column for each arm, and how many times the baseline it is.

use ratatui::text::Line;

use super::label;
use crate::base::number::interval;
use crate::compare::{Sharp, Sharpness};
use crate::render::number::{significant, value_pm};
use crate::render::style::{Look, Role};
use crate::render::width;
use crate::stats::Estimate;

/// The table, with a line before it; as a list where its columns do not fit. Nothing where nothing was measured.
pub(super) fn table(
    measures: &[Sharpness],
    baseline: Option<&str>,
    columns: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let Some(first) = measures.first() else { return Vec::new() };
    let several = first.rows.iter().any(|row| row.arm != first.rows[0].arm);
    let heads: Vec<String> = first.rows.iter().map(|row| name(row, several)).collect();
    let mut texts: Vec<Vec<String>> = vec![
        std::iter::once(String::new())
            .chain(heads.iter().flat_map(|head| [head.clone(), "ratio".to_owned()]))
            .collect(),
    ];
    texts.extend(measures.iter().map(|measure| {
        let cells = measure.rows.iter().flat_map(|row| [value(row.last.as_ref()), times(row)]);
        std::iter::once(label(measure.quantity, look)).chain(cells).collect()
    }));
    let texts: Vec<Vec<String>> =
        texts.into_iter().map(|row| row.iter().map(|text| look.text(text)).collect()).collect();
    let kept: Vec<usize> =
        (0..texts[0].len()).filter(|at| texts[1..].iter().any(|row| !row[*at].is_empty())).collect();
    let wide = |at: &usize| texts.iter().map(|row| width::width(&row[*at])).max().unwrap_or(0);
    let ratios = baseline.map(|name| format!(" · ratios to {name}")).unwrap_or_default();
    let heading = vec![look.span("sharpness and curvature", Role::Heading), look.span(&ratios, Role::Dim)];
    let mut lines = vec![Line::default(), Line::from(width::crop(heading, columns, look))];
    if kept.iter().map(|at| wide(at) + 2).sum::<usize>() > columns {
        lines.extend(listed(measures, several, columns, look));
        return lines;
    }
    for (at, row) in texts.iter().enumerate() {
        let cells = kept.iter().map(|column| format!("  {}", width::pad(&row[*column], wide(column))));
        let role = if at == 0 { Role::Dim } else { Role::Text };
        let line: String = cells.collect();
        lines.push(Line::from(look.span(line.trim_end(), role)));
    }
    lines
}

/// The same, one line for each measure and arm.
fn listed(measures: &[Sharpness], several: bool, columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for measure in measures {
        lines.push(Line::from(width::crop(
            vec![look.span(&format!("  {}", label(measure.quantity, look)), Role::Strong)],
            columns,
            look,
        )));
        lines.extend(measure.rows.iter().map(|row| {
            let ratio = times(row);
            let ratio = if ratio.is_empty() { ratio } else { format!("  ratio {ratio}") };
            let said = vec![
                look.span(&format!("    {}  ", name(row, several)), Role::Accent),
                look.span(&format!("{}{ratio}", value(row.last.as_ref())), Role::Text),
            ];
            Line::from(width::crop(said, columns, look))
        }));
    }
    lines
}

/// The arm only where there are several, or nothing else to say.
fn name(row: &Sharp, several: bool) -> String {
    let arm = Some(row.arm.as_str()).filter(|_| several || row.point.is_empty());
    let point = Some(row.point.as_str()).filter(|point| !point.is_empty());
    arm.into_iter().chain(point).collect::<Vec<_>>().join(" · ")
}

fn value(last: Option<&Estimate>) -> String {
    match last {
        Some(last) if last.n > 1 => value_pm(last.mean, last.half_width()),
        Some(last) => significant(last.mean, 3),
        None => "–".to_owned(),
    }
}

/// `0.23 [0.21, 0.24]`, nothing for the baseline.
fn times(row: &Sharp) -> String {
    match &row.ratio {
        Some(ratio) if ratio.n > 1 => interval(ratio.mean, ratio.low, ratio.high, &[0.0, 1.0]),
        Some(ratio) => format!("{} n=1!", significant(ratio.mean, 3)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;
    use crate::spec::Quantity;

    fn measures() -> Vec<Sharpness> {
        let estimate = |mean: f64, share: f64| Estimate {
            mean,
            low: mean * (1.0 - share),
            high: mean * (1.0 + share),
            sd: mean * share,
            n: 5,
            degrees_of_freedom: 4.0,
        };
        let sharp = |arm: &str, mean: f64, ratio: Option<f64>| Sharp {
            arm: arm.to_owned(),
            point: String::new(),
            last: Some(estimate(mean, 0.04)),
            ratio: ratio.map(|ratio| estimate(ratio, 0.07)),
        };
        let of = |quantity, flat: f64, sharp_end: f64| Sharpness {
            quantity,
            rows: vec![sharp("flat", flat, Some(flat / sharp_end)), sharp("sharp", sharp_end, None)],
        };
        vec![of(Quantity::LambdaMax, 4.1, 18.1), of(Quantity::HessianTrace, 97.0, 290.0)]
    }

    #[test]
    fn a_column_for_each_arm_and_a_list_where_there_is_no_room() {
        insta::assert_snapshot!(to_plain(&table(&measures(), Some("sharp"), 80, Look::PLAIN)));
        insta::assert_snapshot!(to_plain(&table(&measures(), Some("sharp"), 40, Look::PLAIN)));
        assert!(table(&[], None, 80, Look::PLAIN).is_empty());
    }

    #[test]
    fn never_wider_than_asked() {
        for columns in 1..90 {
            for line in &table(&measures(), None, columns, Look::PLAIN)[2..] {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
