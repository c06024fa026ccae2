/// Makes the resources that say what the gateway did with information. They hold ids and codes, never content.
public enum RecordKeeping {
    private static let act = "http://terminology.hl7.org/CodeSystem/v3-ActReason"

    private static func coding(_ system: String, _ code: String) -> JSONText {
        ["coding": [["system": .string(system), "code": .string(code)]]]
    }

    private static func reference(_ key: ResourceKey) -> JSONText { ["reference": .string(key.description)] }

    /// A Provenance: where resources came from.
    /// - Parameters:
    ///   - targets: what was received; at least one.
    ///   - activity: of v3-DataOperation: `CREATE`, `UPDATE`; or of v3-DocumentCompletion.
    ///   - author: whose record it is, by an address such as `urn:warifu:party:hospital/a`.
    ///   - transmitter: who brought it.
    public static func provenance(
        id: String, targets: [ResourceKey], recorded: FHIRInstant, activity: String, author: String,
        transmitter: String?
    ) -> JSONText {
        func agent(_ type: String, _ name: String) -> JSONText {
            [
                "type": coding("http://terminology.hl7.org/CodeSystem/provenance-participant-type", type),
                "who": ["identifier": ["system": "urn:ietf:rfc:3986", "value": .string(name)]],
            ]
        }
        return [
            "resourceType": "Provenance", "id": .string(id), "target": .array(targets.map(reference)),
            "recorded": .string(recorded.description),
            "activity": coding("http://terminology.hl7.org/CodeSystem/v3-DataOperation", activity),
            "agent": .array([agent("author", author)] + (transmitter.map { [agent("transmitter", $0)] } ?? [])),
        ]
    }

    /// What somebody did, for an AuditEvent.
    public struct Action: Sendable {
        /// Of restful-interaction: `read`, `search`, `create`, `transaction`, ..
        public let interaction: String
        /// `C`, `R`, `U`, `D` or `E`.
        public let action: String
        /// 0 done, 4 refused, 8 failed, 12 not available.
        public let outcome: Int

        public init(interaction: String, action: String, outcome: Int) {
            (self.interaction, self.action, self.outcome) = (interaction, action, outcome)
        }
    }

    /// An AuditEvent: who did what with which resources, and what for.
    /// - Parameters:
    ///   - agent: the system that asked, by its name here.
    ///   - purpose: of v3-ActReason: `TREAT`, `ETREAT`, `PATRQT`, `HRESCH`, `BTG`.
    ///   - source: this gateway.
    ///   - ledgerIndex: of the entry in the ledger by which the person can check this one.
    public static func auditEvent(
        id: String, _ action: Action, entities: [ResourceKey], recorded: FHIRInstant, agent: String, purpose: String,
        source: String, ledgerIndex: UInt64? = nil
    ) -> JSONText {
        let ledger: JSONText? = ledgerIndex.map {
            ["what": ["identifier": ["system": "urn:warifu:ledger-index", "value": .string(String($0))]]]
        }
        let listed = entities.map { ["what": reference($0)] as JSONText } + (ledger.map { [$0] } ?? [])
        return .members([
            ("resourceType", "AuditEvent"), ("id", .string(id)),
            ("type", ["system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"]),
            (
                "subtype",
                [["system": "http://hl7.org/fhir/restful-interaction", "code": .string(action.interaction)]]
            ),
            ("action", .string(action.action)), ("recorded", .string(recorded.description)),
            ("outcome", .string(String(action.outcome))), ("purposeOfEvent", [coding(act, purpose)]),
            (
                "agent",
                [
                    [
                        "who": ["identifier": ["system": "urn:warifu:system", "value": .string(agent)]],
                        "requestor": true,
                    ]
                ]
            ),
            ("source", ["observer": ["identifier": ["system": "urn:warifu:party", "value": .string(source)]]]),
            ("entity", .some(listed)),
        ])
    }

    /// What the signed intents of an exchange show of a consent: a gateway sees no consent itself.
    public struct ShownConsent: Sendable {
        public let patient: ResourceKey
        /// Of v3-ActReason.
        public let purpose: String
        /// Categories as the policy names them.
        public let categories: [String]
        public let period: DateRange
        public let actor: String
        /// When the intents were signed, and of how many transcryptors.
        public let shownAt: FHIRInstant
        public let intents: Int

        public init(
            patient: ResourceKey, purpose: String, categories: [String], period: DateRange, actor: String,
            shownAt: FHIRInstant, intents: Int
        ) {
            (self.patient, self.purpose, self.categories) = (patient, purpose, categories)
            (self.period, self.actor, self.shownAt, self.intents) = (period, actor, shownAt, intents)
        }
    }

    /// A Consent for what the intents show, no more: that so many transcryptors found one for this use at this time.
    public static func consent(id: String, _ shown: ShownConsent) -> JSONText {
        let period = [shown.period.low, shown.period.high - 1].map { FHIRInstant(milliseconds: $0).description }
        return [
            "resourceType": "Consent", "id": .string(id), "status": "active",
            "scope": coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
            "category": [coding("http://loinc.org", "59284-0")], "patient": reference(shown.patient),
            "dateTime": .string(shown.shownAt.description),
            "policyRule": [
                "text": .string("Shown by the signed intents of \(shown.intents) transcryptors.")
            ],
            "provision": [
                "type": "permit", "period": ["start": .string(period[0]), "end": .string(period[1])],
                "actor": [
                    [
                        "role": coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                        "reference": [
                            "identifier": ["system": "urn:warifu:party", "value": .string(shown.actor)]
                        ],
                    ]
                ],
                "purpose": [["system": .string(act), "code": .string(shown.purpose)]],
                "class": .array(
                    shown.categories.map { ["system": "urn:warifu:category", "code": .string($0)] }),
            ],
        ]
    }
}

extension FHIREngine {
    /// Keeps a resource that this server makes itself, of a type that clients cannot write too.
    /// - Throws: those of a write, without questions about rights.
    @discardableResult
    public func keep(_ json: JSONText) async throws(Problem) -> StoredVersion {
        var engine = self
        engine.becomeServer()
        let resource = try Resource(json.bytes, limits: options.limits)
        guard let key = resource.key else { throw Problem(.badID) }
        let server = engine
        let turn = Turn(server, FHIRRequest("PUT", key.description))
        return try await server.atomically { (overlay) throws(Problem) in
            try await server.stage(resource, as: key, [], Preconditions(), in: &overlay, turn).stored
        }
    }
}

/// The server's own hand.
struct ServerAccess: Access {
    func mayRead(_ type: ResourceType, patients: [String], caller: String) async -> Bool { true }
    func mayWrite(_ type: ResourceType, patients: [String], caller: String) async -> Bool { true }
}
