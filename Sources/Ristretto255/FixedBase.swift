/// A table for one long-lived point (G, a class key, a party key), with which a secret multiplication costs a third.
/// 9 KiB; making it costs about one multiplication.
public final class FixedBase: @unchecked Sendable {  // unchecked: the table is written in init only
    private let memory: UnsafeMutableRawBufferPointer?
    let table: UnsafeRawPointer
    /// The point of the table.
    public let element: Element

    /// Makes the table of `element`.
    public init(_ element: Element) {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Engine.tableBytes, alignment: Engine.tableAlignment)
        Slots.with(1) { slots in
            element.point.store(slots[0])
            Engine.makeTable(memory.baseAddress.unsafelyUnwrapped, slots[0])
        }
        (self.memory, table, self.element) = (memory, UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped), element)
    }

    deinit { memory?.deallocate() }

    /// The table of G.
    public static let generator: FixedBase = {
        // The map of RFC 9496 does not give G, so G is decoded from the bytes that the RFC prints in A.1.
        let bytes: [UInt8] = [
            0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
            0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
        ]
        guard let element = try? Element(decoding: bytes) else { preconditionFailure("the engine does not decode G") }
        return FixedBase(element)
    }()

    /// `scalar * base` for a public scalar; takes constant time all the same.
    public func times(_ scalar: Scalar) -> Point {
        Slots.with(1) { slots in
            var words = scalar.words
            Engine.multiply(slots[0], table: table, &words)
            return Point(loading: slots[0])
        }
    }
}
