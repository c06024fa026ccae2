import Foundation
import Guards
public import Logging
import Synchronization

/// Writes each event as one JSON object on one line: `time`, `level`, `node`, `message`, and fields from one list
/// (docs/interfaces.md). Nothing about a person can come in: fields have names from a list, and what looks like a
/// number, an id, a key or a name of somebody is struck out.
public struct JSONLogHandler: LogHandler {
    /// What a field may be called.
    public static let fields: Set<String> = [
        "attempt", "call", "cause", "check", "code", "count", "entries", "evicted", "exit", "kind", "lag", "leaves",
        "milliseconds", "outcome", "pid", "port", "seconds", "signal", "size", "status", "version", "waiting",
    ]
    /// Bytes of a line: a pipe takes so many in one piece.
    static let lineMax = 4_096
    static let messageMax = 512
    static let valueMax = 256
    static let fieldsMax = 12

    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let node: String
    private let sink: LogSink
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - node: the id of the node.
    ///   - sink: where lines go.
    public init(
        node: String, sink: LogSink = .standardError, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.node, self.sink, self.now) = (node, sink, now)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        sink.write(line(event.level, "\(event.message)", all))
    }

    func line(_ level: Logger.Level, _ message: String, _ all: Logger.Metadata) -> [UInt8] {
        var out = "{\"time\":\"\(Self.time(now()))\",\"level\":\"\(level.rawValue)\",\"node\":"
        out += JSONText.quoted(LogScreen.screened(node, max: 64)) + ",\"message\":"
        out += JSONText.quoted(LogScreen.screened(message, max: Self.messageMax))
        var withheld = 0
        var written = 0
        for (key, value) in all.sorted(by: { $0.key < $1.key }) where Self.isOwn(key) {
            let text = LogScreen.screened("\(value)", max: Self.valueMax)
            let field = ",\(JSONText.quoted(key.prefix(64))):\(JSONText.quoted(text))"
            guard LogScreen.admits(key), written < Self.fieldsMax, out.utf8.count + field.utf8.count < Self.lineMax - 32
            else {
                withheld += 1
                continue
            }
            written += 1
            out += field
        }
        if withheld > 0 { out += ",\"withheld\":\(withheld)" }
        return Array((out + "}\n").utf8)
    }

    /// The four that every line has are not written over.
    private static func isOwn(_ key: String) -> Bool {
        !["time", "level", "node", "message", "withheld"].contains(key)
    }

    /// RFC 3339 in UTC, with milliseconds.
    private static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

/// What may stand in a log.
enum LogScreen {
    static let struck = "*"

    static func admits(_ key: String) -> Bool {
        JSONLogHandler.fields.contains(key) || !enforced("guard:serving.log-field")
    }

    /// At most `max` bytes, in which these are struck out: eight digits or more, also with hyphens or spaces between
    /// them; sixteen hexadecimal digits or more; and whatever is not ASCII, as names are written here.
    static func screened(_ text: String, max: Int) -> String {
        // Bounded before anything looks at it.
        let bytes = text.utf8.prefix(max)
        let isCut = bytes.count < text.utf8.count
        let short = Array(bytes)
        guard enforced("guard:serving.log-value") else { return String(decoding: short, as: UTF8.self) }
        var out: [UInt8] = []
        var index = 0
        while index < short.count {
            let end = personalEnd(short, from: index)
            if end > index {
                out += Array(struck.utf8)
                index = end
            } else {
                out.append(short[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self) + (isCut ? ".." : "")
    }

    /// Behind what has to be struck out at this place; the place itself where there is nothing.
    private static func personalEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
        if end > start { return end }
        // A run begins where no run is under way.
        if start == 0 || !isHex(bytes[start - 1]) {
            while end < bytes.count, isHex(bytes[end]) { end += 1 }
            if end - start >= 16 { return end }
        }
        guard isDigit(bytes[start]), start == 0 || !isDigit(bytes[start - 1]) else { return start }
        return digitsEnd(bytes, from: start)
    }

    private static func digitsEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var (digits, end, last) = (0, start, start)
        while end < bytes.count {
            if isDigit(bytes[end]) {
                (digits, last) = (digits + 1, end + 1)
            } else if bytes[end] != 0x20 && bytes[end] != 0x2d {
                break
            }
            end += 1
        }
        return digits >= 8 ? last : start
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }
}

/// Where lines go: each in one call of `write`, so that lines of several processes do not mix.
public final class LogSink: Sendable {
    /// Standard error.
    public static let standardError = LogSink(descriptor: 2)
    private let descriptor: Int32
    private let turn = Mutex(())

    /// - Parameter descriptor: open for writing; it stays the caller's.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// A log that cannot be written is no reason to stop.
    func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
