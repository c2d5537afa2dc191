//! Routes and everything at the web edge.
