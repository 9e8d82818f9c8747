//! The keys of this person: the table of [`super::keymap`], with their own keys laid over it.

use crossterm::event::KeyCode;

use super::keymap::{self, Action, Binding, Key};
use super::model::Context;
use crate::base::suggest;
use crate::spec::settings::KeySetting;

/// The keys of this person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<Change>);

/// A key that means something else, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    context: Context,
    key: Key,
    action: Option<Action>,
}

impl Keys {
    /// Lays a person's keys over the table; what cannot be read is told, with the setting that it is about.
    pub fn new(settings: &[KeySetting]) -> (Self, Vec<(&KeySetting, String)>) {
        let (mut changes, mut wrong) = (Vec::new(), Vec::new());
        for setting in settings {
            match change(setting) {
                Ok(change) => changes.push(change),
                Err(why) => wrong.push((setting, why)),
            }
        }
        (Self(changes), wrong)
    }

    /// What `key` asks for in `context`.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        match self.changed(context, key) {
            Some(change) => change.action,
            None => keymap::action(context, key),
        }
    }

    fn changed(&self, context: Context, key: Key) -> Option<&Change> {
        self.0.iter().rev().find(|change| change.context == context && change.key == key)
    }

    /// The keys of a binding in `context`, a person's own first.
    pub fn of(&self, context: Context, binding: &Binding) -> Vec<Key> {
        let own =
            self.0.iter().filter(|change| change.context == context && change.action == Some(binding.action));
        let own =
            own.map(|change| change.key).filter(|key| self.action(context, *key) == Some(binding.action));
        let given = binding.keys.iter().copied().filter(|key| self.changed(context, *key).is_none());
        own.chain(given).collect()
    }
}

fn change(setting: &KeySetting) -> Result<Change, String> {
    let names = Context::ALL.map(context_name);
    let context = Context::ALL.into_iter().find(|context| context_name(*context) == setting.context);
    let context = context.ok_or_else(|| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("there are no keys of `{}`: {}", setting.context, suggest::advice(&setting.context, &names))
    })?;
    let key = key(&setting.key)
        .ok_or_else(|| format!("`{}` is no key: x, ctrl-x, enter, pgdn, up …", setting.key))?;
    if key == (Key { code: KeyCode::Esc, control: false }) {
        return Err("Esc stays what it is: the way out of everything".to_owned());
    }
    let action = setting.action.as_ref().map(|name| action(context, name)).transpose()?;
    Ok(Change { context, key, action })
}

fn action(context: Context, name: &str) -> Result<Action, String> {
    let known: Vec<(String, Action)> =
        keymap::bindings(context).map(|binding| (action_name(binding.action), binding.action)).collect();
    let found = known.iter().find(|(known, _)| known == name);
    found.map(|(_, action)| *action).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        format!("nothing is called `{name}` here: {}", suggest::advice(name, &names))
    })
}

/// What settings call a context: `entry`.
pub fn context_name(context: Context) -> String {
    format!("{context:?}").to_lowercase()
}

/// What settings call an action: `run-stale`, `half-down`.
pub fn action_name(action: Action) -> String {
    let debug = format!("{action:?}");
    let inner = debug.rsplit('(').next().unwrap_or_default().trim_end_matches(')');
    let mut name = String::new();
    for character in inner.chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(character.to_lowercase());
    }
    name
}

/// A key as settings write it.
fn key(name: &str) -> Option<Key> {
    let (control, bare) = match name.strip_prefix("ctrl-").or_else(|| name.strip_prefix('^')) {
        Some(bare) if !bare.is_empty() => (true, bare),
        _ => (false, name),
    };
    let mut characters = bare.chars();
    let code = match (characters.next(), characters.next()) {
        (Some(character), None) if control => KeyCode::Char(character.to_ascii_lowercase()),
        (Some(character), None) => KeyCode::Char(character),
        _ => match bare.to_lowercase().as_str() {
            "space" => KeyCode::Char(' '),
            "enter" => KeyCode::Enter,
            "tab" => KeyCode::Tab,
            "esc" => KeyCode::Esc,
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pgup" => KeyCode::PageUp,
            "pgdn" => KeyCode::PageDown,
            _ => return None,
        },
    };
    Some(Key { code, control })
}

/// All keys with the names of what they do, as `lowland help keys` prints them.
pub fn table() -> String {
    let mut text = String::new();
    for context in Context::ALL {
        text.extend([context_name(context), ":\n".to_owned()]);
        for binding in keymap::bindings(context) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            let line =
                format!("  {:<18} {:<16} {}", action_name(binding.action), keys.join(" "), binding.about);
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(context: &str, key: &str, action: Option<&str>) -> KeySetting {
        KeySetting {
            context: context.to_owned(),
            key: key.to_owned(),
            action: action.map(str::to_owned),
            span: 0..0,
        }
    }

    fn pressed(keys: &Keys, context: Context, name: &str) -> Option<Action> {
        keys.action(context, key(name).unwrap())
    }

    #[test]
    fn own_keys_lie_over_the_table_and_wrong_ones_are_named() {
        let settings = [
            setting("entry", "ctrl-r", Some("run-stale")),
            setting("entry", "x", None),
            setting("log", "x", Some("run")),
            setting("entry", "y", Some("rnu")),
            setting("entyr", "y", Some("run")),
            setting("entry", "hyper-y", Some("run")),
            setting("entry", "esc", Some("run")),
        ];
        let (keys, wrong) = Keys::new(&settings);
        assert_eq!(pressed(&keys, Context::Entry, "ctrl-r"), Some(Action::RunStale));
        assert_eq!(pressed(&keys, Context::Entry, "x"), None);
        assert_eq!(pressed(&keys, Context::Log, "x"), Some(Action::Run));
        assert_eq!(pressed(&keys, Context::Log, "R"), Some(Action::RunStale));
        let told: Vec<&str> = wrong.iter().map(|(_, why)| why.split(':').next().unwrap()).collect();
        assert_eq!(
            told,
            [
                "nothing is called `rnu` here",
                "there are no keys of `entyr`",
                "`hyper-y` is no key",
                "Esc stays what it is"
            ]
        );
        let run_stale =
            keymap::bindings(Context::Entry).find(|binding| binding.action == Action::RunStale).unwrap();
        let shown: Vec<String> = keys.of(Context::Entry, run_stale).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["^R", "R"]);
    }

    #[test]
    fn every_action_has_one_name_in_each_place() {
        for context in Context::ALL {
            let mut names: Vec<(String, Action)> = Vec::new();
            for binding in keymap::bindings(context) {
                let name = action_name(binding.action);
                let twin = names.iter().find(|(other, _)| *other == name);
                assert!(twin.is_none_or(|(_, action)| *action == binding.action), "{name} in {context:?}");
                names.push((name, binding.action));
            }
        }
        assert!(table().contains("  run-stale          R                run whatever"));
    }
}
