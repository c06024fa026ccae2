/// What can happen to a made-up person, as tables.
enum MadeUpHistory {
    struct Measure: Sendable {
        let code, display, unit, category: String
        /// In units of the last decimal.
        let low, high, decimals: Int
    }
    static let vitals = [
        Measure(
            code: "8302-2", display: "Body Height", unit: "cm", category: "vital-signs", low: 1_480, high: 1_860,
            decimals: 1),
        Measure(
            code: "29463-7", display: "Body Weight", unit: "kg", category: "vital-signs", low: 4_100, high: 9_600,
            decimals: 2),
        Measure(
            code: "8867-4", display: "Heart rate", unit: "/min", category: "vital-signs", low: 52, high: 98, decimals: 0
        ),
        Measure(
            code: "8310-5", display: "Body temperature", unit: "Cel", category: "vital-signs", low: 3_550, high: 3_870,
            decimals: 2),
    ]
    static let laboratory = [
        Measure(
            code: "4548-4", display: "Hemoglobin A1c", unit: "%", category: "laboratory", low: 480, high: 910,
            decimals: 2),
        Measure(
            code: "2093-3", display: "Cholesterol", unit: "mg/dL", category: "laboratory", low: 1_300, high: 2_800,
            decimals: 1),
        Measure(
            code: "2160-0", display: "Creatinine", unit: "mg/dL", category: "laboratory", low: 50, high: 140,
            decimals: 2),
        Measure(
            code: "718-7", display: "Hemoglobin", unit: "g/dL", category: "laboratory", low: 1_050, high: 1_700,
            decimals: 2),
        Measure(code: "1742-6", display: "ALT", unit: "U/L", category: "laboratory", low: 8, high: 71, decimals: 0),
    ]
    /// ICD-10 codes and words.
    static let conditions = [
        ("I10", "本態性高血圧症"), ("E11", "2型糖尿病"), ("J45", "気管支喘息"), ("J06", "急性上気道感染症"), ("M54", "腰痛症"),
        ("E78", "脂質異常症"), ("K29", "胃炎"), ("F32", "うつ病エピソード"), ("H52", "屈折障害"), ("S52", "前腕骨折"),
    ]
    static let medicines = [
        ("アムロジピン錠 5mg", "1日1回 朝食後"), ("メトホルミン錠 250mg", "1日2回 朝夕食後"), ("カルボシステイン錠 500mg", "1日3回 毎食後"),
        ("ロキソプロフェン錠 60mg", "疼痛時"), ("アトルバスタチン錠 10mg", "1日1回 夕食後"),
    ]
    static let vaccines = [
        ("140", "Influenza"), ("33", "Pneumococcal polysaccharide"), ("115", "Tdap"), ("121", "Zoster"),
    ]
    static let allergies = [("ペニシリン", "medication"), ("そば", "food"), ("卵", "food"), ("スギ花粉", "environment")]
    static let clinics = ["青葉台総合病院", "港町クリニック", "山の手医療センター", "雪見市民病院"]
}

extension PeopleMaker {
    /// A transaction with all that a hospital knows about a person, as its system would send it: `POST` only, every
    /// reference a `urn:uuid`.
    /// - Parameter visits: encounters; 3 to 20 resources each.
    /// - Returns: JSON, about 1 kB for each resource.
    public func bundle(for person: MadeUpPerson, visits: Int = 8) -> [UInt8] {
        var history = HistoryWriter(
            random: SplitMix(seed, UInt64(truncatingIfNeeded: person.index) &* 2 &+ 1), person: person,
            today: day(today))
        history.write(visits: visits)
        let bundle: JSONText = [
            "resourceType": "Bundle", "type": "transaction", "entry": .array(history.entries),
        ]
        return bundle.bytes
    }
}

/// Writes the entries of one person's history.
private struct HistoryWriter {
    var random: SplitMix
    let person: MadeUpPerson
    let today: CivilDate
    var entries: [JSONText] = []
    private var patient = ""
    private var organization = ""
    private var practitioner = ""

    init(random: SplitMix, person: MadeUpPerson, today: CivilDate) {
        (self.random, self.person, self.today) = (random, person, today)
    }

