//! The secrets that a configuration names, and where: for whoever looks at the places, and not at the secrets.

use toml::de::DeTable;

/// How a secret is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In the configuration itself.
    Inline,
    /// In a file of its own.
    File,
    /// Handed over by systemd.
    Credential,
}

/// A secret that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSecret {
    /// Its key.
    pub key: String,
    /// How it is given.
    pub way: Way,
    /// The file or credential; empty where the secret itself would stand here.
    pub value: String,
}

/// Keys that hold a secret themselves.
const INLINE: [&str; 3] = ["secret", "token", "password"];
/// Keys of files that hold none.
const NO_SECRET: [&str; 1] = ["certificate_file"];

/// Finds the secrets that `text` names. What is no TOML names none.
pub fn named_secrets(text: &str) -> Vec<NamedSecret> {
    let mut found = Vec::new();
    if let Ok(table) = DeTable::parse(text) {
        walk(table.get_ref(), &mut found);
    }
    found
}

fn walk(table: &DeTable<'_>, found: &mut Vec<NamedSecret>) {
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        let value = value.get_ref();
        if let Some(table) = value.as_table() {
            walk(table, found);
        } else if let Some(items) = value.as_array() {
            items.iter().filter_map(|item| item.get_ref().as_table()).for_each(|table| walk(table, found));
        } else if let (Some(value), Some(way)) = (value.as_str().filter(|value| !value.is_empty()), way(key)) {
            let value = if way == Way::Inline { String::new() } else { value.to_owned() };
            found.push(NamedSecret { key: key.to_owned(), way, value });
        }
    }
}

/// How a key names a secret, if it does.
fn way(key: &str) -> Option<Way> {
    match key {
        _ if NO_SECRET.contains(&key) => None,
        _ if INLINE.contains(&key) => Some(Way::Inline),
        _ if key.ends_with("_file") => Some(Way::File),
        _ if key.ends_with("_credential") => Some(Way::Credential),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_at_any_depth_and_their_text_is_not_kept() {
        let text = "[server]\ntoken = \"0123456789abcdef\"\n[[subscriptions]]\nsecret_file = \"/x\"\n\
            old_secrets = [{ secret_credential = \"old\" }]\n[email]\ncertificate_file = \"/c\"\npassword_file = \"\"\n";
        let named = |key: &str, way, value: &str| NamedSecret { key: key.to_owned(), way, value: value.to_owned() };
        let mut found = named_secrets(text);
        found.sort_by(|a, b| a.key.cmp(&b.key));
        assert_eq!(
            found,
            [
                named("secret_credential", Way::Credential, "old"),
                named("secret_file", Way::File, "/x"),
                named("token", Way::Inline, ""),
            ]
        );
    }
}
