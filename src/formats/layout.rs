//! Where a table begins: titles, head rows, columns, and what the columns mean for the geometry.

use std::collections::HashMap;

use crate::formats::table::{Beyond, Row};
use crate::formats::{Cell, wkt};

/// Longest heading in characters.
const HEADING_MAX: usize = 40;

/// Share, in percent, of a table's width that headings fill.
const HEADING_PERCENT: usize = 60;

/// Most rows of a head.
const HEAD_ROWS_MAX: usize = 4;

/// Columns that only count the rows.
const ORDINALS: [&str; 8] = ["序号", "序列号", "行号", "项次", "no", "no.", "№", "#"];

/// Names of columns that hold a geometry as text.
const GEOMETRY_NAMES: [&str; 12] = [
    "wkt",
    "geometry",
    "geom",
    "thegeom",
    "wktgeom",
    "shape",
    "几何",
    "空间",
    "空间信息",
    "几何信息",
    "空间范围",
    "边界",
];

/// Names of columns with the two coordinates of a point, x first.
///
/// 横坐标 is the easting and 纵坐标 the northing, whichever letters a survey gives them.
const PAIRS: [(&str, &str); 13] = [
    ("经度", "纬度"),
    ("lng", "lat"),
    ("lon", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("中心经度", "中心纬度"),
    ("中心点经度", "中心点纬度"),
    ("横坐标", "纵坐标"),
    ("x", "y"),
    ("x坐标", "y坐标"),
    ("坐标x", "坐标y"),
    ("pointx", "pointy"),
    ("中心点x", "中心点y"),
];

/// How a table is laid out.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// How many of the rows looked at stand above the head.
    pub titles: usize,
    /// How many are head rows.
    pub heads: usize,
    /// For each column of the file, the column of the layer it becomes.
    pub columns: Vec<Option<usize>>,
    /// Names of the layer's columns, unique.
    pub names: Vec<String>,
    /// Each name and the number that the next of its kind gets.
    taken: HashMap<String, usize>,
    /// Where the geometry is.
    pub spatial: Spatial,
}

/// The columns of the file that hold the geometry.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spatial {
    #[default]
    None,
    Text(usize),
    Pair(usize, usize),
}

/// Finds the layout from the first rows that are not blank; `None` when none of them is a head.
pub(super) fn find(rows: &[Row], beyond: Beyond) -> Option<Layout> {
    let width = rows.iter().map(|row| row.filled()).max()?;
    let (first, last) = find_heads(rows, width)?;
    let named = name_columns(&rows[first..=last]);
    let body = &rows[last + 1..];
    let spatial = find_spatial(&named, body);
    let hidden = match spatial {
        Spatial::Text(column) => Some(column),
        _ => None,
    };

    let mut layout = Layout { titles: first, heads: last + 1 - first, spatial, ..Layout::default() };
    let body_width = body.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let wide = if beyond == Beyond::Column { body_width.max(named.len()) } else { named.len() };
    for column in 0..wide {
        let name = named.get(column).map_or("", String::as_str);
        let used = !name.is_empty() || body.iter().any(|row| !row.is_blank_at(column));
        let kept = used && Some(column) != hidden && !ORDINALS.contains(&name.to_lowercase().as_str());
        layout.columns.push(kept.then_some(layout.names.len()));
        if kept {
            layout.add_name(name, column);
        }
    }
    Some(layout)
}

impl Layout {
    /// Adds a column for one of the file, under its heading or, without one, its number.
    pub fn add_name(&mut self, heading: &str, column: usize) {
        let base = if heading.is_empty() { format!("column_{}", column + 1) } else { heading.to_owned() };
        let mut name = base.clone();
        while self.taken.contains_key(&name) {
            let number = self.taken.entry(base.clone()).or_insert(1);
            *number += 1;
            name = format!("{base}_{number}");
        }
        self.taken.insert(name.clone(), 1);
        self.names.push(name);
    }
}

/// The first and the last row of the head.
fn find_heads(rows: &[Row], width: usize) -> Option<(usize, usize)> {
    let needed = (width * HEADING_PERCENT).div_ceil(100).max(1);
    let is_title = |row: &Row| (width > 2 || !row.spread.is_empty()) && looks_like_title(row);
    let is_head = |row: &Row| headings(row) >= needed && !is_title(row);
    let mut first = rows.iter().position(is_head)?;
    // The upper row of a head in two has gaps, and may have been taken for a title.
    if first > 0 && !is_title(&rows[first - 1]) && completes(&rows[first - 1], &rows[first]) {
        first -= 1;
    }
    let mut last = first;
    while last + 1 < rows.len()
        && last - first + 1 < HEAD_ROWS_MAX
        && belongs_to_head(&rows[first..=last], &rows[last + 1])
    {
        last += 1;
    }
    Some((first, last))
}

