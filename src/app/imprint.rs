//! The line that every file carries which leaves the register.

use crate::app::Snapshot;

/// Of which district and day the data are, where they come from, and the mark of the map: its approval number (审图号), that it
/// is for internal use or a demonstration. `mark` is [`crate::auth::Reader::mark`]. In Chinese, which is the language of the mark.
pub fn imprint(snapshot: &Snapshot, mark: &str) -> String {
    let (district, date) = (&snapshot.district().name, snapshot.data_date());
    let source = &snapshot.latest_record().document;
    format!("{district}物业管理区域 · {mark} · 数据日期 {date} · 来源：{source}")
}
