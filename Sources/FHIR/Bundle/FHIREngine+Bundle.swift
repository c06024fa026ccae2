import Guards

/// What an entry of a bundle was answered.
enum EntryOutcome: Sendable {
    case written(WriteResult)
    case got(FHIRResponse)
    case failed(Problem)

    /// Bytes of what was read.
    var byteCount: Int {
        guard case .got(let response) = self else { return 0 }
        return response.body.count
    }
}

extension FHIREngine {
    /// A transaction or batch.
    func bundle(_ request: FHIRRequest, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        let document: JSONDocument
        do { document = try JSONDocument(request.body, limits: options.limits) } catch { throw Problem(error) }
        let plan = try BundlePlan(document.root, base: options.base, entriesMax: options.entriesMax)
        let outcomes: [EntryOutcome]
        switch plan.kind {
        case .transaction:
            var entries: [BundleEntry] = []
            for entry in plan.entries { entries.append(try entry.get()) }
            try Self.refuseDuplicates(entries)
            outcomes = try await atomically { (overlay) throws(Problem) in
                try await run(entries, isTransaction: true, in: &overlay, turn)
            }
        case .batch: outcomes = await batch(plan.entries, turn)
        }
        return FHIRResponse(200, body: Self.write(outcomes, "\(plan.kind.rawValue)-response", turn))
    }

    /// Each entry for itself: what fails leaves the others alone.
    private func batch(_ entries: [Result<BundleEntry, Problem>], _ turn: Turn) async -> [EntryOutcome] {
        var (outcomes, answered) = ([EntryOutcome](), 0)
        for entry in entries {
            do throws(Problem) {
                let entry = try entry.get()
                try checkCost(entry, answered)
                let outcome = try await atomically { (overlay) throws(Problem) in
                    try await run([entry], isTransaction: false, in: &overlay, turn)
                }
                outcomes += outcome
                answered += outcome.reduce(0) { $0 + $1.byteCount }
            } catch { outcomes.append(.failed(error)) }
        }
        return outcomes
    }

    /// - Throws: `tooCostly` for one more read when the answer is long already.
    private func checkCost(_ entry: BundleEntry, _ answered: Int) throws(Problem) {
        guard case .get = entry.action, answered > options.answerBytesMax, enforced("guard:fhir.answer") else { return }
        throw Problem(.tooCostly).inEntry(entry.index)
    }

    /// Two entries that change one resource have no order in which to do so.
    /// - Throws: `duplicateEntry`.
    private static func refuseDuplicates(_ entries: [BundleEntry]) throws(Problem) {
        var (names, keys) = (Set<String>(), Set<ResourceKey>())
        for entry in entries {
            if let name = entry.fullURL, entry.resource != nil, !names.insert(name).inserted {
                throw Problem(.duplicateEntry).inEntry(entry.index)
            }
            switch entry.action {
            case .update(_, let key), .delete(let key):
                guard keys.insert(key).inserted else { throw Problem(.duplicateEntry).inEntry(entry.index) }
            default: break
            }
        }
    }

    // MARK: Identities

    /// Where each entry's resource is or will be, and what every address stands for.
    private struct Assignment {
        /// By position in the list of entries.
        var keys: [Int: ResourceKey] = [:]
        /// Entries whose condition names a resource that is there.
        var matched: [Int: StoredVersion] = [:]
        var addresses: [String: String] = [:]
    }

    private func assign(
        _ entries: [BundleEntry], in overlay: Overlay, _ turn: Turn
    ) async throws(Problem) -> Assignment {
        var assignment = Assignment()
        var pending: [Int] = []
        for (position, entry) in entries.enumerated() {
            do throws(Problem) {
                switch entry.action {
                case .create(let resource):
                    if let condition = entry.condition,
                        let found = try await match(resource.type, condition, in: overlay, turn)
                    {
                        assignment.matched[position] = found
                        assignment.keys[position] = found.key
                    } else {
                        pending.append(position)
                    }
                case .update(_, let key): assignment.keys[position] = key
                case .conditionalUpdate(let resource, let items):
                    let found = try await match(resource.type, items, in: overlay, turn)
                    if let found, let id = resource.id, id != found.key.id, !Self.isTemporary(entry) {
                        throw Problem(.wrongID)
                    }
                    if let key = found?.key ?? (Self.isTemporary(entry) ? nil : resource.key) {
                        assignment.keys[position] = key
                    } else {
                        pending.append(position)
                    }
                case .delete, .get: break
                }
            } catch { throw error.inEntry(entry.index) }
        }
        name(pending, entries, &assignment)
        return assignment
    }

