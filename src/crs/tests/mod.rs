//! The systems against published points, a second implementation and hostile input.

mod krueger;
mod systems;
