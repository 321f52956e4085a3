//! The program: hands the process's arguments, environment and time to [`tidings::cli`].

use std::process::ExitCode;

use tidings::cli::{Inherited, Process, program};
use tidings::config::Environment;

fn main() -> ExitCode {
    let process = Process {
        arguments: std::env::args_os().collect(),
        environment: Environment::read(|name| std::env::var_os(name)),
        now: now(),
    };
    program(&process, Inherited::take())
}

#[expect(clippy::disallowed_methods, reason = "the composition root is where the clock comes from")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
