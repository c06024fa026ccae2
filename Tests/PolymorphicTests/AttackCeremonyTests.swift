import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Attacks on the making of class keys.
@Suite struct AttackCeremonyTests {
    typealias Run = KeyCeremony<PSN>

    /// A ceremony of two in which T2 says what it likes. T1 runs the real code.
    private final class Duel {
        let random: Seeded
        let roll: Run.Roll
        let honest: SigningKey
        let liar: SigningKey

        init(_ name: String) throws {
            let random = Seeded(name)
            honest = SigningKey(from: random)
            liar = SigningKey(from: random)
            roll = try Run.Roll(ceremony: random.draw(), t: 2, keys: [honest.verifyingKey, liar.verifyingKey])
            self.random = random
        }

        /// The key that T1 ends with.
        /// - Parameters:
        ///   - opening: what T2 publishes first.
        ///   - rogue: what T2 shows and deals once it has seen T1's commitments.
        func run(
            opening: [UInt8]? = nil, rogue: (Commitments) throws -> (Run.Commitment, subshare: Scalar)
        ) throws -> (key: SharedKey<PSN>, share: Element) {
            let mine = try Run.Statement(roll, index: 1, from: random)
            let first = mine.signed(by: honest)
            let forDealer2 = try Wire.elements(of: unpack(.dkgKey, first.message, 5)[4])[1]
            let oneTime = OpeningKey(from: random)
            let statement = roll.context.keyStatement(
                of: 2, opening: opening ?? random.bytes(64), oneTimeKeys: [oneTime.element.encoding.bytes, []])
            let second = Run.Signed(message: statement, signature: liar.sign(statement))
            let opened = try mine.reveal(after: [1: first, 2: second])
            let own = opened.commitment
            let seen = try Commitments(wire: own.points, threshold: 2)
            let (commitment, subshare) = try rogue(seen)
            let dealt = try opened.deal(
                after: [1: own, 2: commitment], signer: honest, sender: random.secret(), from: random)
            let box = try Seal.seal(
                subshare.encoding.bytes, to: Element(decoding: forDealer2), info: roll.context.boxInfo(2, 1),
                sender: random.secret(), fresh: random.draw())
            let signature = liar.sign(roll.context.dealing(from: 2, to: 1, box: box))
            let result = try dealt.finish([2: Run.Signed(message: box, signature: signature)])
            return (result.key, result.share.element)
        }
    }

    /// `A_20 = a*G - A_10`: then `Y = a*G`, and T2 alone has y. Both the opening and the proof of possession stop it,
    /// so each is tried where the other is missing: a network in which T2 speaks last, and one in which proofs are not
    /// asked for.
    @Test func aRogueKeyThatCancelsTheOthersIsRefused() throws {
        let duel = try Duel("rogue key")
        let (a, u) = (duel.random.scalar(), duel.random.scalar())
        func keyIsKnown() throws -> Bool {
            let end = try duel.run { seen in
                let constant = try Element(FixedBase.generator.times(a) - seen.points[0].point)
                // The subshare of T1 can be any u: the other coefficient follows.
                let slope = try Element(FixedBase.generator.times(u) - constant.point)
                let points = [constant.encoding.bytes, slope.encoding.bytes]
                let noProof = duel.random.scalar().encoding.bytes + duel.random.scalar().encoding.bytes
                return (Run.Commitment(points: points, pop: noProof), u)
            }
            return end.key.key.element.point == FixedBase.generator.times(a)
        }
        expectRefusal(.opening, at: 2) { _ = try keyIsKnown() }
        try Guards.withOff("guard:dealing.opening") {
            expectRefusal(.knowledge, at: 2) { _ = try keyIsKnown() }
            let isKnown = try Guards.withOff("guard:dealing.possession") { try keyIsKnown() }
            #expect(isKnown)
        }
        try Guards.withOff("guard:dealing.possession") {
            expectRefusal(.opening, at: 2) { _ = try keyIsKnown() }
            let isKnown = try Guards.withOff("guard:dealing.opening") { try keyIsKnown() }
            #expect(isKnown)
        }
    }

    /// With a true proof, but chosen after T1's commitments were seen: T2 decides bits of the key.
    @Test func theLastToSpeakDoesNotChooseBitsOfTheKey() throws {
        let duel = try Duel("biased key")
        func secondByte() throws -> UInt8 {
            let end = try duel.run { seen in
                func sum(_ box: DealerBox) -> Point { seen.points[0].point + box.dealer.commitments.points[0].point }
                var dealer = try self.dealer(duel)
                while sum(dealer).encoding.bytes[1] != 0x42 { dealer = try self.dealer(duel) }
                let points = dealer.dealer.commitments.points.map(\.encoding.bytes)
                let subshare = try dealer.dealer.subshare(for: 1).withEncoding { try Scalar(decoding: [UInt8]($0)) }
                return (Run.Commitment(points: points, pop: dealer.dealer.pop), subshare)
            }
            return end.key.key.element.encoding.bytes[1]
        }
        expectRefusal(.opening, at: 2) { _ = try secondByte() }
        let chosen = try Guards.withOff("guard:dealing.opening") { try secondByte() }
        #expect(chosen == 0x42)
    }

