//! The `assize-perf` command.

fn main() -> std::process::ExitCode {
    assize_perf_cli::main()
}
