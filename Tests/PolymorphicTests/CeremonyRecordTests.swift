import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// The record of a ceremony: what it must say, its bytes, and who has signed it.
@Suite struct CeremonyRecordTests {
    private struct Made {
        let random: Seeded
        let psn: SharedKey<PSN>
        let kem: SharedKey<KEM>

        init(_ name: String, n: UInt8 = 3, t: UInt8 = 2) throws {
            random = Seeded(name)
            (psn, _) = try Ceremony.make(PSN.self, n: n, t: t, random)
            (kem, _) = try Ceremony.make(KEM.self, n: n, t: t, random)
        }

        func record(
            n: UInt8 = 3, t: UInt8 = 2, generation: UInt32 = 1, epoch: UInt32 = 1, psn: SharedKey<PSN>? = nil,
            route: Route = .production
        ) throws -> CeremonyRecord {
            try CeremonyRecord(
                ceremony: random.draw(), yGeneration: generation, shareEpoch: epoch, n: n, t: t,
                pseudonyms: psn ?? self.psn, recordKeys: kem, route: route)
        }
    }

    @Test func theRecordHasTheNumbersOfItsRouteAndCountsFromOne() throws {
        let made = try Made("record numbers")
        _ = try made.record()
        expectRefusal(.route) { _ = try made.record(t: 3) }
        expectRefusal(.route) { _ = try made.record(n: 4) }
        let two = try Route(
            [RouteStep(id: Name("t1"), holders: [1]), RouteStep(id: Name("t2"), holders: [2])], n: 2, t: 2)
        expectRefusal(.route) { _ = try made.record(route: two) }
        expectRefusal(.length) { _ = try made.record(n: 2, t: 2, route: two) }  // three shares each
        expectRefusal(.length) { _ = try made.record(generation: 0) }
        expectRefusal(.length) { _ = try made.record(epoch: 0) }
    }

