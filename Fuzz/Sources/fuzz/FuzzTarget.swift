import Guards

/// One decoder under fuzzing. Targets are listed in `FuzzTarget.all` (Targets.swift); a new decoder gets a line there.
struct FuzzTarget: Sendable {
    let name: String
    /// Longer inputs are not tried: what is behind the last byte that a decoder reads teaches nothing.
    let maximumBytes: Int
    let seeds: [Seed]
    /// Takes any bytes. It must end, and may refuse; what it promises beside that it checks with `expect`.
    let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, upTo maximumBytes: Int, seeds: [Seed], run: @escaping @Sendable ([UInt8]) -> Void) {
        (self.name, self.maximumBytes, self.seeds, self.run) = (name, maximumBytes, seeds, run)
    }
}

/// Stops the run on an input that breaks a promise.
func expect(_ condition: Bool, _ promise: StaticString) {
    guard condition else { fatalError("\(promise)") }
}

/// Runs `body` with these guards off, so that the fuzzer reaches what stands behind a check that it never passes.
func withOff(_ names: Set<String>, _ body: () -> Void) {
    Guards.$off.withValue(names, operation: body)
}
