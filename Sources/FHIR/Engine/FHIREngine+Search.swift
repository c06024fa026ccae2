extension FHIREngine {
    /// A search of one type.
    func search(_ type: ResourceType, _ items: [QueryItem], _ turn: Turn) async throws(Problem) -> FHIRResponse {
        let query = try SearchQuery(
            type, items, isStrict: turn.isStrict, base: options.base, zoneMinutes: options.zoneMinutes)
        let run = SearchRun(reading: store, setting: turn.setting)
        let found = await visible(try await run.matches(query), turn)
        let size = min(query.count ?? options.pageSize, options.pageMax)
        let state = PageState(
            caller: turn.caller, query: query, path: type.name, keys: found.map(\.key), total: found.count, size: size,
            offset: 0, until: deadline(turn))
        return try await give(state, selfLink: selfLink(query, type.name), turn)
    }

    /// The next page of an earlier search.
    func page(_ token: String, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        let state = try pages.page(token, caller: turn.caller, now: turn.now)
        return try await give(state, selfLink: pageLink(state.path, token), turn)
    }

    private func deadline(_ turn: Turn) -> FHIRInstant {
        FHIRInstant(milliseconds: turn.now.milliseconds + PageTable.lifetimeMilliseconds)
    }

    private func pageLink(_ path: String, _ token: String) -> String { "\(options.base)/\(path)?_page=\(token)" }

    /// What was understood; values that are personal are left out.
    private func selfLink(_ query: SearchQuery, _ path: String) -> String {
        let items = query.understood.map { QueryString.encoded($0.name) + "=" + QueryString.encoded($0.value) }
        return options.base + "/" + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    /// One page. Rights are asked about again for each: what was withdrawn since the search is not given any more.
    private func give(_ state: PageState, selfLink: String, _ turn: Turn) async throws(Problem) -> FHIRResponse {
        var writer = BundleWriter("searchset", total: state.total)
        writer.link("self", selfLink)
        guard !state.query.isCountOnly else {
            writer.beginEntries()
            return FHIRResponse(200, body: writer.finish())
        }
        let wanted = Array(state.keys[state.offset...].prefix(state.size))
        let current = try await store.current(wanted)
        var (page, taken, bytes) = ([StoredVersion](), 0, 0)
        for key in wanted {
            guard bytes < options.pageBytes else { break }
            taken += 1
            guard let stored = current[key], let resource = stored.resource else { continue }
            bytes += resource.json.range.count
            page.append(stored)
        }
        page = await visible(page, turn)
        if state.offset + taken < state.keys.count {
            let token = Self.hex(random(16))
            let next = PageState(
                caller: state.caller, query: state.query, path: state.path, keys: state.keys, total: state.total,
                size: state.size, offset: state.offset + taken, until: deadline(turn))
            pages.keep(next, as: token)
            writer.link("next", pageLink(state.path, token))
        }
        writer.beginEntries()
        try await writeEntries(&writer, page, state.query, turn)
        return FHIRResponse(200, body: writer.finish())
    }

    private func writeEntries(
        _ writer: inout BundleWriter, _ page: [StoredVersion], _ query: SearchQuery, _ turn: Turn
    ) async throws(Problem) {
        for stored in page {
            writer.entry(
                fullUrl: "\(options.base)/\(stored.key)", stored.resource?.bytes, [("search", ["mode": "match"])])
        }
        if !query.includes.isEmpty || !query.reverseIncludes.isEmpty {
            let run = SearchRun(reading: store, setting: turn.setting)
            for stored in await visible(try await run.included(with: page, query), turn) {
                guard writer.out.count < options.answerBytesMax else { throw Problem(.tooCostly) }
                writer.entry(
                    fullUrl: "\(options.base)/\(stored.key)", stored.resource?.bytes,
                    [("search", ["mode": "include"])])
            }
        }
        if let number = query.ignored.first {
            let outcome = OperationOutcome.warning(Problem(.unknownParameter, at: .parameter(number)))
            writer.entry(fullUrl: nil, outcome.bytes, [("search", ["mode": "outcome"])])
        }
    }

    // MARK: $everything

    /// `Patient/[id]/$everything`: the patient, all that is about the patient, and what that refers to, such as
    /// practitioners and organisations; never anything about another patient.
    func everything(
        _ key: ResourceKey, _ items: [QueryItem], _ turn: Turn
    ) async throws(Problem) -> FHIRResponse {
        let wish = try EverythingWish(items, options: options, isStrict: turn.isStrict)
        let patient = try await store.current([key])[key]
        let may = await maySee(patient, key.type, turn)
        // Before anything is collected: that would take longer for somebody who is there.
        guard may, let patient, patient.resource != nil else { throw Problem(.forbidden) }
        let found = try await store.candidates(nil, [.patient(key.id)])
        var all = [patient] + found.filter { $0.key != key && wish.includesByDefault($0.key.type) }
        all = all.filter { $0.key == key || wish.isAsked($0, zoneMinutes: options.zoneMinutes) }
        all += try await supporting(all)
        all = await visible(all.filter { wish.isType($0.key.type) && wish.isSince($0) }, turn)
        var query = try SearchQuery(key.type, [])
        query.count = wish.count
        query.isCountOnly = wish.count == 0
        let size = min(wish.count ?? options.everythingSize, options.pageMax)
        let state = PageState(
            caller: turn.caller, query: query, path: "\(key)/$everything", keys: all.map(\.key), total: all.count,
            size: size, offset: 0, until: deadline(turn))
        return try await give(state, selfLink: "\(options.base)/\(key)/$everything", turn)
    }

    /// What is referred to and is about nobody, and what that refers to again.
    private func supporting(_ found: [StoredVersion]) async throws(Problem) -> [StoredVersion] {
        var (known, new, out) = (Set(found.map(\.key)), found, [StoredVersion]())
        for _ in 0..<4 where !new.isEmpty {
            let wanted = Set(
                new.flatMap { $0.resource?.references ?? [] }.compactMap { $0.key(on: options.base) }
            ).subtracting(known)
            known.formUnion(wanted)
            new = try await store.current(wanted.sorted()).values
                .filter { $0.resource != nil && $0.patients.isEmpty && $0.key.type != .patient }
            out += new
        }
        return out.sorted { $0.key < $1.key }
    }
}

/// The parameters of `$everything`.
private struct EverythingWish {
    var count: Int?
    private var types: Set<ResourceType>?
    private var since: Int64?
    private var period = DateRange.everything

    init(_ items: [QueryItem], options: FHIREngine.Options, isStrict: Bool) throws(Problem) {
        for (index, item) in items.enumerated() {
            let place = Problem.Place.parameter(index + 1)
            func range(_ form: DateRange.Form) throws(Problem) -> DateRange {
                guard let range = DateRange(item.value, as: form, zoneMinutes: options.zoneMinutes) else {
                    throw Problem(.badParameter, at: place)
                }
                return range
            }
            switch item.name {
            case "_count":
                guard let count = Int(item.value), count >= 0 else { throw Problem(.badParameter, at: place) }
                self.count = count
            case "_since": since = try range(.search).low
            case "start": period.low = try range(.search).low
            case "end": period.high = try range(.search).high
            case "_type":
                var types = self.types ?? []
                for name in item.value.split(separator: ",") {
                    guard let type = ResourceType(String(name)) else { throw Problem(.badParameter, at: place) }
                    types.insert(type)
                }
                self.types = types
            case "_format", "_pretty", "_summary": break
            default: if isStrict { throw Problem(.unknownParameter, at: place) }
            }
        }
    }

    func isType(_ type: ResourceType) -> Bool { types?.contains(type) ?? true }

    /// Who looked at a record is no part of it, unless it is asked for.
    func includesByDefault(_ type: ResourceType) -> Bool { type != .auditEvent || types != nil }

    func isSince(_ stored: StoredVersion) -> Bool { since.map { stored.lastUpdated.milliseconds >= $0 } ?? true }

    /// Whether it is about a time between `start` and `end`; what is about no time is always.
    func isAsked(_ stored: StoredVersion, zoneMinutes: Int) -> Bool {
        guard period != .everything, let resource = stored.resource,
            let range = ClinicalDate.range(of: resource, zoneMinutes: zoneMinutes)
        else { return true }
        return range.overlaps(period)
    }
}

/// The time that a resource is about.
enum ClinicalDate {
    static func range(of resource: Resource, zoneMinutes: Int) -> DateRange? {
        for parameter in SearchDefinitions.clinicalDates(of: resource.type) {
            let ranges = parameter.paths.flatMap { $0.values(in: resource.json) }
                .compactMap { SearchMatch.range($0, zoneMinutes: zoneMinutes) }
            guard let low = ranges.map(\.low).min(), let high = ranges.map(\.high).max() else { continue }
            return DateRange(low: low, high: high)
        }
        return nil
    }
}