    @Test func theSharesOfARecordAreASharingOfItsKey() throws {
        let made = try Made("record shares")
        for place in 0..<3 {
            var shares = made.psn.shares
            shares[place] = try Element(made.random.point())
            expectRefusal(.subshare) { _ = try made.record(psn: SharedKey(key: made.psn.key, shares: shares)) }
        }
        let other = SharedKey<PSN>(key: ClassKey(try Element(made.random.point())), shares: made.psn.shares)
        expectRefusal(.subshare) { _ = try made.record(psn: other) }
        for (n, t) in [(1, 1), (2, 2), (3, 3), (4, 3), (7, 4)] as [(UInt8, UInt8)] {
            let (key, _): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: n, t: t, made.random)
            #expect(key.isSharing(threshold: t))
            #expect(t == 1 || !key.isSharing(threshold: t - 1))
            #expect(!key.isSharing(threshold: 0) && !key.isSharing(threshold: n + 1))
        }
        #expect(!SharedKey<PSN>(key: made.psn.key, shares: []).isSharing(threshold: 1))
    }

    @Test func aRecordIsReadBackFromItsBytes() throws {
        let made = try Made("record bytes")
        let record = try made.record(generation: 7, epoch: .max)
        let read = try CeremonyRecord(wire: record.packed)
        #expect(read.packed == record.packed)
        #expect(read.ceremony == record.ceremony && read.yGeneration == 7 && read.shareEpoch == .max)
        #expect(read.n == 3 && read.t == 2 && read.route == .production)
        #expect(read.pseudonyms.key.element == made.psn.key.element && read.pseudonyms.shares == made.psn.shares)
        #expect(read.recordKeys.key.element == made.kem.key.element && read.recordKeys.shares == made.kem.shares)
    }

    @Test func noOtherBytesAreTheSameRecord() throws {
        let bytes = try Made("record bits").record().packed
        for bit in 0..<8 * bytes.count {
            let changed = bytes.flipping(bit: bit)
            guard let read = try? CeremonyRecord(wire: changed) else { continue }
            #expect(read.packed == changed, "bit \(bit)")
        }
        for count in 1..<bytes.count { expectRefusal(.length) { _ = try CeremonyRecord(wire: bytes[..<count]) } }
        expectRefusal(.label) { _ = try CeremonyRecord(wire: []) }
        expectRefusal(.length) { _ = try CeremonyRecord(wire: bytes + [0]) }
        expectRefusal(.trailing) { _ = try CeremonyRecord(wire: bytes + [0, 0, 0, 0]) }
    }

    @Test func fieldsOfAnotherSizeOrLayoutAreRefused() throws {
        let record = try Made("record fields").record()
        let fields = try unpack(.ceremony, record.packed, 10)
        func read(_ place: Int, _ field: [UInt8]) throws {
            var changed = fields
            changed[place] = field
            _ = try CeremonyRecord(wire: pack(.ceremony, fields: changed))
        }
        for place in 0..<9 {
            expectRefusal(.length, "field \(place)") { try read(place, fields[place] + [1]) }
            expectRefusal(.length, "field \(place)") { try read(place, []) }
        }
        for place in [5, 6, 7, 8] {
            expectRefusal(.point) { try read(place, [UInt8](repeating: 0, count: fields[place].count)) }
        }
        expectRefusal(.length) { try read(1, [0, 0, 0, 0]) }
        expectRefusal(.length) { try read(2, [0, 0, 0, 0]) }
        expectRefusal(.conflict) { try read(6, fields[5]) }
        for (n, t) in [(0, 2), (2, 2), (4, 2), (255, 2), (3, 0), (3, 1), (3, 255)] as [(UInt8, UInt8)] {
            expectRefusal(oneOf: [.length, .route], "\(n) \(t)") {
                try read(3, [n]); try read(4, [t])
            }
        }
        func step(_ id: String, _ holders: [UInt8]) -> [UInt8] { Wire.list([Array(id.utf8), holders]) }
        expectRefusal(.route) { try read(9, []) }
        expectRefusal(.route) {
            try read(9, Wire.list([step("v12", [2, 1]), step("v13", [1, 3]), step("v23", [2, 3])]))
        }
        expectRefusal(.text) { try read(9, Wire.list([step("v 12", [1, 2])])) }
        expectRefusal(.length) { try read(9, Wire.list([Wire.list([[1]])])) }
        expectRefusal(.length) { try read(9, Wire.list([step("v12", [1, 2]) + [0, 0, 0, 0]])) }
        expectRefusal(.length) { try read(9, Wire.list([[UInt8]](repeating: step("v", [1, 2, 3]), count: 256))) }
    }

    @Test func everyTranscryptorHasSignedTheRecord() throws {
        let made = try Made("record signatures")
        let record = try made.record()
        var (keys, signatures): ([UInt8: VerifyingKey], [UInt8: [UInt8]]) = ([:], [:])
        for index in UInt8(1)...3 {
            let key = SigningKey(from: made.random)
            (keys[index], signatures[index]) = (key.verifyingKey, record.sign(by: key))
        }
        try record.verify(signatures: signatures, keys: keys)
        for index in UInt8(1)...3 {
            var fewer = signatures
            fewer[index] = nil
            expectRefusal(.signature, at: Int(index)) { try record.verify(signatures: fewer, keys: keys) }
            fewer[index] = signatures[index % 3 + 1]
            expectRefusal(.signature, at: Int(index)) { try record.verify(signatures: fewer, keys: keys) }
            var unknown = keys
            unknown[index] = nil
            expectRefusal(.signature) { try record.verify(signatures: signatures, keys: unknown) }
            unknown[index] = keys[index % 3 + 1]
            expectRefusal(.signature) { try record.verify(signatures: signatures, keys: unknown) }
        }
        var more = (signatures, keys)
        more.0[4] = signatures[1]
        expectRefusal(.signature) { try record.verify(signatures: more.0, keys: keys) }
        more.1[4] = SigningKey(from: made.random).verifyingKey
        expectRefusal(.signature) { try record.verify(signatures: more.0, keys: more.1) }
        let other = try made.record(epoch: 2)
        expectRefusal(.signature, at: 1) { try other.verify(signatures: signatures, keys: keys) }
        // Two of three shared the keys without the third, and say that it has a share.
        signatures[3] = nil
        Guards.withOff("guard:ceremony.signatures") {
            #expect(throws: Never.self) { try record.verify(signatures: signatures, keys: keys) }
        }
    }
}
