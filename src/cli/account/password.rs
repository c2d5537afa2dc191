//! Passwords from a terminal, where they are not shown, or from standard input.

use std::io::{self, BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use clap::Args;
use console::Term;

/// Bytes of a line on standard input at most.
const LINE_BYTES_MAX: u64 = 4_096;

/// Where the password comes from.
#[derive(Debug, Args)]
pub struct Source {
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl Source {
    /// Asks for it. Errors: there is nobody to ask, or two different ones are typed.
    pub fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            return first_line(io::stdin().lock());
        }
        let terminal = Term::stderr();
        if !io::stdin().is_terminal() || !terminal.is_term() {
            bail!("there is no terminal to ask for a password: give it on standard input, with --password-stdin");
        }
        let ask = |what: &str| -> anyhow::Result<String> {
            terminal.write_str(what).and_then(|()| terminal.read_secure_line()).context("cannot ask for the password")
        };
        let password = ask("Password (15 characters or more): ")?;
        if ask("The same once more: ")? != password {
            bail!("two different passwords were typed: nothing was changed");
        }
        Ok(password)
    }
}

fn first_line(input: impl io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.take(LINE_BYTES_MAX).read_line(&mut line).context("cannot read the password")?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        bail!("there is no password on standard input");
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_with_its_spaces() {
        assert_eq!(first_line(" 长 口令 \r\nrest".as_bytes()).unwrap(), " 长 口令 ");
        assert_eq!(first_line("without an end".as_bytes()).unwrap(), "without an end");
        for nothing in ["", "\n", "\r\n"] {
            assert!(first_line(nothing.as_bytes()).is_err());
        }
    }
}
