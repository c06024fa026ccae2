/// Where the strings of a resource stand, and how it is written again with other references, id and version.
enum ResourceText {
    /// What the member is that a string is the value of.
    enum Role { case reference, narrative, literal, other }

    /// Members that are looked at in their own way, by the length of their names. Those that hold text are never an
    /// address to be replaced, though they may look like one.
    private static let roles: [[(name: StaticString, role: Role)]] = {
        let named: [(StaticString, Role)] = [
            ("reference", .reference), ("div", .narrative), ("value", .literal), ("display", .literal),
            ("text", .literal), ("fullUrl", .literal), ("system", .literal), ("valueString", .literal),
            ("valueMarkdown", .literal), ("valueCode", .literal), ("valueCanonical", .literal),
            ("instantiatesCanonical", .literal),
        ]
        return (0...21).map { count in named.filter { $0.0.utf8CodeUnitCount == count } }
    }()

    /// Calls `body` for each string value inside `json`, in their order. Not recursive.
    static func eachString(in json: JSONValue, _ body: (Role, JSONValue) -> Void) {
        let nodes = json.document.nodes
        var role = Role.other
        var index = json.index + 1
        let end = Int(json.node.next)
        while index < end {
            let node = nodes[index]
            if node.isName {
                role = self.role(of: node, in: json.document)
            } else if node.kind == .string {
                body(role, JSONValue(document: json.document, index: index))
            } else if node.kind == .object {
                role = .other
            }
            index += 1
        }
    }

    private static func role(of node: JSONNode, in document: JSONDocument) -> Role {
        let count = Int(node.end - node.start)
        // A name that is spelled with escape sequences is the same name, only longer.
        let candidates = node.isEscaped ? roles.flatMap { $0 } : count < roles.count ? roles[count] : []
        for (name, role) in candidates where name.withUTF8Buffer({ document.isName(node, $0) }) { return role }
        return .other
    }

    /// The replacements that turn addresses into others, in order of their places.
    ///
    /// R4 asks for more than `Reference.reference`: elements that hold an address, and the links of the narrative.
    /// (https://hl7.org/fhir/R4/http.html#trules)
    /// - Parameter resolve: what stands for an address such as `urn:uuid:..`, or nil where it stays.
    static func edits(in json: JSONValue, _ resolve: (String) -> String?) -> [JSONEdit] {
        var edits: [JSONEdit] = []
        func replace(_ value: JSONValue, by text: String) {
            var bytes: [UInt8] = []
            JSONStrings.append(text.utf8, to: &bytes)
            edits.append(JSONEdit(range: value.range, replacement: bytes))
        }
        eachString(in: json) { role, value in
            guard role != .literal, role == .reference || mayBeAddress(value), let text = value.string else { return }
            let new = role == .narrative ? narrative(text, resolve) : target(of: text, resolve)
            if let new { replace(value, by: new) }
        }
        return edits
    }

    /// Most strings are no addresses, and are not looked at further: one without a colon is none.
    private static func mayBeAddress(_ value: JSONValue) -> Bool { value.bytes.contains(UInt8(ascii: ":")) }

    /// The new address; a fragment stays behind it.
    private static func target(of text: String, _ resolve: (String) -> String?) -> String? {
        if let new = resolve(text) { return new }
        guard let hash = text.firstIndex(of: "#"), hash > text.startIndex, let new = resolve(String(text[..<hash]))
        else { return nil }
        return new + text[hash...]
    }

    /// `href` and `src` in the XHTML of a narrative.
    private static func narrative(_ text: String, _ resolve: (String) -> String?) -> String? {
        guard text.contains("href=") || text.contains("src=") else { return nil }
        var (out, rest, changed) = ("", text[...], false)
        while let mark = rest.firstRange(of: /(href|src)=["']/) {
            out += rest[..<mark.upperBound]
            let quote = rest[rest.index(before: mark.upperBound)]
            rest = rest[mark.upperBound...]
            let end = rest.firstIndex(of: quote) ?? rest.endIndex
            if let new = target(of: String(rest[..<end]), resolve) {
                (out, changed) = (out + new, true)
            } else {
                out += rest[..<end]
            }
            rest = rest[end...]
        }
        return changed ? out + rest : nil
    }
}

/// What a server writes into a resource when it stores it.
struct Stamp: Sendable {
    let id: String
    let version: Int
    let lastUpdated: FHIRInstant
}

extension Resource {
    /// What the author wrote: the resource without id, version and time of the last update, with `edits` applied. Two
    /// resources with the same content are the same to us.
    func content(_ edits: [JSONEdit] = []) -> [UInt8] { written(nil, edits) }

    /// The resource as it is stored.
    func stamped(_ stamp: Stamp, _ edits: [JSONEdit] = []) -> [UInt8] { written(stamp, edits) }

    /// Id and meta keep their places; without one they stand behind the type.
    private func written(_ stamp: Stamp?, _ edits: [JSONEdit]) -> [UInt8] {
        var writer = MemberWriter(edits: edits)
        writer.out.reserveCapacity(json.range.count + 128)
        let (hasID, hasMeta) = (json["id"] != nil, json["meta"] != nil)
        func id() { if let stamp { writer.member("id", .string(stamp.id)) } }
        func meta(_ old: JSONValue?) { Resource.meta(old, stamp, &writer) }
        writer.begin()
        for member in json.members {
            switch member.name {
            case "id":
                id()
                if !hasMeta { meta(nil) }
            case "meta": meta(member.value)
            case "resourceType":
                writer.copy(member)
                if !hasID { id() }
                if !hasID && !hasMeta { meta(nil) }
            default: writer.copy(member)
            }
        }
        writer.end()
        return writer.out
    }

    private static func meta(_ old: JSONValue?, _ stamp: Stamp?, _ writer: inout MemberWriter) {
        let others = (old?.members).map { $0.filter { $0.name != "versionId" && $0.name != "lastUpdated" } } ?? []
        guard stamp != nil || !others.isEmpty else { return }
        writer.name("meta")
        writer.begin()
        if let stamp {
            writer.member("versionId", .string(String(stamp.version)))
            writer.member("lastUpdated", .string(stamp.lastUpdated.description))
        }
        for member in others { writer.copy(member) }
        writer.end()
    }
}

/// Writes an object member by member, taking each edit at its place.
private struct MemberWriter {
    var out: [UInt8] = []
    private var edits: ArraySlice<JSONEdit>
    private var needsComma = false

    init(edits: [JSONEdit]) { self.edits = edits[...] }

    mutating func begin() {
        out.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func end() {
        out.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func name(_ name: String) {
        if needsComma { out.append(UInt8(ascii: ",")) }
        JSONStrings.append(name.utf8, to: &out)
        out.append(UInt8(ascii: ":"))
        needsComma = true
    }

    mutating func member(_ name: String, _ value: JSONText) {
        self.name(name)
        value.append(to: &out)
    }

    /// The member as it was, with the edits that lie in it.
    mutating func copy(_ member: JSONValue.Member) {
        if needsComma { out.append(UInt8(ascii: ",")) }
        let name = JSONValue(document: member.value.document, index: member.nameIndex)
        out += name.bytes
        out.append(UInt8(ascii: ":"))
        let range = member.value.range
        edits = edits.drop { $0.range.lowerBound < range.lowerBound }
        let inside = edits.prefix { $0.range.upperBound <= range.upperBound }
        JSONWriter.compact(member.value, edits: inside, to: &out)
        edits = edits.dropFirst(inside.count)
        needsComma = true
    }
}
