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
    /// Who takes part, and in which attempt.
    public struct Roll: Sendable {
        /// 16 bytes, new for every attempt.
        public let ceremony: Bytes16
        public let t: UInt8
        /// The signing keys of transcryptors 1...n.
        public let keys: [VerifyingKey]
        public let shareEpoch: UInt32
        var context: DealingContext { DealingContext(ceremony: ceremony, keyClass: Class.byte) }
        var n: UInt8 { UInt8(keys.count) }

        /// - Throws: `participants` unless t <= n < 2t, n at most 16.
        public init(ceremony: Bytes16, t: UInt8, keys: [VerifyingKey], shareEpoch: UInt32 = 1) throws(Refusal) {
            let count = keys.count
            try need(t >= 1 && count >= Int(t) && count < 2 * Int(t) && count <= 16, .participants)
            (self.ceremony, self.t, self.keys, self.shareEpoch) = (ceremony, t, keys, shareEpoch)
        }

        /// Every index but `index`.
        func others(_ index: UInt8) -> [UInt8] { (1...n).filter { $0 != index } }
    }

    /// Bytes and their maker's signature.
    public struct Signed: Hashable, Sendable {
        public let message: [UInt8]
        public let signature: [UInt8]
        public init(message: [UInt8], signature: [UInt8]) { (self.message, self.signature) = (message, signature) }
    }

    /// What a dealer shows in the second round.
    public struct Commitment: Hashable, Sendable {
        /// 32 bytes each.
        public let points: [[UInt8]]
        public let pop: [UInt8]
        public init(points: [[UInt8]], pop: [UInt8]) { (self.points, self.pop) = (points, pop) }
    }

    /// The key for one dealing: what it opens, only its dealer wrote.
    final class OneTimeKey: Sendable {
        let key: OpeningKey
        init(from random: some RandomSource) { key = OpeningKey(from: random) }
    }

    /// Round 1: the opening and the one-time keys.
    public struct Statement: ~Copyable, Sendable {
        let roll: Roll
        let dealer: Dealer
        let oneTimeKeys: [UInt8: OneTimeKey]

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
        /// - Throws: `participants` where one is missing; `signature`, `label`, `length`, `point`.
        public consuming func reveal(after statements: [UInt8: Signed]) throws(Refusal) -> Opened {
            var openings: [UInt8: Bytes64] = [:]
            var keys: [UInt8: Element] = [:]
            for index in 1...roll.n {
                guard let statement = statements[index] else { throw Refusal(.participants) }
                try roll.keys[Int(index) - 1].verify(statement.signature, over: statement.message)
                let fields = try unpack(.dkgKey, statement.message, 5)
                let expected = [roll.ceremony.bytes, [Class.byte], [index]]
                try need(Array(fields[..<3]) == expected, .participants)
                openings[index] = try Wire.fixed(fields[3])
                let oneTime = try Wire.elements(of: fields[4], maximum: 16)
                try need(oneTime.count == Int(roll.n), .length)
                if index != dealer.index { keys[index] = try Element(wire: oneTime[Int(dealer.index) - 1]) }
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
        /// - Parameter sender: the dealer's own z; before it has one, a fresh scalar.
        /// - Throws: with the index of the one at fault: `opening`, `degree`, `point`, `knowledge`.
        public consuming func deal(
            after commitments: [UInt8: Commitment], signer: borrowing SigningKey, sender: borrowing SecretScalar,
            from random: some RandomSource
        ) throws(Refusal) -> Dealt {
            var checked: [UInt8: Commitments] = [:]
            for index in 1...roll.n {
                do { checked[index] = try check(commitments[index], index) } catch { throw error.at(Int(index)) }
            }
            var boxes: [UInt8: Signed] = [:]
            for j in roll.others(dealer.index) {  // in order, so that a seed gives the same boxes again
                guard let key = theirKeys[j] else { throw Refusal(.participants) }
                let box = try dealer.box(for: j, to: key, sender: sender, fresh: random.draw())
                let message = roll.context.dealing(from: dealer.index, to: j, box: box)
                boxes[j] = Signed(message: box, signature: signer.sign(message))
            }
            return Dealt(roll: roll, dealer: dealer, oneTimeKeys: oneTimeKeys, commitments: checked, boxes: boxes)
        }

        private func check(_ commitment: Commitment?, _ index: UInt8) throws(Refusal) -> Commitments {
            guard let commitment, let opening = openings[index] else { throw Refusal(.participants) }
            // The hash first: bytes that were not announced are not looked at.
            let bytes = commitment.points.flatMap { $0 }
            try roll.context.verify(opening: opening, index: index, commitments: bytes, pop: commitment.pop)
            let points = try Commitments(wire: commitment.points, threshold: Int(roll.t))
            try points.verify(roll.context, index: index, pop: try Knowledge(wire: commitment.pop))
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

        /// What this transcryptor ends with.
        public struct Result: ~Copyable, Sendable {
            public let share: ClassShare<Class>
            public let key: SharedKey<Class>

            /// The share, for the holder to keep.
            public consuming func takeShare() -> ClassShare<Class> { share }
        }

        /// Opens the boxes of all others, adds the subshares up and computes the public key.
        /// - Parameter boxes: by dealer.
        /// - Throws: with the index of the dealer at fault; `complaint` then gives the evidence, for which the
        ///   one-time keys
        ///   are still there.
        public borrowing func finish(_ boxes: [UInt8: Signed]) throws(Refusal) -> Result {
            var x = dealer.subshare(for: dealer.index)
            for index in roll.others(dealer.index) {
                do { x = x.plus(try receive(boxes[index], index)) } catch { throw error.at(Int(index)) }
            }
            let key = try SharedKey<Class>(dealings: (1...roll.n).compactMap { commitments[$0] }, n: Int(roll.n))
            let share = try ClassShare<Class>(index: dealer.index, shareEpoch: roll.shareEpoch, secret: x)
            try need(key.share(of: dealer.index) == share.element, .subshare)
            return Result(share: share, key: key)
        }

        private func receive(_ box: Signed?, _ index: UInt8) throws(Refusal) -> SecretScalar {
            guard let box, let key = oneTimeKeys[index], let commitments = commitments[index] else {
                throw Refusal(.participants)
            }
            let message = roll.context.dealing(from: index, to: dealer.index, box: box.message)
            try roll.keys[Int(index) - 1].verify(box.signature, over: message)
            return try Dealer.receive(
                box.message, from: index, as: dealer.index, roll.context, commitments: commitments, with: key.key)
        }

        /// The complaint about a box that is wrong: it reveals the key for this one dealing.
        /// - Throws: `participants` where there is no such dealing.
        public borrowing func complaint(about index: UInt8, _ box: Signed) throws(Refusal) -> Complaint {
            guard let key = oneTimeKeys[index] else { throw Refusal(.participants) }
            return Complaint(
                context: roll.context, dealer: index, receiver: dealer.index, box: box.message,
                signature: box.signature, revealed: key.key.revealed())
        }
    }
}

extension OpeningKey {
    /// The secret itself, for a complaint only: the key serves one dealing and is void from then on.
    func revealed() -> [UInt8] { z.withEncoding { [UInt8]($0) } }
}

extension DealingContext {
    /// Checks commitments that are still bytes against the hash that was published before them.
    /// - Throws: `opening`.
    func verify(opening: Bytes64, index: UInt8, commitments: [UInt8], pop: [UInt8]) throws(Refusal) {
        let holds = opening == self.opening(index, commitments, pop)
        try need(holds || !enforced("guard:dealing.opening"), .opening)
    }
}
