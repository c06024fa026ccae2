import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// The keyed hash on which registry rows stand: the registry asks, the authority sees no number, and nobody can try out
/// all numbers (PROTOCOL 5).
extension AuthorityNode {
    /// Evaluations in an hour. All numbers at this rate would take a million years.
    public static let evaluationsPerHour: UInt64 = 2_000

    /// Evaluates one blinded input.
    /// - Parameter party: who asks: only a party that is accredited as number centre may.
    /// - Throws: `directory`, `quota`, `point`, `unavailable`.
    public func evaluate(
        _ blinded: Element, for party: PartyID
    ) async throws(Refusal) -> (evaluated: Element, proof: EqualityProof) {
        guard let entry = try await entry(of: party) else { throw Refusal(.directory) }
        let isRegistry = entry.roles.contains { $0.description == "number-centre" } && entry.notAfter > clock.now()
        try need(isRegistry || !enforced("guard:authority.registry"), .directory)
        try await count(party)
        do {
            let made = try VOPRF.evaluate(
                [blinded], key: secrets.numberKey, publicKey: secrets.numberPublicKey,
                nonce: SecretScalar(from: Source(random)))
            return (made.evaluated[0], made.proof)
        } catch { throw Refusal(.point) }
    }

    private func count(_ party: PartyID) async throws(Refusal) {
        let hour = clock.now() / 3_600
        try await transaction { transaction in
            let key = Array("evaluations".utf8) + party.bytes
            var count: UInt64 = 0
            if let stored = try transaction.get(Self.state, key) {
                let fields = try Wire.fields(of: stored, 2)
                if try Wire.u64(fields[0]) == hour { count = try Wire.u64(fields[1]) }
            }
            try need(count < Self.evaluationsPerHour || !enforced("guard:authority.rate"), .quota)
            try transaction.put(
                Self.state, key, Wire.list([hour.bigEndianBytes, (count + 1).bigEndianBytes]))
        }
    }
}

/// An existential source as a concrete one.
private struct Source: RandomSource {
    private let source: any RandomSource
    init(_ source: any RandomSource) { self.source = source }
    func fill(_ buffer: UnsafeMutableRawBufferPointer) { source.fill(buffer) }
}
