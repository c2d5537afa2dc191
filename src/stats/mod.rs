//! Counts in, ratios with numerator and denominator out.
