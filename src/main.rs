//! The program: everything stands in the library.

/// A notebook of ten thousand runs is some million small pieces of text and numbers; the system's own allocator takes a
/// third of the time it takes to read one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    lowland::cli::main()
}
