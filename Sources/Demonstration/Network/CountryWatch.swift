import DataCentre
import Deployment
import Exchanges
import Foundation
import Gateway
import Polymorphic
import Policy
import SQLiteStore
import Serving
import Synchronization

/// Watches what every party of a country that runs gets to see: what its servers are asked and answer, what others
/// answer it, and its store, opened with its own key. What is not found there the party has not seen.
final class CountryWatch: Sendable {
    /// One request with its answer, at the node that answered.
    struct Passage: Sendable {
        let node: DemoParty
        let peer: [UInt8]?
        let path: String
        let isPost: Bool
        let bytes: [[UInt8]]
    }
    private struct State {
        var passages: [Passage] = []
        var needles: [DemoText: [[UInt8]]] = [:]
        var found: [DemoParty: Set<DemoText>] = [:]
        /// By SHA-256 of the key of their connections.
        var peers: [[UInt8]: DemoParty] = [:]
    }
    private let state = Mutex(State())

    static let parties: [(id: String, party: DemoParty)] = [
        ("hospital-a", .hospitalA), ("hospital-b", .hospitalB), ("medical-centre", .medicalCentre),
        ("t1", .transcryptor1), ("t2", .transcryptor2), ("t3", .transcryptor3), ("number-centre", .numberCentre),
        ("authority", .authority), ("ledger", .ledger), ("portal", .portal),
    ]
    /// What is searched for.
    static let items: [DemoText] = [.identity, .number, .pseudonymA, .pseudonymB, .pseudonymCentre, .content]
    /// Calls that everybody makes all the time, about nobody: that they were made says nothing.
    private static let always: Set<String> = ["/v1/snapshot", "/v1/append", "/v1/record", "/v1/entries", "/v1/point"]

    /// Notes what goes by.
    func note(_ node: String, _ request: ServedRequest, _ answer: ServedAnswer) {
        guard let party = Self.parties.first(where: { $0.id == node })?.party else { return }
        let passage = Passage(
            node: party, peer: request.peer, path: request.path, isPost: request.method == .post,
            bytes: [request.body, answer.body])
        state.withLock { $0.passages.append(passage) }
    }

    /// Who is at the other end of a connection.
    func know(_ keys: [[UInt8]: DemoParty]) { state.withLock { $0.peers = keys } }
    /// What is searched for from now on.
    func seek(_ item: DemoText, _ needles: [[UInt8]]) { state.withLock { $0.needles[item, default: []] += needles } }
    var needles: [DemoText: [[UInt8]]] { state.withLock { $0.needles } }

    func take() -> [Passage] {
        state.withLock { state in
            defer { state.passages = [] }
            return state.passages
        }
    }

    /// Those that are about somebody.
    static func asked(_ passages: [Passage]) -> [Passage] { passages.filter { $0.isPost && !always.contains($0.path) } }

    /// What each party that took part could see, and how many bytes were searched.
    func look(at passages: [Passage], in run: CountryRun) async throws -> (sights: [DemoSight], searched: Int) {
        let (needles, peers) = state.withLock { ($0.needles, $0.peers) }
        var (seen, searched) = ([DemoParty: Set<DemoText>](), 0)
        for passage in passages {
            let ends = [passage.node] + (passage.peer.flatMap { peers[$0] }.map { [$0] } ?? [])
            let items = Self.find(needles, in: passage.bytes)
            searched += passage.bytes.reduce(0) { $0 + $1.count }
            let counts = !items.isEmpty || passage.isPost && !Self.always.contains(passage.path)
            if counts { for end in ends { seen[end, default: []].formUnion(items) } }
        }
        for (id, party) in Self.parties where seen[party] != nil {
            let stored = try await run.node(id)?.store?.everything() ?? []
            searched += stored.reduce(0) { $0 + $1.count }
            seen[party, default: []].formUnion(Self.find(needles, in: stored))
        }
        return (report(seen), searched)
    }

    /// What each party could see from the beginning to now, all stores searched once more.
    func all(in run: CountryRun) async throws -> [DemoSight] {
        _ = try await look(at: take(), in: run)
        let needles = needles
        var seen: [DemoParty: Set<DemoText>] = [:]
        for (id, party) in Self.parties {
            seen[party] = Self.find(needles, in: try await run.node(id)?.store?.everything() ?? [])
        }
        _ = report(seen)
        let found = state.withLock { $0.found }
        return Self.parties.map { _, party in
            DemoSight(party: party, items: Self.items.filter { found[party]?.contains($0) ?? false })
        }
    }

    private static func find(_ needles: [DemoText: [[UInt8]]], in all: [[UInt8]]) -> Set<DemoText> {
        Set(needles.filter { _, wanted in all.contains { DemoWatch.contains($0, wanted) } }.map(\.key))
    }

    private func report(_ seen: [DemoParty: Set<DemoText>]) -> [DemoSight] {
        state.withLock { state in
            Self.parties.compactMap { _, party in
                guard let items = seen[party] else { return nil }
                state.found[party, default: []].formUnion(items)
                return DemoSight(party: party, items: Self.items.filter(items.contains))
            }
        }
    }
}

/// What a country left on the disk, searched as somebody would who stole it.
public struct DemoDisk: Hashable, Sendable {
    public var files = 0
    /// Of all files and the log.
    public var bytes = 0
    /// Files in which something stands unsealed.
    public var finds: [String] = []

    /// - Parameter log: what the nodes said meanwhile.
    init(_ folder: String, _ log: [UInt8], _ needles: [[UInt8]]) throws {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for name in names.sorted() {
            var isFolder: ObjCBool = false
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            let content = Array(try Data(contentsOf: URL(filePath: path)))
            (files, bytes) = (files + 1, bytes + content.count)
            if DemoWatch.contains(content, needles) { finds.append(name) }
        }
        bytes += log.count
        if DemoWatch.contains(log, needles) { finds.append("log") }
    }

    /// Whether the same search finds a copy that is laid there.
    static func findsPlanted(in folder: String, _ needle: [UInt8]) throws -> Bool {
        let path = folder + "/planted"
        try Data([UInt8](repeating: 0, count: 100) + needle + [0]).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try DemoDisk(folder, [], [needle]).finds == ["planted"]
    }
}
