import Guards
import Ristretto255

/// A resharing of one class key, as seen by one who takes part (PROTOCOL 4.1): some holders of the old sharing deal,
/// and those of the new one, who may be others and more or fewer, receive. The key stays, `share_epoch` grows by 1, and
/// a share of the old sharing is worth nothing beside one of the new.
///
/// Each round is a type, as in `KeyCeremony`. Who deals and stays also receives; an index whose holder leaves may be
/// given to a newcomer, but not in a resharing in which the one who leaves still deals under it.
///
///     let round1 = try Resharing<PSN>.Statement(roll, dealing: share, from: random)   // or (roll, receiving: 3, ..)
///     let round2 = try round1.reveal(after: statements)     // all signed statements, by index
///     let round3 = try round2.deal(after: commitments, ..)  // the commitments of all dealers, by index
///     let result = try round3.finish(boxes)                 // all boxes for this receiver
public enum Resharing<Class: KeyClass> {
    /// Bytes and their maker's signature.
    public typealias Signed = SignedMessage
    /// What a dealer shows in the second round.
    public typealias Commitment = DealerCommitment

    /// Who takes part, and in which attempt.
    public struct Roll: Sendable {
        /// 16 bytes, new for every attempt.
        public let ceremony: Bytes16
        /// The public side of the old sharing.
        public let old: SharedKey<Class>
        /// Its epoch, from 1.
        public let oldEpoch: UInt32
        /// The signing keys of those who deal, by their index in the old sharing.
        public let dealers: [UInt8: VerifyingKey]
        /// The new threshold.
        public let t: UInt8
        /// The signing keys of those who receive, 1...n of the new sharing.
        public let keys: [VerifyingKey]
        /// Y_psn and Y_kem: no box may be made with them.
        public let forbidden: [Element]

        /// The epoch of the new sharing.
        public var shareEpoch: UInt32 { oldEpoch + 1 }
        var context: DealingContext { DealingContext(ceremony: ceremony, keyClass: Class.byte) }
        var n: UInt8 { UInt8(keys.count) }
        /// D, ascending.
        var dealing: [UInt8] { dealers.keys.sorted() }
        /// Dealers and receivers.
        var everyone: [UInt8] { Set(dealers.keys).union(1...n).sorted() }
        func receives(_ index: UInt8) -> Bool { (1...n).contains(index) }
        func signer(_ index: UInt8) -> VerifyingKey? {
            dealers[index] ?? (receives(index) ? keys[Int(index) - 1] : nil)
        }
        /// From whom `index` receives a box.
        func senders(_ index: UInt8) -> [UInt8] { receives(index) ? dealing.filter { $0 != index } : [] }

        /// - Throws: `participants` unless t <= n < 2t, n at most 16, the keys differ, dealers are holders of the old
        ///   sharing and a dealer who stays has the same index and key in the new one; `constant term` where the
        ///   dealers are too few to have the key; `length` for an epoch of 0 or the last one.
        public init(
            ceremony: Bytes16, old: SharedKey<Class>, oldEpoch: UInt32, dealers: [UInt8: VerifyingKey], t: UInt8,
            keys: [VerifyingKey], forbidden: [Element]
        ) throws(Refusal) {
            try CeremonyRules.check(t: t, keys: keys)
            try need(oldEpoch >= 1 && oldEpoch < .max, .length)
            let indexes = dealers.keys.sorted()
            try Lagrange.check(indexes)
            var sum = Point.identity
            for index in indexes {
                guard let share = old.share(of: index), let key = dealers[index] else { throw Refusal(.participants) }
                let stays = Int(index) <= keys.count
                try need(stays ? keys[Int(index) - 1] == key : !keys.contains(key), .participants)
                sum = sum + MultiScalar.publicSum([Lagrange.coefficient(index, indexes)], [share.point])
            }
            try need(Set(dealers.values).count == indexes.count, .participants)
            try need(sum == old.key.element.point, .constantTerm)
            (self.ceremony, self.old, self.oldEpoch, self.dealers) = (ceremony, old, oldEpoch, dealers)
            (self.t, self.keys, self.forbidden) = (t, keys, forbidden)
        }
    }

