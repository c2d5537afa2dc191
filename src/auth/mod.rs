//! Who asks, and which fields they may see.
