import Ristretto255
import VectorSupport

@testable import Polymorphic

extension SeededRandom: RandomSource {}

/// Nodes of the vectors as values of ours, each through the decoder that outside bytes pass.
extension Vector {
    /// A value of fixed size.
    func fixed<B: FixedBytes>(_ type: B.Type = B.self) throws -> B { try Wire.fixed(try bytes) }
    /// Randomness of 64 bytes, a digest or a proof.
    var b64: Bytes64 { get throws { try fixed() } }
    var b32: Bytes32 { get throws { try fixed() } }
    var b16: Bytes16 { get throws { try fixed() } }

    var element: Element { get throws { try Element(wire: try bytes) } }
    /// `[B, C]`, or both in one string.
    var pair: Pair { get throws { try Pair(wire: try joined) } }
    var pairs: [Pair] { get throws { try elements.map { try $0.pair } } }
    var party: PartyID { get throws { try PartyID(try bytes) } }
    var name: Name { get throws { try Name(try bytes) } }
    var verifyingKey: VerifyingKey { get throws { VerifyingKey(try b32) } }
    /// A byte for each verdict.
    var verdicts: [Bool] { get throws { try bytes.map { $0 == 1 } } }
    var indexes: [UInt8] { get throws { try elements.map { UInt8(try $0.integer) } } }
    var epoch: UInt32 { get throws { UInt32(try integer) } }
    var index: UInt8 { get throws { UInt8(try integer) } }

    func secret() throws -> SecretScalar { try SecretScalar(decoding: try bytes) }
    func secretBytes() throws -> SecretBytes { SecretBytes(copying: try bytes) }
    func openingKey() throws -> OpeningKey { OpeningKey(try secret()) }
    func signingKey() throws -> SigningKey { SigningKey(seed: try secretBytes()) }
    func keyRing(id: UInt8) throws -> KeyRing { KeyRing(id: id, key: try secretBytes()) }
}

extension SecretScalar {
    /// The bytes, to be compared with those of the vectors.
    var revealed: [UInt8] { withEncoding { [UInt8]($0) } }
}

extension StepHalf {
    /// Of a half that a test holds in ordinary memory.
    static func opening(_ half: [UInt8], ceremony: Bytes16, step: Name, index: UInt8) -> Bytes64 {
        opening(SecretBytes(copying: half), ceremony: ceremony, step: step, index: index)
    }
    static func verify(
        _ half: [UInt8], opening: Bytes64, ceremony: Bytes16, step: Name, index: UInt8
    ) throws(Refusal) {
        try verify(SecretBytes(copying: half), opening: opening, ceremony: ceremony, step: step, index: index)
    }
}

extension Unmasking where Class == KEM {
    /// For tests that do not ask which Request it was.
    borrowing func recordKeys(
        _ headers: [RecordHeader], _ shares: [VerifiedShare<KEM>], participants: [UInt8]
    ) throws(Refusal) -> [RecordKey] {
        let digest = shares.first?.binding.requestDigest ?? .zero
        return try recordKeys(headers, requestDigest: digest, shares, participants: participants)
    }
}

/// What the sections have in common: keys of parties, signing keys, and the randomness of what the flat lists hold.
struct Cast {
    let vectors: Vector

    init() throws { vectors = try Vectors.load() }

    subscript(_ name: String) -> Vector { get throws { try vectors[name] } }

    /// The public side of a class key.
    func shared<Class: KeyClass>(_ ceremony: String, _ type: Class.Type = Class.self) throws -> SharedKey<Class> {
        let section = try vectors[ceremony]
        return SharedKey(
            key: ClassKey(try section["Y"].element), shares: try section["X"].elements.map { try $0.element })
    }

    /// The share of transcryptor `index`, of share epoch 1.
    func share<Class: KeyClass>(
        _ ceremony: String, _ index: UInt8, _ type: Class.Type = Class.self
    ) throws -> ClassShare<Class> {
        let x = try vectors[ceremony]["shares"][Int(index) - 1].secret()
        return try ClassShare(index: index, shareEpoch: 1, secret: x)
    }

    func openingKey(_ party: String) throws -> OpeningKey { try vectors["parties"][party]["z"].openingKey() }
    func secret(_ party: String) throws -> SecretScalar { try vectors["parties"][party]["z"].secret() }

    func partyKey(_ party: PartyID) throws -> PartyKey {
        let entry = try vectors["parties"][party.description]
        return try PartyKey(
            party: party, keyEpoch: try entry["key_epoch"].epoch, element: try entry["Z"].element,
            possession: try Knowledge(wire: try entry["pop"].bytes))
    }

    func signingKey(_ name: String) throws -> SigningKey {
        try find("signing_keys") { try $0["name"].text == name }["seed"].signingKey()
    }
    /// Of transcryptor `index`.
    func signingKey(_ index: UInt8) throws -> SigningKey { try signingKey("t-sign|\(index)") }

    /// The signing keys of the transcryptors.
    func transcryptorKeys() throws -> [UInt8: VerifyingKey] {
        var keys: [UInt8: VerifyingKey] = [:]
        for index in UInt8(1)...3 { keys[index] = try signingKey(index).verifyingKey }
        return keys
    }

    func shareMaker(_ index: UInt8) throws -> ShareMaker {
        ShareMaker(signer: try signingKey(index), sender: try secret("t\(index)"))
    }

    /// Y_psn and Y_kem of the production ceremonies.
    func classKeys() throws -> [Element] {
        [try vectors["dkg_psn"]["Y"].element, try vectors["dkg_kem"]["Y"].element]
    }

    /// The randomness from which a box, proof or token of the file was made.
    func randomness(_ list: String, of bytes: Vector, in key: String) throws -> Bytes64 {
        let text = try bytes.text
        return try find(list) { try $0[key].text == text }["rand"].b64
    }

    /// The first entry of a list that `matches`.
    func find(_ list: String, _ matches: (Vector) throws -> Bool) throws -> Vector {
        guard let found = try vectors[list].elements.first(where: matches) else { throw Missing(list: list) }
        return found
    }

    struct Missing: Error { let list: String }
}
