import enum Crypto.AES
import Ristretto255
import VectorSupport

@testable import Polymorphic

/// The operations on chains, Shares and records.
extension CoreOperations {
    static func registerChain(_ operations: inout Operations) {
        operations.register("chain_verify") { arguments in
            let legs = try arguments["route"].elements.map { leg in
                RouteLeg(
                    step: RouteStep(id: try leg[0].name, holders: try leg[1].indexes), source: try leg[2].element,
                    destination: try leg[3].element)
            }
            let request = ChainRequest(
                try arguments["rd"].b64, try Domain(arguments["src"].bytes, orRefuse: .source),
                try Domain(arguments["dst"].bytes, orRefuse: .target), legs, ClassKey(try arguments["Y"].element),
                try arguments["ins"].pairs)
            var keys: [UInt8: VerifyingKey] = [:]
            for (index, key) in try arguments["keys"].numbered { keys[index] = try key.verifyingKey }
            _ = try request.verify(arguments["steps"].elements.map { Step(bytes: try $0.bytes) }, keys: keys)
        }
        operations.register("share_verify") { arguments in
            let statement = try statement(arguments, recipient: arguments["Z"].element)
            let expectation = ShareExpectation<KEM>(
                statement: statement, signer: VerifyingKey(.zero), tokens: 0, tickets: 0)
            let answers = try arguments["Us"].joined
            _ = try expectation.verify(answers, arguments["proof"].bytes, statement.digest(answers))
        }
        operations.register("share_open") { arguments in
            let key = try arguments["z"].openingKey()
            let statement = try statement(arguments, recipient: key.element)
            let tokens = statement.keyClass == KEM.byte ? 0 : statement.permits.filter(\.self).count
            let expectation = ShareExpectation<PSN>(
                statement: statement, signer: try arguments["sign_pk"].verifyingKey, tokens: tokens,
                tickets: try arguments[optional: "tickets"]?.integer ?? 0)
            _ = try expectation.open(SealedShare(bytes: arguments["box"].bytes), with: key, forbidden: [])
        }
        operations.register("combine") { arguments in
            // A header around the ciphertext of the case: only records of a header are combined.
            let c = try arguments["C"].element
            let header = try RecordHeader(
                carrying: EncryptedRecordKey(Pair(b: .generator, c: c)),
                as: RecordHeader(wire: Vectors.section("envelopes")[0]["header"].bytes))
            let key = try arguments["z"].openingKey()
            let unmasking = key.unmasking(ClassKey<KEM>(try arguments["Y"].element))
            let (recipient, party) = (key.element, try PartyID("hospital-a"))
            let shares = try arguments["U"].numbered.map { index, answer in
                let statement = ShareStatement(
                    requestDigest: .zero, keyClass: KEM.byte, shareEpoch: 1, index: index, holder: .generator,
                    destination: party, recipient: recipient, origin: ShareStatement.origin([header.hash]),
                    permits: [true], points: [.generator])
                return VerifiedShare<KEM>(statement, answers: [try answer.element], tokens: [], tickets: [])
            }
            _ = try unmasking.recordKeys([header], shares, participants: arguments["D"].indexes)
        }
    }

    private static func statement(_ arguments: Vector, recipient: Element) throws -> ShareStatement {
        ShareStatement(
            requestDigest: try arguments["rd"].b64, keyClass: try arguments["cls"].index,
            shareEpoch: try arguments["share_epoch"].epoch, index: try arguments["index"].index,
            holder: try arguments["X"].element, destination: try arguments["dst"].party, recipient: recipient,
            origin: try arguments["origin"].b64, permits: try arguments["permits"].verdicts,
            points: try arguments["Bs"].elements.map { try $0.element })
    }

    static func registerRecords(_ operations: inout Operations) {
        operations.register("record_verify") { arguments in
            try Envelope(wire: arguments["env"].bytes).verify(authorKeys: [arguments["author_pk"].verifyingKey])
        }
        operations.register("deposit_verify") { arguments in
            let rules = DepositRules(
                requester: try arguments["requester"].party, authorKey: try arguments["key_now"].verifyingKey,
                nowMinute: UInt64(try arguments["now_minute"].integer),
                yGeneration: try arguments["y_generation"].epoch, requestDigest: try arguments["rd"].b64,
                key: ClassKey(try arguments["Y"].element))
            let records = try arguments["envs"].elements.map { bytes in
                let envelope = try Envelope(wire: bytes.bytes)
                return DepositRules.Record(
                    prefix: envelope.prefix, bodyHash: envelope.bodyHash)
            }
            try rules.verify(
                records, item: UInt16(arguments["item"].integer), EncryptedPseudonym(wire: arguments["ct"].joined),
                tie: SamePerson(wire: arguments["tie"].bytes))
        }
        operations.register("prev_verify") { arguments in
            try DepositRules.verify(
                RecordHeader(wire: arguments["hdr"].bytes), replaces: RecordHeader(wire: arguments["prev_hdr"].bytes),
                ticket: Ticket(wire: arguments["prev_ticket"].bytes), keys: TicketKeys(ring(arguments["tks"])),
                row: arguments["row_id"].b16)
        }
        operations.register("dem_open") { try open($0, body: $0["ct"].bytes) }
        operations.register("dem_built") { arguments in
            let block = try arguments["block"].bytes
            let padded = Padding.pad((0..<(try arguments["repeat"].integer)).flatMap { _ in block })
            let keys = BodyKeys(try arguments["K"].secretBytes(), hash: try arguments["hh"].b32)
            let body = try arguments["chunks"].elements.flatMap { chunk -> [UInt8] in
                let range = (try chunk[2].integer)..<(try chunk[3].integer)
                let sealed = try padded[range].withUnsafeBytes {
                    try keys.seal($0, UInt32(try chunk[0].integer), last: try chunk[1].integer == 1)
                }
                return [UInt8](sealed.ciphertext) + sealed.tag
            }
            try open(arguments, body: body)
        }
    }

    private static func open(_ arguments: Vector, body: [UInt8]) throws {
        _ = try Envelope.open(
            body[...], arguments["K"].secretBytes(), hash: arguments["hh"].b32, commitment: arguments["kc"].bytes)
    }
}
