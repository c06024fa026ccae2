import Exchanges
import Polymorphic
import Ristretto255
import Synchronization

/// Carries the bytes of calls between nodes of one process, the same bytes that HTTPS carries, in simulated time, with
/// the faults of a plan. It also makes nodes: after a crash anew, over the store that outlived it.
public final class SimulatedNetwork: Transport {
    /// Makes a node over its store.
    public typealias Maker = @Sendable (_ store: any NodeStore, _ transport: any Transport) async throws -> any Node

    private struct Place {
        let store: any NodeStore
        let make: Maker
        var node: (any Node)?
        var life = Life()
        var lives = 0
        var commits = 0
    }
    private struct State {
        var places: [PartyID: Place] = [:]
        var plan = FaultPlan.none
        var messages = 0
        var trace: [String] = []
        var down: Set<PartyID> = []
        /// Lies: what a node answers instead of its own answer.
        var lies: [PartyID: Lie] = [:]
        var tap: (@Sendable (Passage) -> Void)?
    }
    /// Changes the answer of a node; nil: leaves it as it is.
    public typealias Lie = @Sendable (_ call: Call, _ body: [UInt8], _ answer: [UInt8]) async -> [UInt8]?

    private let state = Mutex(State())
    let scheduler: Scheduler
    /// One way, in milliseconds.
    static let latency: UInt64 = 5
    /// So long does a caller wait, in milliseconds.
    static let timeout: UInt64 = 5_000

    private let stores: StoreMaker

    public init(_ scheduler: Scheduler, stores: StoreMaker = .memory) {
        (self.scheduler, self.stores) = (scheduler, stores)
    }

    // MARK: Nodes

    /// Adds a node and starts it, over a new store unless one is given.
    public func add(_ id: PartyID, store: (any NodeStore)? = nil, _ make: @escaping Maker) async throws {
        let store = try store ?? stores.make(id)
        state.withLock { $0.places[id] = Place(store: store, make: make) }
        try await start(id)
    }

    /// What a node keeps.
    public func anyStore(of id: PartyID) -> (any NodeStore)? { state.withLock { $0.places[id]?.store } }
    /// The same, where it is a store in memory.
    public func store(of id: PartyID) -> MemoryNodeStore? { anyStore(of: id) as? MemoryNodeStore }
    /// The node as it lives now; nil while it is down.
    public func node(_ id: PartyID) -> (any Node)? { state.withLock { $0.places[id]?.node } }
    /// How often it was started.
    public func lives(of id: PartyID) -> Int { state.withLock { $0.places[id]?.lives ?? 0 } }

    /// Starts a node over its store.
    public func start(_ id: PartyID) async throws {
        let life = Life()
        let place = state.withLock { state -> Place? in
            state.places[id]?.life = life
            state.places[id]?.lives += 1
            return state.places[id]
        }
        guard let place else { return }
        let store = LivingStore(store: place.store, life: life) { [weak self] point in
            self?.dies(id, life, point) ?? false
        }
        let node = try await place.make(store, LivingTransport(network: self, life: life))
        state.withLock { if $0.places[id]?.life === life, life.isAlive { $0.places[id]?.node = node } }
    }

    /// Ends a node's life: what it did not store is gone.
    public func crash(_ id: PartyID) {
        state.withLock { state in
            state.places[id]?.life.end()
            state.places[id]?.node = nil
        }
    }

    /// Crashes a node and starts it again later.
    public func crash(_ id: PartyID, forMilliseconds time: UInt64) {
        crash(id)
        scheduler.spawn { [self] in
            await scheduler.sleep(milliseconds: time)
            try? await start(id)
        }
    }

    /// Takes a node from the network, or brings it back.
    public func setDown(_ id: PartyID, _ isDown: Bool) {
        state.withLock { if isDown { $0.down.insert(id) } else { $0.down.remove(id) } }
    }

    /// Lets a node lie.
    public func setLie(_ id: PartyID, _ lie: Lie?) { state.withLock { $0.lies[id] = lie } }

    /// Shows every message from now on to somebody who watches what its ends see; nil: nobody watches.
    public func setTap(_ tap: (@Sendable (Passage) -> Void)?) { state.withLock { $0.tap = tap } }

    /// What goes wrong from now on; messages are counted from 0 again.
    public func setPlan(_ plan: FaultPlan) {
        state.withLock { state in
            (state.plan, state.messages) = (plan, 0)
            for id in state.places.keys { state.places[id]?.commits = 0 }
        }
    }
    /// Messages since the plan was set.
    public var messages: Int { state.withLock { $0.messages } }
    /// Commits of a node since the plan was set.
    public func commits(of id: PartyID) -> Int { state.withLock { $0.places[id]?.commits ?? 0 } }
    /// What happened, a line for each message.
    public var trace: [String] { state.withLock { $0.trace } }

