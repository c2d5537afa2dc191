//! Writing: exchange files become one record in one transaction, or nothing.

use jiff::Timestamp;
use jiff::civil::date;

use crate::app::{App, Error};
use crate::demo;
use crate::history::{Entry, NewRecord};
use crate::ingest::{ChangeSet, Sources, check_exchange};
use crate::model::{RecordKind, Revision};
use crate::store::DocumentChange;

/// What became of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// A record was committed and this is the revision it led to.
    Committed(Revision),
    /// The store holds a register already; nothing was written.
    AlreadyThere(Revision),
}

/// The record under which the demonstration district is entered.
pub fn demo_record() -> NewRecord {
    NewRecord {
        kind: RecordKind::SurveyRound,
        document: "DEMO-2022-10-27".to_owned(),
        authority: "演示数据生成器 (非真实机关)".to_owned(),
        dated: date(2022, 10, 27),
        author: "onemap demo".to_owned(),
        recorded_at: Timestamp::now(),
        note: "演示数据 非真实".to_owned(),
        request: None,
    }
}

impl App {
    /// Enters an entry as one record in one transaction and publishes the snapshot after it. Disk and CPU work: not for an
    /// async thread; writers of this process wait for each other.
    ///
    /// Errors: the store refuses or fails, and then nothing was entered; or the register cannot be served. Once the record
    /// is entered the store may fail: the revision is told, and whoever follows the store publishes it.
    pub fn publish(&self, record: &NewRecord, entry: &Entry) -> Result<Revision, Error> {
        self.publish_stamped(|| record.clone(), (entry, &[]))
    }

    /// The same with a record that is made when it is its turn, so that it says when it was entered and not when it began
    /// to wait.
    pub(super) fn publish_stamped(
        &self,
        record: impl FnOnce() -> NewRecord,
        (entry, documents): (&Entry, &[DocumentChange]),
    ) -> Result<Revision, Error> {
        let revision = {
            let _turn = self.following.writing();
            self.store.commit_with(&record(), entry, documents)?
        };
        match self.catch_up() {
            Ok(_) => Ok(revision),
            Err(Error::Store(error)) => {
                tracing::warn!(%error, %revision, "the record is entered but not published yet");
                Ok(revision)
            }
            Err(error) => Err(error),
        }
    }

    /// Generates the demonstration district and enters it, and then what was before it, unless the store holds a register already.
    ///
    /// With a number of areas it enters copies of the district side by side, for measuring.
    pub fn load_demo(&self, areas: Option<usize>) -> Result<Loaded, Error> {
        if let Some(revision) = self.store.revision()? {
            return Ok(Loaded::AlreadyThere(revision));
        }
        let files = demo::generate(&demo::Base::embedded(), demo::SEED)?;
        let text = |path: &str| {
            files.iter().find(|file| file.path == path).map(|file| file.text.as_bytes()).unwrap_or_default()
        };
        let sources = Sources {
            district: text("district.geojson"),
            streets: text("streets.geojson"),
            areas: text("areas.geojson"),
            managers: text("ledger/managers.csv"),
            committees: text("ledger/committees.csv"),
            communities: text("ledger/communities.csv"),
            figures: text("ledger/figures.csv"),
        };
        let mut changes = checked(&sources)?;
        let past = demo::past(&changes, demo::SEED)?;
        if let Some(count) = areas {
            demo::repeat(&mut changes, count)?;
        }
        let mut revision = self.store.commit(&demo_record(), &Entry::from(&changes))?;
        for demo::Chapter { kind, dated, note, entry } in past {
            let document = format!("DEMO-{dated}-{}", kind.key());
            let note = format!("演示数据 非真实; {note}");
            let record = NewRecord { kind, document, dated, note, ..demo_record() };
            revision = self.store.commit(&record, &entry)?;
        }
        self.refresh()?;
        Ok(Loaded::Committed(revision))
    }
}

/// The change set of the files. Errors: [`Error::Faults`] names every fault; nothing is to be written then.
fn checked(sources: &Sources<'_>) -> Result<ChangeSet, Error> {
    let checked = check_exchange(sources);
    if checked.faults.is_empty() { Ok(checked.changes) } else { Err(Error::Faults(checked.faults)) }
}
