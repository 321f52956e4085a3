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
use super::delivery::DeliveryCommand;
use super::exit::{Exit, Refusal};
use super::failure::Failure;
use super::inherited::Inherited;
use super::log::Spoken;
use super::open::{Absent, open, open_reader};
use super::screen::{Form, Screen};
use super::source::SourceCommand;
use super::subscription::SubscriptionCommand;
use super::{
    assembly, backtest, backup, check, completions, control, delivery, doctor, event, exit, explain, export, follower,
    inspect, label, log, man, model, notification, poll, reload, restore, run, schedule, sealing, secret, source,
    status, story, subscription, token, topic, verification, watch,
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

/// Runs the command that the arguments ask for; the daemon serves at the sockets that it was handed, if any.
pub fn program(process: &Process, inherited: Inherited) -> ExitCode {
    let arguments = match Arguments::try_parse_from(&process.arguments) {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told, process.now).into(),
    };
    let form = if arguments.global.json { Form::Json } else { Form::People };
    let mut screen = Screen::of_process(form, process.now);
    match command(arguments, process, inherited, &mut screen) {
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
    let failure = Failure::of(error, screen.ink_err(), screen.columns());
    if failure.exit == Exit::Done || error.is::<exit::Told>() {
        return failure.exit;
    }
    screen.note(&failure.text);
    if let Some(record) = failure.record.filter(|_| screen.is_json()) {
        // Whoever reads stdout may be gone; the exit code says it all the same.
        screen.record(&record).ok();
    }
    failure.exit
}

fn command(arguments: Arguments, process: &Process, inherited: Inherited, screen: &mut Screen) -> anyhow::Result<()> {
    let Arguments { global, command } = arguments;
    let called = Called { global: &global, process };
    match command.unwrap_or(Command::Run) {
        Command::Run => {
            let (settings, spoken) = called.serving_aloud()?;
            let given = (called.file()?, inherited);
            on_runtime(run::run(settings, given, process.environment.clone(), (spoken, screen)))
        }
        Command::Watch(args) => on_runtime(watch::watch(called.without_file()?, &args, screen)),
        Command::Check => check::check(&called.settings(Secrets::Checked)?, &called.file()?, screen),
        Command::Reload => reload::reload(&called.file()?, &process.environment, screen),
        Command::Status => on_runtime(status::status(&called.knowing()?, screen)),
        Command::Doctor(args) => {
            let (file, environment) = (called.file()?, &process.environment);
            let settings = called.readable(&file)?;
            on_runtime(doctor::doctor(&file, settings, &args, environment.credentials_directory.as_deref(), screen))
        }
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
        Command::Delivery(command) => called.delivery(&command, screen),
        Command::Subscription(SubscriptionCommand::Verify { subscription }) => {
            let settings = called.looking()?;
            let mut store = open(&settings, Absent::Refuse)?;
            let http = assembly::terms(&settings)?.http;
            let ground = verification::Ground { http: &*http, expire: settings.delivery.expire };
            on_runtime(verification::verify(store.as_mut(), &subscription, &ground, screen))
        }
        Command::Subscription(command) => {
            let settings = called.looking()?;
            let mut store = open(&settings, absent(matches!(command, SubscriptionCommand::Add(_))))?;
            let ground = subscription::Ground {
                checks: CHECKS,
                has_relay: settings.email.is_some(),
                ring: &|| rings(&settings),
            };
            subscription::subscription(store.as_mut(), &command, &secret::entropy()?, &ground, screen)
        }
        Command::Follower(command) => follower::follower(called.store(Absent::Refuse)?.as_mut(), &command, screen),
        Command::Token(command) => {
            let mut store = called.store(absent(matches!(command, token::TokenCommand::Add(_))))?;
            token::token(store.as_mut(), &command, secret::TOKENS, screen)
        }
        Command::Secret(command) => sealing::secret(&|| called.looking(), &command, screen),
        Command::Model(command) => model::model(&|| called.looking(), &command, screen),
        Command::Backup(args) => backup::backup(called.store(Absent::Refuse)?.as_mut(), &args, screen),
        Command::Restore(args) => restore::restore(&called.looking()?, &args, screen),
        Command::Export(args) => export::export(called.reading()?.as_mut(), &args, screen),
        Command::Completions(args) => completions::completions(&args, screen),
        Command::Man(args) => man::man(&args, screen),
    }
}

/// Rings the daemon of these settings; whether one heard.
fn rings(settings: &Settings) -> bool {
    settings.control.socket.as_deref().is_some_and(control::ring)
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
        self.serving_aloud().map(|(settings, _)| settings)
    }

    /// The same, and where its logging goes.
    fn serving_aloud(&self) -> anyhow::Result<(Settings, Spoken)> {
        let settings = self.settings(Secrets::Required)?;
        let spoken = self.start_log(&settings)?;
        Ok((settings, spoken))
    }

    /// The settings of a command that asks the daemon: with its token where this user may read it.
    fn knowing(&self) -> anyhow::Result<Settings> {
        let settings = match self.settings(Secrets::Required) {
            Ok(settings) => settings,
            Err(_unread) => self.settings(Secrets::Skipped)?,
        };
        self.start_log(&settings)?;
        Ok(settings)
    }

    /// The same, of whatever can be read of `file`: what is wrong with it is the command's to tell.
    fn readable(&self, file: &Path) -> anyhow::Result<Result<Settings, Problems>> {
        let load = |need| config::load(file, &self.process.environment, &CHECKS, need);
        let settings = load(Secrets::Required).or_else(|_unread| load(Secrets::Checked));
        if let Ok(settings) = &settings {
            self.start_log(settings)?;
        }
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

    fn delivery(&self, command: &DeliveryCommand, screen: &mut Screen) -> anyhow::Result<()> {
        let settings = self.looking()?;
        let mut store = open(&settings, Absent::Refuse)?;
        delivery::delivery(store.as_mut(), command, &|| rings(&settings), screen)
    }

    /// The store for reading alone: nothing is brought up to date, and nothing can be written.
    fn reading(&self) -> anyhow::Result<Box<dyn Store>> {
        open_reader(&self.looking()?)
    }

    fn start_log(&self, settings: &Settings) -> anyhow::Result<Spoken> {
        log::start(&settings.log, self.global.log.as_deref(), self.process.environment.journal.as_deref())
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?.block_on(work)
}