/// Whether the row under a head is part of it: a cell of the head reaches down into it, or it names what the cells that
/// reach sideways leave open.
fn belongs_to_head(head: &[Row], next: &Row) -> bool {
    let Some(above) = head.last() else { return false };
    let texts = next.cells.iter().filter(|cell| !is_blank(cell)).all(is_heading);
    texts && (!next.hung.is_empty() || !above.spread.is_empty() || completes(above, next))
}

/// Whether two rows without merged cells are the two halves of a head: the lower one fills every gap of the upper one, and
/// the upper one stands alone over some columns.
fn completes(upper: &Row, lower: &Row) -> bool {
    let width = upper.cells.len().max(lower.cells.len());
    let width =
        (0..width).rev().find(|at| !upper.is_blank_at(*at) || !lower.is_blank_at(*at)).map_or(0, |last| last + 1);
    let gaps: Vec<usize> = (0..width).filter(|column| upper.is_blank_at(*column)).collect();
    let alone = (0..width).any(|column| !upper.is_blank_at(column) && lower.is_blank_at(column));
    let starts = !upper.is_blank_at(0);
    let texts = |row: &Row| row.cells.iter().filter(|cell| !is_blank(cell)).all(is_heading);
    starts
        && alone
        && !gaps.is_empty()
        && gaps.iter().all(|gap| !lower.is_blank_at(*gap))
        && texts(upper)
        && texts(lower)
}

/// Names of the columns: the headings from top to bottom joined by `_`, each once. A gap of an upper row takes the heading
/// on its left.
fn name_columns(head: &[Row]) -> Vec<String> {
    let width = head.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut names: Vec<Vec<String>> = vec![Vec::new(); width];
    for (depth, row) in head.iter().enumerate() {
        let below = &head[depth + 1..];
        let mut left = String::new();
        for (column, parts) in names.iter_mut().enumerate() {
            let own = heading_text(row.cells.get(column));
            let heading = if !own.is_empty() {
                left = own.clone();
                own
            } else if below.iter().any(|row| !row.is_blank_at(column)) && parts.is_empty() {
                left.clone()
            } else {
                String::new()
            };
            if !heading.is_empty() && parts.last() != Some(&heading) {
                parts.push(heading);
            }
        }
    }
    names.into_iter().map(|parts| parts.join("_")).collect()
}

