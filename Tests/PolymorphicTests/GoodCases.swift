import Ristretto255
import VectorSupport

@testable import Polymorphic

/// For each operation of the negatives, arguments that it must accept: an operation that refused everything would pass
/// all its negatives of one code.
enum GoodCases {
    static func all(_ cast: Cast) throws -> [(operation: String, arguments: Vector)] {
        try encodings(cast) + ceremony(cast) + proofs(cast) + shares(cast) + records(cast)
    }

    /// The arguments of a negative, as the start of a good case.
    private static func base(_ operation: String, _ reason: String) throws -> Vector {
        guard let found = try Vectors.negatives().first(where: { $0.operation == operation && $0.reason == reason })
        else { throw Cast.Missing(list: "negatives: \(reason)") }
        return found.arguments
    }

    private static func encodings(_ cast: Cast) throws -> [(String, Vector)] {
        let (parties, signature) = (try cast["parties"], try cast["signatures"][0])
        let stop = try base("unpack", "signed structure with a trailing field")
        let half = try cast.find("seals") { try $0["what"].text == "half of v12" }
        let classKeys = try cast.classKeys().map { Vector.bytes($0.encoding.bytes) }
        return [
            ("decode_point", .dictionary(["b": try parties["hospital-a"]["Z"]])),
            ("decode_scalar", .dictionary(["b": try parties["hospital-a"]["z"]])),
            ("unpack", try stop.replacing(["b": try cast["consent"]["stop"]])),
            ("party_id", .dictionary(["b": try cast["held"]["holder"]])),
            ("name", .dictionary(["b": try cast["link_hospital_to_medical_12"]["steps"][0]["step"]])),
            ("number_valid", .dictionary(["s": try cast["numbers"][1]])),
            ("parse_header", .dictionary(["h": try cast["envelopes"][0]["header"]])),
            (
                "ed_verify",
                .dictionary([
                    "pk": try signature["pk"], "sig": try signature["signature"], "msg": try signature["message"],
                ])
            ),
            ("unseal", try half.replacing(["z": try parties["t2"]["z"], "forbidden": .list(classKeys)])),
        ]
    }

    private static func ceremony(_ cast: Cast) throws -> [(String, Vector)] {
        let section = try cast["dkg_psn"]
        let dealing = try section["dealings"][0].replacing([
            "ceremony": try section["ceremony"], "cls": try section["class"], "t": try section["t"],
            "A": try section["dealings"][0]["commitments"], "j": .integer(2),
            "f_j": try section["dealings"][0]["subshares"][1],
        ])
        let step = try cast["factors"]["v12"]
        let share = try section["X"][0]
        let holders = [[1, 2], [1, 3], [2, 3]].map { Vector.list($0.map { .integer($0) }) }
        return [
            ("dealing_verify", dealing),
            ("dealing_verify", try dealing.replacing(["A": .list([share, share]), "secret_point": share])),
            ("opening_check", dealing),
            ("subshare_verify", dealing),
            ("complaint_judge", try cast["complaint"]["cases"][0]["args"]),
            ("route_check", .dictionary(["holders": .list(holders), "n": .integer(3), "t": .integer(2)])),
            (
                "half_check",
                .dictionary([
                    "opening": try step["openings"][0], "ceremony": try section["ceremony"],
                    "step_id": .bytes("v12".utf8), "i": .integer(1), "half": try step["halves"][0],
                ])
            ),
        ]
    }

    private static func proofs(_ cast: Cast) throws -> [(String, Vector)] {
        var cases: [(String, Vector)] = try cast["knowledge"].elements.map { ("know_verify", $0) }
        for entry in try cast["same_person"].elements {
            let renamed = ["a": try entry["from"], "b": try entry["to"], "ctx": try entry["context"]]
            cases.append(("same_verify", try entry.replacing(renamed)))
        }
        for name in ["link_hospital_to_medical_12", "batch_of_5_one_refused"] {
            let (section, points) = (try cast[name], try cast["factors"]["v12"]["S"])
            let step = try section["steps"][0]
            let arguments: [String: Vector] = [
                "Y": try cast["dkg_psn"]["Y"], "Sa": try points["hospital-a"], "Sb": try points["medical"],
                "ins": try section["in"], "outs": try step["out"], "stmt": try step["statement"],
                "proof": try step["proof"],
            ]
            cases.append(("reshuffle_verify", .dictionary(arguments)))
        }
        let steps = try cast["link_hospital_to_medical_12"]["steps"].elements.map { try $0["wire"] }
        let chain = try base("chain_verify", "chain: no step at all (raw ciphertext offered for a Share)")
        return cases + [("chain_verify", try chain.replacing(["steps": .list(steps)]))]
    }

