//! The datasets at hand: runs of one cell share theirs.

use std::path::Path;

use crate::data::{Dataset, Library, Problem, Shape, prepare_run};
use crate::runner::Job;
use crate::spec::RunSpec;

/// The datasets at hand.
pub struct Bench {
    library: Library,
    /// The dataset used last, by name: runs of one cell share it.
    loaded: Option<(String, Dataset, String)>,
}

impl Bench {
    /// Those of the notebook at `root`; none is read yet.
    pub fn new(root: &Path) -> Self {
        Self { library: Library::new(root), loaded: None }
    }

    /// Reads the dataset of a run, if that is not at hand.
    pub fn load(&mut self, job: &Job) -> Result<(), String> {
        if let Some(name) = job.spec.dataset_file()
            && self.loaded.as_ref().is_none_or(|(loaded, ..)| loaded != name)
        {
            let (dataset, hash) = self.library.load(name).map_err(|error| error.to_string())?;
            self.loaded = Some((name.to_owned(), dataset, hash));
        }
        Ok(())
    }

    /// How large the dataset of a run is.
    pub fn shape(&self, job: &Job) -> Option<Shape> {
        self.library.shape(&job.spec.dataset)
    }

    /// The examples of a run.
    pub fn problem(&mut self, job: &Job) -> Result<Problem, String> {
        self.problem_of(&job.spec, job)
    }

    /// The examples of a run that is part of a job, and reads the same file.
    pub fn problem_of(&mut self, spec: &RunSpec, job: &Job) -> Result<Problem, String> {
        self.load(job)?;
        let dataset = match spec.dataset_file() {
            None => None,
            Some(_) => self.loaded.as_ref().map(|(_, dataset, hash)| (dataset, hash)),
        };
        if dataset.is_some_and(|(_, hash)| *hash != job.dataset_hash) {
            self.loaded = None;
            return Err("the dataset has changed since the run was planned".to_owned());
        }
        prepare_run(spec, dataset.map(|(dataset, _)| dataset)).map_err(|error| error.to_string())
    }
}
