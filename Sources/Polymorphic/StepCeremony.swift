import Guards
import Ristretto255

/// The two halves of a shared step secret (PROTOCOL 4.3).
public enum StepHalf {
    /// The bytes of a half.
    public static let byteCount = 32

    /// What a holder publishes before the halves are exchanged.
    /// - Parameter half: 32 secret bytes.
    public static func opening(
        _ half: borrowing SecretBytes, ceremony: Bytes16, step: Name, index: UInt8
    ) -> Bytes64 {
        var opening = FieldDigest(.stepOpen)
        opening.add(ceremony.bytes)
        opening.add(step.bytes)
        opening.add([index])
        opening.add(half)
        return opening.finish()
    }

    /// Checks a half that was shown.
    /// - Throws: `opening` unless it has 32 bytes and is the one whose hash was published.
    public static func verify(
        _ half: borrowing SecretBytes, opening: Bytes64, ceremony: Bytes16, step: Name, index: UInt8
    ) throws(Refusal) {
        try need(half.count == byteCount, .opening)
        let holds = opening == self.opening(half, ceremony: ceremony, step: step, index: index)
        try need(holds || !enforced("guard:stephalf.opening"), .opening)
    }

    /// What the box of a half is sealed for.
    public static func info(ceremony: Bytes16, step: Name, index: UInt8) -> [UInt8] {
        pack(.sealedHalf, ceremony.bytes, step.bytes, [index])
    }
}

/// A part of a step secret. Shared by reference, so that there is one copy in locked memory.
final class StepPart: Sendable {
    let bytes: SecretBytes
    init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
}

/// The making of the secret of one step by its holders, as seen by one of them (PROTOCOL 4.3). Each round is a type:
/// nobody shows its half before the hashes of all are in, so nobody chooses its half by those of the others.
///
///     let round1 = try StepCeremony.Drawn(roll, index: 1, from: random)
///     let round2 = try round1.reveal(after: openings, ..)  // the hashes of all, by index
///     let secret = try round2.finish(boxes, ..)            // all boxes for this holder, by index
public enum StepCeremony {
    /// Which step, and who makes its secret.
    public struct Roll: Sendable {
        /// 16 bytes, new for every attempt.
        public let ceremony: Bytes16
        /// The step with its holders.
        public let step: RouteStep
        /// The keys of the holders, to which halves are sealed.
        public let recipients: [UInt8: PartyKey]

        /// - Throws: `participants` unless there are two holders or more, all different, none 0, and a key of each.
        public init(ceremony: Bytes16, step: RouteStep, recipients: [UInt8: PartyKey]) throws(Refusal) {
            try Lagrange.check(step.holders)
            try need(step.holders.count >= 2 && Set(step.holders) == Set(recipients.keys), .participants)
            (self.ceremony, self.step, self.recipients) = (ceremony, step, recipients)
        }

        /// In the order of their indexes.
        var holders: [UInt8] { step.holders.sorted() }

        func opening(_ part: borrowing SecretBytes, _ index: UInt8) -> Bytes64 {
            StepHalf.opening(part, ceremony: ceremony, step: step.id, index: index)
        }

        func info(_ index: UInt8) -> [UInt8] { StepHalf.info(ceremony: ceremony, step: step.id, index: index) }
    }

    /// Round 1: a half, of which only the hash is shown.
    public struct Drawn: ~Copyable, Sendable {
        let roll: Roll
        let index: UInt8
        let part: StepPart

        /// Draws a half of 32 bytes.
        /// - Throws: `participants` for one who does not hold the step.
        public init(_ roll: Roll, index: UInt8, from random: some RandomSource) throws(Refusal) {
            try self.init(roll, index: index, part: SecretBytes(count: StepHalf.byteCount, from: random))
        }

        init(_ roll: Roll, index: UInt8, part: consuming SecretBytes) throws(Refusal) {
            try need(roll.step.holders.contains(index), .participants)
            (self.roll, self.index) = (roll, index)
            self.part = StepPart(part)
        }

        /// What is published first, 64 bytes.
        public var opening: Bytes64 { roll.opening(part.bytes, index) }

        /// Seals the half to each other holder, once the hashes of all are in.
        /// - Parameters:
        ///   - openings: the hashes of all holders, by index, this one's own among them.
        ///   - sender: the holder's own z.
        /// - Throws: with the index of the one at fault: `participants` where a hash is missing, `opening` where the
        ///   own one is not what was published.
        public consuming func reveal(
            after openings: [UInt8: Bytes64], sender: borrowing SecretScalar, from random: some RandomSource
        ) throws(Refusal) -> Revealed {
            for holder in roll.holders { try need(openings[holder] != nil, .participants, at: Int(holder)) }
            try need(openings[index] == opening, .opening, at: Int(index))
            var boxes: [UInt8: [UInt8]] = [:]
            for holder in roll.holders where holder != index {
                guard let recipient = roll.recipients[holder] else { throw Refusal(.participants, at: Int(holder)) }
                boxes[holder] = try Seal.seal(
                    secret: part.bytes, to: recipient.element, info: roll.info(index), sender: sender,
                    fresh: random.draw())
            }
            return Revealed(roll: roll, index: index, part: part, openings: openings, boxes: boxes)
        }
    }

    /// Round 2: the halves, sealed.
    public struct Revealed: ~Copyable, Sendable {
        let roll: Roll
        let index: UInt8
        let part: StepPart
        let openings: [UInt8: Bytes64]
        /// By receiver: the half of this holder, sealed; 80 bytes each.
        public let boxes: [UInt8: [UInt8]]

        /// Opens the halves of all others and joins them with the own one.
        /// - Parameters:
        ///   - boxes: by sender.
        ///   - key: this holder's own z.
        ///   - forbidden: Y_psn and Y_kem, once they are made.
        /// - Throws: with the index of the sender at fault: `participants` where a box is missing; `length`, `point`,
        ///   `seal`;
        ///   `opening` for a half that does not fit its hash.
        public borrowing func finish(
            _ boxes: [UInt8: [UInt8]], with key: borrowing OpeningKey, forbidden: [Element] = []
        ) throws(Refusal) -> StepSecret {
            var parts: [StepPart] = []
            for holder in roll.holders {
                if holder == index {
                    parts.append(part)
                    continue
                }
                guard let box = boxes[holder], let opening = openings[holder] else {
                    throw Refusal(.participants, at: Int(holder))
                }
                do {
                    let half = try key.openSecret(box, info: roll.info(holder), forbidden: forbidden)
                    try StepHalf.verify(
                        half, opening: opening, ceremony: roll.ceremony, step: roll.step.id, index: holder)
                    parts.append(StepPart(half))
                } catch { throw error.at(Int(holder)) }
            }
            return StepSecret(parts: parts)
        }
    }
}