    private static func shares(_ cast: Cast) throws -> [(String, Vector)] {
        let fetch = try cast["fetch"]
        let (hospital, entry) = (try cast["parties"]["hospital-a"], try fetch["shares"]["1"])
        let arguments = Vector.dictionary([
            "z": try hospital["z"], "sign_pk": .bytes(try cast.signingKey(1).verifyingKey.bytes.bytes),
            "X": try cast["dkg_kem"]["X"][0], "index": .integer(1), "cls": .integer(2), "share_epoch": .integer(1),
            "Bs": try fetch["B"], "rd": .bytes(sha512(try fetch["request"].bytes).bytes),
            "dst": .bytes("hospital-a".utf8), "Z": try hospital["Z"], "origin": try fetch["origin"],
            "permits": try fetch["record_verdicts"], "Us": try entry["U"], "proof": try entry["proof"],
            "box": try entry["box"],
        ])
        let combine = Vector.dictionary([
            "C": try fetch["C"][0], "D": .list([.integer(1), .integer(3)]), "z": try hospital["z"],
            "Y": try cast["dkg_kem"]["Y"],
            "U": .dictionary(["1": try entry["U"][0], "3": try fetch["shares"]["3"]["U"][0]]),
        ])
        let adopted = try base("share_open", "adopted token of another chain").replacing([
            "origin": try cast["identify_base_to_hospital"]["origin"],
            "rd": try cast["identify_base_to_hospital"]["request_digest"],
        ])
        let deposit = try base("share_open", "Share with one Ticket for two deposits, well signed").replacing([
            "box": try cast["deposit_hospital_to_medical"]["shares"]["1"]["box"]
        ])
        return [
            ("share_verify", arguments), ("share_open", arguments), ("share_open", adopted), ("share_open", deposit),
            ("combine", combine),
        ]
    }

    private static func records(_ cast: Cast) throws -> [(String, Vector)] {
        let envelopes = try cast["envelopes"].elements
        let (held, key) = (try cast["held"], try cast["tickets"]["keys"]["t1"])
        let ticket = try cast["tickets"]["tickets"]["t1"][0]
        let notes: [String: Vector] = [
            "hks": .dictionary(["1": try held["keys"]["t1"]]), "token": try held["tokens"]["t1"],
            "party": try held["holder"], "psn_epoch": .integer(1), "y_generation": .integer(1),
            "ct": try held["pair"], "tks": .dictionary(["1": key]), "hh": try envelopes[0]["header_hash"],
            "row_id": try held["row_ids"]["t1"], "t": ticket, "hdr": try envelopes[1]["header"],
            "prev_hdr": try envelopes[0]["header"], "prev_ticket": ticket,
        ]
        let deposit = try base("deposit_verify", "deposit: dated 11 minutes ahead").replacing([
            "envs": .list(try envelopes.map { try $0["envelope"] }), "tie": try cast["deposit"]["tie"],
            "now_minute": .integer(
                Int(try RecordHeader(wire: try envelopes[0]["header"].bytes).minute)),
        ])
        let body = try envelopes[0].replacing([
            "hh": try envelopes[0]["header_hash"], "kc": try envelopes[0]["dek_prefix_commit"][2],
            "ct": try envelopes[0]["ciphertext"],
        ])
        let chunks = try base("dem_built", "chunks out of order")
        let inOrder = try [1, 0, 2].map { try chunks["chunks"][$0] }
        return [
            ("held_open", .dictionary(notes)), ("ticket_verify", .dictionary(notes)),
            ("prev_verify", .dictionary(notes)), ("deposit_verify", deposit), ("dem_open", body),
            ("dem_built", try chunks.replacing(["chunks": .list(inOrder)])),
            (
                "record_verify",
                .dictionary(["env": try envelopes[0]["envelope"], "author_pk": try envelopes[0]["author_pk"]])
            ),
        ]
    }
}
