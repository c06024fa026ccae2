import Guards
import Ristretto255

/// The making of one class key by n transcryptors, as seen by one of them (PROTOCOL 4.1). Each round is a type: nobody
/// shows its commitments before all statements are in, and nobody deals before all commitments are checked.
///
///     let round1 = try KeyCeremony<PSN>.Statement(roll, index: 1, from: random)
///     let round2 = try round1.reveal(after: statements)     // all signed statements, by index
///     let round3 = try round2.deal(after: commitments, ..)  // all commitments, by index
///     let (share, key) = try round3.finish(boxes)           // all boxes for this transcryptor
public enum KeyCeremony<Class: KeyClass> {
    /// Bytes and their maker's signature.
    public typealias Signed = SignedMessage
    /// What a dealer shows in the second round.
    public typealias Commitment = DealerCommitment

    /// Who takes part, and in which attempt.
    public struct Roll: Sendable {
        /// 16 bytes, new for every attempt.
        public let ceremony: Bytes16
        /// So many holders make the key work, and fewer learn nothing of it.
        public let t: UInt8
        /// The signing keys of transcryptors 1...n.
        public let keys: [VerifyingKey]
        /// The epoch of the shares that are made, from 1.
        public let shareEpoch: UInt32
        /// Y_psn and Y_kem of another generation, where there are any yet: no box may be made with them.
        public let forbidden: [Element]
        var context: DealingContext { DealingContext(ceremony: ceremony, keyClass: Class.byte) }
        var n: UInt8 { UInt8(keys.count) }

        /// - Throws: `participants` unless t <= n < 2t, n at most 16, and the keys differ; `length` for epoch 0.
        public init(
            ceremony: Bytes16, t: UInt8, keys: [VerifyingKey], shareEpoch: UInt32 = 1, forbidden: [Element] = []
        ) throws(Refusal) {
            try CeremonyRules.check(t: t, keys: keys)
            try need(shareEpoch >= 1, .length)
            (self.ceremony, self.t, self.keys, self.shareEpoch) = (ceremony, t, keys, shareEpoch)
            self.forbidden = forbidden
        }

        /// Every index but `index`.
        func others(_ index: UInt8) -> [UInt8] { (1...n).filter { $0 != index } }
        func signer(_ index: UInt8) -> VerifyingKey { keys[Int(index) - 1] }
    }

    /// Round 1: the opening and the one-time keys.
    public struct Statement: ~Copyable, Sendable {
        let roll: Roll
        let dealer: Dealer
        let oneTimeKeys: [UInt8: OneTimeKey]

        /// Draws a polynomial of degree t - 1 and a one-time key for each other.
        /// - Throws: `participants` for an index outside 1...n.
        public init(_ roll: Roll, index: UInt8, from random: some RandomSource) throws(Refusal) {
            try need((1...roll.n).contains(index), .participants)
            self.init(
                roll, index: index,
                try Dealer(
                    roll.context, index: index, coefficients: SecretScalars(count: Int(roll.t), from: random),
                    fresh: random.draw()), random)
        }

        init(_ roll: Roll, index: UInt8, _ dealer: consuming Dealer, _ random: some RandomSource) {
            self.roll = roll
            self.dealer = dealer
            oneTimeKeys = Dictionary(
                uniqueKeysWithValues: roll.others(index).map { ($0, OneTimeKey(from: random)) })
        }

        /// What is published first.
        public func signed(by signer: borrowing SigningKey) -> Signed {
            let keys = (1...roll.n).map { oneTimeKeys[$0]?.key.element.encoding.bytes ?? [] }
            let message = roll.context.keyStatement(
                of: dealer.index, opening: dealer.opening.bytes, oneTimeKeys: keys)
            return Signed(message: message, signature: signer.sign(message))
        }

        /// Shows the commitments, once the statements of all are in.
        /// - Parameter statements: by index, this one's own among them.
        /// - Throws: with the index of the one at fault: `participants` where one is missing or of another ceremony;
        ///   `signature`, `label`, `trailing`, `length`, `point`.
        public consuming func reveal(after statements: [UInt8: Signed]) throws(Refusal) -> Opened {
            var openings: [UInt8: Bytes64] = [:]
            var keys: [UInt8: Element] = [:]
            for index in 1...roll.n {
                do {
                    let statement = try KeyStatement(
                        statements[index], of: index, roll.context, signer: roll.signer(index),
                        dealers: Set(roll.others(index)), places: Int(roll.n))
                    openings[index] = try Wire.fixed(statement.opening)
                    if index != dealer.index { keys[index] = statement.oneTimeKeys[dealer.index] }
                } catch { throw error.at(Int(index)) }
            }
            return Opened(roll: roll, dealer: dealer, oneTimeKeys: oneTimeKeys, openings: openings, theirKeys: keys)
        }
    }

