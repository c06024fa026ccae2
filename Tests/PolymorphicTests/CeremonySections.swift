import Ristretto255
import VectorSupport

@testable import Polymorphic

/// Sections about keys: ceremonies, resharing, complaints, parties and factors.
enum CeremonySections {
    static func ceremony<Class: KeyClass>(
        _ name: String, _ type: Class.Type, _ cast: Cast, _ tally: inout Tally
    ) throws {
        let section = try cast[name]
        let (n, t) = (try section["n"].integer, try section["t"].integer)
        let context = DealingContext(ceremony: try section["ceremony"].b16, keyClass: try section["class"].index)
        tally.holds(context.keyClass == Class.byte, "\(name): another class")
        var dealings: [Commitments] = []
        for entry in try section["dealings"].elements {
            let index = try entry["index"].index
            let dealer = try Dealer(
                context, index: index, coefficients: SecretScalars(decoding: try entry["coefficients"].byteStrings),
                fresh: try cast.randomness("knowledge", of: entry["pop"], in: "proof"))
            try tally.same(dealer.commitments.points.map(\.encoding.bytes), list: entry["commitments"])
            try tally.same(dealer.pop, entry["pop"])
            try tally.same(dealer.opening.bytes, entry["opening"])
            try tally.same((1...UInt8(n)).map { dealer.subshare(for: $0).revealed }, list: entry["subshares"])
            dealings.append(try received(entry, context, n, t))
        }
        let key = try SharedKey<Class>(dealings: dealings, n: n)
        try tally.same(key.key.element.encoding.bytes, section["Y"])
        try tally.same(key.shares.map(\.encoding.bytes), list: section["X"])
        try CeremonyRun<Class>.run(section, cast, &tally)
        for j in 1...UInt8(n) {
            let x = try sum(section["dealings"].elements.map { try $0["subshares"][Int(j) - 1] })
            try tally.same(x.revealed, section["shares"][Int(j) - 1])
            let share = try ClassShare<Class>(index: j, shareEpoch: 1, secret: x)
            try tally.same(share.element.encoding.bytes, section["X"][Int(j) - 1])
        }
    }

    /// What everybody checks of a dealing, from its bytes.
    private static func received(
        _ entry: Vector, _ context: DealingContext, _ n: Int, _ t: Int
    ) throws -> Commitments {
        let commitments = try Commitments(wire: try entry["commitments"].byteStrings, threshold: t)
        let (index, pop) = (try entry["index"].index, try entry["pop"].bytes)
        try context.verify(
            opening: try entry["opening"].b64, index: index, commitments: commitments.bytes, pop: pop)
        try commitments.verify(context, index: index, pop: try Knowledge(wire: pop))
        for j in 1...UInt8(n) {
            let subshare = try SecretScalar(subshare: try entry["subshares"][Int(j) - 1].secretBytes())
            try commitments.verify(subshare: subshare, for: j)
        }
        return commitments
    }

    private static func sum(_ subshares: [Vector]) throws -> SecretScalar {
        var total = SecretScalar(public: .zero)
        for subshare in subshares { total = total.plus(try subshare.secret()) }
        return total
    }

    static func resharing(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["reshare_2_of_3"]
        let dealers = try section["dealers"].indexes
        let context = DealingContext(ceremony: try cast["dkg_kem"]["ceremony"].b16, keyClass: KEM.byte)
        let old = try cast.shared("dkg_kem", KEM.self)
        var dealings: [Commitments] = []
        for (place, index) in dealers.enumerated() {
            var coefficients = try section["coefficients"][place].byteStrings
            // The constant term is the dealer's share times its coefficient, whatever stood there.
            coefficients[0] = Scalar(7).encoding.bytes
            let dealer = try cast.share("dkg_kem", index, KEM.self).reshare(
                context, dealers: dealers, coefficients: try SecretScalars(decoding: coefficients))
            let made = dealer.commitments
            try tally.same(made.points.map(\.encoding.bytes), list: section["commitments"][place])
            try tally.same(dealer.subshare(for: 0).revealed, section["coefficients"][place][0])
            let wire = try Commitments(wire: try section["commitments"][place].byteStrings, threshold: 2)
            guard let share = old.share(of: index) else { throw Cast.Missing(list: "dkg_kem") }
            try wire.verify(reshares: share, of: index, by: dealers)
            dealings.append(wire)
        }
        let key = try SharedKey<KEM>(dealings: dealings, n: 3)
        try tally.same(key.key.element.encoding.bytes, section["Y_unchanged"])
        tally.holds(key.key.element == old.key.element, "reshare_2_of_3: Y changed")
        try tally.same(key.shares.map(\.encoding.bytes), list: section["X"])
        for j in 1...UInt8(3) {
            var x = SecretScalar(public: .zero)
            for place in dealers.indices {
                let polynomial = try SecretScalars(decoding: section["coefficients"][place].byteStrings)
                x = x.plus(polynomial.polynomial(at: Scalar(UInt64(j))))
            }
            try tally.same(x.revealed, section["shares"][Int(j) - 1])
        }
    }
}
