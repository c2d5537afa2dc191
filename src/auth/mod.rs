//! Who asks, and which fields they may see.
//!
//! Every field of the API is a [`Field`], every field has one [`Visibility`], and the one place that compares the two is
//! [`Actor::may_see`]. So far an actor of a use case is whoever the configured [`Audience`] lets in; [`role`] and
//! [`policy`] are what takes its place: roles, and the one table of what each may do.

mod field;
pub mod policy;
pub mod role;

pub use field::{Field, Visibility};

/// For whom a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// 内部使用: everyone who reaches the server works in the district.
    Internal,
    /// Everyone; needs a map approval number (审图号).
    Public,
}

impl Audience {
    /// Name used in the configuration and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nobody in particular.
    Public,
    /// Somebody who works in the district.
    Internal,
}

/// The one who asks; first argument of every use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// Whoever reaches a server that runs for this audience.
    pub fn of(audience: Audience) -> Self {
        let role = match audience {
            Audience::Internal => Role::Internal,
            Audience::Public => Role::Public,
        };
        Self { role }
    }

    /// Whether this actor may see a property, by its name in the API. One that belongs to no field is for nobody.
    pub fn may_see_property(&self, name: &str) -> bool {
        Field::of_property(name).is_some_and(|field| self.may_see(field))
    }

    /// Whether this actor may see the field.
    pub fn may_see(&self, field: Field) -> bool {
        match field.visibility() {
            Visibility::Public => true,
            Visibility::Internal => self.role == Role::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_sees_no_party_flag_and_the_office_sees_everything() {
        let public = Actor::of(Audience::Public);
        let internal = Actor::of(Audience::Internal);
        for field in [Field::CommitteeParty, Field::ManagerParty, Field::PartyRates] {
            assert!(!public.may_see(field) && internal.may_see(field));
        }
        for field in [Field::Identity, Field::Management, Field::ManagerPhone, Field::Fee] {
            assert!(public.may_see(field) && internal.may_see(field));
        }
    }
}
