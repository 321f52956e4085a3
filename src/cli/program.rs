//! From the process's arguments to its exit code.

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use jiff::Timestamp;

use crate::config::{self, DEFAULTS, Environment, Ink, Problems, Secrets, Settings};
use crate::daemon::SEARCH_SPACING;
use crate::model::Limits;
use crate::port::Store;

use super::arguments::{Arguments, Command, Global};
use super::checks::CHECKS;
use super::exit::{Exit, Refusal};
use super::open::{Absent, open};
use super::screen::{Form, Screen};
use super::source::SourceCommand;
use super::subscription::SubscriptionCommand;
use super::{
    assembly, backtest, backup, check, completions, delivery, event, exit, explain, follower, inspect, json, label,
    log, man, model, notification, poll, run, schedule, sealing, secret, source, story, subscription, token, topic,
    verification, watch,
};

/// What the process was started with.
#[derive(Debug)]
pub struct Process {
    /// Its arguments, its own name first.
    pub arguments: Vec<OsString>,
    /// Its environment.
    pub environment: Environment,
    /// When.
    pub now: Timestamp,
}

/// Runs the command that the arguments ask for.
pub fn program(process: &Process) -> ExitCode {
    let arguments = match Arguments::try_parse_from(&process.arguments) {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told, process.now).into(),
    };
    let form = if arguments.global.json { Form::Json } else { Form::People };
    let mut screen = Screen::of_process(form, process.now);
    match command(arguments, process, &mut screen) {
        Ok(()) => Exit::Done.into(),
        Err(error) => fail(&error, &mut screen).into(),
    }
}

/// Prints help and version to stdout, usage errors to stderr.
fn tell(told: &clap::Error, now: Timestamp) -> Exit {
    let mut screen = Screen::of_process(Form::People, now);
    let text = told.render();
    if told.use_stderr() {
        let shown = if screen.ink_err() == Ink::Styled { text.ansi().to_string() } else { text.to_string() };
        screen.note(shown.trim_end());
        return Exit::Usage;
    }
    let shown = if console::colors_enabled() { text.ansi().to_string() } else { text.to_string() };
    // Help into a closed pipe has nobody to complain to.
    screen.raw(shown.as_bytes()).ok();
    Exit::Done
}

fn fail(error: &anyhow::Error, screen: &mut Screen) -> Exit {
    let exit = exit::of(error);
    if exit == Exit::Done {
        return exit;
    }
    let problems = error.chain().find_map(|cause| match cause.downcast_ref::<Refusal>() {
        Some(Refusal::Query(problems)) => Some(problems),
        Some(Refusal::Usage(_) | Refusal::Data(_) | Refusal::Config(_) | Refusal::Later(_)) => None,
        None => cause.downcast_ref::<Problems>(),
    });
    let text = match problems {
        Some(problems) => problems.render(screen.ink_err(), screen.columns()).trim_end().to_owned(),
        None => format!("error: {error:#}"),
    };
    screen.note(&text);
    if let Some(problems) = problems.filter(|_| screen.is_json()) {
        // Whoever reads stdout may be gone; the exit code says it all the same.
        screen.record(&json::problems(problems)).ok();
    }
    exit
}

