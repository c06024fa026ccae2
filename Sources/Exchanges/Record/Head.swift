import Guards
import Polymorphic
import Ristretto255

/// What a device asks a transcryptor: everything of its row from counter j on (PROTOCOL 10).
public struct HeadQuery: Hashable, Sendable {
    public let transcryptor: PartyID
    public let handle: Bytes16
    public let counter: UInt64
    public let time: UInt64

    public init(transcryptor: PartyID, handle: Bytes16, counter: UInt64, time: UInt64) {
        (self.transcryptor, self.handle, self.counter, self.time) = (transcryptor, handle, counter, time)
    }

    public var bytes: [UInt8] {
        pack(.query, transcryptor.bytes, handle.bytes, counter.bigEndianBytes, time.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.query, bytes, 4)
        transcryptor = try PartyID(fields[0])
        handle = try Wire.fixed(fields[1])
        counter = try Wire.u64(fields[2])
        time = try Wire.u64(fields[3])
    }
}

/// A transcryptor's signed word how far the history of a row goes: next_j is the first counter whose leaf is not in the
/// tree of that size.
public struct Head: Hashable, Sendable {
    public let transcryptor: PartyID
    public let handle: Bytes16
    public let nextCounter: UInt64
    public let checkpointSize: UInt64
    public let time: UInt64

    public init(transcryptor: PartyID, handle: Bytes16, nextCounter: UInt64, checkpointSize: UInt64, time: UInt64) {
        (self.transcryptor, self.handle, self.nextCounter) = (transcryptor, handle, nextCounter)
        (self.checkpointSize, self.time) = (checkpointSize, time)
    }

    public var bytes: [UInt8] {
        pack(
            .head, transcryptor.bytes, handle.bytes, nextCounter.bigEndianBytes, checkpointSize.bigEndianBytes,
            time.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.head, bytes, 5)
        transcryptor = try PartyID(fields[0])
        handle = try Wire.fixed(fields[1])
        nextCounter = try Wire.u64(fields[2])
        checkpointSize = try Wire.u64(fields[3])
        time = try Wire.u64(fields[4])
    }

    /// What the device knew before.
    public struct Known: Hashable, Sendable {
        public var counter: UInt64
        public var size: UInt64
        public init(counter: UInt64, size: UInt64) { (self.counter, self.size) = (counter, size) }
    }

    /// Checks a head against the leaves of the row as found in the tree of its size.
    /// - Parameters:
    ///   - leaves: of counters 0 ..< nextCounter; nil where none was found.
    ///   - tagKey: `v_i`.
    /// - Throws: `signature`; `head` where a leaf is hidden, or the head goes back.
    public static func verify(
        _ bytes: [UInt8], _ signature: [UInt8], key: VerifyingKey, transcryptor: PartyID, handle: Bytes16,
        tagKey: borrowing SecretBytes, known: Known, leaves: [[UInt8]]
    ) throws(Refusal) -> Head {
        try key.verify(signature, over: bytes)
        let head = try Head(wire: bytes)
        let mine = head.transcryptor == transcryptor && head.handle == handle
        let forward = head.nextCounter >= known.counter && head.checkpointSize >= known.size
        try need(mine && (forward || !enforced("guard:head.forward")), .head)
        guard enforced("guard:head.leaves") else { return head }
        try need(UInt64(leaves.count) == head.nextCounter, .head)
        for (counter, leaf) in leaves.enumerated() {
            let shape = leaf.count == Leaf.byteCount && leaf[0] == 1 && leaf[1] == Leaf.Kind.exchange.rawValue
            try need(shape && leaf[34..<66].elementsEqual(LeafMaker.tag(tagKey, counter: UInt64(counter)).bytes), .head)
        }
        return head
    }

    /// Every participant that a history names must have a leaf of its own.
    /// - Throws: `head`.
    public static func verify(participants: [PartyID], have: Set<PartyID>) throws(Refusal) {
        try need(participants.allSatisfy(have.contains) || !enforced("guard:head.participants"), .head)
    }
}
