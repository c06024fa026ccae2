import Polymorphic
import Ristretto255
import Testing

@testable import Policy

/// The edges of every span of time, the last second inside and the first outside.
@Suite struct ConsentTimeTests {
    let now = Person.now

    @Test func aGiveHoldsFromItsFirstSecondToTheLastBeforeItsEnd() throws {
        var row = try Person.row()
        try row.give(Person.give())
        #expect(row.refusal(at: now - 1) == .consent)
        #expect(row.refusal(at: now) == nil)
        #expect(row.refusal(at: now + 30 * Span.day - 1) == nil)
        #expect(row.refusal(at: now + 30 * Span.day) == .consent)
    }

    @Test(arguments: [(-121, false), (-120, true), (0, true), (86_400, true), (86_401, false)] as [(Int64, Bool)])
    func entriesAreTakenFrom120SecondsBeforeTo24HoursAfterTheirSignature(_ age: Int64, _ taken: Bool) throws {
        let at = now + age
        var row = try Person.row()
        let expected: Refusal.Code? = taken ? nil : .time
        #expect(code { try row.give(Person.give(), at: at) } == expected)
        #expect(code { try row.mandate(Person.mandate(), at: at) } == expected)
        try row.give(Person.give("confirmed"))
        #expect(code { try row.confirm(id("confirmed"), signedAt: now, at: at) } == expected)
        // A stop has no such limit.
        #expect(code { try row.stop(StopTarget(.give, id("give")), at: at) } == nil)
    }

    @Test func aGiveLastsAtMost366DaysAndIsWideAfter30() throws {
        func give(_ days: Int64, _ more: Int64 = 0) -> Give {
            Person.give("\(days) \(more)") {
                $0.dates = Validity(notBefore: now, notAfter: now + days * Span.day + more)
            }
        }
        var row = try Person.row()
        #expect(code { try row.give(give(366)) } == nil)
        #expect(code { try row.give(give(366, 1)) } == .consent)
        #expect(!give(30).isWide(beyond: Person.template))
        #expect(give(30, 1).isWide(beyond: Person.template))
    }

    @Test func aWideGiveWaits24HoursFromItsAcceptance() throws {
        let wide = Person.give { $0.grantees = [.roleClass(name("physician"))] }
        var row = try Person.row()
        let accepted = now + 3_600
        try row.give(wide, at: accepted)
        #expect(row.refusal(at: now + Span.day) == .pending)
        #expect(row.refusal(at: accepted + Span.day - 1) == .pending)
        #expect(row.refusal(at: accepted + Span.day) == nil)
    }

    @Test func aConfirmationByAnotherKeyEndsTheWait() throws {
        let wide = Person.give { $0.grantees = [.roleClass(name("physician"))] }
        var row = try Person.row()
        try row.give(wide)
        #expect(row.refusal() == .pending)
        try row.confirm(wide.id)
        #expect(row.refusal() == nil)
    }

    @Test func theCodeOfTheLetterEndsTheWaitHereAndIsNoMatterOfTheOthers() throws {
        let wide = Person.give { $0.categories = [name("LAB"), name("PSY")] }
        var row = try Person.row()
        try row.give(wide)
        let before = row.agreement
        try row.acceptLetter(for: wide.id)
        #expect(row.refusal() == nil)
        #expect(row.agreement == before)
        #expect(code { try row.acceptLetter(for: id("unknown")) } == .consent)
    }

    @Test func anObjectionIsAStopForEver() throws {
        let wide = Person.give { $0.grantees = [.roleClass(name("physician"))] }
        var row = try Person.row()
        try row.give(wide)
        #expect(row.object(to: wide.id) == .leaf(StopTarget(.give, wide.id)))
        #expect(row.refusal(at: now + Span.day) == .consent)
        #expect(row.object(to: id("unknown")) == .unknown)
    }

    @Test func aTagIsKeptFor25HoursLongerThanAnyEntryIsTaken() throws {
        let give = Person.give()
        let tag = give.stopKey.tag(StopTarget(.give, give.id), transcryptor: 2)
        let other = bytes32("another tag")
        for (age, kept) in [(Span.tagsKept, true), (Span.tagsKept + 1, false)] {
            var history = RecentTags()
            history.append(tag, at: now - age)
            history.append(other, at: now)
            #expect(history.first(tag, after: nil) == (kept ? 0 : nil))
            #expect(history.first(other, after: nil) == 1)
        }
        #expect(Span.tagsKept > Span.entryLate + Span.entryEarly)
    }

    @Test func aDeviceOfTwoOfficialsCountsFor72HoursForNothing() throws {
        var row = try Person.row()
        let added = Person.Signer("added by officials")
        _ = try row.add(
            added.device(from: now + Span.devicePending), key: added.key, history: RecentTags())
        #expect(code { try row.give(Person.give(), by: added) } == .signature)
        #expect(code { try row.stop(.denyAll(1), by: added) } == .signature)
        #expect(code { try row.give(Person.give(), by: added, at: now + Span.devicePending - 1) } == .signature)
        var fresh = Person.give()
        fresh.signedAt = now + Span.devicePending
        #expect(code { try row.give(fresh, by: added, at: now + Span.devicePending) } == nil)
        // Any active device stops it while it waits.
        var other = try Person.row()
        _ = try other.add(added.device(from: now + Span.devicePending), key: added.key, history: RecentTags())
        try other.stop(StopTarget(.device, added.deviceID))
        try other.give(fresh, by: added, at: now + Span.devicePending)
        #expect(other.refusal(at: now + Span.devicePending) == .consent)
    }

    @Test func aMandateHoldsFromItsFirstSecondToTheLastBeforeItsEnd() throws {
        let mandate = Person.mandate()
        #expect(code { try mandate.require(.present, at: now - 1) } == .mandate)
        #expect(code { try mandate.require(.present, at: now) } == nil)
        #expect(code { try mandate.require(.present, at: mandate.dates.notAfter - 1) } == nil)
        #expect(code { try mandate.require(.present, at: mandate.dates.notAfter) } == .mandate)
    }

    @Test func timesAtTheEndOfTheirRangeAreNoTrap() throws {
        let last = Instant(1 << 53 - 1)
        var row = try Person.row()
        let give = Person.give { $0.dates = Validity(notBefore: last, notAfter: last) }
        #expect(code { try row.give(give) } == nil)
        #expect(row.refusal(at: last) == .consent)
        #expect(row.refusal(at: Instant(.max)) == .consent)
        #expect(row.refusal(at: Instant(.min)) == .consent)
        row.forgetEnded(before: Instant(.max))
    }
}
