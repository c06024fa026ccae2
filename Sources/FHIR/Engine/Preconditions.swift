import Guards

/// What a client demands of the version that is there before it is replaced.
struct Preconditions: Hashable, Sendable {
    /// `If-Match`
    var ifMatch: String?
    /// `If-None-Match`: only `*` means something before a write.
    var ifNoneMatch: String?

    /// - Parameter existing: nil, or the newest version.
    /// - Throws: `versionConflict`.
    func check(_ existing: StoredVersion?) throws(Problem) {
        let isThere = existing?.resource != nil
        if let ifMatch, enforced("guard:fhir.if-match") {
            let wanted = ETag.list(ifMatch)
            let isFine = isThere && wanted.contains { $0 == "*" || $0 == existing.map { String($0.version) } }
            guard isFine else { throw Problem(.versionConflict, at: .header("If-Match")) }
        }
        if let ifNoneMatch, ETag.list(ifNoneMatch).contains("*"), isThere {
            throw Problem(.versionConflict, at: .header("If-None-Match"))
        }
    }
}

/// What became of a write.
struct WriteResult: Sendable {
    enum Kind: Sendable { case created, updated, unchanged, deleted }
    let kind: Kind
    let stored: StoredVersion

    var status: Int {
        switch kind {
        case .created: 201
        case .updated, .unchanged: 200
        case .deleted: 204
        }
    }

    var statusText: String {
        switch kind {
        case .created: "201 Created"
        case .updated, .unchanged: "200 OK"
        case .deleted: "204 No Content"
        }
    }
}
