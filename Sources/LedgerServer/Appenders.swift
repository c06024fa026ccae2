import Ledger
import TransparencyLog

/// Who may append, and what. (PROTOCOL 8.1: kind 1 from Transcryptors only, kind 2 also from the authority)
///
/// ```
/// # number role id SHA-256-of-the-public-key
/// 1 transcryptor t1.example 5d41...
/// 9 authority authority.example 7d79...
/// ```
public struct Appenders: Sendable {
    public enum Role: String, Sendable { case transcryptor, authority }
    public struct Appender: Sendable {
        /// Kept beside each leaf; never given to another party.
        public let number: UInt16
        public let role: Role
        public let id: String

        func may(_ kind: LedgerLeaf.Kind) -> Bool { role == .transcryptor || kind == .record }
    }

    private var byFingerprint: [[UInt8]: Appender] = [:]

    /// - Throws: `StartFault.configuration`, naming the line.
    public init(parsing text: String) throws {
        for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = content.split(separator: " ").map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 4, let number = UInt16(words[0]), let role = Role(rawValue: words[1]),
                let fingerprint = Hex.decode(words[3]), fingerprint.count == 32, byFingerprint[fingerprint] == nil
            else {
                throw StartFault.configuration("line \(line + 1) of the appenders is not `number role id fingerprint`")
            }
            byFingerprint[fingerprint] = Appender(number: number, role: role, id: words[2])
        }
    }

    /// The appender of a client certificate, by the SHA-256 of its public key.
    public subscript(fingerprint: [UInt8]?) -> Appender? { fingerprint.flatMap { byFingerprint[$0] } }
}