fn command(arguments: Arguments, process: &Process, screen: &mut Screen) -> anyhow::Result<()> {
    let Arguments { global, command } = arguments;
    let called = Called { global: &global, process };
    match command.unwrap_or(Command::Run) {
        Command::Run => on_runtime(run::run(called.serving()?, called.file()?, process.environment.clone(), screen)),
        Command::Watch(args) => on_runtime(watch::watch(called.without_file()?, &args, screen)),
        Command::Check => check::check(&called.settings(Secrets::Checked)?, &called.file()?, screen),
        Command::Poll(args) => on_runtime(poll::poll(called.serving()?, &args, screen)),
        Command::Inspect(args) => on_runtime(inspect::inspect(called.looking()?, &args, screen)),
        Command::Backtest(args) => {
            let load = |file: &Path| Ok(config::load(file, &process.environment, &CHECKS, Secrets::Skipped)?);
            backtest::backtest(&called.looking()?, &args, &load, screen)
        }
        Command::Schedule(args) => schedule::schedule(&called.looking()?, &args, screen),
        Command::Explain(args) => explain::explain(called.store(Absent::Refuse)?.as_mut(), &args, screen),
        Command::Source(SourceCommand::Backfill(args)) => {
            on_runtime(source::backfill(called.serving()?, &args, screen))
        }
        Command::Source(command) => called.source(&command, screen),
        Command::Opml(command) => called.source(&command.into(), screen),
        Command::Topic(command) => {
            let absent = absent(matches!(command, topic::TopicCommand::Add(_)));
            let settings = called.looking()?;
            let ground = topic::Ground {
                checks: CHECKS,
                policy: assembly::event_policy(&settings),
                model: &|| Ok(model::find(&settings.model)?),
                answer: io::stdin().is_terminal().then_some(&typed),
            };
            topic::topic(open(&settings, absent)?.as_mut(), &command, &ground, screen)
        }
        Command::Event(command) => event::event(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Story(command) => story::story(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Label(command) => label::label(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Notification(command) => {
            notification::notification(called.store(Absent::Refuse)?.as_mut(), &command, screen)
        }
        Command::Delivery(command) => delivery::delivery(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Subscription(SubscriptionCommand::Verify { subscription }) => {
            let settings = called.looking()?;
            let mut store = open(&settings, Absent::Refuse)?;
            let http = assembly::terms(&settings)?.http;
            let ground = verification::Ground { http: &*http, expire: settings.delivery.expire };
            on_runtime(verification::verify(store.as_mut(), &subscription, &ground, screen))
        }
        Command::Subscription(command) => {
            let mut store = called.store(absent(matches!(command, SubscriptionCommand::Add(_))))?;
            subscription::subscription(store.as_mut(), &command, &secret::entropy()?, &CHECKS, screen)
        }
        Command::Follower(command) => follower::follower(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Token(command) => {
            let mut store = called.store(absent(matches!(command, token::TokenCommand::Add(_))))?;
            token::token(store.as_mut(), &command, secret::TOKENS, screen)
        }
        Command::Secret(command) => sealing::secret(&|| called.looking(), &command, screen),
        Command::Model(command) => model::model(&|| called.looking(), &command, screen),
        Command::Backup(args) => backup::backup(called.store(Absent::Refuse)?.as_mut(), &args, screen),
        Command::Completions(args) => completions::completions(&args, screen),
        Command::Man(args) => man::man(&args, screen),
    }
}

/// A line that somebody types; nothing at the end.
fn typed() -> io::Result<Option<String>> {
    let mut line = String::new();
    Ok((io::stdin().read_line(&mut line)? > 0).then_some(line))
}

fn absent(adds: bool) -> Absent {
    if adds { Absent::Create } else { Absent::Refuse }
}

/// A command as called: loads what it needs of the configuration, when it needs it.
#[derive(Clone, Copy)]
struct Called<'a> {
    global: &'a Global,
    process: &'a Process,
}

impl Called<'_> {
    fn file(&self) -> anyhow::Result<std::path::PathBuf> {
        let found = self.global.config.clone().or_else(config::find);
        Ok(found.ok_or_else(|| {
            Refusal::Config(
                "there is no configuration: neither /etc/tidings/tidings.toml nor config/resolution.toml is here; \
                 name one with --config FILE, or try a topic with: tidings watch 'QUERY' SOURCE"
                    .to_owned(),
            )
        })?)
    }

    fn settings(&self, need: Secrets) -> anyhow::Result<Settings> {
        Ok(config::load(&self.file()?, &self.process.environment, &CHECKS, need)?)
    }

    /// The settings of a command that sends and serves; its logging is started.
    fn serving(&self) -> anyhow::Result<Settings> {
        let settings = self.settings(Secrets::Required)?;
        self.start_log(&settings)?;
        Ok(settings)
    }

    /// The settings of a command that looks; the defaults where there is no file and none is named.
    fn looking(&self) -> anyhow::Result<Settings> {
        let settings = match self.global.config.clone().or_else(config::find) {
            Some(_) => self.settings(Secrets::Skipped)?,
            None => self.defaults()?,
        };
        self.start_log(&settings)?;
        Ok(settings)
    }

    /// The defaults alone.
    fn without_file(&self) -> anyhow::Result<Settings> {
        let settings = self.defaults()?;
        self.start_log(&settings)?;
        Ok(settings)
    }

    fn defaults(&self) -> anyhow::Result<Settings> {
        let name = Path::new("the built-in defaults");
        Ok(config::parse(DEFAULTS, name, &self.process.environment, &CHECKS, Secrets::Skipped)?)
    }

    fn source(&self, command: &SourceCommand, screen: &mut Screen) -> anyhow::Result<()> {
        let settings = self.looking()?;
        let mut store = open(&settings, source::absent(command))?;
        let network = &settings.network;
        let ground = source::Ground {
            checks: CHECKS,
            declared: &settings.declared,
            bounds: (settings.poll.interval_min, settings.poll.interval_max),
            http: &|| Ok(assembly::terms(&settings)?.http),
            limits: Limits {
                connect: network.connect_timeout,
                total: network.total_timeout,
                body_bytes: network.feed_body_bytes,
            },
            spacing: settings.poll.domain_spacing.min(SEARCH_SPACING),
        };
        on_runtime(source::source(store.as_mut(), command, &ground, screen))
    }

    fn store(&self, absent: Absent) -> anyhow::Result<Box<dyn Store>> {
        open(&self.looking()?, absent)
    }

    fn start_log(&self, settings: &Settings) -> anyhow::Result<()> {
        log::start(&settings.log, self.global.log.as_deref(), self.process.environment.journal)
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?.block_on(work)
}
