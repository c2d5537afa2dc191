//! Reading the log.

use std::io;

use jiff::Timestamp;

use crate::app::access::{Access, AccessError, Invalidity, ask};
use crate::auth::policy::{Action, Resource};
use crate::auth::role::Actor;
use crate::formats::csv::guarded;
use crate::history::{AuditEntry, AuditFault, AuditHead};
use crate::model::AreaCode;
use crate::store::{AuditFrom, AuditQuery};

/// Entries that are told at a time.
pub const LOG_LIMIT_MAX: usize = 1_000;

/// Which entries are asked for; what is left open does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// What it was done to, as a whole, such as `area/CY-JS-0042`.
    pub object: Option<String>,
    /// Who did it.
    pub who: Option<String>,
    /// What was done, as a whole, or what it begins with when it ends in a dot.
    pub action: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Those before the entry of this number.
    pub before: Option<u64>,
    /// At most so many, up to [`LOG_LIMIT_MAX`].
    pub limit: usize,
}

impl Access {
    /// Entries of the log, the newest first.
    pub fn log(&self, actor: &Actor, query: &LogQuery) -> Result<Vec<AuditEntry>, AccessError> {
        ask(actor, Action::ReadAudit, &Resource::District)?;
        let LogQuery { object, who, action, since, until, before, limit } = query.clone();
        if !(1..=LOG_LIMIT_MAX).contains(&limit) {
            return Err(AccessError::invalid("limit", Invalidity::Limit { max: LOG_LIMIT_MAX }));
        }
        let from = before.map_or(AuditFrom::Newest, AuditFrom::Before);
        Ok(self.store().audit_entries(&AuditQuery { object, who, action, since, until, from, limit })?)
    }

    /// Entries of the log from the one after this number on, towards the newest: for reading all of it.
    pub fn log_after(&self, actor: &Actor, after: u64, limit: usize) -> Result<Vec<AuditEntry>, AccessError> {
        ask(actor, Action::ReadAudit, &Resource::District)?;
        let limit = limit.min(LOG_LIMIT_MAX);
        Ok(self.store().audit_entries(&AuditQuery::of(AuditFrom::After(after), limit))?)
    }

    /// Who did what to an area, the newest first: for those who work on all of the district.
    pub fn area_log(&self, actor: &Actor, area: &AreaCode, limit: usize) -> Result<Vec<AuditEntry>, AccessError> {
        ask(actor, Action::ReadDesk, &Resource::District)?;
        let object = Some(format!("area/{}", area.as_str()));
        let query = AuditQuery { object, ..AuditQuery::of(AuditFrom::Newest, limit.min(LOG_LIMIT_MAX)) };
        Ok(self.store().audit_entries(&query)?)
    }

    /// Goes through the whole log, which must hold `known`, and tells where it is broken first, and what its last entry is.
    pub fn verify_log(
        &self,
        actor: &Actor,
        known: Option<AuditHead>,
    ) -> Result<Result<Option<AuditHead>, AuditFault>, AccessError> {
        ask(actor, Action::ReadAudit, &Resource::District)?;
        // The head first: what is written meanwhile is verified along with it.
        let head = self.store().audit_head()?;
        Ok(match self.store().verify_audit(known)? {
            Some(fault) => Err(fault),
            None => Ok(head),
        })
    }
}

/// The heads of the columns of a [`LogCsv`].
const HEADS: [&str; 12] = [
    "seq",
    "at",
    "who",
    "role",
    "action",
    "object",
    "before",
    "after",
    "record",
    "address_hash",
    "previous_hash",
    "hash",
];

/// Entries as a CSV file for spreadsheet programs: UTF-8 with a byte order mark, lines end with CRLF, and an apostrophe
/// stands before every text that they would take for a formula.
pub struct LogCsv<W: io::Write>(csv::Writer<W>);

impl<W: io::Write> LogCsv<W> {
    /// Begins with the heads.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        csv.write_record(HEADS)?;
        Ok(Self(csv))
    }

    /// The next line.
    pub fn add(&mut self, entry: &AuditEntry) -> io::Result<()> {
        let AuditEntry { seq, told, record, previous, hash } = entry;
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            seq.to_string(),
            told.at.to_string(),
            told.who.clone(),
            told.role.clone(),
            told.action.clone(),
            optional(&told.object),
            optional(&told.before),
            optional(&told.after),
            record.map(|record| record.to_string()).unwrap_or_default(),
            optional(&told.address_hash),
            previous.to_string(),
            hash.to_string(),
        ];
        Ok(self.0.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?)
    }

    /// Writes what is still waiting.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes entries as a [`LogCsv`].
pub fn write_log_csv(entries: &[AuditEntry], out: &mut dyn io::Write) -> io::Result<()> {
    let mut csv = LogCsv::new(out)?;
    entries.iter().try_for_each(|entry| csv.add(entry))?;
    csv.finish()
}
