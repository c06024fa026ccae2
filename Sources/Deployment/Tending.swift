import Exchanges
import Serving
import ServiceLifecycle

/// Work that a node does again and again.
struct Tending: ServiceLifecycle.Service {
    let every: Duration
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await work()
                try? await Task.sleep(for: every)
            }
        }
    }
}

/// Work that goes on until it is cancelled.
struct Working: ServiceLifecycle.Service {
    let work: @Sendable () async throws -> Void

    init(_ work: @escaping @Sendable () async throws -> Void) { self.work = work }

    func run() async throws { await cancelWhenGracefulShutdown { try? await work() } }
}

/// After a start: finishes what was under way; from then on pays what is owed.
struct Resuming: ServiceLifecycle.Service {
    let requester: Requester

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if (try? await requester.resume()) != nil { break }
                try? await Task.sleep(for: .seconds(1))
            }
            while !Task.isCancelled {
                _ = try? await requester.settle()
                try? await Task.sleep(for: NodeStarter.tendEvery)
            }
        }
    }
}
