/// A request as any HTTP server can give it.
public struct FHIRRequest: Sendable {
    /// `GET`, `POST`, `PUT`, `DELETE`
    public var method: String
    /// Behind the base, percent-encoded as it came: `Patient/a`, or nothing.
    public var path: String
    /// Behind the question mark, as it came.
    public var query: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Who asks, as the HTTP layer has found out: a name of the hospital's system. Decides nothing here; it is handed
    /// to
    /// `Access`, and pages belong to it.
    public var caller: String

    public init(
        _ method: String, _ path: String, query: String = "", headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], caller: String = ""
    ) {
        (self.method, self.path, self.query) = (method, path, query)
        (self.headers, self.body, self.caller) = (headers, body, caller)
    }

    /// All values of a header, joined by commas, or nil.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// `return=minimal, handling=strict` and the like. (RFC 7240)
    func prefers(_ preference: String) -> Bool {
        (header("prefer") ?? "").split(whereSeparator: { $0 == "," || $0 == ";" })
            .contains { $0.filter { !$0.isWhitespace && $0 != "\"" }.lowercased() == preference.lowercased() }
    }
}

/// The answer, ready to be sent.
public struct FHIRResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public static let mediaType = "application/fhir+json"

    public init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = body.isEmpty ? headers : [("Content-Type", Self.mediaType + ";charset=utf-8")] + headers
        self.body = body
    }

    init(_ problem: Problem, headers: [(name: String, value: String)] = []) {
        self.init(problem.code.status, headers: headers, body: OperationOutcome.json([problem]).bytes)
    }

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
