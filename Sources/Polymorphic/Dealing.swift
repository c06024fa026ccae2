import Guards
import Ristretto255

/// What one making of one class key is about (PROTOCOL 4.1).
public struct DealingContext: Hashable, Sendable {
    /// 16 bytes, new for every attempt.
    public let ceremony: Bytes16
    /// The byte of the class.
    public let keyClass: UInt8

    /// - Parameter keyClass: 1 for PSN, 2 for KEM.
    public init(ceremony: Bytes16, keyClass: UInt8) { (self.ceremony, self.keyClass) = (ceremony, keyClass) }

    /// What every structure of dealer or receiver `index` begins with.
    func start(_ index: UInt8) -> [[UInt8]] { [ceremony.bytes, [keyClass], [index]] }

    /// What a dealer's proof of knowledge is bound to.
    func bind(_ index: UInt8, _ commitments: Commitments) -> Bytes64 {
        digest(.dkg, fields: start(index) + [commitments.bytes])
    }

    /// The hash that a dealer publishes before it shows its commitments.
    func opening(_ index: UInt8, _ commitments: [UInt8], _ pop: [UInt8]) -> Bytes64 {
        digest(.dkgOpen, fields: start(index) + [commitments, pop])
    }

    /// Step 1: the signed statement with the opening and the one-time keys, the dealer's own place empty.
    /// - Parameter opening: 64 bytes; empty in a resharing for one who does not deal.
    public func keyStatement(of index: UInt8, opening: [UInt8], oneTimeKeys: [[UInt8]]) -> [UInt8] {
        pack(.dkgKey, fields: start(index) + [opening, Wire.list(oneTimeKeys)])
    }

    /// What the box of a dealing from `i` to `j` is sealed for.
    func boxInfo(_ i: UInt8, _ j: UInt8) -> [UInt8] { pack(.sealedDealing, ceremony.bytes, [keyClass], [i], [j]) }

    /// What the dealer signs over a box.
    public func dealing(from i: UInt8, to j: UInt8, box: [UInt8]) -> [UInt8] {
        pack(.dealing, fields: start(i) + [[j], box])
    }
}

/// `A_i`: the coefficients of a dealer's polynomial times G, the constant term first.
public struct Commitments: Hashable, Sendable {
    /// `A_i0 .. A_i(t-1)`, 32 bytes each on the wire.
    public let points: [Element]

    /// From decoded points.
    public init(_ points: [Element]) { self.points = points }

    /// Decodes commitments for a sharing with threshold `t`.
    /// - Throws: `degree` unless there are exactly t points, then `point`.
    public init(wire encodings: [[UInt8]], threshold t: Int) throws(Refusal) {
        try need(encodings.count == t || !enforced("guard:dealing.degree"), .degree)
        var points: [Element] = []
        for bytes in encodings { points.append(try Element(wire: bytes)) }
        self.points = points
    }

    var bytes: [UInt8] { Element.encode(batch: points) }

    /// `sum j^k * A_ik`: what the subshare of j is checked against.
    func at(_ j: UInt8) -> Point {
        var (power, powers) = (Scalar.one, [Scalar]())
        for _ in points {
            powers.append(power)
            power = power * Scalar(UInt64(j))
        }
        return MultiScalar.publicSum(powers, points.map(\.point))
    }

    /// Checks a dealing of a fresh key.
    /// - Throws: `knowledge`.
    public func verify(_ context: DealingContext, index: UInt8, pop: Knowledge) throws(Refusal) {
        guard let constant = points.first else { throw Refusal(.degree) }
        guard enforced("guard:dealing.possession") else { return }
        try pop.verify(point: constant, bind: context.bind(index, self))
    }

    /// Checks a dealing of a resharing: its constant term is the dealer's share times its Lagrange coefficient.
    /// - Parameters:
    ///   - share: `X_i` of the dealer in the old sharing.
    ///   - dealers: D, all different, none 0, the dealer among them.
    /// - Throws: `participants` for another D, `constant term`.
    public func verify(reshares share: Element, of index: UInt8, by dealers: [UInt8]) throws(Refusal) {
        try Lagrange.check(dealers)
        try need(dealers.contains(index), .participants)
        let expected = MultiScalar.publicSum([Lagrange.coefficient(index, dealers)], [share.point])
        let holds = points.first?.point == expected
        try need(holds || !enforced("guard:dealing.constantterm"), .constantTerm)
    }

    /// Checks the subshare of j.
    /// - Throws: `subshare`.
    func verify(subshare: borrowing SecretScalar, for j: UInt8) throws(Refusal) {
        let holds = subshare.timesGenerator() == at(j)
        try need(holds || !enforced("guard:dealing.subshare"), .subshare)
    }
}

/// The secret half of a dealer: its polynomial.
public struct Dealer: ~Copyable, Sendable {
    /// Which ceremony and class.
    public let context: DealingContext
    /// 1...n.
    public let index: UInt8
    /// `A_i`, what is published second.
    public let commitments: Commitments
    /// Proof of the constant term; empty in a resharing.
    public let pop: [UInt8]
    private let coefficients: SecretScalars

    /// A dealing of a fresh key. Its constant term is neither 0 nor 1.
    /// - Parameter fresh: 64 random bytes for the proof.
    public init(
        _ context: DealingContext, index: UInt8, coefficients: consuming SecretScalars, fresh: Bytes64
    ) throws(Refusal) {
        commitments = try Self.commit(coefficients)
        let constant = coefficients.polynomial(at: .zero)
        let proof = Knowledge.prove(
            constant, point: commitments.points[0], bind: context.bind(index, commitments), fresh: fresh)
        (self.context, self.index, pop) = (context, index, proof.bytes.bytes)
        self.coefficients = coefficients
    }

    /// A dealing of a resharing by the holder of `share`, one of `dealers`.
    public init(
        _ context: DealingContext, resharing share: borrowing SecretScalar, index: UInt8, dealers: [UInt8],
        coefficients: consuming SecretScalars
    ) throws(Refusal) {
        try Lagrange.check(dealers)
        try need(dealers.contains(index), .participants)
        let constant = share.times(Lagrange.coefficient(index, dealers))
        let polynomial = coefficients.with(first: constant)
        commitments = try Self.commit(polynomial)
        (self.context, self.index, pop) = (context, index, [])
        self.coefficients = polynomial
    }

    /// What is published first.
    public var opening: Bytes64 { context.opening(index, commitments.bytes, pop) }

    /// `f_i(j)`.
    borrowing func subshare(for j: UInt8) -> SecretScalar { coefficients.polynomial(at: Scalar(UInt64(j))) }

    /// Step 3: the subshare of j, sealed to the one-time key that j made for this dealer.
    /// - Parameter sender: the dealer's own z.
    public borrowing func box(
        for j: UInt8, to oneTimeKey: Element, sender: borrowing SecretScalar, fresh: Bytes64
    ) throws(Refusal) -> [UInt8] {
        try need(j != 0, .participants)  // f_i(0) is what nobody may have
        return try subshare(for: j).withEncoding { (raw) throws(Refusal) in
            try Seal.seal(raw, oneTimeKey, context.boxInfo(index, j), sender, fresh)
        }
    }

    private static func commit(_ coefficients: borrowing SecretScalars) throws(Refusal) -> Commitments {
        var points: [Element] = []
        for index in 0..<coefficients.count {
            points.append(try Element(computed: coefficients.times(.generator, at: index)))
        }
        try need(!points.isEmpty, .degree)
        return Commitments(points)
    }
}
