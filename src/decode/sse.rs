//! TODO sse
