import Guards
import Synchronization
import TransparencyLog

/// The tree of one store in memory: its right edge, and the way to every tile.
///
/// Partial tiles are cut from the edge, full ones come from the store. The edge only grows.
public final class LogTree: Sendable {
    /// Full tiles above level 0 that are kept, 8 KiB each.
    static let cachedTilesMax = 2_048

    package let store: any LedgerStore
    private let edgeNow: Mutex<TreeEdge>
    private let cache = Mutex<[Tile: [TreeHash]]>([:])

    init(store: any LedgerStore, edge: TreeEdge) {
        self.store = store
        edgeNow = Mutex(edge)
    }

    /// The right edge of the committed tree.
    public var edge: TreeEdge { edgeNow.withLock { $0 } }
    func advance(to edge: TreeEdge) { edgeNow.withLock { if edge.size >= $0.size { $0 = edge } } }

    /// Reads a store and proves to itself that it hangs together: right edge, frontier, last bundle, head.
    ///
    /// - Throws: `StartFault.damaged`, or what the store throws.
    public static func open(_ store: any LedgerStore) async throws -> LogTree {
        let head = try await store.head()
        var levels = [[TreeHash]]()
        for level in 0..<Tile.levels(of: head.size) {
            let width = UInt64(Tile.partialWidth(level: level, size: head.size))
            let count = head.size >> (8 * UInt64(level))
            let first = count - width
            if level == 0 {
                levels.append(leafHashes(try await store.leaves(first..<count)))
            } else {
                let tiles = try await store.fullTiles(level: level - 1, first: first, count: Int(width))
                guard tiles.count == Int(width) else { throw StartFault.damaged("a tile at the right edge is missing") }
                levels.append(try tiles.map { Merkle.root(try Tile(level: level - 1, index: 0).decode($0)) })
            }
        }
        let edge = try TreeEdge(size: head.size, levels: levels)
        if enforced("guard:ledger.right-edge") {
            guard edge.root == head.root else { throw StartFault.damaged("the tiles do not lead to the stored root") }
            guard TreeEdge.root(ofFrontier: head.frontier) == head.root, edge.frontier == head.frontier else {
                throw StartFault.damaged("the frontier does not lead to the stored root")
            }
            try await checkLastBundle(store, head.size)
        }
        return LogTree(store: store, edge: edge)
    }

    private static func checkLastBundle(_ store: any LedgerStore, _ size: UInt64) async throws {
        guard size >= 256 else { return }
        let last = size / 256 - 1
        let hashes = leafHashes(try await store.leaves((last * 256)..<(last * 256 + 256)))
        guard let tile = try await store.fullTiles(level: 0, first: last, count: 1).first, tile == Tile.encode(hashes)
        else {
            throw StartFault.damaged("the last full bundle does not hash to its tile")
        }
    }

    /// Hashes of leaves that lie one after the other.
    static func leafHashes(_ leaves: [UInt8]) -> [TreeHash] {
        leaves.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: LedgerLeaf.byteCount).map { at in
                Merkle.leaf(raw: UnsafeRawBufferPointer(rebasing: raw[at..<(at + LedgerLeaf.byteCount)]))
            }
        }
    }

    /// The hashes of a tile, exactly as wide as `tile` says.
    /// - Throws: `LogFault` `range` if the committed tree is not so large.
    public func hashes(_ tile: Tile) async throws -> [TreeHash] {
        let edge = edge
        guard let have = Tile.at(level: tile.level, index: tile.index, size: edge.size), have.width >= tile.width else {
            throw LogFault(.range, "tile outside the tree")
        }
        if have.width < Tile.width { return Array(edge.levels[tile.level].prefix(tile.width)) }
        return Array(try await fullTile(tile.full).prefix(tile.width))
    }

    private func fullTile(_ tile: Tile) async throws -> [TreeHash] {
        if tile.level > 0, let hashes = cache.withLock({ $0[tile] }) { return hashes }
        guard let bytes = try await store.fullTiles(level: tile.level, first: tile.index, count: 1).first else {
            throw StoreFault.corrupt("a full tile is missing")
        }
        let hashes = try tile.decode(bytes)
        if tile.level > 0 {
            cache.withLock { cache in
                if cache.count >= Self.cachedTilesMax { cache.removeAll(keepingCapacity: true) }
                cache[tile] = hashes
            }
        }
        return hashes
    }

    /// Carries out a plan.
    public func prove(_ plan: ProofPlan) async throws -> [TreeHash] {
        var tiles = [Tile: [TreeHash]]()
        for tile in plan.tiles { tiles[tile] = try await hashes(tile) }
        return try plan.assemble(tiles)
    }

    /// The root that the tree had when it was `size` leaves large.
    public func root(at size: UInt64) async throws -> TreeHash {
        size == 0 ? .emptyRoot : try await prove(.root(prefix: size, size: edge.size))[0]
    }

    /// The entry bundle under a tile of level 0, as served.
    public func bundle(_ tile: Tile) async throws -> [UInt8] {
        let first = tile.index * 256
        guard first + UInt64(tile.width) <= edge.size else { throw LogFault(.range, "bundle outside the tree") }
        let leaves = try await store.leaves(first..<(first + UInt64(tile.width)))
        var out = [UInt8]()
        out.reserveCapacity(tile.width * (2 + LedgerLeaf.byteCount))
        for at in stride(from: 0, to: leaves.count, by: LedgerLeaf.byteCount) {
            out += [0, UInt8(LedgerLeaf.byteCount)]
            out += leaves[at..<(at + LedgerLeaf.byteCount)]
        }
        return out
    }

    /// The proof of one leaf under a checkpoint that is not ahead of the tree.
    public func inclusion(_ index: UInt64, under signed: SignedCheckpoint) async throws -> ProofFile {
        let hashes = try await prove(.inclusion(index: index, size: signed.size))
        return ProofFile(index: index, hashes: hashes, note: signed.note.bytes)
    }
}
