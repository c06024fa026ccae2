import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// The door of the phones: it passes their calls on to the transcryptors and the authority, and keeps the newest head
/// of each row with the sealed details, so that a history can be shown while a transcryptor is away and cannot get
/// shorter behind the person's back.
///
/// It knows nobody: phones have no certificate, and what it keeps is signed by transcryptors and sealed to persons.
/// Whoever asks for a head names a handle of 128 random bits, which its phone and one transcryptor alone have.
public final class PortalNode: Node {
    public let id: PartyID
    let parts: Parts
    private let tally = Locked(Counts())

    /// What a portal works with.
    public struct Parts: Sendable {
        public let pins: Pins
        /// For the keys with which transcryptors sign heads.
        public let directory: any DirectoryPort
        /// Should give up on a transcryptor sooner than a phone gives up on the portal.
        public let courier: Courier
        public let store: any NodeStore
        public let clock: any Timekeeper

        public init(
            pins: Pins, directory: any DirectoryPort, courier: Courier, store: any NodeStore, clock: any Timekeeper
        ) {
            (self.pins, self.directory, self.courier) = (pins, directory, courier)
            (self.store, self.clock) = (store, clock)
        }
    }

    /// What it did since it was started; nothing about a person.
    public struct Counts: Hashable, Sendable {
        /// Calls that were passed on and answered.
        public var passedOn = 0
        /// Heads that were given from what is kept, because the transcryptor did not answer.
        public var kept = 0
        /// Heads that went back behind what their transcryptor had said before, by its index.
        public var wentBack: [UInt8: Int] = [:]
    }

    /// The calls that it answers. `head` and `snapshot` have the bodies of PROTOCOL 8.1; that of `consent` is
    /// `list(transcryptor, body)`, because a consent itself names nobody (`PortalTransport`).
    public static let calls: Set<Call> = [.head, .consent, .snapshot]

    public init(id: PartyID, parts: Parts) { (self.id, self.parts) = (id, parts) }

    /// For metrics.
    public var counts: Counts { tally.withLock { $0 } }

    func count(_ change: (inout Counts) -> Void) { tally.withLock { change(&$0) } }

    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        try need(body.count <= call.bodyMax, .length)
        switch call {
        case .head: return try await head(body)
        case .consent:
            let fields = try Wire.fields(of: body, 2)
            let transcryptor = try PartyID(fields[0])
            _ = try index(of: transcryptor)
            return try await passOn(.consent, fields[1], to: transcryptor)
        case .snapshot: return try await passOn(.snapshot, [], to: parts.pins.anchors.authority)
        default: throw Refusal(.peer)
        }
    }

    /// - Throws: `peer` for a party that is no transcryptor.
    func index(of transcryptor: PartyID) throws(Refusal) -> UInt8 {
        guard let index = parts.pins.index(of: transcryptor) else { throw Refusal(.peer) }
        return index
    }

    /// - Throws: what the node refuses; `unavailable` without an answer.
    func passOn(_ call: Call, _ body: [UInt8], to node: PartyID) async throws(Refusal) -> [UInt8] {
        let answer: [UInt8]
        do { answer = try await parts.courier.send(Courier.Letter(call, body, to: node)) } catch {
            guard case .refused(let refusal) = error else { throw Refusal(.unavailable) }
            throw refusal
        }
        count { $0.passedOn += 1 }
        return answer
    }

    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.read(body) } catch { throw (error as? Refusal) ?? Refusal(.unavailable) }
    }
    func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }
}
