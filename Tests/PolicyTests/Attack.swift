import Polymorphic
import Testing

/// An attack that one guard stops: refused with its code while the guard is in force, carried through without it.
struct Attack: Sendable, CustomTestStringConvertible {
    let guardName: String
    let what: String
    let expected: Refusal.Code
    /// Goes all the way to what the attacker wants, or throws.
    let run: @Sendable () throws -> Void

    init(_ guardName: String, _ what: String, _ expected: Refusal.Code, _ run: @escaping @Sendable () throws -> Void) {
        (self.guardName, self.what, self.expected, self.run) = (guardName, what, expected, run)
    }

    var testDescription: String { "\(guardName): \(what)" }

    func isRefused() { #expect(code(run) == expected, "\(what) is refused") }
    /// To be called with the guard off.
    func succeeds() { #expect(code(run) == nil, "\(what) succeeds without \(guardName)") }
}
