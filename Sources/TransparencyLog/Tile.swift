/// Coordinates of a tile of 256 hashes or of an entry bundle of 256 entries. (C2SP tlog-tiles)
///
/// Item i of tile (l, n) is the hash of the perfect subtree of `256^l` leaves that begins at leaf `(n*256 + i) *
/// 256^l`.
public struct Tile: Hashable, Sendable {
    /// Hashes of a full tile, entries of a full bundle.
    public static let width = 256
    /// Bytes of a full tile.
    public static let byteCount = width * TreeHash.byteCount
    /// Higher tiles would need more than 2^63 leaves.
    public static let levelMax = 7

    /// 0 holds leaf hashes.
    public let level: Int
    /// Counted from 0 within its level.
    public let index: UInt64
    /// Hashes in it: 256, or less at the right edge.
    public let width: Int

    public init(level: Int, index: UInt64, width: Int = Tile.width) {
        precondition((0...Self.levelMax).contains(level) && (1...Self.width).contains(width))
        (self.level, self.index, self.width) = (level, index, width)
    }

    /// The same place, full.
    public var full: Tile { Tile(level: level, index: index) }

    /// Levels that hold at least one hash in a tree of `size` leaves.
    public static func levels(of size: UInt64) -> Int { (64 - size.leadingZeroBitCount + 7) / 8 }

    /// Whole subtrees of `256^level` leaves in a tree of `size` leaves.
    static func hashes(level: Int, size: UInt64) -> UInt64 { level > levelMax ? 0 : size >> (8 * UInt64(level)) }

    /// Hashes of the partial tile at the right edge of a level; 0 when the last tile is full.
    public static func partialWidth(level: Int, size: UInt64) -> Int { Int(hashes(level: level, size: size) % 256) }

    /// The tile at a place, as wide as a tree of `size` leaves has it.
    /// - Returns: nil if the tree has no hash there.
    public static func at(level: Int, index: UInt64, size: UInt64) -> Tile? {
        let count = hashes(level: level, size: size)
        guard index < (count + 255) / 256 else { return nil }
        return Tile(level: level, index: index, width: Int(min(256, count - index * 256)))
    }

    /// The tile, partial or full, that ends each level of a tree of `size` leaves: together they give the root.
    public static func rightEdge(size: UInt64) -> [Tile] {
        (0..<levels(of: size)).compactMap { level in
            let width = partialWidth(level: level, size: size)
            return width == 0 ? nil : Tile(level: level, index: hashes(level: level, size: size) / 256, width: width)
        }
    }

    /// All tiles that a tree of `size` leaves has.
    public static func all(size: UInt64) -> [Tile] {
        (0..<levels(of: size)).flatMap { level in
            (0..<(hashes(level: level, size: size) + 255) / 256).compactMap { at(level: level, index: $0, size: size) }
        }
    }

    /// `tile/<L>/<N>[.p/<W>]`, N in groups of three digits.
    public var path: String { "tile/\(level)/\(suffix)" }
    /// `tile/entries/<N>[.p/<W>]`, for the bundle of entries under a tile of level 0.
    public var entriesPath: String { "tile/entries/\(suffix)" }

    private var suffix: String { Self.group(index) + (width == Self.width ? "" : ".p/\(width)") }

    static func group(_ index: UInt64) -> String {
        let digits = String(index)
        let padded = String(repeating: "0", count: (3 - digits.utf8.count % 3) % 3) + digits
        let groups = stride(from: 0, to: padded.utf8.count, by: 3).map { padded.dropFirst($0).prefix(3) }
        return (groups.dropLast().map { "x" + $0 } + [String(groups.last ?? "000")]).joined(separator: "/")
    }

    /// Reads a path without its leading `tile/`, e.g. `0/x001/234.p/17` or `entries/000`.
    /// - Returns: the tile and whether the path names a bundle of entries; nil for any other spelling than `path`.
    public static func parse(_ path: some StringProtocol) -> (tile: Tile, isEntries: Bool)? {
        guard path.utf8.count <= 64 else { return nil }
        var parts = String(path).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count >= 2 else { return nil }
        let kind = parts.removeFirst()
        let level = kind == "entries" ? 0 : Decimal64.parse(kind).map(Int.init)
        guard let level, level <= levelMax else { return nil }
        var width = Self.width
        if let partial = parts.firstIndex(where: { $0.hasSuffix(".p") }) {
            guard partial == parts.count - 2, let value = Decimal64.parse(parts[partial + 1]), (1...255).contains(value)
            else { return nil }
            width = Int(value)
            parts.removeLast()
            parts[partial].removeLast(2)
        }
        let digits = parts.map { $0.hasPrefix("x") ? String($0.dropFirst()) : $0 }.joined()
        let trimmed = digits.drop { $0 == "0" }
        guard let index = Decimal64.parse(trimmed.isEmpty ? "0" : trimmed) else { return nil }
        guard level == 0 || index <= UInt64(Int64.max) >> (8 * UInt64(level)) else { return nil }
        let tile = Tile(level: level, index: index, width: width)
        guard (kind == "entries" ? tile.entriesPath : tile.path) == "tile/" + path else { return nil }
        return (tile, kind == "entries")
    }

    /// Hashes as served: 32 bytes each, in order.
    public static func encode(_ hashes: [TreeHash]) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(hashes.count * TreeHash.byteCount)
        for hash in hashes { hash.append(to: &out) }
        return out
    }

    /// Reads a served tile of this width; a wider (full) tile is cut, as a client that fell back to it needs.
    /// - Throws: `LogFault` `tile` for any other length.
    public func decode(_ bytes: [UInt8]) throws(LogFault) -> [TreeHash] {
        guard bytes.count % TreeHash.byteCount == 0, bytes.count <= Self.byteCount,
            bytes.count >= width * TreeHash.byteCount
        else { throw LogFault(.tile, "wrong number of bytes in a tile") }
        return bytes.withUnsafeBytes { raw in
            (0..<width).map { TreeHash(unchecked: UnsafeRawBufferPointer(rebasing: raw[($0 * 32)..<($0 * 32 + 32)])) }
        }
    }
}
