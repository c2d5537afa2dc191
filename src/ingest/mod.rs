//! Raw records to a checked change set and a list of faults.
