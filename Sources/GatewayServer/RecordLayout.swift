import Crypto
import Exchanges
import FHIR
import Polymorphic

/// How resources lie in the store.
///
/// | table | key | value |
/// |---|---|---|
/// | `fhir-head` | place 16 | index number, tags, newest version |
/// | `fhir-version` | place 16, version 4 | an older version |
/// | `fhir-index` | tag 32, index number 8 | kinds and places of what one commit put under the tag |
/// | `fhir-count` | - | the last index number |
///
/// A place is a keyed tag of type and id. An entry of the index holds all resources that one commit put under one tag:
/// a bundle of 700 resources of one patient is one entry under the patient, not 700.
struct RecordLayout: Sendable {
    let key: IdentityKey

    static let heads = Table("fhir-head")
    static let versions = Table("fhir-version")
    static let index = Table("fhir-index", keys: .hidden(first: tagBytes))
    static let count = Table("fhir-count")

    static let placeBytes = 16
    static let tagBytes = 32
    /// Bytes by which places of one kind are told apart without reading them; of two kinds that share them one is read
    /// in vain.
    static let kindBytes = 2

    func place(_ key: ResourceKey) -> [UInt8] {
        Array(self.key.tag(.place, [Array(key.description.utf8)]).prefix(Self.placeBytes))
    }

    func tag(_ key: IndexKey) -> [UInt8] {
        self.key.tag(.index, [Array(key.parameter.utf8), Array(key.value.utf8)])
    }

    /// Of all of one type.
    func tag(_ type: ResourceType) -> [UInt8] { key.tag(.index, [Array(type.name.utf8)]) }
    var tagOfAll: [UInt8] { key.tag(.index, []) }

    static func kind(_ type: ResourceType) -> [UInt8] {
        Array(SHA256.hash(data: Array(type.name.utf8)).prefix(kindBytes))
    }

    // MARK: Writing

    /// A write, ready to be put.
    struct Staged: Sendable {
        let place: [UInt8]
        let kind: [UInt8]
        let expected: Int
        let patients: [String]
        let tags: [[UInt8]]
        let version: [UInt8]
        let isOwnAccount: Bool
    }

    func stage(_ write: Write) -> Staged {
        let stored = write.stored
        let tags = stored.resource == nil ? [] : write.keys.map(tag) + [tag(stored.key.type), tagOfAll]
        return Staged(
            place: place(stored.key), kind: Self.kind(stored.key.type), expected: write.expected,
            patients: stored.patients, tags: tags, version: Self.bytes(stored), isOwnAccount: stored.key.isOwnAccount)
    }

    /// Puts writes whose versions were compared.
    func write(_ writes: [Staged], over heads: [Head?], _ transaction: any NodeTransaction) throws {
        let number = try transaction.get(Self.count, []).map { try Wire.u64($0) + 1 } ?? 1
        try transaction.put(Self.count, [], number.bigEndianBytes)
        var entries: [[UInt8]: [UInt8]] = [:]
        for (write, head) in zip(writes, heads) {
            if let head { try retire(head, write, transaction) }
            for tag in write.tags { entries[tag, default: []] += write.kind + write.place }
            try transaction.put(
                Self.heads, write.place,
                Wire.list([number.bigEndianBytes, write.tags.flatMap(\.self), write.version]))
        }
        for (tag, places) in entries { try transaction.put(Self.index, tag + number.bigEndianBytes, places) }
    }

    /// Makes room for a newer version: the old one is kept, and found by nothing any more.
    private func retire(_ head: Head, _ write: Staged, _ transaction: any NodeTransaction) throws {
        try transaction.put(
            Self.versions, write.place + UInt32(write.expected).bigEndianBytes, head.bytes)
        let item = write.kind + write.place
        for tag in head.tags {
            let entry = tag + head.index
            guard let places = try transaction.get(Self.index, entry) else { continue }
            let rest = Self.items(places).filter { $0 != item }.flatMap(\.self)
            if rest.isEmpty {
                try transaction.remove(Self.index, entry)
            } else {
                try transaction.put(Self.index, entry, rest)
            }
        }
    }

