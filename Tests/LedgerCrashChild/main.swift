import Foundation
import Ledger
import PostgresStore
import SQLiteStore
import Synchronization
import TransparencyLog

#if canImport(Glibc)
    import Glibc
#endif

// The process that is killed. It runs a ledger and a witness over a directory, appends under load, and tells on its
// standard output what it was told: `ack <number> <index>` for each answered leaf, `head <size> <root>` for each signed
// head that went out, `fatal` when it ends itself.
//
//     ledger-crash-child <directory> sqlite|<schema>@<conninfo> <run> <failpoint>|none <occurrence> kill|fail <leaves>

let arguments = CommandLine.arguments
let (directory, storeName, run) = (arguments[1], arguments[2], Int(arguments[3]) ?? 0)
let (failpoint, occurrence, mode) = (Failpoint(rawValue: arguments[4]), Int(arguments[5]) ?? 1, arguments[6])
let leavesMax = Int(arguments[7]) ?? 1_000_000

if storeName == "node" {
    do { try await NodeChild.run(directory, run: run, most: leavesMax) } catch {
        say("start \(error)")
        exit(70)
    }
    exit(0)
}

func leaf(_ number: Int) -> LedgerLeaf {
    var number = UInt64(number)
    let field = withUnsafeBytes(of: &number) { Array($0) } + [UInt8](repeating: 1, count: 24)
    return LedgerLeaf(commit: field, tag: field, detailHash: field)
}

struct Injected: Error {}
let hits = Mutex(0)
let failpoints: Failpoints = { point in
    guard point == failpoint else { return }
    let count = hits.withLock { hits in
        hits += 1
        return hits
    }
    guard count == occurrence else { return }
    if mode == "kill" { kill(getpid(), SIGKILL) }
    throw Injected()
}

func end(_ error: any Error) {
    say("fatal \(error)")
    exit(75)
}

let origin = "ledger.example/crash"
let signer = try NoteSigner(name: origin, signer: SeedSigner(seed: [UInt8](repeating: 1, count: 32)))
let witnessKey = try NoteSigner(
    name: "w.example", algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: 2, count: 32)))
let policy = try WitnessPolicy(
    parsing: Array("log \(signer.key)\nwitness w \(witnessKey.key)\nquorum w\n".utf8))
let now: @Sendable () -> UInt64 = { UInt64(time(nil)) }
let witness = try Witness(
    signer: witnessKey, logs: [signer.key], state: WitnessDirectory(directory), now: now, onFatal: end)

/// Tells of each head before the witness sees it: what has left the ledger must never be contradicted.
struct TellingWitness: WitnessClient {
    let inner: LocalWitness
    func add(_ request: AddCheckpoint) async throws -> WitnessAnswer {
        let checkpoint = try Checkpoint(parsing: try Note(parsing: request.note).text)
        say("head \(checkpoint.size) \(checkpoint.root)")
        return try await inner.add(request)
    }
    func latest(origin: String) async throws -> [UInt8]? { try await inner.latest(origin: origin) }
}

let store: any LedgerStore
do {
    if storeName == "sqlite" {
        store = try SQLiteLedgerStore(path: directory + "/ledger.sqlite")
    } else {
        let parts = storeName.split(separator: "@", maxSplits: 1)
        store = try await PostgresLedgerStore(String(parts[1]), schema: String(parts[0]))
    }
} catch {
    say("start \(error)")
    exit(70)
}
var configuration = LedgerConfiguration(origin: origin)
configuration.flushInterval = .milliseconds(5)
let parts = RunningLedger.Parts(
    store: store, signer: signer, policy: policy, witnesses: ["w": TellingWitness(inner: LocalWitness(witness))],
    time: Timekeeping(now: now, sleep: { try await Task.sleep(for: $0) }), random: SystemRandomNumberGenerator(),
    failpoints: failpoints, onFatal: end)
let ledger: RunningLedger
do { ledger = try await RunningLedger.start(configuration, parts) } catch {
    say("start \(error)")
    exit(70)
}
let running = Task { await ledger.run() }
say("ready \(ledger.sequencer.head.size)")

let next = Mutex(0)
await withTaskGroup(of: Void.self) { group in
    for _ in 0..<24 {
        group.addTask {
            while true {
                let count = Int.random(in: 1...6)
                let first = next.withLock { next in
                    defer { next += count }
                    return next
                }
                guard first < leavesMax else { return }
                let numbers = (first..<(first + count)).map { run * 10_000_000 + $0 }
                do {
                    let indices = try await ledger.sequencer.append(try numbers.map { try LeafSubmission(leaf($0)) })
                    for (number, index) in zip(numbers, indices) { say("ack \(number) \(index)") }
                } catch LedgerRefusal.storeFull {
                    say("full")
                    try? await Task.sleep(for: .milliseconds(20))
                } catch LedgerRefusal.busy {
                    say("busy")
                    try? await Task.sleep(for: .milliseconds(20))
                } catch { return }
            }
        }
    }
}
ledger.stop()
await running.value
say("done")
exit(0)
