import Exchanges
import Policy
import Polymorphic
import Ristretto255
import VectorSupport

/// Sections about a person: enrolment, the rows, devices, what countersigns them.
enum PersonSections {
    static func enrolment(_ name: String, of ceremony: String, _ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast[name]
        let id = try section["enrol_id"].b16
        let key = ClassKey<PSN>(try cast[ceremony]["Y"].element)
        var (made, parties) = ([EnrolmentContribution](), [PartyID]())
        for entry in try section["contributions"].elements {
            let party = try entry["transcryptor"].party
            let contribution = try EnrolmentContribution(
                enrolID: id, transcryptor: party, z: try entry["k"].secret(), key: key,
                fresh: (
                    try entry["rand_R"].b64, try entry["rand_r"].b64,
                    try cast.randomness("knowledge", of: entry["proof"], in: "proof")
                ))
            let pair = contribution.ciphertext.pair
            try tally.same(pair.b.encoding.bytes, entry["B"])
            try tally.same(pair.c.encoding.bytes, entry["C"])
            try tally.same(contribution.proof.bytes.bytes, entry["proof"])
            made.append(contribution)
            parties.append(party)
        }
        let enrolment = try Enrolment(enrolID: id, contributions: made, by: parties, keyHash: .zero)
        try tally.same(enrolment.pseudonym.bytes, section["PP"])
        tally.holds(try Enrolment(wire: enrolment.bytes) == enrolment, "\(section): another enrolment")
    }

    /// The entry of a device of the person for transcryptor `index`, made from `what` in the blindings.
    struct Made {
        let entry: DeviceEntry
        let delta: [UInt8]
        let context: [UInt8]
    }

    static func secrets(_ cast: Cast, _ index: UInt8) throws -> DeviceEntry.RowSecrets {
        let fields = try unpack(.device, try cast["rows"]["t\(index)"]["device"].bytes, 14)
        return DeviceEntry.RowSecrets(
            stopKey: try Wire.fixed(fields[11]), tagKey: try Wire.fixed(fields[12]),
            auditKey: try Element(cast.audit().timesGenerator()))
    }

    static func rows(_ cast: Cast, _ tally: inout Tally) throws {
        let (pseudonym, key, enrolID) = (
            try cast.pseudonym(), try cast.classKey(), try cast["enrolment"]["enrol_id"].b16
        )
        for index in UInt8(1)...3 {
            let section = try cast["rows"]["t\(index)"]
            let zd = try cast.audit()
            let blinded = try pseudonym.blinded(
                under: key, key: zd, fresh: try cast.blinding("row \(index)")["rand"].b64,
                use: enrolID.bytes + [index])
            try tally.same(blinded.blinding.revealed, section["delta"])
            try tally.same(blinded.ciphertext.bytes, section["PP_i"])
            let handle = try section["handle"].b16
            let context = RowProofContext.enrolment(enrolID, index: index, handle: handle)
                .bytes(pseudonym, blinded.ciphertext)
            try tally.same(context, section["context"])
            let proof = try SamePerson.prove(
                blinding: blinded.blinding, under: key, context: context, fresh: try section["rand"].b64)
            try tally.same(proof.bytes, section["proof"])
            let fields = try unpack(.device, try section["device"].bytes, 14)
            let device = try cast.device()
            let entry = DeviceEntry(
                enrolID: enrolID, index: index, handle: handle, signedAt: Cast.now, denials: 0,
                pseudonym: blinded.ciphertext, proof: proof, key: .ed25519(device.verifyingKey),
                deviceID: try Wire.fixed(fields[9]), stopKey: try Wire.fixed(fields[10]),
                row: try secrets(cast, index))
            try tally.same(entry.bytes, section["device"])
            tally.holds(try DeviceEntry(wire: entry.bytes) == entry, "\(section): another entry")
            try tally.same(device.sign(entry.bytes), section["signature"])
            let info = RowEntryInfo.row(enrolID, index)
            try tally.same(info, section["info"])
            let signed = SignedEntry(entry.bytes, signatures: [try section["signature"].bytes])
            let recipient = try cast.element("t\(index)")
            try tally.same(
                cast.sealed(signed.wire, to: recipient, info: info, sender: zd, as: section["box"]), section["box"])
            try recovery(of: handle, delta: blinded.blinding.revealed, index, section["recovery"], cast, &tally)
        }
    }

    private static func recovery(
        of handle: Bytes16, delta: [UInt8], _ index: UInt8, _ section: Vector, _ cast: Cast, _ tally: inout Tally
    ) throws {
        let info = RowEntryInfo.handle(try cast["enrolment"]["enrol_id"].b16, index)
        try tally.same(info, section["info"])
        try tally.same(handle.bytes + delta, section["plain"])
        try tally.same(
            cast.sealed(
                handle.bytes + delta, to: cast.element("t\(index)"), info: info, sender: cast.audit(),
                as: section["box"]), section["box"])
    }

    static func addedDevice(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["added_device"]
        let (key, enrolID) = (try cast.classKey(), try section["row"]["enrol_id"].b16)
        let blinding = try cast.blinding("row 1, added device")
        let blinded = try cast.pseudonym().blinded(
            under: key, key: try blinding["k"].secret(), fresh: try blinding["rand"].b64, use: enrolID.bytes + [1])
        try tally.same(blinded.blinding.revealed, section["delta"])
        try tally.same(blinded.ciphertext.bytes, section["PP_i"])
        let fields = try unpack(.device, try section["device"].bytes, 14)
        let handle: Bytes16 = try Wire.fixed(fields[2])
        let from = try cast["rows"]["t1"]["PP_i"].pseudonym
        let context = RowProofContext.enrolment(enrolID, index: 1, handle: handle).bytes(from, blinded.ciphertext)
        try tally.same(context, section["context"])
        let step = blinded.blinding.minus(try cast["rows"]["t1"]["delta"].secret())
        let entry = try cast.find("same_person") { try $0["what"].text == "added device, row 1" }
        let proof = try SamePerson.prove(blinding: step, under: key, context: context, fresh: try entry["rand"].b64)
        try tally.same(proof.bytes, entry["proof"])
        let new = try cast.signingKey("added-device")
        let old = try cast.device()
        for (name, secrets) in [("", try secrets(cast, 1)), ("_of_a_delegate", nil)] {
            let made = DeviceEntry(
                enrolID: enrolID, index: 1, handle: handle, signedAt: Cast.now, denials: 0,
                pseudonym: blinded.ciphertext, proof: proof, key: .ed25519(new.verifyingKey),
                deviceID: try Wire.fixed(fields[9]), stopKey: try Wire.fixed(fields[10]), row: secrets)
            try tally.same(made.bytes, section["device\(name)"])
            tally.holds(try DeviceEntry(wire: made.bytes) == made, "\(section): another entry")
            try tally.same([new.sign(made.bytes), old.sign(made.bytes)], list: section["signatures\(name)"])
        }
    }

    static func keyCountersignatures(_ cast: Cast, _ tally: inout Tally) throws {
        let entry = try DeviceEntry(wire: try cast["added_device"]["device"].bytes)
        for (offset, signed) in try cast["key_countersignatures"].elements.enumerated() {
            let index = UInt8(offset + 1)
            let word = Countersignature(
                transcryptor: try PartyID("t\(index)"), id: entry.enrolID, hash: entry.keyCountersignHash,
                time: Cast.now)
            try tally.same(word.bytes, signed["message"])
            tally.holds(try Countersignature(wire: word.bytes) == word, "\(signed): another word")
            try tally.same(cast.transcryptorKey(index).sign(word.bytes), signed["signature"])
        }
    }
}
