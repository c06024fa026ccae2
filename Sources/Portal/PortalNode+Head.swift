import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// Heads: asked of the transcryptor that the query names, judged, kept.
extension PortalNode {
    /// - Parameter body: `list(query, signature)`, which the transcryptor verifies.
    /// - Returns: what the transcryptor answers; without an answer what it said last, which the phone judges by its
    ///   age.
    /// - Throws: what it refuses; `head` where its head went back, `signature` where it did not sign it, `unavailable`
    ///   where nothing is kept either.
    func head(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let query = try HeadQuery(wire: try Wire.fields(of: body, 2)[0])
        let index = try index(of: query.transcryptor)
        let key = KeptHeads.key(index, query.handle)
        // What it had said before it was asked: two answers may overtake each other.
        let before = try await read { try KeptHeads.head(key, $0) }
        let bytes: [UInt8]
        do { bytes = try await passOn(.head, body, to: query.transcryptor) } catch {
            guard Courier.isLater(error) else { throw error }
            return try await kept(query.counter, key, error)
        }
        let answer = try HeadAnswer(wire: bytes)
        let new = KeptHead(try await judged(answer, query), signature: answer.signature)
        if enforced("guard:portal.head-forward"), let before, !new.reaches(before) {
            count { $0.wentBack[index, default: 0] += 1 }
            try await transaction { transaction in
                guard try transaction.get(KeptHeads.evidence, key) == nil else { return }
                try transaction.put(KeptHeads.evidence, key, Wire.list([before.bytes, new.bytes]))
            }
            throw Refusal(.head)
        }
        try await transaction { transaction in
            try KeptHeads.keep(new, answer.details, from: query.counter, at: key, transaction)
        }
        return bytes
    }

    /// - Throws: `signature` unless the transcryptor signed the head; `head` for one of another row.
    private func judged(_ answer: HeadAnswer, _ query: HeadQuery) async throws(Refusal) -> Head {
        let head = try Head(wire: answer.head)
        let isAsked = head.transcryptor == query.transcryptor && head.handle == query.handle
        try need(isAsked || !enforced("guard:portal.head-row"), .head)
        if enforced("guard:portal.head-signature") {
            let directory = try await parts.directory.current(at: parts.clock.now())
            guard let party = directory.party(query.transcryptor) else { throw Refusal(.directory) }
            try party.signing.verify(answer.signature, over: answer.head)
        }
        return head
    }

    private func kept(_ counter: UInt64, _ key: [UInt8], _ failure: Refusal) async throws(Refusal) -> [UInt8] {
        guard let answer = try await read({ try KeptHeads.answer(from: counter, at: key, $0) }) else { throw failure }
        count { $0.kept += 1 }
        return answer.bytes
    }
}
