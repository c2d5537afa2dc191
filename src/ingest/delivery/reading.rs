//! From the cells of a record to the values of a row; whatever is wrong with a cell becomes a finding that names it.

use std::ops::RangeInclusive;

use crate::formats::{Cell, Layer, Place, SourceRecord};
use crate::ingest::BUILT_YEARS;
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::places::{find_community, find_street};
use crate::ingest::delivery::value::{self, Quantity, ValueFault};
use crate::ingest::delivery::{AreaRow, ColumnMap, CommitteePart, CommitteeRow, DeliveredField, Finding, Issue, Known};
use crate::model::{AreaCode, CodeError, CommitteeKind, CommitteeStatus, ContractKind, Management, QuasiKind, Uscc};

/// Most characters of a value that a finding shows.
const SHOWN_CHARS: usize = 40;

/// Most characters of a text that the register keeps.
const TEXT_CHARS: usize = 200;

/// Members that a committee can have.
const MEMBERS: RangeInclusive<u32> = 1..=999;

/// Reads a record. Columns with personal data are in `refused` and are left alone.
pub fn read_row(
    layer: &Layer,
    record: &SourceRecord,
    (map, refused): (&ColumnMap, &[String]),
    known: &Known<'_>,
    findings: &mut Vec<Finding>,
) -> AreaRow {
    let mut row = AreaRow::default();
    let mut reader = Reader { place: layer.place(record), known, findings };
    let mut community = None;
    for (column, cell) in layer.columns.iter().zip(&record.cells) {
        if *cell == Cell::Empty || refused.contains(column) {
            continue;
        }
        let Some(field) = map.field(column) else { continue };
        let at = At { column, cell, field };
        match field {
            DeliveredField::Community => community = Some(at),
            _ => reader.read(&at, &mut row),
        }
    }
    // A community is looked for in the street, which may stand in a later column.
    if let Some(at) = community {
        reader.community(&at, &mut row);
    }
    // A dash in each of its columns says nothing of a committee.
    let is_said = |committee: &CommitteeRow| *committee != CommitteeRow::default();
    row.owners = row.owners.filter(is_said);
    row.property_management = row.property_management.filter(is_said);
    row
}

/// A cell and where it stands.
#[derive(Clone, Copy)]
struct At<'a> {
    column: &'a str,
    cell: &'a Cell,
    field: DeliveredField,
}

struct Reader<'a, 'k> {
    place: Place,
    known: &'a Known<'k>,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_, '_> {
    fn read(&mut self, at: &At<'_>, row: &mut AreaRow) {
        use DeliveredField as F;
        match at.field {
            F::Code => row.code = self.code(at),
            F::ForeignCode => row.foreign_code = self.foreign_code(at),
            F::Name => row.name = self.text(at),
            F::CommonNames => row.common_names = value::texts(at.cell),
            F::FormerNames => row.former_names = value::texts(at.cell),
            F::BuildingGroups => row.building_groups = value::texts(at.cell),
            F::Street => self.street(at, row),
            F::Management => self.management(at, row),
            F::QuasiKind => self.quasi_kind(at, row),
            F::ManagerName => row.manager_name = self.text(at),
            F::ManagerUscc => row.manager_uscc = self.uscc(at),
            F::ManagerPhone => row.manager_phone = self.text(at),
            F::Address => row.address = self.text(at),
            F::SiteArea => row.site_area_m2 = self.number(at, Quantity::Surface),
            F::FloorArea => row.floor_area_m2 = self.number(at, Quantity::Surface),
            F::Fee => row.fee_yuan_per_m2_month = self.number(at, Quantity::Fee),
            F::Households => row.households = self.count(at),
            F::BuildingCount => row.building_count = self.count(at),
            F::BuiltYear => row.built_year = self.year(at),
            F::ContractFrom => row.contract_from = self.day(at),
            F::ContractUntil => row.contract_until = self.day(at),
            F::ContractKind => row.contract_kind = self.contract_kind(at),
            F::ContractFiledOn => row.contract_filed_on = self.day(at),
            F::DelimitationDocument => row.delimitation_document = self.text(at),
            F::CommitteeStatus => row.committee_status = self.status(at),
            F::Committee(CommitteeKind::Owners, part) => {
                self.committee(at, part, row.owners.get_or_insert_default());
            }
            F::Committee(CommitteeKind::PropertyManagement, part) => {
                self.committee(at, part, row.property_management.get_or_insert_default());
            }
            F::Community | F::Lng | F::Lat | F::Serial | F::Ignored => {}
        }
    }

