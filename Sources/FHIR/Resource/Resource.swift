import Guards

/// A resource: a thin view of its JSON. What is not looked at here is carried along untouched.
public struct Resource: Sendable {
    public let json: JSONValue
    public let type: ResourceType
    /// The logical id, if it has one.
    public let id: String?

    /// Checks what a server has to check of any resource.
    /// - Throws: `notAResource`, `unknownType`, `badID`, `badMeta`.
    public init(_ json: JSONValue) throws(Problem) {
        guard json.kind == .object, let name = json["resourceType"]?.string else { throw Problem(.notAResource) }
        guard let type = ResourceType(name) else { throw Problem(.unknownType, at: .element("resourceType")) }
        if let id = json["id"] {
            guard let text = id.string, ResourceKey.isID(text) else {
                throw Problem(.badID, at: .element(name + ".id"))
            }
        }
        if let meta = json["meta"] {
            guard meta.kind == .object else { throw Problem(.badMeta, at: .element(name + ".meta")) }
            if let updated = meta["lastUpdated"], updated.string.flatMap({ DateRange($0, as: .instant) }) == nil {
                throw Problem(.badMeta, at: .element(name + ".meta.lastUpdated"))
            }
            if let version = meta["versionId"], !(version.string.map(ResourceKey.isID) ?? false) {
                throw Problem(.badMeta, at: .element(name + ".meta.versionId"))
            }
        }
        (self.json, self.type, self.id) = (json, type, json["id"]?.string)
    }

    /// Reads and checks a resource.
    /// - Throws: `json` beside those of `init(_:)`.
    public init(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(Problem) {
        do { try self.init(JSONDocument(bytes, limits: limits).root) } catch let error as JSONError {
            throw Problem(error)
        } catch let problem as Problem { throw problem } catch { throw Problem(.notAResource) }
    }

    public var key: ResourceKey? { id.flatMap { ResourceKey(type, $0) } }
    public var versionID: String? { json["meta"]?["versionId"]?.string }
    public var lastUpdated: FHIRInstant? {
        json["meta"]?["lastUpdated"]?.string.flatMap { DateRange($0, as: .instant) }
            .map { FHIRInstant(milliseconds: $0.low) }
    }

    /// The resource without the space between its tokens.
    public var bytes: [UInt8] { json.compact }

    /// Every `reference` that is not to something contained, wherever it stands.
    public var references: [Reference] {
        var found: [Reference] = []
        ResourceText.eachString(in: json) { name, value in
            guard name == .reference, let text = value.string else { return }
            found.append(Reference(text))
        }
        return found.filter { $0 != .contained }
    }
}