    // MARK: Reading

    /// The places under a tag, of one type or of all.
    func places(_ tag: [UInt8], _ type: ResourceType?, _ reading: any NodeReading) throws -> [[UInt8]] {
        let kind = type.map(Self.kind)
        return try reading.scan(Self.index, prefix: tag, after: nil, limit: .max).flatMap { _, places in
            Self.items(places).filter { kind == nil || Array($0.prefix(Self.kindBytes)) == kind }
                .map { Array($0.dropFirst(Self.kindBytes)) }
        }
    }

    private static func items(_ places: [UInt8]) -> [[UInt8]] {
        let size = kindBytes + placeBytes
        return stride(from: 0, to: places.count - places.count % size, by: size).map { Array(places[$0..<$0 + size]) }
    }

    /// The newest version of a resource as it lies there.
    struct Head: Sendable {
        let index: [UInt8]
        let tags: [[UInt8]]
        let number: Int
        /// The whole version.
        let bytes: [UInt8]

        /// - Throws: `unavailable` for what this program did not write.
        init(wire bytes: [UInt8]) throws(Problem) {
            do {
                let fields = try Wire.fields(of: bytes, 3)
                index = fields[0]
                tags = stride(from: 0, to: fields[1].count, by: RecordLayout.tagBytes).map {
                    Array(fields[1][$0..<min($0 + RecordLayout.tagBytes, fields[1].count)])
                }
                self.bytes = fields[2]
                number = Int(clamping: try Wire.u64(try Wire.fields(of: fields[2], 6)[1]))
            } catch { throw Problem(.unavailable) }
        }

        /// Whom the newest version is about.
        func patients() throws -> [String] {
            try Wire.elements(of: try Wire.fields(of: bytes, 6)[3]).map { String(decoding: $0, as: UTF8.self) }
        }

        /// - Parameter key: what it must be.
        func version(of key: ResourceKey? = nil) throws(Problem) -> StoredVersion {
            try RecordLayout.version(wire: bytes, of: key)
        }
    }

    /// `list(Type/id, u64 version, u64 milliseconds, list(patients), 1 or 0 if deleted, resource)`
    static func bytes(_ stored: StoredVersion) -> [UInt8] {
        Wire.list([
            Array(stored.key.description.utf8), UInt64(stored.version).bigEndianBytes,
            UInt64(bitPattern: stored.lastUpdated.milliseconds).bigEndianBytes,
            Wire.list(stored.patients.map { Array($0.utf8) }), [stored.resource == nil ? 0 : 1],
            stored.resource?.bytes ?? [],
        ])
    }

    /// - Throws: `unavailable` for what this program did not write, or wrote of another resource.
    static func version(wire bytes: [UInt8], of key: ResourceKey?) throws(Problem) -> StoredVersion {
        do {
            let fields = try Wire.fields(of: bytes, 6)
            guard case .local(let named) = Reference(String(decoding: fields[0], as: UTF8.self)),
                key == nil || key == named
            else { throw Problem(.unavailable) }
            let time = FHIRInstant(milliseconds: Int64(bitPattern: try Wire.u64(fields[2])))
            let patients = try Wire.elements(of: fields[3]).map { String(decoding: $0, as: UTF8.self) }
            // It was within the limits of its day when it was written.
            let limits = JSONLimits(bytesMax: .max, depthMax: 256, nodesMax: .max)
            return StoredVersion(
                key: named, version: Int(clamping: try Wire.u64(fields[1])), lastUpdated: time,
                resource: fields[4] == [1] ? try Resource(fields[5], limits: limits) : nil, patients: patients)
        } catch { throw Problem(.unavailable) }
    }
}
