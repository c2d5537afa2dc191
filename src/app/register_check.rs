//! What contradicts a rule in the register itself.

use crate::app::deliveries::{known, today};
use crate::app::{App, Error, Snapshot};
use crate::crs::Operator;
use crate::ingest::delivery::{Finding, FindingState, check_register, except_register};

impl Snapshot {
    /// What the rules find wrong with the areas of this state, in order of code, exceptions left aside. Worked out once for a
    /// snapshot, over all areas: not for an async thread.
    pub fn rule_findings(&self) -> &[Finding] {
        self.rule_findings.get_or_init(|| {
            // The rules look at no place, so they need no shifts of an operator.
            let operator = Operator::default();
            let day = self.data_date();
            check_register(&known(self, "", (day, day), &[], &operator))
        })
    }
}

impl App {
    /// What the rules find wrong with the areas of a state and no exception makes lawful, in order of code. Errors: the store
    /// fails.
    pub fn open_findings(&self, snapshot: &Snapshot) -> Result<Vec<Finding>, Error> {
        let mut findings = snapshot.rule_findings().to_vec();
        except_register(&mut findings, &self.store.exceptions()?, today());
        findings.retain(|finding| finding.state == FindingState::Open);
        Ok(findings)
    }
}
