import Crypto
import Exchanges
import FHIR
import Guards
import Policy
import Serving

/// A system of the hospital that may use the gateway, and the member of staff in whose name it asks.
public struct SystemAccount: Sendable {
    /// As it stands in AuditEvents.
    public let name: String
    /// SHA-256 of its token; nil where it has none.
    public let tokenHash: [UInt8]?
    /// SHA-256 of the public key (SPKI) of its client certificate; nil where it has none.
    public let certificateHash: [UInt8]?
    /// In which role it asks.
    public let role: Role
    public let person: any ActingPerson

    public init(
        name: String, tokenHash: [UInt8]?, certificateHash: [UInt8]?, role: Role, person: any ActingPerson
    ) {
        (self.name, self.tokenHash, self.certificateHash) = (name, tokenHash, certificateHash)
        (self.role, self.person) = (role, person)
    }
}

/// Finds out who asks.
struct Doorkeeper: Sendable {
    let accounts: [SystemAccount]

    /// The system whose token or certificate was shown; nil for anybody else.
    ///
    /// All accounts are compared, whole, whatever is found: the time tells nothing about what is right. A token that is
    /// nobody's is not made good by a certificate, and two that belong to two systems are nobody's.
    func account(_ request: ServedRequest) -> SystemAccount? {
        let byCertificate = request.peer.flatMap { peer in first { $0.certificateHash.map { ($0, peer) } } }
        guard let header = request.headers["authorization"] else {
            return byCertificate ?? (enforced("guard:gateway.credential") ? nil : accounts.first)
        }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let shown = Array(SHA256.hash(data: Array(parts[1].utf8)))
        let byToken = first { account in
            enforced("guard:gateway.token") ? account.tokenHash.map { ($0, shown) } : ([], [])
        }
        guard let byToken else { return nil }
        if let byCertificate, byCertificate.name != byToken.name, enforced("guard:gateway.two-systems") { return nil }
        return byToken
    }

    private func first(_ pair: (SystemAccount) -> ([UInt8], [UInt8])?) -> SystemAccount? {
        var found: SystemAccount?
        for account in accounts {
            guard let (kept, shown) = pair(account) else { continue }
            if Self.equal(kept, shown), found == nil { found = account }
        }
        return found
    }

    /// Compares digests in a time that depends on their length alone.
    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