    /// The id in a resource whose entry is named by a UUID is only its name within the bundle.
    private static func isTemporary(_ entry: BundleEntry) -> Bool { entry.fullURL?.hasPrefix("urn:") ?? false }

    /// Gives ids to what is to be created.
    private func name(_ pending: [Int], _ entries: [BundleEntry], _ assignment: inout Assignment) {
        for (position, key) in assignment.keys {
            for address in Self.addresses(of: entries[position]) { assignment.addresses[address] = key.description }
        }
        var owner: [String: Int] = [:]
        for (index, position) in pending.enumerated() {
            for address in Self.addresses(of: entries[position]) { owner[address] = index }
        }
        let items = pending.compactMap { position in
            entries[position].resource.map { resource in
                BundleIdentity.Item(
                    resource: resource, fullURL: entries[position].fullURL, ordinal: entries[position].ordinal)
            }
        }
        let ids = BundleIdentity(hash: identity).ids(of: items, owner: owner, fixed: assignment.addresses)
        for (index, position) in pending.enumerated() {
            guard let key = ResourceKey(items[index].resource.type, ids[index]) else { continue }
            assignment.keys[position] = key
            for address in Self.addresses(of: entries[position]) { assignment.addresses[address] = key.description }
        }
    }

    /// A `fullUrl`, and where it is an address of a server, the relative reference too.
    private static func addresses(of entry: BundleEntry) -> [String] {
        guard let name = entry.fullURL, !name.isEmpty, entry.resource != nil else { return [] }
        guard case .absolute(_, let key) = Reference(name) else { return [name] }
        return [name, key.description]
    }

    // MARK: Work

    /// Stages what the entries ask for and answers each, in the order in which they came.
    private func run(
        _ entries: [BundleEntry], isTransaction: Bool, in overlay: inout Overlay, _ turn: Turn
    ) async throws(Problem) -> [EntryOutcome] {
        var assignment = try await assign(entries, in: overlay, turn)
        let beside = entries.indices.compactMap { position -> (resource: Resource, address: String)? in
            guard let resource = entries[position].resource, let key = assignment.keys[position] else { return nil }
            return (resource, key.description)
        }
        for entry in entries {
            guard let resource = entry.resource else { continue }
            do throws(Problem) {
                let found = try await resolveConditional(
                    resource, beside: isTransaction ? beside : [], known: assignment.addresses, in: overlay, turn)
                assignment.addresses.merge(found) { first, _ in first }
            } catch { throw error.inEntry(entry.index) }
        }
        var (outcomes, answered) = ([EntryOutcome?](repeating: nil, count: entries.count), 0)
        let order = entries.indices.sorted { (entries[$0].rank, $0) < (entries[$1].rank, $1) }
        for position in order {
            let entry = entries[position]
            try checkCost(entry, answered)
            do throws(Problem) {
                if isTransaction, let resource = entry.resource { try Self.checkReferences(resource, assignment) }
                let outcome = try await perform(entry, position, assignment, in: &overlay, turn)
                answered += outcome.byteCount
                outcomes[position] = outcome
            } catch { throw error.inEntry(entry.index) }
        }
        return outcomes.compactMap { $0 }
    }