    /// - Returns: the address of the resource in the bundle.
    private mutating func add(_ type: String, _ members: [(String, JSONText)], uuid: String? = nil) -> String {
        let id = uuid ?? random.uuid()
        entries.append([
            "fullUrl": .string("urn:uuid:" + id),
            "resource": .object([("resourceType", .string(type)), ("id", .string(id))] + members),
            "request": ["method": "POST", "url": .string(type)],
        ])
        return "urn:uuid:" + id
    }

    private func to(_ address: String) -> JSONText { ["reference": .string(address)] }
    private func concept(_ system: String, _ code: String, _ text: String) -> JSONText {
        [
            "coding": [["system": .string(system), "code": .string(code), "display": .string(text)]],
            "text": .string(text),
        ]
    }

    mutating func write(visits: Int) {
        addPatient()
        addHospital()
        let first = max(person.birth.days, today.days - 20 * 365)
        let days = (0..<visits).map { _ in first + random.below(max(1, today.days - first)) }.sorted()
        if random.chance(35) { addAllergy(on: days.first ?? first) }
        for day in days { addVisit(on: day) }
    }

    private mutating func addPatient() {
        func name(_ family: String, _ given: String, _ form: String) -> JSONText {
            [
                "extension": [
                    [
                        "url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation",
                        "valueCode": .string(form),
                    ]
                ],
                "use": "official", "text": .string(family + " " + given), "family": .string(family),
                "given": [.string(given)],
            ]
        }
        let score = "\(random.below(3)).\(pad(random.below(1_000), 3))0"
        patient = add(
            "Patient",
            [
                (
                    "extension",
                    [["url": "urn:warifu:made-up:risk-score", "valueDecimal": .number(score)]]
                ),
                (
                    "identifier",
                    [
                        ["system": "urn:warifu:made-up:record-number", "value": .string(person.recordNumber)],
                        ["system": "urn:warifu:made-up:insurance", "value": .string(person.canary)],
                    ]
                ),
                (
                    "name",
                    [
                        name(person.family.written, person.given.written, "IDE"),
                        name(person.family.kana, person.given.kana, "SYL"),
                    ]
                ),
                ("gender", .string(person.isFemale ? "female" : "male")), ("birthDate", .string(person.birthDate)),
                (
                    "address",
                    [
                        [
                            "state": .string(person.prefecture), "city": .string(person.city),
                            "line": [.string(person.street)], "country": "JP",
                        ]
                    ]
                ),
            ])
    }

    private mutating func addHospital() {
        // The same hospital has the same UUID in everybody's bundle.
        let index = random.below(MadeUpHistory.clinics.count)
        var fixed = SplitMix(0x5741_5249, UInt64(index))
        let (clinicID, doctorID) = (fixed.uuid(), fixed.uuid())
        organization = add(
            "Organization",
            [
                ("active", true),
                ("identifier", [["system": "urn:warifu:made-up:institution", "value": .string("C\(index)")]]),
                ("name", .string(MadeUpHistory.clinics[index])),
            ], uuid: clinicID)
        let doctor = fixed.pick(MadeUpNames.families)
        practitioner = add(
            "Practitioner",
            [
                ("active", true),
                ("identifier", [["system": "urn:warifu:made-up:licence", "value": .string("D\(index)")]]),
                ("name", [["family": .string(doctor.written), "prefix": ["医師"]]]),
            ], uuid: doctorID)
    }

    private mutating func addAllergy(on day: Int) {
        let (what, kind) = random.pick(MadeUpHistory.allergies)
        _ = add(
            "AllergyIntolerance",
            [
                (
                    "clinicalStatus",
                    concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active")
                ),
                ("category", [.string(kind)]), ("criticality", .string(random.pick(["low", "high"]))),
                ("code", ["text": .string(what)]), ("patient", to(patient)),
                ("recordedDate", .string(CivilDate(days: day).description)),
            ])
    }