    private func dealer(_ duel: Duel, t: Int = 2) throws -> DealerBox {
        try DealerBox(
            Dealer(
                duel.roll.context, index: 2, coefficients: SecretScalars(count: t, from: duel.random),
                fresh: duel.random.draw()))
    }

    /// A polynomial of too low a degree: the subshare is the secret itself, and T1 alone has y.
    @Test func aDealingOfTooLowADegreeIsRefusedSinceItsReceiverWouldHaveTheKeyAlone() throws {
        let duel = try Duel("low degree")
        let constant = try dealer(duel, t: 1)
        let value = try constant.dealer.subshare(for: 1).withEncoding { try Scalar(decoding: [UInt8]($0)) }
        func receiverHasTheKey() throws -> Bool {
            let points = constant.dealer.commitments.points.map(\.encoding.bytes)
            var own = Point.identity
            let end = try duel.run(opening: constant.dealer.opening.bytes) { seen in
                own = seen.points[0].point  // a_10*G, whose a_10 T1 has made itself
                return (Run.Commitment(points: points, pop: constant.dealer.pop), value)
            }
            return own + FixedBase.generator.times(value) == end.key.key.element.point
        }
        expectRefusal(.degree, at: 2) { _ = try receiverHasTheKey() }
        let hasIt = try Guards.withOff("guard:dealing.degree") { try receiverHasTheKey() }
        #expect(hasIt)
    }

    /// A polynomial of too high a degree: every subshare fits, and no two transcryptors have the same key.
    @Test func aDealingOfTooHighADegreeIsRefusedSinceNoTwoWouldAgree() throws {
        func keys() throws -> [Point] {
            var room = try PropertyKeyCeremonyTests.Room("high degree", n: 3, t: 2)
            let context = room.roll.context
            var seats = try room.state()
            let random = room.random
            let dealer = try Dealer(
                context, index: 3, coefficients: SecretScalars(count: 3, from: random), fresh: random.draw())
            let statement = Run.Statement(room.roll, index: 3, dealer, random)
            room.statements[3] = statement.signed(by: room.signer(3).key)
            seats[3] = Seat(statement)
            let dealt = try room.deal(room.reveal(seats))
            let key = try #require(dealt[1]).take().finish(room.boxes[1] ?? [:]).key
            return try [[1, 2], [1, 3], [2, 3]].map { (set: [UInt8]) in
                try set.reduce(Point.identity) { sum, i in
                    let share = try #require(key.share(of: i))
                    return sum + MultiScalar.publicSum([Lagrange.coefficient(i, set)], [share.point])
                }
            }
        }
        expectRefusal(.degree, at: 3) { _ = try keys() }
        let found = try Guards.withOff("guard:dealing.degree") { try keys() }
        #expect(found[0] != found[1] && found[1] != found[2] && found[0] != found[2])
    }

    /// A wrong subshare that is taken makes an honest receiver's Shares wrong: it is refused, and blamed, for ever
    /// after.
    @Test func aWrongSubshareIsRefusedSinceItsReceiverWouldBeBlamedForItsShares() throws {
        let random = Seeded("wrong subshare")
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        let dealer = try Dealer(
            context, index: 1, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw())
        let oneTime = OpeningKey(from: random)
        let box = try Seal.seal(
            random.scalar().encoding.bytes, to: oneTime.element, info: context.boxInfo(1, 2), sender: random.secret(),
            fresh: random.draw())
        let own = try Dealer(
            context, index: 2, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw())
        let key = try SharedKey<PSN>(dealings: [dealer.commitments, own.commitments], n: 2)
        func blamed() throws -> Bool {
            let subshare = try Dealer.receive(
                box, from: 1, as: 2, context, commitments: dealer.commitments, with: oneTime)
            let share = try ClassShare<PSN>(index: 2, shareEpoch: 1, secret: subshare.plus(own.subshare(for: 2)))
            let query = try Element(random.point())
            let answer = try Element(share.x.times(query.point))
            let x = try #require(key.share(of: 2))
            let proof = try EqualityProof.prove(
                key: share.x, public: x, queries: [query], answers: [answer], context: [], nonce: random.secret())
            do { try proof.check(public: x, queries: [query], answers: [answer], context: []) } catch {
                return error.code == .equality
            }
            return false
        }
        expectRefusal(.subshare) { _ = try blamed() }
        let isBlamed = try Guards.withOff("guard:dealing.subshare") { try blamed() }
        #expect(isBlamed)
    }

