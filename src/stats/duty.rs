//! Dated duties of the ordinance: what each is called and what its rule says.

use crate::model::Text;

/// A duty that falls due on a day (Beijing property ordinance, consolidated 2024-03-29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// The owners' committee is filed within 30 days of its election.
    OwnersFiling,
    /// The street answers a committee that applied for filing within five working days.
    FilingAnswer,
    /// The owners' committee reports to the street six months before its term ends.
    OwnersReport,
    /// The owners' committee is elected anew by the end of its term.
    OwnersTerm,
    /// The property-management committee is filed within 30 days of its formation.
    ManagementFiling,
    /// The property-management committee is dissolved within 30 days of the filing of the owners' committee.
    Transition,
    /// The property-management committee is formed anew by the end of its term.
    ManagementTerm,
    /// Work on a committee begins six months before the contract of the early stage ends.
    EarlyStageCommittee,
    /// The contract is filed within 15 days.
    ContractFiling,
    /// The owners decide on renewal six months before the contract ends.
    RenewalDecision,
    /// The contract ends.
    ContractEnd,
    /// An emergency service ends after six months at most.
    EmergencyEnd,
    /// The service is handed over within 30 days of the end of the contract.
    Handover,
}

impl Duty {
    /// Every duty, committees first.
    pub const ALL: [Self; 13] = [
        Self::OwnersFiling,
        Self::FilingAnswer,
        Self::OwnersReport,
        Self::OwnersTerm,
        Self::ManagementFiling,
        Self::Transition,
        Self::ManagementTerm,
        Self::EarlyStageCommittee,
        Self::ContractFiling,
        Self::RenewalDecision,
        Self::ContractEnd,
        Self::EmergencyEnd,
        Self::Handover,
    ];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::OwnersFiling => "owners_filing",
            Self::FilingAnswer => "filing_answer",
            Self::OwnersReport => "owners_report",
            Self::OwnersTerm => "owners_term",
            Self::ManagementFiling => "management_filing",
            Self::Transition => "transition",
            Self::ManagementTerm => "management_term",
            Self::EarlyStageCommittee => "early_stage_committee",
            Self::ContractFiling => "contract_filing",
            Self::RenewalDecision => "renewal_decision",
            Self::ContractEnd => "contract_end",
            Self::EmergencyEnd => "emergency_end",
            Self::Handover => "handover",
        }
    }

    /// The duty of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.key() == key)
    }

    /// Whether it is about a service contract, and not about a committee.
    pub fn is_of_contract(self) -> bool {
        matches!(
            self,
            Self::EarlyStageCommittee
                | Self::ContractFiling
                | Self::RenewalDecision
                | Self::ContractEnd
                | Self::EmergencyEnd
                | Self::Handover
        )
    }

    /// Article of the ordinance.
    pub fn article(self) -> u8 {
        match self {
            Self::EarlyStageCommittee => 24,
            Self::OwnersTerm => 41,
            Self::OwnersFiling | Self::FilingAnswer => 43,
            Self::OwnersReport => 49,
            Self::ManagementFiling => 55,
            Self::ManagementTerm => 58,
            Self::Transition => 59,
            Self::ContractFiling => 63,
            Self::RenewalDecision | Self::ContractEnd => 75,
            Self::Handover => 76,
            Self::EmergencyEnd => 77,
        }
    }

    /// What it is called, in a few words.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::OwnersFiling => ("业委会备案", "Filing of the owners' committee"),
            Self::FilingAnswer => ("备案申请答复", "Answer to an application for filing"),
            Self::OwnersReport => ("业委会换届报告", "Report before the owners' committee's term ends"),
            Self::OwnersTerm => ("业委会任期届满", "End of the owners' committee's term"),
            Self::ManagementFiling => ("物管会备案", "Filing of the management committee"),
            Self::Transition => ("过渡期满、物管会解散", "Dissolution of the management committee"),
            Self::ManagementTerm => ("物管会任期届满", "End of the management committee's term"),
            Self::EarlyStageCommittee => ("前期物业转业主组织", "Work on a committee before the early stage ends"),
            Self::ContractFiling => ("物业服务合同备案", "Filing of the service contract"),
            Self::RenewalDecision => ("续聘或选聘决定", "Decision on renewal"),
            Self::ContractEnd => ("物业服务合同到期", "End of the service contract"),
            Self::EmergencyEnd => ("应急物业服务期满", "End of the emergency service"),
            Self::Handover => ("退出交接", "Handover"),
        };
        Text { zh, en }
    }

    /// The rule in one sentence, with its limits of what the register can know.
    pub fn rule(self) -> Text {
        let (zh, en) = match self {
            Self::OwnersFiling => (
                "业主委员会应当自选举产生之日起30日内备案；没有备案日期的列入，已申请备案、等候街道答复的除外。",
                "The owners' committee is filed within 30 days of its election; one without a day of filing is listed, unless it has applied and waits for the street's answer.",
            ),
            Self::FilingAnswer => (
                "街道应当自业主委员会申请备案之日起5个工作日内答复；已申请而没有备案日期的列入。工作日按周一至周五计，登记册没有法定节假日和调休，遇节假日应当顺延。",
                "The street answers within 5 working days of an owners' committee's application for filing; one that has applied and has no day of filing is listed. Working days are Monday to Friday: the register knows no public holidays nor the days worked in their stead, and a holiday puts the day off.",
            ),
            Self::OwnersReport => (
                "业主委员会任期届满6个月前应当向街道报告；登记册没有报告记录，只在到期前提醒。",
                "The owners' committee reports to the street six months before its term ends; the register holds no reports, so this is a reminder before the day only.",
            ),
            Self::OwnersTerm => (
                "业主委员会任期届满前应当完成换届；没有新一届业主委员会的列入。",
                "A new owners' committee is elected before the term ends; one that no later committee follows is listed.",
            ),
            Self::ManagementFiling => (
                "物业管理委员会应当自组建之日起30日内备案；没有备案日期的列入。",
                "The property-management committee is filed within 30 days of its formation; one without a day of filing is listed.",
            ),
            Self::Transition => (
                "业主委员会备案后30日内，物业管理委员会应当解散。",
                "The property-management committee is dissolved within 30 days of the filing of the owners' committee.",
            ),
            Self::ManagementTerm => (
                "物业管理委员会任期届满仍未成立业主大会的，街道应当重新组建。",
                "When the term of a property-management committee ends without an owners' assembly, the street forms it anew.",
            ),
            Self::EarlyStageCommittee => (
                "前期物业服务合同期限届满6个月前应当启动业主组织的成立工作；登记册没有筹备记录，合同期内没有业委会也没有物管会的列入，组织情况不明的不列入。",
                "Work on a committee begins six months before the contract of the early stage ends; the register holds no record of that work, so an area is listed while the contract runs and neither committee exists, and not where nobody has said which committees there are.",
            ),
            Self::ContractFiling => (
                "物业服务合同应当自签订之日起15日内报街道备案；登记册没有签订日期，自合同起始日期起算。现行合同没有备案日期的列入，合同类型不明的也列入，应急物业服务和已到期的合同除外；早于登记册最早一笔备案的合同，备案情况不明，逾期不列入。",
                "The service contract is filed with the street within 15 days of its signing; the register does not hold that day, so the first day of the contract stands for it. A current contract without a day of filing is listed, also one of an unknown kind, but neither an emergency service nor a contract that has ended. Of a contract that began before the first filing in the register nobody knows whether it was filed, so it is not listed as overdue.",
            ),
            Self::RenewalDecision => (
                "物业服务合同期限届满6个月前，业主应当决定续聘或者选聘；登记册没有决定记录，只在到期前提醒。应急物业服务除外。",
                "The owners decide on renewal six months before the contract ends; the register holds no decisions, so this is a reminder before the day only. An emergency service is not renewed.",
            ),
            Self::ContractEnd => (
                "物业服务合同期限届满；续签后请更新合同期限。",
                "The service contract ends; enter the dates of the new one once it is signed.",
            ),
            Self::EmergencyEnd => (
                "应急物业服务期限最长不超过6个月，自合同起始日期起算；仍在服务的列入。",
                "An emergency service lasts six months at most, from the first day of its contract; one that has not ended is listed.",
            ),
            Self::Handover => (
                "合同终止后30日内应当完成交接并退出；登记册中合同已到期且没有新合同的列入。",
                "The service is handed over within 30 days of the end of the contract; areas whose contract has ended and that have no new one are listed.",
            ),
        };
        Text { zh, en }
    }
}
