import Ristretto255
import VectorSupport

@testable import Polymorphic

/// Sections about complaints, parties and the secrets of steps.
enum PartySections {
    static func complaint(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["complaint"]
        let ceremony = try cast["dkg_psn"]
        let context = DealingContext(ceremony: try ceremony["ceremony"].b16, keyClass: PSN.byte)
        // The keys that transcryptor 2 made for its dealers; that for 3 stands in the statement only.
        let key = try section["w_for_dealer_1"].openingKey()
        let stated = try unpack(.dkgKey, try section["key_statement_of_2"].bytes, 5)
        let forThree = try Element(wire: try Wire.elements(of: stated[4])[2])
        let statement = context.keyStatement(
            of: 2, opening: try ceremony["dealings"][1]["opening"].bytes,
            oneTimeKeys: [key.element.encoding.bytes, [], forThree.encoding.bytes])
        try tally.same(statement, section["key_statement_of_2"])
        try tally.same(cast.signingKey(2).sign(statement), section["key_statement_signature"])

        let dealer = try Dealer(
            context, index: 1,
            coefficients: SecretScalars(decoding: ceremony["dealings"][0]["coefficients"].byteStrings),
            fresh: .zero)
        for entry in try section["cases"].elements {
            let (what, arguments) = (try entry["what"].text, try entry["args"])
            let atFault = try CoreOperations.judge(arguments)
            try tally.same(Int(atFault), integer: entry["at_fault"])
            guard what == "a good dealing" else { continue }
            let box = try dealer.box(
                for: 2, to: key.element, sender: cast.secret("t1"),
                fresh: cast.randomness("seals", of: arguments["box"], in: "box"))
            try tally.same(box, arguments["box"])
            try tally.same(cast.signingKey(1).sign(context.dealing(from: 1, to: 2, box: box)), arguments["sig"])
            let subshare = try Dealer.receive(
                box, from: 1, as: 2, context, commitments: dealer.commitments, with: key)
            try tally.same(subshare.revealed, ceremony["dealings"][0]["subshares"][1])
        }
    }

    static func parties(_ cast: Cast, _ tally: inout Tally) throws {
        for (name, entry) in try cast["parties"].entries {
            let key = try entry["z"].openingKey()
            let party = try PartyID(name)
            try tally.same(key.element.encoding.bytes, entry["Z"])
            let possession = key.provePossession(
                party: party, keyEpoch: try entry["key_epoch"].epoch,
                fresh: try cast.randomness("knowledge", of: entry["pop"], in: "proof"))
            try tally.same(possession.bytes.bytes, entry["pop"])
            tally.holds(try cast.partyKey(party).element == key.element, "\(entry): another Z")
        }
    }

    static func factors(_ cast: Cast, _ tally: inout Tally) throws {
        let ceremony = try cast["dkg_psn"]["ceremony"].b16
        for (id, entry) in try cast["factors"].entries {
            let secret = StepSecret(try entry["secret"].secretBytes())
            let halves = try entry["halves"].elements
            for (party, s) in try entry["s"].entries {
                let domain = Domain.party(try PartyID(party), epoch: 1)
                try tally.same(secret.factor(for: domain).revealed, s)
                try tally.same(secret.factorPoint(for: domain).encoding.bytes, entry["S"][party])
                guard halves.count == 2 else { continue }
                let joined = StepSecret(halves: try halves[0].secretBytes(), try halves[1].secretBytes())
                try tally.same(joined.factor(for: domain).revealed, s)
            }
            let step = try Name(id)
            for (place, half) in halves.enumerated() {
                let (index, opening) = (try entry["holders"][place].index, try entry["openings"][place])
                let made = StepHalf.opening(try half.secretBytes(), ceremony: ceremony, step: step, index: index)
                try tally.same(made.bytes, opening)
                try StepHalf.verify(
                    try half.secretBytes(), opening: try opening.b64, ceremony: ceremony, step: step, index: index)
            }
            guard let box = try entry[optional: "half_box"] else { continue }
            let info = StepHalf.info(ceremony: ceremony, step: step, index: 1)
            let sealed = try Seal.seal(
                secret: try halves[0].secretBytes(), to: try cast["parties"]["t2"]["Z"].element, info: info,
                sender: try cast.secret("t1"), fresh: try cast.randomness("seals", of: box, in: "box"))
            try tally.same(sealed, box)
        }
    }

    /// Every signed structure from its fields, and those that have a type of their own from that.
    static func encodings(_ cast: Cast, _ tally: inout Tally) throws {
        for (name, entry) in try cast["encodings"].entries {
            let first = String(name.split(separator: " ")[0])
            guard let label = Label.Signed(rawValue: first) else { throw Cast.Missing(list: "labels: \(first)") }
            let fields = try entry["fields"].byteStrings
            try tally.same(pack(label, fields: fields), entry["pack"])
            tally.holds(try unpack(label, try entry["pack"].bytes, fields.count) == fields, "\(entry): other fields")
        }
        let record = try CeremonyRecord(
            ceremony: try cast["dkg_psn"]["ceremony"].b16, yGeneration: 1, shareEpoch: 1, n: 3, t: 2,
            pseudonyms: try cast.shared("dkg_psn"), recordKeys: try cast.shared("dkg_kem"), route: .production)
        try tally.same(record.packed, cast["encodings"]["ceremony"]["pack"])

        let secret = StepSecret(try cast["factors"]["v12"]["secret"].secretBytes())
        let hospital = Domain.party(try PartyID("hospital-a"), epoch: 1)
        let point = try secret.factorPoint(for: hospital).encoding.bytes
        for (index, name) in [(UInt8(1), "factor-point"), (2, "factor-point of the second holder")] {
            let made = pack(
                .factorPoint, try Name("v12").bytes, [index], try PartyID("hospital-a").bytes,
                UInt32(1).bigEndianBytes, point)
            try tally.same(made, cast["encodings"][name]["pack"])
        }
        let entry = try cast["encodings"]["directory"]
        let key = try cast.partyKey(try entry["fields"][0].party)
        var fields = try entry["fields"].byteStrings
        fields[2...4] = [
            key.keyEpoch.bigEndianBytes, key.element.encoding.bytes, try cast["parties"]["clinic-b"]["pop"].bytes,
        ]
        try tally.same(pack(.directory, fields: fields), entry["pack"])
    }
}
