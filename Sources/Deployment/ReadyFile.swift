import Exchanges
import Foundation
import Ledger
import Polymorphic

/// What `warifu up` tells outside programs when everything runs (docs/interfaces.md). Paths are absolute.
public struct ReadyFile: Codable, Sendable, Equatable {
    public struct Ledger: Codable, Sendable, Equatable {
        public var url: String
        public var policyFile: String
    }
    public struct Hospital: Codable, Sendable, Equatable {
        public var fhir: String
        public var desk: String
        public var health: String
        public var token: String
        public var clientCert: String
        public var clientKey: String
    }
    public struct Resident: Codable, Sendable, Equatable {
        public var id: String
        public var phone: String
    }
    public struct Keys: Codable, Sendable, Equatable {
        public var officers: [String]?
        public var officials: [String]?
    }

    public var format = 1
    public var home: String
    public var country: String
    public var caFile: String
    /// Base URLs of all nodes.
    public var nodes: [String: String]
    public var ledger: Ledger
    public var authority: Keys
    public var numberCentre: Keys
    public var portal: String
    public var hospitals: [String: Hospital]
    public var residents: [Resident]
    /// Lines of the residents' file that were not enrolled, by number, with a code.
    public var notEnrolled: [String: String]

    enum CodingKeys: String, CodingKey {
        case format, home, country
        case caFile = "ca_file"
        case nodes, ledger, authority
        case numberCentre = "number_centre"
        case portal, hospitals, residents
        case notEnrolled = "not_enrolled"
    }
}

extension ReadyFile.Ledger {
    enum CodingKeys: String, CodingKey {
        case url
        case policyFile = "policy_file"
    }
}

extension ReadyFile.Hospital {
    enum CodingKeys: String, CodingKey {
        case fhir, desk, health, token
        case clientCert = "client_cert"
        case clientKey = "client_key"
    }
}

extension CountryRun {
    /// - Parameter residents: those who are enrolled.
    public func readyFile(_ residents: ResidentList.Enrolled) throws -> ReadyFile {
        var hospitals: [String: ReadyFile.Hospital] = [:]
        for id in Self.hospitals {
            guard let port = node(id)?.ports.dropFirst().first else { continue }
            let folder = home.node(id)
            let base = "https://localhost:\(port)"
            hospitals[id] = ReadyFile.Hospital(
                fhir: base + "/fhir", desk: base + "/desk", health: base + "/healthz/ready",
                token: try folder.text("system.token"), clientCert: folder.file("system.pem"),
                clientKey: folder.file("system.key"))
        }
        var nodes: [String: String] = [:]
        for making in Self.nodes {
            guard let node = node(making.id), let port = node.ports.first else { continue }
            nodes[making.id] = "\(making.kind == .witness ? "http" : "https")://localhost:\(port)"
        }
        let ledger = try PartyID("ledger")
        return ReadyFile(
            home: home.path, country: home.country, caFile: home.country + "/ca.pem", nodes: nodes,
            ledger: ReadyFile.Ledger(
                url: addresses[ledger]?.read ?? "", policyFile: home.country + "/ledger-policy.txt"),
            authority: ReadyFile.Keys(officers: home.officers().map(\.path)),
            numberCentre: ReadyFile.Keys(officials: home.officials().map(\.path)), portal: nodes["portal"] ?? "",
            hospitals: hospitals, residents: residents.all, notEnrolled: residents.refused)
    }
}