    fn finding(&mut self, issue: &'static Issue, at: &At<'_>) -> &mut Finding {
        let shown: String = value::text(at.cell).unwrap_or_default().chars().take(SHOWN_CHARS).collect();
        let mut finding = Finding::new(issue, self.place.clone()).with("value", shown.clone());
        finding.field = Some(at.field);
        finding.column = Some(at.column.to_owned());
        finding.value = Some(shown);
        self.findings.push(finding);
        self.findings.last_mut().expect("it was just added")
    }

    fn unreadable(&mut self, at: &At<'_>, (zh, en): (&str, &str)) {
        let finding = self.finding(&issues::UNREADABLE_VALUE, at);
        finding.params.insert("expected", zh.into());
        finding.params.insert("expected_en", en.into());
    }

    fn text(&mut self, at: &At<'_>) -> Option<String> {
        let text = value::plain_text(at.cell)?;
        let control = text.chars().any(char::is_control);
        if control || text.chars().count() > TEXT_CHARS {
            self.unreadable(at, ("200 字以内的文字", "a text of at most 200 characters"));
            return None;
        }
        Some(text)
    }

    /// The value, or `None` and a finding.
    fn settled<T>(&mut self, at: &At<'_>, read: Result<Option<T>, ValueFault>, expected: (&str, &str)) -> Option<T> {
        match read {
            Ok(value) => value,
            Err(ValueFault::Damaged) => {
                self.finding(&issues::DAMAGED_CODE, at);
                None
            }
            Err(ValueFault::Unreadable | ValueFault::Imprecise(_)) => {
                self.unreadable(at, expected);
                None
            }
        }
    }

    fn code(&mut self, at: &At<'_>) -> Option<AreaCode> {
        let text = self.settled(at, value::code(at.cell), ("编号", "a code"))?;
        AreaCode::parse(&text.to_uppercase())
            .inspect_err(|_| {
                self.finding(&issues::UNREADABLE_CODE, at);
            })
            .ok()
    }

    fn foreign_code(&mut self, at: &At<'_>) -> Option<String> {
        let text = self.settled(at, value::code(at.cell), ("编号", "a code"))?;
        if text.chars().count() > TEXT_CHARS || text.chars().any(char::is_control) {
            self.unreadable(at, ("200 字以内的编号", "a code of at most 200 characters"));
            return None;
        }
        Some(text)
    }

    fn number(&mut self, at: &At<'_>, quantity: Quantity) -> Option<f64> {
        self.settled(at, value::number(at.cell, at.column, quantity), ("不小于 0 的数", "a number of 0 or more"))
    }

    fn count(&mut self, at: &At<'_>) -> Option<u32> {
        self.settled(at, value::count(at.cell, at.column), ("整数", "a whole number"))
    }

    fn year(&mut self, at: &At<'_>) -> Option<i16> {
        let year = self.settled(at, value::year(at.cell), ("年份", "a year"))?;
        if BUILT_YEARS.contains(&year) {
            return Some(year);
        }
        self.unreadable(at, ("年份", "a year"));
        None
    }

    fn day(&mut self, at: &At<'_>) -> Option<jiff::civil::Date> {
        match value::day(at.cell) {
            Err(ValueFault::Imprecise(first)) => {
                self.finding(&issues::IMPRECISE_DATE, at);
                Some(first)
            }
            read => self.settled(at, read, ("日期，如 2022-10-27", "a date as in 2022-10-27")),
        }
    }

    fn yes_no(&mut self, at: &At<'_>) -> Option<bool> {
        self.settled(at, value::yes_no(at.cell), ("是或否", "yes or no"))
    }

    fn uscc(&mut self, at: &At<'_>) -> Option<Uscc> {
        let text = self.settled(at, value::code(at.cell), ("信用代码", "a credit code"))?;
        match Uscc::parse(&text.to_uppercase()) {
            Ok(uscc) => Some(uscc),
            Err(err) => {
                let why = match err {
                    CodeError::Uscc(_, why) => why,
                    _ => "it is no credit code",
                };
                self.finding(&issues::INVALID_USCC, at).params.insert("why", why.into());
                None
            }
        }
    }

    fn street(&mut self, at: &At<'_>, row: &mut AreaRow) {
        let Some(text) = value::plain_text(at.cell) else { return };
        match find_street(&text, self.known.streets) {
            Some(street) => row.street = Some(street),
            // Files that are checked by themselves are not held against streets.
            None if self.known.streets.is_empty() => {}
            None => {
                row.street_is_faulty = true;
                self.finding(&issues::UNKNOWN_STREET, at);
            }
        }
    }

