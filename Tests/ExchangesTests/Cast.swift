import Exchanges
import Polymorphic
import Ristretto255
import VectorSupport

extension SeededRandom: RandomSource {}

/// Nodes of the vectors as values of ours, each through the decoder that outside bytes pass.
extension Vector {
    func fixed<B: FixedBytes>(_ type: B.Type = B.self) throws -> B { try Wire.fixed(try bytes) }
    /// Randomness of 64 bytes, or a digest.
    var b64: Bytes64 { get throws { try fixed() } }
    var b32: Bytes32 { get throws { try fixed() } }
    var b16: Bytes16 { get throws { try fixed() } }

    var element: Element { get throws { try Element(decoding: try bytes) } }
    /// `[B, C]`, or both in one string.
    var pair: Pair { get throws { try Pair(wire: try joined) } }
    var pseudonym: PolymorphicPseudonym { get throws { try PolymorphicPseudonym(wire: try joined) } }
    var party: PartyID { get throws { try PartyID(try bytes) } }
    var parties: [PartyID] { get throws { try elements.map { try $0.party } } }
    var name: Name { get throws { try Name(try bytes) } }
    var verifyingKey: VerifyingKey { get throws { VerifyingKey(try b32) } }
    /// A byte for each verdict.
    var verdicts: [Bool] { get throws { try bytes.map { $0 == 1 } } }
    var number: UInt64 { get throws { UInt64(try integer) } }
    var index: UInt8 { get throws { UInt8(try integer) } }

    func secret() throws -> SecretScalar { try SecretScalar(decoding: try bytes) }
    func secretBytes() throws -> SecretBytes { SecretBytes(copying: try bytes) }
    func openingKey() throws -> OpeningKey { OpeningKey(try secret()) }
    func signingKey() throws -> SigningKey { SigningKey(seed: try secretBytes()) }
}

extension SecretScalar {
    /// The bytes, to be compared with those of the vectors.
    var revealed: [UInt8] { withEncoding { [UInt8]($0) } }
}

/// Who acts in the vectors, with their keys, and the randomness of what the flat lists hold.
struct Cast {
    let vectors: Vector
    /// The time of everything in the vectors.
    static let now: UInt64 = 1_893_456_000

    init() throws { vectors = try Vectors.load() }

    subscript(_ name: String) -> Vector { get throws { try vectors[name] } }

    // MARK: Keys

    func openingKey(_ party: String) throws -> OpeningKey { try vectors["parties"][party]["z"].openingKey() }
    func secret(_ party: String) throws -> SecretScalar { try vectors["parties"][party]["z"].secret() }
    /// `Z` of a party.
    func element(_ party: String) throws -> Element { try vectors["parties"][party]["Z"].element }
    func signingKey(_ name: String) throws -> SigningKey {
        try find("signing_keys") { try $0["name"].text == name }["seed"].signingKey()
    }
    /// Of transcryptor `index`.
    func transcryptorKey(_ index: UInt8) throws -> SigningKey { try signingKey("t-sign|\(index)") }
    func transcryptorKeys() throws -> [PartyID: VerifyingKey] {
        var keys: [PartyID: VerifyingKey] = [:]
        for index in UInt8(1)...3 { keys[try PartyID("t\(index)")] = try transcryptorKey(index).verifyingKey }
        return keys
    }

    func classKey() throws -> ClassKey<PSN> { ClassKey(try vectors["dkg_psn"]["Y"].element) }
    /// Y_psn and Y_kem.
    func forbidden() throws -> [Element] {
        [try vectors["dkg_psn"]["Y"].element, try vectors["dkg_kem"]["Y"].element]
    }
    func share<Class: KeyClass>(
        _ ceremony: String, _ index: UInt8, _ type: Class.Type = Class.self
    ) throws -> ClassShare<Class> {
        let x = try vectors[ceremony]["shares"][Int(index) - 1].secret()
        return try ClassShare(index: index, shareEpoch: 1, secret: x)
    }
    func shared<Class: KeyClass>(_ ceremony: String, _ type: Class.Type = Class.self) throws -> SharedKey<Class> {
        let section = try vectors[ceremony]
        return SharedKey(
            key: ClassKey(try section["Y"].element), shares: try section["X"].elements.map { try $0.element })
    }
    func partyKey(_ party: PartyID) throws -> PartyKey {
        let entry = try vectors["parties"][party.description]
        return try PartyKey(
            party: party, keyEpoch: 1, element: try entry["Z"].element,
            possession: try Knowledge(wire: try entry["pop"].bytes))
    }

    /// The audit key of the person, which hedges what the person's devices draw.
    func audit() throws -> SecretScalar { try blinding("row 1")["k"].secret() }
    /// The person's device: its signing key, and PP.
    func device() throws -> SigningKey { try signingKey("device-key") }
    func pseudonym() throws -> PolymorphicPseudonym { try vectors["enrolment"]["PP"].pseudonym }
    func pages() throws -> RelyingParty {
        let section = try vectors["presentation_webauthn"]
        return RelyingParty(id: try section["rp"].bytes, origin: try section["origin"].bytes)
    }
    func staffPages() throws -> RelyingParty {
        let section = try vectors["request"]
        return RelyingParty(id: try section["person_rp"].bytes, origin: try section["person_origin"].bytes)
    }
    func roll() throws -> ExchangeRequest.Roll {
        ExchangeRequest.Roll(transcryptors: try (1...3).map { try PartyID("t\($0)") }, t: 2)
    }

    // MARK: Randomness

    /// The randomness from which a box, proof, pair or token of the file was made.
    func randomness(_ list: String, of bytes: Vector, in key: String) throws -> Bytes64 {
        let text = try bytes.text
        return try find(list) { try $0[key].text == text }["rand"].b64
    }
    /// A blinding by what it is for.
    func blinding(_ what: String) throws -> Vector { try find("blindings") { try $0["what"].text == what } }

    /// Seals again what the file has sealed, with the same randomness.
    func sealed(
        _ plain: [UInt8], to recipient: Element, info: [UInt8], sender: borrowing SecretScalar, as box: Vector
    ) throws -> [UInt8] {
        try Seal.seal(
            plain, to: recipient, info: info, sender: sender, fresh: try randomness("seals", of: box, in: "box"))
    }

    /// The first entry of a list that `matches`.
    func find(_ list: String, _ matches: (Vector) throws -> Bool) throws -> Vector {
        guard let found = try vectors[list].elements.first(where: matches) else { throw Missing(list: list) }
        return found
    }

    struct Missing: Error { let list: String }
}

/// Randomness as the vectors have it, or drawn.
extension Bytes64 {
    static func filled(_ byte: UInt8) -> Bytes64 { Bytes64 { $0.initializeMemory(as: UInt8.self, repeating: byte) } }
}
extension Bytes32 {
    static func filled(_ byte: UInt8) -> Bytes32 { Bytes32 { $0.initializeMemory(as: UInt8.self, repeating: byte) } }
}
extension Bytes16 {
    static func filled(_ byte: UInt8) -> Bytes16 { Bytes16 { $0.initializeMemory(as: UInt8.self, repeating: byte) } }
}
