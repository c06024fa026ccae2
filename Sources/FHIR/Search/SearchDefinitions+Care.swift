extension SearchDefinitions {
    private static let identifier: SearchParameter = .token("identifier", isPersonal: true)

    /// Persons, and places where they are.
    static let persons: [String: [SearchParameter]] = [
        "Patient": [
            identifier, .token("active"), .string("family", "name.family", isPersonal: true),
            .string("given", "name.given", isPersonal: true), .string("name", isPersonal: true),
            .date("birthdate", "birthDate", isPersonal: true), .token("gender"),
            .date("death-date", "deceasedDateTime", isPersonal: true), .token("deceased", "deceased[x]"),
            .string("address", isPersonal: true), .string("address-city", "address.city", isPersonal: true),
            .string("address-state", "address.state", isPersonal: true),
            .string("address-country", "address.country", isPersonal: true),
            .string("address-postalcode", "address.postalCode", isPersonal: true),
            .token("telecom", isPersonal: true), .token("language", "communication.language"),
            .reference("general-practitioner", "generalPractitioner"),
            .reference("organization", "managingOrganization"), .reference("link", "link.other"),
        ],
        "Practitioner": [
            identifier, .token("active"), .string("family", "name.family"), .string("given", "name.given"),
            .string("name"), .token("gender"), .string("address"), .token("telecom"),
        ],
        "PractitionerRole": [
            identifier, .token("active"), .reference("practitioner"), .reference("organization"),
            .token("role", "code"),
            .token("specialty"), .reference("location"),
        ],
        "Organization": [
            identifier, .token("active"), .token("type"), .string("name", "name", "alias"), .string("address"),
            .string("address-city", "address.city"), .string("address-state", "address.state"),
            .string("address-postalcode", "address.postalCode"), .reference("partof", "partOf"),
        ],
        "Location": [
            identifier, .token("status"), .token("type"), .string("name", "name", "alias"), .string("address"),
            .reference("organization", "managingOrganization"), .reference("partof", "partOf"),
        ],
        "RelatedPerson": [
            identifier, .reference("patient"), .string("name", isPersonal: true), .token("relationship"),
        ],
        "Device": [
            identifier, .reference("patient", to: "Patient"), .token("type"), .token("status"),
            .reference("organization", "owner"),
        ],
    ]

    /// What happened.
    static let events: [String: [SearchParameter]] = [
        "Encounter": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("class"), .token("type"), .date("date", "period"),
            .reference("participant", "participant.individual"),
            .reference("practitioner", "participant.individual", to: "Practitioner"),
            .reference("service-provider", "serviceProvider"), .token("reason-code", "reasonCode"),
            .reference("diagnosis", "diagnosis.condition"), .reference("location", "location.location"),
            .reference("part-of", "partOf"), .reference("episode-of-care", "episodeOfCare"),
        ],
        "Procedure": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("code"), .token("category"), .date("date", "performed[x]"), .reference("encounter"),
            .reference("performer", "performer.actor"), .token("reason-code", "reasonCode"),
            .reference("reason-reference", "reasonReference"), .reference("based-on", "basedOn"),
        ],
        "Immunization": [
            identifier, .reference("patient"), .token("status"), .token("vaccine-code", "vaccineCode"),
            .date("date", "occurrence[x]"), .string("lot-number", "lotNumber"), .reference("location"),
            .reference("performer", "performer.actor"), .token("status-reason", "statusReason"),
        ],
        "ImagingStudy": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .date("started"), .token("modality", "series.modality"), .token("bodysite", "series.bodySite"),
            .reference("encounter"), .reference("performer", "series.performer.actor"), .token("series", "series.uid"),
        ],
        "AllergyIntolerance": [
            identifier, .reference("patient"), .token("clinical-status", "clinicalStatus"),
            .token("verification-status", "verificationStatus"), .token("type"), .token("category"),
            .token("criticality"), .token("code", "code", "reaction.substance"), .date("date", "recordedDate"),
            .date("onset", "reaction.onset"), .date("last-date", "lastOccurrence"), .reference("recorder"),
        ],
    ]

    /// What was found.
    static let findings: [String: [SearchParameter]] = [
        "Observation": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("code"), .token("category"), .date("date", "effective[x]"), .reference("encounter"),
            .reference("performer"), .quantity("value-quantity", "valueQuantity", "valueSampledData"),
            .token("value-concept", "valueCodeableConcept"),
            .string("value-string", "valueString", "valueCodeableConcept.text"),
            .date("value-date", "valueDateTime", "valuePeriod"), .token("component-code", "component.code"),
            .token("combo-code", "code", "component.code"),
            .quantity("component-value-quantity", "component.valueQuantity"),
            .quantity("combo-value-quantity", "valueQuantity", "component.valueQuantity"),
            .token("component-value-concept", "component.valueCodeableConcept"),
            .token("data-absent-reason", "dataAbsentReason"), .reference("has-member", "hasMember"),
            .reference("derived-from", "derivedFrom"), .reference("based-on", "basedOn"), .reference("specimen"),
            .reference("device"), .token("method"),
        ],
        "Condition": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("code"),
            .token("category"), .token("clinical-status", "clinicalStatus"),
            .token("verification-status", "verificationStatus"), .token("severity"),
            .date("onset-date", "onsetDateTime", "onsetPeriod"),
            .date("abatement-date", "abatementDateTime", "abatementPeriod"), .date("recorded-date", "recordedDate"),
            .string("onset-info", "onsetString"), .reference("encounter"), .reference("asserter"),
            .token("body-site", "bodySite"), .token("evidence", "evidence.code"), .token("stage", "stage.summary"),
        ],
        "DiagnosticReport": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("code"), .token("category"), .date("date", "effective[x]"), .date("issued"),
            .reference("encounter"), .reference("result"), .reference("performer"),
            .token("conclusion", "conclusionCode"),
            .reference("based-on", "basedOn"), .reference("specimen"),
        ],
        "DocumentReference": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("type"), .token("category"), .date("date"), .date("period", "context.period"), .reference("author"),
            .reference("encounter", "context.encounter"), .token("security-label", "securityLabel"),
        ],
        "Specimen": [
            identifier, .reference("patient", "subject", to: "Patient"), .reference("subject"), .token("status"),
            .token("type"), .date("collected", "collection.collected[x]"),
        ],
    ]
}
