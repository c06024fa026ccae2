import Polymorphic
import Ristretto255

/// The body of `deliver`, at a target: SR, I, the Steps to it, the sealed Shares, the Envelopes deposited there.
public struct DeliverCall: Hashable, Sendable {
    public let request: SignedRequest
    public let intents: [SignedIntent]
    public let steps: [Step]
    public let shares: [SealedShare]
    public let envelopes: [[UInt8]]

    public init(
        request: SignedRequest, intents: [SignedIntent], steps: [Step], shares: [SealedShare], envelopes: [[UInt8]]
    ) {
        (self.request, self.intents, self.steps) = (request, intents, steps)
        (self.shares, self.envelopes) = (shares, envelopes)
    }
    public var body: [UInt8] {
        Wire.list(
            request.fields + [
                intentsField(intents), Wire.list(steps.map(\.bytes)), Wire.list(shares.map(\.bytes)),
                Wire.list(envelopes),
            ])
    }
    /// - Throws: `length`, `trailing`, `label`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 6)
        request = try SignedRequest(fields[0], fields[1])
        intents = try Exchanges.intents(fields[2], participants: try request.content()[9])
        steps = try Wire.elements(of: fields[3], maximum: 64).map { Step(bytes: $0) }
        shares = try Wire.elements(of: fields[4], maximum: 16).map { SealedShare(bytes: $0) }
        envelopes = try Wire.elements(of: fields[5], maximum: ExchangeRequest.recordsMax)
    }

    /// A record that a store has of an item: its header and the Tickets of all transcryptors.
    public struct Listed: Hashable, Sendable {
        public let header: RecordHeader
        /// In index order; empty where one has not adopted yet.
        public let tickets: [[UInt8]]
        public init(header: RecordHeader, tickets: [[UInt8]]) { (self.header, self.tickets) = (header, tickets) }
    }

    /// What a store answers: per item what it has.
    public static func answer(_ items: [[Listed]]) -> [UInt8] {
        Wire.list(items.map { Wire.list($0.map { Wire.list([$0.header.bytes, Wire.list($0.tickets)]) }) })
    }
    /// - Throws: `length`, those of a header.
    public static func listed(answer: [UInt8]) throws(Refusal) -> [[Listed]] {
        var items: [[Listed]] = []
        for item in try Wire.elements(of: answer, maximum: ExchangeRequest.itemsMax) {
            var records: [Listed] = []
            for record in try Wire.elements(of: item) {
                let fields = try Wire.fields(of: record, 2)
                records.append(
                    Listed(
                        header: try RecordHeader(wire: fields[0], beside: records.last?.header),
                        tickets: try Wire.elements(of: fields[1], maximum: 16)))
            }
            items.append(records)
        }
        return items
    }
}

/// The body of `bodies`, at a store: SR of a fetch and the Intents. The answer lists the Envelopes that are permitted
/// jointly.
public struct BodiesCall: Hashable, Sendable {
    public let request: SignedRequest
    public let intents: [SignedIntent]
    public init(request: SignedRequest, intents: [SignedIntent]) { (self.request, self.intents) = (request, intents) }
    public var body: [UInt8] { Wire.list(request.fields + [intentsField(intents)]) }
    /// - Throws: `length`, `trailing`, `label`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 3)
        request = try SignedRequest(fields[0], fields[1])
        intents = try Exchanges.intents(fields[2], participants: try request.content()[9])
    }
}

/// The body of `adopted`, at a target: what an adopter sealed for it.
public struct AdoptedCall: Hashable, Sendable {
    public let requestDigest: Bytes64
    public let index: UInt8
    public let share: SealedShare
    public init(requestDigest: Bytes64, index: UInt8, share: SealedShare) {
        (self.requestDigest, self.index, self.share) = (requestDigest, index, share)
    }
    public var body: [UInt8] { Wire.list([requestDigest.bytes, [index], share.bytes]) }
    /// - Throws: `length`, `trailing`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 3)
        requestDigest = try Wire.fixed(fields[0])
        try need(fields[1].count == 1, .length)
        (index, share) = (fields[1][0], SealedShare(bytes: fields[2]))
    }
}

/// The body of `row`: what makes a row, or adds a device to one (PROTOCOL 5, 8.1).
public struct RowCall: Hashable, Sendable {
    public let enrolID: Bytes16
    public let pseudonym: PolymorphicPseudonym
    /// SHA-512 of the first key.
    public let keyHash: Bytes64
    /// The enrolment signatures of all transcryptors, in index order.
    public let signatures: [[UInt8]]
    /// For a new transcryptor: the key countersignatures of t older ones.
    public let countersignatures: [SignedIntent]
    public let recoveryBox: [UInt8]
    /// `list(device entry, list(signatures))`, sealed.
    public let entry: [UInt8]

    public init(
        enrolID: Bytes16, pseudonym: PolymorphicPseudonym, keyHash: Bytes64, signatures: [[UInt8]],
        countersignatures: [SignedIntent] = [], recoveryBox: [UInt8], entry: [UInt8]
    ) {
        (self.enrolID, self.pseudonym, self.keyHash, self.signatures) = (enrolID, pseudonym, keyHash, signatures)
        (self.countersignatures, self.recoveryBox, self.entry) = (countersignatures, recoveryBox, entry)
    }
    public var body: [UInt8] {
        Wire.list([
            enrolID.bytes, pseudonym.bytes, keyHash.bytes, Wire.list(signatures), intentsField(countersignatures),
            recoveryBox, entry,
        ])
    }
    /// - Throws: `length`, `trailing`, `point`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 7)
        enrolID = try Wire.fixed(fields[0])
        pseudonym = try PolymorphicPseudonym(wire: fields[1])
        keyHash = try Wire.fixed(fields[2])
        signatures = try Wire.elements(of: fields[3], maximum: 16)
        var countersignatures: [SignedIntent] = []
        for one in try Wire.elements(of: fields[4], maximum: 16) {
            let parts = try Wire.fields(of: one, 2)
            countersignatures.append(SignedIntent(intent: parts[0], signature: parts[1]))
        }
        self.countersignatures = countersignatures
        (recoveryBox, entry) = (fields[5], fields[6])
    }
}

/// Sealed entries of a row: what they are sealed for.
public enum RowEntryInfo {
    public static func row(_ enrolID: Bytes16, _ index: UInt8) -> [UInt8] { pack(.sealedRow, enrolID.bytes, [index]) }
    public static func handle(_ enrolID: Bytes16, _ index: UInt8) -> [UInt8] {
        pack(.sealedHandle, enrolID.bytes, [index])
    }
    public static func consent(_ enrolID: Bytes16, _ index: UInt8) -> [UInt8] {
        pack(.sealedConsent, enrolID.bytes, [index])
    }
}
