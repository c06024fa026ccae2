import Guards
import Polymorphic
import Ristretto255

/// What a terminal shows and signs: `pack("terminal", party, exchange_id, purpose, u64(time))` (PROTOCOL 6).
public struct TerminalText: Hashable, Sendable {
    public let party: PartyID
    public let exchangeID: Bytes16
    public let purpose: Name
    public let time: UInt64

    public init(party: PartyID, exchangeID: Bytes16, purpose: Name, time: UInt64) {
        (self.party, self.exchangeID, self.purpose, self.time) = (party, exchangeID, purpose, time)
    }

    public var bytes: [UInt8] { pack(.terminal, party.bytes, exchangeID.bytes, purpose.bytes, time.bigEndianBytes) }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.terminal, bytes, 4)
        party = try PartyID(fields[0])
        exchangeID = try Wire.fixed(fields[1])
        purpose = try Name(fields[2])
        time = try Wire.u64(fields[3])
    }

    /// What the device signs: `pack("presentation", exchange_id, party, purpose, u64(time), PP')`.
    public func presentation(_ presented: PolymorphicPseudonym, time: UInt64) -> [UInt8] {
        PresentationPlace(exchangeID: exchangeID, party: party.bytes, purpose: purpose.bytes, time: time)
            .signed(presented)
    }
}

/// Where and when a Presentation holds: it is signed and sealed for these values, and for no others.
public struct PresentationPlace: Hashable, Sendable {
    public let exchangeID: Bytes16
    /// A party id; empty for an emergency.
    public let party: [UInt8]
    public let purpose: [UInt8]
    /// Unix seconds; 0 marks a presentation that was made in advance, for an emergency.
    public let time: UInt64

    public init(exchangeID: Bytes16, party: [UInt8], purpose: [UInt8], time: UInt64) {
        (self.exchangeID, self.party, self.purpose, self.time) = (exchangeID, party, purpose, time)
    }

    /// The purpose of an emergency, and of the presentations that are made in advance for one.
    public static let emergencyPurpose = Array("emergency".utf8)

    /// Of a presentation made in advance: any exchange, any party.
    public static let emergency = PresentationPlace(
        exchangeID: .zero, party: [], purpose: emergencyPurpose, time: 0)

    /// What the device signs: `pack("presentation", exchange_id, party, purpose, u64(time), PP')`.
    public func signed(_ presented: PolymorphicPseudonym) -> [UInt8] {
        pack(.presentation, exchangeID.bytes, party, purpose, time.bigEndianBytes, presented.bytes)
    }

    /// The context of the row proof in the box for transcryptor i.
    public func rowProof(index: UInt8, handle: Bytes16) -> RowProofContext {
        RowProofContext(id: exchangeID, party: party, purpose: purpose, index: index, handle: handle)
    }
}

/// What a device hands to a party: `list(PP', u64(time), box_1, .., box_n)`. The party sees neither signature nor
/// handle.
public struct Presentation: Hashable, Sendable {
    public let presented: PolymorphicPseudonym
    public let time: UInt64
    /// One for each transcryptor, in index order; 560 bytes each.
    public let boxes: [[UInt8]]

    public init(presented: PolymorphicPseudonym, time: UInt64, boxes: [[UInt8]]) {
        (self.presented, self.time, self.boxes) = (presented, time, boxes)
    }

    public var bytes: [UInt8] { Wire.list([presented.bytes, time.bigEndianBytes] + boxes) }

    /// - Throws: `length`, `point`.
    public init(wire bytes: [UInt8], transcryptors n: Int) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, n + 2)
        presented = try PolymorphicPseudonym(wire: fields[0])
        time = try Wire.u64(fields[1])
        try need(fields[2...].allSatisfy { $0.count == PresentationBox.byteCount }, .length)
        boxes = Array(fields[2...])
    }

    /// The origin that one transcryptor gets: `u64(time) || box`, 568 bytes.
    public func origin(for index: UInt8) -> [UInt8] { time.bigEndianBytes + boxes[Int(index) - 1] }
}

/// The plaintext of a box: `u8(alg) || h_i || row proof 64 || u16(len sig) || sig`, zeros to 512 bytes.
public struct PresentationBox: Hashable, Sendable {
    /// Sealed.
    public static let byteCount = plainBytes + Seal.overhead
    static let plainBytes = 512
    static let signatureMax = 429

    /// 0 Ed25519, 1 ES256, 2 WebAuthn, 3 card, 5 emergency.
    public let alg: UInt8
    static let emergencyAlg: UInt8 = 5
    public let handle: Bytes16
    public let proof: SamePerson
    public let signature: [UInt8]

    public init(alg: UInt8, handle: Bytes16, proof: SamePerson, signature: [UInt8]) {
        (self.alg, self.handle, self.proof, self.signature) = (alg, handle, proof, signature)
    }

    /// - Throws: `length` for a signature that does not fit.
    public func plain() throws(Refusal) -> [UInt8] {
        try need(signature.count <= Self.signatureMax, .length)
        let head = [alg] + handle.bytes + proof.bytes + UInt16(signature.count).bigEndianBytes + signature
        return head + [UInt8](repeating: 0, count: Self.plainBytes - head.count)
    }

    /// - Throws: `length` unless there are 512 bytes; `padding` where the signature or the zeros do not fit.
    init(plain: [UInt8]) throws(Refusal) {
        try need(plain.count == Self.plainBytes, .length)
        let count = Int(plain[81]) << 8 | Int(plain[82])
        let fits = count <= Self.signatureMax && plain[(83 + min(count, Self.signatureMax))...].allSatisfy { $0 == 0 }
        try need(fits || !enforced("guard:presentation.padding"), .padding)
        alg = plain[0]
        handle = try Wire.fixed(plain[1..<17])
        proof = try SamePerson(wire: plain[17..<81])
        signature = Array(plain[83..<(83 + min(count, Self.signatureMax))])
    }

    /// What the box for transcryptor i is sealed for.
    public static func info(_ exchangeID: Bytes16, _ index: UInt8) -> [UInt8] {
        pack(.sealedPresentation, exchangeID.bytes, [index])
    }
}
