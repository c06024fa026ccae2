import Exchanges
import Polymorphic

/// What a transcryptor does while nobody calls it: a served node does it every so often.
extension TranscryptorNode {
    /// So many pages of the outbox are submitted in one round at most.
    private static let pagesMax = 64

    /// Reads the newest checkpoint, and every leaf below it: stops and revocations hold here from then on.
    /// - Throws: `ledger`, `unavailable`.
    public func follow() async throws(Refusal) { try await follow(to: try await parts.ledger.latest()) }

    /// One round: submits what is in the outbox, reads the newest checkpoint, and follows to it.
    ///
    /// Leaves stay in the outbox until they are read in the tree; the same leaf twice counts once. A submission that
    /// fails keeps nobody from reading.
    /// - Throws: `ledger`, `unavailable` where it could not read; the next round goes on where this one ended.
    public func tend() async throws(Refusal) {
        await submitAll()
        try await follow()
    }

    /// How many leaves wait for their place in the tree, at most 1,024 of them counted.
    public func waitingLeaves() async throws(Refusal) -> Int {
        try await read { try $0.scan(.outbox, prefix: [], after: nil, limit: 1_024).count }
    }

    /// How many leaves of the Ledger were read.
    public func leavesRead() async throws(Refusal) -> UInt64 { try await read { try Self.position($0) } }

    /// The whole outbox, page by page: what the Ledger took and nobody has read yet is at its beginning.
    private func submitAll() async {
        var after: [UInt8]?
        for _ in 0..<Self.pagesMax {
            guard let last = await submit(after: after) else { return }
            after = last
        }
    }
}
