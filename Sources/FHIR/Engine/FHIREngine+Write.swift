extension FHIREngine {
    /// Create, update and delete of one resource.
    func write(
        _ request: FHIRRequest, _ route: Route, _ items: [QueryItem], _ turn: Turn
    ) async throws(Problem) -> FHIRResponse {
        let conditions = Preconditions(
            ifMatch: request.header("if-match"), ifNoneMatch: request.header("if-none-match"))
        if case .delete(let key) = route {
            let result = try await atomically { (overlay) throws(Problem) in
                try await stageDelete(key, conditions, in: &overlay, turn)
            }
            return FHIRResponse(204, headers: [("ETag", result.stored.etag)])
        }
        try Negotiation.checkContent(request)
        let resource = try Resource(request.body, limits: options.limits)
        try check(resource, for: route)
        let criteria = try criteria(request, route, items)
        let fresh = freshID()
        let result = try await atomically { (overlay) throws(Problem) in
            let conditional = try await resolveConditional(resource, beside: [], in: overlay, turn)
            let edits = conditional.isEmpty ? [] : ResourceText.edits(in: resource.json) { conditional[$0] }
            let asked: ResourceKey?
            switch route {
            case .update(let key): asked = key
            case .conditionalUpdate(let type):
                let found = try await match(type, criteriaItems(items), in: overlay, turn)
                if let found, let id = resource.id, id != found.key.id { throw Problem(.wrongID) }
                asked = found?.key ?? resource.key
            default:
                if let criteria, let found = try await match(resource.type, criteria, in: overlay, turn) {
                    return WriteResult(kind: .unchanged, stored: found)
                }
                asked = try await conditionalKey(resource.type, criteria, in: overlay)
            }
            guard let key = asked ?? ResourceKey(resource.type, fresh) else { throw Problem(.badID) }
            return try await stage(resource, as: key, edits, conditions, in: &overlay, turn)
        }
        return response(result, turn)
    }

    /// The condition of a create: `If-None-Exist`, or, as some clients send it, the query of the address.
    private func criteria(
        _ request: FHIRRequest, _ route: Route, _ items: [QueryItem]
    ) throws(Problem) -> [QueryItem]? {
        guard case .create = route else { return nil }
        if let text = request.header("if-none-exist") {
            return try QueryString.items(Array(text.drop { $0 == "?" }.utf8))
        }
        let items = criteriaItems(items)
        return items.isEmpty ? nil : items
    }

    /// A key that is the same for all who create under one condition: of two at the same time one loses, starts again
    /// and finds what the other one made. nil: there is no condition, or the key is taken.
    private func conditionalKey(
        _ type: ResourceType, _ criteria: [QueryItem]?, in overlay: Overlay
    ) async throws(Problem) -> ResourceKey? {
        guard let criteria else { return nil }
        let parts = ["fhir-condition-1", type.name] + criteria.flatMap { [$0.name, $0.value] }
        let message = parts.flatMap { part in Array("\(part.utf8.count)/\(part)/".utf8) }
        guard let key = ResourceKey(type, Self.hex(identity(message).prefix(16))) else { return nil }
        return try await overlay.current([key])[key] == nil ? key : nil
    }

    /// Parameters of an address that say how to answer are no part of a condition.
    private func criteriaItems(_ items: [QueryItem]) -> [QueryItem] {
        items.filter { $0.name != "_format" && $0.name != "_pretty" }
    }

    /// - Throws: `wrongType`, `wrongID`, `badDate`.
    private func check(_ resource: Resource, for route: Route) throws(Problem) {
        switch route {
        case .update(let key):
            guard resource.type == key.type else { throw Problem(.wrongType, at: .element("resourceType")) }
            guard resource.id == key.id else { throw Problem(.wrongID, at: .element(key.type.name + ".id")) }
        case .create(let type), .conditionalUpdate(let type):
            guard resource.type == type else { throw Problem(.wrongType, at: .element("resourceType")) }
        default: break
        }
        try resource.checkDates()
    }

    private func response(_ result: WriteResult, _ turn: Turn) -> FHIRResponse {
        var headers = versionHeaders(result.stored)
        if result.kind == .created || result.kind == .updated {
            headers.append(("Location", "\(options.base)/\(result.stored.location)"))
        }
        let body: [UInt8] =
            switch turn.wants {
            case .minimal: []
            case .outcome: OperationOutcome.allOK.bytes
            case .standard, .representation: result.stored.resource?.bytes ?? []
            }
        return FHIRResponse(result.status, headers: headers, body: body)
    }
}
