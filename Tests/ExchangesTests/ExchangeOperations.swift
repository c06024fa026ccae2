import Polymorphic
import Ristretto255
import VectorSupport

@testable import Exchanges

/// The operations of the negatives that belong to the exchange.
enum ExchangeOperations {
    static func all() -> Operations {
        var operations = Operations()
        registerRequest(&operations)
        registerHistory(&operations)
        registerRows(&operations)
        registerPresentation(&operations)
        return operations
    }

    static func code(_ error: any Error) -> String? { (error as? Refusal)?.code.rawValue }

    private static func registerRequest(_ operations: inout Operations) {
        operations.register("request_check") { arguments in
            let roll = ExchangeRequest.Roll(
                transcryptors: try arguments["names"].parties, t: try arguments["t"].integer)
            _ = try ExchangeRequest(
                wire: arguments["req"].bytes, peer: arguments["peer"].party, now: arguments["now"].number, roll: roll)
        }
        operations.register("intents_verify") { arguments in
            var keys: [PartyID: VerifyingKey] = [:]
            for (name, key) in try arguments["keys"].entries { keys[try PartyID(name)] = try key.verifyingKey }
            let intents = try arguments["intents"].elements.map {
                SignedIntent(intent: try $0[0].bytes, signature: try $0[1].bytes)
            }
            _ = try JointVerdict(
                intents, digest: arguments["rd"].b64, participants: arguments["participants"].parties,
                items: arguments["m"].integer, itemOfRecord: arguments["of"].elements.map { try $0.integer },
                keys: keys)
        }
        operations.register("decide_parse") { _ = try DecideCall(body: $0["body"].bytes) }
        operations.register("release_parse") { _ = try ReleaseCall(body: $0["body"].bytes) }
        operations.register("es256_verify") { arguments in
            try ES256.verify(arguments["sig"].bytes, over: arguments["msg"].bytes, key: arguments["pk"].bytes)
        }
    }

    private static func registerHistory(_ operations: inout Operations) {
        operations.register("history_verify") { arguments in
            _ = try Head.verify(
                arguments["hb"].bytes, arguments["sg"].bytes, key: arguments["pk"].verifyingKey,
                transcryptor: arguments["who"].party, handle: arguments["h"].b16, tagKey: arguments["v"].secretBytes(),
                known: Head.Known(counter: arguments["last_j"].number, size: arguments["last_size"].number),
                leaves: arguments["leaves"].byteStrings)
        }
        operations.register("participants_seen") { arguments in
            try Head.verify(
                participants: arguments["participants"].parties, have: Set(arguments["have"].parties))
        }
    }

    // MARK: Rows

    /// The row rules of transcryptor 1 of the vectors.
    static func rules(_ cast: Cast, _ arguments: Vector) throws -> RowRules {
        RowRules(
            index: 1, key: try cast.classKey(), relyingParty: try cast.pages(), now: try arguments["now"].number)
    }

