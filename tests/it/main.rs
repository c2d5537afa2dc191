//! The only test binary: the seams of the program (`http_*`, `cli_*`) and the tidiness of the tree.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

mod tidy;
