import AsyncHTTPClient
import Deployment
import Foundation
import NIOCore
import SQLiteStore

/// Where the CPU of exchanges goes: what is counted, what the stores have used, what their calls cost alone, the rest.
struct NetworkShares {
    /// Requests that all nodes have answered, and CPU seconds of all stores.
    struct Usage {
        var calls = 0.0
        var transactions = 0.0
        var commits = 0.0
        var reads = 0.0
        var storeSeconds = 0.0
        var commitSeconds = 0.0
    }

    static func usage(_ world: NetworkWorld) async throws -> Usage {
        var all = Usage()
        for (id, address) in world.country.addresses.all {
            let text = try await get(world.known, address.url + "/metrics")
            all.calls += number("warifu_http_request_seconds_count", text)
            guard let used = world.country.node(id)?.store?.usage else { continue }
            all.transactions += Double(used.transactions)
            all.commits += Double(used.commits)
            all.reads += Double(used.reads)
            all.storeSeconds += used.cpuSeconds
            all.commitSeconds += used.commitSeconds
        }
        return all
    }

    /// Milliseconds of CPU of one call that does nothing: client, TLS 1.3, HTTP and server.
    static func emptyCall(_ world: NetworkWorld) async throws -> Double {
        guard let url = world.country.addresses.all["t1"].map({ $0.url + "/healthz/live" }) else { return 0 }
        let (calls, workers) = (2_000, 16)
        _ = try await inParallel(Array(0..<workers), workers: workers) { _ in try await get(world.known, url) }
        let cpu = processNanoseconds()
        _ = try await inParallel(Array(0..<calls), workers: workers) { _ in try await get(world.known, url) }
        return Double(processNanoseconds() - cpu) / 1e6 / Double(calls)
    }

    static func tell(
        _ kind: NetworkKind, _ run: NetworkRun, _ floor: NetworkFloor, _ waited: LedgerWaits, _ before: Usage,
        _ after: Usage, _ emptyCall: Double
    ) {
        let each = 1 / Double(max(1, run.times.count))
        let calls = (after.calls - before.calls) * each
        let store = (after.storeSeconds - before.storeSeconds) * 1_000 * each
        let crypto = floor.multiplications + floor.signatures
        let rest = run.cpuEach - crypto - store - calls * emptyCall
        func share(_ name: String, _ milliseconds: Double) -> String {
            String(format: "%@ %.1f ms (%.0f %%)", name, milliseconds, milliseconds * 100 / run.cpuEach)
        }
        say(
            "\(kind.rawValue): CPU of one \(String(format: "%.1f", run.cpuEach)) ms: "
                + [
                    share("cryptography", crypto), share("stores with their seals", store),
                    share(String(format: "%.1f calls over TLS and HTTP", calls), calls * emptyCall),
                    share("the rest (encoding, ledger, witnesses, tasks)", rest),
                ].joined(separator: ", ") + "; JSON: none on this path")
        let each2 = { (value: Double) in value * each }
        say(
            String(
                format: "%@: %.1f reads, %.1f transactions in %.1f commits of %.1f ms; waited for the ledger %.1f ms",
                kind.rawValue, each2(after.reads - before.reads), each2(after.transactions - before.transactions),
                each2(after.commits - before.commits),
                (after.commitSeconds - before.commitSeconds) * 1_000 / max(1, after.commits - before.commits),
                waited.seconds * 1_000 * each))
    }

    @discardableResult
    private static func get(_ client: HTTPClient, _ url: String) async throws -> String {
        let answer = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
        return String(buffer: try await answer.body.collect(upTo: 1 << 20))
    }

    private static func number(_ name: String, _ text: String) -> Double {
        for line in text.split(separator: "\n") where line.hasPrefix(name + " ") {
            return Double(line.dropFirst(name.count + 1)) ?? 0
        }
        return 0
    }
}
