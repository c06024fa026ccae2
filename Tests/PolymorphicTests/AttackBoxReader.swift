import Crypto
import Foundation
import Ristretto255

@testable import Polymorphic

/// Opens a sealed box with its content key, however that was come by.
enum BoxReader {
    static func open(_ box: [UInt8], _ keys: borrowing SecretBytes, _ info: [UInt8]) throws -> [UInt8] {
        try keys.withBytes { raw in
            let sealed = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: Data(raw[32...])), ciphertext: box[32..<box.count - 16],
                tag: box[(box.count - 16)...])
            return [UInt8](try AES.GCM.open(sealed, using: SymmetricKey(data: raw[..<32]), authenticating: info))
        }
    }

    /// SHA-256 of a body.
    static func hash(_ body: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: body)) }

    /// A body of one chunk with any padding.
    static func body(_ padded: [UInt8], _ key: RecordKey, hash: Bytes32) throws -> [UInt8] {
        let keys = BodyKeys(key.encoding, hash: hash)
        let sealed = try padded.withUnsafeBytes { try keys.seal($0, 0, last: true) }
        return [UInt8](sealed.ciphertext) + sealed.tag
    }

    /// A box under any ephemeral point, with a content key that its maker has from elsewhere.
    static func seal(
        _ message: [UInt8], ephemeral: Element, _ keys: borrowing SecretBytes, _ info: [UInt8]
    ) throws -> [UInt8] {
        try keys.withBytes { raw in
            let box = try AES.GCM.seal(
                message, using: SymmetricKey(data: raw[..<32]), nonce: AES.GCM.Nonce(data: Data(raw[32...])),
                authenticating: info)
            return ephemeral.encoding.bytes + box.ciphertext + box.tag
        }
    }
}
