import Ristretto255
import VectorSupport

@testable import Polymorphic

/// The flat lists of the vectors: one loop each.
enum FlatLists {
    static func signingKeys(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["signing_keys"].elements {
            try tally.same(entry["seed"].signingKey().verifyingKey.bytes.bytes, entry["pk"])
        }
    }

    static func signatures(_ cast: Cast, _ tally: inout Tally) throws {
        var seeds: [String: Vector] = [:]
        for key in try cast["signing_keys"].elements { seeds[try key["pk"].text] = try key["seed"] }
        for entry in try cast["signatures"].elements {
            guard let seed = try seeds[entry["pk"].text] else { throw Cast.Missing(list: "signing_keys") }
            let message = try entry["message"].bytes
            try tally.same(seed.signingKey().sign(message), entry["signature"])
            try entry["pk"].verifyingKey.verify(entry["signature"].bytes, over: message)
        }
    }

    static func knowledge(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["knowledge"].elements {
            let (point, bind) = (try entry["P"].element, try entry["bind"].b64)
            let proof = Knowledge.prove(try entry["k"].secret(), point: point, bind: bind, fresh: try entry["rand"].b64)
            try tally.same(proof.bytes.bytes, entry["proof"])
            try proof.verify(point: point, bind: bind)
        }
    }

    static func samePerson(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["same_person"].elements {
            let (key, context) = (ClassKey<PSN>(try entry["Y"].element), try entry["context"].bytes)
            let proof = try SamePerson.prove(
                blinding: try entry["k"].secret(), under: key, context: context, fresh: try entry["rand"].b64)
            try tally.same(proof.bytes, entry["proof"])
            try proof.verify(
                from: try entry["from"].pair, to: try entry["to"].pair, under: key.element, context: context)
        }
    }

    static func seals(_ cast: Cast, _ tally: inout Tally) throws {
        var holders: [String: Vector] = [:]
        for (_, party) in try cast["parties"].entries { holders[try party["Z"].text] = try party["z"] }
        for entry in try cast["seals"].elements {
            let (z, info, plain) = (try entry["Z"].element, try entry["info"].bytes, try entry["plain"].bytes)
            let sender = try entry["k"].secret()
            let fresh = try entry["rand"].b64
            let e = Hedging.ephemeral(sender, fresh, .seal, [z.encoding.bytes, info, plain])
            try tally.same(e.revealed, entry["e"])
            try tally.same(Seal.seal(plain, to: z, info: info, sender: sender, fresh: fresh), entry["box"])
            guard let holder = try holders[entry["Z"].text] else { continue }
            let opened = try holder.openingKey().open(
                try entry["box"].bytes, info: info, forbidden: try cast.classKeys())
            try tally.same(opened, entry["plain"])
        }
    }

    static func blindings(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["blindings"].elements {
            let made = try PolymorphicPseudonym(wire: try entry["pair"].bytes).blinded(
                under: ClassKey(try entry["Y"].element), key: try entry["k"].secret(), fresh: try entry["rand"].b64,
                use: try entry["use"].bytes)
            try tally.same(made.blinding.revealed, entry["d"])
            try tally.same(made.ciphertext.bytes, entry["blinded"])
        }
    }

    static func heldTokens(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["held_tokens"].elements {
            let keys = HeldTokenKeys(try entry["hk"].keyRing(id: try entry["key_id"].index))
            let place = HeldToken.Place(
                party: try entry["holder"].party, epoch: try entry["psn_epoch"].epoch,
                yGeneration: try entry["y_generation"].epoch)
            let (row, ciphertext) = (try entry["row_id"].b16, try EncryptedPseudonym(wire: try entry["pair"].bytes))
            let token = try keys.token(for: row, ciphertext, at: place, fresh: try entry["rand"].b64)
            try tally.same(token.bytes, entry["token"])
            try tally.same(keys.row(of: token, ciphertext, at: place).bytes, entry["row_id"])
        }
    }

    static func numbers(_ cast: Cast, _ tally: inout Tally) throws {
        for entry in try cast["numbers"].elements {
            let number = try PersonalNumber(try entry.text)
            try tally.same(number.revealedDigits, text: entry)
            let text = Array(try entry.text.utf8)
            tally.holds(number.oprfInput == text.dropLast(), "\(entry): the VOPRF takes the first 12 digits")
            for change in changes(of: text) {
                let refused = (try? PersonalNumber(String(decoding: change, as: UTF8.self))) == nil
                tally.holds(refused, "\(entry): a changed number is accepted")
            }
        }
    }

    /// One digit changed, or two neighbours swapped: Damm's check digit sees all of these.
    private static func changes(of digits: [UInt8]) -> [[UInt8]] {
        var out: [[UInt8]] = []
        for index in digits.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != digits[index] {
                var change = digits
                change[index] = digit
                out.append(change)
            }
            guard index > 0, digits[index] != digits[index - 1] else { continue }
            var change = digits
            change.swapAt(index, index - 1)
            out.append(change)
        }
        return out
    }

    /// The labels of the table, by their use.
    static func labels(_ cast: Cast, _ tally: inout Tally) throws {
        let table: [String: [String]] = [
            "point": Label.Point.allCases.map(\.rawValue), "scalar": Label.Scalar.allCases.map(\.rawValue),
            "dleq": Label.Equality.allCases.map(\.rawValue), "digest": Label.Digest.allCases.map(\.rawValue),
            "mac": Label.MAC.allCases.map(\.rawValue), "salt": Label.Salt.allCases.map(\.rawValue),
            "aad": Label.AAD.allCases.map(\.rawValue), "info": Label.Info.allCases.map(\.rawValue),
            "signed": Label.Signed.allCases.map(\.rawValue), "packed": Label.Packed.allCases.map(\.rawValue),
        ]
        let lists = try cast["labels"].entries
        tally.holds(Set(lists.map(\.key)) == Set(table.keys), "labels: other uses than those of the table")
        for (use, list) in lists {
            let ours = table[use] ?? []
            try tally.same(ours, set: list)
            tally.holds(Set(ours).count == ours.count, "labels: one twice under \(use)")
        }
        let all = table.values.flatMap { $0 }
        tally.holds(Set(all).count == all.count, "labels: one with two uses")
    }
}
