import Guards

extension FHIREngine {
    /// Whether the caller may see a version, which may be nil: the question is asked all the same.
    func maySee(_ stored: StoredVersion?, _ type: ResourceType, _ turn: Turn) async -> Bool {
        let may = await access.mayRead(type, patients: stored?.patients ?? [], caller: turn.caller)
        return may || !enforced("guard:fhir.visible")
    }

    /// Those that the caller may see. Each group of patients is asked about once.
    func visible(_ found: [StoredVersion], _ turn: Turn) async -> [StoredVersion] {
        struct Question: Hashable {
            let type: ResourceType
            let patients: [String]
        }
        var (answers, seen) = ([Question: Bool](), [StoredVersion]())
        for stored in found {
            let question = Question(type: stored.key.type, patients: stored.patients)
            var may = answers[question]
            if may == nil {
                may = await maySee(stored, stored.key.type, turn)
                answers[question] = may
            }
            if may ?? false { seen.append(stored) }
        }
        return seen
    }

    /// - Throws: `forbidden`, alike for what never was, what was deleted, and what the caller may not see.
    func read(_ key: ResourceKey, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        let stored = try await store.current([key])[key]
        let may = await maySee(stored, key.type, turn)
        guard may, let stored, let resource = stored.resource else { throw Problem(.forbidden) }
        if let tags = turn.ifNoneMatch, ETag.list(tags).contains(where: { $0 == "*" || $0 == String(stored.version) }) {
            return FHIRResponse(304, headers: [("ETag", stored.etag)])
        }
        return FHIRResponse(200, headers: versionHeaders(stored), body: resource.bytes)
    }

    func vread(_ key: ResourceKey, _ version: String, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        // The patients of today decide too: a record that was put right is not read under the wrong name. And they are
        // asked about first: to collect a history would take longer for one that is there.
        let current = try await store.current([key])[key]
        guard await maySee(current, key.type, turn), current != nil else { throw Problem(.forbidden) }
        let stored = try await store.history(key).first { String($0.version) == version }
        let may = await maySee(stored, key.type, turn)
        guard may, let stored, let resource = stored.resource else { throw Problem(.forbidden) }
        return FHIRResponse(200, headers: versionHeaders(stored), body: resource.bytes)
    }

    /// All versions, the newest first. A history is short; it is not paged.
    func history(_ key: ResourceKey, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        let current = try await store.current([key])[key]
        guard await maySee(current, key.type, turn), current != nil else { throw Problem(.forbidden) }
        let versions = try await store.history(key)
        let seen = await visible(versions.filter { $0.resource != nil }, turn)
        guard seen.count == versions.filter({ $0.resource != nil }).count, !seen.isEmpty else {
            throw Problem(.forbidden)
        }
        var writer = BundleWriter("history", total: versions.count)
        writer.link("self", "\(options.base)/\(key)/_history")
        writer.beginEntries()
        for stored in versions {
            guard writer.out.count < options.answerBytesMax else { throw Problem(.tooCostly) }
            let method = stored.resource == nil ? "DELETE" : stored.version == 1 ? "POST" : "PUT"
            let url = method == "POST" ? key.type.name : key.description
            writer.entry(
                fullUrl: "\(options.base)/\(key)", stored.resource?.bytes,
                [
                    ("request", ["method": .string(method), "url": .string(url)]),
                    (
                        "response",
                        [
                            "status": .string(stored.version == 1 ? "201 Created" : "200 OK"),
                            "etag": .string(stored.etag), "lastModified": .string(stored.lastUpdated.description),
                        ]
                    ),
                ])
        }
        return FHIRResponse(200, body: writer.finish())
    }

    func versionHeaders(_ stored: StoredVersion) -> [(name: String, value: String)] {
        [("ETag", stored.etag), ("Last-Modified", stored.lastUpdated.httpDate)]
    }
}

/// Entity tags: `W/"3"` is version 3.
enum ETag {
    /// The versions in a list of tags; `*` stays as it is.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            var tag = part[...].drop(while: \.isWhitespace)
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            return tag.filter { $0 != "\"" && !$0.isWhitespace }
        }
    }
}
