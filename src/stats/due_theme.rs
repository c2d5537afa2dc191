//! The theme `due`: how urgent the most urgent duty of an area is.

use crate::model::{Paint, Pattern, Shades, Text};
use crate::stats::DueState;

/// Name of the theme in the API.
pub const DUE_THEME_ID: &str = "due";

/// Title of the theme.
pub const DUE_THEME_TITLE: Text = Text { zh: "到期事项", en: "What falls due" };

/// The classes of the theme, the most urgent first; `None` is an area of which nothing falls due within 180 days.
pub const DUE_CLASSES: [Option<DueState>; 5] =
    [Some(DueState::Overdue), Some(DueState::Within30), Some(DueState::Within90), Some(DueState::Within180), None];

/// Name of a class in the API.
pub fn due_class_key(state: Option<DueState>) -> &'static str {
    match state {
        Some(DueState::Overdue) => "due-overdue",
        Some(DueState::Within30) => "due-30",
        Some(DueState::Within90) => "due-90",
        Some(DueState::Within180) => "due-180",
        None => "due-none",
    }
}

/// Legend text of a class.
pub fn due_class_label(state: Option<DueState>) -> Text {
    state.map_or(Text { zh: "180天内无到期事项", en: "Nothing due within 180 days" }, DueState::label)
}

/// One sentence on what a class means.
pub fn due_class_explanation(state: Option<DueState>) -> Text {
    let (zh, en) = match state {
        Some(DueState::Overdue) => (
            "至少有一项法定时限已过而登记册中没有办结记录。",
            "At least one legal time limit has passed, and the register does not show that it was kept.",
        ),
        Some(DueState::Within30) => ("最紧迫的一项在30天内到期。", "The most urgent duty falls due within 30 days."),
        Some(DueState::Within90) => {
            ("最紧迫的一项在31至90天内到期。", "The most urgent duty falls due in 31 to 90 days.")
        }
        Some(DueState::Within180) => {
            ("最紧迫的一项在91至180天内到期。", "The most urgent duty falls due in 91 to 180 days.")
        }
        None => (
            "登记册中没有逾期或180天内到期的事项。",
            "The register shows nothing overdue and nothing due within 180 days.",
        ),
    };
    Text { zh, en }
}

/// Colours, stroke and pattern of a class. Lightness, stroke and pattern tell the classes apart without colours.
pub fn due_class_paint(state: Option<DueState>) -> Paint {
    let shades = |light, dark| Shades { light, dark };
    let (fill, stroke, stroke_width_px, dash_px, pattern): (_, _, _, &'static [f64], _) = match state {
        Some(DueState::Overdue) => {
            (shades("#9B1B1E", "#FF8F86"), shades("#4F0A0C", "#FFD9D5"), 2.5, &[], Pattern::Solid)
        }
        Some(DueState::Within30) => {
            (shades("#E0592A", "#F2813F"), shades("#6E2305", "#FFDCC7"), 1.0, &[], Pattern::Solid)
        }
        Some(DueState::Within90) => {
            (shades("#EDB84C", "#B98A25"), shades("#6B4A00", "#FFEBBF"), 1.0, &[], Pattern::Hatch)
        }
        Some(DueState::Within180) => {
            (shades("#F3E4B3", "#6B5A24"), shades("#7C6A2A", "#E6D9A8"), 1.0, &[4.0, 3.0], Pattern::Dots)
        }
        None => (shades("#D9DDE1", "#343B43"), shades("#8B949C", "#77818B"), 1.0, &[1.0, 3.0], Pattern::Solid),
    };
    Paint { fill, stroke, stroke_width_px, dash_px, pattern }
}
