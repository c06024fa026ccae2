import Foundation
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger
@testable import PostgresStore
@testable import SQLiteStore

/// Everything that was ever acknowledged or signed by processes that were killed; and the judge over the store
/// afterwards.
final class Witnessed {
    private(set) var acknowledged: [Int: UInt64] = [:]
    private(set) var heads: [UInt64: String] = [:]
    private(set) var lost = 0
    private(set) var doubleSigned = 0

    func take(_ lines: some Sequence<Substring>) {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, let first = Int(words[1]) else { continue }
            if words[0] == "ack", let index = UInt64(words[2]) {
                if let before = acknowledged[first], before != index { lost += 1 }
                acknowledged[first] = index
            } else if words[0] == "head" {
                if let before = heads[UInt64(first)], before != words[2] { doubleSigned += 1 }
                heads[UInt64(first)] = String(words[2])
            }
        }
    }

    /// Hashes the whole store again: every acknowledged leaf at its index, every signed head a prefix of what is there.
    func judge(_ store: any LedgerStore) async throws {
        let head = try await store.head()
        let leaves = try await store.leaves(0..<head.size)
        var byIndex = [UInt64: Int]()
        for (number, index) in acknowledged { byIndex[index] = number }
        if byIndex.count != acknowledged.count { lost += 1 }
        var edge = TreeEdge()
        for (index, hash) in LogTree.leafHashes(leaves).enumerated() {
            edge.append(hash)
            if let number = byIndex.removeValue(forKey: UInt64(index)) {
                let bytes = leaves[(index * 98 + 2)..<(index * 98 + 10)]
                if bytes.reversed().reduce(0, { $0 << 8 | Int($1) }) != number { lost += 1 }
            }
            if let root = heads[edge.size], root != edge.root.description { doubleSigned += 1 }
        }
        lost += byIndex.count
        doubleSigned += heads.keys.count { $0 > head.size }
        if edge.root != head.root { lost += 1 }
    }
}

/// Runs the child and kills it.
struct CrashChild {
    let directory: String
    let store: String
    /// A program to run the child under, with its arguments.
    var under: [String] = []

    static let path: String = {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return tests.appendingPathComponent("ledger-crash-child").path
    }()

    /// - Parameter killAfter: seconds from the moment when the child says it is ready.
    /// - Returns: how it ended, and all it said.
    func run(
        _ number: Int, _ failpoint: String = "none", occurrence: Int = 1, mode: String = "kill",
        leaves: Int = 1_000_000,
        killAfter: Double? = nil
    ) throws -> (status: Int32, lines: [Substring]) {
        let process = Process()
        let command = under + [Self.path, directory, store, "\(number)", failpoint, "\(occurrence)", mode, "\(leaves)"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let pid = process.processIdentifier
        // Reaped by Process; a bound on the whole run, so that a child that hangs fails the test instead of holding it.
        let bound = DispatchWorkItem { kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: bound)
        var text = Data()
        var isArmed = killAfter == nil
        while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            text += data
            if !isArmed, text.starts(with: Data("ready".utf8)) {
                isArmed = true
                DispatchQueue.global().asyncAfter(deadline: .now() + (killAfter ?? 0)) { kill(pid, SIGKILL) }
            }
        }
        process.waitUntilExit()
        bound.cancel()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self).split(separator: "\n"))
    }
}

@Suite(.serialized) struct CrashTests {
    /// Random kills in a test run; a soak run says more.
    static let kills = Int(ProcessInfo.processInfo.environment["WARIFU_KILLS"] ?? "") ?? 60

    static func reopen(_ kind: StoreKind, _ scratch: Scratch) async throws -> any LedgerStore {
        try await open(kind, scratch)
    }

    static func child(_ kind: StoreKind, _ scratch: Scratch) throws -> CrashChild {
        let store = kind == .sqlite ? "sqlite" : "\(scratch.schema)@\(try PostgresServer.shared.get().conninfo)"
        return CrashChild(directory: scratch.path, store: store)
    }

    @Test(arguments: [StoreKind.sqlite, .postgres]) func killedAtEachFailpointItLosesNothingAndStartsAgain(
        _ kind: StoreKind
    ) async throws {
        let scratch = try Scratch()
        let child = try Self.child(kind, scratch)
        let seen = Witnessed()
        var run = 0
        for point in Failpoint.allCases where point != .publishedStored {
            for occurrence in kind == .sqlite ? [1, 7] : [3] {
                run += 1
                let killed = try child.run(run, point.rawValue, occurrence: occurrence)
                #expect(killed.status == SIGKILL, "\(point) \(killed.lines.suffix(2))")
                seen.take(killed.lines)
            }
            run += 1
            // The same step reported as failed: before COMMIT the process ends itself, after it too, and says nothing
            // wrong.
            let failed = try child.run(run, point.rawValue, occurrence: 2, mode: "fail", leaves: 300)
            #expect([0, 75].contains(failed.status), "\(point) \(failed.status) \(failed.lines.suffix(2))")
            seen.take(failed.lines)
        }
        let last = try child.run(run + 1, leaves: 200)
        #expect(last.status == 0 && last.lines.last == "done")
        seen.take(last.lines)
        let store = try await Self.reopen(kind, scratch)
        try await seen.judge(store)
        #expect(seen.acknowledged.count > 200 && seen.lost == 0 && seen.doubleSigned == 0)
        await store.close()
    }

