/// Sums of many products over public data, in variable time. Never to be used with a secret scalar or point.
public enum MultiScalar {
    /// `sum scalars[i] * points[i]`. Straus's method with signed windows of five bits: 8 multiples of each point, then
    /// about one addition for every six bits.
    ///
    /// Memory: 2 KiB a point and a byte a bit.
    /// - Parameter bits: an upper bound of the bit length of all scalars, 128 or 253.
    public static func publicSum(_ scalars: [Scalar], _ points: [Point], bits: Int = 253) -> Point {
        precondition(scalars.count == points.count, "as many scalars as points")
        guard !points.isEmpty else { return .identity }
        let digits = Digits(scalars, bits: bits)
        return publicSum(digits, count: points.count) { points[$0] }
    }

    /// `s*G + c*P`, in variable time: what verifiers of proofs compute.
    public static func publicSum(generator s: Scalar, _ c: Scalar, _ point: Point) -> Point {
        Slots.with(2) { slots in
            point.store(slots[0])
            withUnsafePointer(to: s.words) { s in
                withUnsafePointer(to: c.words) { c in Engine.publicSum(slots[1], generator: s, slots[0], c) }
            }
            return Point(loading: slots[1])
        }
    }

    /// `factor * point` for a small public factor of either sign, by doubling and adding: constant time in the point.
    public static func small(_ factor: Int, _ point: Point) -> Point {
        let rest = factor.magnitude
        var sum = Point.identity
        for index in stride(from: Int.bitWidth - 1 - rest.leadingZeroBitCount, through: 0, by: -1) {
            sum = sum + sum
            if rest >> UInt(index) & 1 == 1 { sum = sum + point }
        }
        return factor < 0 ? Point.identity - sum : sum
    }

    /// The same digits serve several sums with the same scalars (the two halves of ciphertexts).
    package static func publicSum(_ digits: Digits, count: Int, point: (Int) -> Point) -> Point {
        let table = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * Digits.multiples * Engine.slotBytes + 2 * Engine.slotBytes,
            alignment: Engine.slotAlignment)
        defer { table.deallocate() }
        let base = table.baseAddress.unsafelyUnwrapped
        let (sum, twice) = (base, base + Engine.slotBytes)
        let multiples = base + 2 * Engine.slotBytes
        let perPoint = Digits.multiples * Engine.slotBytes
        for index in 0..<count {  // P, 3P, .. 15P
            var slot = multiples + index * perPoint
            point(index).store(slot)
            Engine.double(twice, slot)
            for _ in 1..<Digits.multiples {
                Engine.add(slot + Engine.slotBytes, slot, twice)
                slot += Engine.slotBytes
            }
        }
        Point.identity.store(sum)
        var started = false
        for position in stride(from: digits.length - 1, through: 0, by: -1) {
            if started { Engine.double(sum, sum) }
            digits.forEach(at: position) { index, digit in
                started = true
                let multiple = multiples + index * perPoint + (abs(digit) >> 1) * Engine.slotBytes
                if digit > 0 { Engine.add(sum, sum, multiple) } else { Engine.subtract(sum, sum, multiple) }
            }
        }
        return Point(loading: sum)
    }
}

/// Scalars in the width-5 non-adjacent form: digits are odd, between -15 and 15, or zero.
package struct Digits {
    static let multiples = 8
    private static let width = 5
    /// One more than the bit length: the last carry.
    let length: Int
    private let count: Int
    /// Position by position, since the sum is walked that way.
    private var digits: [Int8]

    package init(_ scalars: [Scalar], bits: Int) {
        (length, count) = (bits + 1, scalars.count)
        digits = [Int8](repeating: 0, count: length * count)
        for (index, scalar) in scalars.enumerated() { recode(scalar, index, bits) }
    }

    private mutating func recode(_ scalar: Scalar, _ index: Int, _ bits: Int) {
        var (position, carry) = (0, 0)
        while position < length {
            let bit = position < bits ? scalar.bit(position) : 0
            if bit == carry {  // bit + carry is even
                position += 1
                continue
            }
            var window = carry
            for offset in 0..<Self.width where position + offset < bits {
                window += scalar.bit(position + offset) << offset
            }
            carry = window > 15 ? 1 : 0
            digits[position * count + index] = Int8(window - carry << Self.width)
            position += Self.width
        }
    }

    @inline(__always)
    func forEach(at position: Int, _ body: (Int, Int) -> Void) {
        digits.withUnsafeBufferPointer { all in
            let start = position * count
            for index in 0..<count {
                let digit = all[start + index]
                if digit != 0 { body(index, Int(digit)) }
            }
        }
    }
}
