//! `tidings notification`: the log of all that was told.

use clap::{Args, Subcommand};

use crate::model::{Notification, NotificationType, Sequence, TopicKey};
use crate::port::{LogFilter, Store};
use crate::server::wire;

use super::exit::Refusal;
use super::lookup;
use super::screen::{Screen, Table};

#[derive(Debug, Subcommand)]
pub(super) enum NotificationCommand {
    /// List notifications in the order of their sequence numbers, oldest first, as webhooks were given them
    List(NotificationListArgs),
}

/// Which notifications.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings notification list --after 4711 --json\n  \
                        tidings notification list --topic resolution --type event.opened")]
pub(super) struct NotificationListArgs {
    /// Numbered above this; without it, all that is kept
    #[arg(long, value_name = "SEQ")]
    pub(super) after: Option<i64>,
    /// Of this topic
    #[arg(long, value_name = "ID")]
    pub(super) topic: Option<String>,
    /// Of these types, such as event.opened
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
}

/// Lists.
pub(super) fn notification(
    store: &mut dyn Store,
    command: &NotificationCommand,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let NotificationCommand::List(args) = command;
    let after = args.after.map(Sequence);
    let (topic, types) = (topic(args)?, types(args)?);
    let mut filter = LogFilter { after: after.unwrap_or_default(), topic, types, limit: args.limit };
    let mut page = store.log(&filter)?;
    if let Some(after) = after.filter(|after| page.has_gap(*after)) {
        return Err(Refusal::Data(page.gap(after)).into());
    }
    let mut table = Table::new(["SEQ", "MADE", "TYPE", "TOPIC", "EVENT", "ID"]);
    let mut left = args.limit;
    // A filter that fits few is given short pages: they are put together here.
    loop {
        for (seq, told) in &page.entries {
            if screen.is_json() {
                screen.record(&wire::Logged::of(*seq, told))?;
            } else {
                table.row(row(*seq, told, screen));
            }
        }
        left = left.saturating_sub(page.entries.len());
        if left == 0 || !page.has_more() {
            break;
        }
        filter = LogFilter { after: page.through, limit: left, ..filter };
        page = store.log(&filter)?;
    }
    if screen.is_json() {
        return Ok(());
    }
    if left == args.limit {
        screen.note("no notifications");
        return Ok(());
    }
    Ok(screen.table(&table)?)
}

fn row(seq: Sequence, told: &Notification, screen: &Screen) -> [String; 6] {
    let dash = || "-".to_owned();
    [
        seq.to_string(),
        screen.when(told.created_at),
        told.kind.label().to_owned(),
        told.topic.as_ref().map_or_else(dash, ToString::to_string),
        told.event.map_or_else(dash, |event| event.to_string()),
        told.id.to_string(),
    ]
}

fn topic(args: &NotificationListArgs) -> anyhow::Result<Option<TopicKey>> {
    let read = |id: &str| TopicKey::parse(id).ok_or_else(|| lookup::absent("topic", id, "tidings topic list"));
    Ok(args.topic.as_deref().map(read).transpose()?)
}

fn types(args: &NotificationListArgs) -> anyhow::Result<Vec<NotificationType>> {
    let read = |word: &String| {
        NotificationType::parse(word).ok_or_else(|| {
            let all = NotificationType::ALL.map(NotificationType::label).join(", ");
            Refusal::Usage(format!("{word:?} is not a type of notification (there are: {all})"))
        })
    };
    Ok(args.types.iter().map(read).collect::<Result<_, _>>()?)
}
