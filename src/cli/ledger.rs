//! `lowland ledger`: every claim by what it puts to the test.

use super::Exit;
use super::args::Ledger;
use super::output::Output;
use crate::notebook::Notebook;
use crate::render::ledger;
use crate::spec::LedgerPart;

/// Prints the ledger.
pub fn ledger(args: &Ledger, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let (sheet, diagnostics) = notebook.ledger();
    if args.json {
        output.json(&sheet)?;
    } else if args.md {
        output.print(&ledger::markdown(&sheet))?;
    } else {
        output.lines(&ledger::lines(&sheet, &LedgerPart::ALL, output.width, output.look))?;
    }
    output.diagnostics(&diagnostics, |_| None);
    Ok(Exit::Fine)
}
