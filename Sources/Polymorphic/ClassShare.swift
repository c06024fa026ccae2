import Ristretto255

/// The public side of one class key: `Y` and the `X_i` of the holders of its shares (PROTOCOL 4.1, step 5).
public struct SharedKey<Class: KeyClass>: Sendable {
    /// `Y`.
    public let key: ClassKey<Class>
    /// `X_1 .. X_n`.
    public let shares: [Element]

    /// From values that a ceremony record pins.
    public init(key: ClassKey<Class>, shares: [Element]) { (self.key, self.shares) = (key, shares) }

    /// `Y = sum A_i0`, `X_j = sum_i sum_k j^k * A_ik` for j in 1...n.
    /// - Parameter n: 1...255.
    /// - Throws: `participants` for another n, `degree` without a dealing, `point` where a sum is the identity.
    public init(dealings: [Commitments], n: Int) throws(Refusal) {
        try need((1...255).contains(n), .participants)
        try need(!dealings.isEmpty && dealings.allSatisfy { !$0.points.isEmpty }, .degree)
        var sum = Point.identity
        for dealing in dealings { sum = sum + dealing.points[0].point }
        key = ClassKey(try Element(computed: sum))
        var shares: [Element] = []
        for j in 1...UInt8(n) {
            var point = Point.identity
            for dealing in dealings { point = point + dealing.at(j) }
            shares.append(try Element(computed: point))
        }
        self.shares = shares
    }

    /// `X_i`; nil for an index that holds no share.
    public func share(of index: UInt8) -> Element? {
        index >= 1 && Int(index) <= shares.count ? shares[Int(index) - 1] : nil
    }
}

/// One transcryptor's share of one class key: `x_i` with `X_i = x_i*G`.
public struct ClassShare<Class: KeyClass>: ~Copyable, Sendable {
    /// 1...n.
    public let index: UInt8
    /// Counts the sharings of this key, from 1. Shares of two epochs never mix.
    public let shareEpoch: UInt32
    /// `X_i`.
    public let element: Element
    let x: SecretScalar

    /// - Throws: `point` for a share of zero.
    public init(index: UInt8, shareEpoch: UInt32, secret x: consuming SecretScalar) throws(Refusal) {
        element = try Element(computed: x.timesGenerator())
        (self.index, self.shareEpoch) = (index, shareEpoch)
        self.x = x
    }

    /// Lends x, 32 bytes, for the key file of its holder.
    public borrowing func withSecret<R: ~Copyable>(_ body: (UnsafeRawBufferPointer) -> R) -> R { x.withEncoding(body) }

    /// A dealing of the resharing that gives this key to other holders.
    public borrowing func reshare(
        _ context: DealingContext, dealers: [UInt8], coefficients: consuming SecretScalars
    ) throws(Refusal) -> Dealer {
        try Dealer(context, resharing: x, index: index, dealers: dealers, coefficients: coefficients)
    }
}
