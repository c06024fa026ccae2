import Ristretto255
import VectorSupport

@testable import Polymorphic

/// Sections about hashing and the proofs of RFC 9497, which stand before the protocol.
enum GroupSections {
    /// `test` is a label of the vectors only.
    private enum TestLabel: String, LabelBytes { case test }

    static func hashing(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["hashing"]
        let fields = try section["fields"].byteStrings
        let message = packed(TestLabel.test, fields)
        try tally.same(message, section["pack"])
        try tally.same(sha512(message).bytes, section["digest"])
        var input = FieldExpander(TestLabel.test)
        for field in fields { input.add(field) }
        try tally.same(input.expander.scalar().encoding.bytes, section["to_scalar"])
        try tally.same(input.expander.point().encoding.bytes, section["to_point"])
        let code = try section["mac"]
        let made = mac(try code["key"].secretBytes(), packed(TestLabel.test, try code["fields"].byteStrings))
        try tally.same(made.bytes, code["mac"])
    }

    /// RFC 9497 A.1.2, vectors 1 (one input) and 3 (two inputs). The file holds what the server sees; seed, inputs,
    /// blinds, proof nonces and outputs are those that the RFC prints.
    static func rfc9497(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["rfc9497"]
        let seed = SecretBytes(copying: [UInt8](repeating: 0xa3, count: 32))
        let derived = VOPRF.deriveKey(seed: seed, info: Array("test key".utf8))
        try tally.same(derived.revealed, section["sk"])
        let key = try section["sk"].secret()
        let publicKey = try Element(key.timesGenerator())
        try tally.same(publicKey.encoding.bytes, section["pk"])
        let inputs: [[UInt8]] = [[0], [UInt8](repeating: 0x5a, count: 17)]
        let blinds = [
            "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
        ]
        let outputs = [
            "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
                + "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
            "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
                + "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
        ]
        let messages = try section["blinded"].elements.map { try $0.element }
        // The second blind of vector 3 is the proof nonce of vector 1.
        let alone = try evaluate([messages[0]], key, publicKey, nonce: blinds[1])
        try tally.same(alone.proof.bytes.bytes, section["proof_1"])
        let nonce = "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c"
        let batch = try evaluate(messages, key, publicKey, nonce: nonce)
        try tally.same(batch.proof.bytes.bytes, section["proof_batch"])
        try tally.same(batch.evaluated.map(\.encoding.bytes), list: section["evaluated"])
        for index in 0..<2 {
            let blinded = try VOPRF.blind(inputs[index], by: SecretScalar(decoding: try Hex.bytes(blinds[index])))
            try tally.same(blinded.message.encoding.bytes, section["blinded"][index])
            let output = try VOPRF.evaluate(input: inputs[index], key: key)
            tally.holds(output.bytes == (try Hex.bytes(outputs[index])), "rfc9497: output \(index)")
            guard index == 0 else { continue }
            let final = try VOPRF.finalize(
                blinded, evaluated: alone.evaluated[0], proof: alone.proof, publicKey: publicKey)
            tally.holds(final == output, "rfc9497: the client gets another output than the server")
        }
    }

    private static func evaluate(
        _ messages: [Element], _ key: borrowing SecretScalar, _ publicKey: Element, nonce: String
    ) throws -> (evaluated: [Element], proof: EqualityProof) {
        let nonce = try SecretScalar(decoding: try Hex.bytes(nonce))
        return try VOPRF.evaluate(messages, key: key, publicKey: publicKey, nonce: nonce)
    }

    static func registryRow(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["registry_row"]
        let row = PersonalNumber.registryRow(try section["oprf_output"].b64, key: try section["key"].secretBytes())
        try tally.same(row.bytes, section["row"])
    }
}
