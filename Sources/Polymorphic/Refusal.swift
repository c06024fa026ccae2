/// Why bytes, a proof or a request are refused: a code of PROTOCOL 14 and, in a batch, the step or item. Holds nothing
/// of what was refused.
public struct Refusal: Error, Hashable, Sendable {
    /// What it is.
    public let code: Code
    /// The step (from 1) or item (from 0) at fault, where there is one.
    public let index: Int?

    /// - Parameter index: the step from 1 or the item from 0, where one is at fault.
    public init(_ code: Code, at index: Int? = nil) { (self.code, self.index) = (code, index) }

    /// The same refusal, with the place added by a caller that knows it.
    func at(_ index: Int) -> Refusal { Refusal(code, at: self.index ?? index) }

    /// The codes of PROTOCOL 14, in its order.
    public enum Code: String, CaseIterable, Sendable {
        case point, scalar, length, label, trailing, text
        case knowledge, equality, reshuffle
        case sameDomain = "same domain"
        case opening, degree
        case constantTerm = "constant term"
        case subshare, route
        case chainIncomplete = "chain incomplete"
        case number, code, seal, open, padding, magic
        case headerLength = "header length"
        case envelopeLength = "envelope length"
        case author, subject, prev, record, ticket, signature, share, participants
        case peer, directory, policy, source, target, time, conflict, row
        case presentation, card, mandate, consent, pending, breakglass, quota, intent, head, ledger, unavailable
    }
}

extension Refusal: CustomStringConvertible {
    /// The code and the place; nothing of what was refused.
    public var description: String { index.map { "\(code.rawValue) at \($0)" } ?? code.rawValue }
}

/// Refuses with `code` unless `condition` holds.
@inlinable
public func need(_ condition: Bool, _ code: Refusal.Code, at index: Int? = nil) throws(Refusal) {
    guard condition else { throw Refusal(code, at: index) }
}
