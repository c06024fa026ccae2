import Guards
import Ristretto255

/// Bytes and their maker's signature.
public struct SignedMessage: Hashable, Sendable {
    /// What is signed.
    public let message: [UInt8]
    /// Ed25519, 64 bytes; nothing is verified yet.
    public let signature: [UInt8]

    /// Bytes from another participant.
    public init(message: [UInt8], signature: [UInt8]) { (self.message, self.signature) = (message, signature) }
}

/// What a dealer shows in the second round of a ceremony.
public struct DealerCommitment: Hashable, Sendable {
    /// `A_i0 .. A_i(t-1)`, 32 bytes each.
    public let points: [[UInt8]]
    /// The proof of knowledge of the constant term, 64 bytes; empty in a resharing.
    public let pop: [UInt8]

    /// Bytes from another participant.
    public init(points: [[UInt8]], pop: [UInt8]) { (self.points, self.pop) = (points, pop) }
}

/// The key for one dealing: what it opens, only its dealer wrote.
final class OneTimeKey: Sendable {
    let key: OpeningKey
    init(from random: some RandomSource) { key = OpeningKey(from: random) }
}

/// What one participant published first: the opening of its dealing and a one-time key for each dealer.
struct KeyStatement {
    /// 64 bytes; empty for one who does not deal.
    let opening: [UInt8]
    /// By dealer.
    let oneTimeKeys: [UInt8: Element]

    /// Reads the statement of `index`.
    /// - Parameters:
    ///   - dealers: those from whom it is to receive; every other place is empty.
    ///   - places: how many the list has.
    /// - Throws: `participants` where it is missing or of another ceremony, class or maker; `signature`, `label`,
    ///   `trailing`; `length` also for a place that should be empty and for a key that stands twice; `point`.
    init(
        _ signed: SignedMessage?, of index: UInt8, _ context: DealingContext, signer: VerifyingKey,
        dealers: Set<UInt8>, places: Int
    ) throws(Refusal) {
        guard let signed else { throw Refusal(.participants) }
        try signer.verify(signed.signature, over: signed.message)
        let fields = try unpack(.dkgKey, signed.message, 5)
        try need(Array(fields[..<3]) == context.start(index), .participants)
        opening = fields[3]
        let list = try Wire.elements(of: fields[4], maximum: places)
        try need(list.count == places, .length)
        var keys: [UInt8: Element] = [:]
        for (place, bytes) in list.enumerated() {
            let dealer = UInt8(place + 1)
            if dealers.contains(dealer) {
                keys[dealer] = try Element(wire: bytes)
            } else {
                try need(bytes.isEmpty, .length)
            }
        }
        try need(Set(keys.values).count == keys.count, .length)
        oneTimeKeys = keys
    }
}

extension DealingContext {
    /// Checks commitments that are still bytes against the hash that was published before them.
    /// - Throws: `opening`.
    func verify(opening: Bytes64, index: UInt8, commitments: [UInt8], pop: [UInt8]) throws(Refusal) {
        let holds = opening == self.opening(index, commitments, pop)
        try need(holds || !enforced("guard:dealing.opening"), .opening)
    }

    /// Reads what a dealer shows. The hash first: bytes that were not announced are not looked at.
    /// - Throws: `participants`, `opening`, `degree`, `point`.
    func commitments(
        _ shown: DealerCommitment?, of index: UInt8, opening: Bytes64?, threshold t: UInt8
    ) throws(Refusal) -> Commitments {
        guard let shown, let opening else { throw Refusal(.participants) }
        try verify(opening: opening, index: index, commitments: shown.points.flatMap { $0 }, pop: shown.pop)
        return try Commitments(wire: shown.points, threshold: Int(t))
    }

    /// A receiver takes a dealing: signature, box, subshare.
    /// - Throws: `participants` where something is missing; `signature`; those of a box; `scalar`, `subshare`.
    func receive(
        _ box: SignedMessage?, from dealer: UInt8, as j: UInt8, signer: VerifyingKey?, _ commitments: Commitments?,
        _ key: OneTimeKey?, forbidden: [Element]
    ) throws(Refusal) -> SecretScalar {
        guard let box, let signer, let commitments, let key else { throw Refusal(.participants) }
        try signer.verify(box.signature, over: dealing(from: dealer, to: j, box: box.message))
        return try Dealer.receive(
            box.message, from: dealer, as: j, self, commitments: commitments, with: key.key, forbidden: forbidden)
    }

    /// The complaint of j about a box: it reveals the key for this one dealing.
    /// - Throws: `participants` where there is no such dealing.
    func complaint(
        about dealer: UInt8, by j: UInt8, _ box: SignedMessage, _ key: OneTimeKey?
    ) throws(Refusal) -> Complaint {
        guard let key else { throw Refusal(.participants) }
        return Complaint(
            context: self, dealer: dealer, receiver: j, box: box.message, signature: box.signature,
            revealed: key.key.revealed())
    }
}

extension OpeningKey {
    /// The secret itself, for a complaint only: the key serves one dealing and is void from then on.
    func revealed() -> [UInt8] { z.withEncoding { [UInt8]($0) } }
}

extension Dealer {
    /// The subshares for others, sealed to their one-time keys and signed, in the order of their indexes, so that a
    /// seed gives the same boxes again.
    /// - Parameter keys: by receiver.
    borrowing func boxes(
        for keys: [UInt8: Element], signer: borrowing SigningKey, sender: borrowing SecretScalar,
        from random: some RandomSource
    ) throws(Refusal) -> [UInt8: SignedMessage] {
        var boxes: [UInt8: SignedMessage] = [:]
        for (j, key) in keys.sorted(by: { $0.key < $1.key }) {
            let box = try box(for: j, to: key, sender: sender, fresh: random.draw())
            let message = context.dealing(from: index, to: j, box: box)
            boxes[j] = SignedMessage(message: box, signature: signer.sign(message))
        }
        return boxes
    }
}

/// Who takes part in a ceremony: the rules that all have in common.
enum CeremonyRules {
    /// So many transcryptors at most.
    static let transcryptorsMax = Int(Route.transcryptorsMax)

    /// - Throws: `participants` unless t <= n < 2t, n at most 16, and the n keys differ.
    static func check(t: UInt8, keys: [VerifyingKey]) throws(Refusal) {
        let n = keys.count
        try need(t >= 1 && n >= Int(t) && n < 2 * Int(t) && n <= transcryptorsMax, .participants)
        try need(Set(keys).count == n, .participants)
    }
}
