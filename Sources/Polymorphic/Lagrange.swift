import Ristretto255

/// Lagrange coefficients at 0: `lambda_i(D) = prod_{j in D, j != i} j/(j-i) mod L`.
enum Lagrange {
    /// - Throws: `participants` for an empty set, one that holds an index twice, or index 0: a value at 0 is the secret
    ///   itself.
    static func check(_ set: [UInt8]) throws(Refusal) {
        try need(!set.isEmpty && !set.contains(0) && Set(set).count == set.count, .participants)
    }

    /// The coefficient of i in a set that was checked.
    static func coefficient(_ i: UInt8, _ set: [UInt8]) -> Scalar {
        let (numerator, denominator) = fraction(i, set)
        // Differences of two different bytes: never zero modulo L.
        return numerator * (denominator.inverse ?? .zero)
    }

    /// The coefficient as a small integer, where it is one: 2 and -1 for {1, 2}.
    static func small(_ i: UInt8, _ set: [UInt8]) -> Int? {
        var (numerator, denominator) = (1, 1)
        for j in set where j != i {
            let (n, first) = numerator.multipliedReportingOverflow(by: Int(j))
            let (d, second) = denominator.multipliedReportingOverflow(by: Int(j) - Int(i))
            if first || second { return nil }
            (numerator, denominator) = (n, d)
        }
        guard denominator != 0, numerator % denominator == 0 else { return nil }
        let value = numerator / denominator
        return value.magnitude <= 64 ? value : nil
    }

    private static func fraction(_ i: UInt8, _ set: [UInt8]) -> (Scalar, Scalar) {
        var (numerator, denominator) = (Scalar.one, Scalar.one)
        for j in set where j != i {
            numerator = numerator * Scalar(UInt64(j))
            denominator = denominator * (Scalar(UInt64(j)) - Scalar(UInt64(i)))
        }
        return (numerator, denominator)
    }
}
