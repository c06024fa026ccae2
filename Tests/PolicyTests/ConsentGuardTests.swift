import Guards
import Polymorphic
import Ristretto255
import Testing

@testable import Policy

/// Negative controls of every guard of consent: with that one guard off the attacker gets what it wants.
@Suite struct ConsentGuardTests {
    private static let now = Person.now

    /// The row covers the use: the last step of an attack.
    private static func uses(_ row: ConsentRow, at now: Instant = now, _ use: ConsentUse = Person.use) throws {
        _ = try row.consent(for: use, at: now)
    }
    private static func use(
        _ requester: String = "hospital-a", _ purpose: String = "treatment", _ categories: [String] = ["LAB"]
    ) -> ConsentUse {
        ConsentUse(
            requester: party(requester), roleClasses: [name("physician")], purpose: name(purpose),
            categories: Set(categories.map { name($0) }))
    }
    private static func withDelegate() throws -> ConsentRow {
        var row = try Person.row()
        _ = try row.add(Person.delegate.device(isDelegate: true), key: Person.delegate.key, history: RecentTags())
        return row
    }
    private static func given(_ change: (inout Give) -> Void = { _ in }) throws -> ConsentRow {
        var row = try Person.row()
        try row.give(Person.give("give", change))
        return row
    }

    /// What makes a give dead or out of reach.
    static let uses: [Attack] = [
        Attack("guard:consent.grantee", "a party that nobody named", .consent) {
            try uses(given(), use("clinic-b"))
        },
        Attack("guard:consent.grantee", "a role class that nobody named", .consent) {
            try uses(given { $0.grantees = [.roleClass(name("nurse"))] }, at: now + Span.day, use())
        },
        Attack("guard:consent.purpose", "another purpose", .consent) {
            try uses(given(), use("hospital-a", "research"))
        },
        Attack("guard:consent.category", "one category more", .consent) {
            try uses(given(), use("hospital-a", "treatment", ["LAB", "PSY"]))
        },
        Attack("guard:consent.dates", "after the end", .consent) { try uses(given(), at: now + 30 * Span.day) },
        Attack("guard:consent.dates", "before the beginning", .consent) {
            try uses(given { $0.dates = Validity(notBefore: now + 1, notAfter: now + 2) })
        },
        Attack("guard:consent.uses", "used up", .consent) {
            var row = try given { $0.maxUses = 1 }
            row.use(id("give"))
            try uses(row)
        },
        Attack("guard:consent.pending", "a wide give at once", .pending) {
            try uses(given { $0.categories = [name("LAB"), name("PSY")] })
        },
        Attack("guard:consent.withdrawn", "the give was stopped", .consent) {
            var row = try given()
            try row.stop(StopTarget(.give, id("give")))
            try uses(row)
        },
        Attack("guard:consent.withdrawn", "its device was stopped", .consent) {
            var row = try given()
            try row.stop(StopTarget(.device, Person.phone.deviceID), by: Person.tablet)
            try uses(row)
        },
        Attack("guard:consent.withdrawn", "its mandate was stopped", .consent) {
            var row = try withDelegate()
            try row.mandate(Person.mandate())
            try row.give(Person.give(), by: Person.delegate)
            try row.stop(StopTarget(.mandate, id("mandate")))
            try uses(row)
        },
        Attack("guard:consent.denial-waits", "a deny-all was received", .consent) {
            var row = try given()
            try row.stop(.denyAll(1))
            try uses(row)
        },
        Attack("guard:consent.denied", "a deny-all was read", .consent) {
            var row = try given()
            row.read(leafTag: Person.rowKey.tag(.denyAll(1), transcryptor: 2))
            try uses(row)
        },
        Attack("guard:consent.row-stopped", "the row was stopped", .row) {
            var row = try given()
            try row.stop(StopTarget(.row, Person.enrolment))
            try uses(row)
        },
    ]

