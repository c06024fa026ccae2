import Ristretto255
import VectorSupport

@testable import Polymorphic

/// The operations of the negatives that the core answers, each through the entry points that outside bytes take.
enum CoreOperations {
    static func all() -> Operations {
        var operations = Operations()
        registerEncodings(&operations)
        registerProofs(&operations)
        registerCeremony(&operations)
        registerChain(&operations)
        registerNotes(&operations)
        registerRecords(&operations)
        return operations
    }

    /// The code of an error; nil for one that is no refusal.
    static func code(of error: any Error) -> String? {
        switch error {
        case let refusal as Refusal: refusal.code.rawValue
        case EncodingError.point: Refusal.Code.point.rawValue
        case EncodingError.scalar: Refusal.Code.scalar.rawValue
        default: nil
        }
    }

    private static func registerEncodings(_ operations: inout Operations) {
        operations.register("decode_point") { _ = try Element(decoding: $0["b"].bytes) }
        operations.register("decode_scalar") { _ = try Scalar(decoding: $0["b"].bytes) }
        operations.register("unpack") { arguments in
            let name = String(decoding: try arguments["label"].bytes, as: UTF8.self)
            guard let label = Label.Signed(rawValue: name) else { throw Cast.Missing(list: "labels") }
            _ = try unpack(label, arguments["b"].bytes, arguments["n"].integer)
        }
        operations.register("party_id") { _ = try PartyID($0["b"].bytes) }
        operations.register("name") { _ = try Name($0["b"].bytes) }
        operations.register("number_valid") { _ = try PersonalNumber($0["s"].text) }
        operations.register("parse_header") { _ = try RecordHeader(wire: $0["h"].bytes) }
        operations.register("ed_verify") { arguments in
            try arguments["pk"].verifyingKey.verify(arguments["sig"].bytes, over: arguments["msg"].bytes)
        }
        operations.register("unseal") { arguments in
            let forbidden = try arguments[optional: "forbidden"]?.elements.map { try $0.element } ?? []
            _ = try arguments["z"].openingKey().open(
                arguments["box"].bytes, info: arguments["info"].bytes, forbidden: forbidden)
        }
    }

    private static func registerProofs(_ operations: inout Operations) {
        operations.register("know_verify") { arguments in
            let proof = try Knowledge(wire: arguments["proof"].bytes)
            try proof.verify(point: arguments["P"].element, bind: arguments["bind"].b64)
        }
        operations.register("same_verify") { arguments in
            let proof = try SamePerson(wire: arguments["proof"].bytes)
            try proof.verify(
                from: arguments["a"].pair, to: arguments["b"].pair, under: arguments["Y"].element,
                context: arguments["ctx"].bytes)
        }
        operations.register("reshuffle_verify") { arguments in
            let proof = try ReshuffleProof(wire: arguments["proof"].bytes)
            let statement = ReshuffleProof.Statement(
                key: ClassKey(try arguments["Y"].element), source: try arguments["Sa"].element,
                destination: try arguments["Sb"].element, digest: try arguments["stmt"].b64)
            _ = try proof.verify(arguments["ins"].pairs, arguments["outs"].pairs, statement)
        }
    }

    private static func registerCeremony(_ operations: inout Operations) {
        operations.register("dealing_verify") { arguments in
            let commitments = try Commitments(
                wire: arguments["A"].byteStrings, threshold: arguments["t"].integer)
            let index = try arguments["index"].index
            if let share = try arguments[optional: "secret_point"] {
                // Alone, a dealer's coefficient is 1: its share itself is the constant term.
                return try commitments.verify(reshares: share.element, of: index, by: [index])
            }
            let pop = try Knowledge(wire: arguments["pop"].bytes)
            try commitments.verify(context(arguments), index: index, pop: pop)
        }
        operations.register("opening_check") { arguments in
            try context(arguments).verify(
                opening: arguments["opening"].b64, index: arguments["index"].index,
                commitments: arguments["A"].joined, pop: arguments["pop"].bytes)
        }
        operations.register("subshare_verify") { arguments in
            let commitments = Commitments(try arguments["A"].elements.map { try $0.element })
            let subshare = try SecretScalar(subshare: arguments["f_j"].secretBytes())
            try commitments.verify(subshare: subshare, for: arguments["j"].index)
        }
        operations.register("complaint_judge") { _ = try judge($0) }
        operations.register("half_check") { arguments in
            try StepHalf.verify(
                arguments["half"].secretBytes(), opening: arguments["opening"].b64, ceremony: arguments["ceremony"].b16,
                step: arguments["step_id"].name, index: arguments["i"].index)
        }
        operations.register("route_check") { arguments in
            let steps = try arguments["holders"].elements.enumerated().map { place, holders in
                RouteStep(id: try Name("step-\(place)"), holders: try holders.indexes)
            }
            _ = try Route(steps, n: arguments["n"].index, t: arguments["t"].index)
        }
    }

    private static func context(_ arguments: Vector) throws -> DealingContext {
        DealingContext(ceremony: try arguments["ceremony"].b16, keyClass: try arguments["cls"].index)
    }

    /// Who is at fault by a complaint.
    static func judge(_ arguments: Vector) throws -> UInt8 {
        let complaint = Complaint(
            context: try context(arguments), dealer: try arguments["i"].index, receiver: try arguments["j"].index,
            box: try arguments["box"].bytes, signature: try arguments["sig"].bytes,
            revealed: try arguments["w"].bytes)
        return try complaint.judge(
            commitments: Commitments(arguments["A"].elements.map { try $0.element }),
            oneTimeKey: arguments["W"].element, dealerKey: arguments["dealer_pk"].verifyingKey)
    }

    private static func registerNotes(_ operations: inout Operations) {
        operations.register("held_open") { arguments in
            let token = try HeldToken(wire: arguments["token"].bytes)
            let place = HeldToken.Place(
                party: try arguments["party"].party, epoch: try arguments["psn_epoch"].epoch,
                yGeneration: try arguments["y_generation"].epoch)
            let ciphertext = try EncryptedPseudonym(wire: arguments["ct"].joined)
            _ = try HeldTokenKeys(ring(arguments["hks"])).row(of: token, ciphertext, at: place)
        }
        operations.register("ticket_verify") { arguments in
            let ticket = try Ticket(wire: arguments["t"].bytes)
            try TicketKeys(ring(arguments["tks"])).verify(
                ticket, for: arguments["hh"].b32, of: arguments["row_id"].b16)
        }
    }

    static func ring(_ keys: Vector) throws -> KeyRing {
        let all = try keys.numbered
        guard let first = all.first else { throw Cast.Missing(list: "\(keys)") }
        return try all.dropFirst().reduce(try first.value.keyRing(id: first.index)) { ring, entry in
            ring.adding(id: entry.index, key: try entry.value.secretBytes())
        }
    }
}
