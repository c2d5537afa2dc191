//! The seeded generator of the demonstration district.
