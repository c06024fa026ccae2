@testable import Deployment
import Exchanges
import Foundation
import Guards
import Ledger
import Policy
import Polymorphic
import Ristretto255
import Testing
import TransparencyLog

/// One file of a round: whoever can write to the folder can put anything there.
@Suite struct CeremonyFolderTests {
    private static let own: [[UInt8]] = [[1], [2], [3]]
    private static let forged: [[UInt8]] = [[7], [8], [9]]

    /// Posts of all in round 1, then what `attack` puts there; what comes of it.
    private func collect(
        within: Duration = .seconds(10), _ attack: (CarriedCeremony, CeremonyFolder) throws -> Void
    ) async throws -> [UInt8: [[UInt8]]] {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            let folder = CeremonyFolder(path + "/plan")
            for index in UInt8(1)...3 { try post(ceremony, folder, 1, index, Self.own, by: index) }
            try attack(ceremony, folder)
            return try await folder.collect(ceremony.plan, 1, fields: 3, within: within)
        }
    }

    private func post(
        _ ceremony: CarriedCeremony, _ folder: CeremonyFolder, _ round: Int, _ index: UInt8, _ fields: [[UInt8]],
        by signer: UInt8, of plan: CeremonyFolder.Plan? = nil
    ) throws {
        let key = SigningKey(seed: try ceremony.node(signer).secrets().field(SecretPlace.seed))
        try folder.post(plan ?? ceremony.plan, round, index, fields, by: key)
    }

    @Test func messagesOfAllAreTaken() async throws {
        let all = try await collect { _, _ in }
        #expect(all == [1: Self.own, 2: Self.own, 3: Self.own])
    }

    @Test func aMessageSignedByAnotherKeyIsRefused() async throws {
        let attack: (CarriedCeremony, CeremonyFolder) throws -> Void = { ceremony, folder in
            try post(ceremony, folder, 1, 2, Self.forged, by: 3)
        }
        await #expect(throws: Refusal(.signature, at: 2)) { try await collect(attack) }
        try await Guards.withOff("guard:ceremony.round-signature") {
            // Without it whoever can write there speaks for the second transcryptor.
            let all = try await collect(attack)
            #expect(all[2] == Self.forged)
        }
    }

    @Test func aMessageOfAnotherCeremonyIsRefused() async throws {
        let attack: (CarriedCeremony, CeremonyFolder) throws -> Void = { ceremony, folder in
            var other = ceremony.plan
            other.record = Hex.encode([UInt8](repeating: 5, count: 16))
            try post(ceremony, folder, 1, 2, Self.forged, by: 2, of: other)
        }
        await #expect(throws: Refusal(.participants, at: 2)) { try await collect(attack) }
        try await Guards.withOff("guard:ceremony.round-place") {
            let all = try await collect(attack)
            #expect(all[2] == Self.forged)
        }
    }

    @Test func aMessageOfAnotherRoundIsRefused() async throws {
        let attack: (CarriedCeremony, CeremonyFolder) throws -> Void = { ceremony, folder in
            try post(ceremony, folder, 2, 2, Self.forged, by: 2)
            try FileManager.default.removeItem(atPath: folder.path + "/round-1.2")
            try FileManager.default.moveItem(
                atPath: folder.path + "/round-2.2", toPath: folder.path + "/round-1.2")
        }
        await #expect(throws: Refusal(.participants, at: 2)) { try await collect(attack) }
        try await Guards.withOff("guard:ceremony.round-place") {
            let all = try await collect(attack)
            #expect(all[2] == Self.forged)
        }
    }

    @Test func aMessageOfAnotherParticipantIsRefused() async throws {
        // The second one signs, in the second place, what it says as the third.
        let attack: (CarriedCeremony, CeremonyFolder) throws -> Void = { ceremony, folder in
            try post(ceremony, folder, 1, 3, Self.forged, by: 2)
            try FileManager.default.removeItem(atPath: folder.path + "/round-1.2")
            try FileManager.default.moveItem(
                atPath: folder.path + "/round-1.3", toPath: folder.path + "/round-1.2")
            try post(ceremony, folder, 1, 3, Self.own, by: 3)
        }
        await #expect(throws: Refusal(.participants, at: 2)) { try await collect(attack) }
        try await Guards.withOff("guard:ceremony.round-place") {
            let all = try await collect(attack)
            #expect(all[2] == Self.forged)
        }
    }

    @Test func aFileThatIsTooLargeIsNotReadWhole() async throws {
        let large = [[1], [2], [UInt8](repeating: 3, count: CeremonyFolder.messageBytesMax)]
        let attack: (CarriedCeremony, CeremonyFolder) throws -> Void = { ceremony, folder in
            try post(ceremony, folder, 1, 2, large, by: 2)
        }
        await #expect(throws: DeploymentFault.self) { try await collect(attack) }
        try await Guards.withOff("guard:ceremony.round-size") {
            let all = try await collect(attack)
            #expect(all[2] == large)
        }
    }

    @Test func damagedFilesAreRefused() async throws {
        for length in [0, 1, 40, -1] {
            await #expect(throws: Refusal.self, "\(length)") {
                try await collect { _, folder in
                    let file = DurableFile(folder.path + "/round-1.3")
                    let whole = try file.read() ?? []
                    try file.write(Array(length < 0 ? whole.dropLast() : whole.prefix(length)))
                }
            }
        }
        await #expect(throws: Refusal.self) {
            try await collect { _, folder in
                try DurableFile(folder.path + "/round-1.1").write(SystemRandom().bytes(4_096))
            }
        }
    }

    @Test func whoNeverComesIsNotWaitedForForEver() async throws {
        let fault = await #expect(throws: DeploymentFault.self) {
            try await collect(within: .milliseconds(50)) { _, folder in
                try FileManager.default.removeItem(atPath: folder.path + "/round-1.2")
            }
        }
        #expect(fault?.description.contains("round 1") == true)
    }
}
