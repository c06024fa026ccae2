import Guards
import TransparencyLog

/// Where a reader gets a log's files: over HTTP, from a directory, from a ledger in the same process.
public protocol LogSource: Sendable {
    /// One resource by its tlog-tiles path, e.g. `checkpoint` or `tile/0/000`.
    /// - Parameter limit: bytes; a longer answer is an error.
    /// - Throws: `SourceFault`.
    func fetch(_ path: String, limit: Int) async throws -> [UInt8]
    /// The checkpoint, as soon as it is another than one that is known; the known one when `wait` is over. A source
    /// that cannot wait answers at once.
    /// - Throws: `SourceFault`.
    func checkpoint(after known: [UInt8], wait: Duration) async throws -> [UInt8]
}

extension LogSource {
    public func checkpoint(after known: [UInt8], wait: Duration) async throws -> [UInt8] {
        try await fetch("checkpoint", limit: Note.byteMax)
    }
}

public enum SourceFault: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound
    case tooLarge
    case unreachable(String)

    public var description: String {
        switch self {
        case .notFound: "the log does not serve this resource"
        case .tooLarge: "the log's answer is larger than the format allows"
        case .unreachable(let why): "the log cannot be reached: \(why); try again later"
        }
    }
}

extension LogSource {
    /// Bytes of the largest entry bundle of a ledger: 256 leaves of 98 bytes with their lengths.
    static var bundleMax: Int { Tile.width * (2 + LedgerLeaf.byteCount) }

    /// A tile; a partial one that is gone is cut from the full one.
    func tile(_ tile: Tile) async throws -> [TreeHash] {
        do { return try tile.decode(try await fetch(tile.path, limit: Tile.byteCount)) } catch SourceFault.notFound {
            guard tile.width < Tile.width else { throw SourceFault.notFound }
            return try tile.decode(try await fetch(tile.full.path, limit: Tile.byteCount))
        }
    }

    /// The leaves under a tile of level 0, 98 bytes each, one after the other.
    func leaves(_ tile: Tile) async throws -> [UInt8] {
        var bytes: [UInt8]
        do { bytes = try await fetch(tile.entriesPath, limit: Self.bundleMax) } catch SourceFault.notFound {
            guard tile.width < Tile.width else { throw SourceFault.notFound }
            bytes = try await fetch(tile.full.entriesPath, limit: Self.bundleMax)
        }
        var out = [UInt8]()
        out.reserveCapacity(tile.width * LedgerLeaf.byteCount)
        for entry in try EntryBundle.decode(bytes, count: tile.width) {
            guard entry.count == LedgerLeaf.byteCount else {
                throw LogFault(.tile, "an entry is not a leaf of 98 bytes")
            }
            out += entry
        }
        return out
    }
}

/// The log of a ledger in the same process, up to the checkpoint that is published.
public struct LocalSource: LogSource {
    private let tree: LogTree
    private let checkpoint: @Sendable () -> SignedCheckpoint?

    public init(_ tree: LogTree, checkpoint: @escaping @Sendable () -> SignedCheckpoint?) {
        (self.tree, self.checkpoint) = (tree, checkpoint)
    }

    public init(_ ledger: RunningLedger) {
        self.init(ledger.tree) { ledger.publisher.published }
    }

    public func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        guard let signed = checkpoint() else { throw SourceFault.notFound }
        if path == "checkpoint" { return signed.note.bytes }
        guard path.hasPrefix("tile/"), let (tile, isEntries) = Tile.parse(path.dropFirst(5)),
            let have = Tile.at(level: tile.level, index: tile.index, size: signed.size), have.width >= tile.width
        else { throw SourceFault.notFound }
        return isEntries ? try await tree.bundle(tile) : Tile.encode(try await tree.hashes(tile))
    }
}

