import Crypto
import Foundation
import Ledger
import Polymorphic
import Ristretto255
import Serving
import TransparencyLog

/// The first system of a hospital that may use its gateway: a bearer token, a client certificate, and the member of
/// staff whose key signs what it asks. `systems.json` holds digests alone.
struct SystemCredentials {
    static let name = "system"
    static let staff = "physician"

    private struct Entry: Encodable {
        var name: String
        var token_sha256: String
        var certificate_sha256: String
        var role: String
        var staff: String
    }

    /// Makes them beside the node: `system.token`, `system.pem`, `system.key`, `systems.json`.
    static func make(_ node: NodeFolder, authority: DevelopmentCA, from random: some RandomSource) throws {
        let token = Hex.encode(random.bytes(32))
        let identity = try authority.issue("\(try node.config().id) \(name)")
        try node.write(identity, "system")
        try DurableFile(node.file("system.token")).write(Array(token.utf8))
        let entry = Entry(
            name: name, token_sha256: Hex.encode(SHA256.hash(data: Array(token.utf8))),
            certificate_sha256: Hex.encode(identity.fingerprint), role: "physician", staff: staff)
        try JSONFile.write([entry], node.file("systems.json"))
    }
}
