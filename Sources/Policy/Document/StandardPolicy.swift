import Polymorphic

extension PolicyDocument {
    /// The policy that follows from the declarations of the services.
    public static func standard(
        version: UInt32, notBefore: Instant, services: [Service] = Service.all
    ) -> PolicyDocument {
        PolicyDocument(
            version: version, notBefore: notBefore, matrix: AccessMatrix(services),
            templates: templates(services), quotas: standardQuotas,
            breakGlass: BreakGlassPolicy(
                roles: [Role.emergencyPhysician.name], categories: Set(Set<Category>.emergency.map(\.name)),
                reasons: Set(EmergencyReason.allCases.map(\.name))))
    }

    /// For each purpose the categories of its flows on consent, without the sensitive ones.
    private static func templates(_ services: [Service]) -> [Name: Set<Name>] {
        var out: [Name: Set<Name>] = [:]
        for flow in services.flatMap(\.flows) where flow.grounds.contains(.consent) {
            out[flow.purpose.name, default: []].formUnion(flow.categories.filter { !$0.isSensitive }.map(\.name))
        }
        return out
    }

    /// Wide enough for the busiest day of a large hospital, narrow enough that a list of a town cannot be read out in
    /// one night. Each site gets its own in its accreditation later.
    private static var standardQuotas: [Quota] {
        let day: UInt64 = 86_400
        let hour: UInt64 = 3_600
        let table: [(String, Quota.Scope, PurposeOfUse?, UInt64, UInt64)] = [
            ("party-day", .party, nil, 200_000, day),
            ("officer-treatment-hour", .officer, .treatment, 600, hour),
            ("officer-identity-hour", .officer, .identityVerification, 60, hour),
            ("subject-hour", .subject, nil, 500, hour),
        ]
        return table.compactMap { id, scope, purpose, items, seconds in
            guard let name = try? Name(id) else { return nil }
            return Quota(id: name, scope: scope, purpose: purpose?.name, items: items, seconds: seconds)
        }
    }
}
