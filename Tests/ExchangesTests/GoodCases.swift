import Polymorphic
import Ristretto255
import VectorSupport

/// For each operation of the negatives, arguments that it must accept: an operation that refused everything would pass
/// all its negatives of one code.
enum GoodCases {
    static func all(_ cast: Cast) throws -> [(operation: String, arguments: Vector)] {
        try requests(cast) + rows(cast) + presentations(cast) + history(cast)
    }

    /// The arguments of a negative, to be made good.
    private static func base(_ operation: String, _ reason: String) throws -> Vector {
        let found = try Vectors.negatives().first { $0.operation == operation && $0.reason == reason }
        guard let found else { throw Cast.Missing(list: "negatives: \(reason)") }
        return found.arguments
    }

    private static func requests(_ cast: Cast) throws -> [(String, Vector)] {
        let request = try base("request_check", "Request 121 s old").replacing(["now": .integer(Int(Cast.now))])
        let intents = try cast["intents"].elements.filter { try $0["exchange"].text == "identify and find" }
        let pairs = try intents.map { Vector.list([try $0["intent"], try $0["signature"]]) }
        let joint = try base("intents_verify", "one Intent only").replacing(["intents": .list(pairs)])
        let (bodies, card) = (try cast["bodies"], try cast["card"])
        let release = try bodies["release at t2, last step of the second target still to be made"]
        let signature = Vector.dictionary([
            "pk": try card["card_pk"], "sig": try card["signature"], "msg": try card["signed"],
        ])
        return [
            ("request_check", request), ("intents_verify", joint),
            ("decide_parse", .dictionary(["body": try bodies["decide identify at t1"]])),
            ("decide_parse", .dictionary(["body": try bodies["decide deposit at t1"]])),
            ("decide_parse", .dictionary(["body": try bodies["decide fetch at t1"]])),
            ("release_parse", .dictionary(["body": release])), ("es256_verify", signature),
        ]
    }

    private static func rows(_ cast: Cast) throws -> [(String, Vector)] {
        let (row, enrolment) = (try cast["rows"]["t1"], try cast["encodings"]["enrolment"]["pack"])
        let create = Vector.dictionary([
            "have": .list([]), "enrol_id": try cast["enrolment"]["enrol_id"], "h": try row["handle"],
            "key": try cast["presentation"]["device_pk"], "signed_at": .integer(Int(Cast.now)),
            "now": .integer(Int(Cast.now)), "signed": enrolment,
        ])
        let countersigned = try base("key_countersigned", "new Transcryptor: countersignatures of a day ago")
            .replacing(["now": .integer(Int(Cast.now))])
        let (section, added) = (try cast["added_device"], try base("device_add", "added device: with another w_row"))
        let own = try added.replacing(["entry": try section["device"], "sigs": try section["signatures"]])
        let delegate = try added.replacing([
            "entry": try section["device_of_a_delegate"], "sigs": try section["signatures_of_a_delegate"],
        ])
        return [
            ("row_create", create), ("key_countersigned", countersigned), ("device_add", own),
            ("device_add", delegate),
        ]
    }

    private static func presentations(_ cast: Cast) throws -> [(String, Vector)] {
        let phone = try base("presentation", "Presentation 121 s old").replacing(["now": .integer(Int(Cast.now))])
        let (es256, webAuthn) = (try cast["presentation_es256"], try cast["presentation_webauthn"])
        let emergency = try base("presentation", "emergency presentation used twice").replacing(["used": .list([])])
        let plain = try base("presentation_plain", "signature too long for a box").replacing([
            "sig": .bytes([UInt8](repeating: 0, count: 429))
        ])
        return [
            ("presentation", phone),
            (
                "presentation",
                try phone.replacing(["box": es256["box"], "keys": .dictionary(["1": .list([try es256["pk"]])])])
            ),
            (
                "presentation",
                try phone.replacing([
                    "box": webAuthn["box"], "keys": .dictionary(["2": .list([try webAuthn["stored_key"]])]),
                ])
            ), ("presentation", emergency), ("presentation_plain", plain),
        ]
    }

    private static func history(_ cast: Cast) throws -> [(String, Vector)] {
        let section = try cast["head"]
        let head = try base("history_verify", "history: gap").replacing([
            "hb": try section["head"], "sg": try section["signature"], "leaves": try section["leaves"],
        ])
        let seen = try base("participants_seen", "history: a named participant has no leaf")
        return [
            ("history_verify", head),
            ("participants_seen", try seen.replacing(["have": try seen["participants"]])),
        ]
    }
}
