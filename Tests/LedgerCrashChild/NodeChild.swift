import Exchanges
import Foundation
import Polymorphic
import Ristretto255
import SQLiteStore
import Synchronization

/// The same for the store of a node: numbered transactions under load, `ack <number>` for each that came back.
///
/// A transaction writes its number into two tables and adds one to a count: half of it would show.
///
///     ledger-crash-child <directory> node <run> none 1 kill <transactions>
enum NodeChild {
    private static let next = Mutex(0)

    static func run(_ directory: String, run: Int, most: Int) async throws {
        let sealer = try StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 9, count: 32)))
        let store = try SQLiteNodeStore(path: directory + "/node.sqlite", sealer: sealer)
        let (first, second, counts) = (Table("first"), Table("second", keys: .hidden), Table("count"))
        say("ready 0")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<24 {
                group.addTask {
                    while true {
                        let number = next.withLock { next in
                            defer { next += 1 }
                            return next
                        }
                        guard number < most else { return }
                        let key = UInt64(run * 10_000_000 + number).bigEndianBytes
                        do {
                            try await store.transaction { transaction in
                                let count = try transaction.get(counts, []).map { try Wire.u64($0) } ?? 0
                                try transaction.put(first, key, key)
                                try transaction.put(second, key, key)
                                try transaction.put(counts, [], (count + 1).bigEndianBytes)
                            }
                        } catch {
                            say("fatal \(error)")
                            exit(75)
                        }
                        say("ack \(run * 10_000_000 + number) 0")
                    }
                }
            }
        }
        try await store.close()
        say("done")
    }
}

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)  // up to 4,096 bytes to a pipe are one piece
}
