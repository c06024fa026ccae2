import Serving

extension Desk {
    /// What the desk is asked, by its path.
    enum Route: Hashable {
        case visits
        case visit(String)
        case presentation(String)
        case identify(String)
        case openVisit(String)
        case deposit(String)
        case openPatient(String)

        /// nil for a path that is none. An id is taken as it is: it has no characters that are escaped.
        init?(_ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(String.init)
            switch (parts.first, parts.count, parts.last) {
            case ("visits", 1, _): self = .visits
            case ("visits", 2, _): self = .visit(parts[1])
            case ("visits", 3, "presentation"): self = .presentation(parts[1])
            case ("visits", 3, "identify"): self = .identify(parts[1])
            case ("visits", 3, "open"): self = .openVisit(parts[1])
            case ("patients", 3, "deposit"): self = .deposit(parts[1])
            case ("patients", 3, "open"): self = .openPatient(parts[1])
            default: return nil
            }
        }

        var method: ServedRequest.Method { if case .visit = self { .get } else { .post } }
    }
}