    /// - Throws: `unresolvedReference` for a UUID that no entry of the bundle has.
    private static func checkReferences(_ resource: Resource, _ assignment: Assignment) throws(Problem) {
        for reference in resource.references {
            guard case .urn(let name) = reference else { continue }
            let plain = String(name.prefix { $0 != "#" })
            guard assignment.addresses[name] != nil || assignment.addresses[plain] != nil else {
                throw Problem(.unresolvedReference)
            }
        }
    }

    private func perform(
        _ entry: BundleEntry, _ position: Int, _ assignment: Assignment, in overlay: inout Overlay, _ turn: Turn
    ) async throws(Problem) -> EntryOutcome {
        switch entry.action {
        case .delete(let key):
            return .written(try await stageDelete(key, entry.preconditions, in: &overlay, turn))
        case .get(let path, let query):
            var request = FHIRRequest("GET", path, query: query, caller: turn.caller)
            if let tag = entry.preconditions.ifNoneMatch { request.headers = [("If-None-Match", tag)] }
            let response = await over(overlay).answer(request)
            return .got(response)
        case .create(let resource):
            if let found = assignment.matched[position] {
                return .written(WriteResult(kind: .unchanged, stored: found))
            }
            guard let key = assignment.keys[position] else { throw Problem(.badEntry) }
            // The id was made of the content: what is there under it was created by the same entry, sent before, and
            // may have been changed since. To create it again changes nothing.
            let existing = try await overlay.current([key])[key]
            if let existing, existing.resource != nil, await maySee(existing, key.type, turn) {
                return .written(WriteResult(kind: .unchanged, stored: existing))
            }
            return .written(
                try await stage(resource, as: key, edits(resource, assignment), Preconditions(), in: &overlay, turn))
        case .update(let resource, _), .conditionalUpdate(let resource, _):
            guard let key = assignment.keys[position] else { throw Problem(.badEntry) }
            return .written(
                try await stage(
                    resource, as: key, edits(resource, assignment), entry.preconditions, in: &overlay, turn))
        }
    }

    private func edits(_ resource: Resource, _ assignment: Assignment) -> [JSONEdit] {
        guard !assignment.addresses.isEmpty else { return [] }
        return ResourceText.edits(in: resource.json) { assignment.addresses[$0] }
    }

    // MARK: Answer

    private static func write(_ outcomes: [EntryOutcome], _ type: String, _ turn: Turn) -> [UInt8] {
        var writer = BundleWriter(type)
        for outcome in outcomes {
            switch outcome {
            case .failed(let problem):
                writer.entry(
                    fullUrl: nil, nil,
                    [
                        (
                            "response",
                            [
                                "status": .string(status(problem.code.status)),
                                "outcome": OperationOutcome.json([problem]),
                            ]
                        )
                    ])
            case .got(let response):
                let isGood = (200..<300).contains(response.status)
                let outcome: (String, JSONText)? =
                    isGood || response.body.isEmpty ? nil : ("outcome", .raw(response.body))
                let members: [(String, JSONText?)] = [
                    ("status", .string(status(response.status))),
                    ("etag", response.header("ETag").map(JSONText.string)),
                    ("outcome", outcome?.1),
                ]
                writer.entry(fullUrl: nil, isGood ? response.body : nil, [("response", .members(members))])
            case .written(let result):
                let stored = result.stored
                let resource = turn.wants == .representation ? stored.resource?.bytes : nil
                let members: [(String, JSONText?)] = [
                    ("status", .string(result.statusText)),
                    ("location", result.kind == .deleted ? nil : .string(stored.location)),
                    ("etag", .string(stored.etag)), ("lastModified", .string(stored.lastUpdated.description)),
                    ("outcome", turn.wants == .outcome ? OperationOutcome.allOK : nil),
                ]
                writer.entry(fullUrl: nil, resource, [("response", .members(members))])
            }
        }
        return writer.finish()
    }

    private static func status(_ code: Int) -> String {
        let words = [
            200: "OK", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 412: "Precondition Failed",
            413: "Content Too Large", 422: "Unprocessable Content", 503: "Service Unavailable",
        ]
        return words[code].map { "\(code) \($0)" } ?? String(code)
    }
}
