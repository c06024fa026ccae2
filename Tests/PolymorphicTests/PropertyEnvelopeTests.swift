import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Envelopes: every size, every cut, every damage.
@Suite struct PropertyEnvelopeTests {
    static let chunk = 65_536

    @Test func everySizeIsSealedAndOpenedAndPaddedAsPadmeSays() throws {
        let world = try World("sizes of envelopes")
        let sizes =
            Array(0...300) + [Self.chunk - 2, Self.chunk - 1, Self.chunk, Self.chunk + 1, Self.chunk + 2]
            + [2 * Self.chunk - 2, 2 * Self.chunk - 1, 2 * Self.chunk, 2 * Self.chunk + 1, 2 * Self.chunk + 2]
        let subject = try world.subject()
        for size in sizes {
            var data = world.random.bytes(size)
            if size % 7 == 0, size > 0 { data[size - 1] = 0 }  // ends that look like padding
            if size % 7 == 1 { data[size - 1] = 0x80 }
            if size % 7 == 2 { data = [UInt8](repeating: 0, count: size) }
            if size % 7 == 3 { data = [UInt8](repeating: 0x80, count: size) }
            let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: subject)
            let bytes = try sealer.seal(data, signer: world.hospital.signer)
            let envelope = try Envelope(wire: bytes)
            #expect(envelope.bytes == bytes)
            let padded = Padding.padme(size + 1)
            #expect(envelope.body.count == padded + 16 * ((padded + Self.chunk - 1) / Self.chunk))
            if size % 16 == 0 || size > 300 {  // by Shares; the others by the key that was shared
                let key = try world.recordKey(envelope.prefix.header, for: world.medical)
                #expect(try envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey]) == data)
            } else {
                let key = try Self.key(world, envelope)
                #expect(try envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey]) == data)
            }
        }
    }

    /// K, from all shares: what two transcryptors together could always do.
    static func key(_ world: World, _ envelope: Envelope) throws -> RecordKey {
        let pair = envelope.prefix.header.key.pair
        var sum = Point.identity
        for index in [UInt8(1), 2] {
            sum = sum + world.transcryptor(index).kem.x.times(Lagrange.coefficient(index, [1, 2])).times(pair.b.point)
        }
        return RecordKey(SecretPoint(pair.c.point - sum).encode())
    }

    @Test func theStreamGivesTheBytesOfTheWholeForAnyCuts() throws {
        let world = try World("streams")
        let subject = try world.subject()
        for round in 0..<60 {
            let size = round < 40 ? world.random.int(in: 0...5_000) : world.random.int(in: 0...4 * Self.chunk)
            let data = world.random.bytes(size)
            let draft = try world.header(world.hospital)
            let fresh = (
                world.random.draw(Bytes64.self), world.random.draw(Bytes64.self), world.random.draw(Bytes64.self)
            )
            let whole = try EnvelopeSealer(
                draft, subject: subject, key: world.kem.key, author: world.hospital.key.z, fresh: fresh
            ).seal(data, signer: world.hospital.signer)
            var sealer = try EnvelopeSealer(
                draft, subject: subject, key: world.kem.key, author: world.hospital.key.z, fresh: fresh)
            var body: [UInt8] = []
            try Self.cut(data, world.random) { try sealer.update($0) { body.append(contentsOf: $0) } }
            let room = sealer.prefixCount
            let prefix = try sealer.finish(signer: world.hospital.signer) { body.append(contentsOf: $0) }
            #expect(prefix.bytes + body == whole && prefix.bytes.count == room)
            // And back.
            let envelope = try Envelope(wire: whole)
            let key = try Self.key(world, envelope)
            let keys = [world.hospital.signer.verifyingKey]
            var opener = try EnvelopeOpener(
                EnvelopePrefix(wire: whole.prefix(1_200), total: whole.count),
                bodyHash: envelope.bodyHash, key: key, authorKeys: keys)
            var out: [UInt8] = []
            try Self.cut(Array(envelope.body), world.random) { try opener.update($0) { out.append(contentsOf: $0) } }
            try opener.finish { out.append(contentsOf: $0) }
            #expect(out == data)
            #expect(try envelope.open(with: key, authorKeys: keys) == data)
        }
    }

    /// Hands `bytes` over in pieces of random length, empty ones too.
    private static func cut(_ bytes: [UInt8], _ random: Seeded, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
    {
        var start = 0
        let longest = max(random.pick([1, 17, 300, 65_552, 200_000]), bytes.count / 500)
        while start < bytes.count {
            let end = min(bytes.count, start + random.int(in: 0...longest))
            try bytes[start..<end].withUnsafeBytes { try body($0) }
            start = end
        }
    }

    @Test func truncatedReorderedDuplicatedAndExtendedChunksAreRefused() throws {
        let world = try World("chunks")
        let data = world.random.bytes(4 * Self.chunk - 8_192 - 1)  // padded to four chunks less 8 KiB
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let envelope = try Envelope(wire: sealer.seal(data, signer: world.hospital.signer))
        let key = try Self.key(world, envelope)
        let size = Self.chunk + 16
        let whole = Array(envelope.body)
        let chunks = stride(from: 0, to: whole.count, by: size).map {
            Array(whole[$0..<min($0 + size, whole.count)])
        }
        #expect(chunks.count == 4)
        // Without the signature: this is about the body alone, as an author in league with the store could make it.
        func open(_ body: [UInt8]) throws -> [UInt8] {
            let atOnce = Result { () throws in
                try Envelope.open(
                    body[...], key.encoding, hash: envelope.prefix.header.hash,
                    commitment: envelope.prefix.commitment.bytes)
            }
            var streamed: [UInt8] = []
            let stream = Guards.withOff("guard:record.signature") {
                Result { () throws in
                    var opener = try EnvelopeOpener(envelope.prefix, bodyHash: [], key: key, authorKeys: [])
                    try body.withUnsafeBytes { try opener.update($0) { streamed.append(contentsOf: $0) } }
                    try opener.finish { streamed.append(contentsOf: $0) }
                }
            }
            switch (atOnce, stream) {
            case (.success(let out), .success): #expect(out == streamed)
            case (.failure(let a), .failure(let b)): #expect(a as? Refusal == b as? Refusal)
            default: Issue.record("the stream and the whole do not agree")
            }
            return try atOnce.get()
        }
        #expect(try open(chunks.flatMap(\.self)) == data)
        let orders = [
            [0, 1, 2], [0, 1], [0], [], [1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3], [3], [1, 2, 3], [0, 0, 1, 2, 3],
            [0, 1, 2, 2, 3], [0, 1, 2, 3, 3], [3, 0, 1, 2], [0, 1, 3, 2],
        ]
        for order in orders {
            expectRefusal(.open, "\(order)") { _ = try open(order.flatMap { chunks[$0] }) }
        }
        for cut in [1, 15, 16, 17, chunks[3].count - 1, chunks[3].count, chunks[3].count + 1, envelope.body.count] {
            expectRefusal(.open, "cut by \(cut)") { _ = try open(whole.dropLast(cut)) }
        }
        for extra in [1, 16, 17, size] {
            expectRefusal(.open, "\(extra) more") { _ = try open(whole + [UInt8](repeating: 0, count: extra)) }
        }
    }

    @Test func everySingleBitOfAOneChunkEnvelopeCounts() throws {
        let world = try World("envelope bits")
        let data = world.random.bytes(100)
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let bytes = try sealer.seal(data, signer: world.hospital.signer)
        let key = try Self.key(world, Envelope(wire: bytes))
        let keys = [world.hospital.signer.verifyingKey]
        #expect(try Envelope(wire: bytes).open(with: key, authorKeys: keys) == data)
        for bit in 0..<8 * bytes.count {
            #expect(throws: Refusal.self, "bit \(bit)") {
                _ = try Envelope(wire: bytes.flipping(bit: bit)).open(with: key, authorKeys: keys)
            }
        }
        // With the signature off the content key and its commitment still notice header, kc and body.
        Guards.withOff("guard:record.signature") {
            Guards.withOff("guard:record.knowledge") {
                let unsigned = bytes.count - 272 - 64..<bytes.count - 272
                let proof = unsigned.lowerBound - 96..<unsigned.lowerBound - 32
                for bit in 0..<8 * bytes.count where !unsigned.contains(bit >> 3) && !proof.contains(bit >> 3) {
                    #expect(throws: Refusal.self, "bit \(bit)") {
                        _ = try Envelope(wire: bytes.flipping(bit: bit)).open(with: key, authorKeys: keys)
                    }
                }
            }
        }
    }

    @Test func anEnvelopeThatIsCutOrExtendedAnywhereIsRefused() throws {
        let world = try World("cut envelopes")
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let bytes = try sealer.seal([1, 2, 3], signer: world.hospital.signer)
        let keys = [world.hospital.signer.verifyingKey]
        let key = try Self.key(world, Envelope(wire: bytes))
        for count in 0..<bytes.count {
            expectRefusal(.envelopeLength) { _ = try Envelope(wire: Array(bytes.prefix(count))) }
        }
        expectRefusal(.signature) { _ = try Envelope(wire: bytes + [0]).open(with: key, authorKeys: keys) }
        for length in [UInt32.max, 1 << 31, 1_025, 2_000] {
            var huge = bytes + [UInt8](repeating: 0, count: 3_000)
            huge.replaceSubrange(0..<4, with: length.bigEndianBytes)
            expectRefusal(oneOf: [.headerLength, .envelopeLength]) { _ = try Envelope(wire: huge) }
        }
    }

    @Test func anotherKeyOpensNothing() throws {
        let world = try World("other key")
        for _ in 0..<50 {
            let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
            let envelope = try Envelope(wire: sealer.seal(world.random.bytes(40), signer: world.hospital.signer))
            let other = RecordKey(SecretPoint(world.random.point()).encode())
            expectRefusal(.open) {
                _ = try envelope.open(with: other, authorKeys: [world.hospital.signer.verifyingKey])
            }
            expectRefusal(.signature) {
                _ = try envelope.open(with: other, authorKeys: [world.medical.signer.verifyingKey])
            }
            let author = [world.medical.signer.verifyingKey, world.hospital.signer.verifyingKey]
            let key = try Self.key(world, envelope)
            #expect(throws: Never.self) { _ = try envelope.open(with: key, authorKeys: author) }  // any key it ever had
            expectRefusal(.signature) { _ = try envelope.open(with: key, authorKeys: []) }
        }
    }

    @Test func padmeIsTheSmallestLengthWithSoFewSignificantBits() {
        /// From its description: of E + 1 bits keep E's own number of bits (S) behind the first, round up.
        func described(_ length: Int) -> Int {
            let l = max(length, 256)
            var e = 0
            while 1 << (e + 1) <= l { e += 1 }
            var s = 0
            while 1 << s <= e { s += 1 }
            let unit = 1 << (e - s)
            return (l + unit - 1) / unit * unit
        }
        let random = Seeded("padme")
        var lengths = Array(0...70_000)
        for _ in 0..<20_000 { lengths.append(Int(random.next() >> UInt64(random.int(in: 15...60)))) }
        for length in lengths {
            let padded = Padding.padme(length)
            #expect(padded == described(length) && padded >= max(length, 256) && Padding.padme(padded) == padded)
            #expect(length < 256 || Double(padded - length) <= 0.12 * Double(length))
        }
    }

    @Test func paddingIsTakenOffOnlyWhereItIsExact() throws {
        let random = Seeded("padding")
        for count in Array(0...300) + [1_000, 5_000, 65_535, 65_536] {
            let data = random.bytes(count)
            let padded = Padding.pad(data)
            #expect(try Padding.unpad(padded) == data)
            expectRefusal(.padding) { _ = try Padding.unpad(padded + [0]) }
            if padded.last == 0 { expectRefusal(.padding) { _ = try Padding.unpad(Array(padded.dropLast())) } }
            expectRefusal(.padding) { _ = try Padding.unpad([UInt8](repeating: 0, count: padded.count)) }
            var other = padded
            other[count] = 0x81
            expectRefusal(.padding) { _ = try Padding.unpad(other) }
        }
        expectRefusal(.padding) { _ = try Padding.unpad([]) }
    }
}
