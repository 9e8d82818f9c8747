//! What `update` asks of the world, as data: the driver does it, and tests only look at it.

use std::path::PathBuf;

use super::gallery::Order;
use super::typesetter::Galley;
use super::wanted::Wanted;
use crate::base::RunId;
use crate::notebook::RunOrder;
use crate::runner::Job;

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Do these runs.
    Submit(Vec<Job>),
    /// Stop these runs.
    Cancel(Vec<RunId>),
    /// Let the person edit a file in their editor.
    OpenEditor {
        /// The file.
        path: PathBuf,
        /// The line to start at, from 1.
        line: usize,
    },
    /// Write an entry, unless it is no longer what it was.
    Save {
        /// Its file.
        path: PathBuf,
        /// Its text when it was read.
        base: String,
        /// Its text from now on.
        text: String,
    },
    /// Keep a draft.
    KeepDraft {
        /// Slug of the entry.
        slug: String,
        /// What its file held when it was begun.
        base: String,
        /// What was made of it.
        text: String,
    },
    /// Forget the draft of this entry.
    DropDraft(String),
    /// Keep a version of an entry that was not taken.
    KeepSide {
        /// Slug of the entry.
        slug: String,
        /// The version.
        text: String,
    },
    /// Begin an entry under this title.
    NewEntry(String),
    /// Append a line to today's entry.
    Append(String),
    /// Copy to the clipboard of the terminal.
    Copy(String),
    /// Tell the terminal something by this escape sequence, before the next frame.
    Terminal(String),
    /// Ring the bell of the terminal.
    Ring,
    /// Read the notebook again.
    Reload,
    /// From now on, so much is needed of entries.
    Want(Wanted),
    /// Make this table of runs whenever something changes, or none any more.
    Tabulate(Option<RunOrder>),
    /// Read pictures.
    ReadImages(Order),
    /// Lay out an entry whole.
    Lay(Galley),
    /// Hand the terminal back to the shell until it is given again (^Z).
    Suspend,
}
