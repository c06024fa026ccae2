import Polymorphic
import Ristretto255

@testable import Policy

/// A made-up person with two devices, a delegate and everything they sign. All of it follows from names.
enum Person {
    /// The moment at which everything happens, unless a test says otherwise.
    static let now = Instant(1_893_456_000)
    static let transcryptors: UInt8 = 3
    static let template: Set<Name> = [name("LAB"), name("GEN")]

    static let enrolment = id("enrolment")
    static let rowKey = StopKey(bytes32("row key"))
    static let phone = Signer("phone")
    static let tablet = Signer("tablet")
    static let delegate = Signer("delegate")
    static let stranger = Signer("stranger")

    /// A key pair and, if it is a device of the row, its id and stop key.
    struct Signer: Sendable {
        let label: String
        init(_ label: String) { self.label = label }

        private func pair() -> SigningKey { SigningKey(seed: SecretBytes(copying: bytes32("seed " + label).bytes)) }
        var key: DeviceKey { DeviceKey(pair().verifyingKey) }
        var deviceID: Bytes16 { id("device " + label) }
        var stopKey: StopKey { StopKey(bytes32("stop " + label)) }
        func device(isDelegate: Bool = false, from: Instant = Instant(0)) -> ConsentRow.Device {
            ConsentRow.Device(id: deviceID, stopKey: stopKey, isDelegate: isDelegate, activeFrom: from)
        }
        func sign(_ bytes: [UInt8]) -> SignedEntry { SignedEntry(bytes, signatures: [pair().sign(bytes)]) }
    }

    static func row(denials: UInt64 = 0, history: RecentTags = RecentTags()) throws -> ConsentRow {
        try ConsentRow(
            enrolment: enrolment, rowKey: rowKey, denials: denials, transcryptors: transcryptors,
            devices: [phone.key: phone.device(), tablet.key: tablet.device()], history: history)
    }

    static func give(_ label: String = "give", _ change: (inout Give) -> Void = { _ in }) -> Give {
        var give = Give(
            id: id(label), denials: 0, signedAt: now, stopKey: StopKey(bytes32("w " + label)),
            grantees: [.party(party("hospital-a"))], purposes: [name("treatment")], categories: [name("LAB")],
            dataFrom: 0, dataTo: 40_000_000,
            dates: Validity(notBefore: now, notAfter: now + 30 * Span.day), maxUses: 100, notice: .zero,
            refusal: .zero, page: .zero, channel: name("app"))
        change(&give)
        return give
    }

    static func mandate(_ label: String = "mandate", _ change: (inout Mandate) -> Void = { _ in }) -> Mandate {
        var mandate = Mandate(
            id: id(label), signedAt: now, stopKey: StopKey(bytes32("w " + label)), key: delegate.key,
            scopes: [name("present"), name("consent:treatment")],
            dates: Validity(notBefore: now, notAfter: now + 365 * Span.day))
        change(&mandate)
        return mandate
    }

    static func stop(_ target: StopTarget) -> Stop { Stop(target, signedAt: now) }

    static let use = ConsentUse(
        requester: party("hospital-a"), roleClasses: [name("physician")], purpose: name("treatment"),
        categories: [name("LAB")])
}

func name(_ text: String) -> Name {
    do { return try Name(text) } catch { preconditionFailure("\(text) is no name") }
}
func party(_ text: String) -> PartyID {
    do { return try PartyID(text) } catch { preconditionFailure("\(text) is no party id") }
}
func bytes32(_ label: String) -> Bytes32 { sha512(Array(label.utf8)).first }
func id(_ label: String) -> Bytes16 {
    guard let id = Bytes16(bytes32(label).bytes[..<16]) else { preconditionFailure("32 bytes have 16") }
    return id
}

/// The code with which `body` is refused; nil if it is not.
func code(_ body: () throws -> Void) -> Refusal.Code? {
    do {
        try body()
        return nil
    } catch { return (error as? Refusal)?.code ?? .unavailable }
}

extension ConsentRow {
    // The calls of a Transcryptor with the verifier and history that most tests use.
    @discardableResult
    mutating func give(
        _ give: Give, by signer: Person.Signer = Person.phone, at now: Instant = Person.now,
        history: RecentTags = RecentTags()
    ) throws -> Accepted {
        try accept(
            give: signer.sign(give.bytes), at: now, template: Person.template, check: Ed25519Check(), history: history)
    }
    @discardableResult
    mutating func mandate(
        _ mandate: Mandate, by signer: Person.Signer = Person.phone, at now: Instant = Person.now,
        history: RecentTags = RecentTags()
    ) throws -> Accepted {
        try accept(mandate: signer.sign(mandate.bytes), at: now, check: Ed25519Check(), history: history)
    }
    @discardableResult
    mutating func stop(
        _ target: StopTarget, by signer: Person.Signer = Person.phone, at now: Instant = Person.now
    ) throws -> StopAnswer {
        try stop(signer.sign(Person.stop(target).bytes), at: now, check: Ed25519Check())
    }
    mutating func confirm(
        _ consent: Bytes16, by signer: Person.Signer = Person.tablet, signedAt: Instant = Person.now,
        at now: Instant = Person.now
    ) throws {
        let confirmation = Confirmation(consent, signedAt: signedAt)
        try accept(confirmation: signer.sign(confirmation.bytes), at: now, check: Ed25519Check())
    }
    /// The code with which the usual use is refused under any give; nil: it is covered.
    func refusal(at now: Instant = Person.now, _ use: ConsentUse = Person.use) -> Refusal.Code? {
        code { _ = try consent(for: use, at: now) }
    }
}
