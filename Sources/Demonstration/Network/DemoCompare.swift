import FHIR

/// Whether resources are the same but for their ids: by what they are, never by what they are called.
///
/// Each resource becomes a text without its id and without what a server says about it, its members in order. First all
/// links between resources read alike; then each is named by the first text of what it leads to. A link that leads to
/// another resource makes another text. Numbers stay as they are written.
struct DemoCompare {
    /// What a hospital's gateway adds of its own.
    private static let own: Set<String> = ["Provenance", "AuditEvent", "Consent"]
    private static let ofServer: Set<String> = ["versionId", "lastUpdated"]

    /// - Returns: how many resources there are on both sides; nil where they differ.
    static func same(sent: [UInt8], read: [JSONValue]) throws -> Int? {
        let entries = try JSONDocument(sent).root["entry"]?.each ?? []
        let pairs = entries.compactMap { entry in
            entry["resource"].map { (entry["fullUrl"]?.string ?? "", $0) }
        }
        let mine = read.filter { !own.contains($0["resourceType"]?.string ?? "") }.map { resource in
            ("\(resource["resourceType"]?.string ?? "")/\(resource["id"]?.string ?? "")", resource)
        }
        guard pairs.allSatisfy({ !own.contains($0.1["resourceType"]?.string ?? "") }) else { return nil }
        let (a, b) = (shapes(pairs), shapes(mine))
        return a == b ? a.count : nil
    }

    private static func shapes(_ resources: [(name: String, json: JSONValue)]) -> [String] {
        let known = Dictionary(resources.map { ($0.name, "LINK") }, uniquingKeysWith: { first, _ in first })
        let first = resources.map { bare($0.json, known) }
        // A text's place among all stands for it: where the texts differ, so do the results.
        let places = Dictionary(uniqueKeysWithValues: Set(first).sorted().enumerated().map { ($1, "LINK \($0)") })
        let marks = Dictionary(
            zip(resources.map(\.name), first.compactMap { places[$0] }), uniquingKeysWith: { first, _ in first })
        return resources.map { bare($0.json, marks) }.sorted()
    }

    private static func bare(_ json: JSONValue, _ links: [String: String]) -> String {
        var out = ""
        write(json, &out, without: ["id"]) { text in
            if let mark = links[text] { return mark }
            guard let hash = text.firstIndex(of: "#"), let mark = links[String(text[..<hash])] else { return text }
            return mark + text[hash...]
        }
        return out
    }

    /// - Parameter without: members that are left out at this level.
    private static func write(
        _ json: JSONValue, _ out: inout String, without: Set<String> = [], _ link: (String) -> String
    ) {
        switch json.kind {
        case .string:
            // With its length: no text can pass for another with a quotation mark in it.
            let text = link(json.string ?? "")
            out += "\(text.utf8.count)\"\(text)\""
        case .array:
            out += "["
            for element in json.elements {
                write(element, &out, link)
                out += ","
            }
            out += "]"
        case .object:
            out += "{"
            let members = json.members.map { ($0.name, $0.value) }.filter { !without.contains($0.0) }
            for (name, value) in members.sorted(by: { $0.0 < $1.0 }) {
                let isMeta = name == "meta" && !without.isEmpty
                // What only the server says is no member at all.
                if isMeta, value.members.allSatisfy({ ofServer.contains($0.name) }) { continue }
                out += "\"\(name)\":"
                write(value, &out, without: isMeta ? ofServer : [], link)
                out += ","
            }
            out += "}"
        case .number: out += json.numberText ?? ""
        case .bool: out += json.bool == true ? "true" : "false"
        case .null: out += "null"
        }
    }
}
