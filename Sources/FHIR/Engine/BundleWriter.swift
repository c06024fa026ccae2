/// Writes a bundle entry by entry; resources are copied as they are.
struct BundleWriter {
    private(set) var out: [UInt8] = []
    private var links: [(String, String)] = []
    private var entries = 0

    init(_ type: String, total: Int? = nil) {
        out += Array(#"{"resourceType":"Bundle","type":""#.utf8) + Array(type.utf8) + Array("\"".utf8)
        if let total { out += Array(",\"total\":\(total)".utf8) }
    }

    mutating func link(_ relation: String, _ url: String) { links.append((relation, url)) }

    /// After the links.
    mutating func beginEntries() {
        guard !links.isEmpty else { return }
        out += Array(",\"link\":".utf8)
        JSONText.array(links.map { ["relation": .string($0.0), "url": .string($0.1)] }).append(to: &out)
    }

    /// - Parameter members: what stands beside the resource.
    mutating func entry(fullUrl: String?, _ resource: [UInt8]?, _ members: [(String, JSONText)]) {
        out += Array((entries == 0 ? ",\"entry\":[" : ",").utf8)
        entries += 1
        let named: [(String, JSONText?)] = [
            ("fullUrl", fullUrl.map(JSONText.string)), ("resource", resource.map(JSONText.raw)),
        ]
        JSONText.members(named + members.map { ($0.0, $0.1) }).append(to: &out)
    }

    mutating func finish() -> [UInt8] {
        if entries > 0 { out.append(UInt8(ascii: "]")) }
        out.append(UInt8(ascii: "}"))
        return out
    }
}
