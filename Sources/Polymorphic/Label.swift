/// Every label that reaches a hash, a signature or a cipher, by its one use (PROTOCOL 2.3). No other file holds such a
/// string, and a label of one use cannot be passed where another use is meant.
public enum Label {
    /// What stands before every label.
    static let prefix = "warifu/v1/"

    /// Hash to a point.
    public enum Point: String, CaseIterable, Sendable { case base, kem }

    /// Hash to a scalar.
    public enum Scalar: String, CaseIterable, Sendable { case nonce, rerandom, know, challenge }

    /// The context of an Equality proof, before the digest of its statement.
    public enum Equality: String, CaseIterable, Sendable { case dleq = "dleq-" }

    /// SHA-512 digests.
    public enum Digest: String, CaseIterable, Sendable {
        case reshuffle, weight, dkg, possession, step, inputs, share, origin, enrol, pair, header, row, tie, ephemeral
        case dkgOpen = "dkg-open"
        case stepOpen = "step-open"
        case stepKey = "step-key"
    }

    /// HMAC-SHA512.
    public enum MAC: String, CaseIterable, Sendable {
        case factor, ticket, tag, leaf, opening, registry, held, stop
        case heldNonce = "held-nonce"
    }

    /// Salts of HKDF.
    public enum Salt: String, CaseIterable, Sendable {
        case seal, envelope
        case cardSeal = "card-seal"
    }

    /// Associated data of an AEAD.
    public enum AAD: String, CaseIterable, Sendable { case heldToken = "held-token" }

    /// What a sealed box is for.
    public enum Info: String, CaseIterable, Sendable {
        case sealedShare = "sealed-share"
        case sealedPresentation = "sealed-presentation"
        case sealedCard = "sealed-card"
        case sealedCode = "sealed-code"
        case sealedDealing = "sealed-dealing"
        case sealedHalf = "sealed-half"
        case sealedRow = "sealed-row"
        case sealedHandle = "sealed-handle"
        case sealedConsent = "sealed-consent"
        case sealedDetail = "sealed-detail"
    }

    /// Structures that somebody signs.
    public enum Signed: String, CaseIterable, Sendable {
        case directory, ceremony, dealing, enrolment, device, mandate, terminal, presentation, card, keypad, request
        case clinician, intent, receipt, record, consent, withdrawal, countersign, head, policy, page, credential
        case snapshot, query, confirm
        case dkgKey = "dkg-key"
        case factorPoint = "factor-point"
        case stepOut = "step-out"
        case shareOut = "share-out"
    }

    /// Structures that nobody signs.
    public enum Packed: String, CaseIterable, Sendable { case `private` }
}

/// A label as bytes; only the enumerations of `Label` give one.
protocol LabelBytes: RawRepresentable, Sendable where RawValue == String {}
extension LabelBytes {
    var bytes: [UInt8] { Array((Label.prefix + rawValue).utf8) }
}
extension Label.Point: LabelBytes {}
extension Label.Scalar: LabelBytes {}
extension Label.Equality: LabelBytes {}
extension Label.Digest: LabelBytes {}
extension Label.MAC: LabelBytes {}
extension Label.Salt: LabelBytes {}
extension Label.AAD: LabelBytes {}
extension Label.Info: LabelBytes {}
extension Label.Signed: LabelBytes {}
extension Label.Packed: LabelBytes {}
