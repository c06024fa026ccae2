import Polymorphic
import Ristretto255

/// The signed policy: what all Transcryptors judge by. The authority signs `pack("policy", u32(version), policy bytes,
/// u64(not_before))` as an entry of the Directory; every Intent names the version.
public struct PolicyDocument: Hashable, Sendable {
    public var version: UInt32
    public var notBefore: Instant
    public var matrix: AccessMatrix
    /// What a give for a purpose is expected to name; one that names more is wide.
    public var templates: [Name: Set<Name>]
    public var quotas: [Quota]
    public var breakGlass: BreakGlassPolicy

    public init(
        version: UInt32, notBefore: Instant, matrix: AccessMatrix, templates: [Name: Set<Name>], quotas: [Quota],
        breakGlass: BreakGlassPolicy
    ) {
        (self.version, self.notBefore, self.matrix) = (version, notBefore, matrix)
        (self.templates, self.quotas, self.breakGlass) = (templates, quotas, breakGlass)
    }

    /// The categories that a give for all these purposes is expected to name: those of every one of them.
    public func template(for purposes: [Name]) -> Set<Name> {
        guard let first = purposes.first else { return [] }
        return purposes.dropFirst().reduce(templates[first] ?? []) { $0.intersection(templates[$1] ?? []) }
    }
}

/// How many items may be decided in a span of time.
public struct Quota: Hashable, Sendable {
    /// Whose count it is.
    public enum Scope: UInt8, CaseIterable, Sendable {
        /// The requester.
        case party = 1
        /// The acting person.
        case officer = 2
        /// The person concerned. Its refusal is a verdict of the item and leaves no Transcryptor.
        case subject = 3
    }

    public var id: Name
    public var scope: Scope
    /// Counts items of this purpose only; nil: all.
    public var purpose: Name?
    public var items: UInt64
    /// Length of the window in which is counted, in seconds. Who keeps the counts may let windows follow one another or
    /// slide.
    public var seconds: UInt64

    public init(id: Name, scope: Scope, purpose: Name?, items: UInt64, seconds: UInt64) {
        (self.id, self.scope, self.purpose, self.items, self.seconds) = (id, scope, purpose, items, seconds)
    }

    /// Whether items of a purpose count.
    public func applies(to purpose: Name) -> Bool { self.purpose == nil || self.purpose == purpose }
}

/// Emergency access without consent (PROTOCOL 9, P4): possible, narrow, declared, limited, reviewed.
public struct BreakGlassPolicy: Hashable, Sendable {
    public var roles: Set<Name>
    public var categories: Set<Name>
    public var reasons: Set<Name>
    /// Items in the last hour by one acting person, at most.
    public var perOfficerHour: UInt64
    /// Items in the last day at one site (a party), at most.
    public var perSiteDay: UInt64
    /// A second clinician signs within so many seconds, or an incident is opened.
    public var secondSignature: UInt64
    /// The use is reviewed within so many seconds, or the privilege is suspended.
    public var review: UInt64

    public init(
        roles: Set<Name>, categories: Set<Name>, reasons: Set<Name>, perOfficerHour: UInt64 = 3,
        perSiteDay: UInt64 = 20, secondSignature: UInt64 = 1_800, review: UInt64 = 259_200
    ) {
        (self.roles, self.categories, self.reasons) = (roles, categories, reasons)
        (self.perOfficerHour, self.perSiteDay) = (perOfficerHour, perSiteDay)
        (self.secondSignature, self.review) = (secondSignature, review)
    }
}
