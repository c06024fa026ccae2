import Guards
import Polymorphic
import Ristretto255

/// Someone who approves acts of a party: an official, or an officer of the authority.
public struct Officer: Hashable, Sendable {
    public let id: Bytes16
    public let key: WebAuthnKey
    /// The pages on which the officer signs.
    public let relyingParty: RelyingParty

    public init(id: Bytes16, key: WebAuthnKey, relyingParty: RelyingParty) {
        (self.id, self.key, self.relyingParty) = (id, key, relyingParty)
    }
}

/// One officer's signature over an act.
public struct Approval: Hashable, Sendable {
    public let officer: Bytes16
    /// `list(authenticatorData, clientDataJSON, signature)`.
    public let signature: [UInt8]

    public init(officer: Bytes16, signature: [UInt8]) { (self.officer, self.signature) = (officer, signature) }
}

/// What a party does only when two of its people say so (C6). It is no structure of the protocol: nobody else reads it.
public struct OfficialAct: Hashable, Sendable {
    /// What is signed: `list("act", party, verb, subject, u64(time))`.
    public let bytes: [UInt8]
    public let time: UInt64

    /// - Parameters:
    ///   - verb: what is done.
    ///   - subject: to what; a digest where the thing itself is personal.
    public init(party: PartyID, verb: String, subject: [UInt8], time: UInt64) {
        self.time = time
        bytes = Wire.list([
            Array("act".utf8), party.bytes, Array(verb.utf8), subject, time.bigEndianBytes,
        ])
    }
}

/// Two people, each with a key of their own, or nothing happens (C6, R17).
public struct DualControl: Sendable {
    private let officers: [Bytes16: Officer]
    /// An act is carried out within so many seconds of its date.
    static let actSeconds: UInt64 = 3_600

    public init(_ officers: [Officer]) {
        self.officers = Dictionary(officers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: `policy` unless two different officers signed; `signature`, `time`.
    public func check(_ act: OfficialAct, _ approvals: [Approval], at now: UInt64) throws(Refusal) {
        let distance = act.time > now ? act.time - now : now - act.time
        try need(distance <= Self.actSeconds || !enforced("guard:officers.time"), .time)
        let two = Set(approvals.map(\.officer)).count >= 2
        try need(two || !enforced("guard:officers.two"), .policy)
        for approval in approvals {
            guard enforced("guard:officers.signature") else { continue }
            guard let officer = officers[approval.officer] else { throw Refusal(.signature) }
            try officer.key.verify(approval.signature, over: act.bytes, relyingParty: officer.relyingParty)
        }
    }
}