    /// A dealer of a resharing who deals another secret: with the old shares gone, nothing stored can ever be opened.
    @Test func aResharingKeepsTheKeySinceADealerCannotDealAnotherSecret() throws {
        let random = Seeded("another secret")
        let (key, shares): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: 3, t: 2, random)
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        let honest = try ClassShare<PSN>(index: 1, shareEpoch: 1, secret: shares[0].scalar.explicitCopy())
            .reshare(context, dealers: [1, 2], coefficients: SecretScalars(count: 2, from: random))
        let liar = try ClassShare<PSN>(index: 2, shareEpoch: 1, secret: random.secret())
            .reshare(context, dealers: [1, 2], coefficients: SecretScalars(count: 2, from: random))
        func reshared() throws -> Element {
            for (index, commitments) in [(UInt8(1), honest.commitments), (2, liar.commitments)] {
                try commitments.verify(reshares: #require(key.share(of: index)), of: index, by: [1, 2])
            }
            return try SharedKey<PSN>(dealings: [honest.commitments, liar.commitments], n: 3).key.element
        }
        expectRefusal(.constantTerm) { _ = try reshared() }
        let other = try Guards.withOff("guard:dealing.constantterm") { try reshared() }
        #expect(other != key.key.element)
    }

    @Test func aReceiverCannotBlameADealerForABoxThatIsNotTheDealers() throws {
        let random = Seeded("false complaint")
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        let dealer = try Dealer(
            context, index: 1, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw())
        let signer = SigningKey(from: random)
        let w = random.secret()
        let oneTime = try Element(w.timesGenerator())
        let made = random.bytes(80)  // by the receiver
        let revealed = w.withEncoding { [UInt8]($0) }
        let forged = Complaint(
            context: context, dealer: 1, receiver: 2, box: made, signature: random.bytes(64), revealed: revealed)
        func named(_ complaint: Complaint) throws -> UInt8 {
            try complaint.judge(
                commitments: dealer.commitments, oneTimeKey: oneTime, dealerKey: signer.verifyingKey)
        }
        expectRefusal(.signature) { _ = try named(forged) }
        let byForgery = try Guards.withOff("guard:complaint.signature") { try named(forged) }
        #expect(byForgery == 1)
        // Nor by revealing another key, with which the dealer's good box does not open.
        let box = try dealer.box(for: 2, to: oneTime, sender: random.secret(), fresh: random.draw())
        let signature = signer.sign(context.dealing(from: 1, to: 2, box: box))
        let other = Complaint(
            context: context, dealer: 1, receiver: 2, box: box, signature: signature,
            revealed: random.scalar().encoding.bytes)
        expectRefusal(.opening) { _ = try named(other) }
        let byOtherKey = try Guards.withOff("guard:complaint.key") { try named(other) }
        #expect(byOtherKey == 1)
        let honest = Complaint(
            context: context, dealer: 1, receiver: 2, box: box, signature: signature, revealed: revealed)
        #expect(try named(honest) == 2)
    }

    /// Why there is one key for each dealer (PROTOCOL 4.1, 4): no guard, but the shape of the ceremony.
    @Test func withOneKeyForAllDealersAComplaintWouldOpenTheHonestBoxes() throws {
        let random = Seeded("one key for all")
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        let honest = try Dealer(
            context, index: 1, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw())
        let w = random.secret()
        let shared = try Element(w.timesGenerator())
        let box = try honest.box(for: 2, to: shared, sender: random.secret(), fresh: random.draw())
        // T3 takes E' = E + a*G for its own box. It fails to open, T2 complains and reveals w, or no more than w*E'.
        let a = random.secret()
        let e = try Element(decoding: Array(box[..<32]))
        let shifted = try Element(e.point + a.timesGenerator())
        let revealed = w.times(shifted.point)
        // w*E = w*E' - a*W opens what dealer 1 sent: with its own subshare T3 then has the polynomial of dealer 1.
        let mask = revealed - a.times(shared.point)
        let keys = Seal.keys(SecretBytes(copying: mask.encoding.bytes), e, shared, context.boxInfo(1, 2))
        let opened = try BoxReader.open(box, keys, context.boxInfo(1, 2))
        let (f2, f3) = (
            try Scalar(decoding: opened),
            try honest.subshare(for: 3).withEncoding { try Scalar(decoding: [UInt8]($0)) }
        )
        let secret = Scalar(3) * f2 - Scalar(2) * f3  // f(0) from f(2) and f(3)
        #expect(FixedBase.generator.times(secret) == honest.commitments.points[0].point)
    }
}
