import Polymorphic
import Ristretto255

/// Why an exchange did not end in a result. Holds our own ids and codes, nothing of a person.
public enum ExchangeFailure: Error, Hashable, Sendable {
    /// A node refused the whole Request, or what was delivered to it.
    case refused(by: PartyID, Refusal)
    /// Nothing is permitted jointly. Why, only the person is told.
    case notPermitted
    /// A node did not answer, however often it was asked: others may be asked with a new Request.
    case noAnswer(from: PartyID)
    /// A transcryptor lied.
    case lied(Liar)
    /// What the caller asks for cannot be asked: no person, no tokens, a form that no Request has.
    case unusable(Refusal)
    /// Our own store did not take it: nothing was sent, or it is in the journal and goes on after a restart.
    case store
}

/// A transcryptor whose answer is false, with its own signed bytes as evidence where it signed them.
public struct Liar: Error, Hashable, Sendable {
    /// 1...n.
    public let index: UInt8
    /// What is wrong.
    public let refusal: Refusal
    /// What it signed; empty where its signature does not hold, or where nothing in the answer is signed: then there is
    /// no proof for others, only the connection on which it came.
    public let evidence: [UInt8]

    public init(index: UInt8, refusal: Refusal, evidence: [UInt8]) {
        (self.index, self.refusal, self.evidence) = (index, refusal, evidence)
    }
}

extension ExchangeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let party, let refusal): "\(party) refused: \(refusal)"
        case .notPermitted: "not permitted"
        case .noAnswer(let party): "no answer from \(party)"
        case .lied(let liar): "transcryptor \(liar.index) lied: \(liar.refusal)"
        case .unusable(let refusal): "cannot be asked: \(refusal)"
        case .store: "the own store failed"
        }
    }
}