    /// Round 2: the commitments.
    public struct Opened: ~Copyable, Sendable {
        let roll: Roll
        let dealer: Dealer
        let oneTimeKeys: [UInt8: OneTimeKey]
        let openings: [UInt8: Bytes64]
        let theirKeys: [UInt8: Element]

        /// What is published second.
        public var commitment: Commitment {
            Commitment(points: dealer.commitments.points.map(\.encoding.bytes), pop: dealer.pop)
        }

        /// Checks the commitments of all, then seals a subshare for each other.
        /// - Parameters:
        ///   - commitments: by index, this one's own among them.
        ///   - sender: the dealer's own z; before it has one, a fresh scalar.
        /// - Throws: with the index of the one at fault: `participants` where one is missing; `opening`, `degree`,
        ///   `point`,
        ///   `length`, `scalar`, `knowledge`.
        public consuming func deal(
            after commitments: [UInt8: Commitment], signer: borrowing SigningKey, sender: borrowing SecretScalar,
            from random: some RandomSource
        ) throws(Refusal) -> Dealt {
            var checked: [UInt8: Commitments] = [:]
            for index in 1...roll.n {
                do { checked[index] = try check(commitments[index], index) } catch { throw error.at(Int(index)) }
            }
            let boxes = try dealer.boxes(for: theirKeys, signer: signer, sender: sender, from: random)
            return Dealt(roll: roll, dealer: dealer, oneTimeKeys: oneTimeKeys, commitments: checked, boxes: boxes)
        }

        private func check(_ shown: Commitment?, _ index: UInt8) throws(Refusal) -> Commitments {
            let points = try roll.context.commitments(
                shown, of: index, opening: openings[index], threshold: roll.t)
            try points.verify(roll.context, index: index, pop: try Knowledge(wire: shown?.pop ?? []))
            return points
        }
    }

    /// Round 3: the subshares.
    public struct Dealt: ~Copyable, Sendable {
        let roll: Roll
        let dealer: Dealer
        let oneTimeKeys: [UInt8: OneTimeKey]
        let commitments: [UInt8: Commitments]
        /// By receiver: the box (as `message`) and the signature over the dealing.
        public let boxes: [UInt8: Signed]

        /// Opens the boxes of all others, adds the subshares up and computes the public key.
        /// - Parameter boxes: by dealer.
        /// - Throws: with the index of the dealer at fault: `participants` where a box is missing; `signature`, those
        ///   of a box, `scalar`, `subshare`. `complaint` then gives the evidence, for which the one-time keys are still
        ///   there.
        public borrowing func finish(_ boxes: [UInt8: Signed]) throws(Refusal) -> NewShare<Class> {
            var x = dealer.subshare(for: dealer.index)
            for index in roll.others(dealer.index) {
                do {
                    let subshare = try roll.context.receive(
                        boxes[index], from: index, as: dealer.index, signer: roll.signer(index), commitments[index],
                        oneTimeKeys[index], forbidden: roll.forbidden)
                    x = x.plus(subshare)
                } catch { throw error.at(Int(index)) }
            }
            let key = try SharedKey<Class>(dealings: (1...roll.n).compactMap { commitments[$0] }, n: Int(roll.n))
            return try NewShare(
                key: key, share: ClassShare<Class>(index: dealer.index, shareEpoch: roll.shareEpoch, secret: x))
        }

        /// The complaint about a box that is wrong: it reveals the key for this one dealing.
        /// - Throws: `participants` where there is no such dealing.
        public borrowing func complaint(about index: UInt8, _ box: Signed) throws(Refusal) -> Complaint {
            try roll.context.complaint(about: index, by: dealer.index, box, oneTimeKeys[index])
        }
    }
}

/// What a transcryptor ends a ceremony with.
public struct NewShare<Class: KeyClass>: ~Copyable, Sendable {
    /// Its own share of the key.
    public let share: ClassShare<Class>
    /// The public side, the same at all.
    public let key: SharedKey<Class>

    /// - Throws: `subshare` where the share is not the one that the commitments say.
    init(key: SharedKey<Class>, share: consuming ClassShare<Class>) throws(Refusal) {
        try need(key.share(of: share.index) == share.element, .subshare)
        self.key = key
        self.share = share
    }

    /// The share, for the holder to keep.
    public consuming func takeShare() -> ClassShare<Class> { share }
}