    private func dies(_ id: PartyID, _ life: Life, _ point: LivingStore.CommitPoint) -> Bool {
        let dies = state.withLock { state -> Bool in
            guard let place = state.places[id], place.life === life else { return false }
            let fault = state.plan.commits[id]
            let isHere = fault?.commit == place.commits && fault?.after == (point == .after)
            if point == .after { state.places[id]?.commits += 1 }
            if isHere { state.plan.commits[id] = nil }
            return isHere
        }
        if dies { crash(id, forMilliseconds: 1_000) }
        return dies
    }

    // MARK: Messages

    public func send(
        _ call: Call, _ body: [UInt8], to node: PartyID, from caller: PartyID?
    ) async throws(CallFailure) -> [UInt8] {
        let (number, fault) = state.withLock { state in
            defer { state.messages += 1 }
            return (state.messages, state.plan.messages[state.messages])
        }
        let started = scheduler.nanoseconds
        let answer = await carry(call, body, node, caller, fault)
        note(number, call, node, caller, fault, started, answer)
        if let tap = state.withLock({ $0.tap }) {
            let bytes: [UInt8] = if case .success(let bytes)? = answer { bytes } else { [] }
            tap(Passage(call: call, caller: caller, node: node, body: body, answer: bytes))
        }
        guard let answer else { throw .noAnswer }
        switch answer {
        case .success(let bytes): return bytes
        case .failure(let refusal):
            // A refusal travels as bytes as well.
            do { throw CallFailure.refused(try CallFailure.refusal(body: CallFailure.body(of: refusal))) } catch {
                throw (error as? CallFailure) ?? .noAnswer
            }
        }
    }

    private func carry(
        _ call: Call, _ body: [UInt8], _ node: PartyID, _ caller: PartyID?, _ fault: MessageFault?
    ) async -> Result<[UInt8], Refusal>? {
        if case .senderCrashes(let time)? = fault, let caller { crash(caller, forMilliseconds: time) }
        if case .dropped? = fault { return await nothing() }
        if case .receiverCrashesBefore(let time)? = fault { crash(node, forMilliseconds: time) }
        if case .delayed(let time)? = fault, time >= Self.timeout {
            scheduler.spawn { [self] in
                await scheduler.sleep(milliseconds: time)
                _ = await deliver(call, body, node, caller)
            }
            return await nothing()
        }
        if case .duplicated(let time)? = fault {
            scheduler.spawn { [self] in
                await scheduler.sleep(milliseconds: time)
                _ = await deliver(call, body, node, caller)
            }
        }
        let extra: UInt64 = if case .delayed(let time)? = fault { time } else { 0 }
        await scheduler.sleep(milliseconds: Self.latency + extra)
        let answer = await deliver(call, body, node, caller)
        if case .receiverCrashesAfter(let time)? = fault {
            crash(node, forMilliseconds: time)
            return await nothing()
        }
        if case .answerDropped? = fault { return await nothing() }
        guard let answer else { return await nothing() }
        await scheduler.sleep(milliseconds: Self.latency)
        return answer
    }

    private func nothing() async -> Result<[UInt8], Refusal>? {
        await scheduler.sleep(milliseconds: Self.timeout)
        return nil
    }

    /// Has the receiver answer; nil where it is down, or dies meanwhile.
    private func deliver(
        _ call: Call, _ body: [UInt8], _ node: PartyID, _ caller: PartyID?
    ) async -> Result<[UInt8], Refusal>? {
        let (receiver, life, lie) = state.withLock { state in
            let isDown = state.down.contains(node) || caller.map(state.down.contains) ?? false
            let place = state.places[node]
            return (isDown ? nil : place?.node, place?.life, state.lies[node])
        }
        guard let receiver, let life else { return nil }
        let answer: Result<[UInt8], Refusal>
        do throws(Refusal) { answer = .success(try await receiver.answer(call, body, from: caller)) } catch {
            answer = .failure(error)
        }
        guard life.isAlive else { return nil }
        guard let lie, case .success(let truth) = answer else { return answer }
        return .success(await lie(call, body, truth) ?? truth)
    }

    private func note(
        _ number: Int, _ call: Call, _ node: PartyID, _ caller: PartyID?, _ fault: MessageFault?, _ started: UInt64,
        _ answer: Result<[UInt8], Refusal>?
    ) {
        let end =
            switch answer {
            case nil: "-"
            case .success(let bytes)?: "\(bytes.count) bytes"
            case .failure(let refusal)?: "\(refusal)"
            }
        let what = fault.map { " \($0)" } ?? ""
        let line = "\(number) \(caller?.description ?? "device")>\(node) \(call.rawValue)\(what): \(end) @\(started)"
        state.withLock { $0.trace.append(line) }
    }
}