    /// A dealer by reference: who only receives has none.
    final class Hand: Sendable {
        let dealer: Dealer
        init(_ dealer: consuming Dealer) { self.dealer = dealer }
    }

    /// Round 1: the opening of those who deal, the one-time keys of those who receive.
    public struct Statement: ~Copyable, Sendable {
        let roll: Roll
        let index: UInt8
        let hand: Hand?
        let oneTimeKeys: [UInt8: OneTimeKey]

        /// A holder of the old sharing who deals, and receives if it stays.
        /// - Throws: `participants` for one who does not deal, `share` for a share of another key or epoch.
        public init(
            _ roll: Roll, dealing share: borrowing ClassShare<Class>, from random: some RandomSource
        ) throws(Refusal) {
            try need(roll.dealers[share.index] != nil, .participants)
            let isCurrent = share.shareEpoch == roll.oldEpoch && share.element == roll.old.share(of: share.index)
            try need(isCurrent, .share)
            let dealer = try share.reshare(
                roll.context, dealers: roll.dealing, coefficients: SecretScalars(count: Int(roll.t), from: random))
            self.init(roll, share.index, Hand(dealer), random)
        }

        /// One who receives only: a newcomer, or a holder who does not deal.
        /// - Throws: `participants` for an index outside 1...n, or of a dealer.
        public init(_ roll: Roll, receiving index: UInt8, from random: some RandomSource) throws(Refusal) {
            try need(roll.receives(index) && roll.dealers[index] == nil, .participants)
            self.init(roll, index, nil, random)
        }

        init(_ roll: Roll, _ index: UInt8, _ hand: Hand?, _ random: some RandomSource) {
            (self.roll, self.index, self.hand) = (roll, index, hand)
            oneTimeKeys = Dictionary(
                uniqueKeysWithValues: roll.senders(index).map { ($0, OneTimeKey(from: random)) })
        }

        /// What is published first.
        public func signed(by signer: borrowing SigningKey) -> Signed {
            let keys = roll.old.shares.indices.map { place in
                oneTimeKeys[UInt8(place + 1)]?.key.element.encoding.bytes ?? []
            }
            let message = roll.context.keyStatement(
                of: index, opening: hand?.dealer.opening.bytes ?? [], oneTimeKeys: keys)
            return Signed(message: message, signature: signer.sign(message))
        }

        /// Shows the commitments, once the statements of all are in.
        /// - Parameter statements: of all dealers and receivers, by index.
        /// - Throws: with the index of the one at fault: `participants` where one is missing or of another ceremony;
        ///   `signature`, `label`, `trailing`, `length`, `point`.
        public consuming func reveal(after statements: [UInt8: Signed]) throws(Refusal) -> Opened {
            var openings: [UInt8: Bytes64] = [:]
            var keys: [UInt8: Element] = [:]
            for index in roll.everyone {
                do throws(Refusal) {
                    guard let signer = roll.signer(index) else { throw Refusal(.participants) }
                    let statement = try KeyStatement(
                        statements[index], of: index, roll.context, signer: signer,
                        dealers: Set(roll.senders(index)), places: roll.old.shares.count)
                    if roll.dealers[index] != nil {
                        openings[index] = try Wire.fixed(statement.opening)
                    } else {
                        try need(statement.opening.isEmpty, .length)
                    }
                    keys[index] = statement.oneTimeKeys[self.index]
                } catch { throw error.at(Int(index)) }
            }
            return Opened(
                roll: roll, index: index, hand: hand, oneTimeKeys: oneTimeKeys, openings: openings, theirKeys: keys)
        }
    }

    /// Round 2: the commitments.
    public struct Opened: ~Copyable, Sendable {
        let roll: Roll
        let index: UInt8
        let hand: Hand?
        let oneTimeKeys: [UInt8: OneTimeKey]
        let openings: [UInt8: Bytes64]
        let theirKeys: [UInt8: Element]

