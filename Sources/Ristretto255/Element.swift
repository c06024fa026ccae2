import Guards

/// A group element as it stands on the wire: never the identity, decoded once, with its canonical encoding beside it
/// because every proof hashes encodings.
public struct Element: Sendable, Hashable, BitwiseCopyable {
    /// The canonical encoding, 32 bytes.
    public let encoding: Bytes32
    /// The decoded point.
    public let point: Point

    /// Decodes 32 bytes.
    /// - Throws: `EncodingError.point` for another length, a non-canonical encoding or the identity (PROTOCOL 2.1).
    public init(decoding bytes: some Collection<UInt8>) throws(EncodingError) {
        guard let fixed = Bytes32(bytes) else { throw .point }
        try self.init(decoding: fixed)
    }

    /// Decodes 32 bytes.
    /// - Throws: `EncodingError.point` for a non-canonical encoding or the identity (PROTOCOL 2.1).
    public init(decoding bytes: Bytes32) throws(EncodingError) {
        let point = Slots.with(1) { slots -> Point? in
            bytes.withBytes { raw in
                let start = raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
                let decoded = Engine.decode(slots[0], start, allowIdentity: !enforced("guard:point.identity"))
                return decoded ? Point(loading: slots[0]) : nil
            }
        }
        guard let point else { throw .point }
        (self.encoding, self.point) = (bytes, point)
    }

    /// Encodes a point.
    /// - Throws: `EncodingError.point` for the identity, which is never sent.
    public init(_ point: Point) throws(EncodingError) {
        let encoding = point.encoding
        guard encoding != .zero || !enforced("guard:point.identity") else { throw .point }
        (self.encoding, self.point) = (encoding, point)
    }

    /// Decodes a run of encodings; the first that is no point is named.
    /// - Throws: `BatchError` with its index.
    public static func decode(batch bytes: some Collection<UInt8>) throws(BatchError) -> [Element] {
        var (elements, rest) = ([Element](), Array(bytes)[...])
        elements.reserveCapacity(bytes.count / 32)
        while !rest.isEmpty {
            do { elements.append(try Element(decoding: rest.prefix(32))) } catch {
                throw BatchError(error, elements.count)
            }
            rest = rest.dropFirst(32)
        }
        return elements
    }

    /// The encodings one after another, 32 bytes each.
    public static func encode(batch elements: [Element]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32 * elements.count)
        for element in elements { element.encoding.withBytes { out.append(contentsOf: $0) } }
        return out
    }

    /// The generator G.
    public static let generator: Element = {
        guard let element = try? Element(Point.generator) else { preconditionFailure("the generator is the identity") }
        return element
    }()

    // Encodings are canonical: equal elements have equal bytes.
    /// Equal encodings, which are canonical.
    public static func == (a: Element, b: Element) -> Bool { a.encoding == b.encoding }
    /// By the encoding.
    public func hash(into hasher: inout Hasher) { hasher.combine(encoding) }
}

/// Which item of a batch is wrong.
public struct BatchError: Error, Sendable, Hashable {
    /// What is wrong with it.
    public let reason: EncodingError
    /// From 0.
    public let index: Int
    init(_ reason: EncodingError, _ index: Int) { (self.reason, self.index) = (reason, index) }
}
