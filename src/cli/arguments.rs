//! What may be typed: the commands and the options that all of them take.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    backtest, backup, completions, delivery, doctor, event, explain, export, follower, inspect, label, man, model,
    notification, poll, restore, schedule, sealing, source, story, subscription, token, topic, watch,
};

/// Polls feeds and pages, tells each event once, and says why
#[derive(Debug, Parser)]
#[command(name = "tidings", version, after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    /// What to do; the daemon, where nothing is said.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  tidings watch '\"united nations\" AND cyber*' https://press.un.org/en/rss.xml
  tidings check --config tidings.toml
  tidings run --config /etc/tidings/tidings.toml
  tidings explain https://press.un.org/en/2021/ga12392.doc.htm

Without a command it is the daemon, as with run.
Configuration: --config FILE, else /etc/tidings/tidings.toml, else config/resolution.toml.
Exit codes: 0 done, 64 usage, 65 data, 69 unavailable, 75 try later, 78 configuration.";

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// Read this configuration
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print JSON Lines on stdout and nothing else there
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Log at this level: error, warn, info, debug or trace; or by a filter
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(super) log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the daemon: poll, decide, tell
    Run,
    /// Try a topic at once, without any configuration; events are told on the terminal
    Watch(watch::WatchArgs),
    /// Check the configuration: every problem with its place and remedy
    Check,
    /// Have the running daemon read its configuration anew, and say what came of it
    Reload,
    /// Say how the daemon fares: its loops, what waits, what is amiss
    Status,
    /// Look into what may be wrong: configuration, store, clock, names, disk, sources, endpoints
    Doctor(doctor::DoctorArgs),
    /// Poll sources once, now, through all stages
    Poll(poll::PollArgs),
    /// Show what tidings sees at an address or in a file
    Inspect(inspect::InspectArgs),
    /// Replay recorded articles through the decisions
    Backtest(backtest::BacktestArgs),
    /// Replay recorded posts through the schedule: how late would they be noticed
    Schedule(schedule::ScheduleArgs),
    /// Say why a story was told, or was not
    Explain(explain::ExplainArgs),
    /// Sources: list, show, find, add, edit, resume, import, export, backfill, remove
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Lists of sources as OPML: import, export
    #[command(subcommand)]
    Opml(source::OpmlCommand),
    /// Topics: list, show, add, edit, preview, history, undo, suggest, train, remove
    #[command(subcommand)]
    Topic(topic::TopicCommand),
    /// Stories: list, show, mark
    #[command(subcommand)]
    Story(story::StoryCommand),
    /// Events: list, show, merge, split
    #[command(subcommand)]
    Event(event::EventCommand),
    /// What operators said of stories: export
    #[command(subcommand)]
    Label(label::LabelCommand),
    /// The log of all that was told: list
    #[command(subcommand)]
    Notification(notification::NotificationCommand),
    /// Deliveries: list, show, replay, recover, test
    #[command(subcommand)]
    Delivery(delivery::DeliveryCommand),
    /// Subscriptions: list, show, add, edit, rotate, verify, test, enable, disable, key, remove
    #[command(subcommand)]
    Subscription(subscription::SubscriptionCommand),
    /// Who follows our feeds by way of our hub: list, remove
    #[command(subcommand)]
    Follower(follower::FollowerCommand),
    /// Tokens for the HTTP API: list, add, remove
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Secrets at rest: make a key, show under which they are sealed, seal them
    #[command(subcommand)]
    Secret(sealing::SecretCommand),
    /// The sentence model, which tells events across languages: install, show, compare
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// Copy the database to a file, consistently, also while the daemon runs
    Backup(backup::BackupArgs),
    /// Put a copy in the place of the database, which is kept beside it; the daemon must be stopped
    Restore(restore::RestoreArgs),
    /// Print all that is stored as JSON Lines, at one moment, also while the daemon runs
    Export(export::ExportArgs),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man(man::ManArgs),
}
