/// What this server can do, made from the declarations that it works by.
public enum CapabilityStatement {
    public static func json(_ options: FHIREngine.Options) -> JSONText {
        [
            "resourceType": "CapabilityStatement", "status": "active", "date": .string(options.capabilityDate),
            "kind": "instance", "fhirVersion": "4.0.1", "format": ["application/fhir+json", "json"],
            "software": ["name": .string(options.software), "version": .string(options.version)],
            "implementation": [
                "description": "FHIR access to the records of this institution", "url": .string(options.base),
            ],
            "rest": [
                [
                    "mode": "server",
                    "security": [
                        "cors": false,
                        "description":
                            "A token or a client certificate for each system. A refusal is the same as for what does not exist.",
                    ],
                    "resource": .array(ResourceType.kept.map { resource($0, options) }),
                    "interaction": [["code": "transaction"], ["code": "batch"]],
                ]
            ],
        ]
    }

    private static func resource(_ type: ResourceType, _ options: FHIREngine.Options) -> JSONText {
        let isReadOnly = options.readOnlyTypes.contains(type.name)
        let reading = ["read", "vread", "history-instance", "search-type"]
        let interactions = reading + (isReadOnly ? [] : ["create", "update", "delete"])
        let parameters = SearchDefinitions.parameters(of: type)
        let references = parameters.filter { $0.kind == .reference }
        return .members([
            ("type", .string(type.name)),
            ("interaction", .array(interactions.map { ["code": .string($0)] })),
            ("versioning", isReadOnly ? "versioned" : "versioned-update"),
            ("readHistory", true),
            ("updateCreate", .bool(!isReadOnly)),
            ("conditionalCreate", .bool(!isReadOnly)),
            ("conditionalUpdate", .bool(!isReadOnly)),
            ("conditionalDelete", "not-supported"),
            ("referencePolicy", ["literal", "local"]),
            ("searchInclude", .some(references.map { .string("\(type.name):\($0.name)") })),
            ("searchRevInclude", ["Provenance:target"]),
            (
                "searchParam",
                .array(parameters.map { ["name": .string($0.name), "type": .string($0.kind.rawValue)] })
            ),
            (
                "operation",
                type == .patient
                    ? [
                        [
                            "name": "everything",
                            "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
                        ]
                    ] : nil
            ),
        ])
    }
}
