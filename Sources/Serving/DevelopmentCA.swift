import Crypto
import Foundation
public import NIOSSL
import SwiftASN1
import X509

/// A small certificate authority for development, tests and demonstrations. A deployment brings its own.
public struct DevelopmentCA: Sendable {
    /// A certificate and its key, as PEM.
    public struct Identity: Sendable {
        public let certificate: String
        public let key: String
        /// SHA-256 of the public key (SPKI): how a party is known. (PROTOCOL 8.1)
        public let fingerprint: [UInt8]

        public init(certificate: String, key: String, fingerprint: [UInt8]) {
            (self.certificate, self.key, self.fingerprint) = (certificate, key, fingerprint)
        }
    }

    private let key: Certificate.PrivateKey
    private let root: Certificate
    private let now: Date
    /// The root certificate, as PEM.
    public let certificate: String

    /// - Parameter now: certificates are valid from a minute before, the root for ten years.
    public init(name: String, now: Date) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        (self.key, self.now) = (key, now)
        let subject = try DistinguishedName { CommonName(name) }
        root = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: now.addingTimeInterval(-60),
            notValidAfter: now.addingTimeInterval(86_400 * 3_650), issuer: subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            }, issuerPrivateKey: key)
        certificate = try root.serializeAsPEM().pemString
    }

    /// One that was made before.
    /// - Parameters: as PEM.
    public init(certificate: String, key: String, now: Date) throws {
        (self.key, self.now) = (try Certificate.PrivateKey(pemEncoded: key), now)
        root = try Certificate(pemEncoded: certificate)
        self.certificate = certificate
    }

    /// Its private key, as PEM: whoever has it can pass for any node on the network, and for none in an exchange.
    public var keyPEM: String { get throws { try key.serializeAsPEM().pemString } }

    /// A certificate for a server (`hosts` not empty: its names) or a client.
    /// - Parameters:
    ///   - callsOthers: a server that is a client of others, under the same key.
    ///   - known: a renewal under the key of this identity: the party stays who it is.
    ///   - until: when it ends; after a year, if nothing is said.
    public func issue(
        _ name: String, hosts: [String] = [], callsOthers: Bool = false, renewing known: Identity? = nil,
        until: Date? = nil
    ) throws -> Identity {
        let key =
            try known.map { try Certificate.PrivateKey(pemEncoded: $0.key) }
            ?? Certificate.PrivateKey(P256.Signing.PrivateKey())
        let names: [GeneralName] =
            hosts.isEmpty ? [.uniformResourceIdentifier("warifu:\(name)")] : hosts.map { .dnsName($0) }
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: min(now, until ?? now).addingTimeInterval(-60),
            notValidAfter: until ?? now.addingTimeInterval(86_400 * 365), issuer: root.subject,
            subject: try DistinguishedName { CommonName(name) }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage(
                    callsOthers ? [.serverAuth, .clientAuth] : [hosts.isEmpty ? .clientAuth : .serverAuth])
                SubjectAlternativeNames(names)
                SubjectKeyIdentifier(hash: key.publicKey)
            }, issuerPrivateKey: self.key)
        return Identity(
            certificate: try leaf.serializeAsPEM().pemString, key: try key.serializeAsPEM().pemString,
            fingerprint: Array(SHA256.hash(data: key.publicKey.subjectPublicKeyInfoBytes)))
    }
}

/// TLS 1.3 with the nodes' own authority as the only root.
public enum NodeTLS {
    /// A server that demands a client certificate, or lets devices in that have none; one that is shown must be good.
    public static func server(
        _ identity: DevelopmentCA.Identity, root: String, admittingDevices: Bool = false
    ) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem)))
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(root.utf8)))
        // On a server the first demands and verifies the client's chain.
        tls.certificateVerification = admittingDevices ? .optionalVerification : .noHostnameVerification
        return tls
    }

    /// A client, with its certificate if it has one.
    public static func client(_ identity: DevelopmentCA.Identity?, root: String) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(root.utf8)))
        tls.certificateVerification = .fullVerification
        if let identity {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
                .certificate($0)
            }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        }
        return tls
    }
}
