import Crypto
import Guards
import Ledger
import Polymorphic
import Ristretto255
import TransparencyLog

/// The Ledger as a node has it: it writes through the call `append`, and reads through a follower that believes nothing
/// that the log's key and the witness quorum have not signed, nothing that does not extend what it saw before.
public struct LedgerReader: LedgerPort {
    private let follower: Follower
    private let policy: WitnessPolicy
    private let courier: Courier
    private let ledger: PartyID
    private let onFault: @Sendable (FollowerFault) -> Void

    /// - Parameters:
    ///   - ledger: the node that takes `append` and `record`.
    ///   - onFault: gets what only a dishonest ledger can produce. It is evidence: keep it, tell the authority.
    public init(
        _ follower: Follower, policy: WitnessPolicy, courier: Courier, ledger: PartyID,
        onFault: @escaping @Sendable (FollowerFault) -> Void
    ) {
        (self.follower, self.policy, self.courier, self.ledger) = (follower, policy, courier, ledger)
        self.onFault = onFault
    }

    /// The body of `append`: `list(list(leaves), list(records, empty for kind 1))`.
    public static func appendBody(_ leaves: [Leaf], records: [[UInt8]?]) -> [UInt8] {
        Wire.list([Wire.list(leaves.map(\.bytes)), Wire.list(records.map { $0 ?? [] })])
    }

    public func append(_ leaves: [Leaf], records: [[UInt8]?]) async throws(Refusal) {
        var rest = Array(zip(leaves, records))[...]
        while !rest.isEmpty {
            // As many as one call takes. A record that is too long by itself is sent, and refused.
            var (count, size) = (0, 0)
            for (_, record) in rest.prefix(LeafSubmission.perCallMax) {
                size += Leaf.byteCount + (record?.count ?? 0) + 8
                guard count == 0 || size + 8 <= Call.append.bodyMax else { break }
                count += 1
            }
            let part = rest.prefix(count)
            _ = try await ask(.append, Self.appendBody(part.map(\.0), records: part.map(\.1)))
            rest = rest.dropFirst(count)
        }
    }

    /// - Throws: `ledger`, also where the Ledger has just shown that it lies.
    public func latest() async throws(Refusal) -> WitnessedCheckpoint { try await latest(with: nil) }

    /// The same with a checkpoint that was fetched already.
    public func latest(with note: [UInt8]?) async throws(Refusal) -> WitnessedCheckpoint {
        // Where the Ledger does not answer, the last checkpoint stands; who uses it looks at its age.
        do { try await follower.update(with: note) } catch let fault as FollowerFault {
            onFault(fault)
            throw Refusal(.ledger)
        } catch {}
        guard let (signed, times) = await follower.witnessed, let root = Bytes32(signed.root.bytes),
            let oldest = policy.quorum == nil ? 0 : policy.quorumTime(times)
        else { throw Refusal(.ledger) }
        return WitnessedCheckpoint(size: signed.size, root: root, oldestCosignature: oldest)
    }

    /// Waits until the Ledger shows another checkpoint than the newest one here.
    /// - Returns: it, for `latest(with:)`; nil where nothing has changed so far or nobody answers.
    public func awaitChange(_ wait: Duration) async -> [UInt8]? { try? await follower.awaitChange(wait) }

    public func leaves(
        _ range: Range<UInt64>, below checkpoint: WitnessedCheckpoint
    ) async throws(Refusal) -> [Leaf] {
        try need(range.upperBound <= checkpoint.size, .ledger)
        var (leaves, next) = ([Leaf](), range.lowerBound)
        while next < range.upperBound {
            let run: LeafRun?
            do { run = try await follower.run(from: next) } catch { throw Refusal(.ledger) }
            guard let run, run.count > 0 else { throw Refusal(.ledger) }
            for offset in 0..<min(run.count, Int(range.upperBound - next)) {
                leaves.append(try Leaf(wire: Array(run[offset])))
            }
            next = range.lowerBound + UInt64(leaves.count)
        }
        return leaves
    }

    public func record(_ hash: Bytes32) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: try await ask(.record, Wire.list([hash.bytes])), 1)
        let holds = Array(SHA256.hash(data: fields[0])) == hash.bytes
        try need(holds || !enforced("guard:ledger.record-hash"), .ledger)
        return fields[0]
    }

    private func ask(_ call: Call, _ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        do { return try await courier.send(Courier.Letter(call, body, to: ledger)) } catch {
            switch error {
            case .refused(let refusal): throw refusal
            case .noAnswer: throw Refusal(.unavailable)
            }
        }
    }
}
