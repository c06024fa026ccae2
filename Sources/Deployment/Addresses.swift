public import AsyncHTTPClient
public import Exchanges
import Foundation
import Ledger
import NIOSSL
import Polymorphic
import Ristretto255
import Serving

/// Where a node is reached.
public struct NodeAddress: Codable, Sendable, Equatable {
    /// Base URL, without a slash at its end. Its host is the name in the node's certificate.
    public var url: String
    /// The address to connect to, where no name service knows that host.
    public var connect: String?
    /// Of the ledger: where the public reads, plain HTTP, since everything there proves itself.
    public var read: String?

    public init(url: String, connect: String? = nil, read: String? = nil) {
        (self.url, self.connect, self.read) = (url, connect, read)
    }
}

/// Where the nodes of a country are: `addresses.json`, by party. Public; a wrong entry can only keep somebody from
/// being reached, since the name in the certificate is believed and not the address.
public final class Addresses: Sendable {
    private let known: Locked<[String: NodeAddress]>

    public init(_ known: [String: NodeAddress] = [:]) { self.known = Locked(known) }

    /// Reads `addresses.json` in a folder.
    public convenience init(folder: String) throws {
        self.init(try JSONFile.read([String: NodeAddress].self, folder + "/addresses.json"))
    }

    public subscript(_ party: PartyID) -> NodeAddress? { known.withLock { $0[party.description] } }
    public var all: [String: NodeAddress] { known.withLock { $0 } }

    public func set(_ party: PartyID, _ address: NodeAddress) {
        known.withLock { $0[party.description] = address }
    }

    /// Writes `addresses.json`, as a whole.
    public func write(folder: String) throws { try JSONFile.write(all, folder + "/addresses.json") }

    /// Names that no name service knows, with their addresses.
    public var hosts: [String: String] {
        var hosts: [String: String] = [:]
        for address in all.values {
            if let connect = address.connect, let host = URL(string: address.url)?.host { hosts[host] = connect }
        }
        return hosts
    }

    /// A client that knows these hosts. Its owner shuts it down.
    /// - Parameter identity: nil for a device.
    public func client(_ identity: DevelopmentCA.Identity?, root: String) throws -> HTTPClient {
        HTTPTransport.client(try NodeTLS.client(identity, root: root), hosts: hosts)
    }

    /// The way of calls from one party, or from a device.
    public func transport(_ client: HTTPClient, own: PartyID?) -> HTTPTransport {
        HTTPTransport(client, own: own) { [self] in self[$0]?.url }
    }
}

/// The time of this machine.
public struct SystemClock: Timekeeper {
    public init() {}
    public func now() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970)) }
}

extension Patience {
    /// How long callers over a network wait: short pauses, because most waiting is for the next checkpoint.
    public static let network = Patience(attempts: 3, delays: 150, pauseMilliseconds: 100) { milliseconds in
        try? await Task.sleep(for: .milliseconds(milliseconds))
    }
}
