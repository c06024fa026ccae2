import Guards
import Ristretto255

/// A receiver's complaint about a dealing: the signed box and the one-time key that opens it and nothing else
/// (PROTOCOL 4.1, step 4).
public struct Complaint: Sendable {
    /// Which ceremony and class.
    public let context: DealingContext
    /// The dealer.
    public let dealer: UInt8
    /// The receiver, who complains.
    public let receiver: UInt8
    /// What the dealer sent, 80 bytes if it is well made.
    public let box: [UInt8]
    /// The dealer's signature over the dealing.
    public let signature: [UInt8]
    /// `w_ji`, revealed, 32 bytes: no secret any more, and it opens this one box.
    public let revealed: [UInt8]

    /// Bytes from a receiver; nothing is verified.
    public init(
        context: DealingContext, dealer: UInt8, receiver: UInt8, box: [UInt8], signature: [UInt8], revealed: [UInt8]
    ) {
        (self.context, self.dealer, self.receiver) = (context, dealer, receiver)
        (self.box, self.signature, self.revealed) = (box, signature, revealed)
    }

    /// Anyone judges: who is at fault.
    /// - Parameters:
    ///   - commitments: what the dealer published.
    ///   - oneTimeKey: `W_ji`, what the receiver published for this dealer.
    ///   - forbidden: the class keys, in a later ceremony.
    /// - Returns: the index of the dealer or of the receiver.
    /// - Throws: a void complaint: `signature`, `scalar`, `opening`.
    public func judge(
        commitments: Commitments, oneTimeKey: Element, dealerKey: VerifyingKey, forbidden: [Element] = []
    ) throws(Refusal) -> UInt8 {
        if enforced("guard:complaint.signature") {
            try dealerKey.verify(signature, over: context.dealing(from: dealer, to: receiver, box: box))
        }
        let w = try secret(revealed)
        let key = OpeningKey(w)
        try need(key.element == oneTimeKey || !enforced("guard:complaint.key"), .opening)
        do {
            let subshare = try SecretScalar(
                subshare: key.openSecret(box, info: context.boxInfo(dealer, receiver), forbidden: forbidden))
            try commitments.verify(subshare: subshare, for: receiver)
            return receiver
        } catch { return dealer }
    }

    private func secret(_ bytes: [UInt8]) throws(Refusal) -> SecretScalar {
        do { return try SecretScalar(decoding: bytes) } catch { throw Refusal(.scalar) }
    }
}

extension SecretScalar {
    /// A subshare may be any scalar, 0 and 1 included: it is one value of a random polynomial.
    /// - Throws: `scalar`.
    init(subshare bytes: borrowing SecretBytes) throws(Refusal) {
        self = try bytes.withBytes { (raw) throws(Refusal) -> SecretScalar in
            do { return try SecretScalar(decodingAny: raw) } catch { throw Refusal(.scalar) }
        }
    }
}

extension Dealer {
    /// What receiver j does with a box: opens it and checks the subshare.
    /// - Throws: whatever is wrong; j then complains.
    public static func receive(
        _ box: [UInt8], from dealer: UInt8, as j: UInt8, _ context: DealingContext, commitments: Commitments,
        with key: borrowing OpeningKey, forbidden: [Element] = []
    ) throws(Refusal) -> SecretScalar {
        let subshare = try SecretScalar(
            subshare: key.openSecret(box, info: context.boxInfo(dealer, j), forbidden: forbidden))
        try commitments.verify(subshare: subshare, for: j)
        return subshare
    }
}
