import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOSSL
import Synchronization

/// The connections of one server: who waits for its client, and since when.
///
/// Three things that the server underneath leaves open are closed here. A connection whose request was answered before
/// its body had come in is read no further. When nearly all places are taken, those that have waited longest give up
/// theirs, so that idle connections keep nobody out. At the end of a drain what is still open is cut.
final class Connections: Sendable {
    /// How far a connection is with its request.
    enum Stage: Int, Sendable {
        /// Nothing has come: it is idle, in its handshake, or slow with its header fields.
        case idle
        /// The header fields are there, the body is not.
        case receiving
        /// The request is complete and its answer is not.
        case answering
    }

    private struct Held: Sendable {
        let channel: any Channel
        var stage = Stage.idle
        var since: NIODeadline
    }
    private struct State: Sendable {
        var held: [ObjectIdentifier: Held] = [:]
        var evicted: UInt64 = 0
    }
    private let state = Mutex(State())
    /// From so many connections on, each new one ends another.
    private let crowdedAt: Int
    private let lingers: TimeAmount
    /// Read once: channels run on threads of their own, outside every task.
    let closesUnread: Bool
    private let evicts: Bool

    /// - Parameters:
    ///   - most: connections at a time.
    ///   - lingers: how long a refused request is read on before its connection ends.
    init(most: Int, lingers: Duration, closesUnread: Bool, evicts: Bool) {
        crowdedAt = max(1, most - max(1, most / 8))
        self.lingers = TimeAmount(lingers)
        (self.closesUnread, self.evicts) = (closesUnread, evicts)
    }

    /// What watches one connection.
    func watch() -> ConnectionWatch { ConnectionWatch(self, lingers: lingers) }

    /// Connections that are open.
    var count: Int { state.withLock { $0.held.count } }
    /// Connections that gave up their place.
    var evicted: UInt64 { state.withLock { $0.evicted } }

    func opened(_ channel: any Channel) {
        let leaving = state.withLock { state -> (any Channel)? in
            state.held[ObjectIdentifier(channel)] = Held(channel: channel, since: .now())
            guard evicts, state.held.count > crowdedAt else { return nil }
            let waiting = state.held.filter { $0.value.stage != .answering && $0.value.channel !== channel }
            let first = waiting.min {
                ($0.value.stage.rawValue, $0.value.since) < ($1.value.stage.rawValue, $1.value.since)
            }
            guard let first else { return nil }
            state.held[first.key] = nil
            state.evicted += 1
            return first.value.channel
        }
        if let leaving { Self.cut(leaving) }
    }

    func closed(_ channel: any Channel) { state.withLock { $0.held[ObjectIdentifier(channel)] = nil } }

    func reached(_ stage: Stage, _ channel: any Channel) {
        state.withLock { state in
            state.held[ObjectIdentifier(channel)]?.stage = stage
            state.held[ObjectIdentifier(channel)]?.since = .now()
        }
    }

    /// Ends every connection.
    /// - Returns: how many there were.
    @discardableResult
    func cutAll() -> Int {
        let all = state.withLock { $0.held.values.map(\.channel) }
        all.forEach(Self.cut)
        return all.count
    }

    /// Ends a connection at once: the other side is not asked to agree, as TLS would have it.
    static func cut(_ channel: any Channel) {
        channel.eventLoop.execute {
            if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
                tls.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }
    }
}

/// Stands between the HTTP decoder and the server, and tells how far a connection is.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let all: Connections
    private let lingers: TimeAmount
    /// Requests whose header fields came and whose answer did not go out.
    private var underWay = 0
    private var isReceiving = false
    /// The answer says that it is the last one.
    private var isLast = false
    /// The last answer is out; what still comes is thrown away.
    private var isOver = false
    /// The end of the newest answer, until it is on its way.
    private var written: EventLoopFuture<Void>?

    init(_ all: Connections, lingers: TimeAmount) { (self.all, self.lingers) = (all, lingers) }

    func handlerAdded(context: ChannelHandlerContext) { all.opened(context.channel) }
    func handlerRemoved(context: ChannelHandlerContext) { all.closed(context.channel) }
    func channelInactive(context: ChannelHandlerContext) {
        all.closed(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head:
            (underWay, isReceiving) = (underWay + 1, true)
            all.reached(.receiving, context.channel)
        case .body: break
        case .end:
            isReceiving = false
            all.reached(.answering, context.channel)
        }
        guard isOver else { return context.fireChannelRead(data) }
        if case .end = part { close(context: context, mode: .all, promise: nil) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isLast = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            underWay = max(0, underWay - 1)
            if underWay == 0, !isReceiving { all.reached(.idle, context.channel) }
            let done = promise ?? context.eventLoop.makePromise()
            written = done.futureResult
            context.write(data, promise: done)
            guard isLast, all.closesUnread else { return }
            context.flush()
            end(context)
        }
    }

    /// An answer that is still on its way is not cut off by the end of its connection.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard let written else { return context.close(mode: mode, promise: promise) }
        written.assumeIsolated().whenComplete { _ in context.close(mode: mode, promise: promise) }
    }

    /// Ends the connection behind the last answer: at once where the request is complete, else when it is or when it
    /// has been read for a little, so that a client that is still sending finds its answer.
    private func end(_ context: ChannelHandlerContext) {
        isOver = true
        guard isReceiving else { return close(context: context, mode: .all, promise: nil) }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: lingers) { Connections.cut(channel) }
    }
}