    /// What is refused when an entry arrives.
    static let entries: [Attack] = [
        Attack("guard:consent.signature", "a give by a stranger", .signature) {
            var row = try Person.row()
            try row.give(Person.give(), by: Person.stranger)
            try uses(row)
        },
        Attack("guard:consent.entry-time", "a give that was lost for a year", .time) {
            var row = try Person.row()
            try row.give(Person.give { $0.signedAt = now - 365 * Span.day })
            try uses(row)
        },
        Attack("guard:consent.entry-id", "another give under a known id", .conflict) {
            var row = try given()
            try row.give(Person.give { $0.grantees = [.party(party("clinic-b"))] })
            try uses(row, use("clinic-b"))
        },
        Attack("guard:consent.give-length", "a give for ten years", .consent) {
            var row = try Person.row()
            try row.give(Person.give { $0.dates = Validity(notBefore: now, notAfter: now + 3_650 * Span.day) })
            try uses(row, at: now + 3_000 * Span.day)
        },
        Attack("guard:consent.give-denials", "a give laid up for the time after the next deny-all", .consent) {
            var row = try Person.row()
            try row.give(Person.give { $0.denials = 1 })
            row.read(leafTag: Person.rowKey.tag(.denyAll(1), transcryptor: 1))
            try uses(row)
        },
        Attack("guard:consent.row-limit", "more devices than a row holds", .quota) {
            var row = try Person.row()
            for index in 0...ConsentRow.devicesMax {
                let signer = Person.Signer("crowd \(index)")
                _ = try row.add(signer.device(), key: signer.key, history: RecentTags())
            }
        },
        Attack("guard:consent.device-id", "a device under the id of another", .conflict) {
            var row = try Person.row()
            let thief = ConsentRow.Device(id: Person.phone.deviceID, stopKey: Person.stranger.stopKey)
            _ = try row.add(thief, key: Person.stranger.key, history: RecentTags())
            try row.give(Person.give(), by: Person.stranger)
            try uses(row)
        },
        Attack("guard:consent.device-key", "a known key under a new id, free of its stop", .conflict) {
            var row = try Person.row()
            try row.give(Person.give())
            try row.stop(StopTarget(.device, Person.phone.deviceID), by: Person.tablet)
            let again = ConsentRow.Device(id: id("new id"), stopKey: Person.phone.stopKey)
            _ = try row.add(again, key: Person.phone.key, history: RecentTags())
            try uses(row)
        },
        Attack("guard:consent.device-waits", "a device of two officials at once", .signature) {
            var row = try Person.row()
            let late = Person.stranger
            _ = try row.add(late.device(from: now + Span.devicePending), key: late.key, history: RecentTags())
            try row.give(Person.give(), by: late)
            try uses(row)
        },
        Attack("guard:consent.key-stopped", "a confirmation by a stolen device", .signature) {
            var row = try given { $0.categories = [name("LAB"), name("PSY")] }
            try row.stop(StopTarget(.device, Person.tablet.deviceID))
            try row.confirm(id("give"))
            try uses(row)
        },
        Attack("guard:consent.key-delegate", "a delegate stops everything", .mandate) {
            var row = try withDelegate()
            try row.stop(StopTarget(.row, Person.enrolment), by: Person.delegate)
            #expect(row.isStopped)
        },
        Attack("guard:consent.delegate-mandate", "a delegate gives without a mandate", .mandate) {
            var row = try withDelegate()
            try row.give(Person.give(), by: Person.delegate)
            try uses(row)
        },
        Attack("guard:consent.mandate-scope", "a delegate gives for another purpose", .mandate) {
            var row = try withDelegate()
            try row.mandate(Person.mandate())
            try row.give(Person.give { $0.purposes = [name("research")] }, by: Person.delegate)
            try uses(row, use("hospital-a", "research"))
        },
        Attack("guard:consent.mandate-dates", "a delegate gives after the mandate", .mandate) {
            var row = try withDelegate()
            try row.mandate(Person.mandate { $0.dates = Validity(notBefore: now - 2, notAfter: now) })
            try row.give(Person.give(), by: Person.delegate)
            try uses(row)
        },
        Attack("guard:consent.two-parties", "two officials of one party", .mandate) {
            var row = try withDelegate()
            let officials = try OfficialPair(party("town-hall"), party("town-hall"))
            _ = try row.accept(
                mandate: SignedEntry(Person.mandate().bytes, signatures: []), by: .officials(officials), at: now,
                check: Ed25519Check(), history: RecentTags())
            try row.give(Person.give(), by: Person.delegate)
            try uses(row)
        },
        Attack("guard:consent.confirm-other-key", "the key of a wide give confirms it", .signature) {
            var row = try given { $0.categories = [name("LAB"), name("PSY")] }
            try row.confirm(id("give"), by: Person.phone)
            try uses(row)
        },
        Attack("guard:consent.deny-turn", "deny-all 2 before deny-all 1", .conflict) {
            var row = try Person.row()
            #expect(try row.stop(.denyAll(2)) == .leaf(.denyAll(2)))
        },
    ]

