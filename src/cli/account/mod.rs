//! `onemap account`: who may come in.
//!
//! Whoever can run the command line on the machine where the register lies may do everything with accounts; the audit log
//! calls them `cli`.

mod password;

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::access::{Access, AccessError, Account, AccountAt, AccountChange, NewAccount, Occasion};
use crate::auth::role::{Actor, Role};
use crate::cli::{Ended, Settings, open, say};
use crate::config::Config;
use crate::model::StreetCode;

/// Arguments of `onemap account`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an account. Its password is asked for, twice, or comes with --password-stdin.
    Add(AddArguments),
    /// Tell all accounts.
    List(ListArguments),
    /// Give an account another password, which ends its sessions and a lock.
    Password(PasswordArguments),
    /// Let nobody in with an account any more; ends its sessions.
    Disable(NameArguments),
    /// Let somebody in with an account again.
    Enable(NameArguments),
    /// Give an account another role; ends its sessions.
    Role(RoleArguments),
    /// Say which streets an officer is of, instead of those until now.
    Streets(StreetsArguments),
    /// End all sessions of an account.
    SignOut(SignOutArguments),
}

/// What every one of them takes.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    settings: Settings,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ListArguments {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct NameArguments {
    /// Name of the account.
    name: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct SignOutArguments {
    /// Name of the account.
    name: String,
    /// Remove its tokens too: they outlive sessions and passwords.
    #[arg(long)]
    tokens: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct AddArguments {
    /// What one signs in with: 2 to 64 small letters, digits, dots, dashes and underscores.
    name: String,
    /// What people read [default: the name].
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// officer, clerk, district, auditor or admin.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Nine digits of a street that an officer is of; may be given more than once.
    #[arg(long = "street", value_name = "CODE", value_parser = street)]
    streets: Vec<StreetCode>,
    #[command(flatten)]
    source: password::Source,
    /// Make it without a password: another provider vouches for whoever signs in.
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct PasswordArguments {
    /// Name of the account.
    name: String,
    #[command(flatten)]
    source: password::Source,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct RoleArguments {
    /// Name of the account.
    name: String,
    /// officer, clerk, district, auditor or admin.
    #[arg(value_parser = role)]
    role: Role,
    /// Nine digits of a street that an officer is of; may be given more than once.
    #[arg(long = "street", value_name = "CODE", value_parser = street)]
    streets: Vec<StreetCode>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct StreetsArguments {
    /// Name of the account.
    name: String,
    /// Nine digits of each street.
    #[arg(value_name = "CODE", value_parser = street, required = true)]
    streets: Vec<StreetCode>,
    #[command(flatten)]
    common: Common,
}

/// A role as an argument.
fn role(text: &str) -> Result<Role, String> {
    let role = Role::from_key(text).filter(|role| role.is_of_accounts());
    role.ok_or_else(|| "officer, clerk, district, auditor or admin is expected".to_owned())
}

/// A street as an argument.
fn street(text: &str) -> Result<StreetCode, String> {
    StreetCode::parse(text).map_err(|err| err.to_string())
}

/// Runs the subcommand.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    match arguments.command {
        Command::Add(arguments) => add(arguments),
        Command::List(arguments) => list(arguments.common),
        Command::Password(arguments) => {
            let password = arguments.source.read()?;
            let change = AccountChange { password: Some(password), ..AccountChange::default() };
            change_account(arguments.common, &arguments.name, change)
        }
        Command::Disable(arguments) => switch(arguments, true),
        Command::Enable(arguments) => switch(arguments, false),
        Command::Role(RoleArguments { name, role, streets, common }) => {
            let streets = (!streets.is_empty()).then(|| streets.into_iter().collect());
            change_account(common, &name, AccountChange { role: Some(role), streets, ..AccountChange::default() })
        }
        Command::Streets(StreetsArguments { name, streets, common }) => {
            let streets = Some(streets.into_iter().collect());
            change_account(common, &name, AccountChange { streets, ..AccountChange::default() })
        }
        Command::SignOut(arguments) => sign_out(arguments),
    }
}

/// The accounts of the register, whoever runs this, and how to answer.
struct Desk {
    access: Access,
    actor: Actor,
    now: Occasion,
    json: bool,
}

impl Desk {
    fn open(common: Common) -> anyhow::Result<Self> {
        let config = Config::load(common.settings.overrides())?;
        let access = Access::new(open::existing(&config.store, config.store_ca.as_deref())?);
        let now = Occasion { at: Timestamp::now(), address: None };
        Ok(Self { access, actor: Actor::at_the_machine(), now, json: common.json })
    }

    /// Tells what became of it; what is refused is exit code 3, what fails is an error.
    fn told<T>(&self, done: Result<T, AccessError>, tell: impl FnOnce(&T) -> (String, Value)) -> anyhow::Result<Ended> {
        match done {
            Ok(done) => {
                let (sentence, object) = tell(&done);
                say(&if self.json { object.to_string() } else { sentence });
                Ok(Ended::Fine)
            }
            Err(err) if is_refusal(&err) => {
                let sentence = err.to_string();
                say(&if self.json {
                    json!({ "refused": sentence }).to_string()
                } else {
                    format!("refused: {sentence}")
                });
                Ok(Ended::Refused)
            }
            Err(err) => Err(err.into()),
        }
    }
}

fn is_refusal(err: &AccessError) -> bool {
    matches!(
        err,
        AccessError::NoSuchAccount(_)
            | AccessError::NameTaken(_)
            | AccessError::Invalid { .. }
            | AccessError::Outdated
            | AccessError::OwnAccount
    )
}

fn add(arguments: AddArguments) -> anyhow::Result<Ended> {
    let AddArguments { name, display_name, role, streets, source, no_password, common } = arguments;
    let password = if no_password { None } else { Some(source.read()?) };
    let desk = Desk::open(common)?;
    let display_name = display_name.unwrap_or_else(|| name.clone());
    let new = NewAccount { name, display_name, role, streets: streets.into_iter().collect(), password };
    desk.told(desk.access.add_account(&desk.actor, &desk.now, new), told_account)
}

fn switch(arguments: NameArguments, disabled: bool) -> anyhow::Result<Ended> {
    let change = AccountChange { disabled: Some(disabled), ..AccountChange::default() };
    change_account(arguments.common, &arguments.name, change)
}

fn change_account(common: Common, name: &str, change: AccountChange) -> anyhow::Result<Ended> {
    let desk = Desk::open(common)?;
    let at = AccountAt { name, seen: None };
    desk.told(desk.access.change_account(&desk.actor, &desk.now, &at, change), told_account)
}

fn sign_out(arguments: SignOutArguments) -> anyhow::Result<Ended> {
    let SignOutArguments { name, tokens, common } = arguments;
    let desk = Desk::open(common)?;
    let ended = desk.access.sign_out_everywhere(&desk.actor, &desk.now, &name);
    let ended = ended.and_then(|sessions| {
        let removed = if tokens { desk.access.remove_tokens_of(&desk.actor, &desk.now, &name)? } else { 0 };
        Ok((sessions, removed))
    });
    desk.told(ended, |(sessions, removed)| {
        let object = json!({ "name": name, "sessions_ended": sessions, "tokens_removed": removed });
        (format!("{name}: {sessions} sessions ended, {removed} tokens removed"), object)
    })
}

fn list(common: Common) -> anyhow::Result<Ended> {
    let desk = Desk::open(common)?;
    desk.told(desk.access.accounts(&desk.actor), |accounts| {
        let (sentences, objects): (Vec<String>, Vec<Value>) = accounts.iter().map(told_account).unzip();
        let sentence = if sentences.is_empty() { "there are no accounts".to_owned() } else { sentences.join("\n") };
        (sentence, json!({ "accounts": objects }))
    })
}

/// An account as a line and as an object.
fn told_account(account: &Account) -> (String, Value) {
    let streets: BTreeSet<&str> = account.streets.iter().map(StreetCode::as_str).collect();
    let mut line = format!("{} ({}): {}", account.name, account.display_name, account.role.key());
    if !streets.is_empty() {
        line = format!("{line} of {}", streets.iter().copied().collect::<Vec<_>>().join(", "));
    }
    if account.disabled {
        line.push_str(", disabled");
    }
    if let Some(until) = account.locked_until.filter(|until| *until > Timestamp::now()) {
        line = format!("{line}, locked until {until}");
    }
    match account.last_sign_in {
        Some(at) => line = format!("{line}, signed in last at {at}"),
        None => line.push_str(", never signed in"),
    }
    let object = json!({
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.key(),
        "streets": streets,
        "disabled": account.disabled,
        "locked_until": account.locked_until,
        "last_sign_in": account.last_sign_in,
        "password": account.has_password,
    });
    (line, object)
}
