@testable import Deployment
import Exchanges
import Foundation
import Guards
import Ledger
import Polymorphic
import Ristretto255

/// A folder that is taken away at the end.
func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.path + "/warifu-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try await body(folder)
}

/// Three transcryptors, each with a copy of the ceremony's folder; somebody carries the files between them, and may
/// change them on the way.
struct CarriedCeremony: Sendable {
    let home: CountryHome
    let plan: CeremonyFolder.Plan
    static let ids = ["t1", "t2", "t3"]

    /// One file on its way: nil keeps it back.
    typealias Way = @Sendable (_ round: Int, _ from: UInt8, _ to: UInt8, _ bytes: [UInt8]) throws -> [UInt8]?
    static let honest: Way = { _, _, _, bytes in bytes }

    init(_ path: String) throws {
        home = CountryHome(path)
        try home.makeCountry(from: SystemRandom())
        for id in Self.ids { try home.makeNode(NodeFolder.Making(.transcryptor, id: id), from: SystemRandom()) }
        let prepared = CeremonyFolder(path + "/plan")
        try prepared.prepare(try Self.ids.map { [home] in try home.node($0).card() }, from: SystemRandom())
        plan = try prepared.plan()
    }

    func folder(_ index: UInt8) -> CeremonyFolder { CeremonyFolder("\(home.path)/ceremony-of-\(index)") }
    func node(_ index: UInt8) -> NodeFolder { home.node(Self.ids[Int(index) - 1]) }
    func hasShares(_ index: UInt8) -> Bool { FileManager.default.fileExists(atPath: node(index).file("shares")) }
    func handedIn(_ round: Int, _ index: UInt8) -> Bool {
        FileManager.default.fileExists(atPath: folder(index).path + "/round-\(round).\(index)")
    }

    /// What one transcryptor would sign itself.
    func sign(_ index: UInt8, _ content: [UInt8]) throws -> [UInt8] {
        let signer = SigningKey(seed: try node(index).secrets().field(SecretPlace.seed))
        return Wire.list([content, signer.sign(content)])
    }

    /// One ceremony in folders that are new.
    /// - Parameters:
    ///   - plans: in the place of the agreed one, by index.
    ///   - taking: who takes part at all.
    /// - Returns: what each ends with, by index.
    func run(
        _ way: @escaping Way = honest, plans: [UInt8: CeremonyFolder.Plan] = [:], taking part: [UInt8] = [1, 2, 3],
        within: Duration = .seconds(60)
    ) async throws -> [UInt8: Result<CeremonyRecord, any Error>] {
        for index in UInt8(1)...3 {
            let path = folder(index).path
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try JSONFile.write(plans[index] ?? plan, path + "/ceremony.json")
        }
        return try await withThrowingTaskGroup(of: (UInt8, Result<CeremonyRecord, any Error>)?.self) { group in
            for index in part {
                let run = CeremonyRun(node(index), folder(index), within: within)
                group.addTask {
                    do { return (index, .success(try await run.run(from: SystemRandom()))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            group.addTask {
                try await carry(way)
                return nil
            }
            var ended: [UInt8: Result<CeremonyRecord, any Error>] = [:]
            while let next = try await group.next() {
                if let (index, result) = next { ended[index] = result }
                if ended.count == part.count { group.cancelAll() }
            }
            return ended
        }
    }

    private func carry(_ way: Way) async throws {
        var done: Set<[UInt8]> = []
        while !Task.isCancelled {
            for round in CeremonyFolder.rounds {
                for from in UInt8(1)...3 {
                    guard let bytes = try DurableFile(folder(from).path + "/round-\(round).\(from)").read() else {
                        continue
                    }
                    for to in UInt8(1)...3 where to != from && done.insert([UInt8(round), from, to]).inserted {
                        guard let carried = try way(round, from, to, bytes) else { continue }
                        try DurableFile(folder(to).path + "/round-\(round).\(from)").write(carried)
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension Result {
    /// Why it failed.
    var refusal: Refusal? {
        guard case .failure(let error) = self else { return nil }
        return error as? Refusal
    }
    var fault: DeploymentFault? {
        guard case .failure(let error) = self else { return nil }
        return error as? DeploymentFault
    }
    var isSuccess: Bool { (try? get()) != nil }
}
