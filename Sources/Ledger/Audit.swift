import TransparencyLog

/// What an audit found to be true.
public struct AuditReport: Sendable, Equatable {
    public let size: UInt64
    public let root: TreeHash
    /// Tiles of hashes that were compared with what the leaves give.
    public let tiles: Int
}

/// Derives a whole log again from its leaves and compares every tile and the root: what nobody who serves a log can
/// fake.
public struct Audit: Sendable {
    /// Bundles hashed by one task.
    private static let stretch: UInt64 = 64

    private let source: any LogSource
    private let parallel: Int
    /// Called now and then with the leaves done.
    private let progress: @Sendable (UInt64) -> Void

    /// - Parameter parallel: tasks at a time: two for each core.
    public init(_ source: any LogSource, parallel: Int = 4, progress: @escaping @Sendable (UInt64) -> Void = { _ in }) {
        (self.source, self.parallel, self.progress) = (source, max(1, parallel), progress)
    }

    /// - Parameter checkpoint: verified before: signatures are not looked at here.
    /// - Throws: `LogFault` `tile` or `root` where the log contradicts itself, `SourceFault` if something is not
    ///   served.
    public func run(_ checkpoint: Checkpoint) async throws -> AuditReport {
        let size = checkpoint.size
        let bundles = (size + 255) / 256
        var roots = [TreeHash]()
        var tiles = 0
        for first in stride(from: 0, to: bundles, by: Int(Self.stretch) * parallel) {
            let end = min(bundles, first + Self.stretch * UInt64(parallel))
            let parts = try await withThrowingTaskGroup(of: (UInt64, [TreeHash]).self) { group in
                for start in stride(from: first, to: end, by: Int(Self.stretch)) {
                    group.addTask { (start, try await bundleRoots(start..<min(end, start + Self.stretch), size)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for part in parts.sorted(by: { $0.0 < $1.0 }) { roots += part.1 }
            tiles += Int(end - first)
            progress(min(size, end * 256))
        }
        // Each level above is made from the tiles below; a partial tile's root goes no further up as a whole subtree.
        var level = 1
        while Tile.levels(of: size) > level {
            let whole = Array(roots.prefix(Int(size >> (8 * UInt64(level)))))
            var above = [TreeHash]()
            for start in stride(from: 0, to: whole.count, by: 256) {
                let derived = Array(whole[start..<min(whole.count, start + 256)])
                let tile = Tile(level: level, index: UInt64(start / 256), width: derived.count)
                try await compare(tile, derived)
                tiles += 1
                above.append(Merkle.root(derived))
            }
            roots = above
            level += 1
        }
        guard try await root(size) == checkpoint.root else {
            throw LogFault(.root, "the leaves do not lead to the root of the checkpoint")
        }
        return AuditReport(size: size, root: checkpoint.root, tiles: tiles)
    }

    private func bundleRoots(_ range: Range<UInt64>, _ size: UInt64) async throws -> [TreeHash] {
        var out = [TreeHash]()
        for index in range {
            guard let tile = Tile.at(level: 0, index: index, size: size) else { continue }
            let hashes = LogTree.leafHashes(try await source.leaves(tile))
            try await compare(tile, hashes)
            out.append(Merkle.root(hashes))
        }
        return out
    }

    private func compare(_ tile: Tile, _ derived: [TreeHash]) async throws {
        guard try await source.tile(tile) == derived else {
            throw LogFault(.tile, "a served tile is not what the leaves give")
        }
    }

    /// The root from the right edge; its tiles were compared with the leaves before.
    private func root(_ size: UInt64) async throws -> TreeHash {
        var levels = [[TreeHash]](repeating: [], count: Tile.levels(of: size))
        for tile in Tile.rightEdge(size: size) { levels[tile.level] = try await source.tile(tile) }
        return try TreeEdge(size: size, levels: levels).root
    }
}
