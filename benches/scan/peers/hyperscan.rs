//! Hyperscan in block mode, by its C interface. It reports where matches end, so a rule is verified from as far before
//! that as its matches are long; asked for beginnings (`HS_FLAG_SOM_LEFTMOST`), it refuses these patterns as too large.

use super::expression::Expression;
use super::{Peer, Place};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ops::RangeInclusive;
use std::ptr;

enum Database {}
enum ScratchSpace {}

#[repr(C)]
struct CompileError {
    message: *const c_char,
    expression: c_int,
}

type OnMatch = extern "C" fn(c_uint, c_ulonglong, c_ulonglong, c_uint, *mut c_void) -> c_int;

const MODE_BLOCK: c_uint = 1;

#[link(name = "hs")]
unsafe extern "C" {
    fn hs_compile_multi(
        expressions: *const *const c_char,
        flags: *const c_uint,
        ids: *const c_uint,
        elements: c_uint,
        mode: c_uint,
        platform: *const c_void,
        database: *mut *mut Database,
        error: *mut *mut CompileError,
    ) -> c_int;
    fn hs_alloc_scratch(database: *const Database, scratch: *mut *mut ScratchSpace) -> c_int;
    fn hs_scan(
        database: *const Database,
        data: *const c_char,
        length: c_uint,
        flags: c_uint,
        scratch: *mut ScratchSpace,
        on_match: OnMatch,
        context: *mut c_void,
    ) -> c_int;
    fn hs_database_size(database: *const Database, size: *mut usize) -> c_int;
    fn hs_free_database(database: *mut Database) -> c_int;
    fn hs_free_scratch(scratch: *mut ScratchSpace) -> c_int;
}

pub struct Hyperscan {
    database: *mut Database,
    scratch: *mut ScratchSpace,
    /// Rule and length of matches, for each expression.
    expressions: Vec<(u32, RangeInclusive<usize>)>,
    /// Expression and end of each match of the last scan.
    ends: Vec<(u32, usize)>,
}

impl Hyperscan {
    pub fn new(expressions: &[Expression]) -> Self {
        let texts: Vec<CString> =
            expressions.iter().map(|e| CString::new(e.text()).expect("zero bytes are written as escapes")).collect();
        let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
        let ids: Vec<c_uint> = (0..expressions.len() as c_uint).collect();
        let flags = vec![0; expressions.len()];
        let (mut database, mut scratch, mut error) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: the arrays have as many elements as is said, and each text ends with a zero byte; they outlive the call.
        // On failure `error` points to a message that is never freed.
        unsafe {
            let elements = expressions.len() as c_uint;
            let (expressions, flags, ids) = (pointers.as_ptr(), flags.as_ptr(), ids.as_ptr());
            let code =
                hs_compile_multi(expressions, flags, ids, elements, MODE_BLOCK, ptr::null(), &mut database, &mut error);
            if code != 0 {
                let CompileError { message, expression } = &*error;
                panic!("{} in {:?}", CStr::from_ptr(*message).to_string_lossy(), texts.get(*expression as usize));
            }
            assert_eq!(hs_alloc_scratch(database, &mut scratch), 0, "memory for scans");
        }
        let expressions = expressions.iter().map(|e| (e.rule, e.width.clone())).collect();
        Self { database, scratch, expressions, ends: Vec::new() }
    }
}

impl Drop for Hyperscan {
    fn drop(&mut self) {
        // SAFETY: both came from the library and are freed once.
        unsafe {
            hs_free_scratch(self.scratch);
            hs_free_database(self.database);
        }
    }
}

extern "C" fn on_match(id: c_uint, _from: c_ulonglong, to: c_ulonglong, _flags: c_uint, ends: *mut c_void) -> c_int {
    // SAFETY: `places` passes its own vector and waits for the scan to return.
    let ends = unsafe { &mut *ends.cast::<Vec<(u32, usize)>>() };
    ends.push((id, to as usize));
    0
}

impl Peer for Hyperscan {
    fn name(&self) -> &'static str {
        "Hyperscan"
    }

    fn memory(&self) -> Option<usize> {
        let mut size = 0;
        // SAFETY: the database is valid until `drop`.
        (unsafe { hs_database_size(self.database, &mut size) } == 0).then_some(size)
    }

    fn places(&mut self, text: &str, out: &mut Vec<Place>) {
        self.ends.clear();
        // SAFETY: database and scratch are valid until `drop`, and `&mut self` keeps other scans from using the scratch.
        let code = unsafe {
            let ends = ptr::from_mut(&mut self.ends).cast();
            hs_scan(self.database, text.as_ptr().cast(), text.len() as c_uint, 0, self.scratch, on_match, ends)
        };
        assert_eq!(code, 0, "hs_scan");
        for (id, end) in &self.ends {
            let (rule, width) = &self.expressions[*id as usize];
            out.push((*rule, end.saturating_sub(*width.end())..end + 1 - width.start()));
        }
    }
}
