import Crypto
import Foundation
import Polymorphic
import Ristretto255
import Simulation

/// Sealing and opening of records, beside AES-256-GCM over the same chunks plus the hash of the body.
enum EnvelopeBench {
    static func run(_ fixture: CoreFixture, _ report: inout Report) throws {
        for (name, size) in [("1KiB", 1_024), ("1MiB", 1 << 20)] { try run(name, size, fixture, &report) }
    }

    private static func run(_ name: String, _ size: Int, _ fixture: CoreFixture, _ report: inout Report) throws {
        let author = fixture.source
        let data = fixture.random.bytes(size)
        let z = SharedZ(author.opening.secretCopy())
        let ciphertext = try EncryptedPseudonym(wire: try fixture.batch(1)[0])
        let subject = try DepositSubject(
            of: ciphertext, exchange: fixture.random.draw(), key: fixture.country.pseudonyms.key, author: z.value,
            fresh: fixture.random.draw()
        ).subject
        let draft = RecordHeader.Draft(
            recordID: fixture.random.draw(), yGeneration: 1, author: author.id, category: try Name("LAB"),
            minute: 31_557_600, dataMinute: 29_000_000)
        let seal = {
            try EnvelopeSealer(
                draft, subject: subject, key: fixture.country.recordKeys.key, author: z.value,
                fresh: (fixture.random.draw(), fixture.random.draw(), fixture.random.draw())
            ).seal(data, signer: author.signer.key)
        }
        let envelope = try Envelope(wire: try seal())
        let key = try recordKey(envelope.prefix.header, fixture)
        let wire = envelope.bytes
        let keys = [author.signer.key.verifyingKey]
        let padded = [UInt8](
            repeating: 7, count: envelope.body.count / 65_552 * 65_536 + envelope.body.count % 65_552 - 16)
        let symmetric = SymmetricKey(size: .bits256)
        let header = [UInt8](repeating: 1, count: 32)
        let plain = { try plainSeal(padded, symmetric, header) }
        let sealed = try plain().flatMap { [UInt8]($0.ciphertext) + [UInt8]($0.tag) }
        let times = try interleaved(
            [
                Subject(name: "seal", items: 1) { _ = try seal() },
                Subject(name: "open", items: 1) { _ = try Envelope(wire: wire).open(with: key, authorKeys: keys) },
                Subject(name: "plain seal", items: 1) { _ = try plain() },
                Subject(name: "plain open", items: 1) { _ = try plainOpen(sealed, symmetric, header) },
            ], rounds: 9)
        for operation in ["seal", "open"] {
            report.add("core.envelope.\(operation)_\(name).us", median(times[operation] ?? []), "us", 9, "CPU")
            report.add(
                "core.envelope.\(operation)_\(name).ratio", ratio(times, "plain \(operation)", operation), "x", 9,
                "speed against AES-256-GCM of the same chunks plus SHA-256, same run")
        }
    }

    private static func recordKey(_ header: RecordHeader, _ fixture: CoreFixture) throws -> RecordKey {
        let country = fixture.country
        let keys = TicketKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: fixture.random)))
        let record = try keys.admit(header, try keys.ticket(for: header.hash, of: .zero), of: .zero)
        let reader = fixture.destination
        let digest = sha512([1])
        let shares = try country.transcryptors.prefix(2).map { transcryptor in
            let box = try transcryptor.maker.share(
                [record], permits: [true], requestDigest: digest, with: transcryptor.kem.share, to: reader.key,
                fresh: (fixture.random.draw(), fixture.random.draw()))
            return try ShareExpectation<Polymorphic.KEM>(
                [header], permits: [true], requestDigest: digest, from: transcryptor.index, in: country.recordKeys,
                shareEpoch: 1, recipient: reader.opening, party: reader.id, signer: transcryptor.signer.key.verifyingKey
            ).open(box, with: reader.opening, forbidden: country.forbidden)
        }
        return try reader.opening.unmasking(country.recordKeys.key)
            .recordKeys([header], requestDigest: digest, shares, participants: [1, 2])[0]
    }

    private static func plainSeal(_ data: [UInt8], _ key: SymmetricKey, _ aad: [UInt8]) throws -> [AES.GCM.SealedBox] {
        var hasher = SHA256()
        var boxes: [AES.GCM.SealedBox] = []
        try data.withUnsafeBytes { raw in
            for (index, start) in stride(from: 0, to: data.count, by: 65_536).enumerated() {
                let chunk = UnsafeRawBufferPointer(rebasing: raw[start..<min(start + 65_536, data.count)])
                let box = try AES.GCM.seal(chunk, using: key, nonce: nonce(index), authenticating: aad)
                hasher.update(data: box.ciphertext)
                hasher.update(data: box.tag)
                boxes.append(box)
            }
        }
        _ = hasher.finalize()
        return boxes
    }

    /// From the bytes of one body, as ours: a box of each chunk has to be made first.
    private static func plainOpen(_ body: [UInt8], _ key: SymmetricKey, _ aad: [UInt8]) throws -> Int {
        var hasher = SHA256()
        body.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        _ = hasher.finalize()
        var count = 0
        for (index, start) in stride(from: 0, to: body.count, by: 65_552).enumerated() {
            let chunk = body[start..<min(start + 65_552, body.count)]
            var combined = Data(capacity: 12 + chunk.count)
            combined.append(contentsOf: try nonce(index))
            chunk.withUnsafeBufferPointer { combined.append($0) }
            count += try AES.GCM.open(try AES.GCM.SealedBox(combined: combined), using: key, authenticating: aad).count
        }
        return count
    }

    private static func nonce(_ index: Int) throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: [0, 0, 0, 0] + withUnsafeBytes(of: UInt64(index)) { [UInt8]($0) })
    }
}

/// The author's z by reference, for closures.
final class SharedZ: Sendable {
    let value: SecretScalar
    init(_ value: consuming SecretScalar) { self.value = value }
}
