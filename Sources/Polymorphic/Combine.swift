import Guards
import Ristretto255

extension Unmasking {
    /// `M_j = C_j - (sum_{i in D} lambda_i(D)*U_ij - z*Y)` for every item (PROTOCOL 8).
    /// - Parameters:
    ///   - participants: D, all different, none of them 0.
    ///   - belongs: whether what the Shares name is what is to be combined.
    /// - Throws: `participants` unless there is exactly one Share of each, `share` for Shares of two epochs or of
    ///   another Request, chain, record, verdict or recipient, `length`.
    borrowing func combine(
        _ masked: [Element], _ shares: [VerifiedShare<Class>], participants: [UInt8],
        belongs: (ShareBinding) -> Bool, _ body: (Int, consuming SecretPoint) throws(Refusal) -> Void
    ) throws(Refusal) {
        try Lagrange.check(participants)
        try need(shares.map(\.index).sorted() == participants.sorted(), .participants)
        let oneEpoch = Set(shares.map(\.shareEpoch)).count == 1
        try need(oneEpoch || !enforced("guard:combine.epoch"), .share)
        for share in shares { try need(share.answers.count == masked.count, .length) }
        // Each Share is true, but a sum over two chains is no pseudonym of anybody; nothing else would notice.
        let oneBinding = Set(shares.map(\.binding)).count == 1
        let fits = oneBinding && shares.allSatisfy { $0.binding.recipient == recipient && belongs($0.binding) }
        try need(fits || !enforced("guard:combine.binding"), .share)
        for (item, c) in masked.enumerated() {
            let sum = Self.interpolate(shares.map { ($0.index, $0.answers[item].point) }, participants)
            try body(item, mask.added(to: c.point - sum))
        }
    }

    /// `sum lambda_i(D) * U_i`. The coefficients are public; in the points it takes constant time.
    private static func interpolate(_ shares: [(UInt8, Point)], _ participants: [UInt8]) -> Point {
        var (sum, rest) = (Point.identity, [(Scalar, Point)]())
        for (index, point) in shares {
            if let small = Lagrange.small(index, participants) {
                sum = sum + MultiScalar.small(small, point)
            } else {
                rest.append((Lagrange.coefficient(index, participants), point))
            }
        }
        return rest.isEmpty ? sum : sum + MultiScalar.publicSum(rest.map(\.0), rest.map(\.1))
    }
}

extension Unmasking where Class == PSN {
    /// The pseudonyms of the permitted items of a chain, at its destination.
    /// - Parameters:
    ///   - permits: the joint verdict of each item.
    ///   - shares: one of each participant, in any order.
    ///   - participants: the indexes of the t transcryptors that the Request names.
    /// - Returns: one for each permitted item, in order.
    /// - Throws: `participants` unless there is exactly one Share of each; `share` for Shares of two epochs, or of
    ///   another Request, chain, verdict or recipient; `length`; `point` where a result is the identity.
    public borrowing func pseudonyms(
        _ chain: VerifiedChain, permits: [Bool], _ shares: [VerifiedShare<PSN>], participants: [UInt8]
    ) throws(Refusal) -> [Pseudonym] {
        var out: [Pseudonym] = []
        let masked = try chain.permitted(permits).map(\.pair.c)
        func belongs(_ binding: ShareBinding) -> Bool {
            let isHere = chain.destination.party.map { $0 == binding.destination } ?? true
            return isHere && binding.requestDigest == chain.requestDigest && binding.origin == chain.origin
                && binding.permits == permits
        }
        try combine(masked, shares, participants: participants, belongs: belongs) {
            (item, point) throws(Refusal) in
            do { out.append(Pseudonym(try Element(point.reveal()))) } catch { throw Refusal(.point, at: item) }
        }
        return out
    }
}

extension Unmasking where Class == KEM {
    /// The keys of the permitted records.
    /// - Parameters:
    ///   - headers: of the permitted records, in the order of the Request.
    ///   - requestDigest: `rd` of the Request that asked for them.
    ///   - shares: one of each participant, in any order.
    ///   - participants: the indexes of the t transcryptors that the Request names.
    /// - Returns: one for each header, in order.
    /// - Throws: `participants` unless there is exactly one Share of each; `share` for Shares of two epochs, or of
    ///   another Request, record or recipient; `length`; `point` where a result is the identity.
    public borrowing func recordKeys(
        _ headers: [RecordHeader], requestDigest: Bytes64, _ shares: [VerifiedShare<KEM>], participants: [UInt8]
    ) throws(Refusal) -> [RecordKey] {
        var out: [RecordKey] = []
        let origin = ShareStatement.origin(headers.map(\.hash))
        func belongs(_ binding: ShareBinding) -> Bool {
            binding.requestDigest == requestDigest && binding.origin == origin
        }
        let masked = headers.map(\.key.pair.c)
        try combine(masked, shares, participants: participants, belongs: belongs) { (item, point) throws(Refusal) in
            let key = RecordKey(point.encode())
            try need(!key.isIdentity, .point, at: item)
            out.append(key)
        }
        return out
    }
}

/// `K`, from which the content key of one record follows. Shared by reference, so that there is one copy in locked
/// memory.
public final class RecordKey: Sendable {
    let encoding: SecretBytes
    init(_ encoding: consuming SecretBytes) { self.encoding = encoding }
    /// The identity is no key.
    var isIdentity: Bool { encoding.isZero }
}
