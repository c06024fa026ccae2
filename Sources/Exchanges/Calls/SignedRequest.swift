import Polymorphic

/// `SR` of PROTOCOL 8.1: the Request and the signatures of the gateway and of the acting person.
public struct SignedRequest: Hashable, Sendable {
    public let request: [UInt8]
    /// Ed25519, 64 bytes.
    public let gateway: [UInt8]
    /// `list(authenticatorData, clientDataJSON, signature)`.
    public let person: [UInt8]

    public init(request: [UInt8], gateway: [UInt8], person: [UInt8]) {
        (self.request, self.gateway, self.person) = (request, gateway, person)
    }

    /// The two fields of a body.
    var fields: [[UInt8]] { [request, Wire.list([gateway, person])] }

    /// - Throws: `length` unless there are a gateway signature of 64 bytes and one of the person.
    init(_ request: [UInt8], _ signatures: [UInt8]) throws(Refusal) {
        let both = try Wire.elements(of: signatures)
        try need(both.count == 2 && both[0].count == 64, .length)
        self.init(request: request, gateway: both[0], person: both[1])
    }

    /// The fields of the Request, whatever they hold: what the counts in a body are checked against.
    func content() throws(Refusal) -> [[UInt8]] {
        try unpack(.request, request, ExchangeRequest.fieldCount)
    }
}