    /// What stops that came before their entries do.
    static let late: [Attack] = [
        Attack("guard:consent.kept-tags", "a give that arrives after its stop tag", .consent) {
            var history = RecentTags()
            let give = Person.give()
            history.append(give.stopKey.tag(StopTarget(.give, give.id), transcryptor: 3), at: now)
            var row = try Person.row()
            try row.give(give, history: history)
            try uses(row)
        },
        Attack("guard:consent.kept-tags", "a device that arrives after its stop tag", .consent) {
            var history = RecentTags()
            let third = Person.Signer("third")
            history.append(third.stopKey.tag(StopTarget(.device, third.deviceID), transcryptor: 1), at: now)
            var row = try Person.row()
            _ = try row.add(third.device(), key: third.key, history: history)
            try row.give(Person.give(), by: third)
            try uses(row)
        },
        Attack("guard:consent.kept-tags", "a mandate that arrives after its stop tag", .mandate) {
            var history = RecentTags()
            let mandate = Person.mandate()
            history.append(mandate.stopKey.tag(StopTarget(.mandate, mandate.id), transcryptor: 1), at: now)
            var row = try withDelegate()
            try row.mandate(mandate, history: history)
            try row.give(Person.give(), by: Person.delegate)
            try uses(row)
        },
        Attack("guard:consent.kept-tags", "a row that arrives after its stop tag", .row) {
            var history = RecentTags()
            history.append(Person.rowKey.tag(StopTarget(.row, Person.enrolment), transcryptor: 2), at: now)
            var row = try Person.row(history: history)
            try row.give(Person.give())
            try uses(row)
        },
        Attack("guard:consent.kept-denials", "a row that arrives after a deny-all it does not know", .consent) {
            var history = RecentTags()
            history.append(Person.rowKey.tag(.denyAll(1), transcryptor: 2), at: now)
            var row = try Person.row(history: history)
            try row.give(Person.give())
            try uses(row)
        },
    ]

    /// What a device believes.
    static let device: [Attack] = [
        Attack("guard:consent.deny-tag", "a leaf of another row is shown for a deny-all", .head) {
            try DenyAllProof.verify([leaf(9, bytes32("foreign"))], rowKey: Person.rowKey, transcryptors: 3)
        },
        Attack("guard:consent.deny-order", "deny-all 2 by a leaf before deny-all 1, which nobody counts", .head) {
            let tags = [1, 2].map { Person.rowKey.tag(.denyAll($0), transcryptor: 1) }
            try DenyAllProof.verify([leaf(9, tags[0]), leaf(4, tags[1])], rowKey: Person.rowKey, transcryptors: 3)
        },
        Attack("guard:consent.data-period", "a record older than the give allows", .consent) {
            let consent = try given { $0.dataFrom = 100 }.consent(for: Person.use, at: now)
            try need(consent.covers(dataMinute: 99), .consent)
        },
        Attack("guard:consent.data-period", "a record newer than the give allows", .consent) {
            let consent = try given { $0.dataTo = 100 }.consent(for: Person.use, at: now)
            try need(consent.covers(dataMinute: 101), .consent)
        },
    ]
    private static func leaf(_ index: UInt64, _ tag: Bytes32) throws -> DenyAllProof.Leaf {
        let zeros = [UInt8](repeating: 0, count: 32)
        return try DenyAllProof.Leaf(index: index, leaf: [1, 1] + zeros + tag.bytes + zeros)
    }

    @Test(arguments: uses + entries + late + device)
    func everyGuardStopsItsAttackAlone(_ attack: Attack) {
        attack.isRefused()
        Guards.withOff(attack.guardName) { attack.succeeds() }
    }

    @Test func theHonestUseIsCovered() throws { try Self.uses(try Self.given()) }
}
