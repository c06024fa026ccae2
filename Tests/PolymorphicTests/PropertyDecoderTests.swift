import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Bytes from outside end in a refusal or in exactly what was written, whatever they are.
@Suite struct PropertyDecoderTests {
    @Test func aHeaderIsReadBackAsItWasWritten() throws {
        let world = try World("headers")
        let random = world.random
        for _ in 0..<1_000 {
            let author = String((0..<random.int(in: 2...63)).map { _ in random.pick(Array("abcxyz0189.-")) })
            let category = String((0..<random.int(in: 1...64)).map { _ in random.pick(Array("!~AZaz09/+")) })
            let draft = RecordHeader.Draft(
                recordID: random.draw(), yGeneration: UInt32(random.next() >> 32), author: try PartyID(author),
                category: try Name(category), minute: random.next() >> 11, dataMinute: random.next() >> 11,
                previous: random.draw())
            let key = EncryptedRecordKey(Pair(b: try Element(random.point()), c: try Element(random.point())))
            let made = RecordHeader(draft, subject: try world.subject(), key: key)
            #expect(made.bytes.count == 209 + author.utf8.count + category.utf8.count)
            let read = try RecordHeader(wire: made.bytes)
            #expect(read == made && read.minute == draft.minute && read.category.description == category)
            // Every change is another header, with another name, or none.
            let changed = made.bytes.flipping(bit: random.int(in: 0...8 * made.bytes.count - 1))
            if let other = try? RecordHeader(wire: changed) { #expect(other.hash != made.hash) }
            let cut = random.int(in: 0...made.bytes.count - 1)
            expectRefusal(oneOf: [.headerLength, .text]) { _ = try RecordHeader(wire: made.bytes.prefix(cut)) }
            expectRefusal(.trailing) { _ = try RecordHeader(wire: made.bytes + [0]) }
        }
        expectRefusal(.headerLength) { _ = try RecordHeader(wire: [UInt8](repeating: 0, count: 1_025)) }
    }

    @Test func aListIsReadBackAsItWasWrittenAndNothingElseIs() throws {
        let random = Seeded("lists")
        for _ in 0..<1_000 {
            let elements = (0..<random.int(in: 0...8)).map { _ in random.bytes(random.int(in: 0...20)) }
            let bytes = Wire.list(elements)
            #expect(try Wire.elements(of: bytes) == elements)
            let packed = pack(.record, fields: elements)
            #expect(try unpack(.record, packed, elements.count) == elements)
            expectRefusal(.label) { _ = try unpack(.receipt, packed, elements.count) }
            expectRefusal(.length) { _ = try unpack(.record, packed, elements.count + 1) }
            if !elements.isEmpty { expectRefusal(.trailing) { _ = try unpack(.record, packed, elements.count - 1) } }
            expectRefusal(.length) { _ = try unpack(.record, packed + [0], elements.count) }
            expectRefusal(oneOf: [.length, .label]) { _ = try unpack(.record, packed.dropLast(), elements.count) }
        }
        let huge = UInt32.max.bigEndianBytes + [1, 2, 3]
        expectRefusal(.length) { _ = try Wire.elements(of: huge) }
        expectRefusal(.length) { _ = try Wire.elements(of: [UInt8](repeating: 0, count: 4 * 4_097)) }
    }

    @Test func anythingAtAllEndsInARefusalOrInTheSameBytes() throws {
        let world = try World("anything")
        let random = world.random
        let chain = try world.chain(world.person(), to: world.medical)
        let verified = try world.verified(chain)
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let envelope = try sealer.seal([1], signer: world.hospital.signer)
        let good: [[UInt8]] = [
            try world.steps(chain, by: [1, 2])[0].bytes,
            try world.share(verified, [true], to: world.medical, by: 1).bytes,
            envelope, try Envelope(wire: envelope).prefix.header.bytes, pack(.record, [1], [2, 3]), Domain.base.bytes,
            world.medical.domain.bytes, chain.inputs[0].bytes,
        ]
        for round in 0..<4_000 {
            var bytes = round % 4 == 0 ? random.bytes(random.int(in: 0...400)) : random.pick(good)
            for _ in 0..<random.int(in: 0...3) where !bytes.isEmpty {
                switch random.int(in: 0...3) {
                case 0: bytes = bytes.flipping(bit: random.int(in: 0...8 * bytes.count - 1))
                case 1: bytes = Array(bytes.prefix(random.int(in: 0...bytes.count)))
                case 2:
                    bytes.insert(contentsOf: random.bytes(random.int(in: 0...5)), at: random.int(in: 0...bytes.count))
                default: bytes[random.int(in: 0...bytes.count - 1)] = random.pick([0, 1, 0x7f, 0x80, 0xff])
                }
            }
            if let header = try? RecordHeader(wire: bytes) { #expect(header.bytes == bytes) }
            if let envelope = try? Envelope(wire: bytes) { #expect(envelope.prefix.bytes + envelope.body == bytes) }
            if let pair = try? Pair(wire: bytes) { #expect(pair.bytes == bytes) }
            if let elements = try? Wire.elements(of: bytes) { #expect(Wire.list(elements) == bytes) }
            if let domain = try? Domain(bytes, orRefuse: .source) { #expect(domain.bytes == bytes) }
            if let party = try? PartyID(bytes) { #expect(party.bytes == bytes) }
            if let name = try? Name(bytes) { #expect(name.bytes == bytes) }
            if let step = try? Step(bytes: bytes).parts() { #expect(bytes.count == 164 + step.outputs.count) }
            #expect(throws: Refusal.self) { try world.medical.key.open(bytes, info: [1], forbidden: world.forbidden) }
        }
    }
}
