import Crypto
import Exchanges
import Foundation
import Guards
import Ledger
import Policy
import Polymorphic
import Ristretto255
import TransparencyLog

/// A folder through which the participants of a key ceremony hand one another their messages, one file for each round
/// and participant: on a shared disk, or carried by hand. Nothing in it is secret: shares and halves are sealed.
public struct CeremonyFolder: Sendable {
    public let path: String
    public init(_ path: String) { self.path = path }

    /// What everybody agrees on before the first round: `ceremony.json`. All compare its fingerprint by voice.
    public struct Plan: Codable, Sendable, Equatable {
        public var format = 1
        /// 16 random bytes each, in hexadecimal: of the record, of both classes, of each step.
        public var record: String
        public var pseudonyms: String
        public var recordKeys: String
        public var steps: [String]
        /// In index order.
        public var cards: [NodeCard]
    }

    /// Makes the folder with its plan, for the production route of three transcryptors.
    /// - Throws: `DeploymentFault.usage` for other cards than those of three transcryptors; `.exists`.
    public func prepare(_ cards: [NodeCard], from random: some RandomSource) throws {
        guard cards.count == Int(Route.production.n), cards.allSatisfy({ $0.kind == .transcryptor }),
            Set(cards.map(\.id)).count == cards.count
        else {
            throw DeploymentFault.usage("a ceremony takes the cards of three different transcryptors, in their order")
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard !FileManager.default.fileExists(atPath: file("ceremony.json")) else {
            throw DeploymentFault.exists(file("ceremony.json"))
        }
        func id() -> String { Hex.encode(random.bytes(16)) }
        try JSONFile.write(
            Plan(
                record: id(), pseudonyms: id(), recordKeys: id(), steps: Route.production.steps.map { _ in id() },
                cards: cards), file("ceremony.json"))
    }

    public func plan() throws -> Plan { try JSONFile.read(Plan.self, file("ceremony.json")) }

    /// SHA-256 of the plan, in groups of four digits, for people to compare.
    public func fingerprint() throws -> String {
        guard let bytes = try DurableFile(file("ceremony.json")).read() else {
            throw DeploymentFault.file("\(file("ceremony.json")) is missing")
        }
        let hex = Array(Hex.encode(SHA256.hash(data: bytes)))
        return stride(from: 0, to: hex.count, by: 4).map { String(hex[$0..<($0 + 4)]) }.joined(separator: " ")
    }

    private func file(_ name: String) -> String { path + "/" + name }
    private func file(_ round: Int, _ index: UInt8) -> String { file("round-\(round).\(index)") }

    /// Rounds: statements, commitments, dealings, signatures.
    static let rounds = 1...4

    /// What is signed of one round: nothing else begins like this, so that no signature stands for anything else.
    private static func content(_ plan: Plan, _ round: Int, _ index: UInt8, _ fields: [[UInt8]]) -> [UInt8] {
        Wire.list([Array("ceremony-round".utf8), Array(plan.record.utf8), [UInt8(round)], [index], Wire.list(fields)])
    }

    /// Hands in one participant's message.
    func post(
        _ plan: Plan, _ round: Int, _ index: UInt8, _ fields: [[UInt8]], by signer: borrowing SigningKey
    ) throws {
        let content = Self.content(plan, round, index, fields)
        try DurableFile(file(round, index)).write(Wire.list([content, signer.sign(content)]))
    }

    /// Waits for the messages of all.
    /// - Throws: `DeploymentFault.usage` after the time; `DeploymentFault.file` for a file that is too large; with the
    ///   index of whose it is: `signature`, `participants` for a message of another place, those of a damaged one.
    func collect(
        _ plan: Plan, _ round: Int, fields count: Int, within: Duration
    ) async throws -> [UInt8: [[UInt8]]] {
        let end = ContinuousClock.now + within
        var all: [UInt8: [[UInt8]]] = [:]
        while all.count < plan.cards.count {
            for index in 1...UInt8(plan.cards.count) where all[index] == nil {
                all[index] = try message(plan, round, index, fields: count)
            }
            guard all.count < plan.cards.count else { break }
            guard ContinuousClock.now < end else {
                throw DeploymentFault.usage(
                    "round \(round): not all participants have handed in their message; start all of them again")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return all
    }

    /// The largest file of a round: 64 KiB. The largest message of three transcryptors has a few KiB.
    static let messageBytesMax = 64 << 10

    /// - Returns: nil while it is not there.
    private func message(_ plan: Plan, _ round: Int, _ index: UInt8, fields count: Int) throws -> [[UInt8]]? {
        let limit = enforced("guard:ceremony.round-size") ? Self.messageBytesMax : 8 << 20
        let bytes: [UInt8]?
        do { bytes = try DurableFile(file(round, index)).read(atMost: limit) } catch {
            throw DeploymentFault.file("\(file(round, index)) cannot be read, or is too large")
        }
        guard let bytes else { return nil }
        do throws(Refusal) { return try Self.message(bytes, plan, round, index, fields: count) } catch {
            throw Refusal(error.code, at: Int(index))
        }
    }

    private static func message(
        _ bytes: [UInt8], _ plan: Plan, _ round: Int, _ index: UInt8, fields count: Int
    ) throws(Refusal) -> [[UInt8]] {
        let parts = try Wire.fields(of: bytes, 2)
        if enforced("guard:ceremony.round-signature") {
            let key: VerifyingKey
            do { key = try plan.cards[Int(index) - 1].verifyingKey() } catch { throw Refusal(.signature) }
            try key.verify(parts[1], over: parts[0])
        }
        let said = try Wire.fields(of: parts[0], 5)
        let fields = try Wire.fields(of: said[4], count)
        // A message of another ceremony, round or maker is no message of this one.
        let isThis = parts[0] == Self.content(plan, round, index, fields)
        try need(isThis || !enforced("guard:ceremony.round-place"), .participants)
        return fields
    }

    /// The record with the signatures of all, for the Ledger.
    public func record() throws -> SignedEntry {
        guard let bytes = try DurableFile(file("record")).read() else {
            throw DeploymentFault.file("the ceremony in \(path) has not ended")
        }
        return try SignedEntry(wire: bytes)
    }

    func finish(_ record: SignedEntry) throws { try DurableFile(file("record")).write(record.wire) }
}
