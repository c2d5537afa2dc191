//! The theme `management-committee`: nine classes, their colours, strokes, patterns and legend texts.
//!
//! Hue says the management type, lightness, stroke and pattern say the committee status, so that colour is never the only sign.

use crate::model::{CommitteeStatus, Management};

/// Name of the theme in the API.
pub const THEME_ID: &str = "management-committee";

/// Title of the theme.
pub const THEME_TITLE: Text = Text { zh: "管理类型与业主组织", en: "Management and committee" };

/// The ground the colours were chosen for.
pub const GROUND: Shades = Shades { light: "#F4F2EE", dark: "#14181D" };

/// A text in both languages of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// A colour on the light and on the dark ground, `#RRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shades {
    /// On the light ground.
    pub light: &'static str,
    /// On the dark ground.
    pub dark: &'static str,
}

/// Pattern drawn over the fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Plain fill.
    Solid,
    /// Lines at 45 degrees.
    Hatch,
    /// Dots.
    Dots,
    /// Horizontal bands of a second fill.
    Bands(Shades),
}

/// How a class is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    /// Fill colour.
    pub fill: Shades,
    /// Stroke colour.
    pub stroke: Shades,
    /// Stroke width in pixels.
    pub stroke_width_px: f64,
    /// Dash pattern in pixels, empty for a solid line.
    pub dash_px: &'static [f64],
    /// Pattern over the fill.
    pub pattern: Pattern,
}

/// A class of the theme. Every area is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StyleClass {
    /// 委托管理, owners' committee.
    ContractedOwners,
    /// 委托管理, property-management committee.
    ContractedPropertyManagement,
    /// 委托管理, both committees.
    ContractedTransition,
    /// 委托管理, no committee.
    ContractedNone,
    /// 准物业, owners' committee.
    QuasiOwners,
    /// 准物业, property-management committee.
    QuasiPropertyManagement,
    /// 准物业, both committees.
    QuasiTransition,
    /// 准物业, no committee.
    QuasiNone,
    /// Management type or committee status is not known.
    Unknown,
}

impl StyleClass {
    /// Every class, in the order of the legend.
    pub const ALL: [Self; 9] = [
        Self::ContractedOwners,
        Self::ContractedPropertyManagement,
        Self::ContractedTransition,
        Self::ContractedNone,
        Self::QuasiOwners,
        Self::QuasiPropertyManagement,
        Self::QuasiTransition,
        Self::QuasiNone,
        Self::Unknown,
    ];

    /// Fill opacity on the light and on the dark ground.
    pub const OPACITY: (f64, f64) = (0.78, 0.80);

    /// The class of an area with this management and status.
    pub fn of(management: Management, status: CommitteeStatus) -> Self {
        use CommitteeStatus as Status;
        match (management, status) {
            (Management::Unknown, _) | (_, Status::Unknown) => Self::Unknown,
            (Management::Contracted, Status::Owners) => Self::ContractedOwners,
            (Management::Contracted, Status::PropertyManagement) => Self::ContractedPropertyManagement,
            (Management::Contracted, Status::Transition) => Self::ContractedTransition,
            (Management::Contracted, Status::None) => Self::ContractedNone,
            (Management::QuasiProperty(_), Status::Owners) => Self::QuasiOwners,
            (Management::QuasiProperty(_), Status::PropertyManagement) => Self::QuasiPropertyManagement,
            (Management::QuasiProperty(_), Status::Transition) => Self::QuasiTransition,
            (Management::QuasiProperty(_), Status::None) => Self::QuasiNone,
        }
    }

    /// Place in [`StyleClass::ALL`].
    pub fn rank(self) -> usize {
        self as usize
    }

