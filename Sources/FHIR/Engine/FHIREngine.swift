import Guards

/// Who may see and change what. Asked for every resource, also for one that does not exist (with no patients), so that
/// both ways cost the same.
public protocol Access: Sendable {
    /// - Parameter patients: all whom the resource is about; a resource of nobody, such as an organisation, has none.
    func mayRead(_ type: ResourceType, patients: [String], caller: String) async -> Bool
    func mayWrite(_ type: ResourceType, patients: [String], caller: String) async -> Bool
}

/// Makes 16 bytes or more out of a message, under a key of this gateway (HMAC-SHA256, say). Ids are made with it: they
/// stand in addresses, so nobody without the key may learn from one what it was made of.
public typealias KeyedHash = @Sendable (_ message: [UInt8]) -> [UInt8]

/// A FHIR 4.0.1 server without HTTP: a request in, an answer out.
///
/// It holds no state but the searches under way. Everything it is told by the outside is an argument: store, rights,
/// clock, randomness, key.
public struct FHIREngine: Sendable {
    public struct Options: Sendable {
        /// The address under which clients know this server, without a slash at its end.
        public var base: String
        /// Matches on a page, where the client names no number, and at most.
        public var pageSize = 100
        public var pageMax = 1_000
        /// Resources on a page of `$everything`.
        public var everythingSize = 1_000
        /// Bytes of resources after which a page ends.
        public var pageBytes = 16 << 20
        public var entriesMax = 10_000
        /// Bytes of an answer after which no more is put into it: a short bundle can ask for very much.
        public var answerBytesMax = 64 << 20
        public var limits = JSONLimits.standard
        /// Minutes east of Greenwich for dates that name no zone: Japan.
        public var zoneMinutes = 540
        /// Types that only this server writes.
        public var readOnlyTypes: Set<String> = ["Consent", "AuditEvent"]
        public var software = "Warifu"
        public var version = "1"
        /// The day on which the CapabilityStatement was last changed.
        public var capabilityDate = "2026-11-25"

        public init(base: String) { self.base = base }
    }

    public private(set) var options: Options
    private(set) var store: any ResourceStore
    private(set) var access: any Access
    let identity: KeyedHash
    let clock: @Sendable () -> FHIRInstant
    /// So many random bytes.
    let random: @Sendable (Int) -> [UInt8]
    let pages = PageTable()

    public init(
        _ options: Options, store: any ResourceStore, access: any Access, identity: @escaping KeyedHash,
        clock: @escaping @Sendable () -> FHIRInstant, random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        (self.options, self.store, self.access) = (options, store, access)
        (self.identity, self.clock, self.random) = (identity, clock, random)
    }

    /// Answers a request. Never throws: what cannot be done is an answer with an OperationOutcome.
    public func answer(_ request: FHIRRequest) async -> FHIRResponse {
        do throws(Problem) {
            let items = try QueryString.items(Array(request.query.utf8))
            try Negotiation.checkAccept(request, format: items.last { $0.name == "_format" }?.value)
            if enforced("guard:fhir.body"), request.body.count > options.limits.bytesMax { throw Problem(.tooLarge) }
            let route = try Route(request.method, request.path)
            return try await answer(request, route, items, Turn(self, request))
        } catch {
            return FHIRResponse(error)
        }
    }

    private func answer(
        _ request: FHIRRequest, _ route: Route, _ items: [QueryItem], _ turn: Turn
    ) async throws(Problem) -> FHIRResponse {
        if let token = items.first(where: { $0.name == "_page" })?.value, request.method == "GET" {
            return try await page(token, turn)
        }
        switch route {
        case .metadata: return FHIRResponse(200, body: CapabilityStatement.json(options).bytes)
        case .bundle:
            try Negotiation.checkContent(request)
            return try await bundle(request, turn)
        case .systemPage: throw Problem(.noSuchPath)
        case .search(let type, let isPost):
            return try await search(type, try all(items, request, isPost: isPost), turn)
        case .everything(let key):
            let parameters = try all(items, request, isPost: request.method == "POST" && Negotiation.isForm(request))
            return try await everything(key, parameters, turn)
        case .read(let key): return try await read(key, turn)
        case .history(let key): return try await history(key, turn)
        case .version(let key, let version): return try await vread(key, version, turn)
        case .create, .update, .conditionalUpdate, .delete: return try await write(request, route, items, turn)
        }
    }

    /// The parameters of the address, and those of the body of a search by POST.
    private func all(_ items: [QueryItem], _ request: FHIRRequest, isPost: Bool) throws(Problem) -> [QueryItem] {
        guard isPost else { return items }
        guard Negotiation.isForm(request) || request.body.isEmpty else {
            throw Problem(.badMediaType, at: .header("Content-Type"))
        }
        return items + (try QueryString.items(request.body))
    }

    /// The same server over what a transaction has staged.
    func over(_ overlay: Overlay) -> FHIREngine {
        var engine = self
        engine.store = StagedStore(overlay: overlay)
        return engine
    }

    mutating func replaceAccess(_ access: any Access) { self.access = access }

    /// From here on it is the server itself that acts.
    mutating func becomeServer() {
        replaceAccess(ServerAccess())
        options.readOnlyTypes = []
    }

    /// A fresh id of 128 random bits.
    func freshID() -> String { Self.hex(random(16)) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// What holds for one request from its beginning to its end.
struct Turn: Sendable {
    let caller: String
    let now: FHIRInstant
    let isStrict: Bool
    let wants: Return
    let ifNoneMatch: String?
    let setting: SearchSetting

    enum Return: Sendable { case standard, minimal, representation, outcome }

    init(_ engine: FHIREngine, _ request: FHIRRequest) {
        caller = request.caller
        now = engine.clock()
        isStrict = request.prefers("handling=strict")
        wants =
            request.prefers("return=minimal")
            ? .minimal
            : request.prefers("return=representation")
                ? .representation : request.prefers("return=operationoutcome") ? .outcome : .standard
        ifNoneMatch = request.header("if-none-match")
        setting = SearchSetting(base: engine.options.base, zoneMinutes: engine.options.zoneMinutes, now: now)
    }
}
