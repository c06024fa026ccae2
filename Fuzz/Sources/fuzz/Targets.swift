import Guards
@testable import Polymorphic
import Ristretto255

extension FuzzTarget {
    static let all: [FuzzTarget] = [
        FuzzTarget("point", upTo: 40, seeds: [.negatives("decode_point", ["b"]), .fields("seals", ["Z"])]) { bytes in
            guard let point = try? Element(decoding: bytes) else { return }
            expect(point.encoding.bytes == bytes, "a point has one encoding")
            expect(point.point.encoding.bytes == bytes, "a decoded point encodes to what it came from")
        },
        FuzzTarget("scalar", upTo: 40, seeds: [.negatives("decode_scalar", ["b"]), .fields("seals", ["k"])]) { bytes in
            guard let scalar = try? Scalar(decoding: bytes) else { return }
            expect(scalar.encoding.bytes == bytes, "a scalar has one encoding")
        },
    ]
}
