import Polymorphic
import Ristretto255

/// The key that ends something for ever: w of a give, a mandate, a device or the row, 32 bytes.
///
/// It is an ordinary value and not locked memory, on purpose. Every Transcryptor has it in the row, which is encrypted
/// at rest as a whole; it opens nothing, and whoever steals it can only stop what the person may then give again: the
/// failure is closed. A row that is a plain value can be copied, compared and replayed, which is what its proofs need.
/// It is never printed.
public struct StopKey: Sendable, Equatable {
    private let value: Bytes32

    public init(_ value: Bytes32) { self.value = value }
    /// - Throws: `length`.
    init(wire bytes: [UInt8]) throws(Refusal) { value = try Wire.fixed(bytes) }

    /// The value, where it has to be compared with another form of it.
    var revealed: Bytes32 { value }

    /// For the sealed row and for entries only.
    var bytes: [UInt8] { value.bytes }

    public static func == (a: StopKey, b: StopKey) -> Bool { constantTimeEquals(a.bytes, b.bytes) }

    /// `mac(w, "stop", u8(kind), stop_id, u8(i))[0:32]` for every i of 1...n (PROTOCOL 9).
    public func tags(_ target: StopTarget, transcryptors n: UInt8) -> [Bytes32] {
        let key = SecretBytes(copying: value.bytes)
        return (1...max(n, 1)).map { i in
            mac(key, .stop, [target.kind.rawValue], target.id.bytes, [i]).first
        }
    }

    /// The tag that Transcryptor `i` writes into its leaf.
    public func tag(_ target: StopTarget, transcryptor i: UInt8) -> Bytes32 {
        mac(SecretBytes(copying: value.bytes), .stop, [target.kind.rawValue], target.id.bytes, [i]).first
    }
}

extension StopKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "StopKey" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