    /// Name used in tiles and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::ContractedOwners => "contracted-owners",
            Self::ContractedPropertyManagement => "contracted-property-management",
            Self::ContractedTransition => "contracted-transition",
            Self::ContractedNone => "contracted-none",
            Self::QuasiOwners => "quasi-owners",
            Self::QuasiPropertyManagement => "quasi-property-management",
            Self::QuasiTransition => "quasi-transition",
            Self::QuasiNone => "quasi-none",
            Self::Unknown => "unknown",
        }
    }

    /// The class of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }

    /// Legend text.
    pub fn label(self) -> Text {
        let (zh, en) = match self {
            Self::ContractedOwners => ("委托管理 · 已成立业委会", "Contracted · owners' committee"),
            Self::ContractedPropertyManagement => ("委托管理 · 已组建物管会", "Contracted · management committee"),
            Self::ContractedTransition => ("委托管理 · 过渡中", "Contracted · in transition"),
            Self::ContractedNone => ("委托管理 · 未组建", "Contracted · no committee"),
            Self::QuasiOwners => ("准物业 · 已成立业委会", "Quasi-property · owners' committee"),
            Self::QuasiPropertyManagement => ("准物业 · 已组建物管会", "Quasi-property · management committee"),
            Self::QuasiTransition => ("准物业 · 过渡中", "Quasi-property · in transition"),
            Self::QuasiNone => ("准物业 · 未组建", "Quasi-property · no committee"),
            Self::Unknown => ("情况不明", "Unknown"),
        };
        Text { zh, en }
    }

    /// One sentence on what the class means.
    pub fn explanation(self) -> Text {
        let (zh, en) = match self {
            Self::ContractedOwners => (
                "由物业服务企业提供服务，业主已选举产生业主委员会且运转正常。",
                "A property company serves the area, and its owners have elected a committee that works.",
            ),
            Self::ContractedPropertyManagement => (
                "由物业服务企业提供服务，街道已组建物业管理委员会（临时机构）且运转正常。",
                "A property company serves the area, and the street has formed a temporary management committee that works.",
            ),
            Self::ContractedTransition => (
                "由物业服务企业提供服务，业委会已选出而物管会尚未解散，应在备案后30日内完成交接。",
                "A property company serves the area; the owners' committee is elected and the management committee must end within 30 days of filing.",
            ),
            Self::ContractedNone => (
                "由物业服务企业提供服务，目前没有运转正常的业委会或物管会。",
                "A property company serves the area, and no committee works there at present.",
            ),
            Self::QuasiOwners => (
                "由产权单位等自行管理，业主已选举产生业主委员会且运转正常。",
                "The owning unit or the like runs the area itself, and its owners have elected a committee that works.",
            ),
            Self::QuasiPropertyManagement => (
                "由产权单位等自行管理，街道已组建物业管理委员会且运转正常。",
                "The owning unit or the like runs the area itself, and the street has formed a management committee that works.",
            ),
            Self::QuasiTransition => (
                "由产权单位等自行管理，业委会已选出而物管会尚未解散，应在备案后30日内完成交接。",
                "The owning unit or the like runs the area itself; the owners' committee is elected and the management committee must end within 30 days of filing.",
            ),
            Self::QuasiNone => (
                "由产权单位等自行管理，目前没有运转正常的业委会或物管会。",
                "The owning unit or the like runs the area itself, and no committee works there at present.",
            ),
            Self::Unknown => (
                "管理类型或业主组织情况尚无来源说明，不作推断。",
                "No source says how the area is managed or whether it has a committee; nothing is guessed.",
            ),
        };
        Text { zh, en }
    }

    /// Management type that the class stands for.
    pub fn management_key(self) -> &'static str {
        match self {
            Self::ContractedOwners
            | Self::ContractedPropertyManagement
            | Self::ContractedTransition
            | Self::ContractedNone => "contracted",
            Self::QuasiOwners | Self::QuasiPropertyManagement | Self::QuasiTransition | Self::QuasiNone => {
                "quasi_property"
            }
            Self::Unknown => "unknown",
        }
    }

    /// Committee status that the class stands for.
    pub fn committee(self) -> CommitteeStatus {
        match self {
            Self::ContractedOwners | Self::QuasiOwners => CommitteeStatus::Owners,
            Self::ContractedPropertyManagement | Self::QuasiPropertyManagement => CommitteeStatus::PropertyManagement,
            Self::ContractedTransition | Self::QuasiTransition => CommitteeStatus::Transition,
            Self::ContractedNone | Self::QuasiNone => CommitteeStatus::None,
            Self::Unknown => CommitteeStatus::Unknown,
        }
    }

    /// Colours, stroke and pattern.
    pub fn paint(self) -> Paint {
        const CONTRACTED: Shades = Shades { light: "#0B2E5E", dark: "#CFE5FF" };
        const QUASI: Shades = Shades { light: "#6A2C00", dark: "#FFE0C2" };
        const UNKNOWN: Shades = Shades { light: "#5A5A5A", dark: "#B9BEC4" };
        const CONTRACTED_COMMITTEE: Shades = Shades { light: "#5B94D6", dark: "#4C8CD8" };
        const QUASI_COMMITTEE: Shades = Shades { light: "#EB8A33", dark: "#E08A2E" };
        let (fill, stroke, stroke_width_px, dash_px, pattern): (_, _, _, &'static [f64], _) = match self {
            Self::ContractedOwners => {
                (Shades { light: "#174A8C", dark: "#A9D1FF" }, CONTRACTED, 2.5, &[], Pattern::Solid)
            }
            Self::ContractedPropertyManagement => (CONTRACTED_COMMITTEE, CONTRACTED, 1.0, &[], Pattern::Solid),
            Self::ContractedTransition => (
                Shades { light: "#174A8C", dark: "#A9D1FF" },
                CONTRACTED,
                1.5,
                &[6.0, 2.0, 1.0, 2.0],
                Pattern::Bands(CONTRACTED_COMMITTEE),
            ),
            Self::ContractedNone => {
                (Shades { light: "#BBD3EF", dark: "#1F4470" }, CONTRACTED, 1.0, &[4.0, 3.0], Pattern::Hatch)
            }
            Self::QuasiOwners => (Shades { light: "#9A4200", dark: "#FFD0A0" }, QUASI, 2.5, &[], Pattern::Solid),
            Self::QuasiPropertyManagement => (QUASI_COMMITTEE, QUASI, 1.0, &[], Pattern::Solid),
            Self::QuasiTransition => (
                Shades { light: "#9A4200", dark: "#FFD0A0" },
                QUASI,
                1.5,
                &[6.0, 2.0, 1.0, 2.0],
                Pattern::Bands(QUASI_COMMITTEE),
            ),
            Self::QuasiNone => (Shades { light: "#F8D2A8", dark: "#74430F" }, QUASI, 1.0, &[4.0, 3.0], Pattern::Hatch),
            Self::Unknown => (Shades { light: "#A8A8A8", dark: "#6E7379" }, UNKNOWN, 1.0, &[1.0, 3.0], Pattern::Dots),
        };
        Paint { fill, stroke, stroke_width_px, dash_px, pattern }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::QuasiKind;

    #[test]
    fn classes_have_distinct_keys_that_read_back() {
        for (rank, class) in StyleClass::ALL.into_iter().enumerate() {
            assert_eq!(StyleClass::from_key(class.key()), Some(class));
            assert_eq!(class.rank(), rank);
        }
    }

    #[test]
    fn an_unknown_part_makes_the_class_unknown() {
        let quasi = Management::QuasiProperty(QuasiKind::Other);
        assert_eq!(StyleClass::of(Management::Unknown, CommitteeStatus::Owners), StyleClass::Unknown);
        assert_eq!(StyleClass::of(quasi, CommitteeStatus::Unknown), StyleClass::Unknown);
        assert_eq!(StyleClass::of(quasi, CommitteeStatus::None), StyleClass::QuasiNone);
    }
}
