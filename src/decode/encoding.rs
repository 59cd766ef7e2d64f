//! TODO encoding
