//! The domain model. Types here are plain values: they know their rules, and nothing of files, tables, routes or clocks.

mod area;
mod committee;
mod delivery;
mod figure;
mod id;
mod management;
mod record;
mod street;
mod theme;
mod time;

pub use area::{Area, Attributes, Boundary, ForeignCode, Name, NameKind};
pub use committee::{
    Committee, CommitteeKind, CommitteeStatus, FILING_LIMIT_DAYS, Party, TRANSITION_LIMIT_DAYS, transition_since,
};
pub use delivery::{
    DeliveredFile, Delivery, DeliveryId, DeliveryState, Digest, Exception, ExceptionId, NewDelivery, NewException,
    Origin, Trace, TracedRow, UnlocatedRow,
};
pub use figure::{PrintedFigure, RateId};
pub use id::{AreaCode, AreaId, CodeError, CommunityCode, ManagerId, RecordId, StreetCode, Uscc};
pub use management::{ContractKind, Management, Manager, ManagerKind, QuasiKind};
pub use record::{Record, RecordKind};
pub use street::{Community, District, Street, StreetKind};
pub use theme::{GROUND, Paint, Pattern, Shades, StyleClass, THEME_ID, THEME_TITLE, Text};
pub use time::{AsOf, Revision, Validity, read_date};
