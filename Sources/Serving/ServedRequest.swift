/// A request as a node's handler sees it: within all limits, its body complete.
public struct ServedRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public let method: Method
    /// Begins with a slash; without a query.
    public let path: String
    /// What stands behind the question mark, as it came. Empty unless the server takes queries.
    public let query: String
    public let contentType: String?
    /// Header fields by lower-case name; those that come twice joined by commas.
    public let headers: [String: String]
    public let body: [UInt8]
    /// SHA-256 of the public key (SPKI) of the client certificate; nil without one. (PROTOCOL 8.1)
    public let peer: [UInt8]?

    public init(
        method: Method, path: String, query: String = "", contentType: String? = nil, headers: [String: String] = [:],
        body: [UInt8] = [], peer: [UInt8]? = nil
    ) {
        (self.method, self.path, self.query) = (method, path, query)
        (self.contentType, self.headers, self.body, self.peer) = (contentType, headers, body, peer)
    }
}

/// What a handler answers.
public struct ServedAnswer: Sendable {
    public var status: Int
    public var contentType: String
    public var body: [UInt8]
    /// Further header fields by lower-case name.
    public var headers: [String: String]

    public init(
        _ status: Int, _ body: [UInt8] = [], type: String = "text/plain; charset=utf-8", headers: [String: String] = [:]
    ) {
        (self.status, self.body, contentType, self.headers) = (status, body, type, headers)
    }

    public init(
        _ status: Int, text: String, type: String = "text/plain; charset=utf-8", headers: [String: String] = [:]
    ) {
        self.init(status, Array(text.utf8), type: type, headers: headers)
    }
}

/// What a server does with its requests.
public typealias ServedHandler = @Sendable (ServedRequest) async -> ServedAnswer

/// A part of what a server does: nil for a path that is another's.
public typealias ServedPart = @Sendable (ServedRequest) async -> ServedAnswer?

extension ServedAnswer {
    /// The first part that knows a path answers it; a path that none knows is not there.
    public static func first(of parts: [ServedPart]) -> ServedHandler {
        { request in
            for part in parts {
                if let answer = await part(request) { return answer }
            }
            return ServedAnswer(404)
        }
    }
}

/// Bounds of one server; a caller over a bound gets an answer.
public struct ServingLimits: Sendable {
    /// Bytes of a request's body.
    public var bodyMax = 64 << 10
    /// The same for single paths.
    public var bodyMaxByPath: [String: Int] = [:]
    /// How long the body of a request may take to come in.
    public var bodyWithin: Duration = .seconds(60)
    /// Bytes of a query; 0: none is taken. A query is never logged.
    public var queryMax = 0
    /// Which methods are taken at all.
    public var methods: Set<ServedRequest.Method> = [.get, .post]
    /// The same for paths that begin with one of these: bodies of hospital systems are larger than calls.
    public var bodyMaxByPrefix: [String: Int] = [:]
    /// Bytes of all header fields.
    public var headersMax = 16 << 10
    /// Connections at a time; more wait in the backlog.
    public var connectionsMax = 1_024
    /// Requests under way at a time; more get 503.
    public var requestsMax = 4_096
    /// How long a handler may take before the caller gets 503.
    public var answerWithin: Duration = .seconds(10)
    /// How long a connection may be idle or take to send a request, in seconds.
    public var idleSeconds: Int64 = 30
    /// How long a request that was refused is read on before its connection is ended.
    public var lingers: Duration = .seconds(2)
    /// How long a server that stops waits for requests under way; what is open then is cut.
    public var drainWithin: Duration = .seconds(20)

    public init() {}

    /// The largest body of a path.
    func bodyMost(_ path: String) -> Int {
        bodyMaxByPath[path] ?? bodyMaxByPrefix.first { path.hasPrefix($0.key) }?.value ?? bodyMax
    }
}