    private static func registerRows(_ operations: inout Operations) {
        operations.register("row_create") { arguments in
            let cast = try Cast()
            // The case names id, handle, key and time: the rest of the entry is that of the vectors.
            let known = try DeviceEntry(wire: cast["rows"]["t1"]["device"].bytes)
            let entry = DeviceEntry(
                enrolID: try arguments["enrol_id"].b16, index: 1, handle: try arguments["h"].b16,
                signedAt: try arguments["signed_at"].number, denials: 0, pseudonym: known.pseudonym,
                proof: known.proof, key: .ed25519(try arguments["key"].verifyingKey), deviceID: known.deviceID,
                stopKey: known.stopKey, row: known.row)
            var taken = RowRules.Taken()
            for row in try arguments["have"].elements {
                taken.enrolment = try taken.enrolment || row[0].b16 == entry.enrolID
                taken.handle = try taken.handle || row[1].b16 == entry.handle
                taken.key = try taken.key || row[2].bytes == entry.key.bytes
            }
            let enrolment = try Enrolment(wire: arguments["signed"].bytes)
            let signers = try (1...3).map { try cast.transcryptorKey($0).verifyingKey }
            let signed = RowRules.SignedEnrolment(
                enrolment, signatures: try (1...3).map { try cast.transcryptorKey($0).sign(enrolment.bytes) },
                signers: signers)
            try rules(cast, arguments).create(
                entry, signatures: [cast.device().sign(entry.bytes)], enrolment: signed, taken: taken)
        }
        operations.register("key_countersigned") { arguments in
            let (cast, rest) = (try Cast(), try arguments["rest"].bytes)
            let known = try DeviceEntry(wire: cast["rows"]["t1"]["device"].bytes)
            guard let row = known.row else { throw Cast.Missing(list: "row") }
            let entry = DeviceEntry(
                enrolID: try arguments["enrol_id"].b16, index: 1, handle: known.handle, signedAt: known.signedAt,
                denials: 0, pseudonym: known.pseudonym, proof: known.proof,
                key: .ed25519(try arguments["key"].verifyingKey), deviceID: try Wire.fixed(rest[..<16]),
                stopKey: try Wire.fixed(rest[16..<48]),
                row: DeviceEntry.RowSecrets(
                    stopKey: try Wire.fixed(rest[48...]), tagKey: row.tagKey, auditKey: row.auditKey))
            var keys: [PartyID: VerifyingKey] = [:]
            for (name, key) in try arguments["keys"].entries { keys[try PartyID(name)] = try key.verifyingKey }
            let words = try arguments["certs"].elements.map {
                SignedIntent(intent: try $0[0].bytes, signature: try $0[1].bytes)
            }
            try rules(cast, arguments).keyCountersigned(
                entry, by: RowRules.OlderWord(words, keys: keys, t: try arguments["t"].integer))
        }
        operations.register("device_add") { arguments in
            let (cast, row) = (try Cast(), try arguments["row"])
            let entry = try DeviceEntry(wire: arguments["entry"].bytes)
            let used = try row["used"].byteStrings
            let rules = RowRules(
                index: try arguments["i"].index, key: ClassKey(try arguments["Y"].element),
                relyingParty: try cast.pages(), now: try arguments["now"].number)
            _ = try rules.add(
                entry, signatures: arguments["sigs"].byteStrings, to: self.row(row),
                taken: RowRules.Taken(
                    handle: used.contains(entry.handle.bytes), key: used.contains(entry.key.bytes)))
        }
    }

    /// The row of a case of `device_add`.
    static func row(_ row: Vector) throws -> RowRules.Row {
        RowRules.Row(
            enrolID: try row["enrol_id"].b16,
            secrets: DeviceEntry.RowSecrets(
                stopKey: try row["w_row"].b32, tagKey: try row["v"].b32, auditKey: try row["Z_d"].element),
            adders: try row["adders"].entries.map { key, pseudonym in
                (.ed25519(VerifyingKey(try Wire.fixed(Hex.bytes(key)))), try pseudonym.pseudonym)
            })
    }

    // MARK: Presentations

    private static func registerPresentation(_ operations: inout Operations) {
        operations.register("presentation") { arguments in
            let cast = try Cast()
            var content = try RequestSections.identify(cast).request.content
            content.exchangeID = try arguments["xid"].b16
            content.requester = try arguments["party"].party
            content.purpose = try arguments["purpose"].name
            content.items = [try arguments["PP"].pair]
            let isBreakGlass = try arguments["basis"].integer == 2
            content.basis = isBreakGlass ? .breakGlass(code: Array("code".utf8), text: []) : .consent
            // Keys of cards are no keys of devices yet.
            let keys = try arguments["keys"].numbered.filter { $0.index != 3 }.flatMap { alg, keys in
                try keys.byteStrings.map { try CredentialKey(alg: alg, key: $0) }
            }
            let row = PresentationKeys(
                pseudonym: try arguments["PP_row"].pseudonym, keys: keys,
                usedEmergencies: Set(try arguments["used"].elements.map { try $0.b64 }))
            let index = try arguments["i"].index
            let rule = PresentationRule(
                index: index, request: content, key: try cast.classKey(), forbidden: try cast.forbidden(),
                relyingParty: try cast.pages())
            let handle = try arguments["handle"].b16
            let origin = try arguments["time"].number.bigEndianBytes + arguments["box"].bytes
            _ = try rule.accept(
                origin, with: cast.openingKey("t\(index)"), now: arguments["now"].number
            ) { (shown) throws(Refusal) in shown == handle ? row : nil }
        }
        operations.register("presentation_plain") { arguments in
            let box = PresentationBox(
                alg: try arguments["alg"].index, handle: try arguments["h"].b16,
                proof: try SamePerson(wire: arguments["proof"].bytes), signature: try arguments["sig"].bytes)
            _ = try box.plain()
        }
    }
}
