import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation

@testable import Transcryptor

/// What a store holds.
typealias Contents = [Table: [[UInt8]: [UInt8]]]

/// A transcryptor as it was at one moment: made anew, with its own keys and Ledger, over a copy of what it had stored.
struct Replay: Sendable {
    let original: TranscryptorNode
    /// What it had stored.
    let contents: Contents

    init(_ id: PartyID, in country: Country) throws {
        guard let node = country.network.node(id) as? TranscryptorNode, let store = country.network.store(of: id) else {
            throw Refusal(.unavailable)
        }
        (original, contents) = (node, store.contents)
    }

    /// Of the node behind a tap.
    init(behind tap: Tapped, _ contents: Contents) throws {
        guard let node = tap.inner as? TranscryptorNode else { throw Refusal(.unavailable) }
        self.init(node, contents)
    }

    private init(_ original: TranscryptorNode, _ contents: Contents) {
        (self.original, self.contents) = (original, contents)
    }

    /// One call, answered by the real node over the copy.
    /// - Returns: the answer or the refusal, and how it stands afterwards.
    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID) async -> (Result<[UInt8], Refusal>, Replay) {
        let store = MemoryNodeStore(contents: contents)
        let parts = original.parts
        let node = TranscryptorNode(
            id: original.id, secrets: original.secrets, ceremony: original.ceremony,
            parts: TranscryptorNode.Parts(
                store: store, ledger: parts.ledger, directory: parts.directory, clock: parts.clock,
                random: parts.random, background: Inline()))
        let answer: Result<[UInt8], Refusal>
        do throws(Refusal) { answer = .success(try await node.answer(call, body, from: peer)) } catch {
            answer = .failure(error)
        }
        return (answer, Replay(original, store.contents))
    }
}

/// Every call that came to a node, with who sent it and what was answered.
final class Tapped: Node {
    struct Message: Sendable {
        let call: Call
        let body: [UInt8]
        let peer: PartyID?
        let answer: Result<[UInt8], Refusal>
    }
    let id: PartyID
    let inner: any Node
    private let messages: Shared<[Message]>

    init(_ inner: any Node, _ messages: Shared<[Message]>) {
        (id, self.inner, self.messages) = (inner.id, inner, messages)
    }

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        do throws(Refusal) {
            let answer = try await inner.answer(call, body, from: peer)
            messages.change { $0.append(Message(call: call, body: body, peer: peer, answer: .success(answer))) }
            return answer
        } catch {
            messages.change { $0.append(Message(call: call, body: body, peer: peer, answer: .failure(error))) }
            throw error
        }
    }
}

extension Country {
    /// Writes down what comes to a node from now on.
    func tap(_ id: PartyID) async throws -> Shared<[Tapped.Message]> {
        guard let node = network.node(id), let store = network.store(of: id) else { throw Refusal(.unavailable) }
        let messages = Shared<[Tapped.Message]>([])
        try await network.add(id, store: store) { (_, _) in Tapped(node, messages) }
        return messages
    }
}

extension Result where Success == [UInt8], Failure == Refusal {
    var bytes: [UInt8]? { if case .success(let bytes) = self { bytes } else { nil } }
}
