import Guards
import Ristretto255

/// The record that all transcryptors sign when their keys are made or shared anew (PROTOCOL 4.1, step 5). It stands in
/// the Ledger and is pinned by transcryptors and clients.
public struct CeremonyRecord: Sendable {
    /// 16 bytes, new for every ceremony.
    public let ceremony: Bytes16
    /// Names the pair (Y_psn, Y_kem), from 1.
    public let yGeneration: UInt32
    /// Names the sharing of both keys, from 1.
    public let shareEpoch: UInt32
    /// So many transcryptors have a share of each key.
    public let n: UInt8
    /// So many of them make a key work.
    public let t: UInt8
    /// The public side of the class of pseudonyms.
    public let pseudonyms: SharedKey<PSN>
    /// The public side of the class of record keys.
    public let recordKeys: SharedKey<KEM>
    /// The steps with their holders.
    public let route: Route

    /// - Throws: `conflict` where both classes have one key; `length` for a counter of 0 or another number of shares
    ///   than n;
    ///   `route` where n and t are not those of the route; `subshare` where the shares are not a sharing of their key
    ///   among n, of which t have it.
    public init(
        ceremony: Bytes16, yGeneration: UInt32, shareEpoch: UInt32, n: UInt8, t: UInt8, pseudonyms: SharedKey<PSN>,
        recordKeys: SharedKey<KEM>, route: Route
    ) throws(Refusal) {
        try need(pseudonyms.key.element != recordKeys.key.element, .conflict)
        try need(yGeneration >= 1 && shareEpoch >= 1, .length)
        try need(route.n == n && route.t == t, .route)
        try need(pseudonyms.shares.count == Int(n) && recordKeys.shares.count == Int(n), .length)
        try need(pseudonyms.isSharing(threshold: t) && recordKeys.isSharing(threshold: t), .subshare)
        (self.ceremony, self.yGeneration, self.shareEpoch, self.n, self.t) = (ceremony, yGeneration, shareEpoch, n, t)
        (self.pseudonyms, self.recordKeys, self.route) = (pseudonyms, recordKeys, route)
    }

    /// Parses the bytes of `packed`; signatures are verified by `verify`.
    /// - Throws: `label`, `trailing`; `length` for a field of another size or layout; `text`, `point`; those of a route
    ///   and of the record itself.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        let fields = try unpack(.ceremony, bytes, 10)
        try need(fields[3].count == 1 && fields[4].count == 1, .length)
        let (n, t) = (fields[3][0], fields[4][0])
        let sizes = [32, 32, 32 * Int(n), 32 * Int(n)]
        try need(zip(fields[5...8], sizes).allSatisfy { $0.count == $1 }, .length)
        var steps: [RouteStep] = []
        for step in try Wire.elements(of: fields[9], maximum: Route.stepsMax) {
            let parts = try Wire.elements(of: step, maximum: 2)
            try need(parts.count == 2, .length)
            steps.append(RouteStep(id: try Name(parts[0]), holders: parts[1]))
        }
        try self.init(
            ceremony: try Wire.fixed(fields[0]), yGeneration: try Wire.u32(fields[1]),
            shareEpoch: try Wire.u32(fields[2]), n: n, t: t, pseudonyms: try SharedKey(wire: fields[5], fields[7]),
            recordKeys: try SharedKey(wire: fields[6], fields[8]), route: try Route(steps, n: n, t: t))
    }

    /// What is signed and stands in the Ledger.
    public var packed: [UInt8] {
        pack(
            .ceremony, ceremony.bytes, yGeneration.bigEndianBytes, shareEpoch.bigEndianBytes, [n], [t],
            pseudonyms.key.element.encoding.bytes, recordKeys.key.element.encoding.bytes,
            Element.encode(batch: pseudonyms.shares), Element.encode(batch: recordKeys.shares),
            Wire.list(route.steps.map { Wire.list([$0.id.bytes, $0.holders]) }))
    }

    /// The signature of one transcryptor, 64 bytes: it signs what it has made itself.
    public func sign(by signer: borrowing SigningKey) -> [UInt8] { signer.sign(packed) }

    /// Checks that all transcryptors have signed: a key of which one knows nothing may be shared otherwise than this
    /// says.
    /// - Parameters:
    ///   - signatures: by index, 64 bytes each.
    ///   - keys: the signing keys of transcryptors 1...n, all different.
    /// - Throws: `signature`, with the index of the first whose signature is missing or does not hold.
    public func verify(signatures: [UInt8: [UInt8]], keys: [UInt8: VerifyingKey]) throws(Refusal) {
        guard enforced("guard:ceremony.signatures") else { return }
        let all = Set(1...n)
        try need(Set(keys.keys) == all && Set(keys.values).count == all.count, .signature)
        for index in 1...n {
            guard let signature = signatures[index], let key = keys[index] else {
                throw Refusal(.signature, at: Int(index))
            }
            do { try key.verify(signature, over: packed) } catch { throw error.at(Int(index)) }
        }
        try need(signatures.count == all.count, .signature)
    }
}

extension SharedKey {
    /// From the fields of a record: Y, and all X_i.
    /// - Throws: `point`, with the index of the X_i.
    init(wire key: [UInt8], _ shares: [UInt8]) throws(Refusal) {
        let element = try Element(wire: key)
        do {
            self.init(key: ClassKey(element), shares: try Element.decode(batch: shares))
        } catch { throw Refusal(.point, at: error.index) }
    }

    /// Whether the X_i lie on one polynomial of degree t - 1 whose constant term is the key: then any t holders have
    /// it.
    func isSharing(threshold t: UInt8) -> Bool {
        guard t >= 1, Int(t) <= shares.count, shares.count <= 255 else { return false }
        let fixed = Array(1..<t)  // t - 1 shares and the key fix the polynomial; each of the others must lie on it
        return (t...UInt8(shares.count)).allSatisfy { index in
            let set = fixed + [index]
            let coefficients = set.map { Lagrange.coefficient($0, set) }
            return MultiScalar.publicSum(coefficients, set.map { shares[Int($0) - 1].point }) == key.element.point
        }
    }
}
