//! Cases that the matcher's words or keys alone would not tell apart.

use std::collections::HashMap;

use crate::app::Snapshot;
use crate::app::reconciliation::run::CaseView;
use crate::ingest::delivery::Draft;
use crate::reconcile::{Case, Class, Side, case_key};

/// A pair that words brought together, whose outlines do not meet: its boundary is another one.
pub(super) fn tell_apart_outlines(case: &mut Case, (snapshot, positions): (&Snapshot, &[usize]), drafts: &[Draft]) {
    if case.class != Class::Same || case.iou.is_some() {
        return;
    }
    if let Some(outline) = &drafts[case.rights[0]].outline {
        case.class = Class::Redrawn;
        case.difference_m2 = Some(snapshot.area(positions[case.lefts[0]]).site_area_m2 + outline.surface_m2);
    }
}

/// Cases of which both sides say the same, such as two rows that repeat each other, are told apart by their order.
pub(super) fn tell_apart(views: &mut [CaseView]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for view in views {
        let nth = seen.entry(view.key.clone()).or_default();
        *nth += 1;
        if *nth > 1 {
            let number = nth.to_string();
            let side = Side { code: &view.key, outline: "", values: &number };
            view.key = case_key("", view.case.class, &[side], &[]);
        }
    }
}
