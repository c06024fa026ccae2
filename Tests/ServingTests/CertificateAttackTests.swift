import Crypto
import Exchanges
import Foundation
import Guards
import NIOHTTP1
import Polymorphic
import Serving
import SwiftASN1
import Testing
import X509

/// Certificates that a server must not believe, over real TLS.
@Suite(.timeLimit(.minutes(10))) struct CertificateAttackTests {
    /// All three have the key of the known party: only the chain tells them from its own certificate.
    private static func forgeries(_ place: Place) throws -> [(String, DevelopmentCA.Identity)] {
        [
            ("expired", try place.authority.issue("hospital-a", renewing: place.known, until: Date() - 3_600)),
            (
                "other authority",
                try DevelopmentCA(name: "others", now: Date()).issue("hospital-a", renewing: place.known)
            ),
            ("own signature", try selfSigned(place.known)),
        ]
    }

    private static func selfSigned(_ known: DevelopmentCA.Identity) throws -> DevelopmentCA.Identity {
        let key = try Certificate.PrivateKey(pemEncoded: known.key)
        let name = try DistinguishedName { CommonName("tests") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: Date() - 60,
            notValidAfter: Date() + 86_400, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { try ExtendedKeyUsage([.clientAuth]) }, issuerPrivateKey: key)
        return DevelopmentCA.Identity(
            certificate: try certificate.serializeAsPEM().pemString, key: known.key, fingerprint: known.fingerprint)
    }

    /// The status that each forgery gets; 0: no answer at all.
    private static func statuses() async throws -> [String: Int] {
        var seen: [String: Int] = [:]
        try await Place.with { place in
            try await place.client(place.known) { good in
                for (name, identity) in try forgeries(place) {
                    seen[name] = try await place.client(identity) { client in
                        (try? await place.call(client, "/v1/decide").status) ?? 0
                    }
                    let served = try await place.call(good, "/v1/decide").status
                    #expect(served == 200)
                }
                // The renewed one is the same party.
                let renewed = try place.authority.issue("hospital-a", renewing: place.known)
                let answer = try await place.client(renewed) { try await place.call($0, "/v1/decide") }
                #expect(answer.body.starts(with: Array("hospital-a ".utf8)))
            }
        }
        return seen
    }

    @Test func noChainButTheAuthoritysIsBelieved() async throws {
        let refused = try await Self.statuses()
        #expect(refused == ["expired": 0, "other authority": 0, "own signature": 0])
        let heard = try await Guards.withOff("guard:serving.client-chain") { try await Self.statuses() }
        #expect(heard == ["expired": 200, "other authority": 200, "own signature": 200])
    }

    @Test func aGoodCertificateOfNobodyIsRefusedOverTLS() async throws {
        func status() async throws -> Int {
            var status = 0
            try await Place.with { place in
                status = try await place.client(place.unknown) { try await place.call($0, "/v1/head").status }
            }
            return status
        }
        let refused = try await status()
        #expect(refused == 403)
        let heard = try await Guards.withOff("guard:serving.certificate") { try await status() }
        #expect(heard == 200)
    }
}
