import Device
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Simulation

/// What the simulation itself costs in an exchange: scheduler, network, the ledger in memory.
enum ExchangeOverhead {
    struct Costs: Sendable {
        /// Microseconds for a call that does nothing.
        var call = 0.0
        /// For two leaves that two transcryptors append, with a signed and witnessed head for both.
        var append = 0.0
        /// For one reader that catches up with them and verifies everything.
        var follow = 0.0
    }

    /// Answers everything with nothing.
    private struct Silent: Node {
        let id: PartyID
        func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] { [] }
    }

    static func measure(_ country: Country, _ cpu: () -> UInt64) async throws -> Costs {
        var costs = Costs()
        let (count, silent) = (2_000, try PartyID("silent"))
        try await country.network.add(silent) { _, _ in Silent(id: silent) }
        let body = [UInt8](repeating: 1, count: 1_000)
        var start = cpu()
        for _ in 0..<count { _ = try await country.network.send(.receipt, body, to: silent, from: silent) }
        costs.call = Double(cpu() - start) / 1_000 / Double(count)
        let reader = try await country.phoneParts("reader of the bench").ledger
        let random = SeededRandom(seed: 5)
        var size = try await reader.latest().size
        var (append, follow) = (UInt64(0), UInt64(0))
        for _ in 0..<200 {
            start = cpu()
            for transcryptor in country.names.transcryptors.prefix(2) {
                let leaf = try Leaf(wire: [1, 1] + random.bytes(96))
                let body = LedgerReader.appendBody([leaf], records: [nil])
                _ = try await country.network.send(.append, body, to: country.names.ledger, from: transcryptor)
            }
            let appended = cpu()
            let checkpoint = try await reader.latest()
            _ = try await reader.leaves(size..<checkpoint.size, below: checkpoint)
            size = checkpoint.size
            (append, follow) = (append + appended - start, follow + cpu() - appended)
        }
        (costs.append, costs.follow) = (Double(append) / 200_000, Double(follow) / 200_000)
        return costs
    }
}

extension ExchangeBench.Results {
    /// Where the CPU goes, for people.
    func lines() -> [String] {
        func unit(_ path: KeyPath<ExchangeUnits.Costs, Double>) -> String {
            fmt(median(units.map { $0[keyPath: path] })).trimmingCharacters(in: .whitespaces)
        }
        var out = [
            "one of each, us: V \(unit(\.variable)), F \(unit(\.fixed)), Ed25519 sign \(unit(\.sign)), "
                + "verify \(unit(\.verify)), decode a point \(unit(\.decode)), SHA-512 of 1 KiB \(unit(\.hash))",
            "the simulation: an empty call \(short(overhead.call)) us, two leaves appended, signed and cosigned "
                + "\(short(overhead.append)) us, read and verified by one follower \(short(overhead.follow)) us",
        ]
        for kind in ExchangeBench.kinds {
            guard let all = samples[kind] else { continue }
            let (us, floor) = (median(all.map(\.us)), median(all.map(\.floor)))
            let (calls, bytes) = (median(all.map(\.calls)), median(all.map(\.bytes)))
            let after = median(all.map(\.after))
            out.append(
                "\(kind.rawValue): \(short(us)) us, floor \(short(floor)), rest \(short(us - floor)); of it "
                    + "\(short(calls)) calls \(short(calls * overhead.call)), ledger "
                    + "\(short(overhead.append + 2 * overhead.follow)); \(short(bytes / 1_024)) KiB carried; "
                    + "receipts and adoption later \(short(after)) us")
        }
        return out
    }

    private func short(_ value: Double) -> String { String(format: value >= 100 ? "%.0f" : "%.1f", value) }
}
