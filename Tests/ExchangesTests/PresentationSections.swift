import Crypto
import Exchanges
import Polymorphic
import Ristretto255
import VectorSupport

/// Sections in which a person presents herself.
enum PresentationSections {
    /// Where the Presentation of the vectors holds.
    static func place(_ cast: Cast) throws -> PresentationPlace {
        PresentationPlace(
            exchangeID: try cast["presentation"]["exchange_id"].b16, party: Array("hospital-a".utf8),
            purpose: Array("treatment".utf8), time: Cast.now)
    }

    /// Makes the box for one transcryptor and compares all of it.
    private static func box(
        _ index: UInt8, alg: UInt8, signature: [UInt8], _ place: PresentationPlace, presented: PolymorphicPseudonym,
        by blinding: borrowing SecretScalar, what: String, _ section: Vector, _ cast: Cast, _ tally: inout Tally
    ) throws {
        let row = try cast["rows"]["t\(index)"]
        let (handle, from) = (try row["handle"].b16, try row["PP_i"].pseudonym)
        let context = place.rowProof(index: index, handle: handle).bytes(from, presented)
        if let expected = try section[optional: "context"] { try tally.same(context, expected) }
        let entry = try cast.find("same_person") { try $0["what"].text == what }
        let proof = try SamePerson.prove(
            blinding: blinding.minus(try row["delta"].secret()), under: cast.classKey(), context: context,
            fresh: try entry["rand"].b64)
        try tally.same(proof.bytes, entry["proof"])
        let plain = try PresentationBox(alg: alg, handle: handle, proof: proof, signature: signature).plain()
        try tally.same(plain, section["plain"])
        let info = PresentationBox.info(place.exchangeID, index)
        if let expected = try section[optional: "info"] { try tally.same(info, expected) }
        try tally.same(
            cast.sealed(
                plain, to: cast.element("t\(index)"), info: info, sender: cast.audit(), as: section["box"]),
            section["box"])
    }

    static func phone(_ cast: Cast, _ tally: inout Tally) throws {
        let (section, place) = (try cast["presentation"], try place(cast))
        let device = try cast.device()
        let pseudonym = try cast.pseudonym()
        let blinded = try pseudonym.blinded(
            under: cast.classKey(), key: cast.audit(), fresh: cast.blinding("Presentation")["rand"].b64,
            use: place.exchangeID.bytes)
        try tally.same(blinded.blinding.revealed, section["blind"])
        try tally.same(blinded.ciphertext.bytes, section["PP_presented"])
        let text = TerminalText(
            party: try PartyID("hospital-a"), exchangeID: place.exchangeID, purpose: try Name("treatment"),
            time: Cast.now)
        let signed = text.presentation(blinded.ciphertext, time: Cast.now)
        try tally.same(signed, section["signed"])
        try tally.same(device.verifyingKey.bytes.bytes, section["device_pk"])
        let signature = device.sign(signed)
        try tally.same(signature, section["signature"])
        for index in UInt8(1)...3 {
            try box(
                index, alg: 0, signature: signature, place, presented: blinded.ciphertext, by: blinded.blinding,
                what: "Presentation alg 0 for \(index)", section["boxes"]["t\(index)"], cast, &tally)
        }
        let presentation = Presentation(
            presented: blinded.ciphertext, time: Cast.now,
            boxes: try (1...3).map { try section["boxes"]["t\($0)"]["box"].bytes })
        let again = try Presentation(wire: presentation.bytes, transcryptors: 3)
        tally.holds(again == presentation, "\(section): another Presentation")
    }

    /// A signature whose nonce we do not choose cannot be made again: it is verified, and the rest is made around it.
    static func es256(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["presentation_es256"]
        let key = try P256.Signing.PrivateKey(rawRepresentation: section["key"].bytes)
        try tally.same(Array(key.publicKey.x963Representation), section["pk"])
        let signature = try section["signature"].bytes
        let signed = try cast["presentation"]["signed"].bytes
        try CredentialKey(alg: 1, key: section["pk"].bytes).verify(signature, over: signed, relyingParty: nil)
        try box(
            1, alg: 1, signature: signature, place(cast), presented: cast["presentation"]["PP_presented"].pseudonym,
            by: cast["presentation"]["blind"].secret(), what: "Presentation alg 1 for 1", section, cast, &tally)
    }

    /// What an authenticator signs: `list(authenticatorData, clientDataJSON, signature)`.
    static func webAuthn(
        over message: [UInt8], at pages: RelyingParty, by key: borrowing SigningKey
    ) -> (authenticator: [UInt8], client: [UInt8], signature: [UInt8]) {
        let authenticator = Array(SHA256.hash(data: pages.id)) + [5, 0, 0, 0, 9]
        let challenge = base64url(Array(SHA256.hash(data: message)))
        let start = #"{"type":"webauthn.get","challenge":""# + challenge + #"","origin":""#
        let client = Array(start.utf8) + pages.origin + Array(#"","crossOrigin":false}"#.utf8)
        let signature = key.sign(authenticator + Array(SHA256.hash(data: client)))
        return (authenticator, client, Wire.list([authenticator, client, signature]))
    }

    /// base64url without padding, from its definition (RFC 4648, 5).
    private static func base64url(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let bits = bytes.flatMap { byte in (0..<8).reversed().map { byte >> $0 & 1 } }
        return String(
            stride(from: 0, to: bits.count, by: 6).map { start in
                let six = (0..<6).map { start + $0 < bits.count ? bits[start + $0] : 0 }
                return digits[six.reduce(0) { $0 << 1 | Int($1) }]
            })
    }

    static func webAuthn(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["presentation_webauthn"]
        let key = try cast.signingKey("webauthn")
        let pages = try cast.pages()
        let signed = try cast["presentation"]["signed"].bytes
        try tally.same([0] + key.verifyingKey.bytes.bytes, section["stored_key"])
        let (authenticator, client, signature) = webAuthn(over: signed, at: pages, by: key)
        try tally.same(authenticator, section["authenticator_data"])
        try tally.same(client, section["client_data"])
        try tally.same(signature, section["sig"])
        for (stored, made) in [("stored_key", "sig"), ("es256_stored_key", "es256_sig")] {
            let key = try CredentialKey(alg: 2, key: section[stored].bytes)
            try key.verify(section[made].bytes, over: signed, relyingParty: pages)
        }
        try box(
            1, alg: 2, signature: signature, place(cast), presented: cast["presentation"]["PP_presented"].pseudonym,
            by: cast["presentation"]["blind"].secret(), what: "Presentation alg 2 for 1", section, cast, &tally)
    }

    static func emergency(_ cast: Cast, _ tally: inout Tally) throws {
        let (section, place) = (try cast["emergency"], PresentationPlace.emergency)
        let blinded = try cast.pseudonym().blinded(
            under: cast.classKey(), key: cast.audit(), fresh: cast.blinding("emergency")["rand"].b64,
            use: place.exchangeID.bytes)
        try tally.same(blinded.ciphertext.bytes, section["PP_presented"])
        let signed = place.signed(blinded.ciphertext)
        try tally.same(signed, section["signed"])
        let signature = try cast.device().sign(signed)
        try tally.same(signature, section["signature"])
        try box(
            1, alg: 5, signature: [0] + signature, place, presented: blinded.ciphertext, by: blinded.blinding,
            what: "Presentation alg 5 for 1", section, cast, &tally)
    }
}
