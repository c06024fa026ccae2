import Exchanges
import Foundation
import Policy
import Polymorphic
import Simulation
import Synchronization

/// Watches what every party gets to see: the calls that it sends and receives, what it is handed in its own process,
/// and its store. What is not found there the party has not seen.
final class DemoWatch: Sendable {
    private struct State {
        var passages: [Passage] = []
        var hands: [(party: PartyID, bytes: [UInt8])] = []
        var needles: [DemoText: [[UInt8]]] = [:]
        var found: [DemoParty: Set<DemoText>] = [:]
        var verdict: [UInt8] = []
    }
    private let state = Mutex(State())
    private let parties: [(id: PartyID, party: DemoParty)]

    init(_ names: Country.Names) {
        parties = [
            (names.hospitalA, .hospitalA), (names.hospitalB, .hospitalB), (names.medical, .medicalCentre),
            (names.transcryptors[0], .transcryptor1), (names.transcryptors[1], .transcryptor2),
            (names.transcryptors[2], .transcryptor3), (names.numberCentre, .numberCentre),
            (names.authority, .authority), (names.ledger, .ledger), (names.anonymiser, .anonymiser),
        ]
    }

    /// Everybody who is watched.
    var everybody: [DemoParty] { parties.map(\.party) }

    func note(_ passage: Passage) {
        let isVerdict = passage.call == .decide && passage.node == parties[3].id && !passage.answer.isEmpty
        state.withLock { state in
            state.passages.append(passage)
            if isVerdict { state.verdict = passage.answer }
        }
    }
    /// What transcryptor 1 answered to `decide` last.
    var verdict: [UInt8] { state.withLock { $0.verdict } }
    /// What a party is handed, or gets, without a call.
    func hold(_ party: PartyID, _ bytes: [UInt8]) { state.withLock { $0.hands.append((party, bytes)) } }
    /// What is searched for from now on.
    func seek(_ item: DemoText, _ needles: [[UInt8]]) { state.withLock { $0.needles[item, default: []] += needles } }
    /// Searches for something else instead.
    func seek(_ item: DemoText, only needle: [UInt8]) { state.withLock { $0.needles[item] = [needle] } }

    /// What went by since this was asked last.
    struct Glimpse: Sendable {
        let passages: [Passage]
        let hands: [(party: PartyID, bytes: [UInt8])]
    }
    func take() -> Glimpse {
        state.withLock { state in
            defer { (state.passages, state.hands) = ([], []) }
            return Glimpse(passages: state.passages, hands: state.hands)
        }
    }

    /// What each party that took part could see of it, with what stands in its store by now.
    func look(at glimpse: Glimpse, in country: Country) -> [DemoSight] {
        let needles = state.withLock { $0.needles }
        var seen: [PartyID: Set<DemoText>] = [:]
        for passage in glimpse.passages {
            // The Directory, the policy and the ledger are public: that a party reads its own name there says nothing.
            let isPublic = [.snapshot, .append, .record].contains(passage.call)
            let ends = [passage.node] + (passage.caller.map { [$0] } ?? [])
            var items: Set<DemoText> = []
            for (item, all) in needles where !(isPublic && Self.ofCalls.contains(item)) {
                if Self.contains(passage.body, all) || Self.contains(passage.answer, all) { items.insert(item) }
            }
            for end in ends where !isPublic || !items.isEmpty { seen[end, default: []].formUnion(items) }
        }
        for (party, bytes) in glimpse.hands {
            seen[party, default: []].formUnion(needles.filter { Self.contains(bytes, $0.value) }.map(\.key))
        }
        for id in seen.keys { seen[id, default: []].formUnion(stored(id, needles, country)) }
        return report(seen)
    }

    /// What each party could see from the beginning to now, stores searched once more.
    func all(in country: Country) -> [DemoSight] {
        _ = look(at: take(), in: country)
        let needles = state.withLock { $0.needles }
        _ = report(
            Dictionary(uniqueKeysWithValues: parties.map { ($0.id, stored($0.id, needles, country)) }))
        let found = state.withLock { $0.found }
        return parties.map { _, party in
            DemoSight(party: party, items: DemoText.sights.filter { found[party]?.contains($0) ?? false })
        }
    }

    /// Who asks and what for are words that stand in every public document: they are looked for in calls only.
    private static let ofCalls: Set<DemoText> = [.asker, .purposeOfUse]

    private func stored(_ id: PartyID, _ needles: [DemoText: [[UInt8]]], _ country: Country) -> Set<DemoText> {
        guard let store = country.network.store(of: id) else { return [] }
        let everything = store.everything()
        return Set(
            needles.filter { item, all in
                !Self.ofCalls.contains(item) && everything.contains { Self.contains($0, all) }
            }.map(\.key))
    }

    private func report(_ seen: [PartyID: Set<DemoText>]) -> [DemoSight] {
        state.withLock { state in
            parties.compactMap { id, party in
                guard let items = seen[id] else { return nil }
                state.found[party, default: []].formUnion(items)
                return DemoSight(party: party, items: DemoText.sights.filter(items.contains))
            }
        }
    }

    static func contains(_ bytes: [UInt8], _ needles: [[UInt8]]) -> Bool {
        needles.contains { contains(bytes, $0) }
    }

    /// Whether `needle` stands somewhere in `bytes`.
    static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        guard let first = needle.first, needle.count <= bytes.count else { return false }
        return bytes.withUnsafeBytes { hay in
            needle.withUnsafeBytes { needle in
                guard var at = hay.baseAddress, let wanted = needle.baseAddress else { return false }
                var rest = hay.count - needle.count + 1
                while rest > 0, let hit = memchr(at, Int32(first), rest) {
                    if memcmp(hit, wanted, needle.count) == 0 { return true }
                    let passed = UnsafeRawPointer(hit) - at + 1
                    (at, rest) = (at + passed, rest - passed)
                }
                return false
            }
        }
    }
}
