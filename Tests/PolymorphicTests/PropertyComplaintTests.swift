import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Who is at fault when a dealing does not fit: all cases.
@Suite struct PropertyComplaintTests {
    /// One dealing of dealer 1 to receiver 2, well made, and everything to make it badly.
    private struct Dealing {
        let random: Seeded
        let context: DealingContext
        let box: DealerBox
        let signer: SigningKeyBox
        let oneTime: SecretBox
        var key: Element { get throws { try Element(oneTime.scalar.timesGenerator()) } }

        init(_ name: String) throws {
            random = Seeded(name)
            context = DealingContext(ceremony: random.draw(), keyClass: 1)
            box = try DealerBox(
                Dealer(context, index: 1, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw()))
            signer = SigningKeyBox(random)
            oneTime = SecretBox(random.secret())
        }

        func seal(_ plain: [UInt8], to key: Element? = nil, as info: [UInt8]? = nil) throws -> [UInt8] {
            try Seal.seal(
                plain, to: key ?? self.key, info: info ?? context.boxInfo(1, 2), sender: random.secret(),
                fresh: random.draw())
        }

        func complaint(_ sealed: [UInt8], signature: [UInt8]? = nil, revealed: [UInt8]? = nil) -> Complaint {
            Complaint(
                context: context, dealer: 1, receiver: 2, box: sealed,
                signature: signature ?? signer.key.sign(context.dealing(from: 1, to: 2, box: sealed)),
                revealed: revealed ?? oneTime.scalar.withEncoding { [UInt8]($0) })
        }

        func judge(_ complaint: Complaint, forbidden: [Element] = []) throws -> UInt8 {
            try complaint.judge(
                commitments: box.dealer.commitments, oneTimeKey: key, dealerKey: signer.key.verifyingKey,
                forbidden: forbidden)
        }

        /// What the receiver itself finds: nothing wrong?
        func receiverAccepts(_ sealed: [UInt8], forbidden: [Element] = []) -> Bool {
            let key = OpeningKey(oneTime.scalar.explicitCopy())
            do {
                _ = try Dealer.receive(
                    sealed, from: 1, as: 2, context, commitments: box.dealer.commitments, with: key,
                    forbidden: forbidden)
                return true
            } catch { return false }
        }
    }

    final class SigningKeyBox: Sendable {
        let key: SigningKey
        init(_ random: Seeded) { key = SigningKey(from: random) }
    }

    @Test func aGoodDealingNamesTheReceiver() throws {
        for round in 0..<200 {
            let dealing = try Dealing("good dealing \(round)")
            let sealed = try dealing.box.dealer.box(
                for: 2, to: dealing.key, sender: dealing.random.secret(), fresh: dealing.random.draw())
            #expect(dealing.receiverAccepts(sealed))
            #expect(try dealing.judge(dealing.complaint(sealed)) == 2)
        }
    }

    @Test func everyBadDealingNamesTheDealer() throws {
        for round in 0..<40 {
            let dealing = try Dealing("bad dealing \(round)")
            let good = dealing.box.dealer.subshare(for: 2).withEncoding { [UInt8]($0) }
            let oneTime = try dealing.key
            let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
            var bad = [
                try dealing.seal(dealing.box.dealer.subshare(for: 3).withEncoding { [UInt8]($0) }),
                try dealing.seal(dealing.random.scalar().encoding.bytes),
                try dealing.seal(Scalar.zero.encoding.bytes), try dealing.seal(order), try dealing.seal([]),
                try dealing.seal(Array(good.dropLast())), try dealing.seal(good + [0]),
                try dealing.seal(good, to: Element(dealing.random.point())),
                try dealing.seal(good, as: dealing.context.boxInfo(1, 3)),
                try dealing.seal(good, as: dealing.context.boxInfo(2, 1)),
                [], dealing.random.bytes(47), dealing.random.bytes(80),
                oneTime.encoding.bytes + dealing.random.bytes(48),
            ]
            let sealed = try dealing.seal(good)
            for _ in 0..<20 { bad.append(sealed.flipping(bit: dealing.random.int(in: 0...8 * sealed.count - 1))) }
            for box in bad {
                #expect(!dealing.receiverAccepts(box))
                #expect(try dealing.judge(dealing.complaint(box)) == 1)
            }
            // E is a class key: in a later ceremony nobody opens such a box.
            let e = try Element(decoding: Array(sealed[..<32]))
            #expect(!dealing.receiverAccepts(sealed, forbidden: [e]))
            #expect(try dealing.judge(dealing.complaint(sealed), forbidden: [e]) == 1)
        }
    }

    @Test func aComplaintWithoutTheDealersSignatureOrTheRightKeyIsVoid() throws {
        for round in 0..<40 {
            let dealing = try Dealing("void \(round)")
            let sealed = try dealing.box.dealer.box(
                for: 2, to: dealing.key, sender: dealing.random.secret(), fresh: dealing.random.draw())
            let bad = try dealing.seal(dealing.random.scalar().encoding.bytes)
            for box in [sealed, bad] {
                let good = dealing.complaint(box)
                var signatures = [[], dealing.random.bytes(64), good.signature + [0], Array(good.signature.dropLast())]
                for _ in 0..<20 { signatures.append(good.signature.flipping(bit: dealing.random.int(in: 0...511))) }
                // The dealer's signature over the same box for another receiver or class.
                signatures.append(dealing.signer.key.sign(dealing.context.dealing(from: 1, to: 3, box: box)))
                let other = DealingContext(ceremony: dealing.context.ceremony, keyClass: 2)
                signatures.append(dealing.signer.key.sign(other.dealing(from: 1, to: 2, box: box)))
                for signature in signatures {
                    expectRefusal(.signature) { _ = try dealing.judge(dealing.complaint(box, signature: signature)) }
                }
                let wrongKeys = [dealing.random.scalar().encoding.bytes, Scalar(2).encoding.bytes]
                for key in wrongKeys {
                    expectRefusal(.opening) { _ = try dealing.judge(dealing.complaint(box, revealed: key)) }
                }
                let noScalars: [[UInt8]] = [[], [UInt8](repeating: 0xff, count: 32), dealing.random.bytes(31)]
                for key in noScalars {
                    expectRefusal(.scalar) { _ = try dealing.judge(dealing.complaint(box, revealed: key)) }
                }
            }
        }
    }

    @Test func anHonestReceiverIsNeverNamedAndAnHonestDealerNeverEither() throws {
        // 1,000 dealings, good or with a random fault: whoever followed the rules is not named.
        let dealing = try Dealing("honest")
        let good = dealing.box.dealer.subshare(for: 2).withEncoding { [UInt8]($0) }
        for _ in 0..<1_000 {
            var box = try dealing.seal(good)
            let isBad = dealing.random.int(in: 0...1) == 1
            if isBad { box = box.flipping(bit: dealing.random.int(in: 0...8 * box.count - 1)) }
            #expect(dealing.receiverAccepts(box) == !isBad)
            #expect(try dealing.judge(dealing.complaint(box)) == (isBad ? 1 : 2))
        }
    }
}
