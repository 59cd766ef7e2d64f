//! TODO multipart
