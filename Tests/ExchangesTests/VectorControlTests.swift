import Guards
import Polymorphic
import Testing
import VectorSupport

/// Negatives of the vectors as attacks: each is refused by one check alone, and accepted without it.
@Suite struct VectorControlTests {
    /// Guard, operation, reason of the negative.
    static let attacks: [(guarded: String, operation: String, reason: String)] = [
        ("guard:request.peer", "request_check", "Request of another peer"),
        ("guard:request.time", "request_check", "Request 121 s old"),
        ("guard:request.time", "request_check", "Request from the future"),
        ("guard:request.participants", "request_check", "one participant"),
        ("guard:request.participants", "request_check", "a participant twice"),
        ("guard:request.source", "request_check", "items of another Party's domain"),
        ("guard:request.records", "request_check", "deposit and fetch of one record"),
        ("guard:intent.signature", "intents_verify", "Intent with a changed verdict"),
        ("guard:intent.request", "intents_verify", "Intent of another Request"),
        ("guard:intent.all", "intents_verify", "one Intent only"),
        ("guard:intent.all", "intents_verify", "the same Intent twice"),
        ("guard:presentation.time", "presentation", "Presentation 121 s old"),
        ("guard:presentation.padding", "presentation", "box plaintext with a nonzero pad byte"),
        ("guard:presentation.signature", "presentation", "Presentation signed by a revoked device"),
        ("guard:presentation.rowproof", "presentation", "signature good, row proof for another row"),
        ("guard:presentation.emergency", "presentation", "emergency presentation without break-glass"),
        ("guard:presentation.once", "presentation", "emergency presentation used twice"),
        ("guard:webauthn.presence", "presentation", "WebAuthn without user verification"),
        ("guard:webauthn.presence", "presentation", "WebAuthn of another RP"),
        ("guard:webauthn.origin", "presentation", "WebAuthn of another origin"),
        ("guard:webauthn.origin", "presentation", "WebAuthn challenge of another text"),
        ("guard:head.forward", "history_verify", "history: checkpoint goes back"),
        ("guard:head.leaves", "history_verify", "history: newest leaf hidden"),
        ("guard:head.leaves", "history_verify", "history: gap"),
        ("guard:head.participants", "participants_seen", "history: a named participant has no leaf"),
        ("guard:entry.time", "key_countersigned", "new Transcryptor: countersignatures of a day ago"),
        ("guard:row.older", "key_countersigned", "new Transcryptor: one signs for two"),
        ("guard:row.countersigned", "key_countersigned", "new Transcryptor: present key with another stop key"),
        ("guard:row.enough", "key_countersigned", "new Transcryptor: key without countersignatures"),
        ("guard:row.enough", "key_countersigned", "new Transcryptor: two countersignatures of one"),
        ("guard:row.adder", "device_add", "added device: signed by itself only"),
        ("guard:row.proof", "device_add", "added device: with a proof made for another PP_i"),
        ("guard:row.secrets", "device_add", "added device: with another w_row"),
    ]

    @Test(arguments: attacks.indices)
    func aNegativeIsRefusedByOneCheckAndAcceptedWithoutIt(_ index: Int) throws {
        let (guarded, operation, reason) = Self.attacks[index]
        let negative = try Vectors.negatives().first { $0.operation == operation && $0.reason == reason }
        let (found, operations) = (try #require(negative, "\(reason)"), ExchangeOperations.all())
        let code = #expect(throws: Refusal.self) { try operations.call(operation, found.arguments) }?.code
        #expect(code?.rawValue == found.code, "\(guarded), \(reason)")
        Guards.withOff(guarded) {
            #expect(throws: Never.self, "\(guarded), \(reason)") { try operations.call(operation, found.arguments) }
        }
    }
}
