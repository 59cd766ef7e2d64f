//! Style `remove`: nothing stands for the value.

pub(super) fn replacement() -> String {
    String::new()
}
