import Exchanges
import Polymorphic
import Simulation

/// Stands before a node and changes what it is asked: a requester that lies.
final class Interceptor: Node {
    typealias Change = @Sendable (_ call: Call, _ body: [UInt8]) async throws -> [UInt8]?
    let id: PartyID
    private let inner: any Node
    private let change: Change

    init(_ inner: any Node, _ change: @escaping Change) { (id, self.inner, self.change) = (inner.id, inner, change) }

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        let changed: [UInt8]?
        do { changed = try await change(call, body) } catch { throw (error as? Refusal) ?? Refusal(.unavailable) }
        return try await inner.answer(call, changed ?? body, from: peer)
    }
}

extension Country {
    /// Changes what a node is asked from now on; nil leaves a body as it is.
    func intercept(_ id: PartyID, _ change: @escaping Interceptor.Change) async throws {
        guard let node = network.node(id), let store = network.anyStore(of: id) else { throw Refusal(.unavailable) }
        try await network.add(id, store: store) { (_, _) in Interceptor(node, change) }
    }

    /// Takes the bodies of one call at a node.
    func catchBodies(_ call: Call, at id: PartyID) async throws -> Caught {
        let caught = Caught()
        try await intercept(id) { (asked, body) in
            if asked == call { caught.add(body) }
            return nil
        }
        return caught
    }

    /// Sends a call as a party; the answer, or the refusal.
    func ask(_ call: Call, _ body: [UInt8], at node: PartyID, as caller: PartyID?) async -> Result<[UInt8], Refusal> {
        do { return .success(try await network.send(call, body, to: node, from: caller)) } catch {
            if case .refused(let refusal) = error { return .failure(refusal) }
            return .failure(Refusal(.unavailable))
        }
    }
}

extension Result where Success == [UInt8], Failure == Refusal {
    var code: Refusal.Code? { if case .failure(let refusal) = self { refusal.code } else { nil } }
}
