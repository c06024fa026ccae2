import NIOCore
import NIOPosix
import NIOSSL
import Serving
import Synchronization

/// A connection on which a test sends what no HTTP client would.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    private init(_ channel: any Channel, _ inbox: Inbox) { (self.channel, self.inbox) = (channel, inbox) }

    enum Kind: Sendable {
        /// TLS, with a client certificate or without.
        case tls(DevelopmentCA.Identity?)
        /// TCP alone, whatever the server wants.
        case bare
    }

    static func open(_ place: Place, _ kind: Kind) async throws -> RawConnection {
        let inbox = Inbox()
        let tls: NIOSSLContext?
        switch kind {
        case .bare: tls = nil
        case .tls(let identity):
            tls = try NIOSSLContext(
                configuration: try NodeTLS.client(identity, root: place.authority.certificate))
        }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(60))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            try NIOSSLClientHandler(context: tls, serverHostname: Place.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(Receiver(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: place.port).get()
        return RawConnection(channel, inbox)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
    /// Sends, whether the other side still listens or not.
    func trySend(_ text: String) async { try? await send(text) }

    /// Everything that the server sent until it ended the connection.
    func untilClosed() async -> String { await inbox.wait { $1 } }
    /// What the server sent, as soon as so many answers are there or it ended the connection.
    func answers(_ count: Int) async -> [Int] {
        Self.statuses(await inbox.wait { Self.statuses($0).count >= count || $1 })
    }
    var isClosed: Bool { inbox.isClosed }

    /// Leaves what the server sends where it is.
    func pause() async throws { try await channel.setOption(.autoRead, value: false).get() }
    /// Reads from now on.
    func read() async throws { try await channel.setOption(.autoRead, value: true).get() }
    func close() async { try? await channel.close() }

    /// The statuses of all answers in a text.
    static func statuses(_ text: String) -> [Int] {
        text.ranges(of: "HTTP/1.1 ").compactMap { Int(text[$0.upperBound...].prefix(3)) }
    }
}

/// What came in.
private final class Inbox: Sendable {
    private struct State {
        var text = ""
        var isClosed = false
        var waiters: [(isEnough: @Sendable (String, Bool) -> Bool, continuation: CheckedContinuation<String, Never>)] =
            []
    }
    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func add(_ text: String, closed: Bool) {
        let (ready, all) = state.withLock { state in
            state.text += text
            state.isClosed = state.isClosed || closed
            let (now, isClosed) = (state.text, state.isClosed)
            let ready = state.waiters.filter { $0.isEnough(now, isClosed) }
            state.waiters.removeAll { $0.isEnough(now, isClosed) }
            return (ready, now)
        }
        for waiter in ready { waiter.continuation.resume(returning: all) }
    }

    func wait(_ isEnough: @escaping @Sendable (String, Bool) -> Bool) async -> String {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state -> String? in
                if isEnough(state.text, state.isClosed) { return state.text }
                state.waiters.append((isEnough, continuation))
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox
    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        inbox.add(String(decoding: buffer.readableBytesView, as: UTF8.self), closed: false)
    }
    func channelInactive(context: ChannelHandlerContext) { inbox.add("", closed: true) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
