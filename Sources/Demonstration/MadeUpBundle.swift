/// A FHIR bundle of a person who does not exist, written for this project. It names nobody: it refers to its patient.
public enum MadeUpBundle {
    /// The same bytes each time.
    public static var records: DemoRecords { DemoRecords(content: Array(json.utf8)) }

    private static let patient = "urn:uuid:6b0f3c1e-0d0a-4f52-9a77-5a3e0c9d1b20"

    static var json: String {
        var entries = [
            resource("Patient", 0, #""gender": "female", "birthDate": "1961-04-17""#),
            resource(
                "Condition", 1,
                about + #""code": {"text": "type 2 diabetes"}, "clinicalStatus": {"text": "active"}, "#
                    + #""onsetDateTime": "2019-05-20""#),
            resource(
                "AllergyIntolerance", 2,
                #""patient": {"reference": "\#(patient)"}, "code": {"text": "penicillin"}, "#
                    + #""reaction": [{"manifestation": [{"text": "rash"}], "severity": "moderate"}]"#),
            resource(
                "MedicationRequest", 3,
                about
                    + #""status": "active", "intent": "order", "#
                    + #""medicationCodeableConcept": {"text": "metformin 500 mg"}, "#
                    + #""dosageInstruction": [{"text": "one tablet after breakfast and after supper"}]"#),
        ]
        // Twelve visits, a quarter apart, with slowly falling values.
        for visit in 0..<12 {
            let day = "\(2022 + visit / 4)-\(["02", "05", "08", "11"][visit % 4])-1\(visit % 10)"
            entries.append(
                resource(
                    "Observation", 10 + 2 * visit,
                    about + measured("HbA1c", "4548-4", tenths: 79 - visit, "%", on: day)))
            entries.append(
                resource(
                    "Observation", 11 + 2 * visit,
                    about + measured("systolic blood pressure", "8480-6", tenths: 1_460 - 15 * visit, "mm[Hg]", on: day)
                ))
        }
        return "{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\",\n  \"entry\": [\n"
            + entries.joined(separator: ",\n") + "\n  ]\n}\n"
    }

    private static var about: String { #""subject": {"reference": "\#(patient)"}, "# }

    private static func resource(_ type: String, _ number: Int, _ fields: String) -> String {
        let digits = number < 10 ? "0\(number)" : "\(number)"
        let url = number == 0 ? patient : "urn:uuid:6b0f3c1e-0d0a-4f52-9a77-5a3e0c9d1c\(digits)"
        return #"    {"fullUrl": "\#(url)", "resource": {"resourceType": "\#(type)", \#(fields)}}"#
    }

    private static func measured(_ text: String, _ loinc: String, tenths: Int, _ unit: String, on day: String) -> String
    {
        #""status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "\#(loinc)"}], "#
            + #""text": "\#(text)"}, "effectiveDateTime": "\#(day)", "#
            + #""valueQuantity": {"value": \#(tenths / 10).\#(tenths % 10), "unit": "\#(unit)"}"#
    }
}
