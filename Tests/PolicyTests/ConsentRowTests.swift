import Polymorphic
import Ristretto255
import Testing
import VectorSupport

@testable import Policy

@Suite struct ConsentRowTests {
    let now = Person.now

    @Test func withdrawingIsAsEasyAsGiving() throws {
        // One signed message each, no more fields to fill, by any device of the row, at any time, never refused.
        let give = Person.give()
        let stop = Person.stop(StopTarget(.give, give.id))
        #expect(stop.bytes.count < give.bytes.count)
        for signer in [Person.phone, Person.tablet] {
            for age in [-Span.day, 0, 365 * Span.day, 10_000 * Span.day] {
                var row = try Person.row()
                try row.give(give)
                #expect(try row.stop(stop.target, by: signer, at: now + age) == .leaf(stop.target))
                #expect(row.refusal() == .consent)
            }
        }
        // Nor to a key that was stopped itself, nor to a delegate's, nor in a row that is stopped.
        var row = try Person.row()
        try row.give(give)
        _ = try row.add(Person.delegate.device(isDelegate: true), key: Person.delegate.key, history: RecentTags())
        try row.stop(StopTarget(.device, Person.tablet.deviceID))
        try row.stop(StopTarget(.row, Person.enrolment))
        for signer in [Person.tablet, Person.delegate] {
            #expect(try row.stop(stop.target, by: signer) == .leaf(stop.target))
        }
    }

    @Test func aStopOfAnUnknownIdIsStoredAndHasNoLeaf() throws {
        for kind in [StopKind.give, .mandate, .device, .row] {
            var row = try Person.row()
            let target = StopTarget(kind, id("unknown"))
            #expect(try row.stop(target) == .unknown)
            #expect(row.tag(of: target, transcryptor: 1) == nil)
            #expect(row.stopped.contains(target))
        }
    }

    @Test func everyLeafThatAStopAsksForHasATagThatAllTranscryptorsWatch() throws {
        var row = try Person.row()
        let (give, mandate) = (Person.give(), Person.mandate())
        try row.give(give)
        try row.mandate(mandate)
        let targets = [
            StopTarget(.give, give.id), StopTarget(.mandate, mandate.id),
            StopTarget(.device, Person.tablet.deviceID), StopTarget(.row, Person.enrolment), .denyAll(1),
        ]
        for target in targets {
            for i: UInt8 in 1...3 {
                var reader = row
                let tag = try #require(row.tag(of: target, transcryptor: i))
                #expect(Set(row.watchedTags).contains(tag))
                #expect(reader.read(leafTag: tag) == target)
            }
            #expect(row.tag(of: target, transcryptor: 1) != row.tag(of: target, transcryptor: 2))
        }
        #expect(row.read(leafTag: bytes32("a tag of somebody else")) == nil)
        #expect(row.watchedTags.count == 3 * 6)
    }

    @Test func denyAllsAreCountedOneAfterTheOther() throws {
        var row = try Person.row()
        for c: UInt64 in 1...5 {
            #expect(row.read(leafTag: Person.rowKey.tag(.denyAll(c + 1), transcryptor: 1)) == nil)
            #expect(row.denials == c - 1)
            #expect(try row.stop(.denyAll(c)) == .leaf(.denyAll(c)))
            #expect(row.denialWaits)
            row.read(leafTag: Person.rowKey.tag(.denyAll(c), transcryptor: 2))
            #expect(!row.denialWaits)
            #expect(row.denials == c)
            #expect(row.read(leafTag: Person.rowKey.tag(.denyAll(c), transcryptor: 3)) == nil)
        }
        let beyond = try #require(Bytes16([UInt8](repeating: 255, count: 16)))
        #expect(code { try row.stop(StopTarget(.denyAll, beyond)) } == .conflict)
    }

