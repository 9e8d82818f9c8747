fn main() -> std::process::ExitCode {
    lowland::cli::main()
}
