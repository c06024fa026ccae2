import Exchanges
import Polymorphic

/// A phone's calls through the portal: what the portal answers goes there, everything else its own way.
public struct PortalTransport: Transport {
    private let base: any Transport
    private let portal: PartyID

    /// - Parameter base: reaches the portal and the others.
    public init(_ base: any Transport, portal: PartyID) { (self.base, self.portal) = (base, portal) }

    public func send(
        _ call: Call, _ body: [UInt8], to node: PartyID, from caller: PartyID?
    ) async throws(CallFailure) -> [UInt8] {
        guard PortalNode.calls.contains(call) else {
            return try await base.send(call, body, to: node, from: caller)
        }
        let passed = call == .consent ? Wire.list([node.bytes, body]) : body
        return try await base.send(call, passed, to: portal, from: caller)
    }
}
