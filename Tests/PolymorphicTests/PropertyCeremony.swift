import PropertySupport
import Ristretto255

@testable import Polymorphic

/// The making of one class key among n transcryptors, with sealed dealings (PROTOCOL 4.1).
enum Ceremony {
    /// - Returns: the public key and the shares of 1...n.
    static func make<Class: KeyClass>(
        _ keyClass: Class.Type, n: UInt8, t: UInt8, _ random: Seeded
    ) throws -> (SharedKey<Class>, [SecretBox]) {
        let context = DealingContext(ceremony: random.draw(), keyClass: Class.byte)
        let dealers = try (1...n).map { index in
            try DealerBox(
                Dealer(
                    context, index: index, coefficients: SecretScalars(count: Int(t), from: random),
                    fresh: random.draw()))
        }
        return try exchange(context, dealers, n: n, t: t, random) { (dealer: borrowing Dealer) in
            try dealer.commitments.verify(context, index: dealer.index, pop: Knowledge(wire: dealer.pop))
        }
    }

    /// The same key in a new sharing, dealt by the holders of `shares`.
    static func reshare<Class: KeyClass>(
        _ key: SharedKey<Class>, _ shares: [UInt8: SecretBox], n: UInt8, t: UInt8, _ random: Seeded
    ) throws -> (SharedKey<Class>, [SecretBox]) {
        let context = DealingContext(ceremony: random.draw(), keyClass: Class.byte)
        let holders = shares.keys.sorted()
        let dealers = try holders.map { index in
            let share = try ClassShare<Class>(
                index: index, shareEpoch: 1, secret: (shares[index] ?? SecretBox(random.secret())).scalar.explicitCopy()
            )
            return try DealerBox(
                share.reshare(context, dealers: holders, coefficients: SecretScalars(count: Int(t), from: random)))
        }
        return try exchange(context, dealers, n: n, t: t, random) { (dealer: borrowing Dealer) in
            guard let old = key.share(of: dealer.index) else { throw Refusal(.participants) }
            try dealer.commitments.verify(reshares: old, of: dealer.index, by: holders)
        }
    }

    /// Steps 1 to 5 of all: openings, commitments, sealed dealings, sums.
    static func exchange<Class: KeyClass>(
        _ context: DealingContext, _ dealers: [DealerBox], n: UInt8, t: UInt8, _ random: Seeded,
        check: (borrowing Dealer) throws -> Void
    ) throws -> (SharedKey<Class>, [SecretBox]) {
        for box in dealers {
            let read = try Commitments(wire: box.dealer.commitments.points.map(\.encoding.bytes), threshold: Int(t))
            try context.verify(
                opening: box.dealer.opening, index: box.dealer.index, commitments: read.bytes, pop: box.dealer.pop)
            try check(box.dealer)
        }
        var shares: [SecretBox] = []
        for j in 1...n {
            var sum: SecretBox?
            for box in dealers {
                let oneTime = OpeningKey(from: random)  // one for each dealer
                let sealed = try box.dealer.box(
                    for: j, to: oneTime.element, sender: random.secret(), fresh: random.draw())
                let subshare = try Dealer.receive(
                    sealed, from: box.dealer.index, as: j, context, commitments: box.dealer.commitments, with: oneTime)
                if let before = sum { sum = SecretBox(before.scalar.plus(subshare)) } else { sum = SecretBox(subshare) }
            }
            if let sum { shares.append(sum) }
        }
        return (try SharedKey(dealings: dealers.map { $0.dealer.commitments }, n: Int(n)), shares)
    }
}

/// A dealer that a test passes around.
final class DealerBox: Sendable {
    let dealer: Dealer
    init(_ dealer: consuming Dealer) { self.dealer = dealer }
}