        /// What is published second; nil for one who does not deal.
        public var commitment: Commitment? {
            hand.map { Commitment(points: $0.dealer.commitments.points.map(\.encoding.bytes), pop: $0.dealer.pop) }
        }

        /// Checks the commitments of all dealers; who deals then seals a subshare for each other receiver.
        /// - Parameters:
        ///   - commitments: by index.
        ///   - sender: the dealer's own z.
        /// - Throws: with the index of the dealer at fault: `participants` where one is missing; `opening`, `degree`,
        ///   `point`; `length` for a proof, of which there is none here; `constant term`.
        public consuming func deal(
            after commitments: [UInt8: Commitment], signer: borrowing SigningKey, sender: borrowing SecretScalar,
            from random: some RandomSource
        ) throws(Refusal) -> Dealt {
            var checked: [UInt8: Commitments] = [:]
            for dealer in roll.dealing {
                do { checked[dealer] = try check(commitments[dealer], dealer) } catch { throw error.at(Int(dealer)) }
            }
            let boxes = try hand?.dealer.boxes(for: theirKeys, signer: signer, sender: sender, from: random) ?? [:]
            return Dealt(
                roll: roll, index: index, hand: hand, oneTimeKeys: oneTimeKeys, commitments: checked, boxes: boxes)
        }

        private func check(_ shown: Commitment?, _ dealer: UInt8) throws(Refusal) -> Commitments {
            let points = try roll.context.commitments(
                shown, of: dealer, opening: openings[dealer], threshold: roll.t)
            try need(shown?.pop.isEmpty == true, .length)
            guard let share = roll.old.share(of: dealer) else { throw Refusal(.participants) }
            try points.verify(reshares: share, of: dealer, by: roll.dealing)
            return points
        }
    }

    /// Round 3: the subshares.
    public struct Dealt: ~Copyable, Sendable {
        let roll: Roll
        let index: UInt8
        let hand: Hand?
        let oneTimeKeys: [UInt8: OneTimeKey]
        let commitments: [UInt8: Commitments]
        /// By receiver: the box (as `message`) and the signature over the dealing. None from one who does not deal.
        public let boxes: [UInt8: Signed]

        /// Opens the boxes of all dealers, adds the subshares up and computes the public side of the new sharing. The
        /// old share serves until all receivers have signed the ceremony record, and is then destroyed.
        /// - Parameter boxes: by dealer.
        /// - Throws: `participants` for one who leaves; with the index of the dealer at fault: `participants` where a
        ///   box is missing; `signature`, those of a box, `scalar`, `subshare`. `complaint` then gives the evidence.
        public borrowing func finish(_ boxes: [UInt8: Signed]) throws(Refusal) -> NewShare<Class> {
            try need(roll.receives(index), .participants)
            var x = hand?.dealer.subshare(for: index) ?? SecretScalar(public: .zero)
            for dealer in roll.senders(index) {
                do {
                    let subshare = try roll.context.receive(
                        boxes[dealer], from: dealer, as: index, signer: roll.dealers[dealer], commitments[dealer],
                        oneTimeKeys[dealer], forbidden: roll.forbidden)
                    x = x.plus(subshare)
                } catch { throw error.at(Int(dealer)) }
            }
            let key = try SharedKey<Class>(dealings: roll.dealing.compactMap { commitments[$0] }, n: Int(roll.n))
            return try NewShare(
                key: key, share: ClassShare<Class>(index: index, shareEpoch: roll.shareEpoch, secret: x))
        }

        /// The complaint about a box that is wrong: it reveals the key for this one dealing.
        /// - Throws: `participants` where there is no such dealing.
        public borrowing func complaint(about dealer: UInt8, _ box: Signed) throws(Refusal) -> Complaint {
            try roll.context.complaint(about: dealer, by: index, box, oneTimeKeys[dealer])
        }
    }
}
