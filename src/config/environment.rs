//! What the process's environment says, read once.

use std::ffi::OsStr;
use std::path::PathBuf;

/// The few variables that the configuration looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `$STATE_DIRECTORY`: where a systemd service keeps its data.
    pub state_directory: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`: where systemd puts a service's secrets.
    pub credentials_directory: Option<PathBuf>,
    /// `$XDG_DATA_HOME`: where a person's programs keep their data.
    pub xdg_data_home: Option<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
    /// `$JOURNAL_STREAM`: the device and inode of what leads to the journal, where a service manager has set it.
    pub journal: Option<String>,
}

impl Environment {
    /// Reads them through `read` (the process's own `var_os`, or a test's); empty ones count as absent.
    pub fn read(read: impl Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        let path = |name: &str| read(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            state_directory: path("STATE_DIRECTORY").map(|list| first_of(&list.into_os_string())),
            credentials_directory: path("CREDENTIALS_DIRECTORY"),
            xdg_data_home: path("XDG_DATA_HOME").filter(|p| p.is_absolute()),
            home: path("HOME"),
            journal: read("JOURNAL_STREAM").and_then(|stream| stream.into_string().ok()),
        }
    }

    /// Where the database is when the configuration doesn't say; `None` when nothing tells.
    pub(super) fn database(&self) -> Option<PathBuf> {
        if let Some(state) = &self.state_directory {
            return Some(state.join("tidings.db"));
        }
        let data = self.xdg_data_home.clone().or_else(|| self.home.as_ref().map(|home| home.join(".local/share")))?;
        Some(data.join("tidings").join("tidings.db"))
    }
}

/// `StateDirectory=` may name several, parted by colons (systemd.exec(5)); ours is the first.
fn first_of(list: &OsStr) -> PathBuf {
    list.to_str().and_then(|text| text.split(':').next()).map_or_else(|| PathBuf::from(list), PathBuf::from)
}
