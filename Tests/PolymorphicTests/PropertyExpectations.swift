import Testing

@testable import Polymorphic

/// `body` must be refused with exactly this code and, where one is given, with this index.
func expectRefusal(
    _ code: Refusal.Code, at index: Int? = nil, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record(
            "accepted instead of refused with \(code.rawValue) \(comment?.rawValue ?? "")",
            sourceLocation: sourceLocation)
    } catch let refusal as Refusal {
        #expect(refusal.code == code, comment, sourceLocation: sourceLocation)
        if let index { #expect(refusal.index == index, comment, sourceLocation: sourceLocation) }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}

/// `body` must be refused with one of these codes.
func expectRefusal(
    oneOf codes: Set<Refusal.Code>, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("accepted instead of refused \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
    } catch let refusal as Refusal {
        #expect(codes.contains(refusal.code), comment, sourceLocation: sourceLocation)
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}
