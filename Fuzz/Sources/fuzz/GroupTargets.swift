import Ristretto255

func fuzzPoint(_ bytes: [UInt8]) {
    guard let point = try? Element(decoding: bytes) else { return }
    expect(point.encoding.bytes == bytes, "a point has one encoding")
    expect(point.point.encoding.bytes == bytes, "a decoded point encodes to what it came from")
}

func fuzzPoints(_ bytes: [UInt8]) {
    do {
        let points = try Element.decode(batch: bytes)
        expect(Element.encode(batch: points) == bytes, "a batch encodes to what it came from")
    } catch {
        let start = 32 * error.index
        expect(start < bytes.count, "the item that is named exists")
        expect(
            (try? Element(decoding: bytes[start...].prefix(32))) == nil, "the item that is named is at fault")
    }
}

func fuzzScalar(_ bytes: [UInt8]) {
    if let scalar = try? Scalar(decoding: bytes) {
        expect(scalar.encoding.bytes == bytes, "a scalar has one encoding")
        expect(scalar.inverse.map { $0 * scalar == .one } ?? scalar.isZero, "every scalar but zero has its inverse")
    }
    guard let secret = try? SecretScalar(decoding: bytes) else { return }
    expect(secret.withEncoding { [UInt8]($0) } == bytes, "a secret scalar has one encoding")
}

/// X 32, then pairs of Q and U, then the proof of 64 bytes.
func fuzzEquality(_ bytes: [UInt8]) {
    guard bytes.count >= 96, let proof = Bytes64(bytes.suffix(64)), let x = try? Element(decoding: bytes.prefix(32)),
        let points = try? Element.decode(batch: bytes[32..<bytes.count - 64])
    else { return }
    let queries = stride(from: 0, to: points.count, by: 2).map { points[$0] }
    let answers = stride(from: 1, to: points.count, by: 2).map { points[$0] }
    try? EqualityProof(bytes: proof).verify(public: x, queries: queries, answers: answers, context: [1])
}
