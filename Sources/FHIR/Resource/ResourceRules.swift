extension Resource {
    /// Checks the dates that this server understands: one that cannot be read would be found by no search.
    /// - Throws: `badDate` with the element.
    func checkDates() throws(Problem) {
        for parameter in SearchDefinitions.parameters(of: type) where parameter.kind == .date {
            for path in parameter.paths {
                for element in path.values(in: json)
                where element.kind != .object && SearchMatch.range(element, zoneMinutes: 0) == nil {
                    throw Problem(.badDate, at: .element(type.name + "." + path.text))
                }
                for element in path.values(in: json) where element.kind == .object && !Self.isPeriod(element) {
                    throw Problem(.badDate, at: .element(type.name + "." + path.text))
                }
            }
        }
    }

    private static func isPeriod(_ element: JSONValue) -> Bool {
        for name in ["start", "end"] {
            guard let bound = element[name] else { continue }
            guard let text = bound.string, DateRange(text) != nil else { return false }
        }
        return true
    }

    /// The patients whom the resource names itself, in order.
    func namedPatients(id: String, base: String) -> Set<String> {
        if type == .patient { return [id] }
        return Set(references(of: "patient", base: base).filter { $0.type == .patient }.map(\.id))
    }

    /// The local resources that a reference parameter names.
    func references(of parameter: String, base: String) -> [ResourceKey] {
        guard let parameter = SearchDefinitions.parameter(parameter, of: type) else { return [] }
        return parameter.paths.flatMap { $0.values(in: json) }
            .compactMap { ($0["reference"]?.string).flatMap { Reference($0).key(on: base) } }
    }
}
