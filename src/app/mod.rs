//! Use cases, the only writer, and the published snapshot.
