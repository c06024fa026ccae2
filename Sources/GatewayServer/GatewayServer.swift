import Exchanges
import FHIR
import Gateway
import Guards
import Logging
import Policy
import Polymorphic
import Ristretto255
import Serving

/// The gateway of a hospital as its own systems see it: FHIR and the desk (docs/interfaces.md), over the node that
/// takes part in exchanges.
///
/// It listens on nothing itself: `answer` is put behind a server with `limits`, and `run` beside it.
public struct GatewayServer: Sendable {
    /// What it is made of.
    public struct Parts: Sendable {
        /// Started: its `start()` has returned, so that no exchange of an earlier life is under way.
        public let node: GatewayNode
        public let store: any NodeStore
        public let accounts: [SystemAccount]
        /// Where records are deposited and found.
        public let medical: PartyID
        /// The address of `/fhir` as systems know it, without a slash at its end: `https://host:port/fhir`.
        public let base: String
        public let key: IdentityKey
        /// Unix seconds.
        public let now: @Sendable () -> UInt64
        public let random: any RandomSource
        public let logger: Logger
        /// Waits between two looks at what is due; throws where the task is cancelled.
        public let wait: @Sendable (Duration) async throws -> Void
        /// Minutes east of Greenwich of the hospital's days and months.
        public var zoneMinutes = 540

        public init(
            node: GatewayNode, store: any NodeStore, accounts: [SystemAccount], medical: PartyID, base: String,
            key: IdentityKey, now: @escaping @Sendable () -> UInt64, random: any RandomSource, logger: Logger,
            wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        ) {
            (self.node, self.store, self.accounts, self.medical) = (node, store, accounts, medical)
            (self.base, self.key, self.now, self.random) = (base, key, now, random)
            (self.logger, self.wait) = (logger, wait)
        }

        func instant(_ seconds: UInt64) -> FHIRInstant { FHIRInstant(milliseconds: Int64(clamping: seconds) * 1_000) }
    }

    /// For the server in front of it.
    public static let limits: ServingLimits = {
        var limits = ServingLimits()
        limits.bodyMax = 64 << 10
        limits.bodyMaxByPrefix = [fhirPrefix: fhirBodyMax]
        limits.queryMax = 8 << 10
        limits.methods = [.get, .post, .put, .delete]
        limits.bodyWithin = .seconds(120)
        // An exchange waits for transcryptors that are slow, and a large bundle for the disk.
        limits.answerWithin = .seconds(180)
        limits.idleSeconds = 190
        return limits
    }()

    static let fhirPrefix = "/fhir"
    static let deskPrefix = "/desk/"
    static let fhirBodyMax = 64 << 20

    let parts: Parts
    let doorkeeper: Doorkeeper
    let records: RecordStore
    let sessions: Sessions
    let depositor: Depositor
    let desk: Desk
    let service: FHIRService

    public init(_ parts: Parts) {
        self.parts = parts
        doorkeeper = Doorkeeper(accounts: parts.accounts)
        records = RecordStore(parts.store, key: parts.key, now: parts.now)
        sessions = Sessions(now: parts.now)
        depositor = Depositor(parts: parts, records: records)
        service = FHIRService(parts: parts, records: records, sessions: sessions)
        desk = Desk(parts: parts, records: records, sessions: sessions, depositor: depositor, service: service)
    }

    /// Answers a request.
    public func answer(_ request: ServedRequest) async -> ServedAnswer {
        if request.path == Self.fhirPrefix || request.path.hasPrefix(Self.fhirPrefix + "/") {
            guard let account = doorkeeper.account(request) else { return Refused.unknownSystem }
            return await service.answer(request, by: account)
        }
        if request.path.hasPrefix(Self.deskPrefix) {
            if let open = await desk.answerAnybody(request) { return open }
            guard let account = doorkeeper.account(request) else { return Refused.unknownSystem }
            return await desk.answer(request, by: account)
        }
        return Refused.answer(Problem(.noSuchPath))
    }

    // MARK: In the background

    /// How long between two looks at what is due.
    static let pause = Duration.seconds(1)
    /// So many patients in one round.
    static let roundMax = 64

    /// Deposits what is due until it is cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            await depositDue()
            try await parts.wait(Self.pause)
        }
    }

    /// Deposits what is due now. What fails is tried again later.
    /// - Returns: how many patients were done.
    @discardableResult
    public func depositDue() async -> Int {
        let marks = records.marks
        guard let account = depositing, let due = try? await parts.store.read({ try marks.due($0) }) else { return 0 }
        var done = 0
        for mark in due.prefix(Self.roundMax) where !Task.isCancelled {
            var isRefused = false
            do {
                let result = try await depositor.deposit(mark.patient, by: account)
                if result.refused == 0 {
                    done += 1
                    continue
                }
                isRefused = true
            } catch {
                let failure = error as? Depositor.Failure
                if case .exchange(let exchange)? = failure { isRefused = !exchange.isTransient }
                parts.logger.warning("a deposit waits", metadata: ["code": "\(failure?.code ?? "unavailable")"])
            }
            let refused = isRefused
            try? await parts.store.transaction { try marks.postpone(mark, isRefused: refused, $0) }
        }
        return done
    }

    /// In whose name what was written is deposited: a system whose role may deposit.
    private var depositing: SystemAccount? {
        parts.accounts.first { $0.role == .physician } ?? parts.accounts.first { $0.role == .recordsClerk }
    }
}

extension Depositor.Failure {
    var code: String {
        switch self {
        case .exchange(let failure): failure.code
        case .problem(let problem): problem.code.rawValue
        }
    }
}