    private mutating func addVisit(on day: Int) {
        let (hour, minute) = (random.within(9...16), random.below(60))
        func time(_ minutes: Int) -> String {
            let total = hour * 60 + minute + minutes
            return CivilDate(days: day).description + "T" + pad(total / 60, 2) + ":" + pad(total % 60, 2) + ":00+09:00"
        }
        let visit = add(
            "Encounter",
            [
                ("status", "finished"),
                ("class", ["system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"]),
                ("subject", to(patient)), ("participant", [["individual": to(practitioner)]]),
                ("period", ["start": .string(time(0)), "end": .string(time(25))]),
                ("serviceProvider", to(organization)),
            ])
        let context: [(String, JSONText)] = [("subject", to(patient)), ("encounter", to(visit))]
        for measure in MadeUpHistory.vitals where random.chance(80) { _ = observe(measure, context, time(5)) }
        if random.chance(60) {
            let results = MadeUpHistory.laboratory.map { observe($0, context, time(10)) }
            _ = add(
                "DiagnosticReport",
                [
                    ("status", "final"),
                    ("category", [concept("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")]),
                    ("code", concept("http://loinc.org", "24323-8", "血液検査")),
                ] + context + [
                    ("effectiveDateTime", .string(time(10))), ("issued", .string(time(120))),
                    ("result", .array(results.map(to))),
                ])
        }
        addTreatment(context, time(15))
    }

    private mutating func observe(
        _ measure: MadeUpHistory.Measure, _ context: [(String, JSONText)], _ time: String
    ) -> String {
        let digits = String(random.within(measure.low...measure.high))
        let point = digits.index(digits.endIndex, offsetBy: -min(measure.decimals, digits.count))
        let whole = digits[..<point].isEmpty ? "0" : String(digits[..<point])
        // Zeros at the end stay: they say how exact the value is.
        let value = measure.decimals == 0 ? digits : whole + "." + pad(Int(digits[point...]) ?? 0, measure.decimals)
        return add(
            "Observation",
            [
                ("status", "final"),
                (
                    "category",
                    [
                        concept(
                            "http://terminology.hl7.org/CodeSystem/observation-category", measure.category,
                            measure.category)
                    ]
                ),
                ("code", concept("http://loinc.org", measure.code, measure.display)),
            ] + context + [
                ("effectiveDateTime", .string(time)),
                (
                    "valueQuantity",
                    [
                        "value": .number(value), "unit": .string(measure.unit),
                        "system": "http://unitsofmeasure.org", "code": .string(measure.unit),
                    ]
                ),
            ])
    }

    private mutating func addTreatment(_ context: [(String, JSONText)], _ time: String) {
        if random.chance(40) {
            let (code, text) = random.pick(MadeUpHistory.conditions)
            let condition = add(
                "Condition",
                [
                    (
                        "clinicalStatus",
                        concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active")
                    ),
                    ("code", concept("http://hl7.org/fhir/sid/icd-10", code, text)),
                ] + context + [("onsetDateTime", .string(time)), ("recordedDate", .string(time))])
            let (medicine, dosage) = random.pick(MadeUpHistory.medicines)
            _ = add(
                "MedicationRequest",
                [
                    ("status", "completed"), ("intent", "order"),
                    ("medicationCodeableConcept", ["text": .string(medicine)]),
                ]
                    + context + [
                        ("authoredOn", .string(time)), ("requester", to(practitioner)),
                        ("reasonReference", [to(condition)]), ("dosageInstruction", [["text": .string(dosage)]]),
                    ])
        }
        if random.chance(15) {
            let (code, text) = random.pick(MadeUpHistory.vaccines)
            _ = add(
                "Immunization",
                [
                    ("status", "completed"), ("vaccineCode", concept("http://hl7.org/fhir/sid/cvx", code, text)),
                    ("patient", to(patient)), ("occurrenceDateTime", .string(time)), ("primarySource", true),
                ])
        }
        if random.chance(8) {
            _ = add(
                "ImagingStudy",
                [("status", "available")] + context + [
                    ("started", .string(time)),
                    (
                        "series",
                        [
                            [
                                "uid": .string("2.25.\(random.next())"),
                                "modality": [
                                    "system": "http://dicom.nema.org/resources/ontology/DCM", "code": "DX",
                                ],
                            ]
                        ]
                    ),
                ])
        }
    }
}