    fn community(&mut self, at: &At<'_>, row: &mut AreaRow) {
        let Some(text) = value::plain_text(at.cell) else { return };
        if self.known.communities.is_empty() {
            return;
        }
        match find_community(&text, row.street.as_ref(), &self.known.communities) {
            Some(community) if row.street.as_ref().is_none_or(|street| *street == community.street) => {
                row.community = Some(community.code.clone());
            }
            Some(_) => drop(self.finding(&issues::COMMUNITY_OF_OTHER_STREET, at)),
            None => drop(self.finding(&issues::UNKNOWN_COMMUNITY, at)),
        }
    }

    fn management(&mut self, at: &At<'_>, row: &mut AreaRow) {
        let Some(text) = value::plain_text(at.cell) else { return };
        let sub_kind = |kind| Management::QuasiProperty(kind);
        let read = match text.to_lowercase().as_str() {
            "contracted"
            | "委托管理"
            | "委托"
            | "合同物业"
            | "专业物业"
            | "物业服务企业管理"
            | "市场化"
            | "市场化物业"
            | "委托物业"
            | "专业化物业"
            | "1"
            | "有物业" => Some(Management::Contracted),
            "quasi_property" | "quasi" | "准物业" | "2" | "准物业管理" => Some(sub_kind(QuasiKind::Other)),
            "unknown" => None,
            other => match quasi_kind(other) {
                Some(kind) => Some(sub_kind(kind)),
                None => {
                    let finding = self.finding(&issues::UNKNOWN_VALUE, at);
                    finding.params.insert("allowed", "委托管理、准物业".into());
                    None
                }
            },
        };
        // A sub-kind that stands in a column of its own is more exact.
        match (read, row.management) {
            (Some(Management::QuasiProperty(QuasiKind::Other)), Some(Management::QuasiProperty(_))) => {}
            (Some(read), _) => row.management = Some(read),
            (None, _) => {}
        }
    }

    fn quasi_kind(&mut self, at: &At<'_>, row: &mut AreaRow) {
        let Some(text) = value::plain_text(at.cell) else { return };
        match quasi_kind(&text.to_lowercase()) {
            Some(_) if row.management == Some(Management::Contracted) => {}
            Some(kind) => row.management = Some(Management::QuasiProperty(kind)),
            None => {
                let finding = self.finding(&issues::UNKNOWN_VALUE, at);
                finding.params.insert("allowed", "产权单位自管、直管公房、街道兜底、居民自管、其他".into());
            }
        }
    }

    fn contract_kind(&mut self, at: &At<'_>) -> Option<ContractKind> {
        let text = value::plain_text(at.cell)?;
        let kind = contract_kind(&text.to_lowercase());
        if kind.is_none() {
            let finding = self.finding(&issues::UNKNOWN_VALUE, at);
            finding.params.insert("allowed", "普通物业服务合同、前期物业服务合同、应急物业服务".into());
        }
        kind
    }

    fn status(&mut self, at: &At<'_>) -> Option<CommitteeStatus> {
        let text = value::text(at.cell)?;
        let text = text.to_lowercase();
        if let Some(status) = CommitteeStatus::ALL.into_iter().find(|status| status.key() == text) {
            return (status != CommitteeStatus::Unknown).then_some(status);
        }
        match status_of(&text) {
            Some(status) => Some(status),
            None => {
                let finding = self.finding(&issues::UNKNOWN_VALUE, at);
                finding.params.insert("allowed", "业委会、物管会、过渡、无".into());
                None
            }
        }
    }

    fn committee(&mut self, at: &At<'_>, part: CommitteePart, committee: &mut CommitteeRow) {
        match part {
            CommitteePart::Code => committee.code = self.foreign_code(at),
            CommitteePart::Present => committee.present = self.yes_no(at),
            CommitteePart::FormedOn => committee.formed_on = self.day(at),
            CommitteePart::FilingAppliedOn => committee.filing_applied_on = self.day(at),
            CommitteePart::FiledOn => committee.filed_on = self.day(at),
            CommitteePart::FilingNumber => committee.filing_number = self.text(at),
            CommitteePart::TermUntil => committee.term_until = self.day(at),
            CommitteePart::DissolvedOn => committee.dissolved_on = self.day(at),
            CommitteePart::Operating => committee.operating = self.yes_no(at),
            CommitteePart::Members => {
                // Where there is no committee a ledger writes 0.
                let members = self.count(at).filter(|members| *members > 0);
                committee.members = members.and_then(|members| {
                    let fits = MEMBERS.contains(&members).then(|| u16::try_from(members).ok()).flatten();
                    if fits.is_none() {
                        self.unreadable(at, ("人数", "a number of people"));
                    }
                    fits
                });
            }
            CommitteePart::Party => committee.party = self.yes_no(at),
            CommitteePart::PartySince => committee.party_since = self.day(at),
        }
    }
}

