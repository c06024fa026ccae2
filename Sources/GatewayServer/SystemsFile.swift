import FHIR
import Policy

/// One line of `systems.json`: which system of the hospital may use the gateway.
///
///     [ { "name": "his", "token_sha256": "..", "certificate_sha256": "..",
///         "role": "physician", "staff": "his-doctor" } ]
public struct SystemEntry: Hashable, Sendable {
    /// 1 to 64 of `A-Z a-z 0-9 - .`
    public let name: String
    /// 32 bytes.
    public let tokenHash: [UInt8]?
    /// 32 bytes: of the public key (SPKI) of the client certificate.
    public let certificateHash: [UInt8]?
    public let role: Role
    /// Names the member of staff whose key signs what it asks; of the same form as `name`.
    public let staff: String
}

/// Reads `systems.json`.
public enum SystemsFile {
    /// Why the file cannot be used. Holds a position and the name of a member, nothing of the content.
    public enum Fault: Error, Hashable, Sendable {
        /// No JSON, or not an array of 1 to 256 objects.
        case form
        /// An entry, from 0, lacks a member, has another one, or one of another form.
        case entry(Int, member: String)
        /// Two entries have the same name, token or certificate.
        case twice(Int)
    }

    static let limits = JSONLimits(bytesMax: 1 << 20, depthMax: 4, nodesMax: 8_192)
    static let entriesMax = 256

    /// - Throws: `Fault`.
    public static func entries(_ bytes: [UInt8]) throws(Fault) -> [SystemEntry] {
        guard let root = try? JSONDocument(bytes, limits: limits).root, root.kind == .array else { throw .form }
        let all = Array(root.elements)
        guard (1...entriesMax).contains(all.count) else { throw .form }
        var (entries, seen) = ([SystemEntry](), Set<String>())
        for (index, json) in all.enumerated() {
            let entry = try entry(json, index)
            var marks = ["name " + entry.name]
            marks += entry.tokenHash.map { ["token " + Hex.text($0)] } ?? []
            marks += entry.certificateHash.map { ["certificate " + Hex.text($0)] } ?? []
            for mark in marks { guard seen.insert(mark).inserted else { throw .twice(index) } }
            entries.append(entry)
        }
        return entries
    }

    private static func entry(_ json: JSONValue, _ index: Int) throws(Fault) -> SystemEntry {
        let known: Set<String> = ["name", "token_sha256", "certificate_sha256", "role", "staff"]
        guard json.kind == .object, json.members.allSatisfy({ known.contains($0.name) }) else {
            throw .entry(index, member: "-")
        }
        func text(_ name: String) throws(Fault) -> String {
            guard let text = json[name]?.string, ResourceKey.isID(text) else { throw .entry(index, member: name) }
            return text
        }
        func hash(_ name: String) throws(Fault) -> [UInt8]? {
            guard let value = json[name], value.kind != .null else { return nil }
            guard let bytes = value.string.flatMap({ Hex.bytes($0, count: 32) }) else {
                throw .entry(index, member: name)
            }
            return bytes
        }
        guard let role = json["role"]?.string.flatMap({ Role(rawValue: $0) }) else {
            throw .entry(index, member: "role")
        }
        let entry = SystemEntry(
            name: try text("name"), tokenHash: try hash("token_sha256"),
            certificateHash: try hash("certificate_sha256"), role: role, staff: try text("staff"))
        guard entry.tokenHash != nil || entry.certificateHash != nil else {
            throw .entry(index, member: "token_sha256")
        }
        return entry
    }
}
