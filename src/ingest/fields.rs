//! One record's properties as typed values; whatever is wrong with one becomes a fault.

use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use serde_json::Value;

use crate::formats::RawRecord;
use crate::ingest::Fault;
use crate::model::read_date;

/// The value cannot be had, and a fault says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Faulty;

/// A record being read. Each question answers for one field, so that all faults of a record are found.
pub(super) struct Fields<'a> {
    record: &'a RawRecord,
    code: Option<String>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// The fields of a record; its faults will name the text of `code_field`.
    pub(super) fn new(record: &'a RawRecord, code_field: &str, faults: &'a mut Vec<Fault>) -> Self {
        let code = record.properties.get(code_field).and_then(Value::as_str).map(str::to_owned);
        Self { record, code, faults }
    }

    /// Adds a fault of a field.
    pub(super) fn fault(&mut self, field: &str, message: impl Into<String>) -> Faulty {
        self.faults.push(Fault {
            place: self.record.place.clone(),
            field: Some(field.to_owned()),
            code: self.code.clone(),
            message: message.into(),
        });
        Faulty
    }

    /// A text read by `parse`; `None` when it is null or empty.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        field: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Faulty> {
        match self.record.properties.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => parse(text).map(Some).map_err(|err| self.fault(field, err.to_string())),
            Some(other) => {
                let message = format!("a text is expected, not {other}");
                Err(self.fault(field, message))
            }
        }
    }

    /// A text read by `parse` that must be there.
    pub(super) fn required<T, E: Display>(
        &mut self,
        field: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Faulty> {
        let value = self.optional(field, parse)?;
        self.present(field, value)
    }

    /// A text as it is.
    pub(super) fn text(&mut self, field: &str) -> Result<Option<String>, Faulty> {
        self.optional(field, |text| Ok::<_, Never>(text.to_owned()))
    }

    /// A text that must be there and be more than blanks.
    pub(super) fn required_text(&mut self, field: &str) -> Result<String, Faulty> {
        self.required(
            field,
            |text| {
                if text.trim().is_empty() { Err("a text of blanks only") } else { Ok(text.to_owned()) }
            },
        )
    }

    /// A value of an enumeration.
    pub(super) fn key<T>(&mut self, field: &str, from_key: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Faulty> {
        self.optional(field, |text| from_key(text).ok_or_else(|| format!("{text:?} is not one of the known values")))
    }

    /// A value of an enumeration that must be there.
    pub(super) fn required_key<T>(&mut self, field: &str, from_key: impl Fn(&str) -> Option<T>) -> Result<T, Faulty> {
        let value = self.key(field, from_key)?;
        self.present(field, value)
    }

    /// A date as in 2022-10-27.
    pub(super) fn date(&mut self, field: &str) -> Result<Option<Date>, Faulty> {
        self.optional(field, |text| read_date(text).ok_or_else(|| format!("{text:?} is not a date as in 2022-10-27")))
    }

    /// A number that is not negative.
    pub(super) fn number<T: FromStr>(&mut self, field: &str) -> Result<Option<T>, Faulty> {
        let text = match self.record.properties.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(other) => {
                let message = format!("a number is expected, not {other}");
                return Err(self.fault(field, message));
            }
        };
        let not_negative = text.parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0);
        match text.parse() {
            Ok(number) if not_negative => Ok(Some(number)),
            _ if text.parse::<f64>().is_ok_and(|number| number < 0.0) => {
                Err(self.fault(field, format!("{text} is negative")))
            }
            _ => Err(self.fault(field, format!("{text:?} is not a number that fits here"))),
        }
    }

    /// Yes or no.
    pub(super) fn boolean(&mut self, field: &str) -> Result<Option<bool>, Faulty> {
        match self.record.properties.get(field) {
            Some(Value::Bool(value)) => Ok(Some(*value)),
            _ => {
                self.optional(field, |text| text.parse::<bool>().map_err(|_| format!("{text:?} is not true or false")))
            }
        }
    }

    /// Yes or no, which must be said.
    pub(super) fn required_boolean(&mut self, field: &str) -> Result<bool, Faulty> {
        let value = self.boolean(field)?;
        self.present(field, value)
    }

    /// A list of texts; null is an empty one.
    pub(super) fn list(&mut self, field: &str) -> Result<Vec<String>, Faulty> {
        let texts = match self.record.properties.get(field) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned))
                .collect(),
            Some(_) => None,
        };
        texts.ok_or_else(|| self.fault(field, "a list of texts is expected"))
    }

    /// The value, or a fault that says it is missing.
    pub(super) fn present<T>(&mut self, field: &str, value: Option<T>) -> Result<T, Faulty> {
        value.ok_or_else(|| self.fault(field, "it is required and not there"))
    }

    /// A fault when a later day comes before an earlier one.
    pub(super) fn in_order(
        &mut self,
        earlier: (&str, Option<Date>),
        later: (&str, Option<Date>),
    ) -> Result<(), Faulty> {
        match (earlier.1, later.1) {
            (Some(first), Some(second)) if second < first => {
                Err(self.fault(later.0, format!("{second} is before {first}, the date in {}", earlier.0)))
            }
            _ => Ok(()),
        }
    }
}

/// The error of a parse that cannot fail.
type Never = std::convert::Infallible;
