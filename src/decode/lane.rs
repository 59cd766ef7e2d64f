//! TODO lane
