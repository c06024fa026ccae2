import Crypto
@testable import Polymorphic
import Ristretto255

func fuzzHeader(_ bytes: [UInt8]) {
    guard let header = try? RecordHeader(wire: bytes) else { return }
    let draft = RecordHeader.Draft(
        recordID: header.recordID, yGeneration: header.yGeneration, author: header.author, category: header.category,
        minute: header.minute, dataMinute: header.dataMinute, previous: header.previous)
    let again = RecordHeader(draft, subject: header.subject, key: header.key)
    expect(again.bytes == bytes && again.hash == header.hash, "a header encodes to what it came from")
}

func fuzzEnvelope(_ bytes: [UInt8]) {
    guard let envelope = try? Envelope(wire: bytes) else { return }
    expect(envelope.bytes == bytes, "an Envelope encodes to what it came from")
    let key = RecordKey(SecretBytes(copying: Fixture.bytes32))
    expect((try? envelope.open(with: key, authorKeys: [])) == nil, "without the author's key nothing is opened")
    withOff(["guard:record.signature", "guard:record.knowledge", "guard:envelope.commitment"]) {
        _ = try? envelope.open(with: key, authorKeys: [])
    }
}

/// The bytes as padded data behind a good tag: refused, or exactly the padding of what comes out.
func fuzzPadding(_ bytes: [UInt8]) {
    let key = SecretBytes(copying: Fixture.bytes32)
    let keys = BodyKeys(key, hash: .zero)
    guard !bytes.isEmpty,
        let box = try? bytes.withUnsafeBytes({ try keys.seal($0, 0, last: true) })
    else { return }
    let opened = try? Envelope.open(
        Array(box.ciphertext + box.tag)[...], key, hash: .zero, commitment: keys.commitment)
    expect(opened.map(Padding.pad) == (opened == nil ? nil : bytes), "padding has one form")
    expect((try? Padding.unpad(bytes)) == opened, "small and streamed padding agree")
}

/// The bytes as data, given in pieces whose length they choose themselves: what is sealed is opened.
func fuzzStream(_ bytes: [UInt8]) {
    let key = SecretBytes(copying: Fixture.bytes32)
    var sealer = BodySealer(key, hash: .zero)
    var body: [UInt8] = []
    var rest = bytes[...]
    do {
        while let first = rest.first {
            let part = Array(rest.prefix(Int(first) + 1))
            try part.withUnsafeBytes { try sealer.update($0) { body.append(contentsOf: $0) } }
            rest = rest.dropFirst(part.count)
        }
        let commitment = sealer.commitment
        _ = try sealer.finish { body.append(contentsOf: $0) }
        let opened = try Envelope.open(body[...], key, hash: .zero, commitment: commitment)
        expect(opened == bytes, "what is sealed is opened")
    } catch { fatalError("data of any form can be sealed and opened: \(error)") }
}