fn heading_text(cell: Option<&Cell>) -> String {
    let text = match cell {
        Some(Cell::Text(text)) => text.to_string(),
        Some(Cell::Integer(number)) => number.to_string(),
        Some(Cell::Number(number)) => number.to_string(),
        Some(Cell::Date(day)) => day.to_string(),
        Some(Cell::Bool(yes)) => yes.to_string(),
        Some(Cell::Empty) | None => String::new(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find_spatial(names: &[String], body: &[Row]) -> Spatial {
    let plain: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
    let first_text =
        |column: usize| body.iter().find_map(|row| row.text(column).filter(|text| !text.trim().is_empty()));
    let is_geometry = |text: &str| wkt::looks_like(text) || text.trim_start().starts_with('{');
    let empty = |column: usize| body.iter().all(|row| row.is_blank_at(column));

    let named = |column: &usize| GEOMETRY_NAMES.contains(&plain[*column].as_str());
    let by_name = (0..names.len()).filter(named).find(|column| first_text(*column).map_or(empty(*column), is_geometry));
    let wide = body.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let by_text = || (0..wide).find(|column| first_text(*column).is_some_and(wkt::looks_like));
    if let Some(column) = by_name.or_else(by_text) {
        return Spatial::Text(column);
    }
    let position = |wanted: &str| plain.iter().position(|name| name == wanted);
    let pair = PAIRS.iter().find_map(|(x, y)| Some((position(x)?, position(y)?)));
    pair.map_or(Spatial::None, |(x, y)| Spatial::Pair(x, y))
}

/// A name without brackets and what is in them, blanks and `_`, in small letters; of a joined name the last part.
fn plain_name(name: &str) -> String {
    let mut depth = 0usize;
    let last = name.rsplit('_').next().unwrap_or(name);
    let kept = if GEOMETRY_NAMES.contains(&last.to_lowercase().as_str()) || !name.is_ascii() { last } else { name };
    let outside = kept.chars().filter(|c| {
        depth += usize::from(matches!(c, '(' | '（' | '[' | '【'));
        let outside = depth == 0;
        depth = depth.saturating_sub(usize::from(matches!(c, ')' | '）' | ']' | '】')));
        outside && !c.is_whitespace() && !matches!(c, '_' | '-')
    });
    outside.flat_map(half_width).flat_map(char::to_lowercase).collect()
}

/// A full-width letter or digit as the usual one.
pub(super) fn half_width(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{3000}' => Some(' '),
        _ => Some(c),
    }
}

fn headings(row: &Row) -> usize {
    row.cells.iter().filter(|cell| is_heading(cell)).count()
}

fn is_heading(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else { return false };
    let text = text.trim();
    text.chars().count() <= HEADING_MAX
        && text.chars().any(|c| c.is_alphabetic() || c == '#' || c == '№')
        && text.parse::<f64>().is_err()
        && !text.contains('。')
        && !wkt::looks_like(text)
}

pub(super) fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A title of one text, or one with the sender and the day beside it.
fn looks_like_title(row: &Row) -> bool {
    // A merged cell says its text once.
    let own = row.cells.iter().enumerate().filter(|(column, _)| !row.spread.contains(column));
    let texts: Vec<String> = own.map(|(_, cell)| heading_text(Some(cell))).filter(|text| !text.is_empty()).collect();
    let titled = |text: &String| {
        let ends = ["表", "台账", "明细", "清单", "情况", "名录"].iter().any(|end| text.ends_with(end));
        ends || text.contains(['：', ':']) || text.chars().count() > 20
    };
    texts.len() <= 1 || (texts.len() <= 2 && texts.iter().any(titled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &str) -> Row {
        let cell = |text: &str| match text.trim() {
            "" => Cell::Empty,
            text => text.parse().map_or(Cell::Text(text.into()), Cell::Number),
        };
        Row { cells: cells.split(',').map(cell).collect(), ..Row::default() }
    }

    fn found(rows: &[&str]) -> Layout {
        find(&rows.iter().map(|cells| row(cells)).collect::<Vec<_>>(), Beyond::Column).unwrap()
    }

    #[test]
    fn titles_stand_above_the_head() {
        let layout = found(&[
            "朝阳区物业管理区域台账,,,",
            "填报单位：某街道,,日期：2022,",
            "序号,名称,街道,户数",
            "1,甲,朝外,300",
        ]);
        assert_eq!((layout.titles, layout.heads), (2, 1));
        assert_eq!(layout.names, ["名称", "街道", "户数"]);
        assert_eq!(layout.columns, [None, Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn a_head_in_two_rows_is_joined() {
        let layout = found(&["序号,名称,物业企业,,业委会,", ",,名称,电话,成立,人数", "1,甲,某物业,1,是,7"]);
        assert_eq!((layout.titles, layout.heads), (0, 2));
        assert_eq!(layout.names, ["名称", "物业企业_名称", "物业企业_电话", "业委会_成立", "业委会_人数"]);
    }

    #[test]
    fn columns_without_a_heading_and_names_twice_are_told_apart() {
        let layout = found(&["名称,,名称", "甲,乙,丙"]);
        assert_eq!(layout.names, ["名称", "column_2", "名称_2"]);
        assert_eq!(found(&["a,b,,", "1,2,,"]).names, ["a", "b"]);
    }

    #[test]
    fn the_columns_of_the_geometry_are_found_by_name_and_by_what_they_hold() {
        assert_eq!(found(&["name,the_geom", "a,POLYGON((0 0))"]).spatial, Spatial::Text(1));
        assert_eq!(found(&["名称,范围", "a,POLYGON((0 0))"]).spatial, Spatial::Text(1));
        assert_eq!(found(&["名称,边界", "a,东至朝阳路"]).spatial, Spatial::None);
        assert_eq!(found(&["name,wkt", "a,"]).spatial, Spatial::Text(1));
        assert_eq!(found(&["名称,纬度（°）,经度（°）", "a,39.9,116.4"]).spatial, Spatial::Pair(2, 1));
        assert_eq!(found(&["名称,Ｘ坐标,Y坐标", "a,1,2"]).spatial, Spatial::Pair(1, 2));
        assert_eq!(found(&["name,Point_X,POINT_Y", "a,1,2"]).spatial, Spatial::Pair(1, 2));
        assert_eq!(found(&["name,lat", "a,1"]).spatial, Spatial::None);
    }

    #[test]
    fn without_a_head_there_is_no_layout() {
        assert!(find(&[row("1,2,3"), row("4,5,6")], Beyond::Fault).is_none());
        assert!(find(&[], Beyond::Fault).is_none());
    }
}
