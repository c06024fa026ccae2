import Guards
import Polymorphic
import Testing

/// Attacks as negative controls (docs/GUARDS.md).
enum Control {
    /// Expects the attack to be refused with `code`, and to succeed with the guard off. The attack throws wherever the
    /// attacker does not get what it wants.
    static func withOff(
        _ name: String, refused code: Refusal.Code, sourceLocation: SourceLocation = #_sourceLocation,
        _ attack: () throws -> Void
    ) {
        do {
            try attack()
            Issue.record("\(name): the attack was not refused", sourceLocation: sourceLocation)
        } catch let refusal as Refusal {
            #expect(refusal.code == code, "\(name)", sourceLocation: sourceLocation)
        } catch { Issue.record("\(name): \(error)", sourceLocation: sourceLocation) }
        Guards.withOff(name) {
            #expect(throws: Never.self, "\(name)", sourceLocation: sourceLocation) { try attack() }
        }
    }

    /// What an attacker wanted, and did not get although nothing refused it.
    struct Failed: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    static func wanted(_ condition: Bool, _ what: String) throws { if !condition { throw Failed(what) } }
}
