import Polymorphic

/// What a rule answers.
public enum Verdict: Hashable, Sendable {
    case admit
    case refuse(Reason)

    /// Refuses with a code of PROTOCOL 14.
    static func refuse(_ code: Refusal.Code, _ rule: RuleID) -> Verdict { .refuse(Reason(code, rule)) }
}

/// Why something is refused: the code that stands in the private part, and the rule, whose text the person reads.
public struct Reason: Hashable, Sendable {
    public let code: Refusal.Code
    public let rule: RuleID

    public init(_ code: Refusal.Code, _ rule: RuleID) { (self.code, self.rule) = (code, rule) }
}

/// A rule is a small pure value: evidence and time in, a verdict with its reason out.
public protocol Rule<Evidence>: Sendable {
    associatedtype Evidence
    func judge(_ evidence: Evidence, at now: Instant) -> Verdict
}

/// One item in the light of its Request.
public struct ItemCase: Sendable {
    public let request: RequestEvidence
    public let item: ItemEvidence
    /// Items of the same Request that were admitted before this one: they count against limits.
    public let admittedBefore: UInt64
    /// Those of them that are about the same person.
    public let sameSubjectBefore: UInt64

    public init(
        _ request: RequestEvidence, _ item: ItemEvidence, admittedBefore: UInt64 = 0, sameSubjectBefore: UInt64 = 0
    ) {
        (self.request, self.item) = (request, item)
        (self.admittedBefore, self.sameSubjectBefore) = (admittedBefore, sameSubjectBefore)
    }
}

/// One record of an admitted item.
public struct RecordCase: Sendable {
    public let request: RequestEvidence
    public let record: RecordEvidence
    public let grounds: Grounds

    public init(_ request: RequestEvidence, _ record: RecordEvidence, _ grounds: Grounds) {
        (self.request, self.record, self.grounds) = (request, record, grounds)
    }
}

extension Sequence {
    /// The first refusal of these rules, in their order; `admit` if there is none.
    func judge<E>(_ evidence: E, at now: Instant) -> Verdict where Element == any Rule<E> {
        for rule in self {
            let verdict = rule.judge(evidence, at: now)
            if verdict != .admit { return verdict }
        }
        return .admit
    }
}
