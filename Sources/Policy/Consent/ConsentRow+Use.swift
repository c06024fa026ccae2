import Guards
import Polymorphic
import Ristretto255

/// What a Request wants of one person, in the terms of a consent.
public struct ConsentUse: Hashable, Sendable {
    public let requester: PartyID
    /// The classes to which the acting person's role belongs; a give to `role:<class>` reaches these.
    public let roleClasses: Set<Name>
    public let purpose: Name
    /// All categories of the Request.
    public let categories: Set<Name>

    public init(requester: PartyID, roleClasses: Set<Name>, purpose: Name, categories: Set<Name>) {
        (self.requester, self.roleClasses) = (requester, roleClasses)
        (self.purpose, self.categories) = (purpose, categories)
    }
}

/// The give under which an item goes.
public struct ActiveConsent: Hashable, Sendable {
    public let id: Bytes16
    /// SHA-512 of the give: the consent digest of the private part of an Intent.
    public let digest: Bytes64
    /// First and last data minute, both included.
    public let dataFrom: UInt64
    public let dataTo: UInt64
    public let notAfter: Instant

    /// Whether it covers a record about this minute.
    public func covers(dataMinute minute: UInt64) -> Bool {
        !enforced("guard:consent.data-period") || (dataFrom <= minute && minute <= dataTo)
    }
}

extension ConsentRow {
    /// The give that covers `use` now: of several the one with the smallest (not_after, consent_id).
    /// - Throws: `row` in a stopped row, `pending` where only a wide give that still waits covers it, else `consent`.
    public func consent(for use: ConsentUse, at now: Instant) throws(Refusal) -> ActiveConsent {
        try needOpen()
        var best: StoredGive?
        var waits = false
        for stored in gives.values where covers(stored.give, use) {
            switch standing(stored, at: now) {
            case nil: if best.map({ Self.precedes(stored.give, $0.give) }) ?? true { best = stored }
            case .pending?: waits = true
            default: break
            }
        }
        guard let best else { throw Refusal(waits ? .pending : .consent) }
        return ActiveConsent(
            id: best.give.id, digest: sha512(best.bytes), dataFrom: best.give.dataFrom, dataTo: best.give.dataTo,
            notAfter: best.give.dates.notAfter)
    }

    private static func precedes(_ a: Give, _ b: Give) -> Bool {
        a.dates.notAfter != b.dates.notAfter
            ? a.dates.notAfter < b.dates.notAfter : a.id.bytes.lexicographicallyPrecedes(b.id.bytes)
    }

    /// Why one give permits nothing of `use` now; nil if it does.
    public func refusal(of consent: Bytes16, for use: ConsentUse, at now: Instant) -> Refusal.Code? {
        if enforced("guard:consent.row-stopped"), isStopped { return .row }
        guard let stored = gives[consent], covers(stored.give, use) else { return .consent }
        return standing(stored, at: now)
    }

    /// Whether the give of an Intent still stands when its shares are released: as for a new use, but without counting
    /// uses, because its own use was counted when it was decided (PROTOCOL 8, release).
    public func stillStands(_ consent: Bytes16, at now: Instant) -> Bool {
        guard !isStopped || !enforced("guard:consent.row-stopped"), let stored = gives[consent] else { return false }
        return standing(stored, at: now, countingUses: false) == nil
    }

    /// Counts one use of a give, in the transaction of the decision.
    public mutating func use(_ consent: Bytes16) {
        guard let uses = gives[consent]?.uses, uses < .max else { return }
        gives[consent]?.uses = uses + 1
    }

    /// Grantee or role, purpose and every category.
    private func covers(_ give: Give, _ use: ConsentUse) -> Bool {
        if enforced("guard:consent.grantee") {
            let reaches = give.grantees.contains { grantee in
                switch grantee {
                case .party(let id): id == use.requester
                case .roleClass(let name): use.roleClasses.contains(name)
                }
            }
            guard reaches else { return false }
        }
        if enforced("guard:consent.purpose"), !give.purposes.contains(use.purpose) { return false }
        if enforced("guard:consent.category"), !use.categories.isSubset(of: give.categories) { return false }
        return true
    }

    /// Why a give is not active now: `consent` or `pending`.
    private func standing(_ stored: StoredGive, at now: Instant, countingUses: Bool = true) -> Refusal.Code? {
        if enforced("guard:consent.withdrawn"), isEnded(stored) { return .consent }
        if enforced("guard:consent.denial-waits"), denialWaits { return .consent }
        if enforced("guard:consent.denied"), stored.give.denials != denials { return .consent }
        if enforced("guard:consent.dates"), !stored.give.dates.contains(now) { return .consent }
        if enforced("guard:consent.uses"), countingUses, stored.uses >= stored.give.maxUses { return .consent }
        if enforced("guard:consent.pending"), waits(stored, at: now) { return .pending }
        return nil
    }

    /// Whether the give, its signer or its mandate was stopped.
    func isEnded(_ stored: StoredGive) -> Bool {
        if stopped.contains(StopTarget(.give, stored.give.id)) { return true }
        if let device = devices[stored.signer], stopped.contains(StopTarget(.device, device.id)) { return true }
        return stored.mandate.map { stopped.contains(StopTarget(.mandate, $0)) } ?? false
    }

    /// A wide give waits 24 h from its acceptance, unless it was confirmed.
    private func waits(_ stored: StoredGive, at now: Instant) -> Bool {
        stored.isWide && stored.confirmed.isEmpty && now - stored.accepted < Span.pending
    }
}
