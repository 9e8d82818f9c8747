//! What an expression comes to on results.