    @Test func randomKillsUnderLoadLoseNothing() async throws {
        let scratch = try Scratch()
        let child = try Self.child(.sqlite, scratch)
        let seed = UInt64(ProcessInfo.processInfo.environment["WARIFU_SEED"] ?? "") ?? 5
        print("kill seed \(seed)")
        var random = Seeded(seed)
        let seen = Witnessed()
        for run in 1...Self.kills {
            let killed = try child.run(run, killAfter: Double.random(in: 0...0.15, using: &random))
            #expect(killed.status == SIGKILL, "\(killed.lines.suffix(2))")
            seen.take(killed.lines)
            if run % 20 == 0 {
                let store = try await Self.reopen(.sqlite, scratch)
                try await seen.judge(store)
                await store.close()
            }
        }
        let store = try await Self.reopen(.sqlite, scratch)
        try await seen.judge(store)
        await store.close()
        print(
            "kills \(Self.kills), acknowledged \(seen.acknowledged.count), lost \(seen.lost), double-signed \(seen.doubleSigned)"
        )
        #expect(seen.lost == 0 && seen.doubleSigned == 0 && seen.acknowledged.count > Self.kills)
        if let path = ProcessInfo.processInfo.environment["WARIFU_SOAK_RESULTS"] {
            let json = """
                {"kills": \(Self.kills), "acknowledged": \(seen.acknowledged.count), "lost": \(seen.lost), \
                "double_signed": \(seen.doubleSigned)}

                """
            try json.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    @Test func postgresKilledAndRestartedUnderLoadLosesNothing() async throws {
        let scratch = try Scratch()
        let server = try PostgresServer()
        defer { server.remove() }
        let child = CrashChild(directory: scratch.path, store: "\(scratch.schema)@\(server.conninfo)")
        let seen = Witnessed()
        for run in 1...4 {
            let restarting = Task.detached {
                try await Task.sleep(for: .milliseconds(500))
                try server.kill()
                try server.start()
            }
            // Either it rode out the restart, or a COMMIT was under way and it ended itself; or the server was not yet
            // up.
            let ended = try child.run(run, leaves: 20_000, killAfter: 4)
            try await restarting.value
            #expect([0, 70, 75, SIGKILL].contains(ended.status))
            seen.take(ended.lines)
        }
        let last = try child.run(9, leaves: 200)
        #expect(last.status == 0)
        seen.take(last.lines)
        let store = try await PostgresLedgerStore(server.conninfo, schema: scratch.schema)
        try await seen.judge(store)
        #expect(seen.lost == 0 && seen.doubleSigned == 0 && seen.acknowledged.count > 200)
        await store.close()
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")), arguments: [3, 9])
    func oneFailedFsyncEndsTheProcessAndLosesNothing(_ when: Int) async throws {
        let scratch = try Scratch()
        var child = try Self.child(.sqlite, scratch)
        let seen = Witnessed()
        seen.take(try child.run(1, leaves: 100).lines)
        child.under = [
            "/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e",
            "inject=fdatasync:error=EIO:when=\(when)",
        ]
        let failed = try child.run(2)
        #expect(
            failed.status == 75 && failed.lines.contains { $0.hasPrefix("fatal") },
            "\(failed.status) \(failed.lines.suffix(2))")
        seen.take(failed.lines)
        child.under = []
        seen.take(try child.run(3, leaves: 100).lines)
        let store = try await Self.reopen(.sqlite, scratch)
        try await seen.judge(store)
        #expect(seen.lost == 0 && seen.doubleSigned == 0)
        await store.close()
    }

    @Test(.enabled(if: getuid() == 0, "mounting a small file system needs root"))
    func onAFullDiskAppendsAreRefusedAndGoOnWhenThereIsSpace() async throws {
        let scratch = try Scratch()
        let disk = try Scratch()
        try PostgresServer.shell("mount -t tmpfs -o size=3m tmpfs \(disk.path)")
        defer { try? PostgresServer.shell("umount -l \(disk.path)") }
        try PostgresServer.shell("head -c 1000000 /dev/zero > \(disk.path)/ballast")
        let child = CrashChild(directory: disk.path, store: "sqlite")
        let seen = Witnessed()
        let freeing = Task.detached {
            // The ballast goes while the child runs against the full disk.
            try await Task.sleep(for: .seconds(5))
            try PostgresServer.shell("rm \(disk.path)/ballast")
        }
        let ended = try child.run(1, killAfter: 8)
        try await freeing.value
        seen.take(ended.lines)
        let end = "\(ended.status) \(ended.lines.suffix(3))"
        let firstFull = ended.lines.firstIndex(of: "full")
        let full = try #require(firstFull, "\(end)")
        #expect(ended.lines[full...].contains { $0.hasPrefix("ack") })
        try PostgresServer.shell("mount -o remount,size=64m \(disk.path); cp -r \(disk.path)/. \(scratch.path)/")
        let last = try CrashChild(directory: scratch.path, store: "sqlite").run(2, leaves: 100)
        #expect(last.status == 0)
        seen.take(last.lines)
        let store = try await Self.reopen(.sqlite, scratch)
        try await seen.judge(store)
        #expect(seen.lost == 0 && seen.doubleSigned == 0)
        await store.close()
    }
}
