/// A point of ristretto255 in memory, decoded; the identity included. What comes from outside is an `Element`.
///
/// 160 bytes: four coordinates of five 64-bit limbs. Points are compared as group elements.
public struct Point: Sendable, Equatable, BitwiseCopyable {
    typealias Coordinate = (UInt64, UInt64, UInt64, UInt64, UInt64)
    private var coordinates: (Coordinate, Coordinate, Coordinate, Coordinate)

    init(loading slot: Engine.Slot) {
        coordinates = (
            slot.load(as: Coordinate.self), slot.load(fromByteOffset: 64, as: Coordinate.self),
            slot.load(fromByteOffset: 128, as: Coordinate.self), slot.load(fromByteOffset: 192, as: Coordinate.self)
        )
    }

    func store(_ slot: Engine.Slot) {
        slot.storeBytes(of: coordinates.0, as: Coordinate.self)
        slot.storeBytes(of: coordinates.1, toByteOffset: 64, as: Coordinate.self)
        slot.storeBytes(of: coordinates.2, toByteOffset: 128, as: Coordinate.self)
        slot.storeBytes(of: coordinates.3, toByteOffset: 192, as: Coordinate.self)
    }

    /// The neutral element.
    public static let identity = Slots.with(1) { slots in
        let zero = [UInt8](repeating: 0, count: 32)
        let decoded = Engine.decode(slots[0], zero, allowIdentity: true)
        precondition(decoded, "the engine does not decode the identity")
        return Point(loading: slots[0])
    }

    /// The generator G of RFC 9496.
    public static let generator = FixedBase.generator.element.point

    /// The RFC 9496 map of 64 uniform bytes.
    public init(uniform bytes: Bytes64) {
        self = Slots.with(1) { slots in
            bytes.withBytes { raw in
                Engine.fromHash(slots[0], raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
            }
            return Point(loading: slots[0])
        }
    }

    /// Whether it is the neutral element.
    public var isIdentity: Bool { self == .identity }

    /// The canonical encoding, 32 bytes; all zero for the identity.
    public var encoding: Bytes32 {
        Slots.with(1) { slots in
            store(slots[0])
            return Bytes32 { raw in
                Engine.encode(raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), slots[0])
            }
        }
    }

    /// Equal as group elements, in constant time.
    public static func == (a: Point, b: Point) -> Bool {
        Slots.with(2) { slots in
            a.store(slots[0])
            b.store(slots[1])
            return Engine.equal(slots[0], slots[1])
        }
    }
    /// The sum, in constant time.
    public static func + (a: Point, b: Point) -> Point { combine(a, b, Engine.add) }
    /// The difference, in constant time.
    public static func - (a: Point, b: Point) -> Point { combine(a, b, Engine.subtract) }

    private static func combine(
        _ a: Point, _ b: Point, _ operation: (Engine.Slot, Engine.Slot, Engine.Slot) -> Void
    ) -> Point {
        Slots.with(3) { slots in
            a.store(slots[0])
            b.store(slots[1])
            operation(slots[2], slots[0], slots[1])
            return Point(loading: slots[2])
        }
    }
}

/// Aligned room for a few points on the stack.
struct Slots {
    private let base: UnsafeMutableRawPointer
    private let count: Int

    subscript(_ index: Int) -> Engine.Slot { base + index * Engine.slotBytes }

    /// Overwrites what a secret multiplication left.
    func wipe() { Ristretto255.wipe(base, count * Engine.slotBytes) }

    @inline(__always)
    static func with<R: ~Copyable, E: Error>(_ count: Int, _ body: (Slots) throws(E) -> R) throws(E) -> R {
        try withUnsafeTemporaryAllocation(
            byteCount: count * Engine.slotBytes, alignment: Engine.slotAlignment
        ) { (raw: UnsafeMutableRawBufferPointer) throws(E) -> R in
            try body(Slots(base: raw.baseAddress.unsafelyUnwrapped, count: count))
        }
    }
}
