//! The screen. A pure core (`model`, `msg`, `update` → [`effect::Effect`], `view`) and a thin shell around it:
//! `driver` waits, performs and draws, `desk` has drafts and where one was, `keeper` has the notebook on a thread of its own, `gallery` reads pictures on another,
//! `typesetter` lays out long entries on a third, `terminal` gives the
//! person their shell back whatever happens.
//!
//! ```text
//!  keys ─ outside ─┐                      ┌─ view ─ screen ─▶ terminal (nothing when nothing changed)
//!                  ├─▶ Msg ─▶ update ─▶ Model
//!  files ─ keeper ─┘             └─▶ Effect ─▶ driver ─▶ keeper, editor, shell
//! ```

pub mod compare;
pub mod comparison;
pub mod desk;
pub mod detect;
pub mod driver;
pub mod easel;
pub mod edit;
pub mod effect;
pub mod folds;
pub mod gallery;
pub mod ink;
pub mod input;
pub mod jumps;
pub mod keeper;
pub mod keymap;
pub mod keys;
pub mod layout;
pub mod line;
pub mod list;
pub mod log;
pub mod marks;
pub mod model;
pub mod motion;
pub mod msg;
mod outside;
pub mod overlay;
pub mod pace;
pub mod page;
pub mod progress;
pub mod prompt;
mod rows;
mod runs;
pub mod screen;
pub mod state;
pub mod terminal;
pub mod typesetter;
pub mod update;
pub mod view;
mod wanted;
pub mod workers;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use driver::run;
pub use keeper::Backend;
pub use wanted::Wanted;
