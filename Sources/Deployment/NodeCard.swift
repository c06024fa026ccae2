import Exchanges
import Foundation
import Ledger
import Policy
import Polymorphic
import Ristretto255
import TransparencyLog

/// What a node shows of itself, to be accredited and reached: `card.json`. Public.
public struct NodeCard: Codable, Sendable, Equatable {
    public var format = 1
    public var id: String
    public var kind: NodeKind
    /// 32 bytes each, in hexadecimal: signing key, Z, SHA-256 of the TLS key.
    public var signingKey: String
    public var sealingKey: String
    public var tlsKeyHash: String
    /// The proof that Z is its own, 64 bytes in hexadecimal.
    public var possession: String
    public var address: NodeAddress
    /// Of a ledger or witness: the key that signs notes.
    public var noteKey: String?
    /// Of an authority: the public key of its keyed hash.
    public var numberKey: String?

    public func party() throws(Refusal) -> PartyID { try PartyID(id) }

    /// The entry that accredits it.
    /// - Parameters:
    ///   - now: from here on, for a year.
    ///   - sequence: 1 for the first entry.
    /// - Throws: `DeploymentFault` for a card that is damaged or of a kind that has no entry.
    public func entry(at now: UInt64, sequence: UInt64 = 1) throws -> DirectoryEntry {
        guard let role = kind.role else {
            throw DeploymentFault.usage("a \(kind.rawValue) has no entry in the Directory")
        }
        return DirectoryEntry(
            party: try party(), roles: [role.name], keyEpoch: 1,
            key: try Element(decoding: fixed(sealingKey) as Bytes32),
            possession: try Knowledge(wire: try bytes(possession)), signingKey: try verifyingKey(),
            tlsKeyHash: try fixed(tlsKeyHash), pseudonymEpoch: 1, notBefore: now, notAfter: now + 366 * 86_400,
            sequence: sequence)
    }

    public func verifyingKey() throws -> VerifyingKey { VerifyingKey(try fixed(signingKey)) }

    /// Z, once its proof of possession holds.
    public func partyKey() throws -> PartyKey {
        try PartyKey(
            party: try party(), keyEpoch: 1, element: try Element(decoding: fixed(sealingKey) as Bytes32),
            possession: try Knowledge(wire: try bytes(possession)))
    }

    private func bytes(_ hex: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(hex) else { throw DeploymentFault.file("the card of \(id) is damaged") }
        return bytes
    }

    private func fixed<B: FixedBytes>(_ hex: String) throws -> B {
        guard let fixed = B(try bytes(hex)) else { throw DeploymentFault.file("the card of \(id) is damaged") }
        return fixed
    }
}