    @Test func ofSeveralGivesTheOneThatEndsFirstIsUsed() throws {
        var row = try Person.row()
        let days: [(String, Int64)] = [("a", 20), ("b", 10), ("c", 10), ("d", 30)]
        for (label, days) in days {
            try row.give(Person.give(label) { $0.dates = Validity(notBefore: now, notAfter: now + days * Span.day) })
        }
        let first = [id("b"), id("c")].min { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(try row.consent(for: Person.use, at: now).id == first)
        let used = try #require(first)
        let stored = try #require(row.gives[used])
        #expect(try row.consent(for: Person.use, at: now).digest == sha512(stored.bytes))
        #expect(try row.consent(for: Person.use, at: now + 10 * Span.day).id == id("a"))
        // A give that waits is passed over as long as another covers the use.
        try row.give(
            Person.give("wide") {
                $0.grantees = [.party(party("hospital-a")), .roleClass(name("nurse"))]
                $0.dates = Validity(notBefore: now, notAfter: now + 1)
            })
        #expect(try row.consent(for: Person.use, at: now).id == first)
    }

    @Test func usesAreCountedAndTheLastOneStillStandsAtItsRelease() throws {
        var row = try Person.row()
        try row.give(Person.give { $0.maxUses = 2 })
        for _ in 0..<2 {
            let consent = try row.consent(for: Person.use, at: now)
            row.use(consent.id)
            #expect(row.stillStands(consent.id, at: now))
        }
        #expect(row.refusal() == .consent)
        try row.stop(StopTarget(.give, id("give")))
        #expect(!row.stillStands(id("give"), at: now))
        #expect(!row.stillStands(id("unknown"), at: now))
    }

    @Test func everyCategoryOfARequestMustBeGiven() throws {
        var row = try Person.row()
        try row.give(Person.give { $0.categories = [name("LAB"), name("GEN")] })
        func use(_ categories: String...) -> ConsentUse {
            ConsentUse(
                requester: party("hospital-a"), roleClasses: [], purpose: name("treatment"),
                categories: Set(categories.map { name($0) }))
        }
        #expect(row.refusal(use()) == nil)
        #expect(row.refusal(use("LAB")) == nil)
        #expect(row.refusal(use("LAB", "GEN")) == nil)
        #expect(row.refusal(use("LAB", "GEN", "MED")) == .consent)
        #expect(row.refusal(use("MED")) == .consent)
    }

    @Test func aMandateOfTwoOfficialsOfDifferentPartiesNeedsNoDevice() throws {
        var row = try Person.row()
        let mandate = Person.mandate()
        let officials = try OfficialPair(party("town-hall"), party("hospital-a"))
        #expect(
            try row.accept(
                mandate: SignedEntry(mandate.bytes, signatures: []), by: .officials(officials), at: now,
                check: Ed25519Check(), history: RecentTags()) == .new)
        #expect(code { _ = try OfficialPair(party("town-hall"), party("town-hall")) } == .mandate)
    }

    @Test func ofTwoMandatesTheOneThatEndsFirstCarriesTheGiveInAnyOrder() throws {
        let long = Person.mandate("long")
        let short = Person.mandate("short") { $0.dates = Validity(notBefore: now, notAfter: now + Span.day) }
        for order in [[long, short], [short, long]] {
            var row = try Person.row()
            _ = try row.add(Person.delegate.device(isDelegate: true), key: Person.delegate.key, history: RecentTags())
            for mandate in order { try row.mandate(mandate) }
            try row.give(Person.give(), by: Person.delegate)
            #expect(row.gives[id("give")]?.mandate == short.id)
        }
    }

