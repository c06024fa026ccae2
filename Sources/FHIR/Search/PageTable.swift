import Guards
import Synchronization

/// What is left of a search whose first page was given. It names what was found then, so that a following page neither
/// repeats nor leaves out anything, whatever happens in between.
struct PageState: Sendable {
    let caller: String
    let query: SearchQuery
    /// Path behind the base, such as `Patient/a/$everything`.
    let path: String
    let keys: [ResourceKey]
    let total: Int
    let size: Int
    /// How many of `keys` lie before this page.
    let offset: Int
    let until: FHIRInstant
}

/// The searches under way. The token in a link is random and says nothing: URLs stand in logs.
///
/// Bounded in two ways; the oldest leave first, and with them their next pages.
final class PageTable: Sendable {
    static let statesMax = 4_096
    static let keysMax = 2_000_000
    static let lifetimeMilliseconds: Int64 = 15 * 60 * 1_000

    private struct State {
        var pages: [String: PageState] = [:]
        var order: [String] = []
        var keys = 0
    }
    private let state = Mutex(State())

    /// - Parameter token: fresh, at least 128 bits.
    func keep(_ page: PageState, as token: String) {
        state.withLock { state in
            state.pages[token] = page
            state.order.append(token)
            state.keys += page.keys.count - page.offset
            while state.order.count > Self.statesMax || (state.keys > Self.keysMax && state.order.count > 1) {
                let oldest = state.order.removeFirst()
                guard let gone = state.pages.removeValue(forKey: oldest) else { continue }
                state.keys -= gone.keys.count - gone.offset
            }
        }
    }

    /// The page of a token; it stays, so that a page can be asked for again.
    /// - Throws: `pageExpired`, alike for a token that never was, that is too old, and that is somebody else's.
    func page(_ token: String, caller: String, now: FHIRInstant) throws(Problem) -> PageState {
        guard let page = state.withLock({ $0.pages[token] }), now <= page.until else { throw Problem(.pageExpired) }
        if enforced("guard:fhir.page.caller"), page.caller != caller { throw Problem(.pageExpired) }
        return page
    }
}
