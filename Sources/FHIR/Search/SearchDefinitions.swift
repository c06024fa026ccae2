/// The search parameters of each resource type, as R4 defines them
/// (https://hl7.org/fhir/R4/searchparameter-registry.html).
public enum SearchDefinitions {
    /// What every resource can be searched by.
    static let common: [SearchParameter] = [
        .token("_id", "id"), .date("_lastUpdated", "meta.lastUpdated"), .uri("_profile", "meta.profile"),
        .token("_tag", "meta.tag"), .token("_security", "meta.security"),
    ]

    /// The parameters of a type, the common ones first.
    public static func parameters(of type: ResourceType) -> [SearchParameter] {
        common + (table[type.name] ?? fallback)
    }

    static func parameter(_ name: String, of type: ResourceType) -> SearchParameter? {
        table[type.name, default: fallback].first { $0.name == name } ?? common.first { $0.name == name }
    }

    /// Types with parameters of their own.
    public static let declared: [ResourceType] = ResourceType.all.filter { table[$0.name] != nil }

    /// The day that a resource is about: the first of these parameters that it has a value for.
    static func clinicalDates(of type: ResourceType) -> [SearchParameter] {
        let names = [
            "date", "onset-date", "authoredon", "effective", "started", "created", "start-date", "recorded-date",
            "recorded", "sent", "issued", "period",
        ]
        return names.compactMap { name in
            parameter(name, of: type).flatMap { $0.kind == .date && !$0.isPersonal ? $0 : nil }
        }
    }

    /// For a type that is not in the table.
    private static let fallback: [SearchParameter] = [
        .token("identifier", isPersonal: true), .reference("patient", "patient", "subject", to: "Patient"),
        .reference("subject"), .token("status"), .token("code"),
        .date("date", "date", "effective[x]", "occurrence[x]", "created", "performed[x]", "authored", "authoredOn"),
    ]

    private static let table: [String: [SearchParameter]] = persons.merging(events) { first, _ in first }
        .merging(findings) { first, _ in first }.merging(orders) { first, _ in first }
        .merging(records) { first, _ in first }
}
