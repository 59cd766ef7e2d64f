//! A JSON scanner that keeps byte spans: iterative, depth-capped, and exact about what it saw.

/// Index of a node in a [`Json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A parsed body: a flat tape of nodes over the original bytes.
pub struct Json<'b> {
    _b: std::marker::PhantomData<&'b ()>,
}
