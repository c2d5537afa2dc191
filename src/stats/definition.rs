//! What each rate divides by what, in words.

use crate::model::{RateId, Text};

/// Name and meaning of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Grows when the meaning changes, so that figures of different meaning are never compared.
    pub version: u32,
    /// Title.
    pub title: Text,
    /// One sentence that says what is divided by what.
    pub sentence: Text,
}

/// The definition in force of a rate.
pub fn definition(id: RateId) -> Definition {
    let (title, sentence) = match id {
        RateId::ContractedShare => (
            Text { zh: "委托管理占比", en: "Share of contracted areas" },
            Text {
                zh: "管理类型为委托管理的物业管理区域数除以全部物业管理区域数。",
                en: "Areas whose management type is contracted, divided by all areas.",
            },
        ),
        RateId::QuasiShare => (
            Text { zh: "准物业占比", en: "Share of quasi-property areas" },
            Text {
                zh: "管理类型为准物业的物业管理区域数除以全部物业管理区域数。",
                en: "Areas whose management type is quasi-property, divided by all areas.",
            },
        ),
        RateId::CommitteeCoverage => (
            Text { zh: "业委会（物管会）组建率", en: "Committee coverage" },
            Text {
                zh: "当日有运转正常的业委会或物管会（含两者并存的过渡期）的物业管理区域数除以全部物业管理区域数。",
                en: "Areas that on the date have an operating owners' or property-management committee, or both in transition, divided by all areas.",
            },
        ),
        RateId::CommitteeCountRatio => (
            Text { zh: "委员会数与区域数之比", en: "Committees per area" },
            Text {
                zh: "当日运转正常的业委会与物管会个数之和除以全部物业管理区域数，一个区域有两个委员会时计两个。",
                en: "Owners' and property-management committees operating on the date, divided by all areas; an area with two committees counts twice.",
            },
        ),
        RateId::PartyCoverageCommittee => (
            Text { zh: "委员会党组织覆盖率", en: "Party organisation coverage of committees" },
            Text {
                zh: "当日已建立党组织的业委会和物管会个数除以当日已成立且未解散的业委会和物管会个数，含运转不正常的。",
                en: "Committees with a party organisation on the date, divided by committees that are formed and not dissolved on the date, operating or not.",
            },
        ),
        RateId::PartyCoverageCompany => (
            Text { zh: "物业企业党组织覆盖率", en: "Party organisation coverage of companies" },
            Text {
                zh: "管理范围内至少一个物业管理区域且已建立党组织的物业服务企业数除以管理范围内至少一个物业管理区域的物业服务企业数。",
                en: "Property companies that manage at least one area of the scope and have a party organisation, divided by all property companies that manage at least one area of the scope.",
            },
        ),
    };
    Definition { version: 1, title, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_has_a_title_and_one_sentence_of_its_own() {
        let mut titles: Vec<&str> = RateId::ALL.map(|id| definition(id).title.zh).to_vec();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), RateId::ALL.len());
        for id in RateId::ALL {
            let sentence = definition(id).sentence;
            assert_eq!(sentence.zh.matches('。').count(), 1);
            assert!(sentence.zh.ends_with('。') && sentence.en.ends_with('.'));
        }
    }
}
