//! The `assize` command.

fn main() -> std::process::ExitCode {
    assize::main_impl()
}
