import DataCentre
import Exchanges
import Foundation
import Gateway
import GatewayServer
import Ledger
import Polymorphic
import Ristretto255
import Serving

#if canImport(Glibc)
    import Glibc
#endif

/// The nodes that persons and organisations meet: centres of records, and gateways.
extension NodeStarter {
    func dataCentre() async throws -> ServedNode.Plan {
        let base = try await base()
        expectPoints(base)
        let node = DataCentreNode(requester: try requester(base))
        return ServedNode.Plan(
            servers: [try callServer(base, node, calls: [.deliver, .adopted, .bodies])], node: node,
            services: [renewing(base), Resuming(requester: node.requester)], operations: base.operations,
            renew: { try? await base.directory.refresh() })
    }

    func gateway() async throws -> ServedNode.Plan {
        let base = try await base()
        expectPoints(base)
        let node = GatewayNode(requester: try requester(base), random: random)
        var plan = ServedNode.Plan(
            servers: [try callServer(base, node, calls: [.deliver, .adopted])], node: node,
            services: [renewing(base), Resuming(requester: node.requester)], operations: base.operations,
            renew: { try? await base.directory.refresh() })
        guard config.kind.hasInside else { return plan }
        // What an earlier life left is finished, or given up, before systems of the hospital ask for more.
        _ = try? await node.start()
        try inside(node, base, &plan)
        return plan
    }

    /// The port of the hospital's own systems.
    private func inside(_ node: GatewayNode, _ base: Base, _ plan: inout ServedNode.Plan) throws {
        // Addresses stand in answers, so the port is known before there is a server.
        let port = try config.secondPort.flatMap { $0 == 0 ? nil : $0 } ?? FreePort.take(config.host)
        let server = GatewayServer(
            GatewayServer.Parts(
                node: node, store: base.store, accounts: try accounts(), medical: base.country.medicalCentre,
                base: "https://localhost:\(port)/fhir", key: try IdentityKey(try base.secrets.field(SecretPlace.own)),
                now: { [clock] in clock.now() }, random: random, logger: logger))
        let tls = try NodeTLS.server(try folder.identity(), root: base.root, admittingDevices: true)
        let (config, logger, operations) = (config, logger, base.operations)
        plan.servers.append { onReady in
            try HTTPNode(
                .init(host: config.host, port: port), tls: tls, limits: GatewayServer.limits,
                metrics: operations.requests, health: operations.health, logger: logger, onReady: onReady,
                handler: operations.handler([{ await server.answer($0) }]))
        }
        plan.services.append(Working { try await server.run() })
    }

    /// The hospital's systems, each with the member of staff whose key signs for it.
    private func accounts() throws -> [SystemAccount] {
        guard let bytes = try DurableFile(folder.file("systems.json")).read() else {
            throw DeploymentFault.file("\(folder.file("systems.json")) is missing")
        }
        return try SystemsFile.entries(bytes).map { entry in
            let person = try AuthenticatorFile(folder.file("staff/\(entry.staff).key")).load()
            return SystemAccount(
                name: entry.name, tokenHash: entry.tokenHash, certificateHash: entry.certificateHash,
                role: entry.role, person: person)
        }
    }
}

/// A port that is free now.
enum FreePort {
    /// - Throws: `DeploymentFault.usage` where there is none.
    static func take(_ host: String) throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr(host)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard handle >= 0, bound else { throw DeploymentFault.usage("there is no free port on \(host)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
