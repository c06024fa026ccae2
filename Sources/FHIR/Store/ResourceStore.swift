/// One version of a resource as it is kept.
public struct StoredVersion: Sendable {
    public let key: ResourceKey
    /// 1, 2, 3, .. without gaps; a deletion has a version too.
    public let version: Int
    public let lastUpdated: FHIRInstant
    /// nil: deleted.
    public let resource: Resource?
    /// The ids of the patients whom the resource is about, in order; of a resource of nobody none.
    public let patients: [String]

    public init(
        key: ResourceKey, version: Int, lastUpdated: FHIRInstant, resource: Resource?, patients: [String]
    ) {
        (self.key, self.version, self.lastUpdated) = (key, version, lastUpdated)
        (self.resource, self.patients) = (resource, patients)
    }

    var etag: String { "W/\"\(version)\"" }
    /// `Type/id/_history/version`
    var location: String { "\(key)/_history/\(version)" }
}

/// Something a resource can be found by without reading it. A store keeps it as a keyed tag: the value is personal.
public struct IndexKey: Hashable, Sendable {
    public let parameter: String
    public let value: String

    public init(_ parameter: String, _ value: String) { (self.parameter, self.value) = (parameter, value) }

    /// All that is about one patient.
    public static func patient(_ id: String) -> IndexKey { IndexKey("patient", id) }
}

/// A new version to be kept.
public struct Write: Sendable {
    public let stored: StoredVersion
    /// What the new version can be found by; of a deletion nothing.
    public let keys: Set<IndexKey>

    /// The version that must be the newest one now; 0: there must be none.
    public var expected: Int { stored.version - 1 }
}

/// Reading of kept resources. Both calls see everything that was committed before they began.
public protocol ResourceReading: Sendable {
    /// The newest version of each, deletions included; what never was is left out.
    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion]

    /// The newest versions that are not deleted, in order of their keys.
    /// - Parameters:
    ///   - type: of this type only.
    ///   - keys: with at least one of these only; nil: all.
    func candidates(_ type: ResourceType?, _ keys: Set<IndexKey>?) async throws(Problem) -> [StoredVersion]

    /// All versions, the newest one first.
    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion]
}

/// Where a gateway keeps resources.
///
/// - Consistency: `commit` is serialisable. It checks every `expected` and writes all or nothing, in one transaction.
/// - Durability: once `commit` returns, kill -9 loses nothing of it.
/// - Confidentiality: bytes, index values and ids are personal. A store on a disk seals the bytes bound to key and
///   version, and keeps index values as MACs.
/// - Trust: whoever can alter the store can alter what the hospital's systems read here. What other hospitals read is
///   signed and sealed elsewhere.
public protocol ResourceStore: ResourceReading {
    /// - Throws: `conflict` where a version is not the expected one; `unavailable`.
    func commit(_ writes: [Write]) async throws(Problem)
}
