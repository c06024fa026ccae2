/// Why a request was not done: a code out of a closed list, and a place. Holds nothing of what was sent.
public struct Problem: Error, Hashable, Sendable {
    public let code: ProblemCode
    public let place: Place?

    /// Where the cause is, in our own words and numbers only.
    public indirect enum Place: Hashable, Sendable {
        /// Offset in bytes in the body.
        case byte(Int)
        /// Number of the parameter of a search, from 1.
        case parameter(Int)
        /// FHIRPath of an element that the standard names.
        case element(String)
        /// Index of the entry of a bundle, from 0.
        case entry(Int, Place?)
        case header(String)
    }

    public init(_ code: ProblemCode, at place: Place? = nil) { (self.code, self.place) = (code, place) }

    /// What a reader of JSON refused.
    public init(_ error: JSONError) {
        let code: ProblemCode =
            switch error.code {
            case .tooLong: .tooLarge
            case .tooDeep, .tooMany: .tooComplex
            case .duplicate: .duplicateMember
            default: .json
            }
        self.init(code, at: .byte(error.position))
    }

    /// The same problem, seen from outside the bundle.
    func inEntry(_ index: Int) -> Problem { Problem(code, at: .entry(index, place)) }
}

/// Every reason for which a request is not done.
public enum ProblemCode: String, Hashable, Sendable, CaseIterable {
    case json, duplicateMember = "duplicate-member", tooLarge = "too-large", tooComplex = "too-complex"
    case notAResource = "not-a-resource", unknownType = "unknown-type", wrongType = "wrong-type", badID = "bad-id"
    case wrongID = "wrong-id", badMeta = "bad-meta", badDate = "bad-date"
    case noSuchPath = "no-such-path", badMethod = "bad-method", readOnlyType = "read-only-type"
    case notAcceptable = "not-acceptable", badMediaType = "bad-media-type"
    case forbidden, versionConflict = "version-conflict", conflict, manyMatches = "many-matches"
    case needsCondition = "needs-condition"
    case badParameter = "bad-parameter", unknownParameter = "unknown-parameter", badModifier = "bad-modifier"
    case badHeader = "bad-header", pageExpired = "page-expired"
    case notABundle = "not-a-bundle", badEntry = "bad-entry", tooManyEntries = "too-many-entries"
    case duplicateEntry = "duplicate-entry", unresolvedReference = "unresolved-reference"
    case unavailable, tooCostly = "too-costly"

    /// The status code of HTTP.
    public var status: Int {
        switch self {
        case .forbidden: 403
        case .noSuchPath, .unknownType: 404
        case .badMethod, .readOnlyType: 405
        case .notAcceptable: 406
        case .conflict: 409
        case .pageExpired: 410
        case .versionConflict, .manyMatches, .needsCondition, .unresolvedReference: 412
        case .tooLarge, .tooManyEntries: 413
        case .badMediaType: 415
        case .notAResource, .badMeta, .badDate: 422
        case .unavailable: 503
        default: 400
        }
    }

    /// The code of the value set issue-type.
    public var issueType: String {
        switch self {
        case .json, .duplicateMember, .notAResource, .notABundle: "structure"
        case .tooLarge, .tooManyEntries: "too-long"
        case .tooComplex, .tooCostly: "too-costly"
        case .unknownType, .noSuchPath, .badMethod, .readOnlyType, .notAcceptable, .badMediaType, .unknownParameter,
            .badModifier:
            "not-supported"
        case .badID, .badMeta, .badDate, .badParameter, .badHeader: "value"
        case .wrongType, .wrongID, .badEntry, .duplicateEntry, .needsCondition: "invalid"
        case .forbidden: "forbidden"
        case .versionConflict, .conflict: "conflict"
        case .manyMatches: "multiple-matches"
        case .unresolvedReference: "not-found"
        case .pageExpired: "expired"
        case .unavailable: "transient"
        }
    }

    /// What is wrong, and what to do.
    public var text: String {
        switch self {
        case .json: "The body is not JSON. Send JSON as RFC 8259 defines it, in UTF-8."
        case .duplicateMember: "An object has a member twice. Send each member once."
        case .tooLarge: "The body is larger than this server accepts. Send it in smaller parts."
        case .tooComplex: "The body is nested too deeply or has too many values. Send it in smaller parts."
        case .notAResource: "The body is not a FHIR resource: an object with resourceType was expected."
        case .unknownType: "This is not a resource type of FHIR 4.0.1."
        case .wrongType: "The type of the resource is not the one in the address."
        case .badID: "An id has 1 to 64 letters, digits, hyphens and dots."
        case .wrongID: "The id of the resource is not the one in the address."
        case .badMeta: "An element of meta does not have the form that FHIR demands."
        case .badDate: "A date does not have the form that FHIR demands."
        case .noSuchPath: "There is nothing at this address. The metadata of this server list what there is."
        case .badMethod: "This method is not available here."
        case .readOnlyType: "Resources of this type are made by the server and cannot be written."
        case .notAcceptable: "Only application/fhir+json is sent. Ask for that or for application/json."
        case .badMediaType: "Only application/fhir+json and application/json are read."
        case .forbidden: "There is no such resource, or you may not see it."
        case .versionConflict: "The resource has another version than the one named. Read it again."
        case .conflict: "The resource was changed by another request at the same time. Try again."
        case .manyMatches: "The condition is met by more than one resource. Name one of them."
        case .needsCondition: "A condition needs at least one search parameter that this server knows."
        case .badParameter: "The value of a search parameter does not have the form of its type."
        case .unknownParameter: "This server does not know a search parameter, and was asked to be strict."
        case .badModifier: "This modifier is not available for this search parameter."
        case .badHeader: "A header does not have the form that was expected."
        case .pageExpired: "This page is no longer available. Search again."
        case .notABundle: "A Bundle of type transaction or batch was expected."
        case .badEntry: "An entry of the bundle lacks what its request needs, or its request is not one."
        case .tooManyEntries: "The bundle has more entries than this server accepts. Send it in smaller parts."
        case .duplicateEntry: "Two entries of the bundle change the same resource, or have the same fullUrl."
        case .unresolvedReference:
            "A reference of the bundle is to nothing that is known, or to more than one resource."
        case .unavailable: "The server cannot do this now. Try again later."
        case .tooCostly: "The request asks for more than this server does at once. Narrow it down."
        }
    }
}
