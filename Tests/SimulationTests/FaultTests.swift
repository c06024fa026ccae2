import DataCentre
import Device
import Exchanges
import Foundation
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Synchronization
import Testing

/// One patient under faults: what was acknowledged, and what must hold whatever goes wrong.
struct Trial: Sendable {
    let country: Country
    let patient: Patient
    /// `hh` of what was acknowledged.
    private let deposited = Shared<[Bytes32]>([])
    private let minute = Shared<UInt64>(29_000_000)

    init(_ country: Country) async throws {
        self.country = country
        patient = try await country.patient()
    }

    /// One deposit at A and one reading at B; each may fail, and then fails cleanly.
    /// - Returns: whether both succeeded.
    @discardableResult
    func exercise(_ name: String) async -> Bool {
        minute.change { $0 += 1 }
        let now = minute.value
        do {
            let stored = try await country.deposit([country.record(name, minute: now)], of: patient)
            deposited.change { $0 += stored.map(\.header.hash) }
            // Only what this exercise is about: the whole file grows.
            return try await country.readAtB(patient, use: country.use(data: now...now)) == [name]
        } catch { return false }
    }

    /// After the faults: everything recovers, and nothing is left half done.
    func recover(_ what: String) async throws {
        country.network.setPlan(.none)
        await country.wait(seconds: 40)
        for id in [country.names.hospitalA, country.names.hospitalB] {
            let requester = try country.gateway(id).requester
            let running = try await requester.resume()
            let owed = try await requester.settle()
            #expect(running == 0 && owed == 0, "\(what): \(running) under way, \(owed) owed")
        }
    }

    /// Acknowledged means durable; a retry finishes; no tag is missing, and nothing was hidden.
    func check(_ what: String) async throws {
        let again = await exercise("again after \(what)")
        #expect(again, "\(what): a retry does not finish")
        let there = Set(try await country.found(of: patient).map(\.header.hash))
        let lost = deposited.value.filter { !there.contains($0) }
        #expect(lost.isEmpty, "\(what): \(lost.count) lost")
        let doubts = try await history().doubts.filter { doubt in
            switch doubt {
            // The requester did not call all participants, or gave up: the person is told.
            case .missing: false
            case .hiding, .falseDetail, .gap, .silent: true
            }
        }
        #expect(doubts.isEmpty, "\(what): \(doubts)")
    }

    func history() async throws -> History {
        await country.wait(seconds: 3)
        return try await patient.resident.phone.history()
    }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}

/// `WARIFU_SOAK=1`: 2,000 seeds instead of 200.
private let isSoak = ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil

@Suite(.serialized) struct FaultTests {
    private static let everyFault: [MessageFault] = [
        .dropped, .answerDropped, .receiverCrashesAfter(forMilliseconds: 1_000), .duplicated(afterMilliseconds: 40),
        .duplicated(afterMilliseconds: 9_000), .delayed(milliseconds: 300), .delayed(milliseconds: 7_000),
        .receiverCrashesBefore(forMilliseconds: 1_000), .senderCrashes(forMilliseconds: 1_000),
    ]
    private static let seeds = isSoak ? 0..<2_000 : 0..<200

    /// How many messages one exercise takes without faults.
    private func messages(_ trial: Trial) async -> Int {
        trial.country.network.setPlan(.none)
        await trial.exercise("without faults")
        return trial.country.network.messages
    }

    @Test(arguments: everyFault)
    func oneFaultAtEachMessageLosesNothing(_ fault: MessageFault) async throws {
        try await Country.run(seed: 51) { country in
            let trial = try await Trial(country)
            let count = await messages(trial)
            #expect(count > 20)
            for number in 0..<count {
                country.network.setPlan(FaultPlan(messages: [number: fault]))
                let what = "\(fault) at message \(number)"
                let worked = await trial.exercise(what)
                // One lost or late message is sent again; a crash may end what the crashed node itself had begun.
                if case .senderCrashes = fault {} else { #expect(worked, "\(what): failed") }
                try await trial.recover(what)
                try await trial.check(what)
            }
        }
    }

    @Test func aCrashAtEachCommitOfEachNodeLosesNothing() async throws {
        try await Country.run(seed: 52) { country in
            let names = country.names
            let trial = try await Trial(country)
            _ = await messages(trial)
            let nodes = names.transcryptors + [names.medical, names.hospitalA, names.hospitalB]
            let commits = nodes.map { ($0, country.network.commits(of: $0)) }
            for (id, count) in commits {
                for number in 0..<count {
                    for after in [false, true] {
                        country.network.setPlan(FaultPlan(commits: [id: (number, after)]))
                        let what = "\(id) crashes \(after ? "after" : "before") commit \(number)"
                        await trial.exercise(what)
                        try await trial.recover(what)
                        try await trial.check(what)
                    }
                }
            }
        }
    }

    @Test(arguments: seeds) func severalFaultsFromASeedLoseNothing(_ seed: Int) async throws {
        try await Country.run(seed: UInt64(1_000 + seed)) { country in
            let trial = try await Trial(country)
            for round in 0..<2 {
                country.network.setPlan(
                    .random(seed: UInt64(seed * 10 + round), faults: 2 + seed % 4, among: 60))
                await trial.exercise("round \(round)")
            }
            try await trial.recover("seed \(seed)")
            try await trial.check("seed \(seed)")
        }
    }

    @Test(arguments: 0..<3) func theSameSeedGivesTheSameRun(_ seed: Int) async throws {
        func run() async throws -> [String] {
            try await Country.run(seed: UInt64(7_000 + seed)) { country in
                let trial = try await Trial(country)
                country.network.setPlan(.random(seed: UInt64(seed), faults: 6, among: 60))
                await trial.exercise("one")
                try await trial.recover("seed \(seed)")
                try await trial.check("seed \(seed)")
                return country.network.trace
            }
        }
        let (first, second) = (try await run(), try await run())
        #expect(first.count > 100)
        #expect(first == second)
    }
}
