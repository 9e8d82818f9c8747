//! A small table for tests: eight runs, two arms of two learning rates of two seeds, one of them diverged, one in flight.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Builder, Facts, RunTable, State};
use crate::base::RunId;
use crate::spec::query::Reduction;
use crate::store::{Origin, Status};

/// Eight runs. Losses are `0.1` for flat and `0.3` for sharp, and a hundredth more for seed 1.
pub fn table(reductions: &[(Reduction, String)]) -> RunTable {
    let tags = [("2026-11-22-flat-vs-sharp".to_owned(), vec!["old".to_owned(), "two words".to_owned()])];
    let (mut builder, mut runs) = (Builder::default(), Vec::new());
    for (arm, batch, loss) in [("flat", 4, 0.1), ("sharp", 64, 0.3)] {
        for rate in [0.001, 0.01] {
            for seed in 0..2_u64 {
                let state = match (arm, rate < 0.005, seed) {
                    ("sharp", false, 1) => State::Ended(Status::Diverged),
                    ("sharp", false, 0) => State::Running(0.43),
                    _ => State::Ended(Status::Done),
                };
                runs.push(push(&mut builder, (arm, batch, rate, seed), state, loss + 0.01 * seed as f64));
            }
        }
    }
    // Its curves were read before anybody asked.
    let read = [reductions, &[(Reduction::Min, "train_loss".to_owned())]].concat();
    RunTable { reductions: reductions.to_vec(), ..builder.table(&runs, &tags.into(), &read) }
}

fn push(
    builder: &mut Builder,
    (arm, batch, rate, seed): (&str, u32, f64, u64),
    state: State,
    loss: f64,
) -> RunId {
    let run = RunId::of(&[arm.as_bytes(), &rate.to_le_bytes(), &seed.to_le_bytes()]);
    let origin = Origin {
        entry: "2026-11-22-flat-vs-sharp".to_owned(),
        cell: "batch-size".to_owned(),
        arm: arm.to_owned(),
        point: vec![("optimizer.learning_rate".to_owned(), json!(rate))],
    };
    let settings = [
        ("dataset.name", json!("digits")),
        ("model.hidden", json!([64, 64])),
        ("model.kind", json!("mlp")),
        ("optimizer.batch_size", json!(batch)),
        ("optimizer.kind", json!("sgd")),
        ("optimizer.learning_rate", json!(rate)),
        ("seed", json!(seed)),
    ];
    let settings = settings.map(|(path, value)| (path.to_owned(), value));
    let loss = if state == State::Ended(Status::Diverged) { f64::NAN } else { loss };
    let mut measures = BTreeMap::from([("test_loss".to_owned(), loss)]);
    if arm == "flat" {
        measures.insert("lambda_max".to_owned(), 40.0 * loss);
    }
    builder.put(&Facts {
        run: &run,
        origin: &origin,
        seed,
        state,
        settings: &settings,
        measures: &measures,
        reduced: &[(Reduction::Min, "train_loss".to_owned(), loss / 2.0)],
        steps: Some(100),
        seconds: None,
        words: &[("run", run.as_str()), ("finished", "2026-11-22T10:00:00Z")],
    });
    run
}
