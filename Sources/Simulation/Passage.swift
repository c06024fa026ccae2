import Exchanges
import Polymorphic

/// A message as its two ends see it.
public struct Passage: Sendable {
    public let call: Call
    /// nil for a device.
    public let caller: PartyID?
    public let node: PartyID
    public let body: [UInt8]
    /// Empty where the node refused, or did not answer.
    public let answer: [UInt8]
}