/// The state of the owners' organisation in the words of offices, clause by clause: 业委会未成立，已成立物管会.
fn status_of(text: &str) -> Option<CommitteeStatus> {
    let denies = |clause: &str| ["未", "无", "没有", "否"].iter().any(|word| clause.contains(word));
    let affirms = |clause: &str| clause.replace("没有", "").contains(['有', '已']);
    let (mut owners, mut managing, mut is_told) = (false, false, false);
    for clause in text.split([',', '、', ';', '。']) {
        let of_owners = clause.contains("业委会") || clause.contains("业主委员会") || clause == "owners_committee";
        let of_managing =
            clause.contains("物管会") || clause.contains("物业管理委员会") || clause == "management_committee";
        let is_denied = denies(clause);
        if of_owners && of_managing && is_denied && affirms(clause) {
            return None;
        }
        owners |= of_owners && !is_denied;
        managing |= of_managing && !is_denied;
        is_told |= of_owners || of_managing;
    }
    match (owners, managing) {
        (true, true) => Some(CommitteeStatus::Transition),
        (true, false) => Some(CommitteeStatus::Owners),
        (false, true) => Some(CommitteeStatus::PropertyManagement),
        (false, false) if text.contains("过渡") => Some(CommitteeStatus::Transition),
        (false, false) if is_told || denies(text) || text == "none" || text == "0" => Some(CommitteeStatus::None),
        (false, false) => None,
    }
}

/// A sub-kind of quasi-property as offices write it.
fn quasi_kind(text: &str) -> Option<QuasiKind> {
    QuasiKind::from_key(text).or(match text {
        "产权单位自管" | "单位自管" | "产权单位" | "单位管理" | "自管" => {
            Some(QuasiKind::OwningUnit)
        }
        "直管公房" | "房管所" | "公房" => Some(QuasiKind::PublicHousing),
        "街道兜底" | "街道托底" | "社区兜底" | "兜底" | "街道代管" => Some(QuasiKind::StreetFallback),
        "居民自管" | "业主自管" | "居民自治" | "自治" => Some(QuasiKind::SelfManaged),
        "其他" | "其它" => Some(QuasiKind::Other),
        _ => None,
    })
}

/// What a service contract is as offices write it: 前期物业服务合同, 应急, 物业服务合同.
fn contract_kind(text: &str) -> Option<ContractKind> {
    ContractKind::from_key(text).or_else(|| {
        let ordinary = ["普通", "正式", "一般", "常规", "业主大会选聘", "续聘", "委托"];
        let named = [
            (ContractKind::EarlyStage, text.contains("前期")),
            (ContractKind::Emergency, text.contains("应急") || text.contains("临时")),
            (ContractKind::Ordinary, ordinary.iter().any(|word| text.contains(word))),
        ];
        let mut kinds = named.into_iter().filter(|(_, is_named)| *is_named).map(|(kind, _)| kind);
        match (kinds.next(), kinds.next()) {
            (Some(kind), None) => Some(kind),
            (None, None) if matches!(text, "物业服务合同" | "物业合同" | "服务合同") => {
                Some(ContractKind::Ordinary)
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_contract_is_read_in_the_words_of_offices_and_never_guessed() {
        for (text, expected) in [
            ("early_stage", Some(ContractKind::EarlyStage)),
            ("前期物业服务合同", Some(ContractKind::EarlyStage)),
            ("前期", Some(ContractKind::EarlyStage)),
            ("应急物业服务", Some(ContractKind::Emergency)),
            ("应急", Some(ContractKind::Emergency)),
            ("普通", Some(ContractKind::Ordinary)),
            ("普通物业服务合同", Some(ContractKind::Ordinary)),
            ("物业服务合同", Some(ContractKind::Ordinary)),
            ("前期转应急", None),
            ("口头", None),
        ] {
            assert_eq!(contract_kind(text), expected, "{text}");
        }
    }

    #[test]
    fn the_state_of_the_organisation_is_read_clause_by_clause() {
        for (text, expected) in [
            ("业委会", Some(CommitteeStatus::Owners)),
            ("已成立物管会", Some(CommitteeStatus::PropertyManagement)),
            ("业委会、物管会", Some(CommitteeStatus::Transition)),
            ("业委会未成立", Some(CommitteeStatus::None)),
            ("暂无业委会", Some(CommitteeStatus::None)),
            ("未成立业委会,已成立物管会", Some(CommitteeStatus::PropertyManagement)),
            ("无", Some(CommitteeStatus::None)),
            ("无业委会有物管会", None),
            ("筹备中", None),
        ] {
            assert_eq!(status_of(text), expected, "{text}");
        }
    }
}
