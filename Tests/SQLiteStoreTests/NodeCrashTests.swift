import Exchanges
import Foundation
import Polymorphic
import Ristretto255
import Testing

@testable import SQLiteStore

/// A process that is killed while it writes: nothing that it acknowledged is lost, and nothing is there by half.
@Suite(.serialized, .timeLimit(.minutes(20))) struct NodeCrashTests {
    /// Random kills in a test run; a soak run says more.
    private static let kills = Int(ProcessInfo.processInfo.environment["WARIFU_KILLS"] ?? "") ?? 30

    /// Runs the child, and kills it so many seconds after it is ready.
    private func run(_ number: Int, in directory: String, most: Int = 1_000_000, killAfter: Double?) throws
        -> [Substring]
    {
        let process = Process()
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = tests.appendingPathComponent("ledger-crash-child")
        process.arguments = [directory, "node", "\(number)", "none", "1", "kill", "\(most)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let pid = process.processIdentifier
        // A child that hangs fails the test instead of holding it.
        let bound = DispatchWorkItem { kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: bound)
        var (text, isArmed) = (Data(), killAfter == nil)
        while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            text += data
            if !isArmed, text.starts(with: Data("ready".utf8)) {
                isArmed = true
                DispatchQueue.global().asyncAfter(deadline: .now() + (killAfter ?? 0)) { kill(pid, SIGKILL) }
            }
        }
        process.waitUntilExit()
        bound.cancel()
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let wanted = killAfter == nil ? 0 : SIGKILL
        #expect(process.terminationStatus == wanted, "run \(number): \(lines.suffix(2))")
        return lines
    }

    /// The numbers that the store has, each in both tables, as many as were counted.
    private func judge(_ directory: String, _ acknowledged: Set<UInt64>) async throws -> (lost: Int, half: Int) {
        let sealer = try StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 9, count: 32)))
        let store = try SQLiteNodeStore(path: directory + "/node.sqlite", sealer: sealer)
        let found = try await store.read { reading in
            (
                try reading.scan(Table("first"), prefix: [], after: nil, limit: .max),
                try reading.scan(Table("second", keys: .hidden), prefix: [], after: nil, limit: .max),
                try reading.get(Table("count"), []).map { try Wire.u64($0) } ?? 0
            )
        }
        try await store.close()
        let (first, second) = (Set(found.0.map(\.key)), Set(found.1.map(\.key)))
        let half = first.symmetricDifference(second).count + abs(first.count - Int(found.2))
        let lost = acknowledged.count { !first.contains($0.bigEndianBytes) }
        return (lost, half)
    }

    private func acknowledged(_ lines: [Substring]) -> [UInt64] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 3 && words[0] == "ack" ? UInt64(words[1]) : nil
        }
    }

    @Test func whatWasAcknowledgedOutlivesEveryKill() async throws {
        try await Folder.with { folder in
            var all: Set<UInt64> = []
            for number in 1...Self.kills {
                all.formUnion(acknowledged(try run(number, in: folder, killAfter: Double.random(in: 0...0.15))))
                if number % 10 == 0 {
                    let (lost, half) = try await judge(folder, all)
                    #expect(lost == 0 && half == 0)
                }
            }
            let last = try run(Self.kills + 1, in: folder, most: 200, killAfter: nil)
            #expect(last.last == "done")
            all.formUnion(acknowledged(last))
            let (lost, half) = try await judge(folder, all)
            print("node store: kills \(Self.kills), acknowledged \(all.count), lost \(lost), half \(half)")
            #expect(lost == 0 && half == 0 && all.count > 200)
            // The judge sees what is lost and what is half, or it would prove nothing.
            let sealer = try StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 9, count: 32)))
            let store = try SQLiteNodeStore(path: folder + "/node.sqlite", sealer: sealer)
            let one = try #require(all.first)
            try await store.transaction { try $0.remove(Table("first"), one.bigEndianBytes) }
            try await store.close()
            let (lostOne, halfOne) = try await judge(folder, all)
            #expect(lostOne == 1 && halfOne == 2)
        }
    }
}
