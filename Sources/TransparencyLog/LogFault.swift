/// Why bytes from outside were refused: a closed code, and a fixed sentence that holds nothing of the input.
public struct LogFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The closed list of reasons.
    public enum Code: String, Sendable, CaseIterable {
        /// Longer, larger or more numerous than the documented limit.
        case limit
        /// Not of the form that the specification gives.
        case malformed
        /// A signature by a known key does not verify.
        case signature
        /// No signature by any known key.
        case unsigned
        /// Signed by too few of the witnesses that the policy asks for.
        case quorum
        /// A checkpoint of another log.
        case origin
        /// An index or a size outside the tree.
        case range
        /// A proof whose number of hashes is not the one that index and sizes call for.
        case proofLength
        /// A proof that leads to another root.
        case root
        /// A tile or bundle that does not hash to what the tree holds there.
        case tile
    }

    public let code: Code
    public let reason: StaticString

    public init(_ code: Code, _ reason: StaticString) { (self.code, self.reason) = (code, reason) }

    public var description: String { "\(code.rawValue): \(reason)" }
    public static func == (a: LogFault, b: LogFault) -> Bool { a.code == b.code && a.description == b.description }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
