//! Areas in, vector tile bytes out.
