/// Whether the named guard is in force.
///
/// A guard is a check that keeps something out. Each one is written `if enforced("guard:area.name") { check }`, so
/// that a test can show what the check is for: with this one guard off, the attack it stops must succeed. In a release
/// build the answer is the constant `true`, the branch is folded away, and neither the switch nor the name is in the
/// binary.
///
/// - Parameter name: begins with `guard:`, so that a search of a binary finds every name that is left in it.
#if GUARDS
    @inline(never)
    public func enforced(_ name: StaticString) -> Bool {
        !Guards.off.contains(name.description)
    }

    /// The switch of the negative controls; it exists in debug builds only.
    public enum Guards {
        /// The guards that are off in this task and its children, by name.
        @TaskLocal public static var off: Set<String> = []

        /// Runs `body` with one named guard off.
        public static func withOff<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
            try $off.withValue(off.union([name]), operation: body)
        }

        /// Runs `body` with one named guard off.
        public static func withOff<R>(
            _ name: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
        ) async rethrows -> R {
            try await $off.withValue(off.union([name]), operation: body)
        }
    }
#else
    @inlinable @inline(__always)
    public func enforced(_ name: StaticString) -> Bool { true }
#endif