/// The tiles of one checkpoint, each checked against the root before anybody sees it.
///
/// The partial tiles at the right edge give the root together; a full tile's own root stands in the tile above it.
public actor CheckedTiles {
    /// Tiles that are kept, 8 KiB each.
    static let keptMax = 1_024

    public nonisolated let size: UInt64
    private let source: any LogSource
    private let edge: [Tile: [TreeHash]]
    /// The leaves under the last tile of level 0, where they were fetched instead of it.
    private let edgeLeaves: [Tile: [UInt8]]
    private var kept: [Tile: [TreeHash]]

    /// Fetches and checks the right edge.
    /// - Parameter older: tiles of an earlier checkpoint of the same, consistent log; its full tiles stay good.
    ///   - readsLeaves: the leaves of the last bundle will be read: they give the hashes of its tile.
    /// - Throws: `LogFault` `tile` if the edge does not give the root.
    public init(
        _ checkpoint: Checkpoint, _ source: any LogSource, older: CheckedTiles? = nil, readsLeaves: Bool = false
    ) async throws {
        size = checkpoint.size
        self.source = source
        var edge = [Tile: [TreeHash]]()
        var edgeLeaves = [Tile: [UInt8]]()
        var levels = [[TreeHash]](repeating: [], count: Tile.levels(of: size))
        for tile in Tile.rightEdge(size: size) {
            if tile.level > 0, let known = older?.edge[tile] {
                edge[tile] = known  // as wide as before; the root says whether it is still right
            } else if tile.level == 0, readsLeaves {
                let leaves = try await source.leaves(tile)
                (edge[tile], edgeLeaves[tile]) = (LogTree.leafHashes(leaves), leaves)
            } else {
                edge[tile] = try await source.tile(tile)
            }
            levels[tile.level] = edge[tile] ?? []
        }
        if enforced("guard:ledger.edge-root") {
            guard try TreeEdge(size: size, levels: levels).root == checkpoint.root else {
                throw LogFault(.tile, "the tiles at the right edge do not give the root")
            }
        }
        (self.edge, self.edgeLeaves) = (edge, edgeLeaves)
        kept = await older?.kept.filter { $0.key.width == Tile.width } ?? [:]
    }

    /// The hashes of a tile of this tree, checked.
    public func hashes(_ tile: Tile) async throws -> [TreeHash] {
        if let hashes = edge[tile] ?? kept[tile] { return hashes }
        guard tile.width == Tile.width, Tile.at(level: tile.level, index: tile.index, size: size) == tile else {
            throw LogFault(.range, "tile outside the tree")
        }
        let hashes = try await source.tile(tile)
        if enforced("guard:ledger.tile-root") {
            guard Merkle.root(hashes) == (try await root(of: tile)) else {
                throw LogFault(.tile, "a tile does not hash to what the tree holds")
            }
        }
        if kept.count >= Self.keptMax { kept.removeAll(keepingCapacity: true) }
        kept[tile] = hashes
        return hashes
    }

    /// The root of a full tile, as the tile above it has it.
    public func root(of tile: Tile) async throws -> TreeHash {
        guard let parent = Tile.at(level: tile.level + 1, index: tile.index / 256, size: size) else {
            throw LogFault(.range, "tile outside the tree")
        }
        return try await hashes(parent)[Int(tile.index % 256)]
    }

    /// Carries out a plan for a tree of this size.
    public func prove(_ plan: ProofPlan) async throws -> [TreeHash] {
        var tiles = [Tile: [TreeHash]]()
        for tile in plan.tiles { tiles[tile] = try await hashes(tile) }
        return try plan.assemble(tiles)
    }

    /// The leaves under a tile of level 0, checked; 98 bytes each.
    ///
    /// A full bundle is checked against the level above, so that its tile of leaf hashes need not be fetched.
    public func leaves(_ tile: Tile) async throws -> (bytes: [UInt8], hashes: [TreeHash]) {
        // These were checked with the edge.
        if let bytes = edgeLeaves[tile], let hashes = edge[tile] { return (bytes, hashes) }
        let bytes = try await source.leaves(tile)
        let hashes = LogTree.leafHashes(bytes)
        if enforced("guard:ledger.bundle-root") {
            let isRight =
                tile.width == Tile.width
                ? Merkle.root(hashes) == (try await root(of: tile)) : hashes == (try await self.hashes(tile))
            guard isRight else { throw LogFault(.tile, "a bundle does not hash to what the tree holds") }
        }
        return (bytes, hashes)
    }
}
