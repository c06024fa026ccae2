/// Media types: FHIR's JSON and plain JSON, nothing else.
enum Negotiation {
    private static let ours = [
        "application/fhir+json", "application/json", "application/json+fhir", "text/json", "json",
    ]

    /// Whether JSON may be answered. `_format` wins over `Accept`. (R4 http 2.1.0.6)
    /// - Throws: `notAcceptable`.
    static func checkAccept(_ request: FHIRRequest, format: String?) throws(Problem) {
        if let format {
            // A plus sign in a query has become a space.
            let type = essence(format).split(separator: " ").joined(separator: "+")
            guard ours.contains(type) else { throw Problem(.notAcceptable, at: .header("_format")) }
            return
        }
        guard let accept = request.header("accept"), !accept.allSatisfy(\.isWhitespace) else { return }
        let isFine = accept.split(separator: ",").contains { range in
            let type = essence(String(range))
            let isRefused = range.lowercased().filter { !$0.isWhitespace }.contains(/;q=0(\.0*)?(;|$)/)
            return !isRefused && (ours.contains(type) || type == "*/*" || type == "application/*")
        }
        guard isFine else { throw Problem(.notAcceptable, at: .header("Accept")) }
    }

    /// - Throws: `badMediaType` for a body of another type, or in another alphabet than UTF-8.
    static func checkContent(_ request: FHIRRequest) throws(Problem) {
        guard let type = request.header("content-type"), ours.contains(essence(type)) else {
            throw Problem(.badMediaType, at: .header("Content-Type"))
        }
        let parameters = type.lowercased().split(separator: ";").dropFirst().map { $0.filter { !$0.isWhitespace } }
        guard parameters.allSatisfy({ !$0.hasPrefix("charset=") || $0.filter { $0 != "\"" } == "charset=utf-8" }) else {
            throw Problem(.badMediaType, at: .header("Content-Type"))
        }
    }

    static func isForm(_ request: FHIRRequest) -> Bool {
        request.header("content-type").map { essence($0) == "application/x-www-form-urlencoded" } ?? false
    }

    /// The type without its parameters.
    private static func essence(_ text: String) -> String {
        String(text.prefix { $0 != ";" }).lowercased().trimming()
    }
}

extension String {
    func trimming() -> String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