    @Test func whatIsStoredIsReadBackAndNothingElseIs() throws {
        var row = try Person.row()
        for event in [Person.give("a"), Person.give("b")] { try row.give(event) }
        try row.mandate(Person.mandate())
        row.use(id("a"))
        try row.confirm(id("b"))
        try row.stop(.denyAll(1))
        try row.stop(StopTarget(.give, id("elsewhere")))
        let bytes = row.bytes
        let back = try ConsentRow(bytes: bytes)
        #expect(back == row)
        #expect(Set(back.watchedTags) == Set(row.watchedTags))
        #expect(back.gives[id("a")]?.uses == 1)
        // Another byte string is refused, or it is another row that is stored as exactly these bytes.
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            if let other = try? ConsentRow(bytes: changed) {
                #expect(other.bytes == changed && other != row)
            }
            #expect(code { _ = try ConsentRow(bytes: Array(bytes[..<index])) } != nil)
        }
        #expect(code { _ = try ConsentRow(bytes: bytes + [0]) } == .length)
        #expect(code { _ = try ConsentRow(bytes: bytes + [0, 0, 0, 0]) } == .length)
    }

    @Test func endedGivesAreForgottenAndTheirStopsAreNot() throws {
        var row = try Person.row()
        let give = Person.give()
        try row.give(give)
        try row.stop(StopTarget(.give, give.id))
        let end = give.dates.notAfter
        row.forgetEnded(before: end + Span.tagsKept)
        #expect(row.gives.count == 1)
        row.forgetEnded(before: end + Span.tagsKept + 1)
        #expect(row.gives.isEmpty && row.stopped.count == 1)
        #expect(row.watchedTags.count == 3 * 4)
        #expect(code { try row.give(give, at: end + Span.tagsKept + 1) } == .time)
    }

    @Test func nothingSecretIsPrinted() throws {
        var row = try Person.row()
        let (give, mandate) = (Person.give(), Person.mandate())
        try row.give(give)
        try row.mandate(mandate)
        var shown = ""
        let all: [Any] = [give.stopKey, give, mandate, row, [give] as [Give?], [mandate], ["row": row]]
        for value in all {
            dump(value, to: &shown)
            shown += "\(value)" + String(reflecting: value)
        }
        for secret in [give.stopKey.bytes, mandate.stopKey.bytes, Person.rowKey.bytes] {
            #expect(!shown.contains(Hex.text(secret)))
            #expect(!shown.contains(secret.prefix(4).map { "\($0)" }.joined(separator: ", ")))
            #expect(!shown.lowercased().contains("\(secret[0]), \(secret[1])"))
        }
        #expect(!shown.contains("hospital-a"))
    }

    @Test func limitsOfARowAreAnsweredAndNothingIsLost() throws {
        var row = try Person.row()
        for index in 0..<(ConsentRow.devicesMax - 2) {
            let signer = Person.Signer("device \(index)")
            _ = try row.add(signer.device(), key: signer.key, history: RecentTags())
        }
        let one = Person.Signer("one too many")
        #expect(code { _ = try row.add(one.device(), key: one.key, history: RecentTags()) } == .quota)
        #expect(code { try row.give(Person.give()) } == nil)
    }

    @Test func strictFormsAreRefusedWithTheirCodes() throws {
        let good = Person.give().bytes
        #expect(try Give(wire: good).bytes == good)
        func refused(_ change: (inout Give) -> Void) -> Refusal.Code? {
            code { _ = try Give(wire: Person.give("x", change).bytes) }
        }
        #expect(refused { $0.purposes = [name("a"), name("a")] } == .length)
        #expect(refused { $0.categories = [name("a"), name("b"), name("a")] } == .length)
        #expect(refused { $0.grantees = [.party(party("aa")), .party(party("aa"))] } == .length)
        #expect(refused { $0.categories = (0...64).map { name("c\($0)") } } == .length)
        #expect(code { _ = try Grantee(Array("role:".utf8)) } == .text)
        #expect(code { _ = try Grantee(Array("Hospital".utf8)) } == .text)
        #expect(try Grantee(Array("role:physician".utf8)) == .roleClass(name("physician")))
        #expect(code { _ = try SignedEntry(wire: Wire.list([[1]])) } == .length)
        #expect(code { _ = try SignedEntry(wire: Wire.list([[1], [], []])) } == .trailing)
        let entry = Person.phone.sign(good)
        #expect(try SignedEntry(wire: entry.wire) == entry)
        var row = try Person.row()
        #expect(
            code {
                _ = try row.accept(
                    give: SignedEntry(good, signatures: entry.signatures + entry.signatures), at: now,
                    template: Person.template, check: Ed25519Check(), history: RecentTags())
            } == .length)
    }
}
