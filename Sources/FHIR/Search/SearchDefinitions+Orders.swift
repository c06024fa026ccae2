extension SearchDefinitions {
    private static let identifier: SearchParameter = .token("identifier", isPersonal: true)

    /// What is to be done, and what it costs.
    static let orders: [String: [SearchParameter]] = [
        "MedicationRequest": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("intent"), .token("priority"), .token("category"), .token("code", "medicationCodeableConcept"),
            .reference("medication", "medicationReference"), .date("authoredon", "authoredOn"),
            .date("date", "dosageInstruction.timing.event"), .reference("encounter"), .reference("requester"),
        ],
        "MedicationStatement": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("code", "medicationCodeableConcept"), .reference("medication", "medicationReference"),
            .date("effective", "effective[x]"), .token("category"), .reference("context"),
        ],
        "MedicationAdministration": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("code", "medicationCodeableConcept"), .reference("medication", "medicationReference"),
            .date("effective-time", "effective[x]"), .reference("request"), .reference("context"),
        ],
        "ServiceRequest": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("intent"), .token("code"), .token("category"), .date("authored", "authoredOn"),
            .date("occurrence", "occurrence[x]"), .reference("encounter"), .reference("requester"),
        ],
        "CarePlan": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("intent"), .token("category"), .date("date", "period"), .reference("encounter"),
            .reference("condition", "addresses"), .reference("goal"), .reference("care-team", "careTeam"),
            .token("activity-code", "activity.detail.code"), .reference("part-of", "partOf"),
        ],
        "CareTeam": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("category"), .date("date", "period"), .reference("participant", "participant.member"),
        ],
        "Goal": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"),
            .token("lifecycle-status", "lifecycleStatus"), .token("achievement-status", "achievementStatus"),
            .token("category"), .date("start-date", "startDate"), .date("target-date", "target.dueDate"),
        ],
        "Claim": [
            identifier, .reference("patient"), .token("status"), .token("use"), .token("priority"), .date("created"),
            .reference("provider"), .reference("insurer"), .reference("encounter", "item.encounter"),
            .reference("facility"), .reference("enterer"), .reference("payee", "payee.party"),
        ],
        "ExplanationOfBenefit": [
            identifier, .reference("patient"), .token("status"), .date("created"), .reference("claim"),
            .reference("provider"), .reference("coverage", "insurance.coverage"), .string("disposition"),
            .reference("encounter", "item.encounter"), .reference("care-team", "careTeam.provider"),
            .reference("facility"),
        ],
        "Coverage": [
            identifier, .reference("patient", "beneficiary"), .reference("beneficiary"), .token("status"),
            .token("type"), .reference("payor"), .reference("subscriber"),
        ],
    ]

    /// What was done with information.
    static let records: [String: [SearchParameter]] = [
        "Provenance": [
            .reference("target"), .reference("patient", "target", to: "Patient"), .date("recorded"),
            .date("when", "occurred[x]"), .reference("agent", "agent.who"), .token("agent-role", "agent.role"),
            .token("agent-type", "agent.type"), .reference("entity", "entity.what"), .reference("location"),
            .token("signature-type", "signature.type"),
        ],
        "AuditEvent": [
            .date("date", "recorded"), .token("type"), .token("subtype"), .token("action"), .token("outcome"),
            .reference("agent", "agent.who"), .token("agent-role", "agent.role"), .reference("entity", "entity.what"),
            .reference("patient", "agent.who", "entity.what", to: "Patient"), .reference("source", "source.observer"),
            .token("entity-role", "entity.role"), .token("entity-type", "entity.type"), .token("site", "source.site"),
        ],
        "Consent": [
            identifier, .reference("patient", to: "Patient"), .token("status"), .token("scope"), .token("category"),
            .date("date", "dateTime"), .date("period", "provision.period"), .token("purpose", "provision.purpose"),
            .reference("actor", "provision.actor.reference"), .reference("organization"),
            .reference("consentor", "performer"), .token("action", "provision.action"),
        ],
    ]
}
