/// A value that one thread makes and another uses, never both at once.
struct Handover<Value>: @unchecked Sendable {
    // Safety: the maker gives the value to a thread at its start and touches it again only after
    // joining that thread.
    let value: Value
}
